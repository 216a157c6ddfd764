"""Operating characteristics: what a design does in the long run, with its Monte Carlo error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import KindError
from pdcraft.trial.design import NONE, Bools, Ints
from pdcraft.trial.phase2.intervals import clopper_pearson
from pdcraft.trial.runs import TrialRuns
from pdcraft.trial.scenarios import Scenario

__all__ = ["Figure", "OperatingCharacteristics", "characteristics", "paired_difference"]

MOSTLY = 0.6  # share of patients treated above the MTD that counts as overdosing
FEW = 6  # patients at the MTD below which it is known poorly


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over trials and its Monte Carlo standard error."""

    value: float
    std_err: float

    @classmethod
    def of(cls, values: Floats | Bools) -> Figure:
        """Mean of one value a trial; of True and False, the share of True."""
        size = len(values)
        mean = float(np.mean(values))
        if values.dtype == np.bool_:
            return cls(mean, float(np.sqrt(mean * (1 - mean) / size)))
        sd = float(np.std(values, ddof=1)) if size > 1 else 0.0
        return cls(mean, sd / float(np.sqrt(size)))


@dataclass(frozen=True, slots=True)
class OperatingCharacteristics:
    """Operating characteristics of one design in one scenario.

    Doses are the entries of the tuples, in order. None: there is no such dose in the scenario,
    or no trial to speak of.

    Parameters
    ----------
    design : str
    scenario : Scenario
    target : float
    trials : int
    select : tuple of Figure
        Selection of each dose.
    select_none : Figure
    correct : Figure
        Selection of a dose nearest the target; where all are too toxic, of none.
    acceptable : Figure
        Selection within 0.05 of the target; where all are too toxic, of none.
    overdose : Figure
        Selection of a dose more than 0.05 above the target.
    mean_n, mean_tox : tuple of Figure
        Patients and DLTs (those seen) at each dose.
    total_n, total_tox : Figure
    mostly_above : Figure
        Trials with 60% or more of their patients at doses more toxic than the MTD.
    few_at_mtd : Figure or None
        Trials with fewer than 6 patients at the MTD.
    stopped_early : Figure
        Trials that ended before the planned number of patients.
    duration_months : Figure or None
    estimate : Figure or None
        Mean observed DLT rate at the recommended dose.
    bias : Figure or None
        Of it, against the true rate of the dose recommended.
    coverage : Figure or None
        Trials whose exact 95% interval at the recommended dose holds the true rate.
    """

    design: str
    scenario: Scenario
    target: float
    trials: int
    select: tuple[Figure, ...]
    select_none: Figure
    correct: Figure
    acceptable: Figure
    overdose: Figure
    mean_n: tuple[Figure, ...]
    mean_tox: tuple[Figure, ...]
    total_n: Figure
    total_tox: Figure
    mostly_above: Figure
    few_at_mtd: Figure | None
    stopped_early: Figure
    duration_months: Figure | None
    estimate: Figure | None
    bias: Figure | None
    coverage: Figure | None

    def document(self) -> dict[str, Any]:
        """Return it as in the JSON documents: values, and beside them ``mcse``."""
        names = (
            "select",
            "select_none",
            "correct",
            "acceptable",
            "overdose",
            "mean_n",
            "mean_tox",
            "total_n",
            "total_tox",
            "mostly_above",
            "few_at_mtd",
            "stopped_early",
            "duration_months",
            "estimate",
            "bias",
            "coverage",
        )
        figures = {name: getattr(self, name) for name in names}
        head: Mapping[str, Any] = {
            "name": self.scenario.name,
            "design": self.design,
            "target": self.target,
            "trials": self.trials,
            "true_rate": self.scenario.true_rate.tolist(),
        }
        values = {name: _each(f, "value") for name, f in figures.items()}
        errors = {name: _each(f, "std_err") for name, f in figures.items()}
        return {**head, **values, "mcse": errors}


def _each(figure: Figure | tuple[Figure, ...] | None, what: str) -> Any:
    if figure is None:
        return None
    if isinstance(figure, tuple):
        return [getattr(f, what) for f in figure]
    return getattr(figure, what)


def _proportions(marked: Bools) -> tuple[Figure, ...]:
    return tuple(Figure.of(column) for column in marked.T)


def characteristics(runs: TrialRuns, scenario: Scenario, target: float) -> OperatingCharacteristics:
    """Summarize trials.

    Parameters
    ----------
    runs : TrialRuns
    scenario : Scenario
        What was true in them.
    target : float
    """
    none = runs.selected == NONE
    correct, fits = scenario.correct(target), scenario.acceptable(target)
    no_dose_is_right = not correct.any()
    n_all = runs.n.sum(axis=1)
    # of several nearest doses the highest counts; with no MTD every dose is above it
    mtd = -1 if no_dose_is_right else int(np.flatnonzero(correct)[-1])
    more_toxic = scenario.true_rate > (-1.0 if mtd < 0 else scenario.true_rate[mtd])
    above = runs.n[:, more_toxic].sum(axis=1)
    selected = runs.selected[:, None] == np.arange(runs.doses)
    estimate, bias, coverage = _at_recommended(runs, scenario)
    return OperatingCharacteristics(
        design=runs.design,
        scenario=scenario,
        target=target,
        trials=runs.trials,
        select=_proportions(selected),
        select_none=Figure.of(none),
        correct=Figure.of(none if no_dose_is_right else runs.chosen_among(correct)),
        acceptable=Figure.of(none if no_dose_is_right else runs.chosen_among(fits)),
        overdose=Figure.of(runs.chosen_among(scenario.overdose(target))),
        mean_n=tuple(Figure.of(column) for column in runs.n.T.astype(float)),
        mean_tox=tuple(Figure.of(column) for column in runs.tox.T.astype(float)),
        total_n=Figure.of(n_all.astype(float)),
        total_tox=Figure.of(runs.tox.sum(axis=1).astype(float)),
        mostly_above=Figure.of(above >= MOSTLY * n_all),
        few_at_mtd=None if no_dose_is_right else Figure.of(runs.n[:, mtd] < FEW),
        stopped_early=Figure.of(runs.stopped),
        duration_months=None if runs.months is None else Figure.of(runs.months),
        estimate=estimate,
        bias=bias,
        coverage=coverage,
    )


def _at_recommended(
    runs: TrialRuns, scenario: Scenario
) -> tuple[Figure | None, Figure | None, Figure | None]:
    """Observed rate at the recommended dose, its bias, and the coverage of its exact interval."""
    dose = np.maximum(runs.selected, 0)
    rows = np.arange(runs.trials)
    n, tox = runs.n[rows, dose], runs.tox[rows, dose]
    held = (runs.selected != NONE) & (n > 0)
    if not held.any():
        return None, None, None
    n, tox, true = n[held], tox[held], scenario.true_rate[dose[held]]
    rate = tox / n
    low, high = _exact_limits(n, tox)
    return Figure.of(rate), Figure.of(rate - true), Figure.of((low <= true) & (true <= high))


def _exact_limits(n: Ints, tox: Ints) -> tuple[Floats, Floats]:
    size = int(n.max()) + 1
    codes, where = np.unique(n * size + tox, return_inverse=True)
    limits = np.array([clopper_pearson(int(c % size), int(c // size)) for c in codes])
    return limits[where, 0], limits[where, 1]


def paired_difference(first: TrialRuns, second: TrialRuns, doses: Bools) -> Figure:
    """Compare how often a dose marked is selected: first minus second, on the same patients.

    The error is that of the paired difference, which common patients make small.

    Raises
    ------
    KindError
        If the two are not of as many trials.
    """
    if first.trials != second.trials:
        raise KindError(
            f"{first.design} ran {first.trials} trials and {second.design} {second.trials}; "
            "compare designs on the same patients"
        )
    a, b = first.chosen_among(doses), second.chosen_among(doses)
    return Figure.of(a.astype(float) - b.astype(float))
