"""``pdcraft cell --specific-energy``: hits and spread, refused where they mean nothing."""

import json

import numpy as np
import pytest

from pdcraft.cli import run_app
from pdcraft.data.chains import chain

ASKED = ("cell", "--cell-radius", "5 um", "--nucleus-radius", "4 um", "--method", "mird", "--json")


def _document(capsys, *arguments):
    code = run_app([*ASKED, *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_hits_of_a_chain(capsys):
    code, document = _document(
        capsys, "--nuclide", "Ac-225", "--progeny", "equilibrium", "--specific-energy", "2 Gy",
        "--inactivation-dose", "1000 mGy",
    )  # fmt: skip
    assert code == 0
    found = document["specific_energy"]
    assert (found["mean_dose_Gy"], found["inactivation_dose_Gy"]) == (2.0, 1.0)
    assert len(chain("Ac-225")) == 7
    for place, row in found["by_source"].items():
        # hits x mean per hit is the dose; missed nuclei by Poisson's law
        assert row["mean_hits"] * row["mean_hit_Gy"] == pytest.approx(2.0, rel=1e-9, abs=0)
        assert row["not_hit"] == pytest.approx(np.exp(-row["mean_hits"]), rel=1e-9, abs=0)
        assert row["atoms"] * row["hit_per_atom"] == pytest.approx(
            row["mean_hits"], rel=1e-9, abs=0
        )
        low, middle, high = (row["percentile_Gy"][p] for p in ("5", "50", "95"))
        assert 0.0 <= low < middle < high
        assert np.exp(-2.0) < row["surviving"] < 1.0
        # S of alphas alone is below that with electrons and recoils, by less than 60% (recoils)
        whole = document["S_Gy_per_Bq_s"]["nucleus"][place]["value"]
        assert 0.6 * whole < row["hit_per_atom"] * row["mean_hit_Gy"] <= whole


def test_without_the_option_it_is_null_and_lost_alphas_are_told(capsys):
    code, document = _document(capsys, "--nuclide", "Pb-212", "--progeny", "prompt")
    assert code == 0
    assert document["specific_energy"] is None
    assert any("Bi-212, Po-212 emit 100%" in words for words in document["warnings"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nuclide", "I-131", "--specific-energy", "1 Gy"), "emits no alpha particles"),
        (("--nuclide", "At-211", "--specific-energy", "1 MBq"), "activity"),
        (("--nuclide", "At-211", "--inactivation-dose", "1 Gy"), "belongs to --specific-energy"),
        (
            ("--nuclide", "At-211", "--specific-energy", "1 Gy", "--nucleus-offset", "0.5 um"),
            "concentric cells",
        ),
    ],
)
def test_what_means_nothing_is_refused(capsys, arguments, words):
    code, document = _document(capsys, *arguments)
    assert code == 2
    assert words in document["errors"][0]["message"]
