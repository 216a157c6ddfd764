"""A tempered population against a posterior and an evidence known in closed form."""

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import ConvergenceError
from pdcraft.numerics.tempering import temper

SEEN = np.array([0.8, -0.5, 0.3])
SD = np.array([0.2, 0.5, 0.05])
MIX = np.array([[1.0, 0.6, 0.0, 0.0, 0.0], [0.0, 1.0, -0.4, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.3]])
SIZE = 6000


def gaussian(points):
    """Three measurements of five parameters: two directions of them are seen by none."""
    return stats.norm.logpdf(SEEN, points @ MIX.T, SD).sum(axis=1)


@pytest.fixture(scope="module")
def found():
    return temper(gaussian, 5, size=SIZE, moves=4, seed=4)


def test_moments_are_those_of_the_posterior(found):
    covariance = np.linalg.inv(np.eye(5) + MIX.T @ np.diag(SD**-2) @ MIX)
    mean, sd = covariance @ MIX.T @ (SEEN / SD**2), np.sqrt(np.diag(covariance))
    # 5 SE of 6000 points, and 1 % for the ends of the priors at 3 SD
    np.testing.assert_allclose(found.points.mean(axis=0), mean, rtol=0, atol=0.075 * sd.max())
    np.testing.assert_allclose(found.points.var(axis=0), sd**2, rtol=0.1, atol=0)


def test_evidence_is_the_density_of_the_data(found):
    want = stats.multivariate_normal.logpdf(SEEN, np.zeros(3), MIX @ MIX.T + np.diag(SD**2))
    # variance of the logarithm: about one over the points, per step of the power; 5 of them
    assert found.log_evidence == pytest.approx(want, rel=0, abs=5 * np.sqrt(found.steps / SIZE))


def test_points_are_not_copies(found):
    assert len(np.unique(found.points, axis=0)) > 0.95 * len(found.points)


def test_a_likelihood_on_which_no_move_is_taken_is_refused():
    def needle(points):
        return -1e9 * np.abs(points - np.round(points, 3)).sum(axis=1)

    with pytest.raises(ConvergenceError, match="moves are taken"):
        temper(needle, 3, size=200, moves=1, seed=1)
