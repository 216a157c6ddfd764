"""Kaplan-Meier, log-rank and Cox: worked by hand, by naive sums, and on data with ties."""

import numpy as np
import pytest
from scipy import optimize

from pdcraft.errors import ConvergenceError, DataError
from pdcraft.trial.survival.cox import cox
from pdcraft.trial.survival.kaplan_meier import kaplan_meier
from pdcraft.trial.survival.log_rank import log_rank, rank
from pdcraft.validate.designs_phase2 import lung

RNG = np.random.default_rng(7)
TIME = np.ceil(RNG.exponential(6.0, 60))  # many ties
EVENT = RNG.random(60) < 0.7
CONTROL = RNG.random(60) < 0.5
AGE = RNG.normal(60, 10, 60)


def test_curve_by_hand():
    # 6 patients: events at 1, 3, 3, 6; censored at 3 and 5
    curve = kaplan_meier([1, 3, 3, 3, 5, 6], [1, 1, 1, 0, 0, 1])
    assert curve.at_risk.tolist() == [6, 5, 1]
    assert curve.survival == pytest.approx([5 / 6, 5 / 6 * 3 / 5, 0.0], abs=1e-15)
    greenwood = 0.5 * np.sqrt(1 / (6 * 5) + 2 / (5 * 3))
    assert curve.std_err(3.0) == pytest.approx(greenwood, rel=1e-12, abs=0)
    assert curve.quantile()[0] == 4.5  # exactly one half from 3 to 6
    assert curve.restricted_mean(6.0)[0] == pytest.approx(1 + 2 * 5 / 6 + 3 * 0.5, rel=1e-12)
    assert curve.at([0.0, 3.0, 7.0])[0] == pytest.approx([1.0, 0.5, np.nan], nan_ok=True)


def test_median_that_is_not_reached():
    curve = kaplan_meier([1, 2, 3, 4, 5], [1, 0, 0, 0, 0])
    assert curve.quantile() == (None, None, None) or curve.quantile()[0] is None
    with pytest.raises(DataError, match="carry_last"):
        curve.restricted_mean(6.0)
    assert curve.restricted_mean(6.0, carry_last=True)[0] == pytest.approx(5.0, rel=1e-12)


def naive_log_rank(rho=0.0, gamma=0.0):
    difference = variance = 0.0
    survival = 1.0
    for t in np.unique(TIME[EVENT]):
        n, n0 = (TIME >= t).sum(), ((TIME >= t) & CONTROL).sum()
        d = ((TIME == t) & EVENT).sum()
        d0 = ((TIME == t) & EVENT & CONTROL).sum()
        w = survival**rho * (1 - survival) ** gamma
        difference += w * (d0 - d * n0 / n)
        if n > 1:
            variance += w**2 * d * n0 / n * (1 - n0 / n) * (n - d) / (n - 1)
        survival *= 1 - d / n
    return difference / np.sqrt(variance)


@pytest.mark.parametrize("weights", [(0, 0), (1, 0), (0, 1), (0.5, 2)])
def test_log_rank_with_ties_against_plain_sums(weights):
    found = log_rank(TIME, EVENT, CONTROL, rho=weights[0], gamma=weights[1])
    assert found.z == pytest.approx(naive_log_rank(*weights), rel=1e-10, abs=0)


@pytest.mark.parametrize(
    ("weights", "want"),
    [((0, 0), 10.326741954885648), ((1, 0), 12.714151401157585), ((0, 1), 3.4599841660911594)],
)
def test_weights_on_the_lung_data_are_those_of_lifelines(weights, want):
    """The package lifelines 0.30.3, own run, fleming-harrington weights; rounding of sums."""
    data = lung()
    found = log_rank(
        data["time"], data["status"], data["sex"] == 1, rho=weights[0], gamma=weights[1]
    )
    assert found.chi_square == pytest.approx(want, rel=1e-12, abs=0)


def test_many_trials_at_once_are_each_alone():
    time = np.stack([TIME, TIME[::-1]])
    event, control = np.stack([EVENT, EVENT]), np.stack([CONTROL, ~CONTROL])
    together = rank(time, event, control).z()
    alone = [log_rank(time[i], event[i], control[i]).z for i in (0, 1)]
    assert together == pytest.approx(alone, rel=1e-12, abs=0)


@pytest.mark.parametrize("control", [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]])
def test_arms_whose_events_do_not_overlap_have_no_hazard_ratio(control):
    """Every event of one arm comes before all of the other: the likelihood has no maximum."""
    found = log_rank([1, 2, 3, 4, 5, 6], [1] * 6, control)
    assert found.hazard_ratio is None
    assert found.log_std_err is None
    with pytest.raises(ConvergenceError):
        cox([1, 2, 3, 4, 5, 6], [1] * 6, {"control": control})


def test_hazard_ratio_is_that_of_cox():
    found = log_rank(TIME, EVENT, CONTROL)
    fit = cox(TIME, EVENT, {"experimental": ~CONTROL}, ties="breslow")
    assert np.log(found.hazard_ratio) == pytest.approx(float(fit.estimate[0]), rel=1e-7)
    assert found.log_std_err == pytest.approx(float(fit.std_err[0]), rel=1e-7)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_cox_maximizes_its_likelihood(ties):
    """The likelihood, event by event and tie by tie, written as its formula."""
    x = np.column_stack([CONTROL, AGE / 10.0])

    def minus(beta):
        risk = np.exp(x @ beta)
        total = 0.0
        for t in np.unique(TIME[EVENT]):
            dead = (TIME == t) & EVENT
            d = dead.sum()
            total += (x[dead] @ beta).sum()
            for k in range(d):
                share = k / d if ties == "efron" else 0.0
                total -= np.log(risk[TIME >= t].sum() - share * risk[dead].sum())
        return -total

    fit = cox(TIME, EVENT, {"control": CONTROL, "age": AGE / 10.0}, ties=ties)
    best = optimize.minimize(minus, np.zeros(2), method="BFGS", options={"gtol": 1e-8})
    assert fit.estimate == pytest.approx(best.x, rel=1e-4, abs=1e-6)  # BFGS stops there
    assert fit.log_likelihood == pytest.approx(-best.fun, rel=1e-10, abs=0)
    step = 1e-3
    for i in range(2):
        e = np.eye(2)[i] * step
        bend = (
            minus(fit.estimate + e) - 2 * minus(fit.estimate) + minus(fit.estimate - e)
        ) / step**2
        assert bend > 0
    hessian = np.array(
        [
            [
                (
                    minus(fit.estimate + step * (a + b))
                    - minus(fit.estimate + step * (a - b))
                    - minus(fit.estimate - step * (a - b))
                    + minus(fit.estimate - step * (a + b))
                )
                / (4 * step**2)
                for b in np.eye(2)
            ]
            for a in np.eye(2)
        ]
    )
    error = np.sqrt(np.diag(np.linalg.inv(hessian)))
    assert fit.std_err == pytest.approx(error, rel=1e-4, abs=0)  # finite differences


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: kaplan_meier([1, 2], [1, 2]), DataError, "status 1/2 of R is not"),
        (lambda: kaplan_meier([], []), DataError, "at least one patient"),
        (lambda: kaplan_meier([-1, 2], [1, 0]), DataError, "not negative"),
        (lambda: kaplan_meier([1, 2], [1]), DataError, "one of each"),
        (lambda: log_rank([1, 2], [1, 1], [1, 1]), DataError, "both arms"),
        (lambda: log_rank([1, 2], [0, 0], [1, 0]), DataError, "no events"),
        (lambda: cox([1, 2], [1, 1], {}), DataError, "nothing to fit"),
        (lambda: cox([1, 2], [1, 1], {"a": [1, 1]}), DataError, "'a' is the same"),
        (lambda: cox([1, 2], [1, 1], {"a": [1, 2, 3]}), DataError, "3 values"),
        (
            lambda: cox([1, 2, 3], [1, 1, 1], {"a": [1, 3, 2], "b": [2, 6, 4]}),
            DataError,
            "multiples of each other",
        ),
        (lambda: cox([1, 2], [1, 1], {"a": [1, 2]}, ties="exact"), DataError, "efron, breslow"),
        (
            lambda: cox([1, 2, 3, 4], [1, 1, 0, 0], {"a": [1, 1, 0, 0]}),
            ConvergenceError,
            "separates",
        ),
    ],
)
def test_refuses_with_a_reason(call, error, said):
    with pytest.raises(error, match=said):
        call()
