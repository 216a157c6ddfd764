"""Micrometastases and counts of mice."""

import numpy as np
import pytest

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.xenograft.counts import mouse_nadirs
from pdcraft.response.xenograft.metastases import Micrometastases, relapse_day


def test_untreated_metastasis_is_seen_when_exponential_growth_has_it():
    got = relapse_day(
        np.array([[1e7, 0.0]]), np.zeros((1, 2)), np.array([0.2]), np.array([1e9]),
        np.random.default_rng(1),
    )  # fmt: skip
    assert got[0] == pytest.approx(np.log(100.0) / 0.2, rel=1e-9, abs=0)


def test_an_effect_delays_by_itself_over_the_rate():
    free = relapse_day(np.array([[1e9]]), np.zeros((1, 1)), np.array([0.1]), np.array([1e11]),
                       np.random.default_rng(1))  # fmt: skip
    late = relapse_day(np.array([[1e9]]), np.full((1, 1), 2.0), np.array([0.1]), np.array([1e11]),
                       np.random.default_rng(1))  # fmt: skip
    assert late[0] - free[0] == pytest.approx(20.0, rel=1e-6, abs=0)


def test_sterilized_share_is_poisson():
    """4,000 animals with one metastasis of mean 0.5 left: exp(-0.5) relapse never. 4 sigma."""
    n = 4000
    got = relapse_day(
        np.full((n, 1), 50.0), np.full((n, 1), np.log(100.0)), np.full(n, 0.1), np.array(1e6),
        np.random.default_rng(2),
    )  # fmt: skip
    share = np.isinf(got).mean()
    assert abs(share - np.exp(-0.5)) < 4 * np.sqrt(0.61 * 0.39 / n)


def test_numbers_of_metastases():
    radius = Micrometastases(3.0, 100.0, 0.0).draw((5000,), np.random.default_rng(3))
    assert set(np.unique(radius)) == {0.0, 100.0}
    assert (radius > 0).sum(axis=1).mean() == pytest.approx(3.0, rel=0.04, abs=0)
    with pytest.raises(PhysicsRangeError, match="above zero"):
        Micrometastases(3.0, -1.0, 0.1)


def test_counts_fall_with_the_dose_and_sooner_than_in_man():
    amplitude, decay = np.full((3, 1), 0.05), np.full((3, 1), 0.05)
    one = np.ones((3, 1))
    rates = [DoseRate.of_terms(f * amplitude, decay, 0 * one, one) for f in (0.2, 1.0)]
    found = mouse_nadirs(rates, 22.0, 1)
    lowest, day = found["platelets"]
    assert lowest.shape == (3, 2)
    assert np.all(lowest[:, 1] < lowest[:, 0])
    assert np.all(lowest <= 1.0)
    assert np.all(day < 21.0)  # in man the nadir after I-131 is in week 4 to 7
