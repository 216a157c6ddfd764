"""Order statistics against direct counting in simulated samples and against total probability."""

import numpy as np
import pytest
from scipy import integrate, stats

from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.order_statistics import (
    log_density_of_median,
    log_density_of_median_and_range,
    log_density_of_range,
)

MEAN, SD = 0.7, 0.4


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 8])
def test_median_density_sums_to_one_and_is_centered(n):
    x = np.linspace(MEAN - 8 * SD, MEAN + 8 * SD, 4001)
    density = np.exp(log_density_of_median(x, n, MEAN, SD))
    # Simpson on 4001 points of a smooth curve: error far below 1e-6
    assert integrate.simpson(density, x=x) == pytest.approx(1.0, rel=1e-6, abs=0)
    assert integrate.simpson(x * density, x=x) == pytest.approx(MEAN, rel=1e-6, abs=0)


@pytest.mark.parametrize("n", [3, 4, 6])
def test_median_density_has_the_spread_of_simulated_medians(n):
    medians = np.median(np.random.default_rng(1).normal(MEAN, SD, (200_000, n)), axis=1)
    x = np.linspace(MEAN - 8 * SD, MEAN + 8 * SD, 4001)
    density = np.exp(log_density_of_median(x, n, MEAN, SD))
    variance = integrate.simpson((x - MEAN) ** 2 * density, x=x)
    # variance of 200 000 values: relative standard error 0.32%; 5 of them
    assert medians.var() == pytest.approx(variance, rel=0.016, abs=0)


def test_range_of_two_is_both_densities_twice():
    got = log_density_of_range(0.3, 1.4, 2, MEAN, SD)
    want = np.log(2 * stats.norm.pdf(0.3, MEAN, SD) * stats.norm.pdf(1.4, MEAN, SD))
    assert float(got) == pytest.approx(want, rel=1e-12, abs=0)


@pytest.mark.parametrize("n", [2, 3, 6])
def test_range_density_sums_to_one(n):
    def density(high, low):
        return float(np.exp(log_density_of_range(low, high, n, MEAN, SD)))

    total, _ = integrate.dblquad(
        density, MEAN - 6 * SD, MEAN + 6 * SD, lambda low: low + 1e-12, MEAN + 6 * SD,
        epsabs=0, epsrel=1e-6,
    )  # fmt: skip
    # 6 SD leave out 2e-9 for each value
    assert total == pytest.approx(1.0, rel=1e-5, abs=0)


def test_range_density_counts_simulated_ranges():
    n, cell = 6, 0.15
    sample = np.random.default_rng(2).normal(MEAN, SD, (400_000, n))
    low, high = sample.min(axis=1), sample.max(axis=1)
    a, b = MEAN - 1.2 * SD, MEAN + 1.3 * SD
    inside = np.mean((abs(low - a) < cell / 2) & (abs(high - b) < cell / 2))
    density, _ = integrate.dblquad(
        lambda y, x: float(np.exp(log_density_of_range(x, y, n, MEAN, SD))),
        a - cell / 2, a + cell / 2, b - cell / 2, b + cell / 2,
        epsabs=0, epsrel=1e-6,
    )  # fmt: skip
    # about 25 000 hits: 5 standard errors are 3%
    assert inside == pytest.approx(density, rel=0.03, abs=0)


def test_far_tail_does_not_cancel():
    # both ends 30 SD above the mean: F(b) - F(a) would be 0 from the wrong tail
    got = float(log_density_of_range(30.0, 30.5, 4, 0.0, 1.0))
    gap = stats.norm.logsf(30.0) + np.log1p(-np.exp(stats.norm.logsf(30.5) - stats.norm.logsf(30)))
    want = np.log(12) + stats.norm.logpdf(30.0) + stats.norm.logpdf(30.5) + 2 * gap
    assert got == pytest.approx(want, rel=1e-12, abs=0)


def test_impossible_samples_are_refused():
    with pytest.raises(PhysicsRangeError, match="range of 1 values"):
        log_density_of_range(1.0, 2.0, 1, MEAN, SD)
    with pytest.raises(PhysicsRangeError, match="low end below its high end"):
        log_density_of_range(2.0, 1.0, 3, MEAN, SD)
    with pytest.raises(PhysicsRangeError, match="median of 0 values"):
        log_density_of_median(1.0, 0, MEAN, SD)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 9])
def test_all_medians_of_a_range_give_the_density_of_the_range(n):
    low, high = MEAN - 0.9 * SD, MEAN + 1.4 * SD
    summed, _ = integrate.quad(
        lambda m: float(np.exp(log_density_of_median_and_range(low, m, high, n, MEAN, SD))),
        low, high, epsabs=0, epsrel=1e-8, points=[0.5 * (low + high)],
    )  # fmt: skip
    # quadrature of both integrals over smooth functions
    want = float(np.exp(log_density_of_range(low, high, n, MEAN, SD)))
    assert summed == pytest.approx(want, rel=1e-6, abs=0)


@pytest.mark.parametrize("n", [3, 4, 5, 6, 9])
def test_a_censored_least_value_is_all_that_lie_below(n):
    low, m, high = MEAN - 0.5 * SD, MEAN + 0.1 * SD, MEAN + 1.4 * SD
    summed, _ = integrate.quad(
        lambda a: float(np.exp(log_density_of_median_and_range(a, m, high, n, MEAN, SD))),
        MEAN - 9 * SD, low, epsabs=0, epsrel=1e-8,
    )  # fmt: skip
    got = log_density_of_median_and_range(low, m, high, n, MEAN, SD, censored=True)
    if n % 2:  # quadrature only
        assert float(np.exp(got)) == pytest.approx(summed, rel=1e-6, abs=0)
    else:  # the lower middle value is taken to lie above the limit: a few samples are left out
        assert 0.6 * summed < float(np.exp(got)) <= summed * (1 + 1e-6)


def test_median_and_range_count_simulated_samples():
    n, cell = 6, 0.3
    sample = np.random.default_rng(3).normal(MEAN, SD, (400_000, n))
    at = np.array([MEAN - 1.2 * SD, MEAN + 0.2 * SD, MEAN + 1.3 * SD])
    seen = np.stack([sample.min(axis=1), np.median(sample, axis=1), sample.max(axis=1)], axis=1)
    inside = np.mean(np.all(np.abs(seen - at) < cell * SD / 2, axis=1))
    nodes = np.linspace(-0.5, 0.5, 7) * cell * SD
    grid = [
        [[np.exp(log_density_of_median_and_range(at[0] + x, at[1] + y, at[2] + z, n, MEAN, SD))
          for z in nodes] for y in nodes] for x in nodes
    ]  # fmt: skip
    want = np.asarray(grid, dtype=float)
    for _ in range(3):
        want = integrate.simpson(want, x=nodes, axis=0)
    # about 4000 samples in the cell: 5 SE are 8 %
    assert inside == pytest.approx(float(want), rel=0.08, abs=0)


def test_a_median_outside_its_range_is_refused():
    with pytest.raises(PhysicsRangeError, match="three values or more"):
        log_density_of_median_and_range(1.0, 0.5, 2.0, 5, MEAN, SD)
