r"""Densities of a sample's extremes and of its median, for a normal population.

What a paper prints as a range or a median, of logarithms when the population is log-normal. With
F and f the population's distribution and density, after [DN03]_:

.. math::
    f_{(1),(n)}(a, b) &= n(n-1)\,[F(b)-F(a)]^{n-2} f(a) f(b), \\
    f_{(k)}(m) &= \frac{n!}{[(k-1)!]^2} [F(m)(1-F(m))]^{k-1} f(m), \quad n = 2k-1.

References
----------
.. [DN03] H. A. David, H. N. Nagaraja, Order Statistics, 3rd ed., Wiley 2003, sections 2.1, 2.2
"""

from __future__ import annotations

from math import lgamma

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = ["log_density_of_median", "log_density_of_range"]

HALF_WIDTH = 8.0  # population SDs over which an even sample's two middle values are integrated
NODES = 96


def log_density_of_range(
    low: ArrayLike, high: ArrayLike, n: int, mean: ArrayLike, sd: ArrayLike
) -> Floats:
    """Log density of the least and the largest of `n` values; arguments broadcast.

    Parameters
    ----------
    low, high : array_like
        The two extremes, low below high.
    n : int
        Size of the sample, 2 or more.
    mean, sd : array_like
        Of the normal population.

    Raises
    ------
    PhysicsRangeError
        For one value, or extremes in the wrong order.
    """
    from scipy.special import log_ndtr

    if n < 2 or np.any(np.asarray(low) >= np.asarray(high)):
        raise PhysicsRangeError(
            f"range of {n} values from {low} to {high}: a range needs two values or more, and its "
            "low end below its high end"
        )
    spread = np.asarray(sd, dtype=float)
    center = np.asarray(mean, dtype=float)
    a = (np.asarray(low, dtype=float) - center) / spread
    b = (np.asarray(high, dtype=float) - center) / spread
    out = np.log(n * (n - 1.0)) + _log_normal(a) + _log_normal(b) - 2 * np.log(spread)
    if n > 2:
        # F(b) - F(a) from the tail where both are small, so that nothing cancels
        flip = a > 0
        upper, lower = np.where(flip, -a, b), np.where(flip, -b, a)
        top, bottom = log_ndtr(upper), log_ndtr(lower)
        out = out + (n - 2) * (top + np.log(-np.expm1(bottom - top)))
    return out


def log_density_of_median(median: ArrayLike, n: int, mean: ArrayLike, sd: ArrayLike) -> Floats:
    """Log density of the median of `n` values; of an even number, the mean of the middle two.

    Parameters
    ----------
    median, mean, sd : array_like
        Broadcast; mean and SD of the normal population.
    n : int
        Size of the sample, 1 or more.
    """
    from scipy.special import log_ndtr, logsumexp

    if n < 1:
        raise PhysicsRangeError(f"median of {n} values: give the size of the sample, 1 or more")
    spread = np.asarray(sd, dtype=float)
    z: Floats = (np.asarray(median, dtype=float) - np.asarray(mean, dtype=float)) / spread
    k = (n + 1) // 2
    if n % 2:
        tails = (k - 1) * (log_ndtr(z) + log_ndtr(-z))
        return lgamma(n + 1) - 2 * lgamma(k) + tails + _log_normal(z) - np.log(spread)
    k = n // 2
    # the middle two are z - t and z + t with t > 0
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    t = 0.5 * HALF_WIDTH * (nodes + 1.0)
    below, above = z[..., None] - t, z[..., None] + t
    density = (k - 1) * (log_ndtr(below) + log_ndtr(-above)) + _log_normal(below)
    summed = logsumexp(density + _log_normal(above), b=0.5 * HALF_WIDTH * weights, axis=-1)
    return np.log(2.0) + lgamma(n + 1) - 2 * lgamma(k) + summed - np.log(spread)


def _log_normal(z: Floats) -> Floats:
    return -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
