"""``pdcraft design``: one document with every key for each design, errors with a way out."""

import json
import subprocess
import sys
from importlib.resources import files

import jsonschema
import pytest

from pdcraft.cli import run_app

RATES = "0.05 0.10 0.20 0.30"


def document(capsys, *arguments):
    """Run a command; its one document is what the schema of that name accepts."""
    code = run_app(["design", *arguments, "--json"])
    found = json.loads(capsys.readouterr().out)
    kind = found["schema"].removeprefix("pdcraft.").removesuffix("/1")
    text = files("pdcraft.data").joinpath("schema", f"{kind}.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return code, found


@pytest.mark.parametrize("name", ["boin", "keyboard", "mtpi2", "i3+3"])
def test_every_cell_to_max_n_has_a_decision(capsys, name):
    code, found = document(capsys, name, "--target", "0.30", "--max-n", "30")
    assert code == 0
    assert found["schema"] == f"pdcraft.design-{name}/1"
    assert found["design"] == name
    assert {"options", "decisions", "trial", "pathways", "characteristics"} <= set(found)
    cells = [(d["n"], d["tox"]) for d in found["decisions"]]
    assert cells == [(n, t) for n in range(1, 31) for t in range(n + 1)]
    assert {d["decision"] for d in found["decisions"]} == {"E", "S", "D", "DU"}


def test_boin_boundaries_are_those_of_the_published_table(capsys):
    _, found = document(capsys, "boin", "--target", "0.30", "--max-n", "30")
    assert round(found["lambda_e"], 4) == 0.2365
    assert round(found["lambda_d"], 4) == 0.3585
    assert [r["n"] for r in found["table"]] == list(range(1, 31))
    assert found["table"][1] == {
        "n": 2,
        "escalate_if_le": 0,
        "deescalate_if_ge": 1,
        "eliminate_if_ge": None,
    }
    assert found["table"][29]["eliminate_if_ge"] == 14
    assert found["lowest_dose_stop"] is None
    _, safe = document(capsys, "boin", "--target", "0.2", "--max-n", "4", "--extra-safe")
    assert [r["stop_if_ge"] for r in safe["lowest_dose_stop"]] == [None, None, 2, 2]


def test_three_plus_three_and_its_exact_characteristics(capsys):
    code, found = document(
        capsys, "3+3", "--variant", "simple", "--true-rate", RATES, "--trials", "500"
    )
    assert code == 0
    assert found["options"]["max_n"] == 6
    assert len(found["decisions"]) == sum(n + 1 for n in range(1, 7))
    exact = found["exact"]
    assert sum(exact["select"]) + exact["select_none"] == pytest.approx(1.0)
    assert found["characteristics"]["trials"] == 500


def test_operating_characteristics_with_errors(capsys):
    _, found = document(
        capsys, "boin", "--target", "0.25", "--true-rate", RATES, "--trials", "400", "--seed", "3"
    )
    held = found["characteristics"]
    assert held["true_rate"] == [0.05, 0.1, 0.2, 0.3]
    assert sum(held["select"]) + held["select_none"] == pytest.approx(1.0)
    assert set(held["mcse"]) == set(held) - {
        "name",
        "design",
        "target",
        "trials",
        "true_rate",
        "mcse",
    }
    assert held["duration_months"] is None
    again = document(
        capsys, "boin", "--target", "0.25", "--true-rate", RATES, "--trials", "400", "--seed", "3"
    )[1]
    assert again == found


@pytest.mark.parametrize("name", ["boin", "3+3"])
def test_standard_scenarios(capsys, name):
    _, found = document(capsys, name, "--target", "0.25", "--scenarios", "--trials", "100")
    assert len(found["scenarios"]) == 12
    assert found["characteristics"] is None
    toxic = next(s for s in found["scenarios"] if s["name"] == "all toxic")
    assert toxic["correct"] == toxic["select_none"] > 0.8
    assert toxic["few_at_mtd"] is None


def test_a_trial_under_way_and_its_pathways(capsys):
    _, found = document(
        capsys, "boin", "--target", "0.25", "--treated", "3 6 6 0", "--toxic", "0,1,3,0",
        "--pathways", "1",
    )  # fmt: skip
    assert found["trial"]["next_dose"] == found["trial"]["recommended"] == 2
    assert found["trial"]["isotonic_rates"][3] is None
    assert [p["tox"] for p in found["pathways"]] == [[0], [1], [2], [3]]


def test_tite_boin(capsys):
    code, found = document(capsys, "tite-boin", "--target", "0.2", "--max-n", "9")
    assert code == 0
    held = {(d["n"], d["tox"], d["pending"]): d for d in found["decisions"]}
    assert held[9, 1, 3]["at_start"] == "S"
    assert held[9, 1, 3]["at_end"] == "E"
    assert round(held[9, 1, 3]["stft"], 2) == 0.77
    assert held[3, 0, 2]["at_start"] == "suspend"
    assert held[3, 0, 0]["stft"] is None


def test_a_users_table(capsys, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("n,tox,decision\n3,0,E\n3,1,D\n3,2,S\n3,3,DU\n", encoding="utf-8")
    code, found = document(capsys, "table", str(path), "--target", "0.3")
    assert code == 2
    assert found["schema"] == "pdcraft.error/1"
    assert found["errors"][0]["file"] == "mine.csv"
    assert "D with 1 toxicities but S with 2" in found["errors"][0]["message"]
    path.write_text("n,tox,decision\n3,0,E\n3,1,S\n3,2,D\n3,3,DU\n", encoding="utf-8")
    code, found = document(capsys, "table", str(path), "--target", "0.3")
    assert code == 0
    assert found["schema"] == "pdcraft.design-table/1"
    assert [d["decision"] for d in found["decisions"]] == ["E", "S", "D", "DU"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["boin", "--target", "1.3"], "between 0 and 1"),
        (["boin", "--target", "0.3", "--p-saf", "0.4"], "must rise"),
        (["boin", "--target", "0.3", "--max-n", "0"], "there must be 1 or more"),
        (["keyboard", "--target", "0"], "between 0 and 1"),
        (["i3+3", "--target", "0.04"], "equivalence interval"),
        (["3+3", "--variant", "odd"], "simple, confirm"),
        (["3+3", "--max-n", "0"], "give 1 or more"),
        (["boin", "--target", "0.3", "--true-rate", "a b"], "--true-rate: 'a b' is no list"),
        (["boin", "--target", "0.3", "--true-rate", "0.1 1.4"], "one rate for each dose"),
        (["boin", "--target", "0.3", "--true-rate", "0.1", "--cohort", "0"], "it is empty"),
        (["boin", "--target", "0.3", "--treated", "3 3"], "belong together"),
        (
            ["boin", "--target", "0.3", "--treated", "3 x", "--toxic", "0 0"],
            "--treated: '3 x'",
        ),
        (["tite-boin", "--target", "0.2", "--cohort", "0"], "give 1 to 12"),
    ],
)
def test_bad_input_is_refused_with_a_reason(capsys, arguments, words):
    code, found = document(capsys, *arguments)
    assert code == 2
    assert found["schema"] == "pdcraft.error/1"
    assert words in found["errors"][0]["message"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["boin", "--target", "0.25", "--max-n", "6", "--pathways", "2", "--true-rate", RATES],
        ["3+3", "--treated", "3 3", "--toxic", "0 1"],
        ["keyboard", "--target", "0.25", "--scenarios", "--trials", "50"],
        ["tite-boin", "--target", "0.2", "--max-n", "3"],
    ],
)
def test_tables_for_people(capsys, arguments):
    assert run_app(["design", *arguments]) == 0
    assert capsys.readouterr().out


def test_it_loads_neither_numba_nor_pandas():
    code = (
        "import sys; from pdcraft.cli import run_app; "
        "run_app(['design', 'boin', '--target', '0.3', '--json']); "
        "assert not {'numba', 'pandas', 'rdkit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
