r"""After a two-stage trial: unbiased estimate, p-value, interval; also when n was not as planned.

The share of responders is biased after a trial that could stop. The uniformly minimum variance
unbiased estimate [JK04]_ averages the first stage's share over all first stages that lead to the
outcome seen. Outcomes in its order give p-value and limits: exact ones, which cover with at least
their confidence, and the rates whose p-value lies between the tails, as [KC08]_ and the R package
clinfun have them: the same lower limit, a lower upper one, which may cover less.

Planned or actual size: estimate and limits take the patients that the second stage really had as
if planned, which is right if the number did not depend on responses. The decision need not assume
that: it keeps the conditional error of the plan, given the first stage, and with it the type I
error [KC08]_. Its p-value is at most the plan's own type I error exactly if p0 is rejected.

References
----------
.. [JK04] S.-H. Jung, K. M. Kim, Stat. Med. 23, 881 (2004), doi:10.1002/sim.1653
.. [KC08] T. Koyama, H. Chen, Stat. Med. 27, 3145 (2008), doi:10.1002/sim.3123
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.roots import root
from pdcraft.trial.checks import check_count, check_open
from pdcraft.trial.phase2.binomial import mass, upper_tail
from pdcraft.trial.phase2.simon import TwoStage

__all__ = ["TwoStageResult", "p_value", "p_value_of_plan", "two_stage_inference", "umvue"]


@dataclass(frozen=True, slots=True)
class TwoStageResult:
    """What a two-stage trial says about the response rate.

    Parameters
    ----------
    responses, n : int
        Seen, and patients that were really treated.
    stage : int
        In which it ended, 1 or 2.
    estimate : float
        Unbiased (UMVUE).
    naive : float
        responses / n, biased.
    low, high : float
        Equal-tailed exact limits.
    p_value_limits : tuple of float
        Limits between which the p-value lies within the tails.
    confidence : float
    p_value : float
        Of p0, in the order of the estimate, for the patients really treated.
    reject : bool or None
        Decision of the plan; with another second stage that of its conditional error. None if the
        responses of the first stage were not told and are needed.
    p_value_of_plan : float or None
        p-value of that decision.
    """

    responses: int
    n: int
    stage: int
    estimate: float
    naive: float
    low: float
    high: float
    p_value_limits: tuple[float, float]
    confidence: float
    p_value: float
    reject: bool | None
    p_value_of_plan: float | None


def umvue(responses: int, r1: int, n1: int, n: int) -> float:
    """Unbiased estimate of the response rate [JK04]_.

    Parameters
    ----------
    responses : int
        In all; at most `r1` means that the trial ended with its first stage.
    r1, n1, n : int
        Rule of the first stage, its patients, and all patients.

    Examples
    --------
    >>> umvue(1, 1, 9, 24), round(umvue(8, 1, 9, 24), 6)
    (0.1111111111111111, 0.355706)
    """
    if responses <= r1:
        return responses / n1
    n2 = n - n1
    x1 = range(max(r1 + 1, responses - n2), min(n1, responses) + 1)
    ways = sum(comb(n1, k) * comb(n2, responses - k) for k in x1)
    first = sum(comb(n1 - 1, k - 1) * comb(n2, responses - k) for k in x1 if k > 0)
    return first / ways  # whole numbers: exact up to this division


def p_value(responses: int, r1: int, n1: int, n: int, rate: float) -> float:
    """Probability, at a true rate, of an estimate as high as that of `responses` or higher.

    Examples
    --------
    >>> round(p_value(8, 1, 9, 24, 0.1), 8)
    0.00155074
    """
    if responses <= r1:
        return float(upper_tail(n1, rate)[responses])
    x1 = np.arange(r1 + 1, n1 + 1)
    needed = np.clip(responses - x1, 0, n - n1 + 1)
    return float((mass(n1, rate)[x1] * upper_tail(n - n1, rate)[needed]).sum())


def p_value_of_plan(plan: TwoStage, first: int, second: int, n2: int, p0: float) -> float:
    """p-value of the plan's decision when the second stage had `n2` patients [KC08]_.

    The conditional p-value of the second stage is turned into the rate at which the planned second
    stage would reject just as often; the p-value is the probability that the plan rejects when its
    second stage has that rate.

    Parameters
    ----------
    plan : TwoStage
    first, second : int
        Responses of the first and of the second stage.
    n2 : int
        Patients that the second stage really had.
    p0 : float
    """
    from scipy.special import betaincinv

    if first <= plan.r1:
        return float(upper_tail(plan.n1, p0)[first])
    conditional = float(upper_tail(n2, p0)[second])
    needed = plan.r + 1 - first
    if needed <= 0:  # rejected whatever the second stage holds
        rate = 0.0
    elif needed > plan.n2:  # rejected never
        rate = 1.0
    else:
        rate = float(betaincinv(needed, plan.n2 - needed + 1, conditional))
    x1 = np.arange(plan.r1 + 1, plan.n1 + 1)
    threshold = np.clip(plan.r + 1 - x1, 0, plan.n2 + 1)
    return float((mass(plan.n1, p0)[x1] * upper_tail(plan.n2, rate)[threshold]).sum())


def two_stage_inference(
    plan: TwoStage,
    responses: int,
    p0: float,
    *,
    n: int | None = None,
    first: int | None = None,
    confidence: float = 0.95,
) -> TwoStageResult:
    """Analyze a two-stage trial.

    Parameters
    ----------
    plan : TwoStage
        As designed.
    responses : int
        In all.
    p0 : float
        Rate of the null hypothesis.
    n : int, optional
        Patients really treated, if not as planned.
    first : int, optional
        Responses among the first n1; needed for the decision if `n` is not as planned.
    confidence : float

    Raises
    ------
    PhysicsRangeError
        For counts that cannot be.
    DataError
        If `first` and `responses` contradict each other or the rule.

    Examples
    --------
    >>> result = two_stage_inference(TwoStage(1, 10, 5, 29), 7, 0.1)
    >>> round(result.estimate, 4), round(result.low, 4), round(result.high, 4), result.reject
    (0.2822, 0.1072, 0.4694, True)
    """
    check_open("p0", p0)
    check_open("confidence", confidence)
    stopped = responses <= plan.r1 and n in (None, plan.n1)
    treated = plan.n1 if stopped else plan.n if n is None else n
    if not stopped and treated <= plan.n1:
        raise PhysicsRangeError(
            f"{responses} responses of {treated} patients: a trial that goes on has more than its "
            f"first stage, {plan.n1}; a first stage of another size is another plan"
        )
    check_count("responses", responses, treated)
    n2 = treated - plan.n1
    _check_first(plan, responses, first, n2)
    total = treated if n2 else plan.n
    value = p_value(responses, plan.r1, plan.n1, total, p0)
    if stopped or treated == plan.n:
        reject, of_plan = responses > plan.r, value
    elif first is None:
        reject, of_plan = None, None
    else:
        chance = float(upper_tail(n2, p0)[responses - first])
        reject = chance <= plan.conditional_error(first, p0)
        of_plan = p_value_of_plan(plan, first, responses - first, n2, p0)
    tail = 0.5 * (1.0 - confidence)
    low, high, inner = (
        _rate(plan, count, total, wanted)
        for count, wanted in (
            (responses, tail),
            (responses + 1, 1.0 - tail),
            (responses, 1.0 - tail),
        )
    )
    return TwoStageResult(
        responses=responses,
        n=treated,
        stage=1 if stopped else 2,
        estimate=umvue(responses, plan.r1, plan.n1, total),
        naive=responses / treated,
        low=low,
        high=high,
        p_value_limits=(low, inner),
        confidence=confidence,
        p_value=value,
        reject=reject,
        p_value_of_plan=of_plan,
    )


def _check_first(plan: TwoStage, responses: int, first: int | None, n2: int) -> None:
    if n2 and responses <= plan.r1:
        raise DataError(
            f"{responses} responses in all, but the plan stops at {plan.r1} or fewer of the first "
            f"{plan.n1}: it cannot have gone on to {plan.n1 + n2} patients"
        )
    if first is None:
        return
    if n2 == 0:
        if first != responses:
            raise DataError(f"{first} first and {responses} responses; only one stage was run")
        return
    if not plan.r1 < first <= plan.n1 or not 0 <= responses - first <= n2:
        raise DataError(
            f"{first} responses of the first {plan.n1} and {responses} in all of {plan.n1 + n2}: "
            f"the plan goes on above {plan.r1}, and a stage cannot have more than its patients"
        )


def _rate(plan: TwoStage, count: int, n: int, probability: float) -> float:
    """Rate at which an estimate as high as that of `count` responses has a probability."""
    if count == 0:
        return 0.0
    if count > n:
        return 1.0

    def off(rate: float) -> float:
        return p_value(count, plan.r1, plan.n1, n, rate) - probability

    return root(off, 0.0, 1.0)
