"""The BLRM against nested adaptive quadrature, and overdose control against a naive second way."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.design import NONE, STOP, Design
from pdcraft.trial.models.blrm import Blrm, enough_nodes
from pdcraft.trial.models.blrm_design import BlrmDesign
from pdcraft.trial.models.blrm_prior import BlrmPrior, checked_intervals
from pdcraft.trial.outcomes import draw_outcomes
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import Plan, run_trials, simulate
from pdcraft.validate.tables import reference_rows

DOSES = np.array([12.5, 18.75, 25.0, 31.25, 37.5])  # any unit
PRIOR = BlrmPrior((-1.0, 0.2), (1.5, 0.7), -0.3)  # made up for the tests
N, TOX = np.array([3, 3, 6, 0, 3]), np.array([0, 0, 1, 0, 2])
RATES = (0.05, 0.12, 0.25, 0.40, 0.60)


def model(nodes=141):
    return Blrm(DOSES, 25.0, PRIOR, (0.16, 0.33, 0.60), nodes)


def density(a, b):
    """Prior times likelihood, written out with scipy's own normal distribution."""
    cov = PRIOR.correlation * PRIOR.sd[0] * PRIOR.sd[1]
    spread = [[PRIOR.sd[0] ** 2, cov], [cov, PRIOR.sd[1] ** 2]]
    p = special.expit(a + np.exp(b) * np.log(DOSES / 25.0))
    return stats.multivariate_normal(PRIOR.mean, spread).pdf([a, b]) * np.prod(
        p**TOX * (1 - p) ** (N - TOX)
    )


def nested(weight, k, limit=None):
    """Integral over both parameters; up to the log alpha at which dose k has a rate `limit`."""

    def inner(b):
        top = 8.0
        if limit is not None:
            top = special.logit(limit) - np.exp(b) * np.log(DOSES[k] / 25.0)
            top = float(np.clip(top, -11.0, 8.0))
        return integrate.quad(
            lambda a: weight(a, b) * density(a, b), -11.0, top, epsabs=0, epsrel=1e-7, limit=200
        )[0]

    return integrate.quad(inner, -3.6, 3.9, epsabs=0, epsrel=1e-6, limit=100)[0]


@pytest.mark.slow
def test_posterior_against_nested_quadrature():
    found = model().posterior(N[None], TOX[None])
    total = nested(lambda a, b: 1.0, 0)
    for k in (1, 4):
        x = np.log(DOSES[k] / 25.0)
        mean = nested(lambda a, b, x=x: special.expit(a + np.exp(b) * x), k) / total
        assert found.mean[0, k] == pytest.approx(mean, rel=3e-6, abs=0)
        below = [nested(lambda a, b: 1.0, k, limit) / total for limit in (0.16, 0.33, 0.60)]
        want = np.diff([0.0, *below, 1.0])
        # each integral to 1e-6, and both ranges end at 5 prior SDs or beyond: 6e-7
        np.testing.assert_allclose(found.intervals[0, k], want, rtol=0, atol=5e-6)


def grid_posterior(n, tox, size=401):
    """Second way: a plain grid over both parameters, every point on one side of each limit."""
    a = np.linspace(-1 - 9, -1 + 9, size)[:, None]
    b = np.linspace(0.2 - 4.2, 0.2 + 4.2, size)[None, :]
    za, zb = (a + 1.0) / 1.5, (b - 0.2) / 0.7
    rho = -0.3
    log = -(za**2 - 2 * rho * za * zb + zb**2) / 2 / (1 - rho**2)
    rates = []
    for k, dose in enumerate(DOSES):
        p = special.expit(a + np.exp(b) * np.log(dose / 25.0))
        log = log + special.xlogy(tox[k], p) + special.xlogy(n[k] - tox[k], 1 - p)
        rates.append(p)
    mass = np.exp(log - log.max())
    mass /= mass.sum()
    means = [float((mass * p).sum()) for p in rates]
    target = [float(mass[(p >= 0.16) & (p < 0.33)].sum()) for p in rates]
    over = [float(mass[p >= 0.33].sum()) for p in rates]
    return means, target, over


def test_posterior_against_a_plain_grid():
    found = model().posterior(N[None], TOX[None])
    means, target, over = grid_posterior(N, TOX)
    np.testing.assert_allclose(found.mean[0], means, rtol=1e-7, atol=0)  # ends at 6 SDs
    # a cell of the grid is 0.03 prior SDs wide; points fall on either side of a limit
    np.testing.assert_allclose(found.intervals[0, :, 1], target, rtol=0, atol=3e-3)
    np.testing.assert_allclose(found.overdose[0], over, rtol=0, atol=3e-3)


def test_stored_quadrature():
    rows = reference_rows("trials", "blrm_neuenschwander_quadrature.csv")
    prior = BlrmPrior((2.15, 0.52), (0.84, 0.80), 0.134 / (0.84 * 0.80))
    made = Blrm(np.array([float(r["dose"]) for r in rows]), 250.0, prior)
    found = made.posterior([[int(r["n"]) for r in rows]], [[int(r["tox"]) for r in rows]])
    keys = ("p_under_0_20", "p_target_20_35", "p_excess_35_60", "p_unacc_60")
    for k, r in enumerate(rows):
        assert found.mean[0, k] == pytest.approx(float(r["mean"]), rel=0, abs=1e-10)
        assert found.sd[0, k] == pytest.approx(float(r["sd"]), rel=0, abs=1e-10)
        for i, key in enumerate(keys):  # the stored grid's own error, see validate
            assert found.intervals[0, k, i] == pytest.approx(float(r[key]), rel=0, abs=4e-4)
        assert (found.overdose[0, k] < 0.25) == (r["ewoc_ok_25"] == "TRUE")


def test_grids_converge():
    fine, coarse = (model(nodes).posterior(N[None], TOX[None]) for nodes in (201, 61))
    # trapezoid and sinc sums of smooth functions: a step of 0.23 prior SDs does
    np.testing.assert_allclose(coarse.mean, fine.mean, rtol=0, atol=1e-8)
    np.testing.assert_allclose(coarse.intervals, fine.intervals, rtol=0, atol=1e-6)


def test_quantiles_have_their_shares():
    low, high = model(81).quantiles(N, TOX, [0.1, 0.9])[2]
    ends = (float(low), float(high), 0.999)
    shares = Blrm(DOSES, 25.0, PRIOR, ends, 81).posterior(N[None], TOX[None]).intervals[0, 2]
    assert shares[0] == pytest.approx(0.1, rel=1e-6, abs=0)
    assert shares[0] + shares[1] == pytest.approx(0.9, rel=1e-6, abs=0)


def test_probabilities_sum_to_one_and_rise_with_toxicity():
    tox = np.array([[0, 0, y, 0, 0] for y in range(7)])
    n = np.broadcast_to([3, 3, 6, 0, 0], tox.shape)
    found = model(81).posterior(n, tox)
    np.testing.assert_allclose(found.intervals.sum(axis=-1), 1.0, rtol=1e-12, atol=0)
    assert np.all(np.diff(found.mean, axis=0) > 0)
    assert np.all(np.diff(found.overdose, axis=0) > 0)
    assert np.all(np.diff(found.mean, axis=1) > 0)  # beta is above 0
    assert np.all(np.diff(found.overdose, axis=1) > 0)


def naive_next(n, tox, at):
    """Overdose control in words: of the admissible, one dose up at most, the likeliest target."""
    _, target, over = grid_posterior(n, tox, 201)
    best = None
    for k in range(len(DOSES)):
        if over[k] < 0.25 and k <= at + 1 and (best is None or target[k] > target[best]):
            best = k
    return best, over


def test_trial_by_trial_as_a_naive_second_way():
    trials, checked = 40, 0
    outcomes = draw_outcomes(RATES, trials, 15, seed=6)
    runs = run_trials(BlrmDesign(model(61)), outcomes, Plan(15, 3))
    for t in range(trials):
        n, tox, at = np.zeros(5, int), np.zeros(5, int), 0
        near = False
        for first in range(0, 15, 3):
            n[at] += 3
            tox[at] += int(np.sum(outcomes.tolerance[first : first + 3, t] < RATES[at]))
            going, over = naive_next(n, tox, at)
            near = near or np.min(np.abs(np.array(over) - 0.25)) < 0.01  # the grid's own error
            if going is None:
                break
            at = going
        if not near:
            checked += 1
            assert runs.n[t].tolist() == n.tolist()
            assert runs.tox[t].tolist() == tox.tolist()
    assert checked >= 15


def test_no_inadmissible_dose_is_given_or_recommended():
    design = BlrmDesign(model(61))
    outcomes = draw_outcomes((0.3, 0.5, 0.6, 0.7, 0.8), 300, 24, seed=1)
    runs = run_trials(design, outcomes, Plan(24, 3))
    found = model(61).posterior(runs.n, runs.tox)
    chosen = runs.selected != NONE
    rows = np.flatnonzero(chosen)
    assert rows.size > 20
    assert np.all(found.overdose[rows, runs.selected[rows]] < 0.25)
    assert np.all(runs.n[rows, runs.selected[rows]] > 0)
    # stopped trials: nothing was admissible
    assert np.all(found.overdose[runs.stopped].min(axis=1) >= 0.25)
    assert np.all(runs.selected[runs.stopped] == NONE)


def test_stop_and_largest_increase():
    n, tox = np.array([[3, 0, 0, 0, 0]]), np.array([[3, 0, 0, 0, 0]])
    assert BlrmDesign(model(61)).decide(n, tox, np.array([0])).tolist() == [STOP]
    assert BlrmDesign(model(61)).select(n, tox).tolist() == [NONE]
    safe = np.array([[6, 6, 0, 0, 0]]), np.zeros((1, 5), int)
    assert BlrmDesign(model(61)).decide(*safe, np.array([1])).tolist() == [2]
    assert BlrmDesign(model(61)).select(*safe).tolist() == [1]  # the third was given to nobody
    slow = BlrmDesign(model(61), most_increase=1.2)  # 25 / 18.75 is 1.33
    assert slow.decide(*safe, np.array([1])).tolist() == [1]
    assert isinstance(slow, Design)


def test_operating_characteristics_run():
    found = simulate(BlrmDesign(model(61)), Scenario.of("A", RATES), 0.25, trials=200)
    total = sum(f.value for f in found.select) + found.select_none.value
    assert total == pytest.approx(1.0, rel=1e-12, abs=0)


def test_bad_input():
    with pytest.raises(
        PhysicsRangeError, match=r"correlation 1 .* a covariance is divided by both"
    ):
        BlrmPrior((0.0, 0.0), (1.0, 1.0), 1.0)
    with pytest.raises(PhysicsRangeError, match="must be above 0"):
        BlrmPrior((0.0, 0.0), (1.0, 0.0))
    with pytest.raises(DataError, match="give three rates that rise between 0 and 1"):
        checked_intervals([0.3, 0.2, 0.6])
    with pytest.raises(DataError, match="must rise, each given once"):
        Blrm(np.array([1.0, 1.0]), 1.0, PRIOR)
    with pytest.raises(PhysicsRangeError, match="must be above 0"):
        Blrm(np.array([0.0, 1.0]), 1.0, PRIOR)
    with pytest.raises(PhysicsRangeError, match="limit of overdose control is 1; it must"):
        BlrmDesign(model(21), 1.0)
    with pytest.raises(PhysicsRangeError, match="is a ratio of doses above 1"):
        BlrmDesign(model(21), most_increase=0.5)
    with pytest.raises(DataError, match="there are 0 to n at each dose"):
        model(21).posterior([[1, 0, 0, 0, 0]], [[2, 0, 0, 0, 0]])


def test_a_wide_prior_is_resolved_or_refused():
    """A grid of 141 values, a step of 1 in log alpha, was off by 0.13 in a probability."""
    prior, doses = BlrmPrior((-1.0, 0.0), (10.0, 1.0)), np.array([2.0, 4.0])
    n, tox = np.array([[20, 20]]), np.array([[4, 8]])
    with pytest.raises(PhysicsRangeError, match=r"40 patients .* nodes=370"):
        Blrm(doses, 4.0, prior).posterior(n, tox)
    coarse, fine = (
        Blrm(doses, 4.0, prior, nodes=nodes).posterior(n, tox).intervals
        for nodes in (enough_nodes(prior, 40), 561)
    )
    # a step of 1.2 SD leaves 2e-6 of a whole Gaussian, and up to 1e-3 of one cut at a limit
    assert coarse == pytest.approx(fine, rel=0, abs=1e-3)


def test_a_prior_too_wide_for_any_grid_is_refused():
    with pytest.raises(PhysicsRangeError, match="take at most 31 and 16"):
        enough_nodes(BlrmPrior((-1.0, 0.0), (50.0, 1.0)), 30)


def test_limits_of_a_dose_far_below_the_reference():
    """Its lower limit lies below the smallest number that is a rate: zero, not an error."""
    far = Blrm(np.array([0.01, 100.0]), 100.0, BlrmPrior((-1.0, 1.0), (2.0, 1.0)), nodes=61)
    zero = np.zeros(2, dtype=int)
    limits = far.quantiles(zero, zero, [0.025, 0.5])
    assert np.all(np.diff(limits, axis=1) >= 0)
    assert limits[0, 0] < 1e-20
    # the median of log alpha is the prior's mean at the reference dose
    assert limits[1, 1] == pytest.approx(special.expit(-1.0), rel=1e-5, abs=0)
