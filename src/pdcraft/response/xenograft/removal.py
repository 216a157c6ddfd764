"""When and why animals leave a study: volume, weight, other humane endpoints, its end.

Loss is informative: ulceration follows the tumor's mass, loss of weight the dose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats

__all__ = ["REASONS", "Removed", "remove", "weight_course"]

REASONS = ("end of study", "volume", "weight", "other humane endpoint")
WEIGHT_LIMIT = 0.80  # of the weight at entry


@dataclass(frozen=True, slots=True)
class Removed:
    """Last days of animals.

    Parameters
    ----------
    day : ndarray, shape (...)
        Of removal, or the end of the study.
    reason : ndarray of int, shape (...)
        Index in `REASONS`. The volume is the event of survival; the others are censored.
    """

    day: Floats
    reason: NDArray[np.int_]

    @property
    def event(self) -> NDArray[np.bool_]:
        """Whether the tumor reached the limit of volume."""
        return self.reason == 1


def remove(
    measured_mm3: Floats,
    measured_d: Floats,
    limit_mm3: float,
    mass_g: Floats,
    time_d: Floats,
    weight: Floats,
    ulceration_per_d_per_g: Floats,
    patience: Floats,
) -> Removed:
    """Find the first reason of each animal.

    Parameters
    ----------
    measured_mm3 : ndarray, shape (visits, ...)
    measured_d : ndarray, shape (visits,)
    limit_mm3 : float
    mass_g : ndarray, shape (times, ...)
    time_d : ndarray, shape (times,)
    weight : ndarray, shape (times, ...)
        Over the weight at entry.
    ulceration_per_d_per_g : ndarray
        Broadcasts to (...).
    patience : ndarray, shape (...)
        Standard exponential variables: the cumulative hazard at which an animal leaves.

    Returns
    -------
    Removed
        On one day volume comes before weight, weight before others.
    """
    end = float(time_d[-1])
    volume_day = _first(measured_mm3 >= limit_mm3, measured_d)
    weight_day = _first(weight < WEIGHT_LIMIT, time_d)
    step = np.diff(time_d).reshape(-1, *[1] * (mass_g.ndim - 1))
    hazard = np.cumsum(0.5 * (mass_g[1:] + mass_g[:-1]) * step, axis=0) * ulceration_per_d_per_g
    other_day = _first(hazard > patience, time_d[1:])
    days = np.stack([np.full(volume_day.shape, end), volume_day, weight_day, other_day])
    order = (1, 2, 3, 0)
    which = np.array(order)[np.argmin(days[list(order)], axis=0)]
    return Removed(np.minimum(days.min(axis=0), end), which)


def _first(true: NDArray[np.bool_], days: Floats) -> Floats:
    """First day on which it is true; infinite if never."""
    return np.where(true.any(axis=0), days[true.argmax(axis=0)], np.inf)


def weight_course(
    time_d: Floats, dose_Gy: Floats, gain_per_d: Floats, loss_per_Gy: Floats, peak_d: Floats
) -> Floats:
    r"""Weight over that at entry: growth, less a loss that follows each dose after some days.

    Every Gy adds a loss that rises and falls as :math:`(u/\tau) e^{1 - u/\tau}` with the time
    :math:`u` since it, largest after :math:`\tau`: assumed.

    Parameters
    ----------
    time_d : ndarray, shape (times,)
        Even steps from 0.
    dose_Gy : ndarray, shape (times - 1, draws)
        In each step.
    gain_per_d, loss_per_Gy, peak_d : ndarray, shape (draws, animals)

    Returns
    -------
    ndarray, shape (times, draws, animals)
    """
    step = float(time_d[1] - time_d[0])
    out = 1.0 + gain_per_d * time_d[:, None, None]
    keep = np.exp(-step / peak_d)
    first = np.zeros(gain_per_d.shape)
    second = np.zeros(gain_per_d.shape)
    for i in range(dose_Gy.shape[0]):
        # exact for a dose at the beginning of the step
        first = first + dose_Gy[i][:, None]
        second = (second + first * step / peak_d) * keep
        first = first * keep
        out[i + 1] -= loss_per_Gy * np.e * second
    return out
