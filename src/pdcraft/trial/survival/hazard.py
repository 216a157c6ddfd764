r"""Piecewise constant hazards: survival, draws, and events expected while patients still enter.

.. math:: H(t) = \int_0^t h, \qquad S(t) = e^{-H(t)}
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["NEVER", "Hazard"]


@dataclass(frozen=True, slots=True)
class Hazard:
    """A hazard that is constant between its breaks.

    Parameters
    ----------
    start_month : ndarray, shape (pieces,)
        Where each piece begins; the first is 0, the last goes on for ever.
    per_month : ndarray, shape (pieces,)

    Raises
    ------
    DataError
        For breaks that do not rise from 0, or another number of hazards.
    PhysicsRangeError
        For a negative hazard.
    """

    start_month: Floats
    per_month: Floats

    def __post_init__(self) -> None:
        start, rate = frozen(self.start_month, "breaks"), frozen(self.per_month, "hazard")
        if start.ndim != 1 or start.shape != rate.shape or start.size == 0:
            raise DataError(
                f"hazard: {start.size} breaks and {rate.size} values; every piece has one"
            )
        if start[0] != 0.0 or not np.all(np.diff(start) > 0):
            raise DataError(f"hazard: breaks {start.tolist()} months; they rise from 0")
        if np.any(rate < 0):
            raise PhysicsRangeError(f"hazard: {rate.min():g} per month; it is not negative")
        object.__setattr__(self, "start_month", start)
        object.__setattr__(self, "per_month", rate)

    @classmethod
    def of_median(cls, median_month: float) -> Hazard:
        """Constant hazard of a median.

        Examples
        --------
        >>> round(float(Hazard.of_median(6.0).per_month[0]), 4)
        0.1155
        """
        if not median_month > 0:
            raise PhysicsRangeError(f"median {median_month:g} months; it must be above 0")
        return cls.of([0.0], [log(2.0) / median_month])

    @classmethod
    def of(cls, start_month: ArrayLike, per_month: ArrayLike) -> Hazard:
        """Pieces from lists."""
        return cls(np.atleast_1d(start_month), np.atleast_1d(per_month))

    def times(self, ratio: float | Hazard) -> Hazard:
        """Hazard times a ratio, constant or piecewise: one way to be non-proportional.

        Examples
        --------
        >>> late = Hazard.of([0, 4], [1.0, 0.5])  # no effect for four months, then half
        >>> Hazard.of_median(6.0).times(late).per_month.round(4).tolist()
        [0.1155, 0.0578]
        """
        if isinstance(ratio, Hazard):
            breaks = np.union1d(self.start_month, ratio.start_month)
            return Hazard(breaks, self.at(breaks) * ratio.at(breaks))
        return Hazard(self.start_month, self.per_month * ratio)

    def plus(self, other: Hazard) -> Hazard:
        """Hazard of whichever of two comes first."""
        breaks = np.union1d(self.start_month, other.start_month)
        return Hazard(breaks, self.at(breaks) + other.at(breaks))

    def at(self, month: ArrayLike) -> Floats:
        """Hazard per month at times of 0 or more."""
        return self.per_month[np.searchsorted(self.start_month, month, side="right") - 1]

    def cumulative(self, month: ArrayLike) -> Floats:
        """Cumulative hazard at times of 0 or more."""
        t = np.asarray(month, dtype=float)
        piece = np.searchsorted(self.start_month, t, side="right") - 1
        return self._at_breaks()[piece] + self.per_month[piece] * (t - self.start_month[piece])

    def survival(self, month: ArrayLike) -> Floats:
        """Share without the event."""
        return np.exp(-self.cumulative(month))

    def inverse(self, cumulative: ArrayLike) -> Floats:
        """Time at which the cumulative hazard reaches a value; infinite if never."""
        value = np.asarray(cumulative, dtype=float)
        at = self._at_breaks()
        piece = np.maximum(np.searchsorted(at, value, side="left") - 1, 0)  # first time of a level
        rate = self.per_month[piece]
        over = value - at[piece]
        with np.errstate(divide="ignore", invalid="ignore"):
            wait = np.where(over > 0, over / rate, 0.0)
        return self.start_month[piece] + wait

    def draw(self, size: int | tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Draw times, months; infinite where the event never comes."""
        return self.inverse(rng.standard_exponential(size))

    @property
    def median_month(self) -> float:
        """Median; infinite if half never have the event."""
        return float(self.inverse(log(2.0)))

    def _at_breaks(self) -> Floats:
        return np.concatenate(([0.0], np.cumsum(self.per_month[:-1] * np.diff(self.start_month))))

    def events_of_entrants(self, month: float, dropout: Hazard) -> float:
        r"""Events seen by a time among patients who enter evenly, one per month, from time 0.

        :math:`\int_0^u F`, where F is the share whose event came before a dropout.
        """
        if month <= 0:
            return 0.0
        both = self.plus(dropout)
        start = both.start_month[both.start_month < month]
        length = np.diff(np.append(start, month))
        h = self.at(start)
        c = both.at(start)
        alive = both.survival(start)
        # on a piece F rises from what came before by h/c S (1 - e^{-cx}); c of 0 adds nothing
        with np.errstate(divide="ignore", invalid="ignore"):
            gone = np.where(c > 0, -np.expm1(-c * length) / c, length)
            area = np.where(c > 0, (length - gone) / c, 0.5 * length**2)
        seen = np.concatenate(([0.0], np.cumsum(h * alive * gone)[:-1]))
        return float((seen * length + h * alive * area).sum())


NEVER = Hazard(np.zeros(1), np.zeros(1))
