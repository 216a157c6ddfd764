"""Prior of the BLRM, and the intervals of toxicity that its decisions are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["EWOC", "INTERVALS", "BlrmPrior", "checked_intervals"]

#: Ends of under-dosing, target and excessive toxicity, those of Neuenschwander et al. 2008.
INTERVALS: Final = (0.20, 0.35, 0.60)
#: Highest probability of excessive or unacceptable toxicity, theirs.
EWOC: Final = 0.25


@dataclass(frozen=True, slots=True)
class BlrmPrior:
    """Bivariate normal prior of log alpha and log beta.

    Parameters
    ----------
    mean, sd : tuple of 2 float
    correlation : float
        Between -1 and 1, both excluded.

    Raises
    ------
    PhysicsRangeError
        For SDs that are not positive or a correlation outside (-1, 1).
    """

    mean: tuple[float, float]
    sd: tuple[float, float]
    correlation: float = 0.0

    def __post_init__(self) -> None:
        if not np.all(np.isfinite(self.mean)):
            raise PhysicsRangeError(
                f"prior means {self.mean} of log alpha, log beta are not finite"
            )
        if not all(0 < s < np.inf for s in self.sd):
            raise PhysicsRangeError(f"prior SDs {self.sd} of log alpha, log beta must be above 0")
        if not -1 < self.correlation < 1:
            raise PhysicsRangeError(
                f"prior correlation {self.correlation:g} of log alpha and log beta must lie "
                "between -1 and 1; a covariance is divided by both SDs"
            )


def checked_intervals(ends: ArrayLike) -> tuple[float, float, float]:
    """Check the ends of under-dosing, target and excessive toxicity.

    Raises
    ------
    DataError
        Unless there are three, rising between 0 and 1.
    """
    held = tuple(float(e) for e in np.atleast_1d(np.asarray(ends, dtype=float)))
    if len(held) != 3 or not 0 < held[0] < held[1] < held[2] < 1:
        raise DataError(
            f"intervals end at {list(held)}: give three rates that rise between 0 and 1, the ends "
            "of under-dosing, target and excessive toxicity, for instance 0.2 0.35 0.6"
        )
    return held
