r"""Unit responses of one-, two- and three-compartment linear models as sums of exponentials.

Concentration in the central compartment per unit dose, :math:`\sum_k c_k e^{-\lambda_k t}`.
Everything here is analytic in its arguments, so that a complex step gives derivatives to rounding;
arguments broadcast. Rates in 1/h, times in h, clearances in volume per h.

References
----------
.. [GP82] M. Gibaldi, D. Perrier, Pharmacokinetics, 2nd ed., Marcel Dekker 1982, chapters 1-2
.. [P92] W. H. Press et al., Numerical Recipes, 2nd ed., 1992, section 5.6 (cubic with real roots)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "absorbed", "infused", "one_term", "rise", "three_terms", "two_terms"]

Array = NDArray[Any]  # float64, or complex128 while a derivative is taken
Terms = tuple[Array, Array]


def rise(rate_per_h: Array, time_h: Array) -> Array:
    r"""Integral :math:`(1 - e^{-rt})/r` of a unit exponential over ``time_h``; t where r is 0."""
    z = rate_per_h * time_h
    small = np.abs(np.real(z)) < 1e-5
    safe = np.where(small, 1.0, z)
    # below 1e-5 the first term left out, z^3/24, is under 1e-16
    return time_h * np.where(small, 1 - z / 2 + z * z / 6, -np.expm1(-safe) / safe)


def absorbed(rate_per_h: Array, absorption_per_h: Array, time_h: Array) -> Array:
    r"""Response to a unit depot, :math:`k_a (e^{-\lambda t} - e^{-k_a t})/(k_a - \lambda)`.

    Equal rates are no special case, and nothing overflows for either order of them.
    """
    swapped = np.real(absorption_per_h) < np.real(rate_per_h)
    slow = np.where(swapped, absorption_per_h, rate_per_h)
    fast = np.where(swapped, rate_per_h, absorption_per_h)
    return absorption_per_h * np.exp(-slow * time_h) * rise(fast - slow, time_h)


def infused(rate_per_h: Array, duration_h: Array, time_h: Array) -> Array:
    """Response to a unit amount given at a constant rate over ``duration_h`` (above 0)."""
    after = np.maximum(time_h - duration_h, 0.0)
    return np.exp(-rate_per_h * after) * rise(rate_per_h, time_h - after) / duration_h


def one_term(clearance: Array, volume: Array) -> Terms:
    """Coefficients (1/volume) and rates of one compartment, shape (..., 1)."""
    return (1 / volume)[..., None], (clearance / volume)[..., None]


def two_terms(clearance: Array, volume: Array, flow: Array, peripheral: Array) -> Terms:
    """Coefficients and rates of two compartments, shape (..., 2), the fast term first [GP82]_."""
    k10, k12, k21 = clearance / volume, flow / volume, flow / peripheral
    total = k10 + k12 + k21
    fast = 0.5 * (total + np.sqrt(total * total - 4 * k10 * k21))
    slow = k10 * k21 / fast  # the product of the roots: no cancellation
    return (
        np.stack([(fast - k21) / (fast - slow), (k21 - slow) / (fast - slow)], axis=-1)
        / volume[..., None],
        np.stack([fast, slow], axis=-1),
    )


def three_terms(
    clearance: Array, volume: Array, flow: Array, peripheral: Array, flow_2: Array, deep: Array
) -> Terms:
    """Coefficients and rates of three compartments, shape (..., 3), the fast term first.

    The rates are the roots of the characteristic cubic [P92]_; for positive exchange they are
    real and distinct.
    """
    k10, k12, k21 = clearance / volume, flow / volume, flow / peripheral
    k13, k31 = flow_2 / volume, flow_2 / deep
    a = k10 + k12 + k21 + k13 + k31
    b = k10 * (k21 + k31) + k12 * k31 + k13 * k21 + k21 * k31
    c = k10 * k21 * k31
    q = (a * a - 3 * b) / 9
    r = (-2 * a * a * a + 9 * a * b - 27 * c) / 54
    angle = np.arccos(r / np.sqrt(q * q * q))
    fast = 2 * np.sqrt(q) * np.cos((np.pi - angle) / 3) + a / 3
    rest, product = a - fast, c / fast
    middle = 0.5 * (rest + np.sqrt(rest * rest - 4 * product))
    roots = [fast, middle, product / middle]
    shares: list[Array] = []
    for i, own in enumerate(roots):
        one, two = (x for j, x in enumerate(roots) if j != i)
        shares.append((k21 - own) * (k31 - own) / ((one - own) * (two - own)))
    return np.stack(shares, axis=-1) / volume[..., None], np.stack(roots, axis=-1)
