"""Shrinkage at its limits, residuals whitened, NPDE and pcVPC of right and wrong models."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import DataError
from pdcraft.kinetics.population import Exponentials, Parameter, from_observations
from pdcraft.kinetics.population.diagnostics import (
    cwres,
    epsilon_shrinkage,
    eta_shrinkage,
    iwres,
    npde,
)
from pdcraft.kinetics.population.objective import conditional_modes
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.simulate import replicates, simulate
from pdcraft.kinetics.population.statement import Statement
from pdcraft.kinetics.population.uncertainty import marginal_variance
from pdcraft.kinetics.population.vpc import predictive_check

TIMES = [0.5, 1.0, 2.0, 4.0, 8.0, 12.0]


def truth(n, error_sd, *, seed=1, shifted=0.0, kind="proportional"):
    """A bi-exponential population at its true values with data drawn from them.

    ``shifted`` moves the typical size of the fitted statement away from the truth.
    """
    times = np.tile(TIMES, n)
    names = [str(i) for i in np.repeat(np.arange(n), len(TIMES))]
    design = from_observations(names, times, np.zeros(times.size))
    spread = {"A1": 0.4, "k1": 0.3}
    parameters = tuple(
        Parameter(name, start, random=name in spread, spread=spread.get(name))
        for name, start in {"A1": 10.0, "k1": 0.5, "A2": 2.0, "k2": 0.05}.items()
    )
    statement = Statement(Exponentials(2), parameters, design, error=kind)
    vector = statement.start(error_sd, error_sd)
    rng = np.random.default_rng(seed)
    seen, eta = simulate(statement, statement.values(vector[None]), 1, rng)
    statement = replace(statement, records=design.with_values(seen[0]))
    vector[0] += shifted
    u, _ = conditional_modes(statement, statement.values(vector[None]), np.zeros((1, n, 2)))
    return PopulationFit(statement, "foce", vector, u[0], 0.0, 0), eta[0]


def test_precise_data_leave_nothing_to_shrink():
    result, eta = truth(50, 0.001)
    # modes are the effects drawn: the remaining error is 0.001 of a curve over 0.3
    np.testing.assert_allclose(result.eta, eta, rtol=0, atol=0.01)
    omega = np.array([0.4, 0.3])
    want = 1 - np.sqrt((eta**2).mean(axis=0)) / omega
    assert list(eta_shrinkage(result).values()) == pytest.approx(want, rel=0, abs=0.01)


def test_data_that_say_nothing_shrink_everything():
    result, _ = truth(50, 1e4, kind="additive")
    assert all(s > 0.999 for s in eta_shrinkage(result).values())
    assert epsilon_shrinkage(result) == pytest.approx(0, abs=0.1)  # SD of 300 residuals: 4 %


def test_the_residual_error_shrinks_with_what_the_subjects_take():
    # two random effects of six values, well known: SD of residuals is sqrt(4/6) of the error
    result, _ = truth(400, 0.01)
    assert epsilon_shrinkage(result) == pytest.approx(1 - np.sqrt(4 / 6), abs=0.03)
    assert iwres(result).shape == (400, 6)


def test_cwres_are_white_for_a_right_model():
    """Mean, variance and correlation of 1800 values; 4 SD each: 2 false alarms in 1e4."""
    found = cwres(truth(300, 0.05)[0])
    assert abs(found.mean()) < 4 / np.sqrt(found.size)
    assert abs(found.var() - 1) < 4 * np.sqrt(2 / found.size)
    off = np.corrcoef(found.T)[np.triu_indices(6, 1)]
    assert np.abs(off).max() < 5 / np.sqrt(300)  # the largest of 15


def test_cwres_are_a_symmetric_root_of_the_marginal_variance():
    result, _ = truth(5, 0.1)
    at = result.at_modes
    off = (
        result.statement.records.value
        - at.prediction[0]
        + (at.by_u[0] @ result.u[..., None])[..., 0]
    )
    inverse = np.linalg.inv(marginal_variance(result))
    want = np.einsum("sm,sml,sl->s", off, inverse, off)
    assert (cwres(result) ** 2).sum(axis=1) == pytest.approx(want, rel=1e-9, abs=0)


@pytest.mark.slow
def test_npde_of_a_right_model_are_standard_normal():
    """Kolmogorov-Smirnov and chi-square of 1800 values: fails a right model 2 times in 1e4.

    Sees a typical size that is a factor 1.65 off, and an error that is 30 % off.
    """
    found = npde(truth(300, 0.1, seed=4)[0], n=2000).ravel()
    assert stats.kstest(found, "norm").pvalue > 1e-4
    spread = (found**2).sum()
    assert 1e-4 < stats.chi2.cdf(spread, found.size) < 1 - 1e-4
    shifted = npde(truth(300, 0.1, seed=4, shifted=0.5)[0], n=2000).ravel()
    assert stats.kstest(shifted, "norm").pvalue < 1e-4
    result, _ = truth(300, 0.1, seed=4)
    vector = result.vector.copy()
    vector[-1] += np.log(1.3)
    wide = npde(replace(result, vector=vector), n=2000).ravel()
    assert stats.chi2.cdf((wide**2).sum(), wide.size) < 1e-4


def test_npde_do_not_hang_together_within_a_subject():
    """Correlation of 300 subjects, the largest of 15 pairs beyond 5 SD: 1 false alarm in 1e5."""
    result, _ = truth(300, 0.05)
    assert np.abs(np.corrcoef(result.statement.records.value.T)[0, 1]) > 0.8  # the values do
    off = np.corrcoef(npde(result, n=300).T)[np.triu_indices(6, 1)]
    assert np.abs(off).max() < 5 / np.sqrt(300)


def test_npde_are_the_same_for_the_same_seed_and_refuse_too_few_studies():
    result, _ = truth(20, 0.1)
    assert np.array_equal(npde(result, n=100, seed=3), npde(result, n=100, seed=3))
    with pytest.raises(DataError, match="50 simulated studies for 6 observations; give 60"):
        npde(result, n=50)


def test_simulated_studies_have_the_spread_of_the_model():
    result, _ = truth(4, 0.1)
    seen = replicates(result, 4000, seed=2)
    # at the first time the curve is nearly A1: log SD of 0.4 and 0.1 within, 2 % of A2
    logs = np.log(seen[..., 0]).std(axis=0)
    want = np.sqrt(0.34**2 + 0.1**2 + (0.86 * 0.3 * 0.25) ** 2)
    assert logs == pytest.approx(np.full(4, want), rel=0.1, abs=0)


def test_predictive_check_holds_a_right_model_and_shows_a_wrong_one():
    """At 95 % bands of 18 quantiles a right model has 17 inside; fewer than 12 never by chance."""
    right = predictive_check(truth(150, 0.1)[0], bins=6, n=200)
    assert right.time_h.tolist() == TIMES
    assert right.inside > 0.7
    assert np.all(right.low <= right.middle)
    assert np.all(right.middle <= right.high)
    wrong = predictive_check(truth(150, 0.1, shifted=0.5)[0], bins=6, n=200)
    assert wrong.inside < 0.5


def test_prediction_correction_brings_doses_together():
    """Subjects of a size known in advance: corrected values do not depend on it."""
    times, names = np.tile(TIMES, 40), np.repeat(np.arange(40), len(TIMES))
    size = np.where(names % 2 == 0, 1.0, 10.0)
    from pdcraft.kinetics.population import Covariate

    value = 3 * size * np.exp(-0.2 * times)
    records = from_observations([str(i) for i in names], times, value, {"S": size})
    parameters = (
        Parameter("A1", 3.0, covariates=(Covariate("S", 1.0, 1.0),), spread=0.01),
        Parameter("k1", 0.2, random=False),
    )
    statement = Statement(Exponentials(1), parameters, records, error="proportional")
    vector = statement.start(0.01, 0.01)
    check = predictive_check(
        PopulationFit(statement, "foce", vector, np.zeros((40, 1)), 0.0, 0), bins=6, n=50
    )
    for at in TIMES:  # one value per time, whatever the size
        here = check.point[check.point_time_h == at]
        assert here == pytest.approx(np.full(40, here[0]), rel=1e-12, abs=0)
    with pytest.raises(DataError, match="give 20 and 1"):
        predictive_check(truth(5, 0.1)[0], n=2)
