"""Many trials of one design at once: cohort by cohort, all trials beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.backfill import Backfill
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.characteristics import OperatingCharacteristics, characteristics
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import STOP, Design, Ints, next_dose, require_start
from pdcraft.trial.expansion import Expansion
from pdcraft.trial.outcomes import Outcomes, draw_outcomes
from pdcraft.trial.runs import TrialRuns
from pdcraft.trial.scenarios import Scenario

__all__ = ["BLOCK", "Plan", "blocks", "compare", "run_trials", "simulate"]

TRIALS = 10_000
BLOCK = 20_000  # trials beside each other; more would only take memory


@dataclass(frozen=True, slots=True)
class Plan:
    """How patients enter, whatever the design.

    Parameters
    ----------
    max_n : int
        Patients of the escalation at most.
    cohort : int
        Patients treated between two decisions.
    start : int
        Dose of the first cohort, from 0.
    enough : int, optional
        The trial ends early when the next dose already has this many patients.
    calendar : Calendar, optional
        With it, durations are simulated.
    backfill : Backfill, optional
    expansion : Expansion, optional

    Raises
    ------
    DataError
        For a cohort without patients, or larger than the trial, and other empty plans.
    """

    max_n: int = 30
    cohort: int = 3
    start: int = 0
    enough: int | None = None
    calendar: Calendar | None = None
    backfill: Backfill | None = None
    expansion: Expansion | None = None

    def __post_init__(self) -> None:
        if self.cohort < 1:
            raise DataError(f"cohort of {self.cohort} patients: it is empty; give 1 or more")
        if self.max_n < self.cohort:
            raise DataError(
                f"{self.max_n} patients in all are fewer than one cohort of {self.cohort}"
            )
        if self.enough is not None and self.enough < 1:
            raise DataError(f"enough at {self.enough} patients: give 1 or more, or leave it out")

    @property
    def cohorts(self) -> tuple[tuple[int, int], ...]:
        """First patient and size of each cohort; the last may be smaller."""
        firsts = range(0, self.max_n, self.cohort)
        return tuple((first, min(self.cohort, self.max_n - first)) for first in firsts)

    @property
    def patients(self) -> int:
        """Patients that a trial can ask for in all."""
        beside = self.backfill.per_cohort * len(self.cohorts) if self.backfill else 0
        after = self.expansion.patients if self.expansion else 0
        return self.max_n + beside + after


def _check(design: Design, outcomes: Outcomes, plan: Plan) -> None:
    if design.doses != outcomes.doses:
        raise DataError(
            f"{design.name} is for {design.doses} doses, but the outcomes are of {outcomes.doses}"
        )
    require_start(plan.start, design.doses)
    if outcomes.patients < plan.patients:
        raise DataError(
            f"outcomes of {outcomes.patients} patients in each trial are at hand, but the trial "
            f"can treat {plan.patients}"
        )


def run_trials(
    design: Design,
    outcomes: Outcomes,
    plan: Plan | None = None,
    *,
    gaps_months: Floats | None = None,
) -> TrialRuns:
    """Run a design on given patients.

    Parameters
    ----------
    design : Design
    outcomes : Outcomes
        At least ``plan.patients`` in each trial.
    plan : Plan, optional
    gaps_months : ndarray, shape (patients, trials), optional
        Times before each patient comes; needed with a calendar.

    Raises
    ------
    DataError
        If design, outcomes and plan do not fit each other, or a design answers a dose that
        does not exist.
    """
    plan = plan or Plan()
    _check(design, outcomes, plan)
    trials, doses = outcomes.trials, design.doses
    n = np.zeros((trials, doses), dtype=np.intp)
    tox = np.zeros_like(n)
    at = np.full(trials, plan.start, dtype=np.intp)
    months = np.zeros(trials)
    for i, (first, size) in enumerate(plan.cohorts):
        rows = np.flatnonzero(at != STOP)
        if not rows.size:
            break
        here = at[rows]
        toxic = outcomes.dlt(first, size, rows, here)
        n[rows, here] += size
        new_tox = np.count_nonzero(toxic, axis=0)
        tox[rows, here] += new_tox
        if plan.calendar is not None and gaps_months is not None:
            gaps = gaps_months[first : first + size][:, rows]
            onset = outcomes.onset(first, size, rows, here)
            months[rows] += plan.calendar.cohort_months(gaps, toxic, onset)
        if plan.backfill is not None:
            beside = plan.max_n + i * plan.backfill.per_cohort
            plan.backfill.treat(outcomes, beside, n, tox, rows, here)
        all_on = rows.size == trials
        seen_n, seen_tox = (n, tox) if all_on else (n[rows], tox[rows])
        going = _in_range(design, next_dose(design, seen_n, seen_tox, here, size, new_tox))
        if plan.backfill is not None:
            going = plan.backfill.restrained(seen_n, seen_tox, here, going)
        if plan.enough is not None:
            going = _unless_enough(going, seen_n, plan.enough)
        at[rows] = going
    stopped = (at == STOP) & (n.sum(axis=1) < plan.max_n)
    selected = design.select(n, tox)
    escalation_selected = selected
    if plan.expansion is not None:
        beside = plan.patients - plan.expansion.patients
        selected = plan.expansion.treat(outcomes, beside, n, tox, selected)
        if plan.calendar is not None and gaps_months is not None:
            months += plan.expansion.months(
                gaps_months[beside:], escalation_selected, plan.calendar
            )
    return TrialRuns(design.name, n, tox, selected, stopped, months if plan.calendar else None)


def simulate(
    design: Design,
    scenario: Scenario,
    target: float,
    *,
    plan: Plan | None = None,
    trials: int = TRIALS,
    seed: int = 1,
    outcomes: Outcomes | None = None,
) -> OperatingCharacteristics:
    """Operating characteristics of a design in a scenario.

    Parameters
    ----------
    design : Design
    scenario : Scenario
    target : float
        DLT rate wanted, 0 to 1.
    plan : Plan, optional
    trials : int
    seed : int
        The same seed gives the same patients to every design.
    outcomes : Outcomes, optional
        Patients computed elsewhere; the scenario then says what is true of them.

    Raises
    ------
    PhysicsRangeError
        For a target outside (0, 1).
    DataError
        If design, scenario and plan do not fit each other.
    """
    (found,) = compare(
        [design], scenario, target, plan=plan, trials=trials, seed=seed, outcomes=outcomes
    )
    return characteristics(found, scenario, target)


def compare(
    designs: Sequence[Design],
    scenario: Scenario,
    target: float,
    *,
    plan: Plan | None = None,
    trials: int = TRIALS,
    seed: int = 1,
    outcomes: Outcomes | None = None,
) -> tuple[TrialRuns, ...]:
    """Run designs on the same patients; parameters as of `simulate`.

    `characteristics` summarizes each, `paired_difference` compares two.
    """
    check_open("target DLT rate", target)
    plan = plan or Plan()
    late = scenario.late if plan.calendar else None
    parts: list[list[TrialRuns]] = [[] for _ in designs]
    for patients, gaps in blocks(scenario, plan, trials, seed, late, outcomes):
        for held, design in zip(parts, designs, strict=True):
            held.append(run_trials(design, patients, plan, gaps_months=gaps))
    return tuple(TrialRuns.joined(held) for held in parts)


def blocks(
    scenario: Scenario,
    plan: Plan,
    trials: int,
    seed: int,
    late: float | None,
    outcomes: Outcomes | None,
) -> Iterator[tuple[Outcomes, Floats | None]]:
    """Yield patients, and the times before each comes, for at most `BLOCK` trials at a time.

    Patients given are one block, whatever their number.
    """
    sizes = [outcomes.trials] if outcomes else _sizes(trials)
    for number, size in enumerate(sizes):
        patients = outcomes or draw_outcomes(
            scenario.observed_rate, size, plan.patients, seed=seed, late=late, block=number
        )
        gaps = None
        if plan.calendar is not None:
            gaps = plan.calendar.gaps_months(size, plan.patients, seed, number)
        yield patients, gaps


def _sizes(trials: int) -> list[int]:
    if trials < 1:
        raise DataError(f"{trials} trials: there must be 1 or more")
    whole, rest = divmod(trials, BLOCK)
    return [BLOCK] * whole + ([rest] if rest else [])


def _in_range(design: Design, next_dose: Ints) -> Ints:
    if next_dose.size and (next_dose.min() < STOP or next_dose.max() >= design.doses):
        wrong = next_dose[(next_dose < STOP) | (next_dose >= design.doses)][0]
        raise DataError(
            f"{design.name} asked for dose {wrong + 1}; there are doses 1 to {design.doses}, "
            "and -1 to stop"
        )
    return next_dose


def _unless_enough(going: Ints, n: Ints, enough: int) -> Ints:
    held = n[np.arange(len(going)), np.maximum(going, 0)]
    return np.where((going != STOP) & (held >= enough), STOP, going)
