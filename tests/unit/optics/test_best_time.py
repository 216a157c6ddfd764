"""The best option draw by draw, on draws that can be counted by hand."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.optics.best_time import best_choice

TIMES = [6.0, 24.0, 96.0]


def test_best_times_of_draws_are_counted():
    score = np.array([[1, 3, 2], [4, 3, 2], [1, 2, 3], [9, 5, 1]], float)
    tbr = np.array([[2, 2, 2], [2, 2, 2], [2, 2, 2], [1.2, 1.5, 2]])
    got = best_choice(TIMES, score, tbr)
    np.testing.assert_allclose(got.probability, [0.25, 0.5, 0.25], rtol=1e-12, atol=0)
    assert got.without == 0.0
    assert got.time_h["value"] == pytest.approx((24 + 6 + 96 + 24) / 4, rel=1e-12, abs=0)
    assert got.dose is None
    assert got.criterion == "d_prime"


def test_the_light_limit_excludes_and_draws_without_an_option_are_told():
    score = np.array([[1.0, 3.0, 2.0], [4.0, 3.0, 2.0]])
    tbr = np.array([[2.0, 2.0, 2.0], [1.0, 1.0, 1.0]])
    got = best_choice(TIMES, score, tbr, np.array([True, False, True]))
    np.testing.assert_allclose(got.probability, [0, 0, 0.5], rtol=0, atol=0)
    assert got.without == 0.5
    none = best_choice(TIMES, score, tbr, light_allowed=False)
    assert none.without == 1.0
    assert none.time_h["value"] is None


def test_time_and_dose_together():
    score = np.zeros((2, 3, 2))
    score[0, 1, 1] = score[1, 2, 0] = 1.0
    got = best_choice(TIMES, score, np.full(score.shape, 2.0), doses=[1.0, 5.0])
    assert got.probability.shape == (3, 2)
    assert got.probability[1, 1] == got.probability[2, 0] == 0.5
    assert got.time_h["value"] == 60.0
    assert got.dose["value"] == 3.0


def test_a_negative_criterion_can_be_best():
    got = best_choice([1.0, 2.0], np.array([[-5.0, -3.0]]), np.full((1, 2), 2.0))
    assert got.time_h["value"] == 2.0


def test_faults_are_refused():
    with pytest.raises(DataError, match=r"\(draws, 3\) is wanted"):
        best_choice(TIMES, np.ones((4, 2)), np.ones((4, 2)))
    with pytest.raises(DataError, match="no number"):
        best_choice(TIMES, np.full((1, 3), np.nan), np.ones((1, 3)))
