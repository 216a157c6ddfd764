"""Sums over near neighbors against all pairs written out."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.transport.near_pairs import near_sums

REACH = 30.0
SQUARES = np.linspace(0.0, REACH**2, 20_001)


def written_out(targets, sources, weight):
    d2 = ((targets[:, None] - sources) ** 2).sum(axis=-1)
    return np.where((d2 < REACH**2) & (d2 > 0), np.exp(-d2 / 100.0), 0.0) @ weight


@pytest.mark.parametrize("spread", [100.0, 20.0])
def test_all_pairs(spread):
    rng = np.random.default_rng(3)
    places, weight = rng.uniform(-spread, spread, (1500, 3)), rng.random(1500)
    got = near_sums(places, places, weight, REACH, np.exp(-SQUARES / 100.0))
    # linear interpolation of the table bends by (0.045)^2/8 of the function at most
    np.testing.assert_allclose(got, written_out(places, places, weight), rtol=3e-6, atol=1e-12)


def test_other_targets_beyond_the_sources_too():
    rng = np.random.default_rng(4)
    sources, weight = rng.uniform(0, 50, (300, 3)), rng.random(300)
    weight[::3] = 0.0
    targets = rng.uniform(-60, 120, (500, 3))
    got = near_sums(targets, sources, weight, REACH, np.exp(-SQUARES / 100.0), threads=2)
    one = near_sums(targets, sources, weight, REACH, np.exp(-SQUARES / 100.0), threads=1)
    assert got.tolist() == one.tolist()
    np.testing.assert_allclose(got, written_out(targets, sources, weight), rtol=3e-6, atol=1e-12)
    assert (got == 0).any()


def test_no_source_no_sum_and_far_apart():
    places = np.array([[0.0, 0, 0], [1e6, 1e6, 1e6]])
    assert near_sums(places, places, np.zeros(2), 1.0, np.ones(3)).tolist() == [0.0, 0.0]
    with pytest.raises(DataError, match="the sources lie far apart"):
        near_sums(places, places, np.ones(2), 1.0, np.ones(3))
