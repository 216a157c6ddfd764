r"""Disease of patients: living and killed cells, and the sizes or proteins that show them.

Living cells relative to their number at the start are :math:`L = e^{g t - E(t)}` with the growth
rate *g* and the effect *E* that has been given by then: :math:`\alpha D(t)` of an absorbed dose, or
the linear-quadratic effect of a dose rate (`pdcraft.response.tumor_growth` solves growth that
saturates, stem cells and transit). Killed cells leave a lesion exponentially.

Range: one disease, no new lesions; effects of days against growth over weeks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError

__all__ = ["diameter", "effect_of_dose_rate", "killed", "living", "protein"]


def effect_of_dose_rate(
    rate: DoseRate, alpha_per_Gy: ArrayLike, time_d: ArrayLike, late_share: ArrayLike = 0.0
) -> Floats:
    """Effect given until some days: radiosensitivity times absorbed dose.

    Parameters
    ----------
    rate : DoseRate
        Shape (...).
    alpha_per_Gy : array_like, shape (...)
        Zero or more.
    time_d : array_like, shape (times,)
    late_share : array_like, shape (...)
        What the quadratic part adds, as a share: G D / (α/β). At a half-life of 156 h and repair
        in 1.5 h G is 0.01, so it is 1 % for 10 Gy and an α/β of 10 Gy.

    Returns
    -------
    ndarray, shape (..., times)
    """
    alpha = _not_negative(alpha_per_Gy, "radiosensitivity, 1/Gy")
    extra = 1.0 + _not_negative(late_share, "share of the quadratic effect")
    return (alpha * extra)[..., None] * rate.over(24.0 * np.asarray(time_d, dtype=float))


def living(time_d: ArrayLike, effect: ArrayLike, growth_per_d: ArrayLike) -> Floats:
    """Living cells relative to the start.

    Parameters
    ----------
    time_d : array_like, shape (times,)
        From 0, increasing.
    effect : array_like, shape (..., times)
        Given until each time: zero at first, never falling.
    growth_per_d : array_like, shape (...)
        Of either sign.

    Returns
    -------
    ndarray, shape (..., times)

    Examples
    --------
    >>> living([0.0, 10.0], [0.0, 2.0], 0.1).round(4).tolist()
    [1.0, 0.3679]
    """
    days, given = _checked(time_d, effect)
    return np.exp(np.asarray(growth_per_d, dtype=float)[..., None] * days - given)


def killed(
    time_d: ArrayLike, effect: ArrayLike, growth_per_d: ArrayLike, clearance_per_d: ArrayLike
) -> Floats:
    """Killed cells that are still there, relative to the living at the start.

    Between two times those that are killed have grown for half of the interval, and leave from its
    middle on: second order in the step.

    Parameters
    ----------
    time_d, effect, growth_per_d
        As for `living`.
    clearance_per_d : array_like, shape (...)
        Above zero.

    Returns
    -------
    ndarray, shape (..., times)
    """
    days, given = _checked(time_d, effect)
    rate, growth = (np.asarray(v, dtype=float) for v in (clearance_per_d, growth_per_d))
    if not np.all(rate > 0):
        raise PhysicsRangeError(f"clearance {rate.min():g} per d: above zero")
    alive = living(days, given, growth)
    out = np.zeros(np.broadcast_shapes(alive.shape, (*rate.shape, 1)))
    for i, step in enumerate(np.diff(days), start=1):
        share = -np.expm1(given[..., i - 1] - given[..., i])
        died = alive[..., i - 1] * np.exp(0.5 * growth * step) * share
        out[..., i] = np.exp(-rate * step) * out[..., i - 1] + np.exp(-0.5 * rate * step) * died
    return out


def diameter(relative_volume: ArrayLike, baseline_mm: ArrayLike) -> Floats:
    """Diameter, mm, of a lesion that keeps its shape.

    Parameters
    ----------
    relative_volume : array_like, shape (..., times)
    baseline_mm : array_like, shape (...)
    """
    volume = _not_negative(relative_volume, "relative volume")
    return np.asarray(baseline_mm, dtype=float)[..., None] * np.cbrt(volume)


def protein(
    time_d: ArrayLike, alive: Floats, baseline: ArrayLike, half_life_d: ArrayLike
) -> Floats:
    r"""Concentration of a protein that living cells secrete.

    :math:`\dot M = k (M_0 L - M)`, in balance at the start; exact for living cells that change
    linearly between the times.

    Parameters
    ----------
    time_d : array_like, shape (times,)
    alive : ndarray, shape (..., times)
        Relative to the start.
    baseline : array_like, shape (...)
        Any unit, above zero.
    half_life_d : array_like, shape (...)
        Of the protein, above zero.

    Returns
    -------
    ndarray, shape (..., times)
        Unit of `baseline`.
    """
    days = np.asarray(time_d, dtype=float)
    half, first = np.asarray(half_life_d, dtype=float), np.asarray(baseline, dtype=float)
    if not np.all(half > 0) or not np.all(first > 0):
        raise PhysicsRangeError(
            f"protein: half-life {half.min():g} d, baseline {first.min():g}; above zero"
        )
    k = np.log(2.0) / half
    shape = np.broadcast_shapes(alive.shape, (*half.shape, 1))
    out = np.ones(shape)
    for i, step in enumerate(np.diff(days), start=1):
        kept = np.exp(-k * step)
        a, b = alive[..., i - 1], alive[..., i]
        mean_weight = -np.expm1(-k * step) / (k * step)
        # integral of k exp(-k (step - s)) (a + (b - a) s / step)
        out[..., i] = kept * out[..., i - 1] + a * (mean_weight - kept) + b * (1.0 - mean_weight)
    return first[..., None] * out


def _checked(time_d: ArrayLike, effect: ArrayLike) -> tuple[Floats, Floats]:
    days, given = np.asarray(time_d, dtype=float), np.asarray(effect, dtype=float)
    if days.ndim != 1 or np.any(np.diff(days) <= 0) or given.shape[-1:] != days.shape:
        raise PhysicsRangeError(
            f"patient: effects {given.shape} for times {days.shape}; times increase, and an effect "
            "is given for each"
        )
    if np.any(given < 0) or np.any(np.diff(given, axis=-1) < -1e-12 * np.abs(given[..., 1:])):
        raise PhysicsRangeError("patient: an effect is zero or more and never falls with time")
    return days, given


def _not_negative(value: ArrayLike, what: str) -> Floats:
    array = np.asarray(value, dtype=float)
    if not np.all(np.isfinite(array)) or np.any(array < 0):
        raise PhysicsRangeError(f"{what}: {array.min():g}; finite and not negative")
    return array
