"""Importance sampling against a posterior and an evidence known in closed form."""

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import ConvergenceError
from pdcraft.numerics.importance import sample_by_importance

SEEN = np.array([0.8, -0.5, 0.3])
SD = np.array([0.2, 0.5, 0.1])
MIX = np.array([[1.0, 0.6, 0.0, 0.0, 0.0], [0.0, 1.0, -0.4, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0, 0.3]])


def gaussian(points):
    """Three measurements of five parameters: one direction of them is seen by none."""
    return stats.norm.logpdf(SEEN, points @ MIX.T, SD).sum(axis=1)


@pytest.fixture(scope="module")
def found():
    return sample_by_importance(gaussian, 5, size=2000, last=20_000, seed=4)


@pytest.fixture(scope="module")
def exact():
    covariance = np.linalg.inv(np.eye(5) + MIX.T @ np.diag(SD**-2) @ MIX)
    return covariance @ MIX.T @ (SEEN / SD**2), covariance


def test_moments_are_those_of_the_posterior(found, exact):
    mean, covariance = exact
    sd = np.sqrt(np.diag(covariance))
    # Monte Carlo: 5 SE of a mean at this effective size; ends of the support at 3 SD take under 1 %
    allowed = 5 / np.sqrt(found.effective_size) + 0.01
    np.testing.assert_allclose(found.mean, mean, rtol=0, atol=allowed * sd.max())
    np.testing.assert_allclose(found.variance, sd**2, rtol=0.08, atol=0)


def test_evidence_is_the_density_of_the_data(found):
    want = stats.multivariate_normal.logpdf(SEEN, np.zeros(3), MIX @ MIX.T + np.diag(SD**2))
    # 1 % Monte Carlo and 1 % from the ends of the priors
    assert found.log_evidence == pytest.approx(want, rel=0, abs=0.03)


def test_resampled_points_have_the_same_mean(found):
    points = found.resampled(5000, np.random.default_rng(1))
    # systematic resampling adds less than independent draws would: 5 SE of these
    np.testing.assert_allclose(points.mean(axis=0), found.mean, rtol=0, atol=5 / np.sqrt(5000))


def test_a_likelihood_that_no_proposal_finds_is_refused():
    rng = np.random.default_rng(2)
    with pytest.raises(ConvergenceError, match="importance sampling"):
        sample_by_importance(
            lambda p: 300.0 * rng.standard_normal(len(p)), 5, size=400, last=2000, seed=1
        )
