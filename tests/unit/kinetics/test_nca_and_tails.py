"""Integrals of known curves: trapezoids, terminal slopes and the three tails."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from pdcraft.kinetics.nca import noncompartmental, trapezoids
from pdcraft.kinetics.observed import Observed
from pdcraft.kinetics.tiac import extrapolated_share, integrals

I131_H = 8.0233 * 24  # DDEP half-life, h
DECAY = np.log(2) / I131_H


def curve(times, values, censored=()):
    times, values = np.asarray(times, float), np.asarray(values, float)
    mask = np.isin(np.arange(times.size), censored)
    nan = np.full(times.size, np.nan)
    return Observed("liver", "", "amount_fraction", "single", times, values, nan, mask, 1)


@given(st.floats(0, 1.0), st.floats(0.01, 3.0), st.floats(1, 200), st.sampled_from("fpn"))
def test_tails_against_quadrature(slow, more, last, rule):
    tail = {"f": "fitted", "p": "physical", "n": "none"}[rule]
    c, r = np.array([0.5, -0.4]), np.array([slow, slow + more])
    measured, beyond = integrals(c, r, I131_H, last, tail)

    def activity(t):
        return float((c * np.exp(-(r + DECAY) * t)).sum())

    want, _ = integrate.quad(activity, 0, last, epsrel=1e-10, epsabs=0, limit=200)
    assert measured == pytest.approx(want, rel=1e-9, abs=0)  # quad's own tolerance
    if tail == "none":
        assert beyond == 0.0
    elif tail == "physical":
        assert beyond == pytest.approx(activity(last) * I131_H / np.log(2), rel=1e-12, abs=0)
    else:
        exact = float((c / (r + DECAY)).sum())
        assert measured + beyond == pytest.approx(exact, rel=1e-12, abs=0)


def test_the_share_beyond_the_last_measurement():
    assert extrapolated_share(np.array([3.0, 5.0]), np.array([1.0, 1.0])) == pytest.approx(0.2)
    assert extrapolated_share(np.zeros(2), np.zeros(2)) == 0.0


def test_trapezoids_are_exact_for_what_they_assume():
    t = np.array([0.0, 0.5, 2.0, 7.0])
    assert trapezoids(t, 2.0 + 3.0 * t) == pytest.approx(2 * 7 + 1.5 * 49, rel=1e-15, abs=0)
    exact = (1 - np.exp(-2.1)) / 0.3
    assert trapezoids(t, np.exp(-0.3 * t)) == pytest.approx(exact, rel=1e-14, abs=0)


def test_one_exponential_is_integrated_exactly_with_its_terminal_points_stated():
    t = np.array([0.0, 1, 4, 8, 24, 48])
    found = noncompartmental(curve(t, 0.4 * np.exp(-0.05 * t)), I131_H, "fitted")
    assert found.tiac_h == pytest.approx(0.4 / (0.05 + DECAY), rel=1e-12, abs=0)
    assert found.terminal_rate_per_h == pytest.approx(0.05, rel=1e-12, abs=0)
    assert found.terminal_times_h == (1, 4, 8, 24, 48)  # all after the peak; ties take the most
    assert found.extrapolated_share == pytest.approx(np.exp(-48 * (0.05 + DECAY)), rel=1e-10, abs=0)


def test_the_terminal_slope_does_not_drift_away_from_the_best_line():
    # slightly bent: each point more costs less than 1e-4 of adjusted R², all of them 6e-4
    t = np.arange(21.0)
    bent = np.exp(-0.1 * t + 5e-4 * (t - 20) ** 2)
    found = noncompartmental(curve(t, bent), I131_H, "fitted")
    best = 0.9999837  # of 3 to 20 points: numpy.polyfit, point by point
    assert found.r2_adjusted == pytest.approx(best, rel=0, abs=1e-4)
    assert found.terminal_times_h == tuple(range(13, 21))


def test_the_terminal_phase_is_found_behind_a_fast_one():
    t = np.array([0.0, 0.5, 1, 2, 24, 48, 96, 168])
    y = 0.8 * np.exp(-2 * t) + 0.1 * np.exp(-0.01 * t)
    found = noncompartmental(curve(t, y), I131_H, "fitted")
    assert found.terminal_times_h == (24, 48, 96, 168)
    assert found.terminal_rate_per_h == pytest.approx(0.01, rel=1e-9, abs=0)


def test_a_curve_that_still_rises_gets_a_physical_tail_and_says_so():
    found = noncompartmental(curve([0.0, 10, 20, 40], [0.1, 0.2, 0.3, 0.4]), I131_H, "fitted")
    assert found.tail == "physical"
    assert found.terminal_rate_per_h is None
    assert found.terminal_times_h == ()


def test_values_below_quantification_end_the_analysis_at_the_last_quantified_one():
    t = np.array([0.0, 1, 4, 8, 24])
    y = np.exp(-0.1 * t)
    with_limit = noncompartmental(curve(t, y, censored=[4]), I131_H, "none")
    without = noncompartmental(curve(t[:4], y[:4]), I131_H, "none")
    assert with_limit.tiac_h == without.tiac_h
    assert noncompartmental(curve(t, y, censored=[1, 2, 3, 4]), I131_H, "none") is None
