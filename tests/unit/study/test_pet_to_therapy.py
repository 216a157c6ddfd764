"""Scans with I-124 to the dose of I-131: the decay of what was measured is undone."""

from pathlib import Path

import numpy as np
import pytest

from pdcraft.data.nuclides import half_life_h
from pdcraft.study.run import run_study

STUDY = Path(__file__).parents[3] / "examples" / "clr124_pet_to_clr131" / "study.toml"


@pytest.fixture(scope="module")
def run():
    return run_study(STUDY, draws=60).run


def value(run, kind, region):
    rows = [r for r in run.results if (r.quantity.key, r.subject.region) == (kind, region)]
    return rows[0].summary["value"]


def test_the_whole_body_keeps_the_carrier(run):
    """The file's last scan holds 29% of the activity; without decay that is 93% after a week.

    Integrated with the decay of I-131 that leaves most of T1/2/ln 2; with the decay of I-124 left
    in it would be 277.8 x 100 / (100 + 193) = 95 h.
    """
    most = half_life_h("I-131") / np.log(2)
    found = value(run, "time_integrated_activity_coefficient", "total_body")
    assert 0.85 * most < found < most


def test_the_lesion_is_its_scans_by_trapezoids(run):
    """Scans to 168 h by hand; the fitted tail adds about as much again (51% beyond)."""
    lines = (STUDY.parent / "pet.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines if line.startswith("lesion:index")]
    t = np.array([0.0, *(float(r[1]) for r in rows)])
    per_g = np.array([0.0, *(float(r[2]) / 100 for r in rows)])
    rate = np.log(2) * (1 / half_life_h("I-124") - 1 / half_life_h("I-131"))
    seen = np.trapezoid(per_g * np.exp(rate * t), t)
    found = value(run, "time_integrated_activity_coefficient_per_g", "lesion:index")
    beyond = value(run, "extrapolated_share", "lesion:index")
    assert found * (1 - beyond) == pytest.approx(seen, rel=0.12, abs=0)  # noise of 12% a scan


def test_the_example_is_marked_as_simulated():
    for file in STUDY.parent.iterdir():
        assert "SIMULATED" in file.read_text(encoding="utf-8")
