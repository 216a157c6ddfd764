"""Intervals of a proportion: exact (Clopper and Pearson) and Wilson's score interval.

The exact interval covers the true rate with at least its confidence; Wilson's does so on average.

References
----------
.. [CP34] C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934), doi:10.1093/biomet/26.4.404
.. [W27] E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927), doi:10.1080/01621459.1927.10502953
"""

from __future__ import annotations

from math import sqrt

from pdcraft.trial.checks import check_count, check_open

__all__ = ["clopper_pearson", "wilson"]


def clopper_pearson(events: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact limits of a proportion [CP34]_.

    Parameters
    ----------
    events, n : int
        Patients with the event, and all of them.
    confidence : float

    Raises
    ------
    PhysicsRangeError
        For counts that cannot be, or a confidence outside (0, 1).

    Examples
    --------
    >>> [round(x, 4) for x in clopper_pearson(10, 29)]
    [0.1794, 0.5433]
    """
    from scipy.special import betaincinv

    check_count("interval", events, n)
    check_open("confidence", confidence)
    tail = 0.5 * (1.0 - confidence)
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1.0 - tail))
    return low, high


def wilson(events: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Score limits of a proportion [W27]_, without continuity correction.

    Raises
    ------
    PhysicsRangeError
        For counts that cannot be, or a confidence outside (0, 1).

    Examples
    --------
    >>> [round(x, 4) for x in wilson(10, 29)]
    [0.1994, 0.5265]
    """
    from scipy.special import ndtri

    check_count("interval", events, n)
    check_open("confidence", confidence)
    z = float(ndtri(0.5 + 0.5 * confidence))
    p = events / n
    center = p + z**2 / (2 * n)
    half = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    scale = 1 + z**2 / n
    low = 0.0 if events == 0 else (center - half) / scale
    high = 1.0 if events == n else (center + half) / scale
    return low, high
