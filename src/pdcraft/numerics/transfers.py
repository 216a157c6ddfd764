"""Named transfers between compartments, and the rate matrix that they make.

A transfer moves matter from its source to its target at ``rate_per_h`` times the amount in the
source; with no target it leaves the system. Matter is neither made nor lost otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, Problem, did_you_mean

__all__ = ["Transfer", "check_states", "find_state", "rate_matrix", "rates_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """First-order transfer of matter.

    Parameters
    ----------
    source : str
        State that loses matter.
    target : str or None
        State that gains it; None for elimination from the system.
    rate_per_h : array_like, shape (...)
        Fraction of the source's amount per hour, zero or more; batch axes (draw, subject).
    """

    source: str
    target: str | None
    rate_per_h: ArrayLike

    def __str__(self) -> str:
        return f"{self.source} -> {self.target or 'out'}"


def check_states(states: Sequence[str]) -> tuple[str, ...]:
    """Return the names if each stands for one state.

    Raises
    ------
    DataError
        If there is none, one is empty, or two are the same.
    """
    names = tuple(states)
    if not names or not all(names):
        raise DataError(f"states {list(names)}: at least one, and every one with a name")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"state '{twice[0]}' is named twice; every state needs its own name")
    return names


def find_state(states: Sequence[str], name: str) -> int:
    """Position of a state.

    Raises
    ------
    DataError
        If there is no such state; similar names are suggested.
    """
    if name in states:
        return states.index(name)
    hint = did_you_mean(name, states) or f"known: {', '.join(states)}"
    raise DataError(f"unknown state '{name}'; {hint}")


def rates_of(states: Sequence[str], transfers: Sequence[Transfer]) -> Floats:
    """Check all transfers and stack their rates.

    Parameters
    ----------
    states : sequence of str
    transfers : sequence of Transfer

    Returns
    -------
    ndarray, shape (..., len(transfers))
        In 1/h, batch axes broadcast.

    Raises
    ------
    DataError
        Naming every transfer with an unknown state, itself as target, or a rate that is
        negative or not finite; or rates whose shapes do not broadcast.
    """
    problems: list[Problem] = []
    rates: list[Floats] = []

    def fault(transfer: Transfer, what: str) -> None:
        problems.append(Problem(f"transfer {transfer}: {what}", file="transfers"))

    for transfer in transfers:
        rate = np.asarray(transfer.rate_per_h, dtype=np.float64)
        rates.append(rate)
        ends = [transfer.source] if transfer.target is None else [transfer.source, transfer.target]
        for end in ends:
            try:
                find_state(states, end)
            except DataError as error:
                fault(transfer, str(error))
        if transfer.source == transfer.target:
            fault(transfer, "source and target are the same state")
        wrong = rate[~(np.isfinite(rate) & (rate >= 0))]
        if wrong.size:
            fault(transfer, f"rate {wrong[0]:g} per h; a rate is finite and zero or more")
    if problems:
        raise DataError(problems)
    try:
        return np.stack(np.broadcast_arrays(*rates), axis=-1) if rates else np.zeros(0)
    except ValueError:
        shapes = ", ".join(f"{t} {r.shape}" for t, r in zip(transfers, rates, strict=True))
        raise DataError(f"transfer rates do not broadcast: {shapes}; use (draw, subject)") from None


def rate_matrix(links: Sequence[tuple[int, int]], rates_per_h: Floats, size: int) -> Floats:
    """Matrix A of dx/dt = A x.

    Parameters
    ----------
    links : sequence of (source, target)
        Positions; target -1 for elimination.
    rates_per_h : ndarray, shape (..., len(links))
    size : int
        Number of states.

    Returns
    -------
    ndarray, shape (..., size, size)
        In 1/h; columns sum to minus the elimination.
    """
    out = np.zeros((*rates_per_h.shape[:-1], size, size))
    for k, (source, target) in enumerate(links):
        out[..., source, source] -= rates_per_h[..., k]
        if target >= 0:
            out[..., target, source] += rates_per_h[..., k]
    return out
