r"""Residual error: variance :math:`R = a^2 + (b f)^2` around the prediction f."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats

__all__ = ["Residual", "below", "deviations", "names", "variance"]

Residual = Literal["additive", "proportional", "combined"]

_NAMES: dict[Residual, tuple[str, ...]] = {
    "additive": ("additive_sd",),
    "proportional": ("proportional_sd",),
    "combined": ("additive_sd", "proportional_sd"),
}


def names(kind: Residual) -> tuple[str, ...]:
    """Names of the residual's parameters: ``additive_sd`` in the unit of the data."""
    return _NAMES[kind]


def deviations(logarithms: Floats, kind: Residual) -> tuple[Floats, Floats]:
    """Additive and proportional SD from their logarithms, shape (..., 1 or 2); 0 if not there."""
    sd = np.exp(logarithms)
    none = np.zeros(sd.shape[:-1])
    if kind == "additive":
        return sd[..., 0], none
    if kind == "proportional":
        return none, sd[..., 0]
    return sd[..., 0], sd[..., 1]


def variance(
    prediction: Floats, additive_sd: Floats, proportional_sd: Floats
) -> tuple[Floats, Floats]:
    """Variance and its derivative to the prediction; the SDs broadcast, shape (...,)."""
    a, b = additive_sd[..., None, None], proportional_sd[..., None, None]
    return a**2 + (b * prediction) ** 2, 2 * b**2 * prediction


def below(z: Floats, variance: Floats, relative_slope: Floats) -> tuple[Floats, Floats, Floats]:
    r"""Terms of values below their limits, for :math:`-\ln \Phi(z)`, z = (limit - f)/SD.

    Parameters
    ----------
    z, variance : ndarray
    relative_slope : ndarray
        Derivative of the variance to the prediction f over the variance.

    Returns
    -------
    tuple of ndarray
        Minus twice the logarithm of the probability; the derivative of its half to f; the
        Gauss-Newton part of its second derivative, zero or more.
    """
    from scipy.special import erfcx, log_ndtr

    hazard = np.sqrt(2 / np.pi) / erfcx(-z / np.sqrt(2))  # density over probability
    by_f = -(1 / np.sqrt(variance) + 0.5 * z * relative_slope)
    curvature = np.maximum(hazard * (hazard + z), 0.0) * by_f**2
    return -2 * log_ndtr(z), -hazard * by_f, curvature
