r"""Toxicity estimates that rise with dose, and the dose nearest the target among them.

Each dose's rate is first :math:`(y + 0.05)/(n + 0.1)`; the pool-adjacent-violators solution
weighted by the inverse of its posterior variance makes it rise with dose [BLD72]_; of equal
estimates the lower dose counts as smaller by 1e-10, so that among doses tied below the target the
highest is chosen and among doses tied above it the lowest [LY15]_.

The solution is written as its max-min form, :math:`\max_{a \le i} \min_{b \ge i}` of the weighted
mean over a..b, which many trials share without a loop over them.

References
----------
.. [BLD72] R. E. Barlow, D. J. Bartholomew, J. M. Bremner, H. D. Brunk, Statistical Inference under
   Order Restrictions, Wiley 1972
.. [LY15] S. Liu, Y. Yuan, J. R. Stat. Soc. C 64, 507 (2015), doi:10.1111/rssc.12089
"""

from __future__ import annotations

from typing import cast

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.trial.design import NONE, Bools, Ints

__all__ = ["isotonic", "nearest_dose", "rates_rising"]

PRIOR_TOXICITIES = 0.05
PRIOR_PATIENTS = 0.1
TIE = 1e-10  # by which the lower of two equal estimates counts as smaller


def isotonic(values: Floats, weights: Floats) -> Floats:
    """Rising values nearest to `values` in weighted squares, along the last axis.

    Parameters
    ----------
    values, weights : ndarray, shape (..., k)
        An entry of weight 0 takes no part; its result means nothing.

    Examples
    --------
    >>> isotonic(np.array([[1.0, 3.0, 2.0]]), np.ones((1, 3))).tolist()
    [[1.0, 2.5, 2.5]]
    """
    k = values.shape[-1]
    mass, moment = np.moveaxis(weights, -1, 0), np.moveaxis(weights * values, -1, 0)
    best = np.full(mass.shape, -np.inf)
    for a in range(k):
        # means over a..b for every b from a on; the least of those with b >= i, for every i
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.cumsum(moment[a:], axis=0) / np.cumsum(mass[a:], axis=0)
        means[~(mass[a:] > 0)] = np.inf  # a block never has to end at an entry without weight
        least = np.minimum.accumulate(means[::-1], axis=0)[::-1]
        np.maximum(best[a:], least, out=best[a:])
    return np.moveaxis(best, 0, -1)


def rates_rising(n: Ints, tox: Ints, admissible: Bools) -> Floats:
    """Rising estimates of the DLT rates at the admissible doses; NaN at the others.

    Parameters
    ----------
    n, tox : ndarray of int, shape (trials, doses)
    admissible : ndarray of bool, shape (trials, doses)
        Doses with patients that were not eliminated.
    """
    total = n + PRIOR_PATIENTS
    rate = (tox + PRIOR_TOXICITIES) / total
    # the inverse of the variance of Beta(y + 0.05, n - y + 0.05)
    weight = np.where(admissible, (total + 1.0) / (rate * (1.0 - rate)), 0.0)
    return np.where(admissible, isotonic(rate, weight), np.nan)


def nearest_dose(estimates: Floats, target: float) -> Ints:
    """Dose whose estimate is nearest the target, shape (trials,); `NONE` where all are NaN."""
    open_ = ~np.isnan(estimates)
    distance = np.abs(estimates + np.cumsum(open_, axis=-1) * TIE - target)
    distance = np.where(open_, distance, np.inf)
    chosen = cast("Ints", np.argmin(distance, axis=-1))
    return np.where(open_.any(axis=-1), chosen, NONE)
