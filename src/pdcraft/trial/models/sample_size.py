r"""Sample size of a CRM trial from the average probability of correct selection wanted.

Calibrated on dose-toxicity curves whose neighboring doses have an odds ratio psi, with the target
at each dose in turn [C13]_. The accuracy that the optimal benchmark needs so that the CRM has the
accuracy A wanted is

.. math:: \mathrm{logit}\,b = \frac{\mathrm{logit}\,A - 2.26 + 0.00235 K^2 + 0.7\psi
    + 1.903/\psi}{0.854},

and the benchmark's sample size follows from the normal approximation of its comparison of
neighboring doses, with a continuity correction. Validated by its author for targets 0.1 to 0.3,
4 to 8 doses and psi 1.25 to 2.5: a first guess, to be checked by simulation.

References
----------
.. [C13] Y. K. Cheung, Clin. Trials 10, 852 (2013), doi:10.1177/1740774513497294 (recalled, not
   verified); coefficients as in the R package dfcrm 0.2-2, function getn
"""

from __future__ import annotations

import warnings
from math import ceil

import numpy as np

from pdcraft.errors import ApproximationWarning, DataError, PhysicsRangeError
from pdcraft.trial.checks import check_open

__all__ = ["crm_sample_size"]

MOST = 100_000


def _discrimination(n: float, target: float, psi: float) -> float:
    """Mean standardized difference between the target and its neighbors, each with correction."""
    odds = target / (1 - target)
    low, high = odds / psi / (1 + odds / psi), odds * psi / (1 + odds * psi)
    own = target * (1 - target)
    sd_low = np.sqrt(own + low * (1 - low) + 2 * low * (1 - target))
    sd_high = np.sqrt(own + high * (1 - high) + 2 * target * (1 - high))
    shift = 0.5 / n
    return float(((target - low + shift) / sd_low + (high - target - shift) / sd_high) / 2)


def crm_sample_size(accuracy: float, target: float, doses: int, psi: float) -> int:
    """Patients for an average probability of correct selection.

    Parameters
    ----------
    accuracy : float
        Probability wanted, above 1/doses.
    target : float
        DLT rate wanted.
    doses : int
    psi : float
        Odds ratio between neighboring doses, above 1.

    Raises
    ------
    PhysicsRangeError
        For rates outside (0, 1), or an odds ratio of 1 or less.
    DataError
        For less than two doses, an accuracy that guessing has, or one beyond 100,000 patients.

    Warns
    -----
    ApproximationWarning
        Outside the range that the formula was validated in.

    References
    ----------
    [C13]_

    Examples
    --------
    >>> crm_sample_size(0.6, 0.25, 5, 1.8)
    32
    """
    from scipy.special import expit, logit, ndtr, ndtri

    check_open("accuracy", accuracy)
    check_open("target DLT rate", target)
    if doses < 2:
        raise DataError(f"{doses} doses: the formula compares 2 or more")
    if not psi > 1:
        raise PhysicsRangeError(f"odds ratio {psi:g} between neighboring doses must be above 1")
    if accuracy <= 1 / doses:
        raise DataError(f"accuracy {accuracy:g}: guessing among {doses} doses has 1/{doses}")
    if not (0.1 <= target <= 0.3 and 4 <= doses <= 8 and 1.25 <= psi <= 2.5):
        warnings.warn(
            "the CRM's sample size was validated for targets 0.1 to 0.3, 4 to 8 doses and odds "
            f"ratios 1.25 to 2.5, not for {target:g}, {doses} and {psi:g}; simulate instead",
            ApproximationWarning,
            stacklevel=2,
        )
    wanted = float(
        expit((logit(accuracy) - 2.26 + 0.00235 * doses**2 + 0.7 * psi + 1.903 / psi) / 0.854)
    )
    n = 1
    while True:
        index = 1 / doses + (1 - 1 / doses) * (
            2 * float(ndtr(np.sqrt(n) * _discrimination(n, target, psi))) - 1
        )
        if index >= wanted:
            break
        n += 1
        if n > MOST:
            raise DataError(f"accuracy {accuracy:g} takes more than {MOST:,} patients")
    z = float(ndtri(1 - doses * (1 - wanted) / 2 / (doses - 1)))
    return ceil((z / _discrimination(n, target, psi)) ** 2)
