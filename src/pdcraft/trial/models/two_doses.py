r"""Randomized comparison of two doses: how many patients, and when the higher dose is worth it.

Selection design with a margin [SWE85]_, [WYL25]_: n patients at each dose; the higher dose is
selected if its responses exceed those of the lower by more than r, otherwise the lower, which is
presumed the safer. Correct is the lower dose where both have the response rate p, and the higher
where the lower has p - delta. The design is the smallest n for which some r gives both
selections their wanted probability; of several r the one whose lower probability is highest.

Probabilities are exact sums over both binomials, not the normal approximation.

References
----------
.. [SWE85] R. Simon, R. E. Wittes, S. S. Ellenberg, Cancer Treat. Rep. 69, 1375 (1985)
.. [WYL25] S. Wang, Y. Yuan, S. Liu, ROSE: Randomized Optimal Selection Design for Dose
   Optimization, arXiv:2505.03898 (2025); its rule and aim as in the abstract, its formulas not seen
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.checks import check_open

__all__ = ["TwoDoses", "select_higher_probability", "two_dose_design"]

MOST = 500  # patients at each dose


@dataclass(frozen=True, slots=True)
class TwoDoses:
    """A design: the higher dose is selected with more than `margin` more responses.

    Parameters
    ----------
    n : int
        Patients at each dose.
    margin : int
    lower_correct : float
        P(lower selected) where both doses respond alike.
    higher_correct : float
        P(higher selected) where the lower responds less by delta.
    """

    n: int
    margin: int
    lower_correct: float
    higher_correct: float

    def select(self, lower: int, higher: int) -> int:
        """Select by the responses: 0 for the lower dose, 1 for the higher.

        Raises
        ------
        DataError
            For responses that are not 0 to n.
        """
        if not (0 <= lower <= self.n and 0 <= higher <= self.n):
            raise DataError(f"responses {lower} and {higher} of {self.n} patients at each dose")
        return int(higher - lower > self.margin)


def _difference(n: int, lower: float, higher: float) -> Floats:
    """Distribution of the responses at the higher less those at the lower dose, -n to n."""
    from scipy.stats import binom

    k = np.arange(n + 1)
    return np.convolve(binom.pmf(k, n, higher), binom.pmf(k, n, lower)[::-1])


def select_higher_probability(n: int, margin: int, lower: float, higher: float) -> float:
    """P(higher dose selected) at true response rates, exact.

    Raises
    ------
    PhysicsRangeError
        For rates outside 0 to 1.
    DataError
        For less than one patient.
    """
    if n < 1:
        raise DataError(f"{n} patients at each dose: give 1 or more")
    for rate in (lower, higher):
        if not 0 <= rate <= 1:
            raise PhysicsRangeError(f"response rate {rate:g} is not from 0 to 1")
    return float(_difference(n, lower, higher)[np.arange(-n, n + 1) > margin].sum())


def two_dose_design(
    rate: float, delta: float, *, lower_wanted: float = 0.6, higher_wanted: float = 0.6
) -> TwoDoses:
    """Find the smallest design.

    Parameters
    ----------
    rate : float
        Response rate of the higher dose.
    delta : float
        Loss of response at the lower dose that is no longer acceptable, above 0, below `rate`.
    lower_wanted, higher_wanted : float
        Probabilities of both correct selections.

    Raises
    ------
    PhysicsRangeError
        For rates outside (0, 1), or a loss that is not between 0 and the rate.
    DataError
        If 500 patients at each dose do not suffice.
    """
    check_open("response rate of the higher dose", rate)
    check_open("probability of selecting the lower dose", lower_wanted)
    check_open("probability of selecting the higher dose", higher_wanted)
    if not 0 < delta < rate:
        raise PhysicsRangeError(
            f"loss of response {delta:g} must lie between 0 and the rate {rate:g}"
        )
    for n in range(1, MOST + 1):
        margins = np.arange(-n, n + 1)
        stay = np.cumsum(_difference(n, rate, rate))
        move = 1.0 - np.cumsum(_difference(n, rate - delta, rate))
        good = (stay >= lower_wanted) & (move >= higher_wanted) & (margins >= 0)
        if good.any():
            worst = np.where(good, np.minimum(stay, move), -1.0)
            k = int(np.argmax(worst))
            return TwoDoses(n, int(margins[k]), float(stay[k]), float(move[k]))
    raise DataError(
        f"no design of {MOST} patients at each dose tells {rate:g} from {rate - delta:g} with "
        f"probabilities {lower_wanted:g} and {higher_wanted:g}; take a larger difference"
    )
