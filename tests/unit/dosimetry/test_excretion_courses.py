"""Contents of bladder and bowel as time courses, and the dose rate that they give."""

import numpy as np
import pytest

from pdcraft.dosimetry.alimentary import alimentary_curves, alimentary_tiac_h
from pdcraft.dosimetry.bladder import contents_tiac_h
from pdcraft.dosimetry.dose_rate import dose_rate
from pdcraft.dosimetry.excretion_courses import bladder_course, contents_course, void_times_h
from pdcraft.dosimetry.inflow import inflow_of_exponentials
from pdcraft.dosimetry.urine_history import modeled_urine
from pdcraft.dosimetry.voiding import Bladder, Night
from pdcraft.errors import PhysicsRangeError

TC99M_H = 6.0067
URINE = inflow_of_exponentials([[0.3, 0.4], [0.2, 0.1]], [1.0, 20.0])
HISTORY = modeled_urine(Bladder(1.5, 3.5, 60.0, 30.0, 10.0, Night(13.0, 8.0)), URINE)


def test_bladder_course_adds_up_to_the_coefficient():
    course = bladder_course(HISTORY, TC99M_H, 100.0, "d")
    assert course.values is not None
    assert course.values.shape[:3] == (2, 1, 1)
    # straight lines between 24 samples of a filling: (T/23)^2/12 of a curvature near 1/h^2
    want = contents_tiac_h(HISTORY, TC99M_H)
    assert course.integral("physical").values[:, 0, 0] == pytest.approx(want, rel=2e-3, abs=0)


def test_voids_are_those_of_the_schedule():
    assert void_times_h(HISTORY, 25.0) == pytest.approx(
        [1.5, 5.0, 8.5, 12.0, 13.0, 21.0, 24.5], rel=1e-12, abs=0
    )


def test_wall_gets_dose_from_bladder_and_bowel():
    times = np.linspace(0.0, 150.0, 1501)
    bile = inflow_of_exponentials([[0.1], [0.2]], 5.0)
    bowel = {
        region: curve
        for region, curve in alimentary_curves(TC99M_H, times, bile=bile).items()
        if region == "small_intestine_contents"
    }
    courses = [
        bladder_course(HISTORY, TC99M_H, 100.0, "d"),
        contents_course(bowel, times, TC99M_H, "d"),
    ]
    sources = ("urinary_bladder_contents", "small_intestine_contents")
    S = np.array([[4e-5, 1e-6]])
    rate = dose_rate(S, ("urinary_bladder_wall",), sources, courses)
    tiac = alimentary_tiac_h(TC99M_H, bile=bile)["small_intestine_contents"]
    want = 3600 * (4e-5 * contents_tiac_h(HISTORY, TC99M_H) + 1e-6 * tiac)
    assert rate.dose()[:, 0, 0] == pytest.approx(want, rel=2e-3, abs=0)
    when, highest = rate.peak()
    assert np.all(highest >= rate.at(times).max(axis=-1))
    assert np.all(when < 24.0)


def test_curves_end_somewhere():
    with pytest.raises(PhysicsRangeError, match="end above 0 h"):
        bladder_course(HISTORY, TC99M_H, np.inf, "d")
