"""External beam: fractions at their times, alone or completing what a radionuclide gave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.linear_quadratic import check_dose

__all__ = ["Fractions", "completing_fractions", "treatment_days"]

HOURS = 24.0
WEEK_d = 7
LAST_SHARE = 1e-9  # of a fraction: what is left below is the rounding of a sum


@dataclass(frozen=True, slots=True)
class Fractions:
    """Fractions that are short against repair, so taken as instantaneous.

    Make one with `of`.

    Parameters
    ----------
    dose_Gy : ndarray, shape (..., fractions)
        0 where a subject is not given that fraction.
    at_h : ndarray, shape (fractions,)
        The same for all, increasing.
    """

    dose_Gy: Floats
    at_h: Floats

    @classmethod
    def of(cls, dose_Gy: ArrayLike, at_d: ArrayLike) -> Fractions:
        """Fractions of some doses on some days (0 is the start, parts of days are allowed)."""
        day = np.atleast_1d(np.asarray(at_d, dtype=float))
        dose = np.atleast_1d(np.asarray(dose_Gy, dtype=float))
        if dose.shape[-1] == 1:
            dose = np.broadcast_to(dose, (*dose.shape[:-1], day.size))
        return cls(frozen(dose, "dose per fraction"), frozen(HOURS * day, "time of a fraction"))

    def __post_init__(self) -> None:
        check_dose(self.dose_Gy, "dose per fraction")
        if self.at_h.ndim != 1 or self.dose_Gy.shape[-1:] != self.at_h.shape:
            raise DataError(
                f"fractions: doses {self.dose_Gy.shape} for times {self.at_h.shape}; wanted "
                "(..., fractions) and (fractions,)"
            )
        if np.any(self.at_h < 0) or np.any(np.diff(self.at_h) <= 0):
            raise PhysicsRangeError("fractions: their times increase, from 0 h or later")

    @property
    def total_Gy(self) -> Floats:
        """Total dose, shape (...)."""
        return self.dose_Gy.sum(axis=-1)


def treatment_days(number: int, first_d: float = 0.0, per_week: int = 5) -> Floats:
    """Days of fractions once a day, so many a week and then a pause.

    Parameters
    ----------
    number : int
    first_d : float
        Day of the first, a first day of the week.
    per_week : int
        1 to 7.

    Examples
    --------
    >>> treatment_days(6, first_d=3.0).tolist()
    [3.0, 4.0, 5.0, 6.0, 7.0, 10.0]
    """
    if number < 1 or not 1 <= per_week <= WEEK_d or first_d < 0:
        raise PhysicsRangeError(
            f"fractions: {number} of them, {per_week} a week, from day {first_d:g}; one or more, "
            "1 to 7 a week, from day 0 or later"
        )
    index = np.arange(number)
    return np.asarray(first_d + WEEK_d * (index // per_week) + index % per_week, dtype=float)


def completing_fractions(
    total_Gy: ArrayLike,
    given_Gy: ArrayLike,
    *,
    fraction_Gy: float = 2.0,
    first_d: float = 0.0,
    per_week: int = 5,
) -> Fractions:
    """External beam that completes a radionuclide's dose to a prescribed sum of absorbed doses.

    Full fractions and a smaller last one; each subject gets as many as are missing. The sum is
    one of absorbed doses, as a trial may prescribe it, not of effects: see
    `pdcraft.response.bed`.

    Parameters
    ----------
    total_Gy, given_Gy : array_like, shape (...)
        Prescribed in all, and of the radionuclide alone.
    fraction_Gy : float
        Above zero.
    first_d : float
        Day of the first fraction.
    per_week : int

    Examples
    --------
    >>> completing_fractions(64.0, [10.0, 61.0]).total_Gy.tolist()
    [54.0, 3.0]
    """
    if not fraction_Gy > 0:
        raise PhysicsRangeError(f"dose per fraction {fraction_Gy:g} Gy: it is above 0 Gy")
    missing = check_dose(total_Gy, "total dose") - check_dose(given_Gy, "given dose")
    missing = np.maximum(missing, 0.0)
    number = int(np.ceil(missing.max() / fraction_Gy - LAST_SHARE))
    if number < 1:
        raise PhysicsRangeError(
            "the radionuclide gives the prescribed total to every subject: no fraction is left"
        )
    left = missing[..., None] - fraction_Gy * np.arange(number)
    return Fractions.of(np.clip(left, 0.0, fraction_Gy), treatment_days(number, first_d, per_week))
