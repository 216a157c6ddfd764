"""Trials that decide while outcomes are pending, on a calendar; all trials beside each other.

Patients are enrolled one by one. After each cohort the design is asked, at the moment when the
next patient comes, with what is known then; while it suspends accrual, that patient waits until
the next outcome is known and the design is asked again. Other designs can be run on the same
calendar and the same patients by `simulate`, which waits for every outcome.
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.characteristics import OperatingCharacteristics, characteristics
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import (
    STOP,
    WAIT,
    Bools,
    Ints,
    TimedDesign,
    require_start,
)
from pdcraft.trial.outcomes import Outcomes
from pdcraft.trial.runs import TrialRuns
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import TRIALS, Plan, blocks

__all__ = ["run_timed", "simulate_timed"]


def _known(
    enrolled: Floats, toxic: Bools, ends: Floats, now: Floats, window: float
) -> tuple[Bools, Floats]:
    """DLTs seen by now and follow-up in windows; 1 once the outcome is known."""
    done = ends <= now[:, None]
    share = np.clip((now[:, None] - enrolled) / window, 0.0, 1.0)
    return toxic & done, np.where(done, 1.0, np.minimum(share, 1.0 - 1e-12))


def run_timed(
    design: TimedDesign, outcomes: Outcomes, plan: Plan, gaps_months: Floats
) -> TrialRuns:
    """Run a design on given patients.

    Parameters
    ----------
    design : TimedDesign
    outcomes : Outcomes
    plan : Plan
        With a calendar; without backfill, expansion and `enough`.
    gaps_months : ndarray, shape (patients, trials)
        Times before each patient comes.

    Raises
    ------
    DataError
        For a plan that is not of this kind, or that the outcomes do not suffice for.
    """
    calendar = _calendar(design, outcomes, plan)
    window, trials = calendar.window_months, outcomes.trials
    size = plan.max_n
    dose = np.full((trials, size), -1, dtype=np.intp)
    toxic = np.zeros((trials, size), dtype=bool)
    enrolled = np.full((trials, size), np.inf)
    ends = np.full((trials, size), np.inf)  # when each outcome is known
    at = np.full(trials, plan.start, dtype=np.intp)
    now = np.zeros(trials)
    for first, count in plan.cohorts:
        if first:
            rows = np.flatnonzero(at != STOP)
            now[rows] += gaps_months[first, rows]
            _ask(design, rows, (dose, toxic, enrolled, ends), at, now, window)
        rows = np.flatnonzero(at != STOP)
        if not rows.size:
            break
        here = at[rows]
        got = outcomes.dlt(first, count, rows, here)
        onset = outcomes.onset(first, count, rows, here)
        for k in range(count):
            if k or not first:
                now[rows] += gaps_months[first + k, rows]
            dose[rows, first + k] = here
            toxic[rows, first + k] = got[k]
            enrolled[rows, first + k] = now[rows]
            ends[rows, first + k] = now[rows] + window * np.where(got[k], onset[k], 1.0)
    months = np.where(np.isfinite(ends), ends, 0.0).max(axis=1)
    each = dose[:, :, None] == np.arange(design.doses)
    n, tox = each.sum(axis=1), (each & toxic[:, :, None]).sum(axis=1)
    stopped = (at == STOP) & (n.sum(axis=1) < size)
    return TrialRuns(design.name, n, tox, design.select(n, tox), stopped, months)


def _ask(
    design: TimedDesign,
    rows: Ints,
    held: tuple[Ints, Bools, Floats, Floats],
    at: Ints,
    now: Floats,
    window: float,
) -> None:
    """Ask the design until nobody has to wait; `at` and `now` are updated in place."""
    dose, toxic, enrolled, ends = held
    waiting = rows
    while waiting.size:
        moment = now[waiting]
        seen, weight = _known(enrolled[waiting], toxic[waiting], ends[waiting], moment, window)
        answer = design.decide_timed(dose[waiting], seen, weight, at[waiting])
        told = answer != WAIT
        at[waiting[told]] = answer[told]
        waiting = waiting[~told]
        # the next outcome that becomes known ends the wait
        later = ends[waiting]
        later = np.where(later > now[waiting][:, None], later, np.inf)
        soonest = later.min(axis=1, initial=np.inf)
        if np.any(np.isinf(soonest) | np.all(dose[waiting] < 0, axis=1)):
            raise DataError(f"{design.name} waits although every outcome is known")
        now[waiting] = soonest


def _calendar(design: TimedDesign, outcomes: Outcomes, plan: Plan) -> Calendar:
    if plan.calendar is None:
        raise _needs_calendar(design)
    if plan.backfill or plan.expansion or plan.enough is not None:
        raise DataError(
            f"{design.name}: backfill, expansion and early ends are simulated for designs that "
            "wait for every outcome; leave them out"
        )
    if design.doses != outcomes.doses or outcomes.patients < plan.max_n:
        raise DataError(
            f"{design.name} for {design.doses} doses and {plan.max_n} patients does not fit "
            f"outcomes of {outcomes.patients} patients at {outcomes.doses} doses"
        )
    require_start(plan.start, design.doses)
    return plan.calendar


def simulate_timed(
    design: TimedDesign,
    scenario: Scenario,
    target: float,
    *,
    plan: Plan,
    trials: int = TRIALS,
    seed: int = 1,
    outcomes: Outcomes | None = None,
) -> OperatingCharacteristics:
    """Operating characteristics of a design that decides while outcomes are pending.

    Parameters and patients are those of `simulate`: the same seed gives the same patients, who
    come at the same intervals.
    """
    check_open("target DLT rate", target)
    if plan.calendar is None:
        raise _needs_calendar(design)
    held = [
        run_timed(design, patients, plan, gaps)
        for patients, gaps in blocks(scenario, plan, trials, seed, scenario.late, outcomes)
        if gaps is not None
    ]
    return characteristics(TrialRuns.joined(held), scenario, target)


def _needs_calendar(design: TimedDesign) -> DataError:
    return DataError(f"{design.name} decides while outcomes are pending: the plan needs a calendar")
