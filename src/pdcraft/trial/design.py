"""What a dose-escalation design is: the two questions that a simulation asks, for many trials.

Doses are numbered from 0, in order of dose. ``n`` and ``tox`` are patients whose outcome is known
and those of them with a dose-limiting toxicity (DLT), shape (trials, doses). A design keeps no
memory of its own: all that it needs it reads from these counts, so that a dose that was
eliminated stays so, and any state of a trial can be asked about.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = [
    "DEESCALATE",
    "ELIMINATE",
    "ESCALATE",
    "LETTERS",
    "NONE",
    "STAY",
    "STOP",
    "WAIT",
    "Bools",
    "CohortDesign",
    "Design",
    "Ints",
    "TimedDesign",
    "counts_of_doses",
    "next_dose",
    "require_start",
]

Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]

STOP: Final = -1  # of `decide`: no further patient is treated
NONE: Final = -1  # of `select`: no dose is recommended
WAIT: Final = -2  # of `decide_timed`: accrual is suspended until more is known

#: Decisions, in order of severity, and the letters of the documents.
ESCALATE, STAY, DEESCALATE, ELIMINATE = 0, 1, 2, 3
LETTERS: Final = ("E", "S", "D", "DU")


@runtime_checkable
class Design(Protocol):
    """A design whose decisions wait for the outcome of every patient treated."""

    @property
    def name(self) -> str:
        """What it is called in tables and documents."""
        ...

    @property
    def doses(self) -> int:
        """Number of doses."""
        ...

    def decide(self, n: Ints, tox: Ints, at: Ints) -> Ints:
        """Dose of the next cohort.

        Parameters
        ----------
        n, tox : ndarray of int, shape (trials, doses)
            Patients assessed, and those of them with a DLT.
        at : ndarray of int, shape (trials,)
            Dose of the cohort just assessed.

        Returns
        -------
        ndarray of int, shape (trials,)
            0 to ``doses - 1``; `STOP` ends the trial.
        """
        ...

    def select(self, n: Ints, tox: Ints) -> Ints:
        """Dose recommended at the end, shape (trials,); `NONE` for no dose."""
        ...


@runtime_checkable
class CohortDesign(Design, Protocol):
    """A design that also looks at the last cohort alone, for instance not to escalate after it."""

    def decide_after(self, n: Ints, tox: Ints, at: Ints, size: int, new_tox: Ints) -> Ints:
        """Dose of the next cohort; as `decide`, with the outcome of the last cohort.

        Parameters
        ----------
        n, tox, at
            As of `decide`; the last cohort is among them.
        size : int
            Patients of the last cohort.
        new_tox : ndarray of int, shape (trials,)
            Those of them with a DLT.
        """
        ...


def next_dose(design: Design, n: Ints, tox: Ints, at: Ints, size: int, new_tox: Ints) -> Ints:
    """Ask a design for the next dose, by `decide_after` if it has that."""
    if isinstance(design, CohortDesign):
        return design.decide_after(n, tox, at, size, new_tox)
    return design.decide(n, tox, at)


@runtime_checkable
class TimedDesign(Protocol):
    """A design that decides while outcomes are pending."""

    @property
    def name(self) -> str:
        """What it is called in tables and documents."""
        ...

    @property
    def doses(self) -> int:
        """Number of doses."""
        ...

    def decide_timed(self, dose: Ints, tox: Bools, weight: Floats, at: Ints) -> Ints:
        """Dose of the next patients, from what is known at one moment.

        Parameters
        ----------
        dose : ndarray of int, shape (trials, patients)
            Dose that each patient received; -1 for a patient not yet enrolled.
        tox : ndarray of bool, shape (trials, patients)
            DLT seen so far.
        weight : ndarray, shape (trials, patients)
            Follow-up so far as a share of the assessment window, 0 to 1; 1 for whoever has
            completed it. A patient without DLT and with a weight below 1 is pending.
        at : ndarray of int, shape (trials,)
            Dose of the last patients enrolled.

        Returns
        -------
        ndarray of int, shape (trials,)
            0 to ``doses - 1``; `STOP` ends the trial, `WAIT` suspends accrual.
        """
        ...

    def select(self, n: Ints, tox: Ints) -> Ints:
        """Dose recommended at the end, shape (trials,); `NONE` for no dose."""
        ...


def require_start(start: int, doses: int) -> None:
    """Refuse a first cohort, at a dose from 0, that no dose is for.

    Raises
    ------
    DataError
    """
    if not 0 <= start < doses:
        raise DataError(f"first cohort at dose {start + 1}: there are doses 1 to {doses}")


def counts_of_doses(n: Sequence[int], tox: Sequence[int], doses: int) -> tuple[Ints, Ints]:
    """Check patients of one trial and toxicities among them, each of shape (doses,).

    Raises
    ------
    DataError
        Unless there is one of each for every dose, and no more toxicities than patients.
    """
    held = np.array(n, dtype=np.intp), np.array(tox, dtype=np.intp)
    for counts in held:
        if counts.shape != (doses,):
            raise DataError(f"counts {counts.tolist()}: give one for each of {doses} doses")
    if np.any(held[1] > held[0]) or np.any(held[1] < 0):
        raise DataError(
            f"toxicities {held[1].tolist()} among {held[0].tolist()} patients: there are 0 to n at "
            "each dose"
        )
    return held
