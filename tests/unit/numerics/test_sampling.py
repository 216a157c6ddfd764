"""The sampler against densities whose moments are known, its diagnostics against faulty chains."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.numerics.sampling import Chains, sample

MEAN = np.array([1.0, -2.0])
COVARIANCE = np.array([[1.0, 0.9], [0.9, 1.0]])


def gaussian(x):
    d = x - MEAN
    return -0.5 * np.einsum("ni,ij,nj->n", d, np.linalg.inv(COVARIANCE), d)


def starts(ensembles=3, walkers=16, seed=1):
    return np.random.default_rng(seed).normal(0.0, 2.0, (ensembles, walkers, 2))


def test_moments_of_a_correlated_gaussian():
    chains = sample(gaussian, starts(), steps=2000, burn_in=300, seed=7)
    flat = chains.values.reshape(-1, 2)
    size = chains.effective_size
    assert np.all(size > 2000)
    # 5 standard errors from the effective size, two means and three moments; fixed seed
    assert np.all(np.abs(flat.mean(axis=0) - MEAN) < 5 / np.sqrt(size))
    np.testing.assert_allclose(
        np.cov(flat.T), COVARIANCE, rtol=0, atol=5 * 1.5 / np.sqrt(size.min())
    )
    assert np.all(chains.split_rhat < 1.02)
    assert 0.1 < chains.acceptance < 0.7


def test_no_dimension_is_narrowed():
    """A wrong Jacobian of a move shows in the variance, and the more the more dimensions."""
    dimensions = 12
    start = np.random.default_rng(4).standard_normal((2, 40, dimensions))
    chains = sample(lambda x: -0.5 * (x**2).sum(axis=-1), start, steps=1500, burn_in=200, seed=3)
    flat = chains.values.reshape(-1, dimensions)
    # standard error of the mean variance of 12 dimensions; 5 of them are about 3%
    error = np.sqrt(2 / (chains.effective_size.mean() * dimensions))
    assert error < 0.01
    assert flat.var(axis=0).mean() == pytest.approx(1.0, rel=0, abs=5 * error)


def test_the_seed_fixes_everything():
    one = sample(gaussian, starts(), steps=50, burn_in=10, seed=7)
    two = sample(gaussian, starts(), steps=50, burn_in=10, seed=7)
    three = sample(gaussian, starts(), steps=50, burn_in=10, seed=8)
    assert np.array_equal(one.values, two.values)
    assert not np.array_equal(one.values, three.values)


def test_effective_size_of_a_known_autoregression():
    # x_t = a x_(t-1) + noise: integrated autocorrelation time (1 + a) / (1 - a)
    rng, a, steps = np.random.default_rng(2), 0.8, 4000
    x = np.empty((2, steps, 8, 1))
    x[:, 0] = rng.standard_normal((2, 8, 1))
    for t in range(1, steps):
        x[:, t] = a * x[:, t - 1] + np.sqrt(1 - a**2) * rng.standard_normal((2, 8, 1))
    want = x.size * (1 - a) / (1 + a)
    assert Chains(x, 1.0).effective_size[0] == pytest.approx(want, rel=0.15, abs=0)


def test_rhat_sees_an_ensemble_apart_and_a_drift():
    rng = np.random.default_rng(3)
    good = rng.standard_normal((2, 500, 8, 1))
    assert Chains(good, 1.0).split_rhat[0] < 1.01
    apart = good + np.array([0.0, 1.0])[:, None, None, None]
    assert Chains(apart, 1.0).split_rhat[0] > 1.05
    drift = good + np.linspace(0, 2, 500)[None, :, None, None]
    assert Chains(drift, 1.0).split_rhat[0] > 1.05


def test_a_start_outside_is_refused():
    def half(x):
        return np.where(x[:, 0] > 0, gaussian(x), -np.inf)

    with pytest.raises(DataError, match="starts where the density is zero"):
        sample(half, starts(), steps=5, burn_in=0, seed=1)


def test_thinning_spreads_over_walkers_and_time():
    step, walker = np.meshgrid(np.arange(100), np.arange(8), indexing="ij")
    chains = Chains(np.stack([step, walker], axis=-1)[None].astype(float), 1.0)
    draws = chains.thinned(80)
    assert set(draws[:, 1]) == set(range(8))
    for one in range(8):  # ten draws a walker, about ten steps apart
        assert np.diff(draws[draws[:, 1] == one, 0]).min() >= 9
    with pytest.raises(DataError, match="801 draws asked of 800"):
        chains.thinned(801)
