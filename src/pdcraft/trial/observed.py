"""Counts as a trial sees them: at visits, with error, and raised by transfusion or G-CSF."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.design import Ints

__all__ = ["Support", "Visits", "supported"]

LN2 = float(np.log(2.0))


@dataclass(frozen=True, slots=True)
class Visits:
    """When counts are taken.

    Parameters
    ----------
    every_d : int
        Planned days between visits; the first is one such time after the first administration.
    until_d : int
        Last planned day.
    jitter_d : int
        A visit is up to so many days early or late, evenly.
    assay_log_sd : float
        SD of the logarithm of one count.
    """

    every_d: int
    until_d: int
    jitter_d: int
    assay_log_sd: float

    def __post_init__(self) -> None:
        if self.every_d < 1 or self.until_d < self.every_d:
            raise PhysicsRangeError(
                f"visits every {self.every_d} d until day {self.until_d}: there must be one, a day "
                "or more after the first administration"
            )
        if not 0 <= self.jitter_d <= (self.every_d - 1) // 2:
            raise PhysicsRangeError(
                f"visits every {self.every_d} d, up to {self.jitter_d} d early or late, could "
                "change places; allow less than half the time between them"
            )
        if self.assay_log_sd < 0:
            raise PhysicsRangeError(f"error of a count {self.assay_log_sd:g}: zero or more")

    @property
    def number(self) -> int:
        """Visits planned."""
        return self.until_d // self.every_d

    @property
    def last_d(self) -> int:
        """Last day on which a visit can be."""
        return self.number * self.every_d + self.jitter_d

    def days(self, patients: int, rng: np.random.Generator) -> Ints:
        """Draw days of the visits, shape (patients, visits)."""
        planned = self.every_d * np.arange(1, self.number + 1)
        moved = rng.integers(-self.jitter_d, self.jitter_d + 1, (patients, self.number))
        return (planned + moved).astype(np.intp)

    def errors(self, patients: int, lineages: int, rng: np.random.Generator) -> Floats:
        """Draw factors on the counts, shape (patients, lineages, visits)."""
        shape = (patients, lineages, self.number)
        return np.exp(self.assay_log_sd * rng.standard_normal(shape))


@dataclass(frozen=True, slots=True)
class Support:
    """Transfusion or G-CSF: given when a count is low, it raises later counts for a while.

    Parameters
    ----------
    below_1e9_per_L : float
        Seen count below which it is given.
    raises_1e9_per_L : float
    half_life_d : float
        Of what it adds.
    """

    below_1e9_per_L: float
    raises_1e9_per_L: float
    half_life_d: float

    def __post_init__(self) -> None:
        if min(self.below_1e9_per_L, self.raises_1e9_per_L) < 0 or self.half_life_d <= 0:
            raise PhysicsRangeError(
                f"support below {self.below_1e9_per_L:g}, raising by {self.raises_1e9_per_L:g}, "
                f"half-life {self.half_life_d:g} d: counts are zero or more, the half-life above 0"
            )


def supported(counts: Floats, day: Ints, support: Support) -> tuple[Floats, Floats]:
    """Give support at the visits that show the need.

    Parameters
    ----------
    counts : ndarray, shape (..., visits)
        Seen without support.
    day : ndarray of int, shape (..., visits)
    support : Support

    Returns
    -------
    counts : ndarray, shape (..., visits)
        A count that calls for support is seen before it is given.
    first_day : ndarray, shape (...)
        Of support; infinite for none.
    """
    out = np.empty(np.broadcast_shapes(counts.shape, day.shape))
    first = np.full(out.shape[:-1], np.inf)
    added = np.zeros(out.shape[:-1])
    before = np.zeros(out.shape[:-1])
    rate = LN2 / support.half_life_d
    for k in range(day.shape[-1]):
        now = day[..., k]
        added = added * np.exp(-rate * (now - before))
        out[..., k] = counts[..., k] + added
        needed = out[..., k] < support.below_1e9_per_L
        first = np.where(needed, np.minimum(first, now), first)
        added = added + np.where(needed, support.raises_1e9_per_L, 0.0)
        before = now
    return out, first
