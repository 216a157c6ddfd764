"""Decision tables: what is done for every number of patients and of toxicities at a dose.

Of every design that looks only at the current dose the whole conduct is such a table, which is
what a protocol prints. A user's own table is a design too, if it makes sense: see `checked`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.notebook import Shown, Table
from pdcraft.errors import DataError, Problem
from pdcraft.trial.design import DEESCALATE, ELIMINATE, ESCALATE, LETTERS, Bools, Ints

__all__ = ["Boundary", "DecisionTable", "checked", "toxic_probability"]

NO_CELL = -1


@dataclass(frozen=True, slots=True)
class Boundary:
    """What is done with `n` patients; None where it never is."""

    n: int
    escalate_if_le: int | None
    deescalate_if_ge: int | None
    eliminate_if_ge: int | None


@dataclass(frozen=True, slots=True, repr=False)
class DecisionTable(Shown):
    """Decision for n patients assessed at a dose, of whom tox had a DLT.

    Parameters
    ----------
    decisions : ndarray of int, shape (max_n + 1, max_n + 1)
        At [n, tox], one of ESCALATE, STAY, DEESCALATE, ELIMINATE; -1 where there is no decision.
    """

    decisions: Ints

    def __post_init__(self) -> None:
        held = np.array(self.decisions, dtype=np.intp)
        held.flags.writeable = False
        object.__setattr__(self, "decisions", held)

    def _table(self) -> Table:
        counts = range(self.max_n + 1)
        letters = {(n, tox): letter for n, tox, letter in self.cells()}
        rows = [
            (str(n), *(letters.get((n, tox), "") for tox in counts))
            for n in counts
            if any((n, tox) in letters for tox in counts)
        ]
        title = "decision with n patients assessed, by how many had a DLT"
        return Table(title, ("n", *(str(tox) for tox in counts)), rows)

    @classmethod
    def of(cls, max_n: int, rule: Callable[[Ints, Ints], Ints]) -> DecisionTable:
        """Tabulate a rule that takes arrays of n and tox (1 <= n <= `max_n`, tox <= n)."""
        if max_n < 1:
            raise DataError(f"decision table to {max_n} patients: there must be 1 or more")
        out = np.full((max_n + 1, max_n + 1), NO_CELL, dtype=np.intp)
        n, tox = np.meshgrid(np.arange(max_n + 1), np.arange(max_n + 1), indexing="ij")
        cell = (n > 0) & (tox <= n)
        out[cell] = rule(n[cell], tox[cell])
        return cls(out)

    @classmethod
    def from_letters(
        cls, letters: Mapping[tuple[int, int], str], source: str = "decision table"
    ) -> DecisionTable:
        """Make a user's table and check it.

        Parameters
        ----------
        letters : mapping
            ``{(n, tox): "E", "S", "D" or "DU"}``.
        source : str
            What errors call it, for instance the name of its file.

        Raises
        ------
        DataError
            For an empty table and for the faults that `checked` finds.
        """
        if not letters:
            raise DataError(
                "decision table: it has no cell; give n, tox and a decision E, S, D, DU"
            )
        faults = [
            Problem(f"n = {n}, tox = {tox}: there are 1 patient or more, and 0 to n toxicities")
            for n, tox in letters
            if not (n >= 1 and 0 <= tox <= n)
        ]
        faults += [
            Problem(f"n = {n}, tox = {tox}: '{letter}' is not one of {', '.join(LETTERS)}")
            for (n, tox), letter in letters.items()
            if letter not in LETTERS
        ]
        if faults:
            raise DataError([replace(f, file=source) for f in faults], source)
        size = max(n for n, _ in letters) + 1
        out = np.full((size, size), NO_CELL, dtype=np.intp)
        for (n, tox), letter in letters.items():
            out[n, tox] = LETTERS.index(letter)
        return checked(cls(out), source)

    @property
    def max_n(self) -> int:
        """Most patients at a dose that it speaks of."""
        return self.decisions.shape[0] - 1

    def to(self, max_n: int) -> DecisionTable:
        """Return the part for `max_n` patients at most."""
        return DecisionTable(self.decisions[: max_n + 1, : max_n + 1])

    def cells(self) -> Iterator[tuple[int, int, str]]:
        """Yield n, tox and the letter of every cell, in this order."""
        for n, tox in np.argwhere(self.decisions != NO_CELL):
            yield int(n), int(tox), LETTERS[self.decisions[n, tox]]

    def boundaries(self) -> Iterator[Boundary]:
        """Yield, for every number of patients, the counts at which the decision changes."""
        for n in range(1, self.max_n + 1):
            row = self.decisions[n]
            if np.all(row == NO_CELL):
                continue
            up, down, out = row == ESCALATE, row >= DEESCALATE, row == ELIMINATE
            yield Boundary(n, _last(up), _first(down), _first(out))

    def look_up(self, n: Ints, tox: Ints) -> Ints:
        """Decisions for arrays of counts.

        Raises
        ------
        DataError
            For counts that the table has no cell for.
        """
        size = self.decisions.shape[0]
        if n.size and int(n.max()) >= size:
            raise DataError(
                f"decision table: {int(n.max())} patients at a dose, but the table ends at "
                f"{self.max_n}; make it longer (max_n) or the trial smaller"
            )
        found = np.take(self.decisions.ravel(), n * size + tox)
        if np.any(found == NO_CELL):
            where = np.argwhere(found == NO_CELL)[0]
            raise DataError(
                f"decision table: no cell for n = {int(n[tuple(where)])}, tox = "
                f"{int(tox[tuple(where)])}; give it, or cohorts that never come to this number"
            )
        return found

    def eliminated(self, n: Ints, tox: Ints) -> Bools:
        """Whether each dose is eliminated by its own counts; a dose without patients is not."""
        size = self.decisions.shape[0]
        code = np.minimum(n, self.max_n) * size + tox
        return np.take((self.decisions == ELIMINATE).ravel(), code)


def _first(mask: Bools) -> int | None:
    return int(np.argmax(mask)) if mask.any() else None


def _last(mask: Bools) -> int | None:
    return int(np.flatnonzero(mask)[-1]) if mask.any() else None


def checked(table: DecisionTable, source: str = "decision table") -> DecisionTable:
    """Return a table that makes sense; all its faults are named at once.

    Rows are whole (tox from 0 to n); more toxicities among as many patients never bring a milder
    decision; more patients with as many toxicities never a stricter one (D and DU count alike
    there: a dose may be eliminated only once enough patients are seen).

    Raises
    ------
    DataError
    """
    faults: list[Problem] = []
    held = table.decisions
    rows = [n for n in range(1, table.max_n + 1) if np.any(held[n] != NO_CELL)]
    for n in rows:
        row = held[n, : n + 1]
        missing = np.flatnonzero(row == NO_CELL)
        faults += [Problem(f"n = {n}: no decision for tox = {int(tox)}") for tox in missing]
        if not missing.size:
            faults += [
                Problem(
                    f"n = {n}: {LETTERS[row[t]]} with {t} toxicities but {LETTERS[row[t + 1]]} "
                    f"with {t + 1}: more toxicities must not bring a milder decision"
                )
                for t in np.flatnonzero(np.diff(row) < 0)
            ]
    strict = np.minimum(held, DEESCALATE)
    for few, many in pairwise(rows):
        a, b = strict[few, : few + 1], strict[many, : few + 1]
        worse = (b > a) & (a != NO_CELL)
        faults += [
            Problem(
                f"tox = {int(t)}: {LETTERS[held[few, t]]} among {few} patients but "
                f"{LETTERS[held[many, t]]} among {many}: more patients without a further toxicity "
                "must not bring a stricter decision"
            )
            for t in np.flatnonzero(worse)
        ]
    if faults:
        raise DataError([replace(f, file=source) for f in faults], source)
    return table


def toxic_probability(n: Ints, tox: Ints, target: float) -> Floats:
    """Posterior probability that the DLT rate is above `target`, with a uniform prior.

    Parameters
    ----------
    n, tox : ndarray of int
        Patients and toxicities; any shape.
    target : float
        Rate, 0 to 1.

    Examples
    --------
    >>> round(float(toxic_probability(np.array(3), np.array(3), 0.3)), 4)
    0.9919
    """
    from scipy.special import betainc

    return 1.0 - betainc(tox + 1.0, n - tox + 1.0, target)
