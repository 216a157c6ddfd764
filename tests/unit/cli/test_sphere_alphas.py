"""``pdcraft sphere`` of alpha emitters: the alpha part, daughters that leave, warnings."""

import json

import pytest

from pdcraft.cli import run_app


def _document(capsys, *arguments):
    code = run_app(["sphere", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_alpha_part_stands_beside_electrons_and_photons(capsys):
    code, document = _document(capsys, "--nuclide", "At-211", "--radius", "10 um")
    assert code == 0
    parts = [document[k]["value"] for k in ("electron", "photon", "alpha")]
    total = document["S_mGy_per_MBq_s"]["value"]
    assert total == pytest.approx(sum(parts), rel=1e-12, abs=0)
    assert document["by_type"]["alpha"]["value"] == document["alpha"]["value"]
    assert document["alpha"]["std_err"] == 0.0
    # 6.785 MeV of alphas, about a tenth absorbed: R = 10 um, ranges 48 and 70 um
    assert 0.08 < document["alpha"]["absorbed_fraction"] < 0.12
    assert document["stay"].startswith("assumed: every daughter")


def test_emitters_without_alphas_have_the_keys_too(capsys):
    _, document = _document(capsys, "--nuclide", "Y-90", "--mass", "1 g")
    assert document["alpha"] == {"value": 0.0, "std_err": 0.0, "absorbed_fraction": None}
    assert document["stay"] is None


def test_daughters_that_leave(capsys):
    asked = ("--nuclide", "Ac-225", "--mass", "1 g")
    _, whole = _document(capsys, *asked)
    _, some = _document(capsys, *asked, "--stay", "Bi-213=0.25")
    _, none = _document(capsys, *asked, "--stay", "Bi-213=0")
    s = [d["S_mGy_per_MBq_s"]["value"] for d in (none, some, whole)]
    assert s[1] == pytest.approx(s[0] + 0.25 * (s[2] - s[0]), rel=1e-9, abs=0)
    assert "25% of the atoms of Bi-213" in some["stay"]
    code, refused = _document(capsys, "--nuclide", "Ac-225", "--mass", "1 g", "--stay", "Bi-213=x")
    assert code == 2
    assert "give one share from 0 to 1 for all daughters" in refused["errors"][0]["message"]


def test_chains_without_their_alphas_are_told(capsys):
    asked = ("--nuclide", "Pb-212", "--mass", "1 g")
    _, document = _document(capsys, *asked, "--progeny", "prompt")
    assert any("Bi-212, Po-212 emit 100%" in words for words in document["warnings"])
    assert run_app(["sphere", "--nuclide", "At-211", "--radius", "20 um"]) == 0
    assert "alpha particles" in capsys.readouterr().out


@pytest.mark.parametrize("nuclide", ["Ac-225", "Pb-212"])
def test_all_alphas_of_a_chain_count_where_nothing_else_is_asked(capsys, nuclide):
    _, document = _document(capsys, "--nuclide", nuclide, "--mass", "1 g")
    _, asked = _document(capsys, "--nuclide", nuclide, "--mass", "1 g", "--progeny", "equilibrium")
    assert document == asked
    assert document["progeny"] == "equilibrium"
    assert document["warnings"] == []
    assert "decays where it was formed" in document["stay"]
