"""Simulated trials of a design that learns from response and toxicity, all trials side by side.

Each patient has two tolerances, correlated if asked, that hold at every dose: the same patients
are treated by every design, and a patient who responds at one dose does so at any with a higher
response rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.characteristics import Figure
from pdcraft.trial.design import NONE, STOP, Bools, Ints, require_start
from pdcraft.trial.models.utility import Boin12
from pdcraft.trial.outcomes import checked_rates
from pdcraft.trial.simulate import TRIALS, Plan

__all__ = [
    "EfficacyCharacteristics",
    "EfficacyRuns",
    "efficacy_characteristics",
    "run_efficacy_trials",
]

TOLERANCES = 11  # what the stream of random numbers is for


@dataclass(frozen=True, slots=True)
class EfficacyRuns:
    """Trials one by one; arrays of shape (trials, doses), `selected` and `stopped` (trials,)."""

    n: Ints
    tox: Ints
    eff: Ints
    tox_eff: Ints
    selected: Ints
    stopped: Bools


@dataclass(frozen=True, slots=True)
class EfficacyCharacteristics:
    """Operating characteristics with their Monte Carlo errors; tuples are by dose."""

    trials: int
    select: tuple[Figure, ...]
    select_none: Figure
    mean_n: tuple[Figure, ...]
    mean_tox: tuple[Figure, ...]
    mean_eff: tuple[Figure, ...]
    stopped_early: Figure

    def document(self) -> dict[str, Any]:
        """Return it as in the JSON documents."""
        many = {
            "select": self.select,
            "mean_n": self.mean_n,
            "mean_tox": self.mean_tox,
            "mean_eff": self.mean_eff,
        }
        one = {"select_none": self.select_none, "stopped_early": self.stopped_early}
        values: dict[str, Any] = {k: [f.value for f in v] for k, v in many.items()}
        errors: dict[str, Any] = {k: [f.std_err for f in v] for k, v in many.items()}
        values |= {k: f.value for k, f in one.items()}
        errors |= {k: f.std_err for k, f in one.items()}
        return {"trials": self.trials, **values, "mcse": errors}


def _tolerances(trials: int, patients: int, correlation: float, seed: int) -> tuple[Floats, Floats]:
    from scipy.special import ndtr

    stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(TOLERANCES,)))
    first, second = stream.standard_normal((2, patients, trials))
    # a patient who tolerates little toxicity responds at lower rates if the correlation is positive
    return ndtr(first), ndtr(correlation * first + np.sqrt(1 - correlation**2) * second)


def run_efficacy_trials(
    design: Boin12,
    tox_rate: Sequence[float],
    eff_rate: Sequence[float],
    plan: Plan | None = None,
    *,
    trials: int = TRIALS,
    correlation: float = 0.0,
    seed: int = 1,
) -> EfficacyRuns:
    """Run a design.

    Parameters
    ----------
    design : Boin12
    tox_rate, eff_rate : sequence of float, one for each dose
        True rates, 0 to 1, in any order.
    plan : Plan, optional
        Without calendar, backfill and expansion.
    trials : int
    correlation : float
        Of toxicity and response in a patient (of normal tolerances), -1 to 1.
    seed : int

    Raises
    ------
    DataError
        For rates that are not one for each dose, or a plan with more than cohorts.
    PhysicsRangeError
        For rates or a correlation out of range.
    """
    plan = plan or Plan()
    toxic, response = checked_rates(tox_rate), checked_rates(eff_rate)
    if not toxic.size == response.size == design.doses:
        raise DataError(
            f"{toxic.size} toxicity and {response.size} response rates for {design.doses} doses; "
            "give one of each for every dose"
        )
    if not -1 < correlation < 1:
        raise PhysicsRangeError(f"correlation {correlation:g} must lie between -1 and 1")
    if plan.calendar or plan.backfill or plan.expansion or plan.enough is not None:
        raise DataError(f"{design.name} is simulated with cohorts only; leave the rest out")
    require_start(plan.start, design.doses)
    of_tox, of_eff = _tolerances(trials, plan.max_n, correlation, seed)
    n = np.zeros((trials, design.doses), dtype=np.intp)
    tox, eff, both = np.zeros_like(n), np.zeros_like(n), np.zeros_like(n)
    at = np.full(trials, plan.start, dtype=np.intp)
    for first, size in plan.cohorts:
        rows = np.flatnonzero(at != STOP)
        if not rows.size:
            break
        here, who = at[rows], slice(first, first + size)
        had = of_tox[who][:, rows] < toxic[here]
        responded = of_eff[who][:, rows] < response[here]
        n[rows, here] += size
        tox[rows, here] += had.sum(axis=0)
        eff[rows, here] += responded.sum(axis=0)
        both[rows, here] += (had & responded).sum(axis=0)
        at[rows] = design.decide(n[rows], tox[rows], eff[rows], both[rows], here)
    stopped = (at == STOP) & (n.sum(axis=1) < plan.max_n)
    # a trial whose last decision was to stop has no dose to recommend
    selected = np.where(at == STOP, NONE, design.select(n, tox, eff, both))
    return EfficacyRuns(n, tox, eff, both, selected, stopped)


def efficacy_characteristics(runs: EfficacyRuns) -> EfficacyCharacteristics:
    """Summarize trials."""

    def by_dose(counts: Ints) -> tuple[Figure, ...]:
        return tuple(Figure.of(column.astype(float)) for column in counts.T)

    trials, doses = runs.n.shape
    chosen = runs.selected[:, None] == np.arange(doses)
    return EfficacyCharacteristics(
        trials,
        tuple(Figure.of(column) for column in chosen.T),
        Figure.of(runs.selected == NONE),
        by_dose(runs.n),
        by_dose(runs.tox),
        by_dose(runs.eff),
        Figure.of(runs.stopped),
    )
