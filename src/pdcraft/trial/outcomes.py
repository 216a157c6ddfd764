"""What would happen to each patient of a simulated trial, at any dose, before a design asks.

Every design compared is asked to treat the same patients: patient i of trial t has one tolerance,
uniform on 0 to 1, and has a DLT at every dose whose rate is above it. Differences between designs
then come from the designs (common random numbers). Patients computed elsewhere come with their
outcome at each dose, which keeps whatever correlation they have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.design import Bools, Ints

__all__ = ["Outcomes", "PatientOutcomes", "RateOutcomes", "checked_rates", "draw_outcomes"]

TOLERANCE, ONSET = 1, 2  # what a stream of random numbers is for


class Outcomes(Protocol):
    """Outcomes of all patients that trials may enroll."""

    @property
    def trials(self) -> int:
        """Number of trials."""
        ...

    @property
    def patients(self) -> int:
        """Patients at hand in each trial."""
        ...

    @property
    def doses(self) -> int:
        """Number of doses."""
        ...

    def dlt(self, first: int, count: int, rows: Ints, dose: Ints) -> Bools:
        """Whether patients have a DLT within the window, shape (count, len(rows)).

        Parameters
        ----------
        first, count : int
            Patients ``first`` to ``first + count - 1`` of each trial.
        rows : ndarray of int, shape (k,)
            Trials.
        dose : ndarray of int, shape (k,)
            Dose that they receive.
        """
        ...

    def onset(self, first: int, count: int, rows: Ints, dose: Ints) -> Floats:
        """Time from treatment to the DLT, as a share of the window; shape (count, len(rows))."""
        ...


def checked_rates(rates: ArrayLike) -> Floats:
    """Check and copy true DLT rates by dose, shape (doses,), 0 to 1 in any order.

    Raises
    ------
    PhysicsRangeError
        For anything else.
    """
    out = np.array(rates, dtype=float)
    if out.ndim != 1 or out.size < 1 or not np.all((out >= 0) & (out <= 1)):
        raise PhysicsRangeError(
            f"true DLT rates {out.tolist()}: give one rate for each dose, from 0 to 1"
        )
    return out


@dataclass(frozen=True, slots=True)
class RateOutcomes:
    """Patients of given DLT rates.

    Parameters
    ----------
    rate : ndarray, shape (doses,)
        Rate of DLTs seen within the assessment window.
    tolerance : ndarray, shape (patients, trials)
        Uniform on 0 to 1.
    share : ndarray, shape (patients, trials), optional
        When a DLT comes, as a share of the window; without it the middle of the window.
    """

    rate: Floats
    tolerance: Floats
    share: Floats | None = None

    @property
    def trials(self) -> int:
        """Number of trials."""
        return self.tolerance.shape[1]

    @property
    def patients(self) -> int:
        """Patients at hand in each trial."""
        return self.tolerance.shape[0]

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.rate.size

    def dlt(self, first: int, count: int, rows: Ints, dose: Ints) -> Bools:
        """Whether patients have a DLT; see `Outcomes.dlt`."""
        held = self.tolerance[first : first + count]
        return (held if len(rows) == self.trials else held[:, rows]) < self.rate[dose]

    def onset(self, first: int, count: int, rows: Ints, dose: Ints) -> Floats:
        """When a DLT comes; see `Outcomes.onset`."""
        if self.share is None:
            return np.full((count, len(rows)), 0.5)
        return self.share[first : first + count][:, rows]


@dataclass(frozen=True, slots=True)
class PatientOutcomes:
    """Patients whose outcome at each dose was computed before.

    Parameters
    ----------
    toxic : ndarray of bool, shape (trials, patients, doses)
    share : ndarray, shape (trials, patients, doses), optional
        When the DLT comes, as a share of the window; without it the end of the window.
    """

    toxic: Bools
    share: Floats | None = None

    def __post_init__(self) -> None:
        if self.toxic.ndim != 3 or self.toxic.size == 0:
            raise DataError(
                f"outcomes of patients have shape {self.toxic.shape}; wanted (trials, patients, "
                "doses), none of them 0"
            )
        if self.share is not None and self.share.shape != self.toxic.shape:
            raise DataError(
                f"times of DLTs have shape {self.share.shape}, the outcomes {self.toxic.shape}; "
                "they must be the same"
            )

    @property
    def trials(self) -> int:
        """Number of trials."""
        return self.toxic.shape[0]

    @property
    def patients(self) -> int:
        """Patients at hand in each trial."""
        return self.toxic.shape[1]

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.toxic.shape[2]

    def dlt(self, first: int, count: int, rows: Ints, dose: Ints) -> Bools:
        """Whether patients have a DLT; see `Outcomes.dlt`."""
        who = np.arange(first, first + count)[:, None]
        return self.toxic[rows, who, dose]

    def onset(self, first: int, count: int, rows: Ints, dose: Ints) -> Floats:
        """When the DLT comes; see `Outcomes.onset`."""
        if self.share is None:
            return np.ones((count, len(rows)))
        who = np.arange(first, first + count)[:, None]
        return self.share[rows, who, dose]


def draw_outcomes(
    rates: ArrayLike,
    trials: int,
    patients: int,
    *,
    seed: int,
    late: float | None = None,
    block: int = 0,
) -> RateOutcomes:
    """Draw patients for trials at given rates.

    Parameters
    ----------
    rates : array_like, shape (doses,)
        DLT rates within the window.
    trials, patients : int
        Number of trials, and of patients at hand in each.
    seed : int
        The same seed gives the same tolerances whatever the rates.
    late : float, optional
        Share of the DLTs that come in the second half of the window, 0 to 1, evenly within each
        half; 0.5 is even. Without it no times are drawn.
    block : int
        Number of this block of trials; each has patients of its own.

    Raises
    ------
    DataError
        For no trial or no patient.
    PhysicsRangeError
        For rates or a share outside 0 to 1.
    """
    if trials < 1 or patients < 1:
        raise DataError(f"{trials} trials of {patients} patients: there must be 1 or more of both")
    held = checked_rates(rates)
    tolerance = _stream(seed, TOLERANCE, block).random((patients, trials))
    if late is None:
        return RateOutcomes(held, tolerance)
    if not 0 <= late <= 1:
        raise PhysicsRangeError(
            f"late DLTs: {late:g} is no share from 0 to 1 of those within the window"
        )
    u = _stream(seed, ONSET, block).random((patients, trials))
    # piecewise uniform: 1 - late of them within the first half
    first = u < 1 - late
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(first, 0.5 * u / (1 - late), 0.5 + 0.5 * (u - (1 - late)) / late)
    return RateOutcomes(held, tolerance, share)


def _stream(seed: int, what: int, block: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(what, block)))
