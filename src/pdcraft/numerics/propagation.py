r"""Amounts over time from pulses and constant inputs into a linear system.

Every input is a column :math:`b` of amounts that enters at a start, at once or at a constant
rate over a duration. Superposition is exact, so several inputs share one decomposition. Subjects
whose eigenvectors are not sound go through the matrix exponential instead, one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.numerics.expm import grown
from pdcraft.numerics.modes import CONDITION_LIMIT, Modes, decompose, phi

__all__ = ["Input", "respond"]

CHUNK_BYTES = 64e6  # working memory of one chunk, far below the result of a large population


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """Amounts that enter the states together.

    Parameters
    ----------
    entry : ndarray, shape (..., n)
        Total amount that enters each state.
    start_h : ndarray, shape (...)
    duration_h : float
        Constant rate over this time; 0 for a bolus.
    """

    entry: NDArray[np.float64]
    start_h: NDArray[np.float64]
    duration_h: float = 0.0


def respond(
    matrix_per_h: NDArray[np.float64],
    inputs: Sequence[Input],
    time_h: NDArray[np.float64],
    *,
    integrated: bool = False,
    condition_limit: float = CONDITION_LIMIT,
) -> NDArray[np.float64]:
    """Amounts in every state at some times, or their integrals from each input's start on.

    Parameters
    ----------
    matrix_per_h : ndarray, shape (..., n, n)
        dx/dt = matrix x; batch axes broadcast with those of the inputs.
    inputs : sequence of Input
        Nothing is in the system before the first.
    time_h : ndarray, shape (..., m)
    integrated : bool
        Integrals of the amounts up to these times instead of the amounts.
    condition_limit : float
        Eigenvectors with a larger condition number are replaced by the matrix exponential;
        0 sends every subject that way.

    Returns
    -------
    ndarray, shape (..., n, m)
        At the very time of a bolus it has entered.
    """
    n = matrix_per_h.shape[-1]
    batch = np.broadcast_shapes(
        matrix_per_h.shape[:-2],
        time_h.shape[:-1],
        *(np.broadcast_shapes(i.entry.shape[:-1], i.start_h.shape) for i in inputs),
    )
    rates = _flat(matrix_per_h, batch, 2)
    entries = [_flat(i.entry, batch, 1) for i in inputs]
    ages = [_flat(time_h - i.start_h[..., None], batch, 1) for i in inputs]
    durations = [i.duration_h for i in inputs]
    m = time_h.shape[-1]
    out = np.zeros((len(rates), n, m))
    chunk = max(1, int(CHUNK_BYTES / (16 * n * (6 * n + 4 * m))))
    for first in range(0, len(rates), chunk):
        part = slice(first, first + chunk)
        modes = decompose(rates[part], condition_limit)
        pulses = [(e[part], a[part], d) for e, a, d in zip(entries, ages, durations, strict=True)]
        out[part] = _by_modes(modes, pulses, m, integrated)
        weak = np.flatnonzero(~modes.sound)
        if weak.size:
            at = weak + first
            out[at] = sum(
                _by_exponential(rates[at], e[weak], a[weak], d, integrated) for e, a, d in pulses
            )
    return out.reshape(*batch, n, m)


_Pulse = tuple[NDArray[np.float64], NDArray[np.float64], float]


def _flat(values: NDArray[np.float64], batch: tuple[int, ...], core: int) -> NDArray[np.float64]:
    tail = values.shape[values.ndim - core :]
    return np.broadcast_to(values, batch + tail).reshape(-1, *tail)


def _by_modes(
    modes: Modes, pulses: Sequence[_Pulse], times: int, integrated: bool
) -> NDArray[np.float64]:
    values = modes.values_per_h[..., None]
    weights = np.zeros((*modes.values_per_h.shape, times), dtype=values.dtype)
    for entry, age_h, duration_h in pulses:
        share = modes.inverse @ entry[..., None]
        weights += share * _kernel(values, age_h[:, None, :], duration_h, integrated)
    return np.asarray((modes.vectors @ weights).real, dtype=np.float64)


def _kernel(
    value_per_h: NDArray[np.inexact],
    age_h: NDArray[np.float64],
    duration_h: float,
    integrated: bool,
) -> NDArray[np.inexact]:
    """Response of one mode to a unit amount, at an age since it began to enter."""
    since = np.maximum(age_h - duration_h, 0.0)
    k = int(integrated)

    def grow(order: int, tau_h: NDArray[np.float64]) -> NDArray[np.inexact]:
        return tau_h**order * phi(order, value_per_h * tau_h)

    if duration_h == 0:
        return np.where(age_h >= 0, grow(k, since), 0.0)
    whole = np.full((1, 1, 1), duration_h)
    out = grow(1, whole) / duration_h * grow(k, since)
    if integrated:
        out = out + grow(2, whole) / duration_h
    out = np.where(age_h >= duration_h, out, 0.0)
    entering = ((age_h > 0) & (age_h < duration_h)).any(axis=(0, 1))
    if entering.any():  # few of the times, and the dearest of them
        age_h = age_h[..., entering]
        part = grow(1 + k, np.clip(age_h, 0.0, duration_h)) / duration_h
        out[..., entering] = np.where(age_h < duration_h, part, out[..., entering])
    return out


def _by_exponential(
    rates: NDArray[np.float64],
    entry: NDArray[np.float64],
    age_h: NDArray[np.float64],
    duration_h: float,
    integrated: bool,
) -> NDArray[np.float64]:
    """Compute what `_kernel` does for all modes at once, by stepping the amounts."""
    since = np.maximum(age_h - duration_h, 0.0)
    k = int(integrated)
    if duration_h == 0:
        return np.where(age_h[:, None, :] >= 0, grown(rates, entry, since, k), 0.0)
    rate = entry / duration_h
    during = grown(rates, rate, np.clip(age_h, 0.0, duration_h), 1 + k)
    entered = grown(rates, rate, np.full((len(rate), 1), duration_h), 1)[..., 0]
    after = grown(rates, entered, since, k)
    if integrated:
        return during + after
    return np.where(age_h[:, None, :] <= duration_h, during, after)
