"""After two stages: unbiased, covering, and a decision that keeps the error at any second stage."""

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.phase2.inference import (
    p_value,
    p_value_of_plan,
    two_stage_inference,
    umvue,
)
from pdcraft.trial.phase2.intervals import clopper_pearson, wilson
from pdcraft.trial.phase2.simon import TwoStage

PLAN = TwoStage(3, 13, 12, 43)
RATES = (0.05, 0.2, 0.33, 0.5, 0.9)


def outcomes(plan, n, rate):
    """Total responses of every end of a trial, and their chances."""
    a = np.arange(plan.n1 + 1)
    first = stats.binom.pmf(a, plan.n1, rate)
    out = {int(x): first[x] for x in a[: plan.r1 + 1]}
    for x in a[plan.r1 + 1 :]:
        for y in range(n - plan.n1 + 1):
            total = int(x) + y
            chance = first[x] * stats.binom.pmf(y, n - plan.n1, rate)
            out[total] = out.get(total, 0.0) + chance
    return out


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("n", [43, 37])
def test_estimate_is_unbiased(rate, n):
    mean = sum(c * umvue(x, PLAN.r1, PLAN.n1, n) for x, c in outcomes(PLAN, n, rate).items())
    assert mean == pytest.approx(rate, rel=1e-10, abs=0)  # 10^3 rounded terms


@pytest.mark.parametrize("rate", RATES)
def test_exact_limits_cover_in_both_tails(rate):
    above = below = 0.0
    for x, chance in outcomes(PLAN, PLAN.n, rate).items():
        result = two_stage_inference(PLAN, x, 0.2, confidence=0.9)
        above += chance * (result.low > rate)
        below += chance * (result.high < rate)
        assert result.low <= result.estimate <= result.high
    assert above <= 0.05
    assert below <= 0.05


def test_p_value_is_the_chance_of_a_higher_estimate():
    for seen in (2, 5, 12, 20):
        here = umvue(seen, PLAN.r1, PLAN.n1, PLAN.n)
        chance = sum(
            c
            for x, c in outcomes(PLAN, PLAN.n, 0.2).items()
            if umvue(x, PLAN.r1, PLAN.n1, PLAN.n) >= here - 1e-12
        )
        assert p_value(seen, PLAN.r1, PLAN.n1, PLAN.n, 0.2) == pytest.approx(
            chance, rel=1e-10, abs=0
        )


def decision(n2, first, second):
    result = two_stage_inference(PLAN, first + second, 0.2, n=PLAN.n1 + n2, first=first)
    return result.reject


@pytest.mark.parametrize("how", ["shorter", "longer", "as responses please"])
def test_type_i_error_is_kept_whatever_the_second_stage(how):
    error = 0.0
    for first in range(PLAN.r1 + 1, PLAN.n1 + 1):
        n2 = {"shorter": 21, "longer": 38, "as responses please": 5 * first - 3}[how]
        chance = stats.binom.pmf(first, PLAN.n1, 0.2)
        for second in range(n2 + 1):
            if decision(n2, first, second):
                error += chance * stats.binom.pmf(second, n2, 0.2)
    planned = PLAN.rejects(0.2)
    assert error <= planned * (1 + 1e-12)
    assert error > 0.4 * planned  # and is not kept by never rejecting


@pytest.mark.parametrize("n2", [18, 30, 35])
def test_p_value_of_the_plan_agrees_with_its_decision(n2):
    for first in range(PLAN.r1 + 1, PLAN.n1 + 1):
        values = [p_value_of_plan(PLAN, first, second, n2, 0.2) for second in range(n2 + 1)]
        assert (np.diff(values) <= 1e-12).all()
        rejects = [
            stats.binom.sf(second - 1, n2, 0.2)
            <= stats.binom.sf(PLAN.r - first, PLAN.n2, 0.2) * (1 + 1e-12)
            for second in range(n2 + 1)
        ]
        own = PLAN.rejects(0.2) * (1 + 1e-9)
        assert [v <= own for v in values] == rejects


def test_stopped_after_the_first_stage():
    result = two_stage_inference(PLAN, 2, 0.2)
    assert (result.stage, result.n, result.reject) == (1, 13, False)
    assert result.estimate == result.naive == 2 / 13
    assert result.p_value == pytest.approx(stats.binom.sf(1, 13, 0.2), rel=1e-12, abs=0)


def test_without_the_first_stage_no_decision_on_another_n():
    result = two_stage_inference(PLAN, 12, 0.2, n=40)
    assert result.reject is None
    assert result.p_value_of_plan is None
    assert two_stage_inference(PLAN, 12, 0.2, n=40, first=5).reject is not None


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: two_stage_inference(PLAN, 44, 0.2), PhysicsRangeError, "44 of 43 patients"),
        (lambda: two_stage_inference(PLAN, 2, 0.2, n=30), DataError, "cannot have gone on"),
        (lambda: two_stage_inference(PLAN, 5, 0.2, n=13), PhysicsRangeError, "another plan"),
        (lambda: two_stage_inference(PLAN, 9, 0.2, n=40, first=2), DataError, "goes on above 3"),
        (lambda: two_stage_inference(PLAN, 9, 0.2, first=11), DataError, "more than its patients"),
        (lambda: two_stage_inference(PLAN, 2, 0.2, first=1), DataError, "only one stage was run"),
        (lambda: two_stage_inference(PLAN, 9, 1.2), PhysicsRangeError, "p0 is 1.2"),
        (lambda: clopper_pearson(1, 0), PhysicsRangeError, "at least one"),
        (lambda: wilson(-1, 5), PhysicsRangeError, "-1 of 5"),
        (lambda: wilson(1, 5, 95.0), PhysicsRangeError, "confidence is 95"),
    ],
)
def test_refuses_with_a_reason(call, error, said):
    with pytest.raises(error, match=said):
        call()


@pytest.mark.parametrize(("events", "n"), [(0, 12), (5, 12), (12, 12), (3, 40)])
def test_intervals_solve_their_equations(events, n):
    low, high = clopper_pearson(events, n, 0.9)
    if events:
        assert stats.binom.sf(events - 1, n, low) == pytest.approx(0.05, rel=1e-9, abs=0)
    if events < n:
        assert stats.binom.cdf(events, n, high) == pytest.approx(0.05, rel=1e-9, abs=0)
    for limit in wilson(events, n, 0.9):
        score = (events / n - limit) ** 2 / (limit * (1 - limit) / n) if 0 < limit < 1 else None
        if score is not None:
            assert score == pytest.approx(stats.norm.ppf(0.95) ** 2, rel=1e-9, abs=0)
