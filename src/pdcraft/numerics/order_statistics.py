r"""Densities of a sample's extremes and of its median, for a normal population.

What a paper prints as a range or a median, of logarithms when the population is log-normal. With
F and f the population's distribution and density, after [DN03]_:

.. math::
    f_{(1),(n)}(a, b) &= n(n-1)\,[F(b)-F(a)]^{n-2} f(a) f(b), \\
    f_{(k)}(m) &= \frac{n!}{[(k-1)!]^2} [F(m)(1-F(m))]^{k-1} f(m), \quad n = 2k-1, \\
    f_{(1),(k),(n)}(a, m, b) &= \frac{n!}{[(k-2)!]^2} f(a) f(m) f(b)
    \{[F(m)-F(a)][F(b)-F(m)]\}^{k-2}.

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

__all__ = [
    "expected_largest",
    "log_density_of_median",
    "log_density_of_median_and_range",
    "log_density_of_range",
]

HALF_WIDTH = 8.0  # population SDs over which an even sample's two middle values are integrated
NODES = 96


def expected_largest(n: int) -> float:
    r"""Mean of the largest of `n` standard normal values, :math:`\int n x f(x) F(x)^{n-1} dx`.

    Parameters
    ----------
    n : int
        One or more.

    Raises
    ------
    PhysicsRangeError
        For no values.

    Examples
    --------
    >>> round(expected_largest(20), 3)
    1.867
    """
    from scipy.special import log_ndtr

    if n < 1:
        raise PhysicsRangeError(f"largest of {n} values: there is one value or more")
    x, step = np.linspace(-HALF_WIDTH, 10.0, 4001, retstep=True)
    log_density = (n - 1) * log_ndtr(x) - 0.5 * x**2 - 0.5 * np.log(2 * np.pi)
    return float(n * step * (x * np.exp(log_density)).sum())  # ends are zero: spectral accuracy


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
        out = out + (n - 2) * _log_between(a, b)
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


def log_density_of_median_and_range(
    low: float,
    median: float,
    high: float,
    n: int,
    mean: ArrayLike,
    sd: ArrayLike,
    *,
    censored: bool = False,
) -> Floats:
    """Log density of the least value, the median and the largest of `n` values together.

    Parameters
    ----------
    low, median, high : float
        In this order.
    n : int
        Size of the sample, 3 or more.
    mean, sd : array_like
        Of the normal population; broadcast.
    censored : bool
        The least value is only known to be `low` or less.

    Raises
    ------
    PhysicsRangeError
        For fewer values, or figures in the wrong order.
    """
    from scipy.special import log_ndtr

    if n < 3 or not low < median < high:
        raise PhysicsRangeError(
            f"{n} values from {low} to {high} with median {median}: a range with a median needs "
            "three values or more, in this order"
        )
    spread = np.asarray(sd, dtype=float)
    center = np.asarray(mean, dtype=float)
    a, m, b = ((v - center) / spread for v in (low, median, high))
    inner = (n - 3) // 2  # values between an end and the middle one or two
    count = lgamma(n + 1) - 2 * lgamma(inner + 1)

    def lower(x: Floats) -> Floats:
        """Log density of the values below the middle, the largest of them at or below x."""
        if not censored:
            return _log_normal(a) - np.log(spread) + _power(inner, a, x)
        whole = (inner + 1) * log_ndtr(x)
        rest = np.where(x > a, (inner + 1) * _log_between(np.minimum(a, x - 1e-12), x), -np.inf)
        return whole + np.log(-np.expm1(np.minimum(rest - whole, -1e-300))) - np.log(inner + 1.0)

    def upper(y: Floats) -> Floats:
        return _log_normal(b) - np.log(spread) + _power(inner, y, b)

    if n % 2:
        return count + lower(m) + _log_normal(m) - np.log(spread) + upper(m)
    nodes, weights = np.polynomial.legendre.leggauss(NODES // 2)
    widest = np.minimum(np.minimum(m - a, b - m), HALF_WIDTH)
    terms = [
        lower(m - t)
        + _log_normal(m - t)
        + _log_normal(m + t)
        + upper(m + t)
        + np.log(weight * widest)  # the middle two are m - t and m + t: dx dy = 2 dm dt
        for node, weight in zip(nodes, weights, strict=True)
        for t in [0.5 * widest * (node + 1.0)]
    ]
    return count + np.logaddexp.reduce(np.stack(terms), axis=0) - np.log(spread)


def _power(k: int, a: Floats, b: Floats) -> Floats:
    return k * _log_between(a, b) if k else np.zeros(np.broadcast(a, b).shape)


def _log_between(a: Floats, b: Floats) -> Floats:
    """Log of F(b) - F(a), from the tail where both are small, so that nothing cancels."""
    from scipy.special import log_ndtr

    flip = a > 0
    top, bottom = log_ndtr(np.where(flip, -a, b)), log_ndtr(np.where(flip, -b, a))
    return top + np.log(-np.expm1(bottom - top))


def _log_normal(z: Floats) -> Floats:
    return -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
