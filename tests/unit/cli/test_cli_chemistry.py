"""``pdcraft agents`` and ``pdcraft compose``: one document, its keys, errors with status 2."""

import json

import jsonschema
import pytest

from pdcraft.cli import run_app
from pdcraft.data.files import text_of

PATENT_KEYS = {"number", "territory", "filed", "granted", "expires", "claim", "sources"}
ENTRY_KEYS = {
    "name", "payload", "smiles", "formula", "molar_mass_g_per_mol", "stage", "designations",
    "indications", "trials", "patents", "sources",
}  # fmt: skip


def document(capsys, *arguments):
    assert run_app([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_agents_lists_the_catalogue(capsys):
    out = document(capsys, "agents")
    assert out["schema"] == "pdcraft.agents/1"
    assert {"CLR 131", "CLR 1602-PTX", "ICG"} <= {item["name"] for item in out["agents"]}
    assert all(set(item) >= ENTRY_KEYS for item in out["agents"])
    patents = [patent for item in out["agents"] for patent in item["patents"]]
    assert all(set(patent) >= PATENT_KEYS for patent in patents)
    assert {patent["days_left"] for patent in patents} == {None}


def test_one_agent_with_days_of_protection(capsys):
    out = document(capsys, "agents", "clr 1502", "--at", "2026-11-21")
    (item,) = out["agents"]
    assert (item["name"], item["smiles"]) == ("CLR 1502", None)
    assert item["patents"][0]["days_left"] == 1267  # to 2030-05-11; counted by hand elsewhere


def test_text_shows_contradictions_and_grades(capsys):
    assert run_app(["agents", "CLR 1603-PTX", "--at", "2026-11-21"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "sources that contradict each other" in said
    assert "1602-PTX in one" in said
    assert "[P] Cellectar" in said
    assert "not disclosed" in said


def test_expired_reads_expired(capsys):
    assert run_app(["agents", "CLR 124", "--at", "2026-11-21"]) == 0
    assert "(expired)" in capsys.readouterr().out


def test_compose_prints_the_same_entry(capsys):
    out = document(capsys, "compose", "--carrier", "CLR1404", "--payload", "I-131")
    assert out["schema"] == "pdcraft.compose/1"
    assert set(out) >= ENTRY_KEYS
    assert out["formula"] == "C29H53INO4P"
    assert out["carrier_free_ng_per_MBq"] == pytest.approx(1.07, abs=0.005)  # three digits
    assert out["agents"] == [{key: out[key] for key in out["agents"][0]}]


def test_compose_takes_a_whole_molecule_and_draws_it(capsys, tmp_path):
    picture = tmp_path / "x.svg"
    out = document(capsys, "compose", "--smiles", "c1cc[nH]c1", "--picture", str(picture))
    assert out["payload"] == {"kind": None, "name": None}
    assert "<svg" in picture.read_text("utf-8")
    assert run_app(["compose", "--smiles", "c1cc[nH]c1"]) == 0
    assert "c1cc[nH]c1" in capsys.readouterr().out  # brackets are not eaten as markup


def test_series_writes_a_page(capsys, tmp_path):
    arguments = ["--series", "chain", "--from", "10", "--to", "12", "--out", str(tmp_path)]
    out = document(capsys, "compose", *arguments)
    assert [row["label"] for row in out["series"]["rows"]] == ["C10", "C12"]
    assert (tmp_path / "series.html").exists()
    jsonschema.validate(out, json.loads(text_of("schema", "compose.schema.json")))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["agents", "CLR 13x"], "no agent is called"),
        (["agents", "--at", "tomorrow"], "is not a date"),
        (["agents", "CLR 1501", "--picture", "x.svg"], "not disclosed"),
        (["agents", "--picture", "x.svg"], "draws one agent"),
        (["compose"], "give either --smiles, or --carrier"),
        (["compose", "--carrier", "CLR1404"], "--payload is missing"),
        (["compose", "--carrier", "CLR1404", "--payload", "I-132"], "no payload is called"),
        (["compose", "--smiles", "C(C"], "close the parentheses"),
        (["compose", "--smiles", "C", "--kind", "dye"], "none of radionuclide"),
        (["compose", "--series", "chain", "--from", "9", "--to", "3"], "must not be below"),
        (["compose", "--series", "chain", "--smiles", "C"], "makes its own carriers"),
    ],
)
def test_bad_input_is_one_error_document(capsys, arguments, message):
    assert run_app([*arguments, "--json"]) == 2
    out = json.loads(capsys.readouterr().out)
    assert out["schema"] == "pdcraft.error/1"
    error = out["errors"][0]
    assert set(error) == {"file", "line", "key", "value", "message", "hint"}
    assert message in error["message"]
