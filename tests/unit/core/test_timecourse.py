"""Decay enters once; integrals are exact; amounts enter once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from pdcraft.core.quantity import quantity
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError, KindError, PhysicsRangeError

AMOUNT = quantity("amount_fraction")
I131_H = 8.0233 * 24  # DDEP half-life, h
LN2 = np.log(2)


def terms(c, r, kind=AMOUNT):
    shape = (1, 1, 1, len(c))
    return TimeCourse(("liver",), kind, "d", np.reshape(c, shape), np.reshape(r, shape))


def curve(t, v, kind=AMOUNT):
    return TimeCourse(("liver",), kind, "d", times_h=t, values=np.reshape(v, (1, 1, 1, -1)))


def test_retained_carrier_integrates_to_the_mean_life():
    # a carrier that never leaves: ã = T½/ln 2, the largest a region can have
    total = terms([1.0], [0.0]).activity(I131_H).integral()
    assert total.values[0, 0, 0] == pytest.approx(I131_H / LN2, rel=1e-14, abs=0)
    assert total.quantity.key == "time_integrated_activity_coefficient"
    assert total.period_h == np.inf


rates = st.floats(1e-4, 2.0)


@given(rates, rates, st.floats(0.1, 500), st.floats(0, 50))
def test_integral_is_the_quadrature_of_the_curve(fast, slow, width, start):
    course = terms([0.7, 0.3], [fast, slow]).activity(I131_H)
    want, _ = integrate.quad(
        lambda t: course.at(np.array([t]))[0, 0, 0, 0],
        start,
        start + width,
        epsrel=1e-11,
        epsabs=0,
        limit=200,
    )
    got = course.integral(from_h=start, to_h=start + width).values[0, 0, 0]
    # quad 1e-11; expm1 form loses eps times the cancellation of a narrow window, below 1e-12
    assert got == pytest.approx(want, rel=1e-9, abs=0)


def test_an_integral_that_starts_later_has_decayed_before():
    course = terms([1.0], [0.0]).activity(I131_H)
    # from one half-life on, half is left to integrate
    late = course.integral(from_h=I131_H).values[0, 0, 0]
    assert late == pytest.approx(I131_H / LN2 / 2, rel=1e-13, abs=0)


def test_decay_enters_once():
    course = terms([1.0], [0.01]).activity(I131_H)
    with pytest.raises(KindError, match="physical decay enters once"):
        course.activity(I131_H)


def test_activity_halves_in_one_half_life():
    course = terms([1.0], [0.0]).activity(I131_H)
    assert course.at(np.array([I131_H]))[0, 0, 0, 0] == pytest.approx(0.5, rel=1e-14, abs=0)


def test_same_biology_another_nuclide():
    # one biological rate b: ã = 1/(b + ln2/T) for each nuclide
    biology = terms([1.0], [0.05])
    for half_life in (6.0, 100.0, 1400.0):
        got = biology.activity(half_life).integral().values[0, 0, 0]
        assert got == pytest.approx(1 / (0.05 + LN2 / half_life), rel=1e-13, abs=0)


def test_carrier_without_decay_has_no_integral_here():
    with pytest.raises(KindError, match="take activity"):
        terms([1.0], [0.0]).integral()


def test_curve_tails():
    t = np.array([0.0, 10.0])
    course = curve(t, [1.0, 1.0]).activity(20.0)
    none = course.integral(tail="none").values[0, 0, 0]
    physical = course.integral(tail="physical").values[0, 0, 0]
    last = 0.5**0.5
    assert none == pytest.approx(10 * (1 + last) / 2, rel=1e-13, abs=0)  # one trapezoid
    assert physical - none == pytest.approx(last * 20 / LN2, rel=1e-12, abs=0)
    # a tail of one half-life holds half of the whole tail
    ended = course.integral(tail="physical", to_h=30.0).values[0, 0, 0]
    assert ended - none == pytest.approx((physical - none) / 2, rel=1e-12, abs=0)
    # what ends with the curve has the curve's period, whatever was asked for
    assert course.integral(tail="none").period_h == 10.0
    assert course.integral(tail="physical").period_h == np.inf
    with pytest.raises(KindError, match="no fitted tail"):
        course.integral(tail="fitted")


def test_a_sampled_curve_is_not_extrapolated():
    with pytest.raises(PhysicsRangeError, match="not extrapolated"):
        curve(np.array([0.0, 10.0]), [1.0, 0.5]).at(np.array([11.0]))


def test_molar_is_nanomolar():
    # 20 nmol given, 1 % per mL: 0.2 nmol/mL = 200 nM
    course = terms([0.01], [0.0], quantity("amount_fraction_per_mL")).molar(20.0)
    assert course.at(np.array([0.0]))[0, 0, 0, 0] == pytest.approx(200.0, rel=1e-14, abs=0)
    with pytest.raises(KindError, match="per mL without decay"):
        terms([0.01], [0.0]).molar(20.0)


@pytest.mark.parametrize(
    ("times", "match"),
    [([0.0, 0.0], "strictly increasing"), ([-1.0, 2.0], "from 0"), ([0.0, np.nan], "not a finite")],
)
def test_bad_times_are_refused(times, match):
    with pytest.raises(DataError, match=match):
        curve(np.array(times), [1.0, 0.5])


def test_a_course_is_one_whole_form():
    one = np.ones((1, 1, 1, 2))
    for form in (
        {},
        {"coefficients": one},
        {"times_h": [0.0, 1.0]},
        {"coefficients": one, "rates_per_h": one, "times_h": [0.0, 1.0], "values": one},
    ):
        got = ", ".join(form) or "neither"
        with pytest.raises(DataError, match=f"or a curve .*, got {got}$"):
            TimeCourse(("liver",), AMOUNT, "d", **form)
