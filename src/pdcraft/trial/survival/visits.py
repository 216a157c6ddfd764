r"""Visits: when a progression is seen, and what their spacing does to progression-free survival.

A progression is seen at the next visit, a death at once. With independent hazards of the two, those
still free of both as seen at time :math:`t` are

.. math:: S_{seen}(t) = S_{death}(t)\, S_{progression}(v(t)), \qquad
          v(t) = \text{last visit until } t

so the median is too long by up to one interval, and by different amounts in arms that are visited
differently [P08]_.

References
----------
.. [P08] K. S. Panageas et al., J. Natl. Cancer Inst. 99, 428 (2007), doi:10.1093/jnci/djk091
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.roots import root
from pdcraft.trial.survival.hazard import NEVER, Hazard

__all__ = ["VisitBias", "Visits", "seen_survival", "visit_bias"]


@dataclass(frozen=True, slots=True)
class Visits:
    """Schedule of assessments: given times, then every so often.

    Parameters
    ----------
    first_month : ndarray, shape (visits,)
        Rising, above 0.
    then_every_month : float
        After the last of them.
    """

    first_month: Floats
    then_every_month: float

    def __post_init__(self) -> None:
        first = frozen(self.first_month, "visits")
        if first.size == 0 or first[0] <= 0 or np.any(np.diff(first) <= 0):
            raise PhysicsRangeError(f"visits at {first.tolist()} months: they rise from above 0")
        if not self.then_every_month > 0:
            raise PhysicsRangeError(f"visits every {self.then_every_month:g} months: above 0")
        object.__setattr__(self, "first_month", first)

    @classmethod
    def every(cls, months: float) -> Visits:
        """Visits at even intervals.

        Examples
        --------
        >>> v = Visits.every(2.0)
        >>> v.next([1.0, 2.0, 2.1]).tolist(), v.last([1.0, 2.0, 2.1]).tolist()
        ([2.0, 2.0, 4.0], [0.0, 2.0, 2.0])
        """
        return cls(np.array([months]), months)

    def next(self, month: ArrayLike) -> Floats:
        """First visit at or after times; infinite for what never comes."""
        t = np.asarray(month, dtype=float)
        end, step = self.first_month[-1], self.then_every_month
        place = np.minimum(np.searchsorted(self.first_month, t), self.first_month.size - 1)
        with np.errstate(invalid="ignore"):
            later = end + step * np.ceil((t - end) / step - 1e-12)
        return np.where(t <= end, self.first_month[place], later)

    def last(self, month: ArrayLike) -> Floats:
        """Last visit until times; 0 before the first."""
        t = np.asarray(month, dtype=float)
        end, step = self.first_month[-1], self.then_every_month
        early = np.concatenate(([0.0], self.first_month))
        place = np.searchsorted(self.first_month, t, side="right")
        with np.errstate(invalid="ignore"):
            later = end + step * np.floor((t - end) / step + 1e-12)
        return np.where(t < end, early[place], later)


@dataclass(frozen=True, slots=True)
class VisitBias:
    """Median progression-free survival as it is and as visits show it.

    Parameters
    ----------
    true_median_month, seen_median_month : float
    """

    true_median_month: float
    seen_median_month: float

    @property
    def bias_month(self) -> float:
        """How much too long the median seems."""
        return self.seen_median_month - self.true_median_month


def seen_survival(month: ArrayLike, progression: Hazard, death: Hazard, visits: Visits) -> Floats:
    """Share without a progression that was seen, and alive, at times."""
    t = np.asarray(month, dtype=float)
    return death.survival(t) * progression.survival(visits.last(t))


def visit_bias(progression: Hazard, visits: Visits, death: Hazard = NEVER) -> VisitBias:
    """Compare medians, exactly.

    Parameters
    ----------
    progression, death : Hazard
        Death: without progression.
    visits : Visits

    Raises
    ------
    PhysicsRangeError
        If half never have an event.

    Examples
    --------
    >>> found = visit_bias(Hazard.of_median(5.0), Visits.every(2.0))
    >>> round(found.true_median_month, 6), found.seen_median_month
    (5.0, 6.0)
    """
    true = progression.plus(death).median_month
    if not np.isfinite(true):
        raise PhysicsRangeError("half of the patients never progress nor die: there is no median")
    visit = 0.0
    while True:  # between visits only deaths make the curve fall
        following = float(visits.next(np.nextafter(visit, np.inf) + 1e-9))
        start = float(seen_survival(visit, progression, death, visits))
        end = start * float(death.survival(following) / death.survival(visit))
        if start <= 0.5:
            return VisitBias(true, visit)
        if end <= 0.5:
            seen = float(progression.survival(visit))

            def off(month: float, share: float = seen) -> float:
                return float(death.survival(month)) * share - 0.5

            return VisitBias(true, root(off, visit, following))
        visit = following
