"""How many of n patients respond: exact distributions for draws of a response probability.

References
----------
.. [G13] A. Gelman et al., Bayesian Data Analysis, 3rd ed., CRC 2013, sections 1.3, 2.4 and 2.8
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = [
    "beta_binomial_pmf",
    "binomial_mixture_pmf",
    "central_interval",
    "check_counts",
    "shifted_pmf",
    "two_sided_p",
]

JEFFREYS = (0.5, 0.5)


def check_counts(k: int, n: int) -> None:
    """Refuse counts that are none: 0 <= k <= n, n at least 1, whole numbers."""
    if int(k) != k or int(n) != n or n < 1 or not 0 <= k <= n:
        raise PhysicsRangeError(
            f"{k:g} of {n:g} patients: whole numbers, 0 to n, of one patient or more"
        )


def binomial_mixture_pmf(n: int, probability: ArrayLike, weight: ArrayLike | None = None) -> Floats:
    """Chance of k = 0 ... n responders over draws of the probability, exactly.

    Parameters
    ----------
    n : int
    probability : array_like, shape (draws,)
    weight : array_like, shape (draws,), optional
        Of the draws; need not sum to 1.

    Returns
    -------
    ndarray, shape (n + 1,)

    Examples
    --------
    >>> binomial_mixture_pmf(1, [0.2, 0.6]).round(6).tolist()
    [0.6, 0.4]
    """
    from scipy.stats import binom

    check_counts(0, n)
    p = np.asarray(probability, dtype=float)
    if p.ndim != 1 or not np.all((p >= 0) & (p <= 1)):
        raise PhysicsRangeError("probabilities of response: one per draw, 0 to 1")
    w = np.ones(p.size) if weight is None else np.asarray(weight, dtype=float)
    if w.shape != p.shape or np.any(w < 0) or not w.sum() > 0:
        raise PhysicsRangeError("weights of draws: one per draw, none negative, not all zero")
    rows = binom.pmf(np.arange(n + 1)[:, None], n, p)
    return np.asarray(rows @ (w / w.sum()), dtype=np.float64)


def beta_binomial_pmf(
    n: int, k_seen: int, n_seen: int, prior: tuple[float, float] = JEFFREYS
) -> Floats:
    """Chance of k = 0 ... n responders if they respond as often as others that were seen.

    Without any model of dose: the yardstick for one that has it.

    Parameters
    ----------
    n : int
    k_seen, n_seen : int
    prior : (float, float)
        Of the beta distribution; Jeffreys' by default.

    Returns
    -------
    ndarray, shape (n + 1,)
    """
    from scipy.stats import betabinom

    check_counts(k_seen, n_seen)
    check_counts(0, n)
    a, b = prior
    if a <= 0 or b <= 0:
        raise PhysicsRangeError(f"beta prior {a:g}, {b:g}: both above zero")
    return np.asarray(betabinom.pmf(np.arange(n + 1), n, a + k_seen, b + n_seen - k_seen))


def shifted_pmf(pmf: Floats, by: int, n: int) -> Floats:
    """Distribution of a count over 0 ... n of which `by` are known already."""
    out = np.zeros(n + 1)
    out[by : by + pmf.size] = pmf
    return out


def central_interval(pmf: Floats, level: float = 0.95) -> tuple[int, int]:
    """Equal-tailed limits of a count: each tail outside holds at most half of the rest.

    Examples
    --------
    >>> central_interval(np.array([0.01, 0.2, 0.5, 0.28, 0.01]))
    (1, 3)
    """
    if not 0 < level < 1:
        raise PhysicsRangeError(f"level {level:g}: between 0 and 1, for example 0.95")
    tail = (1 - level) / 2
    below = np.cumsum(pmf)
    above = np.cumsum(pmf[::-1])[::-1]
    low = int(np.argmax(below > tail))
    high = int(pmf.size - 1 - np.argmax(above[::-1] > tail))
    return low, high


def two_sided_p(pmf: Floats, k: int) -> float:
    """Twice the smaller tail with k in it, at most 1."""
    return min(1.0, 2.0 * float(min(pmf[: k + 1].sum(), pmf[k:].sum())))
