"""Dose-transition pathways: every way that the next cohorts can go, with the doses they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.design import (
    STOP,
    Bools,
    Design,
    Ints,
    counts_of_doses,
    next_dose,
    require_start,
)
from pdcraft.trial.outcomes import checked_rates

__all__ = ["Pathway", "pathways"]

MOST = 1_000_000  # pathways; beyond, a table is of no use to anyone


@dataclass(frozen=True, slots=True)
class Pathway:
    """One way that the cohorts can go; doses count from 0.

    Parameters
    ----------
    doses : tuple of int
        Dose of each cohort; fewer than asked where the trial stops.
    tox : tuple of int
        Toxicities in each.
    next_dose : int
        Dose that the design gives then; -1 if it stops.
    recommended : int
        Dose that it would recommend if the trial ended there; -1 for none.
    probability : float or None
        At the rates given; None without rates.
    """

    doses: tuple[int, ...]
    tox: tuple[int, ...]
    next_dose: int
    recommended: int
    probability: float | None


def pathways(
    design: Design,
    cohorts: int,
    *,
    cohort: int = 3,
    start: int = 0,
    n: Sequence[int] | None = None,
    tox: Sequence[int] | None = None,
    true_rate: ArrayLike | None = None,
) -> tuple[Pathway, ...]:
    """List what the design does for every outcome of the next cohorts.

    Parameters
    ----------
    design : Design
    cohorts : int
        How many cohorts to look ahead.
    cohort : int
        Patients in each.
    start : int
        Dose of the first of them.
    n, tox : sequence of int, optional
        Patients and toxicities at each dose before; none without them.
    true_rate : array_like, shape (doses,), optional
        Rates at which the probability of each pathway is given.

    Raises
    ------
    DataError
        For empty cohorts, a start that is no dose, counts that cannot be, or a million pathways
        and more.
    """
    _check(design, cohorts, cohort, start)
    nobody = [0] * design.doses
    before_n, before_tox = counts_of_doses(
        nobody if n is None else n, nobody if tox is None else tox, design.doses
    )
    rate = None if true_rate is None else checked_rates(true_rate)
    if rate is not None and rate.size != design.doses:
        raise DataError(f"{rate.size} true rates for {design.doses} doses; give one for each")
    front = _Front(
        before_n[None, :].copy(),
        before_tox[None, :].copy(),
        np.array([start], dtype=np.intp),
        np.empty((1, 0, 2), dtype=np.intp),
        np.ones(1),
    )
    out: list[Pathway] = []
    for _ in range(cohorts):
        front = front.with_cohort(cohort, rate)
        going = next_dose(design, front.n, front.tox, front.at, cohort, front.history[:, -1, 1])
        front = replace(front, at=going)
        out += front.take(front.at == STOP).listed(design, rate is not None)
        front = front.take(front.at != STOP)
    out += front.listed(design, rate is not None)
    return tuple(sorted(out, key=lambda p: p.tox))


@dataclass(frozen=True, slots=True)
class _Front:
    """All pathways of the same length, one a row; `history` holds dose and toxicities."""

    n: Ints
    tox: Ints
    at: Ints
    history: Ints
    chance: Floats

    def take(self, which: Bools | Ints) -> _Front:
        return _Front(
            self.n[which],
            self.tox[which],
            self.at[which],
            self.history[which],
            self.chance[which],
        )

    def with_cohort(self, cohort: int, rate: Floats | None) -> _Front:
        """Branch into every number of toxicities of one more cohort."""
        seen = np.arange(cohort + 1)
        out = self.take(np.repeat(np.arange(len(self.at)), cohort + 1))
        got = np.tile(seen, len(self.at))
        rows = np.arange(len(got))
        out.n[rows, out.at] += cohort
        out.tox[rows, out.at] += got
        chance = out.chance
        if rate is not None:
            ways = np.array([comb(cohort, int(k)) for k in seen], dtype=float)
            p = rate[out.at]
            chance = chance * ways[got] * p**got * (1 - p) ** (cohort - got)
        new = np.stack([out.at, got], axis=1)[:, None, :]
        return replace(out, history=np.concatenate([out.history, new], axis=1), chance=chance)

    def listed(self, design: Design, with_chance: bool) -> list[Pathway]:
        if not len(self.at):
            return []
        chosen = design.select(self.n, self.tox)
        return [
            Pathway(
                tuple(int(d) for d in path[:, 0]),
                tuple(int(t) for t in path[:, 1]),
                int(going),
                int(dose),
                float(chance) if with_chance else None,
            )
            for path, going, dose, chance in zip(
                self.history, self.at, chosen, self.chance, strict=True
            )
        ]


def _check(design: Design, cohorts: int, cohort: int, start: int) -> None:
    if cohorts < 1 or cohort < 1:
        raise DataError(
            f"{cohorts} cohorts of {cohort} patients: they are empty; give 1 or more of both"
        )
    require_start(start, design.doses)
    if (cohort + 1) ** cohorts > MOST:
        raise DataError(
            f"{cohorts} cohorts of {cohort} can go {(cohort + 1) ** cohorts:,} ways, more than "
            f"{MOST:,}; look fewer cohorts ahead"
        )
