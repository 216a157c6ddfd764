r"""Dynamic urinary bladder: activity of the contents over all voids, and the dose to the wall.

In a filling that starts with activity A and inflow :math:`E_k e^{-r_k\tau}` (decayed to the
start; fractions of the administered activity) the contents hold

.. math:: a(\tau) = e^{-\lambda\tau}\Big[A + \sum_k E_k \frac{1-e^{-r_k\tau}}{r_k}\Big]

and a void leaves the residual volume's share of it. Integrals are exact. From one cycle of the
schedule to the next everything is linear, so the sum over all voids until the last atom has
decayed is a geometric series, not a truncated one. The dose to the wall weights a with S(V) at
the volume that the bladder then has; that integral is a quadrature in each filling (relative
error below 1e-6) under the same series.

References
----------
.. [MIRD14] S.R. Thomas et al., MIRD Pamphlet No. 14 revised, J. Nucl. Med. 40, 102S (1999)
.. [C73] R.J. Cloutier et al., J. Nucl. Med. 14, 53 (1973): bladder emptied at equal intervals
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.bladder_wall import WallS
from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR
from pdcraft.dosimetry.urine_history import Leg, UrineHistory
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.modes import phi
from pdcraft.physics.decay import decay_constant_per_h

__all__ = ["contents_activity", "contents_tiac_h", "contents_volume_mL", "wall_dose_mGy_per_MBq"]

BREAKS = (0.0, 1 / 256, 1 / 64, 1 / 16, 1 / 4, 1.0)  # of a filling: the volume grows by factors
GAUSS = 8  # points between two breaks
NEAR = 0.5  # r T under which a difference of integrals would cancel


def contents_tiac_h(history: UrineHistory, half_life_h: float) -> Floats:
    """Time-integrated activity coefficient of ``urinary_bladder_contents``, h, shape (...).

    Parameters
    ----------
    history : UrineHistory
        From `modeled_urine` or `collected_urine`.
    half_life_h : float
        Physical.

    Examples
    --------
    Fluorodeoxyglucose, a bladder emptied every 3.5 h (fractions and half-lives recalled, not
    verified):

    >>> from pdcraft.dosimetry.inflow import inflow_of_exponentials
    >>> from pdcraft.dosimetry.urine_history import modeled_urine
    >>> from pdcraft.dosimetry.voiding import Bladder
    >>> bladder = Bladder(3.5, 3.5, filling_mL_per_h=60.0, initial_volume_mL=10.0)
    >>> urine = inflow_of_exponentials([0.06, 0.18], [0.2, 1.5])
    >>> round(float(contents_tiac_h(modeled_urine(bladder, urine), 1.8295)), 3)
    0.255
    """
    return _total(history, float(decay_constant_per_h(half_life_h)), None)


def wall_dose_mGy_per_MBq(history: UrineHistory, half_life_h: float, wall: WallS) -> Floats:
    """Absorbed dose coefficient of the bladder wall from its contents, mGy/MBq, shape (...).

    Parameters
    ----------
    history : UrineHistory
        With volumes.
    half_life_h : float
        Physical.
    wall : WallS
        S values with the axes (...) of the draws, if any.

    Raises
    ------
    DataError
        If the volumes of collected urine are not known.
    """
    if not history.has_volumes:
        raise DataError(
            "the dose to the bladder wall needs volumes: give voided_volume_mL of every collection"
        )

    def S_at(volume_mL: Floats) -> Floats:
        return wall.at(volume_mL) * SECONDS_PER_HOUR

    return _total(history, float(decay_constant_per_h(half_life_h)), S_at)


def contents_activity(history: UrineHistory, half_life_h: float, times_h: ArrayLike) -> Floats:
    """Activity in the bladder per administered activity; at a void what it leaves.

    Parameters
    ----------
    times_h : array_like, shape (times,)
        From 0 h on.

    Returns
    -------
    ndarray, shape (..., times)
    """
    times = _times(times_h)
    decay = float(decay_constant_per_h(half_life_h))
    activity, out = np.zeros(()), np.zeros(times.shape)
    for leg in history.legs(np.nextafter(times.max(), np.inf)):
        since = np.clip(times - leg.start_h[..., None], 0.0, leg.filling.duration_h[..., None])
        now = (times >= leg.start_h[..., None]) & (times < leg.end_h[..., None])
        e = (leg.entering_per_h * _decayed(leg, decay))[..., None, :]
        grown = _grown(leg.rates_per_h[..., None, :], since[..., None])
        held = np.exp(-decay * since) * (activity[..., None] + (e * grown).sum(axis=-1))
        out = np.where(now, held, out)
        activity = _after(leg, activity, decay)
    return out


def contents_volume_mL(history: UrineHistory, times_h: ArrayLike) -> Floats:
    """Volume of the bladder's contents, mL, shape (..., times); at a void what it leaves."""
    if not history.has_volumes:
        raise DataError("volumes are not known: give voided_volume_mL of every collection")
    times = _times(times_h)
    out = np.full(times.shape, np.nan)
    for leg in history.legs(np.nextafter(times.max(), np.inf)):
        since = times - leg.start_h[..., None]
        now = (since >= 0) & (times < leg.end_h[..., None])
        volume = leg.filling.volume_mL[..., None] + leg.filling.filling_mL_per_h[..., None] * since
        out = np.where(now, volume, out)
    if np.any(np.isnan(out)):
        raise PhysicsRangeError(
            f"volume asked at {times.max():g} h, after the last collection; give a tail, or ask "
            "earlier"
        )
    return out


def _times(times_h: ArrayLike) -> Floats:
    times = np.atleast_1d(np.asarray(times_h, dtype=float))
    if not times.size or not np.all(times >= 0):
        raise PhysicsRangeError(f"times must be from 0 h on, got {times} h")
    return times


def _decayed(leg: Leg, decay: float) -> Floats:
    return np.exp(-decay * leg.start_h)[..., None]


def _phi(order: int, z: Floats) -> Floats:
    return np.asarray(phi(order, z), dtype=np.float64)


def _grown(rate: Floats, time: Floats) -> Floats:
    """Integral of exp(-rate s) from 0 to time: what a unit inflow has brought."""
    return time * _phi(1, -rate * time)


def _after(leg: Leg, activity: Floats, decay: float) -> Floats:
    """Activity that the void at the end of a leg leaves."""
    filling = leg.filling
    brought = leg.entering_per_h * _decayed(leg, decay)
    brought = brought * _grown(leg.rates_per_h, filling.duration_h[..., None])
    left = filling.kept * np.exp(-decay * filling.duration_h)
    return left * (activity + brought.sum(axis=-1))


def _total(history: UrineHistory, decay: float, S_at: Callable[[Floats], Floats] | None) -> Floats:
    """Integral of the activity, weighted with S if given, over all time."""
    total, activity = np.zeros(()), np.zeros(())
    integrals = _Integrals(decay, S_at)
    for leg in history.lead_in:
        of_held, of_inflow = integrals.of(leg)
        e = leg.entering_per_h * _decayed(leg, decay)
        total = total + activity * of_held + (e * of_inflow).sum(axis=-1)
        activity = _after(leg, activity, decay)
    if not history.cycle:
        return total
    return total + _cycles(history, decay, activity, integrals)


def _cycles(history: UrineHistory, decay: float, activity: Floats, integrals: _Integrals) -> Floats:
    """Sum over endless cycles: held activity and inflow at their starts are geometric series."""
    first = history.cycle[0]
    rates = first.rates_per_h
    held, brought = np.ones(()), np.zeros(rates.shape)  # per held activity, per inflow at the start
    sum_held, sum_inflow = np.zeros(()), np.zeros(rates.shape)
    passed = np.zeros(())
    for leg in history.cycle:
        filling = leg.filling
        left = np.exp(-(rates + decay) * passed[..., None])  # of the inflow since the cycle began
        of_held, of_inflow = integrals.of(leg)
        sum_held = sum_held + held * of_held
        sum_inflow = sum_inflow + brought * of_held[..., None] + left * of_inflow
        keeps = filling.kept * np.exp(-decay * filling.duration_h)
        grown = left * _grown(rates, filling.duration_h[..., None])
        brought = keeps[..., None] * (brought + grown)
        held = keeps * held
        passed = passed + filling.duration_h
    e = first.entering_per_h * _decayed(first, decay)
    all_inflow = e / -np.expm1(-(rates + decay) * passed[..., None])
    all_held = (activity + (brought * all_inflow).sum(axis=-1)) / (1.0 - held)
    return all_held * sum_held + (all_inflow * sum_inflow).sum(axis=-1)


class _Integrals:
    """Integrals over legs; fillings of a schedule that are the same object are done once."""

    def __init__(self, decay: float, S_at: Callable[[Floats], Floats] | None) -> None:
        self._decay, self._S_at = decay, S_at
        self._done: list[tuple[Leg, tuple[Floats, Floats]]] = []

    def of(self, leg: Leg) -> tuple[Floats, Floats]:
        for other, found in self._done:
            if other.filling is leg.filling and other.rates_per_h is leg.rates_per_h:
                return found
        found = _integrals(leg, self._decay, self._S_at)
        self._done.append((leg, found))
        return found


def _integrals(
    leg: Leg, decay: float, S_at: Callable[[Floats], Floats] | None
) -> tuple[Floats, Floats]:
    """Integrals over a leg of a unit held at its start (...), and of unit inflows (..., terms)."""
    duration = leg.filling.duration_h
    if S_at is None:
        x = np.asarray(-decay * duration)
        return duration * _phi(1, x), _inflow_integral(leg.rates_per_h, duration[..., None], x)
    of_held, of_inflow = np.zeros(()), np.zeros(())
    for fraction, weight in zip(*_graded(), strict=True):
        time = fraction * duration
        volume = leg.filling.volume_mL + leg.filling.filling_mL_per_h * time
        dose = weight * duration * np.exp(-decay * time) * S_at(volume)
        of_held = of_held + dose
        of_inflow = of_inflow + dose[..., None] * _grown(leg.rates_per_h, time[..., None])
    return np.asarray(of_held), np.asarray(of_inflow)


def _inflow_integral(rate: Floats, duration: Floats, x: Floats) -> Floats:
    """Integral over the duration T of exp(-decay s) (1 - exp(-rate s)) / rate; x is -decay T."""
    y = rate * duration
    x = np.asarray(x)[..., None]
    far = (_phi(1, x) - _phi(1, x - y)) / np.where(np.abs(y) < NEAR, 1.0, y)
    if np.all(np.abs(y) >= NEAR):
        return duration**2 * far
    nodes, weights = np.polynomial.legendre.leggauss(GAUSS)
    near = np.zeros(np.broadcast_shapes(x.shape, y.shape))
    for node, weight in zip(0.5 * (nodes + 1), 0.5 * weights, strict=True):
        z = x - node * np.where(np.abs(y) < NEAR, y, 0.0)
        near = near + weight * (_phi(1, z) - _phi(2, z))  # the derivative of phi 1
    return duration**2 * np.where(np.abs(y) < NEAR, near, far)


def _graded() -> tuple[Floats, Floats]:
    """Nodes and weights on 0 to 1, dense at 0, where the bladder is nearly empty."""
    x, w = np.polynomial.legendre.leggauss(GAUSS)
    pairs = list(pairwise(BREAKS))
    nodes = np.concatenate([a + (b - a) * 0.5 * (x + 1) for a, b in pairs])
    return nodes, np.concatenate([(b - a) * 0.5 * w for a, b in pairs])
