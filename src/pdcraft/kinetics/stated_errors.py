"""Stated standard deviations: which are used, which are filled in, and what is said of it.

If half of the quantified values or more state one, the others are given the median relative
standard deviation between animals of those, over the root of their own animals: an assumption,
which is flagged. If fewer do, none is used, which is flagged as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.likelihood import Likelihood
from pdcraft.kinetics.observed import Observed

__all__ = ["enough_stated", "filled_sd", "spread_notes"]


def _stated(data: Observed) -> NDArray[np.bool_]:
    return ~data.censored & (data.sd > 0)


def _relative(data: Observed) -> float:
    """Median relative standard deviation of one animal."""
    mine = _stated(data) & (data.value > 0)
    if not mine.any():
        return 0.0
    return float(np.median((data.sd * np.sqrt(data.each) / np.maximum(data.value, 1e-300))[mine]))


def enough_stated(data: Observed) -> bool:
    """Whether half of the quantified values or more state their standard deviation."""
    return bool(2 * _stated(data).sum() >= (~data.censored).sum())


def filled_sd(data: Observed) -> Floats:
    """Give all values a standard deviation; missing ones from the relative one of the others.

    Parameters
    ----------
    data : Observed
        With one stated standard deviation or more.

    Returns
    -------
    ndarray, shape (n,)
    """
    guess = _relative(data) * data.value / np.sqrt(data.each)
    smallest = data.sd[_stated(data)].min()
    guess = np.where(guess > 0, guess, smallest)  # of a value of zero nothing relative is known
    return np.where(data.sd > 0, data.sd, guess)


def spread_notes(data: Observed, likelihood: Likelihood) -> list[str]:
    """Say where stated errors were not used, or were assumed for values without one."""
    stated, lacks = _stated(data), ~data.censored & ~(data.sd > 0)
    if not stated.any():
        return []
    of = f"subject {data.subject}: " if data.design == "serial" else ""
    if likelihood.error == "sd":
        if not lacks.any():
            return []
        share = f"the median relative SD of the others, {_relative(data):.0%} of one animal"
        return [f"{of}assumed errors: {_rows(data, lacks)} without sd or sem; taken: {share}"]
    if data.design == "destructive":
        return [f"{of}stated errors not used: animals differ by more than one measurement errs"]
    return [f"{of}stated errors not used: {_rows(data, lacks)} without sd or sem"]


def _rows(data: Observed, which: NDArray[np.bool_]) -> str:
    times = ", ".join(f"{t:g}" for t in data.time_h[which])
    return f"value{'s' if which.sum() > 1 else ''} at {times} h"
