"""Dose-transition pathways: every way that the next cohorts can go, with the doses they bring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.errors import DataError
from pdcraft.trial.design import NONE, STOP, Design, Ints
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
    before_n, before_tox = _before(design, n), _before(design, tox)
    if np.any(before_tox > before_n) or np.any(before_tox < 0):
        raise DataError(
            f"toxicities {before_tox.tolist()} among {before_n.tolist()} patients: there are 0 to "
            "n at each dose"
        )
    rate = None if true_rate is None else checked_rates(true_rate)
    if rate is not None and rate.size != design.doses:
        raise DataError(f"{rate.size} true rates for {design.doses} doses; give one for each")
    held_n, held_tox = before_n[None, :].copy(), before_tox[None, :].copy()
    at = np.array([start])
    history = np.empty((1, 0, 2), dtype=np.intp)  # (path, cohort, (dose, tox))
    chance = np.ones(1)
    out: list[Pathway] = []
    seen = np.arange(cohort + 1)
    ways = np.array([comb(cohort, k) for k in seen], dtype=float)
    for _ in range(cohorts):
        count = len(at)
        parent = np.repeat(np.arange(count), cohort + 1)
        got = np.tile(seen, count)
        here = at[parent]
        rows = np.arange(len(parent))
        held_n, held_tox = held_n[parent], held_tox[parent]
        held_n[rows, here] += cohort
        held_tox[rows, here] += got
        new = np.stack([here, got], axis=1)[:, None, :]
        history = np.concatenate([history[parent], new], axis=1)
        if rate is not None:
            p = rate[here]
            chance = chance[parent] * ways[got] * p**got * (1 - p) ** (cohort - got)
        else:
            chance = chance[parent]
        at = design.decide(held_n, held_tox, here)
        on = at != STOP
        out += _listed(design, history[~on], held_n[~on], held_tox[~on], at[~on], chance[~on], rate)
        history, held_n, held_tox, chance, at = (
            x[on] for x in (history, held_n, held_tox, chance, at)
        )
        if not at.size:
            break
    out += _listed(design, history, held_n, held_tox, at, chance, rate)
    return tuple(sorted(out, key=lambda p: p.tox))


def _listed(
    design: Design, history: Ints, n: Ints, tox: Ints, at: Ints, chance: object, rate: object
) -> list[Pathway]:
    if not len(at):
        return []
    chosen = design.select(n, tox)
    chances = np.asarray(chance, dtype=float)
    return [
        Pathway(
            tuple(int(d) for d in history[i, :, 0]),
            tuple(int(t) for t in history[i, :, 1]),
            int(at[i]),
            int(chosen[i]) if chosen[i] != NONE else NONE,
            None if rate is None else float(chances[i]),
        )
        for i in range(len(at))
    ]


def _before(design: Design, counts: Sequence[int] | None) -> Ints:
    out = np.zeros(design.doses, dtype=np.intp) if counts is None else np.asarray(counts, np.intp)
    if out.shape != (design.doses,):
        raise DataError(f"counts {out.tolist()}: give one for each of {design.doses} doses")
    return out


def _check(design: Design, cohorts: int, cohort: int, start: int) -> None:
    if cohorts < 1 or cohort < 1:
        raise DataError(
            f"{cohorts} cohorts of {cohort} patients: they are empty; give 1 or more of both"
        )
    if not 0 <= start < design.doses:
        raise DataError(f"first cohort at dose {start + 1}: there are doses 1 to {design.doses}")
    if (cohort + 1) ** cohorts > MOST:
        raise DataError(
            f"{cohorts} cohorts of {cohort} can go {(cohort + 1) ** cohorts:,} ways, more than "
            f"{MOST:,}; look fewer cohorts ahead"
        )
