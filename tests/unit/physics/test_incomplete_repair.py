"""Double integrals of dose against quadrature; terms and samples against each other."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.incomplete_repair import (
    phi,
    repair_rate_per_h,
    square_of_samples_Gy2,
    square_of_terms_Gy2,
    square_until_Gy2,
    unrepaired_after_terms_Gy,
    unrepaired_before_samples_Gy,
    unrepaired_before_terms_Gy,
)

LN2 = np.log(2)
# uptake with 3 h, loss with 60 h, given at once and with half the amount at 168 h
AMPLITUDE = np.array([-0.02, 0.02, -0.01, 0.01])
RATE = LN2 / np.array([3.0, 60.0, 3.0, 60.0])
START = np.array([0.0, 0.0, 168.0, 168.0])
TERMS = (AMPLITUDE, RATE, START)
MU = LN2 / 1.5


def rate_at(t):
    since = t - START
    return float(np.where(since >= 0, AMPLITUDE * np.exp(-RATE * np.maximum(since, 0)), 0).sum())


def unrepaired_by_quadrature(t):
    edges = [0.0, t] if t <= 168 else [0.0, 168.0, t]
    return sum(
        integrate.quad(
            lambda s: rate_at(s) * np.exp(-MU * (t - s)), a, b, epsabs=0, epsrel=1e-12, limit=400
        )[0]
        for a, b in pairwise(edges)
    )


@pytest.mark.parametrize("t", [0.4, 20.0, 168.5, 300.0])
def test_unrepaired_dose_is_its_convolution(t):
    # 1e-9: what the quadrature reaches
    want = unrepaired_by_quadrature(t)
    assert unrepaired_before_terms_Gy(*TERMS, MU, t) == pytest.approx(want, rel=1e-9, abs=0)


@pytest.mark.parametrize("until_h", [5.0, 168.0, 200.0, 2000.0])
def test_double_integral_is_twice_the_integral_of_rate_times_unrepaired_dose(until_h):
    edges = [0.0, until_h] if until_h <= 168 else [0.0, 168.0, until_h]
    want = sum(
        integrate.quad(
            lambda t: 2 * rate_at(t) * unrepaired_before_terms_Gy(*TERMS, MU, t),
            a,
            b,
            epsabs=0,
            epsrel=1e-11,
            limit=400,
        )[0]
        for a, b in pairwise(edges)
    )
    # the remainder is subtracted from the whole: 1e-15 of 0.04 Gy² against 5e-4 Gy² at 5 h
    assert square_until_Gy2(*TERMS, MU, until_h) == pytest.approx(want, rel=1e-9, abs=0)


def test_what_comes_before_and_what_comes_after_are_the_same_pairs():
    t = np.linspace(0.0, 1200.0, 200_001)
    rate = np.where(t >= 168, 1.0, 0.0) * 0.01 * (np.exp(-RATE[1] * np.maximum(t - 168, 0)))
    rate = rate - np.where(t >= 168, 0.01 * np.exp(-RATE[0] * np.maximum(t - 168, 0)), 0.0)
    rate = rate + 0.02 * (np.exp(-RATE[1] * t) - np.exp(-RATE[0] * t))
    after = unrepaired_after_terms_Gy(*TERMS, MU, t)
    before = unrepaired_before_terms_Gy(*TERMS, MU, t)
    # trapezoid of 0.006 h steps: (0.006 h)²; the tail beyond 1200 h is e^-12
    assert np.trapezoid(rate * after, t) == pytest.approx(
        np.trapezoid(rate * before, t), rel=1e-6, abs=0
    )


def test_single_exponential_is_the_textbook_factor():
    # G = T_r/(T_r + T_e); Dale 1985
    total = 0.05 / (LN2 / 60)
    square = square_of_terms_Gy2([0.05], [LN2 / 60], [0.0], MU)
    assert square / total**2 == pytest.approx(1.5 / 61.5, rel=1e-14, abs=0)


def test_starts_far_apart_do_not_meet_and_starts_together_are_one():
    one = square_of_terms_Gy2([0.05], [0.5], [0.0], MU)
    apart = square_of_terms_Gy2([0.05, 0.05], [0.5, 0.5], [0.0, 500.0], MU)
    together = square_of_terms_Gy2([0.05, 0.05], [0.5, 0.5], [7.0, 7.0], MU)
    assert apart == pytest.approx(2 * one, rel=1e-14, abs=0)
    assert together == pytest.approx(4 * one, rel=1e-14, abs=0)


def test_a_rate_equal_to_that_of_repair_is_no_exception():
    near = [square_of_terms_Gy2([1.0, 1.0], [r, r], [0.0, 24.0], MU) for r in (MU, MU * (1 + 1e-9))]
    # the true difference is of the order 1e-9
    assert near[0] == pytest.approx(near[1], rel=1e-8, abs=0)


def test_samples_of_a_triangle_against_quadrature():
    time, value = np.array([0.0, 2.0, 7.0]), np.array([0.0, 3.0, 0.5])

    def unrepaired(t):
        cut = [0.0, min(t, 2.0)] + ([t] if t > 2 else [])
        return sum(
            integrate.quad(
                lambda s: np.interp(s, time, value) * np.exp(-MU * (t - s)), a, b, epsabs=0
            )[0]
            for a, b in pairwise(cut)
        )

    want = sum(
        integrate.quad(
            lambda t: 2 * np.interp(t, time, value) * unrepaired(t), a, b, epsabs=0, epsrel=1e-10
        )[0]
        for a, b in ((0.0, 2.0), (2.0, 7.0))
    )
    got = square_of_samples_Gy2(time, value, MU)
    assert got[0] == 0
    assert got[-1] == pytest.approx(want, rel=1e-9, abs=0)
    assert unrepaired_before_samples_Gy(time, value, MU)[-1] == pytest.approx(
        unrepaired(7.0), rel=1e-9, abs=0
    )


@given(st.floats(1e-6, 1e3), st.integers(1, 6))
def test_pieces_do_not_matter(mu, pieces):
    """A straight line cut into pieces stays the same line, also for pieces short against repair."""
    whole = square_of_samples_Gy2([0.0, 12.0], [1.0, 4.0], mu)[-1]
    time = np.linspace(0.0, 12.0, pieces + 1)
    cut = square_of_samples_Gy2(time, 1.0 + 0.25 * time, mu)[-1]
    assert cut == pytest.approx(whole, rel=1e-10, abs=0)  # rounding of sums of a few terms


positive = st.floats(0.01, 10.0)


@given(
    st.lists(st.tuples(positive, st.floats(1e-3, 3.0), st.floats(0, 500)), min_size=1, max_size=5),
    st.floats(1e-3, 30.0),
)
def test_factor_lies_between_0_and_1_and_falls_with_faster_repair(terms, mu):
    a, r, s = (np.array(v) for v in zip(*terms, strict=True))
    square = float((a / r).sum()) ** 2
    slow, fast = (float(square_of_terms_Gy2(a, r, s, m)) / square for m in (mu, 2 * mu))
    assert 0 < fast < slow <= 1 + 1e-12
    # all of it unrepaired: the square of the dose; the next order is mu times the time span
    frozen = float(square_of_terms_Gy2(a, r, s, 1e-14)) / square
    assert frozen == pytest.approx(1.0, rel=1e-8, abs=0)


@given(st.floats(-60.0, 0.0), st.integers(1, 4))
def test_phi_is_its_recursion(z, k):
    # phi_{k+1}(z) z = phi_k(z) - 1/k!, all terms below 1: absolute rounding
    left = float(phi(k + 1, z)) * z
    assert left == pytest.approx(float(phi(k, z)) - 1 / math.factorial(k), rel=0, abs=1e-14)


@pytest.mark.parametrize("half_life", [0.0, -1.5, np.nan, np.inf])
def test_repair_needs_a_time(half_life):
    with pytest.raises(PhysicsRangeError, match="it is above 0 h"):
        repair_rate_per_h(half_life)
