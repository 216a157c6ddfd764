"""What is read from the animals of a group: survival, volumes, responses."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats

__all__ = ["best_change", "complete_response", "group_median", "present", "survival_of"]


def survival_of(day: Floats, event: NDArray[np.bool_], end_d: float) -> tuple[Floats, Floats]:
    """Kaplan-Meier median and restricted mean of groups.

    Parameters
    ----------
    day, event : ndarray, shape (..., animals)
    end_d : float
        To which the mean counts; beyond the last animal the curve goes on as it is.

    Returns
    -------
    (ndarray, ndarray), shapes (...)
        The median is infinite where the curve stays above one half.
    """
    order = np.argsort(np.where(event, day, day + 1e-9), axis=-1, kind="stable")
    t = np.take_along_axis(day, order, axis=-1)
    e = np.take_along_axis(event, order, axis=-1)
    n = t.shape[-1]
    at_risk = n - np.arange(n)
    curve = np.cumprod(1.0 - e / at_risk, axis=-1)
    low = curve <= 0.5 + 1e-12
    median = np.where(
        low.any(axis=-1), np.take_along_axis(t, low.argmax(axis=-1)[..., None], -1)[..., 0], np.inf
    )
    edges = np.concatenate([np.zeros((*t.shape[:-1], 1)), np.minimum(t, end_d)], axis=-1)
    height = np.concatenate([np.ones((*t.shape[:-1], 1)), curve], axis=-1)
    widths = np.diff(np.concatenate([edges, np.full((*t.shape[:-1], 1), end_d)], axis=-1), axis=-1)
    return median, (height * widths).sum(axis=-1)


def present(measured_d: Floats, day: Floats) -> NDArray[np.bool_]:
    """Whether an animal is measured at a visit, its last included, shape (visits, ...)."""
    return measured_d.reshape(-1, *[1] * day.ndim) <= day


def group_median(values: Floats, there: NDArray[np.bool_]) -> Floats:
    """Median over the animals that are there; NaN where none is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # groups that have ended
        return np.nanmedian(np.where(there, values, np.nan), axis=-1)


def best_change(measured_mm3: Floats, there: NDArray[np.bool_]) -> Floats:
    """Least volume after entry over that at entry, less one, shape (...); visits lead."""
    later = np.where(there[1:], measured_mm3[1:], np.inf).min(axis=0)
    return np.where(np.isfinite(later), later / measured_mm3[0] - 1.0, 0.0)


def complete_response(measured_mm3: Floats, there: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """No palpable tumor at two visits in a row, shape (...); visits lead."""
    gone = there & (measured_mm3 <= 0.0)
    return np.asarray((gone[1:] & gone[:-1]).any(axis=0))
