"""Activity of bladder and bowel contents as time courses, for dose rates and pictures.

Sampled curves: their integrals are those of straight lines between the samples. Take coefficients
from `pdcraft.dosimetry.bladder` and `pdcraft.dosimetry.alimentary`, which are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.dosimetry.bladder import contents_activity
from pdcraft.dosimetry.urine_history import UrineHistory
from pdcraft.errors import PhysicsRangeError

__all__ = ["bladder_course", "contents_course", "void_times_h"]

BLADDER = "urinary_bladder_contents"
JUST_BEFORE = 1e-9  # relative: the last time before a void
PER_FILLING = 24


def contents_course(
    contents: Mapping[str, Floats], times_h: ArrayLike, half_life_h: float, draws: str
) -> TimeCourse:
    """Time course of curves by region, such as `pdcraft.dosimetry.alimentary.alimentary_curves`.

    Parameters
    ----------
    contents : mapping of str to ndarray, shape (..., times)
        Activity per administered activity, decayed; axes (draw, subject) or fewer.
    times_h : array_like, shape (times,)
        Increasing from 0 h on.
    half_life_h : float
        Physical.
    draws : str
        Identity of the draw set.
    """
    values = np.stack(np.broadcast_arrays(*contents.values()), axis=-2)
    missing = 4 - values.ndim
    axes = (values.shape[0], 1) if missing == 1 else (1,) * missing + values.shape[:-2]
    return TimeCourse(
        tuple(contents),
        QUANTITIES["activity_fraction"],
        draws,
        times_h=np.asarray(times_h, dtype=float),
        values=values.reshape(*axes, *values.shape[-2:]),
        half_life_h=half_life_h,
    )


def void_times_h(history: UrineHistory, until_h: float) -> Floats:
    """Return the times of all voids before a time, of all draws together, increasing."""
    ends = [np.ravel(leg.end_h) for leg in history.legs(until_h)]
    times = np.unique(np.concatenate(ends))
    return times[times < until_h]


def bladder_course(
    history: UrineHistory, half_life_h: float, until_h: float, draws: str
) -> TimeCourse:
    """Time course of the bladder's contents, a saw-tooth with a step at every void.

    Parameters
    ----------
    history : UrineHistory
    half_life_h : float
        Physical.
    until_h : float
        End of the curve; what follows is left out, so take many effective half-lives.
    draws : str
        Identity of the draw set.

    Returns
    -------
    TimeCourse
        Sampled at 24 times of every filling and on both sides of every void; where voids differ
        between draws, of each of them.

    Raises
    ------
    PhysicsRangeError
        If the end is not above 0 h.
    """
    if not 0 < until_h < np.inf:
        raise PhysicsRangeError(f"bladder curve until {until_h:g} h; give an end above 0 h")
    voids = void_times_h(history, until_h)
    knots = np.concatenate([[0.0], voids, [until_h]])
    inner = np.concatenate([np.linspace(a, b, PER_FILLING) for a, b in pairwise(knots)])
    times = np.unique(np.concatenate([inner, voids * (1 - JUST_BEFORE)]))
    values = contents_activity(history, half_life_h, times)
    values[..., -1] = 0.0  # nothing is counted after the end
    return contents_course({BLADDER: values}, times, half_life_h, draws)
