"""A single-arm trial of response on patients made by the chain: rates, assurance, seen PFS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.numerics.inputs import stream
from pdcraft.response.patient_link import fitted_link
from pdcraft.response.patient_outcomes import patient_outcomes
from pdcraft.response.patient_simulate import Regimen
from pdcraft.study.recipes.trial_patients import DAYS_PER_MONTH
from pdcraft.trial.estimand import Estimand
from pdcraft.trial.phase2.simon import TwoStage
from pdcraft.trial.survival.kaplan_meier import kaplan_meier
from pdcraft.trial.survival.visits import Visits

__all__ = ["Phase2Plan", "Phase2Result", "simulate_phase2"]

EARLY = "progression-before-assessability"
GBq_PER_MBq = 1e-3


@dataclass(frozen=True, slots=True)
class Phase2Plan:
    """What is asked of the chain.

    Parameters
    ----------
    indication : str
    activity_MBq : tuple of float
        Lowest and highest activity in all.
    at_d : tuple of float
    response : str
        Category that counts, or better.
    rule : TwoStage
    first_d, every_d : float
        First assessment, and days between the later ones.
    dropout_per_month : float
    draws, seed : int
    """

    indication: str
    activity_MBq: tuple[float, float]
    at_d: tuple[float, ...]
    response: str
    rule: TwoStage
    first_d: float
    every_d: float
    dropout_per_month: float
    draws: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class Phase2Result:
    """What the trial would come to, by draw, each of shape (draw,).

    Parameters
    ----------
    plan : Phase2Plan
    treated, evaluable : ndarray
        Response rate over all treated, where whoever cannot be assessed has not responded, and over
        those who can be assessed.
    rate : ndarray
        Of the estimand.
    go, stop_early, expected_n : ndarray
        Of the two-stage rule, exact given the draw's rate.
    true_median_month, seen_median_month : ndarray
        Progression-free survival as it is, and as visits and dropout show it; NaN if not reached.
    """

    plan: Phase2Plan
    treated: Floats
    evaluable: Floats
    rate: Floats
    go: Floats
    stop_early: Floats
    expected_n: Floats
    true_median_month: Floats
    seen_median_month: Floats

    def document(self) -> dict[str, Any]:
        """Return it as in the JSON documents."""
        rule = self.plan.rule
        bias = self.seen_median_month - self.true_median_month
        return {
            "indication": self.plan.indication,
            "response": self.plan.response,
            "rule": {"r1": rule.r1, "n1": rule.n1, "r": rule.r, "n": rule.n},
            "rate_over_treated": _spread(self.treated),
            "rate_over_evaluable": _spread(self.evaluable),
            "rate": _spread(self.rate),
            "assurance": _spread(self.go),
            "stop_early": _spread(self.stop_early),
            "expected_n": _spread(self.expected_n),
            "pfs_median_months": _spread(self.true_median_month),
            "pfs_seen_median_months": _spread(self.seen_median_month),
            "pfs_bias_months": _spread(bias),
            "by_draw": {"rate": self.rate.tolist(), "go": self.go.tolist()},
        }


def _spread(values: Floats) -> dict[str, float | None]:
    held = values[np.isfinite(values)]
    if not held.size:
        return {"mean": None, "std_err": None, "low": None, "high": None}
    low, high = np.percentile(held, [2.5, 97.5])
    error = held.std(ddof=1) / np.sqrt(held.size) if held.size > 1 else 0.0
    return {
        "mean": float(held.mean()),
        "std_err": float(error),
        "low": float(low),
        "high": float(high),
    }


def simulate_phase2(plan: Phase2Plan, estimand: Estimand) -> Phase2Result:
    """Ask the chain for patients' responses, and the rule for its chances.

    Parameters
    ----------
    plan : Phase2Plan
    estimand : Estimand
        Of the response. Its strategy for progression before the first assessment says who counts:
        composite, all treated, such patients without response; while-on-treatment, those who can
        be assessed; else all treated, with the response that they would have shown.

    Raises
    ------
    DataError
        For an indication without link, or a category that it does not have.
    """
    link = fitted_link(plan.indication)
    low, high = (GBq_PER_MBq * a for a in plan.activity_MBq)
    cohort, _ = patient_outcomes(link, Regimen(low, high, plan.at_d), plan.draws, plan.seed)
    responded = cohort.outcomes["best_response"] >= link.who.rules.code(plan.response)
    free = cohort.outcomes["progression_free_months"]
    rng = stream(plan.seed, "study.trial.phase2.dropout")
    unit = rng.standard_exponential(free.shape)
    hazard = plan.dropout_per_month
    dropout = unit / hazard if hazard > 0 else np.full(free.shape, np.inf)
    first = plan.first_d / DAYS_PER_MONTH
    assessed = (free >= first) & (dropout >= first)
    treated = (responded & assessed).mean(axis=1)
    share = assessed.mean(axis=1)
    evaluable = np.divide(treated, share, out=np.zeros_like(treated), where=share > 0)
    strategy = estimand.strategies[EARLY]
    rate = {"composite": treated, "while-on-treatment": evaluable}.get(
        strategy, responded.mean(axis=1)
    )
    rule = plan.rule
    every = plan.every_d / DAYS_PER_MONTH
    visits = Visits(np.array([first]), every)
    dead = free >= cohort.outcomes["overall_months"]
    true, seen = _medians(free, dead, dropout, visits)
    return Phase2Result(
        plan,
        treated,
        evaluable,
        rate,
        np.array([rule.rejects(p) for p in rate]),
        np.array([rule.PET(p) for p in rate]),
        np.array([rule.EN(p) for p in rate]),
        true,
        seen,
    )


def _medians(
    free: Floats, dead: np.ndarray, dropout: Floats, visits: Visits
) -> tuple[Floats, Floats]:
    """Medians of each draw: known exactly, and by Kaplan and Meier from what visits show."""
    seen = np.where(dead, free, visits.next(free))
    event = seen <= dropout
    time = np.where(event, seen, np.maximum(visits.last(dropout), 1e-6))
    out: list[float] = []
    for t, e in zip(time, event, strict=True):
        median = kaplan_meier(t, e).quantile(0.5)[0]
        out.append(np.nan if median is None else float(median))
    return np.median(free, axis=1), np.array(out)
