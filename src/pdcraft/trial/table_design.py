"""Designs that are a decision table: BOIN, Keyboard, mTPI-2, i3+3 and a user's own.

Whatever the table says, no dose outside the range is given, and none at or above an eliminated
one: the lowest eliminated dose is a ceiling, for the next cohort and for the recommendation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.notebook import Shown, Table
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import NONE, STOP, Bools, Ints
from pdcraft.trial.isotonic import nearest_dose, rates_rising
from pdcraft.trial.table import DecisionTable, toxic_probability

__all__ = ["CUTOFF", "ExtraSafe", "TableDesign", "eliminate_where"]

CUTOFF = 0.95  # posterior probability of a rate above the target that eliminates a dose
STEP = np.array([1, 0, -1, -1])  # of E, S, D, DU


@dataclass(frozen=True, slots=True)
class ExtraSafe:
    """Stricter stopping at the lowest dose: at ``cutoff - offset`` from `from_n` patients on."""

    cutoff: float = CUTOFF
    offset: float = 0.05
    from_n: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.offset < 0.5:
            raise PhysicsRangeError(
                f"extra-safe offset {self.offset:g}: it is taken off the cutoff, so lies between 0 "
                "and 0.5, for instance 0.05"
            )

    def stop(self, n: Ints, tox: Ints, target: float) -> Bools:
        """Whether the trial ends with these counts at its lowest dose."""
        size = int(n.max(initial=0)) + 1
        grid_n, grid_tox = np.meshgrid(np.arange(size), np.arange(size), indexing="ij")
        toxic = toxic_probability(grid_n, np.minimum(grid_tox, grid_n), target)
        stop = (toxic > self.cutoff - self.offset) & (grid_n >= self.from_n)
        return np.take(stop.ravel(), n * size + tox)


@dataclass(frozen=True, slots=True, repr=False)
class TableDesign(Shown):
    """A design whose decision depends on the counts at the current dose alone.

    Parameters
    ----------
    name : str
    doses : int
    target : float
        DLT rate wanted, 0 to 1.
    table : DecisionTable
    extra_safe : ExtraSafe, optional

    Raises
    ------
    PhysicsRangeError
        For a target outside (0, 1).
    DataError
        For less than one dose.
    """

    name: str
    doses: int
    target: float
    table: DecisionTable
    extra_safe: ExtraSafe | None = None

    def __post_init__(self) -> None:
        check_open(f"{self.name}: target DLT rate", self.target)
        if self.doses < 1:
            raise DataError(f"{self.name}: {self.doses} doses; a trial has 1 or more")

    def _table(self) -> Table:
        title = f"{self.name}, target {self.target:g}, {self.doses} doses"
        own = self.table._table()  # pyright: ignore[reportPrivateUsage]  # of the same mixin
        return replace(own, title=f"{title}: {own.title}")

    def ceiling(self, n: Ints, tox: Ints) -> Ints:
        """Lowest dose that may no longer be given, shape (trials,); `doses` if all may."""
        out = self.table.eliminated(n, tox)
        found = np.where(out.any(axis=1), np.argmax(out, axis=1), self.doses)
        if self.extra_safe is not None:
            found[self.extra_safe.stop(n[:, 0], tox[:, 0], self.target)] = 0
        return cast("Ints", found)

    def decide(self, n: Ints, tox: Ints, at: Ints) -> Ints:
        """Dose of the next cohort; see `Design.decide`."""
        rows = np.arange(len(at))
        decision = self.table.look_up(n[rows, at], tox[rows, at])
        wanted = np.clip(at + STEP[decision], 0, self.doses - 1)
        ceiling = self.ceiling(n, tox)
        return np.where(ceiling > 0, np.minimum(wanted, ceiling - 1), STOP)

    def estimates(self, n: Ints, tox: Ints) -> Floats:
        """Rising estimates of the DLT rates; NaN where not tried or eliminated."""
        below = np.arange(self.doses) < self.ceiling(n, tox)[:, None]
        return rates_rising(n, tox, below & (n > 0))

    def select(self, n: Ints, tox: Ints) -> Ints:
        """Dose below the ceiling whose rising estimate is nearest the target."""
        chosen = nearest_dose(self.estimates(n, tox), self.target)
        return np.where(self.ceiling(n, tox) > 0, chosen, NONE)


def eliminate_where(n: Ints, tox: Ints, target: float, cutoff: float, from_n: int) -> Bools:
    """Whether counts eliminate a dose: from `from_n` patients on, P(rate > target) > cutoff."""
    return (n >= from_n) & (toxic_probability(n, tox, target) > cutoff)
