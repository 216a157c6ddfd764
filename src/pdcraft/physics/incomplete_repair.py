r"""Incomplete repair: how much two doses, apart in time, still add to each other's damage.

Damage that a later dose can make lethal is repaired with the rate constant :math:`\mu = \ln 2/T_r`.
The linear-quadratic effect of any course of dose is then

.. math:: E = \alpha D + \beta \iint e^{-\mu|t-t'|}\, dD(t)\, dD(t') = \alpha D + \beta G D^2

with the Lea-Catcheside factor G, between 0 and 1 [Lea42]_. Here are the double integrals of sums
of exponentials with several starts and of sampled dose rates, both in closed form, and the dose
that is not yet repaired. Doses in Gy, times in h, rate constants per h.

References
----------
.. [Lea42] D. E. Lea, D. G. Catcheside, J Genet 44, 216 (1942), doi:10.1007/BF02982830
.. [Gustafsson13] J. Gustafsson et al., Phys Med Biol 58, 1507 (2013),
   doi:10.1088/0031-9155/58/5/1507
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = [
    "integral_of_samples_decaying_Gy",
    "repair_rate_per_h",
    "square_of_samples_Gy2",
    "square_of_terms_Gy2",
    "square_until_Gy2",
    "unrepaired_after_terms_Gy",
    "unrepaired_before_samples_Gy",
    "unrepaired_before_terms_Gy",
]

Floats = NDArray[np.float64]
SERIES_TERMS = 16  # of the functions phi below 0.5: the first left out is 0.5^16/20! of the sum
SERIES_BELOW = 0.5


def repair_rate_per_h(repair_half_life_h: ArrayLike) -> Floats:
    """Rate constant of repair, 1/h, of a half-life above 0 h.

    Raises
    ------
    PhysicsRangeError
        For other half-lives.
    """
    half_life = np.asarray(repair_half_life_h, dtype=float)
    if not np.all(np.isfinite(half_life)) or np.any(half_life <= 0):
        raise PhysicsRangeError(
            f"repair half-life {half_life.min():g} h: it is above 0 h; for repair without delay "
            "leave the quadratic term out, for none give fractions as one dose"
        )
    return np.log(2.0) / half_life


def phi(k: int, z: ArrayLike) -> Floats:
    r"""Functions :math:`\varphi_k(z) = \sum_n z^n/(n+k)!` for z of 0 or less.

    :math:`u^k \varphi_k(-\mu u)` is the k-fold integral of :math:`e^{-\mu u}` from 0.
    """
    z = np.asarray(z, dtype=float)
    if k == 1:
        zero = z == 0
        return np.where(zero, 1.0, np.expm1(z) / np.where(zero, 1.0, z))
    small = np.abs(z) < SERIES_BELOW
    safe = np.where(small, -1.0, z)
    value, factorial = np.exp(safe), 1.0
    for n in range(k):
        value = (value - 1.0 / factorial) / safe
        factorial *= n + 1
    near = np.where(small, z, 0.0)
    series = np.zeros_like(near)
    for n in range(SERIES_TERMS, 0, -1):
        series = (1.0 + series) * near / (n + k)
    return np.where(small, (1.0 + series) / factorial, value)


# -- sums of exponentials ------------------------------------------------------------------------


def _decayed_into(rate_per_h: Floats, repair_per_h: Floats, since_h: Floats) -> Floats:
    r"""Integral of :math:`e^{-r u - \mu(\Delta - u)}` over u from 0 to Δ; r = μ is no exception."""
    slow = np.minimum(rate_per_h, repair_per_h)
    apart = np.abs(rate_per_h - repair_per_h)
    return since_h * np.exp(-slow * since_h) * phi(1, -apart * since_h)


def square_of_terms_Gy2(
    amplitude_Gy_per_h: ArrayLike,
    rate_per_h: ArrayLike,
    start_h: ArrayLike,
    repair_per_h: ArrayLike,
) -> Floats:
    r"""Double integral :math:`G D^2` of exponential terms, each with its own start.

    For two terms i, j that start together
    :math:`a_i a_j (1/(\mu+r_i) + 1/(\mu+r_j))/(r_i+r_j)` [Gustafsson13]_; with starts apart, the
    earlier one also meets the other while it is alone.

    Parameters
    ----------
    amplitude_Gy_per_h, rate_per_h, start_h : array_like, shape (..., terms)
        ``a exp(-r (t - s))`` from s on.
    repair_per_h : array_like, shape (...)

    Returns
    -------
    ndarray, shape (...)
        Gy².
    """
    a, r, s, mu = _arrays(amplitude_Gy_per_h, rate_per_h, start_h, repair_per_h)
    total = np.zeros(np.broadcast_shapes(a.shape[:-1], r.shape[:-1], s.shape[:-1], mu.shape))
    n = max(a.shape[-1], r.shape[-1], s.shape[-1])
    for i in range(n):
        total += a[..., i] ** 2 / (r[..., i] * (mu + r[..., i]))
        for j in range(i):
            since = np.abs(s[..., i] - s[..., j])
            former = s[..., i] <= s[..., j]
            first = np.where(former, r[..., i], r[..., j])
            second = np.where(former, r[..., j], r[..., i])
            together = (1 / (mu + first) + 1 / (mu + second)) / (first + second)
            alone = _decayed_into(first, mu, since) / (mu + second)
            total += 2.0 * a[..., i] * a[..., j] * (np.exp(-first * since) * together + alone)
    return total


def square_until_Gy2(
    amplitude_Gy_per_h: ArrayLike,
    rate_per_h: ArrayLike,
    start_h: ArrayLike,
    repair_per_h: ArrayLike,
    until_h: ArrayLike,
) -> Floats:
    """Double integral of `square_of_terms_Gy2` over the doses given until a time.

    The whole less what comes after: later doses among themselves, and with what the earlier ones
    left unrepaired.

    Parameters
    ----------
    amplitude_Gy_per_h, rate_per_h, start_h, repair_per_h
        As in `square_of_terms_Gy2`.
    until_h : array_like, shape (...)

    Returns
    -------
    ndarray, shape (...)
        Gy²; absolute rounding of 1e-15 of the whole.
    """
    a, r, s, mu = _arrays(amplitude_Gy_per_h, rate_per_h, start_h, repair_per_h)
    t = np.asarray(until_h, dtype=float)
    given = np.maximum(t[..., None] - s, 0.0)
    left = a * np.exp(-r * given)
    later = square_of_terms_Gy2(left, r, np.maximum(s, t[..., None]), mu)
    before = unrepaired_before_terms_Gy(a, r, s, mu, t)
    after = unrepaired_after_terms_Gy(a, r, s, mu, t)
    whole = square_of_terms_Gy2(a, r, s, mu)
    return np.maximum(whole - 2.0 * before * after - later, 0.0)


def unrepaired_before_terms_Gy(
    amplitude_Gy_per_h: ArrayLike,
    rate_per_h: ArrayLike,
    start_h: ArrayLike,
    repair_per_h: ArrayLike,
    time_h: ArrayLike,
) -> Floats:
    r"""Dose given before a time and not yet repaired, :math:`\int^t R e^{-\mu(t-t')}dt'`.

    Parameters
    ----------
    amplitude_Gy_per_h, rate_per_h, start_h, repair_per_h
        As in `square_of_terms_Gy2`.
    time_h : array_like, shape (...)

    Returns
    -------
    ndarray, shape (...)
        Gy.
    """
    a, r, s, mu = _arrays(amplitude_Gy_per_h, rate_per_h, start_h, repair_per_h)
    late = np.maximum(np.asarray(time_h, dtype=float)[..., None] - s, 0.0)
    return (a * _decayed_into(r, mu[..., None], late)).sum(axis=-1)


def unrepaired_after_terms_Gy(
    amplitude_Gy_per_h: ArrayLike,
    rate_per_h: ArrayLike,
    start_h: ArrayLike,
    repair_per_h: ArrayLike,
    time_h: ArrayLike,
) -> Floats:
    r"""Dose after a time as far as it meets what that left, :math:`\int_t R e^{-\mu(t'-t)}dt'`.

    Parameters and result are those of `unrepaired_before_terms_Gy`.
    """
    a, r, s, mu = _arrays(amplitude_Gy_per_h, rate_per_h, start_h, repair_per_h)
    since = np.asarray(time_h, dtype=float)[..., None] - s
    late, early = np.maximum(since, 0.0), np.maximum(-since, 0.0)
    return (a * np.exp(-r * late - mu[..., None] * early) / (r + mu[..., None])).sum(axis=-1)


def _arrays(*values: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
    a, r, s, mu = (np.asarray(v, dtype=float) for v in values)
    return a, r, s, mu


# -- sampled dose rates, linear between samples --------------------------------------------------


def unrepaired_before_samples_Gy(
    time_h: ArrayLike, Gy_per_h: ArrayLike, repair_per_h: ArrayLike
) -> Floats:
    """Dose given before each sample's time and not yet repaired.

    Parameters
    ----------
    time_h : array_like, shape (times,)
    Gy_per_h : array_like, shape (..., times)
        Linear between the times, zero outside.
    repair_per_h : array_like, shape (...)

    Returns
    -------
    ndarray, shape (..., times)
        Gy.
    """
    t, rate = np.asarray(time_h, dtype=float), np.asarray(Gy_per_h, dtype=float)
    mu = np.asarray(repair_per_h, dtype=float)[..., None]
    h = np.diff(t)
    left, right = rate[..., :-1], rate[..., 1:]
    given = h * (left * phi(1, -mu * h) + (right - left) * phi(2, -mu * h))
    kept = np.broadcast_to(np.exp(-mu * h), given.shape)
    before = np.zeros((*given.shape[:-1], t.size))
    for k in range(t.size - 1):
        before[..., k + 1] = kept[..., k] * before[..., k] + given[..., k]
    return before


def integral_of_samples_decaying_Gy(
    time_h: ArrayLike, Gy_per_h: ArrayLike, repair_per_h: ArrayLike
) -> Floats:
    r"""Dose of each piece between samples as far as it meets damage at the piece's start.

    :math:`\int R(u) e^{-\mu u} du` over the piece that ends at each sample; 0 at the first.
    Parameters and shape of the result are those of `unrepaired_before_samples_Gy`.
    """
    t, rate = np.asarray(time_h, dtype=float), np.asarray(Gy_per_h, dtype=float)
    mu = np.asarray(repair_per_h, dtype=float)[..., None]
    h = np.diff(t)
    left, right = rate[..., :-1], rate[..., 1:]
    pieces = h * (right * phi(1, -mu * h) - (right - left) * phi(2, -mu * h))
    return np.concatenate([np.zeros((*pieces.shape[:-1], 1)), pieces], axis=-1)


def square_of_samples_Gy2(
    time_h: ArrayLike, Gy_per_h: ArrayLike, repair_per_h: ArrayLike
) -> Floats:
    r"""Double integral :math:`G D^2` up to each sample's time: exact for what is linear between.

    Within a piece, rate and unrepaired dose are polynomials and one exponential; their product is
    integrated by parts, in functions that have no cancellation for short pieces.

    Parameters
    ----------
    time_h : array_like, shape (times,)
    Gy_per_h : array_like, shape (..., times)
    repair_per_h : array_like, shape (...)

    Returns
    -------
    ndarray, shape (..., times)
        Gy², cumulative; the last is the whole.
    """
    t, rate = np.asarray(time_h, dtype=float), np.asarray(Gy_per_h, dtype=float)
    mu = np.asarray(repair_per_h, dtype=float)
    before = unrepaired_before_samples_Gy(t, rate, mu)
    h = np.diff(t)
    i1, i2, i3, i4 = (h**n * phi(n, -mu[..., None] * h) for n in (1, 2, 3, 4))
    left, right, old = rate[..., :-1], rate[..., 1:], before[..., :-1]
    slope = (right - left) / h
    first = right * (old * i1 + left * i2 + slope * i3)
    pieces = 2.0 * (first - slope * (old * i2 + left * i3 + slope * i4))
    return np.concatenate([np.zeros((*pieces.shape[:-1], 1)), pieces.cumsum(axis=-1)], axis=-1)
