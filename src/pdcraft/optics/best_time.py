"""When to look, and after which dose: the best option of each draw, as a distribution.

For every draw of what is not known, the admissible options are those whose TBR reaches 1.5 and
whose light is allowed; of them the one with the greatest criterion is best. Different draws have
different best times: the answer is their distribution, not the best time of the mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.estimate import Summary, summarize
from pdcraft.errors import DataError

__all__ = ["LEAST_TBR", "BestChoice", "best_choice"]

LEAST_TBR = 1.5


@dataclass(frozen=True, slots=True)
class BestChoice:
    """Which option is best, and how sure that is.

    Parameters
    ----------
    criterion : str
    time_h, dose : dict
        Summaries over the draws that have an admissible option; `dose` is None with one dose.
    probability : ndarray, shape (times,) or (times, doses)
        Share of all draws in which the option is best.
    without : float
        Share of draws in which no option is admissible.
    """

    criterion: str
    time_h: Summary
    dose: Summary | None
    probability: Floats
    without: float


def best_choice(
    times_h: Sequence[float],
    criterion_values: Floats,
    tbr: Floats,
    light_allowed: NDArray[np.bool_] | bool = True,
    doses: Sequence[float] | None = None,
    criterion: str = "d_prime",
) -> BestChoice:
    """Maximize a criterion in every draw.

    Parameters
    ----------
    times_h : sequence of float
    criterion_values, tbr : ndarray, shape (draws, times) or (draws, times, doses)
    light_allowed : bool or ndarray
        Whether the light is within its limit, per option or draw and option; broadcasts. An
        option whose light was not assessed counts as the caller says.
    doses : sequence of float, optional
        In any unit; needed for arrays with a third axis.
    criterion : str
        Its name, kept with the result.

    Raises
    ------
    DataError
        For arrays of other shapes, or a criterion that is not a number.
    """
    times = np.asarray(times_h, dtype=np.float64)
    shape = (times.size,) if doses is None else (times.size, len(doses))
    score, ratio = (np.asarray(a, dtype=np.float64) for a in (criterion_values, tbr))
    if score.shape[1:] != shape or score.shape != ratio.shape or score.shape[0] < 1:
        raise DataError(
            f"{criterion} of shape {score.shape} and TBR of {ratio.shape}; (draws, "
            f"{', '.join(map(str, shape))}) is wanted"
        )
    if not np.all(np.isfinite(score)):
        raise DataError(f"{criterion} has values that are no number; leave those options out")
    fine = (ratio >= LEAST_TBR) & np.broadcast_to(light_allowed, score.shape)
    flat = np.where(fine, score, -np.inf).reshape(score.shape[0], -1)
    some = np.isfinite(flat).any(axis=1)
    best = flat.argmax(axis=1)[some]
    count = np.bincount(best, minlength=flat.shape[1]) / score.shape[0]
    at_time = times[best // (1 if doses is None else len(doses))]
    at_dose = None if doses is None else np.asarray(doses, dtype=np.float64)[best % len(doses)]
    return BestChoice(
        criterion=criterion,
        time_h=summarize(at_time),
        dose=None if at_dose is None else summarize(at_dose),
        probability=frozen(count.reshape(shape), "probability of being best"),
        without=float(1.0 - some.mean()),
    )
