"""Expansion cohort: more patients at the dose that the escalation chose, watched for toxicity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import NONE, Ints
from pdcraft.trial.outcomes import Outcomes
from pdcraft.trial.table import toxic_probability

__all__ = ["Expansion"]


@dataclass(frozen=True, slots=True)
class Expansion:
    """Patients treated at the recommended dose after the escalation.

    After each cohort the posterior probability (uniform prior, all patients at that dose) that
    the DLT rate is above the target is looked at; above the cutoff the expansion ends and the
    next lower dose that was tried is recommended, or none.

    Parameters
    ----------
    patients : int
    target : float
    cohort : int
        Patients between two looks.
    cutoff : float

    Raises
    ------
    DataError
        For empty cohorts.
    PhysicsRangeError
        For a target or a cutoff outside (0, 1).
    """

    patients: int
    target: float
    cohort: int = 3
    cutoff: float = 0.95

    def __post_init__(self) -> None:
        if self.patients < 1 or self.cohort < 1:
            raise DataError(
                f"expansion of {self.patients} patients in cohorts of {self.cohort}: both must be "
                "1 or more; leave the expansion out for none"
            )
        check_open("expansion: target DLT rate", self.target)
        check_open("expansion: cutoff", self.cutoff)

    def treat(self, outcomes: Outcomes, first: int, n: Ints, tox: Ints, selected: Ints) -> Ints:
        """Treat them; `n` and `tox` are updated in place; returns the dose recommended then."""
        rows = np.flatnonzero(selected != NONE)
        recommended = selected.copy()
        for patient in range(first, first + self.patients, self.cohort):
            size = min(self.cohort, first + self.patients - patient)
            dose = selected[rows]
            toxic = outcomes.dlt(patient, size, rows, dose)
            n[rows, dose] += size
            tox[rows, dose] += np.count_nonzero(toxic, axis=0)
            over = toxic_probability(n[rows, dose], tox[rows, dose], self.target) > self.cutoff
            recommended[rows[over]] = _below(n[rows[over]], dose[over])
            rows = rows[~over]
        return recommended

    def months(self, gaps_months: Floats, selected: Ints, calendar: Calendar) -> Floats:
        """Time to the last assessment if all its patients come; 0 for trials without a dose."""
        whole = gaps_months[: self.patients].sum(axis=0) + calendar.window_months
        return np.where(selected == NONE, 0.0, whole)


def _below(n: Ints, dose: Ints) -> Ints:
    """Highest dose below that has patients; `NONE` if there is none."""
    number = np.arange(n.shape[1])
    tried = (n > 0) & (number < dose[:, None])
    return np.where(tried, number, NONE).max(axis=1, initial=NONE)
