"""Dose rate against time: sums, integrals, peaks, windows and repeated administrations."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.core.quantity import quantity
from pdcraft.core.timecourse import TimeCourse
from pdcraft.dosimetry.dose_rate import dose_rate, dose_rate_mGy_per_MBq_h
from pdcraft.errors import DataError, KindError, PhysicsRangeError

LN2 = np.log(2)
I131_H = 192.56
AMOUNT = quantity("amount_fraction")
TARGETS, SOURCES = ("liver", "red_marrow", "kidneys"), ("liver", "kidneys", "remainder")
RNG = np.random.default_rng(20261121)
S = RNG.uniform(1e-7, 1e-4, (3, 3))


def course(regions, coefficients, rates, draws="d"):
    c = np.asarray(coefficients, dtype=float)
    return TimeCourse(
        regions, AMOUNT, draws, coefficients=c, rates_per_h=np.broadcast_to(rates, c.shape)
    )


def courses(n=5):
    """Draws of a liver with uptake, and kidneys with a remainder of one pair of rates."""
    up = RNG.uniform(0.1, 0.3, n)
    liver = np.stack([up, -up], axis=-1)[:, None, None]
    rest = RNG.uniform(0.05, 0.3, (n, 1, 2, 2))
    return [
        course(("liver",), liver, [0.01, 0.8]).activity(I131_H),
        course(("kidneys", "remainder"), rest, [0.02, 0.3]).activity(I131_H),
    ]


def test_integral_is_the_dose_of_the_coefficients():
    given = courses()
    rate = dose_rate(S, TARGETS, SOURCES, given)
    tiac_h = np.concatenate([c.integral().values for c in given], axis=-1)[:, 0]
    want = tiac_h * 3600.0 @ S.T
    assert rate.dose()[:, 0] == pytest.approx(want, rel=1e-12, abs=0)
    times = np.linspace(0.0, 4000.0, 200_001)
    total = integrate.simpson(rate.at(times), x=times, axis=-1)[:, 0]
    assert total == pytest.approx(want, rel=1e-6, abs=0)  # 4000 h: 1e-8 and less is left
    assert rate.units == ("mGy/(MBq·h)", "mGy/MBq")


def test_rate_is_the_plain_sum():
    given = courses()
    times = np.array([0.0, 1.0, 24.0, 300.0])
    activity = np.concatenate([c.at(times) for c in given], axis=2)[:, 0]
    want = dose_rate_mGy_per_MBq_h(S, activity)
    got = dose_rate(S, TARGETS, SOURCES, given).at(times)[:, 0]
    assert got == pytest.approx(want, rel=1e-12, abs=0)
    by_hand = 3600.0 * sum(S[1, i] * activity[2, i, 1] for i in range(3))
    assert got[2, 1, 1] == pytest.approx(by_hand, rel=1e-12, abs=0)


def test_regions_of_one_course_may_have_their_own_exponents():
    """As a fit gives them: liver and kidneys side by side, each with its rates."""
    c = np.array([[[[0.2, 0.1], [0.05, 0.02]]]])
    r = np.array([[[[0.01, 0.5], [0.03, 0.2]]]])
    both = TimeCourse(("liver", "kidneys"), AMOUNT, "d", coefficients=c, rates_per_h=r)
    both = both.activity(I131_H)
    rate = dose_rate(S, TARGETS, SOURCES, [both])
    want = both.integral().values[0, 0] * 3600.0 @ S[:, :2].T
    assert rate.dose()[0, 0] == pytest.approx(want, rel=1e-12, abs=0)
    times = np.array([0.0, 5.0, 90.0])
    want = dose_rate_mGy_per_MBq_h(S[:, :2], both.at(times)[0, 0])
    assert rate.at(times)[0, 0] == pytest.approx(want, rel=1e-12, abs=0)


def test_peak_is_batemans():
    """a (exp(-x t) - exp(-y t)) has its maximum at ln(y/x)/(y - x)."""
    x, y = 0.01 + LN2 / I131_H, 0.8 + LN2 / I131_H
    rate = dose_rate(S, TARGETS, SOURCES, courses()[:1])
    when, highest = rate.peak()
    assert when == pytest.approx(np.full((5, 1, 3), np.log(y / x) / (y - x)), rel=1e-6, abs=0)
    at_peak = np.take_along_axis(rate.at(np.unique(when)), np.zeros((5, 1, 3, 1), int), -1)[..., 0]
    assert highest == pytest.approx(at_peak, rel=1e-9, abs=0)  # flat at the top


def test_one_exponential_has_its_own_half_life():
    mono = course(("kidneys",), np.full((2, 1, 1, 1), 0.1), 0.02).activity(I131_H)
    rate = dose_rate(S, TARGETS, SOURCES, [mono])
    want = LN2 / (0.02 + LN2 / I131_H)
    assert rate.effective_half_life_h() == pytest.approx(np.full((2, 1, 3), want), rel=1e-12, abs=0)
    when, highest = rate.peak()
    assert np.all(when == 0.0)
    assert highest[0, 0] == pytest.approx(0.1 * 3600 * S[:, 1], rel=1e-12, abs=0)


def test_windows_add_up():
    rate = dose_rate(S, TARGETS, SOURCES, courses())
    parts = rate.dose(0.0, 24.0) + rate.dose(24.0, 168.0) + rate.dose(168.0)
    assert parts == pytest.approx(rate.dose(), rel=1e-12, abs=0)


def test_administrations_are_added_up():
    one = dose_rate(S, TARGETS, SOURCES, courses())
    three = one.given([3700.0, 3700.0, 1850.0], [0.0, 168.0, 336.0])
    assert three.units == ("Gy/h", "Gy")
    assert three.dose() == pytest.approx(one.dose() * 9250.0 * 1e-3, rel=1e-12, abs=0)
    want = 3.7 * one.at([200.0]) + 3.7 * one.at([32.0])  # Gy per mGy/MBq of 3700 MBq
    assert three.at([200.0]) == pytest.approx(want, rel=1e-12, abs=0)
    first_two = 3.7 * (one.dose(0.0, 200.0) + one.dose(0.0, 32.0))
    assert three.dose(0.0, 200.0) == pytest.approx(first_two, rel=1e-12, abs=0)
    late = one.given([1000.0], [50.0])
    assert np.all(late.at([0.0, 49.0]) == 0.0)
    assert np.all(late.dose(0.0, 50.0) == 0.0)


def test_peak_of_fractions_is_the_highest_of_the_curve():
    rate = dose_rate(S, TARGETS, SOURCES, courses()).given([1000.0, 2500.0], [0.0, 72.0])
    when, highest = rate.peak()
    dense = rate.at(np.linspace(0.0, 300.0, 300_001)).max(axis=-1)
    assert highest == pytest.approx(dense, rel=1e-6, abs=0)
    assert np.all(when >= 72.0)


def test_sampled_curves_decay_after_their_end():
    times = np.linspace(0.0, 48.0, 97)
    values = (0.2 * np.exp(-0.03 * times))[None, None, None]
    sampled = TimeCourse(("liver",), AMOUNT, "d", times_h=times, values=values).activity(I131_H)
    rate = dose_rate(S, TARGETS, SOURCES, [sampled, courses(1)[1]])
    tiac_h = np.concatenate(
        [sampled.integral("physical").values, rate.parts[1].integral().values * 0], axis=-1
    )[0, 0, 0]
    own = dose_rate(S, TARGETS, SOURCES, [sampled])
    assert own.dose()[0, 0] == pytest.approx(tiac_h * 3600.0 * S[:, 0], rel=1e-12, abs=0)
    assert rate.dose(0, 60) + rate.dose(60, 90) + rate.dose(90) == pytest.approx(
        rate.dose(), rel=1e-12, abs=0
    )
    later = own.at([48.0, 48.0 + I131_H])[0, 0]
    assert later[:, 1] == pytest.approx(later[:, 0] / 2, rel=1e-12, abs=0)
    when, highest = own.peak()
    assert np.all(when == 0.0)
    after = own.dose() / highest * LN2
    assert own.effective_half_life_h() == pytest.approx(after, rel=1e-12, abs=0)


def test_draws_of_S_go_with_draws_of_activity():
    by_draw = S * RNG.uniform(0.5, 2.0, (5, 1, 1))
    given = courses()
    together = dose_rate(by_draw, TARGETS, SOURCES, given).dose()
    single = [dose_rate(by_draw[i], TARGETS, SOURCES, given).dose()[i] for i in range(5)]
    assert together == pytest.approx(np.stack(single), rel=1e-12, abs=0)


def test_ten_thousand_draws_are_quick_enough_to_be_usual():
    rate = dose_rate(S, TARGETS, SOURCES, courses(10_000))
    assert rate.dose().shape == rate.at([1.0, 24.0]).shape[:3] == (10_000, 1, 3)


def test_other_kinds_are_refused():
    amounts = course(("liver",), np.full((1, 1, 1, 1), 0.1), 0.02)
    with pytest.raises(KindError, match=r"use activity\(half_life_h\)"):
        dose_rate(S, TARGETS, SOURCES, [amounts])
    other = course(("kidneys",), np.full((1, 1, 1, 1), 0.1), 0.02, "other").activity(I131_H)
    with pytest.raises(KindError, match="different sets"):
        dose_rate(S, TARGETS, SOURCES, [amounts.activity(I131_H), other])
    with pytest.raises(DataError, match="has two time courses"):
        dose_rate(S, TARGETS, SOURCES, [amounts.activity(I131_H)] * 2)
    odd = course(("livre",), np.full((1, 1, 1, 1), 0.1), 0.02).activity(I131_H)
    with pytest.raises(DataError, match="did you mean 'liver'"):
        dose_rate(S, TARGETS, SOURCES, [odd])
    with pytest.raises(DataError, match="at least one course"):
        dose_rate(S, TARGETS, SOURCES, [])
    with pytest.raises(PhysicsRangeError, match="not negative"):
        dose_rate(-S, TARGETS, SOURCES, [amounts.activity(I131_H)])


def test_plain_arrays_that_do_not_fit_are_refused():
    with pytest.raises(DataError, match="do not fit"):
        dose_rate_mGy_per_MBq_h(S, np.ones((2, 4)))
    with pytest.raises(PhysicsRangeError, match="neither is negative"):
        dose_rate_mGy_per_MBq_h(S, -np.ones((3, 4)))


@pytest.mark.parametrize(
    ("activity", "at"), [([1.0], [0.0, 24.0]), ([], []), ([0.0], [0.0]), ([1.0], [-1.0])]
)
def test_administrations_that_cannot_be_are_refused(activity, at):
    rate = dose_rate(S, TARGETS, SOURCES, courses(1))
    with pytest.raises(PhysicsRangeError, match="activities"):
        rate.given(activity, at)


def test_windows_increase():
    with pytest.raises(PhysicsRangeError, match="limits increase"):
        dose_rate(S, TARGETS, SOURCES, courses(1)).dose(10.0, 10.0)
