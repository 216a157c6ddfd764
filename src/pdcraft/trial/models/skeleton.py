r"""Skeletons of the CRM: prior guesses of the DLT rate at each dose.

A skeleton can be made from an indifference interval: doses whose true rates are within a
half-width of the target are all acceptable. With F(d, b) the working model, the rate of the
prior MTD is the target, and neighbors are placed so that at the value of b where the choice moves
from one dose to the next, the lower has the rate target - halfwidth and the higher
target + halfwidth [LC09]_.

References
----------
.. [LC09] S. M. Lee, Y. K. Cheung, Clin. Trials 6, 227 (2009), doi:10.1177/1740774509105076
"""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.checks import check_open

__all__ = ["INTERCEPT", "ModelName", "checked_skeleton", "indifference_skeleton"]

ModelName = Literal["empiric", "logistic"]
INTERCEPT: Final = 3.0  # of the logistic working model, that of dfcrm


def checked_skeleton(
    skeleton: ArrayLike, model: ModelName = "empiric", intercept: float = INTERCEPT
) -> Floats:
    """Copy a skeleton, read-only, shape (doses,).

    Raises
    ------
    DataError
        If it is no skeleton: empty, a value outside (0, 1), or not rising from dose to dose; for
        the logistic model also if a value is not below that of the intercept.
    """
    out = np.array(skeleton, dtype=float)
    if out.ndim != 1 or out.size == 0:
        raise DataError(f"skeleton of shape {out.shape}: give one prior DLT rate for each dose")
    outside = ~((out > 0) & (out < 1))
    if outside.any():
        k = int(np.argmax(outside))
        raise DataError(
            f"skeleton: the rate {out[k]:g} of dose {k + 1} is not between 0 and 1 (both excluded)"
        )
    falls = np.diff(out) <= 0
    if falls.any():
        k = int(np.argmax(falls))
        raise DataError(
            f"skeleton: dose {k + 2} has {out[k + 1]:g} after {out[k]:g}; prior rates rise from "
            "dose to dose. Order the doses, or merge those of equal rate"
        )
    if model == "logistic":
        limit = 1 / (1 + np.exp(-intercept))
        if out[-1] >= limit:
            raise DataError(
                f"skeleton: the logistic model with intercept {intercept:g} holds for prior rates "
                f"below {limit:.4g}, but the highest dose has {out[-1]:g}; raise the intercept"
            )
    out.flags.writeable = False
    return out


def indifference_skeleton(
    halfwidth: float,
    target: float,
    nu: int,
    doses: int,
    model: ModelName = "empiric",
    intercept: float = INTERCEPT,
) -> Floats:
    """Skeleton from an indifference interval.

    Parameters
    ----------
    halfwidth : float
        Of the interval around the target; less than the target and than 1 - target.
    target : float
    nu : int
        Prior MTD, from 1.
    doses : int
    model : {"empiric", "logistic"}
    intercept : float
        Of the logistic model.

    Returns
    -------
    ndarray, shape (doses,)

    Raises
    ------
    PhysicsRangeError
        For a target outside (0, 1), or an interval that does not lie within (0, 1).
    DataError
        For a prior MTD that is no dose, or a skeleton that the model cannot have.

    References
    ----------
    [LC09]_

    Examples
    --------
    >>> indifference_skeleton(0.05, 0.25, 3, 5).round(5).tolist()
    [0.08397, 0.15674, 0.25, 0.3545, 0.46034]
    """
    check_open("target DLT rate", target)
    if not 0 < halfwidth < min(target, 1 - target):
        raise PhysicsRangeError(
            f"half-width {halfwidth:g}: it lies between 0 and {min(target, 1 - target):g}, so that "
            f"{target:g} ± half-width stays within 0 and 1"
        )
    if not 1 <= nu <= doses:
        raise DataError(f"prior MTD {nu}: there are doses 1 to {doses}")
    # on the scale where the model is linear in exp(b): log p, or logit p less the intercept
    at_target, low, high = (
        _scaled(p, model, intercept) for p in (target, target - halfwidth, target + halfwidth)
    )
    if high >= 0:
        raise DataError(
            f"the logistic model with intercept {intercept:g} has no rate of "
            f"{target + halfwidth:g}; raise the intercept"
        )
    scaled = at_target * (low / high) ** (nu - np.arange(1.0, doses + 1))
    rates = np.exp(scaled) if model == "empiric" else 1 / (1 + np.exp(-intercept - scaled))
    return checked_skeleton(rates, model, intercept)


def _scaled(p: float, model: ModelName, intercept: float) -> float:
    return float(np.log(p)) if model == "empiric" else float(np.log(p / (1 - p)) - intercept)
