"""``pdcraft sphere``: one document with every key, errors with a way out."""

import json
import subprocess
import sys

import pytest

from pdcraft.cli import run_app


def _document(capsys, *arguments):
    code = run_app(["sphere", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_document_has_every_key(capsys):
    code, document = _document(capsys, "--nuclide", "131I", "--mass", "1 g", "--electrons", "local")
    assert code == 0
    assert document["schema"] == "pdcraft.sphere/1"
    assert document["nuclide"] == "I-131"
    assert {"S_mGy_per_MBq_s", "electron", "photon", "includes", "progeny", "spectra"} <= set(
        document
    )
    total = document["S_mGy_per_MBq_s"]
    assert 0.0 < total["std_err"] < 0.003 * total["value"]
    types = document["by_type"]
    assert set(types) == {"photon", "beta", "Auger", "positron"}
    whole = sum(part["value"] for part in types.values())
    assert total["value"] == pytest.approx(whole, rel=1e-12, abs=0)
    assert document["decays_simulated"] is None
    parts = document["electron"]["value"] + document["photon"]["value"]
    assert total["value"] == pytest.approx(parts, rel=1e-12, abs=0)
    assert document["radius_mm"] == pytest.approx(6.2035, rel=1e-4, abs=0)  # of 1 mL
    assert document["method"].startswith("emitted electrons absorbed where they start")
    assert "overestimate the dose by about 4.8%" in document["warnings"][0]


def test_a_pure_beta_emitter_has_hardly_any_photon_dose(capsys):
    _, document = _document(capsys, "--nuclide", "Y-90", "--radius", "50 mm")
    # K X-rays of the E0 transition: 1.7e-4 x 0.73 x 16 keV of 933 keV
    assert document["photon"]["value"] < 3e-6 * document["electron"]["value"]
    assert document["mass_g"] == pytest.approx(523.6, rel=1e-4, abs=0)


def test_table_for_people(capsys):
    assert run_app(["sphere", "--nuclide", "I-131", "--radius", "100 um"]) == 0
    out = capsys.readouterr()
    assert "tables that the package's transport made" in out.out
    assert "± Monte Carlo" in out.out
    assert not out.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nuclide", "I-132", "--mass", "1 g"], "did you mean 'I-131'"),
        (["--nuclide", "I-131"], "either the mass or the radius"),
        (["--nuclide", "I-131", "--mass", "1 mm"], "length"),
        (["--nuclide", "I-131", "--mass", "1 g", "--device", "cuda"], "cards run voxel-dose"),
        (
            ["--nuclide", "I-131", "--mass", "1 g", "--transport", "--electrons", "local"],
            "leave out --electrons local",
        ),
        (
            ["--nuclide", "I-131", "--mass", "1 g", "--transport", "--precision", "1"],
            "precision 1: give",
        ),
        (
            ["--nuclide", "I-131", "--mass", "1 g", "--electrons", "all"],
            "not one of transported, local",
        ),
        (["--nuclide", "I-131", "--mass", "1 g", "--water-I", "80"], "not one of 75"),
        (["--nuclide", "I-131", "--mass", "1 g", "--until", "1 d"], "--progeny explicit"),
        (
            ["--nuclide", "I-131", "--mass", "1 g", "--progeny", "explicit", "--until", "0 h"],
            "above 0 h",
        ),
        (["--nuclide", "I-132", "--mass", "1 g"], "pip install pdcraft[icrp107]"),
    ],
)
def test_bad_input_is_one_error_document(capsys, arguments, words):
    code, document = _document(capsys, *arguments)
    assert code == 2
    assert document["schema"] == "pdcraft.error/1"
    assert words in document["errors"][0]["message"]


def test_explicit_progeny_are_listed_and_never_summed(capsys):
    arguments = ("--nuclide", "I-131", "--mass", "1 g", "--progeny")
    _, alone = _document(capsys, *arguments, "none")
    code, document = _document(capsys, *arguments, "explicit", "--until", "100 d")
    assert code == 0
    assert document["S_mGy_per_MBq_s"] == alone["S_mGy_per_MBq_s"]
    assert document["progeny"] == "explicit"
    assert document["progeny_note"] == "Xe-131m (1.086% of decays, half-life 11.96 d): separate"
    assert [m["nuclide"] for m in document["members"]] == ["I-131", "Xe-131m"]
    isomer = document["members"][1]
    # by hand: 0.01086 [1 - (L2 exp(-L1 t) - L1 exp(-L2 t)) / (L2 - L1)] / (1 - exp(-L1 t)) with
    # half-lives of 8.0233 and 11.962 d at 100 d: L1 = 0.0863918, L2 = 0.0579458 per d
    assert isomer["decays_per_parent_decay"] == pytest.approx(0.010765, rel=1e-4, abs=0)
    # Xe-131m emits 163.93 keV, of which 144 keV as electrons that stay in 1 g: 0.0231 mGy/(MBq s)
    assert isomer["S_mGy_per_MBq_s"]["value"] == pytest.approx(0.0231, rel=0.02, abs=0)
    assert alone["members"] == []
    assert alone["progeny_note"].endswith("not counted")


def test_explicit_members_count_nothing_twice(capsys):
    arguments = ("--nuclide", "Zr-89", "--mass", "1 g", "--progeny")
    _, prompt = _document(capsys, *arguments, "prompt")
    _, document = _document(capsys, *arguments, "explicit")
    parts = [
        m["decays_per_parent_decay"] * m["S_mGy_per_MBq_s"]["value"] for m in document["members"]
    ]
    # where nothing leaves, the prompt S value is the sum over the members by their decays
    assert sum(parts) == pytest.approx(prompt["S_mGy_per_MBq_s"]["value"], rel=1e-9, abs=0)
    assert len(parts) == 2


def test_transport_gives_errors_of_its_own(capsys):
    asked = ("--nuclide", "I-125", "--radius", "1 mm")
    _, table = _document(capsys, *asked)
    code, document = _document(capsys, *asked, "--transport", "--precision", "0.05", "--seed", "3")
    assert code == 0
    total, err = document["S_mGy_per_MBq_s"].values()
    assert err <= 0.05 * total
    assert document["decays_simulated"] >= 10_000
    assert document["seed"] == 3
    assert document["precision_reached"] == pytest.approx(err / total, rel=1e-9, abs=0)
    # 4 sigma, once in 16 000 for other seeds
    assert total == pytest.approx(table["S_mGy_per_MBq_s"]["value"], abs=4 * err)


def test_the_tables_answer_without_the_transports_libraries():
    code = """
import sys
from pdcraft.cli import run_app
assert run_app(["sphere", "--nuclide", "I-131", "--mass", "1 g"]) == 0
assert not {"numba", "xraylib"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
