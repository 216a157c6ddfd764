"""``pdcraft sphere``: one document with every key, errors with a way out."""

import json

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
    assert total["std_err"] is None
    parts = document["electron"]["value"] + document["photon"]["value"]
    assert total["value"] == pytest.approx(parts, rel=1e-12, abs=0)
    assert document["radius_mm"] == pytest.approx(6.2035, rel=1e-4, abs=0)  # of 1 mL
    assert document["method"].startswith("simple method: local electrons")
    assert "overestimate the dose by about 4.9%" in document["warnings"][0]


def test_a_pure_beta_emitter_has_hardly_any_photon_dose(capsys):
    _, document = _document(capsys, "--nuclide", "Y-90", "--radius", "50 mm")
    assert document["photon"]["value"] < 1e-6 * document["electron"]["value"]
    assert document["mass_g"] == pytest.approx(523.6, rel=1e-4, abs=0)


def test_table_for_people(capsys):
    assert run_app(["sphere", "--nuclide", "I-131", "--radius", "100 um"]) == 0
    out = capsys.readouterr()
    assert "simple method" in out.out
    assert "warning: I-131" in out.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nuclide", "I-132", "--mass", "1 g"], "did you mean 'I-131'"),
        (["--nuclide", "I-131"], "either the mass or the radius"),
        (["--nuclide", "I-131", "--mass", "1 mm"], "length"),
        (["--nuclide", "I-131", "--mass", "1 g", "--transport"], "no transport engine yet"),
        (["--nuclide", "I-131", "--mass", "1 g", "--electrons", "all"], "not one of local, range"),
        (["--nuclide", "I-131", "--mass", "1 g", "--water-I", "80"], "not one of 75"),
        (["--nuclide", "I-131", "--mass", "1 g", "--progeny", "explicit"], "not available yet"),
    ],
)
def test_bad_input_is_one_error_document(capsys, arguments, words):
    code, document = _document(capsys, *arguments)
    assert code == 2
    assert document["schema"] == "pdcraft.error/1"
    assert words in document["errors"][0]["message"]
