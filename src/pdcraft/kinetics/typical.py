r"""The typical integral of a few subjects, with limits that hold it as often as they say.

Integrals are positive and differ by factors, so subjects are taken as log-normal: the typical
integral is their geometric mean. With :math:`s` the standard deviation of the logarithms of `n`
subjects, the logarithm of the typical integral is drawn from
:math:`\bar x + t_{n-1}\, s/\sqrt n` [S08]_.

What is unknown of each subject's own curve is in :math:`s` already, since it scatters the
subjects' values, and is not added again. Only where the subjects agree better by chance than
their own curves are known, the curves' draws give the wider limits, and these are taken.

References
----------
.. [S08] Student, The probable error of a mean, Biometrika 6, 1 (1908), doi:10.1093/biomet/6.1.1
"""

from __future__ import annotations

import numpy as np
from scipy.special import stdtr, stdtrit

from pdcraft.core.arrays import Floats

__all__ = ["two_subjects", "typical"]

# A logarithm with t tails has no mean as a number: draws further out are put here, which leaves
# the 95 % limits where they are.
_FURTHEST_ERRORS, _FURTHEST_PROBABILITY = 4.0, 0.98


def typical(values: Floats, rng: np.random.Generator) -> Floats:
    """Draw the typical integral.

    Parameters
    ----------
    values : ndarray, shape (draw, subject)
        Integrals of each subject's curve, above zero on average.
    rng : numpy Generator
        Orders the draws; their values are the same for all.

    Returns
    -------
    ndarray, shape (draw,)
        One subject: its draws. Several: of their geometric mean.
    """
    n_draws, n = values.shape
    if n == 1:
        return values[:, 0]
    means = values.mean(axis=0)
    middle, error = _middle_and_error(means)
    # from 0 to 1 as sample quantiles are read, so that 95 % limits are those of t at any number
    chance = rng.permutation(n_draws) / (n_draws - 1) if n_draws > 1 else np.array([0.5])
    furthest = max(float(stdtr(n - 1, _FURTHEST_ERRORS)), _FURTHEST_PROBABILITY)
    between = np.exp(error * stdtrit(n - 1, np.clip(chance, 1 - furthest, furthest)))
    within = (values / means).mean(axis=1)
    return middle * (within if _width(within) > _width(between) else between)


def two_subjects(values: Floats) -> str:
    """Say what limits from two subjects are worth; `values` of shape (draw, 2)."""
    middle, _ = _middle_and_error(values.mean(axis=0))
    return (
        f"two subjects: geometric mean {middle:.4g}, but 95% limits lie {stdtrit(1, 0.975):.1f} "
        "standard errors each way (t with 1 degree of freedom) and are very wide, and the mean of "
        "the draws lies above it; measure more subjects"
    )


def _middle_and_error(means: Floats) -> tuple[float, float]:
    """Geometric mean, and the standard error of its logarithm."""
    log = np.log(means)
    return float(np.exp(log.mean())), float(log.std(ddof=1) / np.sqrt(means.size))


def _width(draws: Floats) -> float:
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(high - low)
