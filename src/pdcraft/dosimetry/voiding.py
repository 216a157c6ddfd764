r"""Volume of the urinary bladder between voids: filling, voiding, residual urine.

Times are hours after the administration. Urine fills the bladder at a constant rate, by night
(optionally) at another; a void leaves the residual volume. After a lead-in the schedule repeats
itself without end: every interval, or every 24 h where nights are given.

References
----------
.. [MIRD14] S.R. Thomas, M.G. Stabin, C.-T. Chen, R.C. Samaratunga, MIRD Pamphlet No. 14 revised,
   J. Nucl. Med. 40, 102S (1999): initial volume, first void, filling rate, residual volume, an
   extended gap at night with half the filling rate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import PhysicsRangeError

__all__ = ["Bladder", "Filling", "Night", "schedule"]

DAY_h = 24.0
NIGHT_FILLING = 0.5  # of the rate by day [MIRD14]_


@dataclass(frozen=True, slots=True)
class Night:
    """The gap of every night, from the last void of the evening to the first of the morning.

    Parameters
    ----------
    starts_h : float
        Hours from the administration to the first evening's last void.
    duration_h : float
        Without a void, above 0 and below 24 h.
    filling_ratio : float
        Filling rate by night over that by day.
    """

    starts_h: float
    duration_h: float
    filling_ratio: float = NIGHT_FILLING

    def __post_init__(self) -> None:
        if not (0 < self.duration_h < DAY_h and self.starts_h > 0 and self.filling_ratio > 0):
            raise PhysicsRangeError(
                f"night from {self.starts_h:g} h for {self.duration_h:g} h with "
                f"{self.filling_ratio:g} of the filling rate: it starts after the administration, "
                "lasts less than 24 h and has a ratio above 0"
            )


@dataclass(frozen=True, slots=True)
class Filling:
    """One filling of the bladder, from one void to the next.

    Parameters
    ----------
    duration_h, volume_mL, filling_mL_per_h : ndarray, shape (...)
        Volume at the start.
    kept : ndarray, shape (...)
        Fraction of the contents that the void at its end leaves.
    """

    duration_h: Floats
    volume_mL: Floats
    filling_mL_per_h: Floats
    kept: Floats

    @classmethod
    def of(
        cls, duration_h: Floats, volume_mL: Floats, rate_mL_per_h: Floats, residual_mL: Floats
    ) -> Filling:
        """Make a filling whose void leaves ``residual_mL``."""
        end = volume_mL + rate_mL_per_h * duration_h
        if np.any(residual_mL >= end):
            raise PhysicsRangeError(
                f"residual volume {np.max(residual_mL):g} mL, but the bladder holds "
                f"{np.min(end):.4g} mL at a void; the residual must be less, or nothing is voided"
            )
        return cls(duration_h, volume_mL, rate_mL_per_h, residual_mL / end)


@dataclass(frozen=True, slots=True)
class Bladder:
    """A urinary bladder and its voiding schedule.

    Parameters
    ----------
    first_void_h, interval_h : array_like, shape (...)
        Time of the first void and interval from then on, above 0 h. With nights one number each.
    filling_mL_per_h : array_like, shape (...)
        Rate of urine by day, above 0.
    initial_volume_mL : array_like, shape (...)
        At the administration, zero or more.
    residual_volume_mL : array_like, shape (...)
        What every void leaves, zero or more and less than what the bladder then holds.
    night : Night, optional

    Raises
    ------
    PhysicsRangeError
        Naming the value that is outside its range.

    Notes
    -----
    No value is a default of this package but zero residual: the schedule is the patient's. ICRP
    assumes six voids a day in workers [OIR1]_.

    References
    ----------
    .. [OIR1] ICRP Publication 130, Occupational intakes of radionuclides, part 1 (2015)
    """

    first_void_h: ArrayLike
    interval_h: ArrayLike
    filling_mL_per_h: ArrayLike
    initial_volume_mL: ArrayLike
    residual_volume_mL: ArrayLike = 0.0
    night: Night | None = None

    def __post_init__(self) -> None:
        for name, may_be_zero in (
            ("first_void_h", False),
            ("interval_h", False),
            ("filling_mL_per_h", False),
            ("initial_volume_mL", True),
            ("residual_volume_mL", True),
        ):
            value = frozen(getattr(self, name), f"bladder: {name}")
            object.__setattr__(self, name, value)
            if np.any(value < 0) or (not may_be_zero and np.any(value == 0)):
                rule = "zero or more" if may_be_zero else "above zero"
                raise PhysicsRangeError(f"bladder: {name} is {value.min():g}; it must be {rule}")
        if self.night is not None:
            self._check_night(self.night)

    def _check_night(self, night: Night) -> None:
        first, interval = np.asarray(self.first_void_h), np.asarray(self.interval_h)
        if first.ndim or interval.ndim:
            raise PhysicsRangeError(
                "bladder: with nights, first_void_h and interval_h are one number each; vary the "
                "volumes and the filling rate, or leave the night out"
            )
        if first > night.starts_h:
            raise PhysicsRangeError(
                f"bladder: the first void at {first:g} h is after the evening's last at "
                f"{night.starts_h:g} h; give the first void its own time before, or the same"
            )


def schedule(bladder: Bladder) -> tuple[list[Filling], list[Filling]]:
    """Lay out the fillings of a bladder: a lead-in, and a cycle that repeats itself without end.

    Parameters
    ----------
    bladder : Bladder

    Returns
    -------
    lead_in, cycle : list of Filling

    Raises
    ------
    PhysicsRangeError
        If the residual volume is not less than what the bladder holds at a void.
    """
    first, interval = np.asarray(bladder.first_void_h), np.asarray(bladder.interval_h)
    rate, residual = np.asarray(bladder.filling_mL_per_h), np.asarray(bladder.residual_volume_mL)
    start = np.asarray(bladder.initial_volume_mL)
    if bladder.night is None:
        lead_in = [Filling.of(first, start, rate, residual)]
        return lead_in, [Filling.of(interval, residual, rate, residual)]
    night = bladder.night
    usual = Filling.of(interval, residual, rate, residual)

    def awake(hours: float) -> list[Filling]:
        """Usual fillings; the last one ends at the evening's void."""
        count = int(np.floor(hours / float(interval) + 1e-9))
        rest = hours - count * float(interval)
        if rest < 1e-6 * float(interval):
            return [usual] * count
        return [usual] * count + [Filling.of(np.asarray(rest), residual, rate, residual)]

    asleep = Filling.of(
        np.asarray(night.duration_h), residual, rate * night.filling_ratio, residual
    )
    lead_in = [
        Filling.of(first, start, rate, residual),
        *awake(night.starts_h - float(first)),
        asleep,
    ]
    return lead_in, [*awake(DAY_h - night.duration_h), asleep]
