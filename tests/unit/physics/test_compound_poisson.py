"""Sums of Poisson numbers of events, against closed forms."""

import numpy as np
import pytest
from scipy.stats import nbinom, poisson

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.compound_poisson import compound_poisson


def test_events_of_one_size_are_poisson():
    p = compound_poisson(np.array([0.0, 1.0]), 7.5)
    # round-off of the transform
    np.testing.assert_allclose(p[:30], poisson.pmf(np.arange(30), 7.5), rtol=1e-9, atol=1e-15)


def test_logarithmic_events_are_negative_binomial():
    # Quenouille: a Poisson number of logarithmic counts is negative binomial
    q = 0.4
    k = np.arange(200)
    single = np.zeros(200)
    single[1:] = -(q ** k[1:]) / (k[1:] * np.log1p(-q))
    r = 3.0
    p = compound_poisson(single, -r * np.log1p(-q))
    np.testing.assert_allclose(p[:40], nbinom.pmf(k[:40], r, 1 - q), rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("events", [0.01, 1.0, 40.0, 3000.0])
def test_moments_are_those_of_the_events(events):
    rng = np.random.default_rng(3)
    single = rng.random(150)
    single[0] = 0.0
    single /= single.sum()
    p = compound_poisson(single, events)
    z = np.arange(p.size)
    x = np.arange(150)
    mean = events * single @ x
    assert p.sum() == pytest.approx(1.0, rel=1e-9, abs=0)
    assert p @ z == pytest.approx(mean, rel=1e-9, abs=0)
    assert p @ (z - mean) ** 2 == pytest.approx(events * single @ x**2, rel=1e-8, abs=0)
    assert p[0] == pytest.approx(np.exp(-events), rel=1e-6, abs=1e-15)


def test_no_events_and_too_many_are_refused():
    with pytest.raises(PhysicsRangeError, match="number of events is above 0, got 0"):
        compound_poisson(np.array([0.0, 1.0]), 0.0)
    with pytest.raises(PhysicsRangeError, match="coarser grid of single events"):
        compound_poisson(np.array([0.0, 1.0]), 1e9)
