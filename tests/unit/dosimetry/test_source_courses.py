"""Whole regions from amounts per gram, and the rest of the body."""

import numpy as np
import pytest

from pdcraft.core.quantity import quantity
from pdcraft.core.timecourse import TimeCourse
from pdcraft.dosimetry.source_courses import course_of_remainder, course_of_whole_regions
from pdcraft.errors import DataError, KindError, PhysicsRangeError

PER_G, AMOUNT = quantity("amount_fraction_per_g"), quantity("amount_fraction")
TIMES = np.array([0.0, 1.0, 30.0, 200.0])


def terms(regions, c, r, kind=AMOUNT):
    c = np.asarray(c, dtype=float)
    return TimeCourse(regions, kind, "d", coefficients=c, rates_per_h=np.broadcast_to(r, c.shape))


WHOLE = terms(("total_body",), np.full((2, 1, 1, 2), 0.5), [0.001, 0.05])
LIVER = terms(("liver", "kidneys"), np.full((2, 1, 2, 1), 0.1), 0.05)


def test_masses_make_whole_regions():
    per_g = terms(("liver", "lungs"), [[[[1e-5], [2e-5]]]], 0.02, PER_G)
    whole = course_of_whole_regions(per_g, {"liver": 1800.0})
    assert whole.regions == ("liver",)
    assert whole.quantity.key == "amount_fraction"
    assert whole.at(TIMES)[0, 0, 0] == pytest.approx(
        0.018 * np.exp(-0.02 * TIMES), rel=1e-12, abs=0
    )
    sampled = TimeCourse(per_g.regions, PER_G, "d", times_h=TIMES, values=per_g.at(TIMES)).activity(
        8.0
    )
    again = course_of_whole_regions(sampled, {"lungs": [[1000.0]], "liver": 1800.0})
    assert again.quantity.key == "activity_fraction"
    assert again.values[0, 0, :, 0] == pytest.approx([0.02, 0.018], rel=1e-12, abs=0)


def test_remainder_is_the_difference():
    rest = course_of_remainder(WHOLE, [LIVER])
    want = WHOLE.at(TIMES)[:, :, 0] - LIVER.at(TIMES).sum(axis=2)
    assert rest.regions == ("remainder",)
    assert rest.at(TIMES)[:, :, 0] == pytest.approx(want, rel=1e-12, abs=0)
    decayed = course_of_remainder(WHOLE.activity(8.0), [LIVER.activity(8.0)])
    assert decayed.integral().values == pytest.approx(
        rest.activity(8.0).integral().values, rel=1e-12, abs=0
    )


def test_parts_above_the_whole_are_refused():
    late = terms(("liver",), np.full((2, 1, 1, 1), 0.6), 0.001)  # fits at first, not later
    with pytest.raises(PhysicsRangeError, match=r"falls to -0\.087.* regions given twice"):
        course_of_remainder(WHOLE, [late])


def test_other_kinds_are_refused():
    with pytest.raises(KindError, match="per gram into fractions"):
        course_of_whole_regions(WHOLE, {"total_body": 70000.0})
    per_g = terms(("liver",), [[[[1e-5]]]], 0.02, PER_G)
    with pytest.raises(DataError, match="no time course of spleen"):
        course_of_whole_regions(per_g, {"spleen": 150.0})
    with pytest.raises(PhysicsRangeError, match="above 0 g only"):
        course_of_whole_regions(per_g, {"liver": 0.0})
    with pytest.raises(KindError, match="decayed otherwise"):
        course_of_remainder(WHOLE, [LIVER.activity(8.0)])
    with pytest.raises(DataError, match="no time course of 'body'"):
        course_of_remainder(WHOLE, [LIVER], "body")
    sampled = TimeCourse(("total_body",), AMOUNT, "d", times_h=TIMES, values=WHOLE.at(TIMES))
    with pytest.raises(KindError, match="exponential terms"):
        course_of_remainder(sampled, [LIVER])
