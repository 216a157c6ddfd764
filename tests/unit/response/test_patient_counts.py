"""Exact distributions of counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import roots_legendre

from pdcraft.errors import PhysicsRangeError
from pdcraft.response.patient_counts import (
    beta_binomial_pmf,
    binomial_mixture_pmf,
    central_interval,
    check_counts,
    shifted_pmf,
    two_sided_p,
)


def test_weighted_draws_become_the_conjugate_posterior():
    """Uniform draws weighed by a count predict as the beta-binomial does: an independent route."""
    p, w = roots_legendre(64)  # quadrature instead of draws: exact for polynomials
    p, w = 0.5 * (p + 1), 0.5 * w
    k, n = 9, 28
    weight = w * stats.binom.pmf(k, n, p)
    got = binomial_mixture_pmf(36, p, weight)
    want = beta_binomial_pmf(36, k, n, prior=(1.0, 1.0))
    # Gauss of 64 points is exact to degree 127: rounding only
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-15)


def test_one_draw_is_the_binomial():
    np.testing.assert_allclose(
        binomial_mixture_pmf(12, [0.3]), stats.binom.pmf(range(13), 12, 0.3), rtol=1e-12, atol=0
    )


def test_mixture_is_wider_than_its_mean():
    p = np.array([0.1, 0.5])
    k = np.arange(21)
    pmf = binomial_mixture_pmf(20, p)
    assert pmf.sum() == pytest.approx(1.0, rel=1e-12, abs=0)
    variance = pmf @ k**2 - (pmf @ k) ** 2
    # law of total variance
    want = np.mean(20 * p * (1 - p)) + 20**2 * np.var(p)
    assert variance == pytest.approx(want, rel=1e-12, abs=0)


@pytest.mark.parametrize(("n", "p"), [(12, 0.42), (55, 0.58), (11, 0.02), (28, 0.98)])
def test_interval_holds_at_least_its_level_and_no_more_than_it_must(n, p):
    pmf = stats.binom.pmf(np.arange(n + 1), n, p)
    low, high = central_interval(pmf)
    assert pmf[low : high + 1].sum() >= 0.95
    assert pmf[:low].sum() <= 0.025
    assert pmf[high + 1 :].sum() <= 0.025
    assert pmf[: low + 1].sum() > 0.025
    assert pmf[high:].sum() > 0.025
    assert (low, high) == tuple(stats.binom.interval(0.95, n, p))


def test_two_sided_p_and_shift():
    pmf = stats.binom.pmf(np.arange(11), 10, 0.5)
    assert two_sided_p(pmf, 1) == pytest.approx(2 * 11 / 1024, rel=1e-12, abs=0)
    assert two_sided_p(pmf, 5) == 1.0
    shifted = shifted_pmf(np.array([0.25, 0.75]), 3, 5)
    assert shifted.tolist() == [0, 0, 0, 0.25, 0.75, 0]


def test_refusals():
    with pytest.raises(PhysicsRangeError, match=r"8\.28 of 18 patients: whole numbers"):
        check_counts(8.28, 18)  # 46 % of 18
    with pytest.raises(PhysicsRangeError, match="12 of 11 patients"):
        check_counts(12, 11)
    with pytest.raises(PhysicsRangeError, match="0 to 1"):
        binomial_mixture_pmf(5, [1.2])
    with pytest.raises(PhysicsRangeError, match="not all zero"):
        binomial_mixture_pmf(5, [0.2], [0.0])
    with pytest.raises(PhysicsRangeError, match="both above zero"):
        beta_binomial_pmf(5, 1, 2, prior=(0.0, 1.0))
    with pytest.raises(PhysicsRangeError, match="level 1"):
        central_interval(np.ones(3) / 3, 1.0)
