"""Binomial probabilities of every count, and the checks of what users give."""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = ["check_count", "check_open", "check_probability", "mass", "upper_tail"]


def mass(n: int, p: float) -> Floats:
    """P(X = k) for k from 0 to n, shape (n + 1,).

    Examples
    --------
    >>> mass(2, 0.5).round(9).tolist()
    [0.25, 0.5, 0.25]
    """
    from scipy.special import gammaln, xlog1py, xlogy

    k = np.arange(n + 1)
    log_ways = gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
    return np.exp(log_ways + xlogy(k, p) + xlog1py(n - k, -p))


def upper_tail(n: int, p: float) -> Floats:
    """P(X >= k) for k from 0 to n + 1, shape (n + 2,)."""
    from scipy.special import betainc

    tail = np.zeros(n + 2)
    tail[0] = 1.0
    k = np.arange(1, n + 1)
    tail[1:-1] = betainc(k, n - k + 1, p)
    return tail


def check_open(name: str, value: float) -> None:
    """Refuse a probability that is not strictly between 0 and 1.

    Raises
    ------
    PhysicsRangeError
        For any other number.
    """
    if not 0.0 < value < 1.0:
        raise PhysicsRangeError(f"{name} is {value:g}; it must lie between 0 and 1, both excluded")


def check_probability(name: str, value: float) -> None:
    """Refuse what is no probability.

    Raises
    ------
    PhysicsRangeError
        Outside 0 to 1.
    """
    if not 0.0 <= value <= 1.0:
        raise PhysicsRangeError(f"{name} is {value:g}; a probability lies from 0 to 1")


def check_count(name: str, count: int, of: int) -> None:
    """Refuse a count that cannot be: `count` of `of` patients.

    Raises
    ------
    PhysicsRangeError
        For no patients, a negative count or more than there are.
    """
    if of < 1:
        raise PhysicsRangeError(f"{name}: {of} patients; there must be at least one")
    if not 0 <= count <= of:
        raise PhysicsRangeError(f"{name}: {count} of {of} patients; a count lies from 0 to {of}")
