"""Binomial probabilities of every count."""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats

__all__ = ["mass", "upper_tail"]


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
