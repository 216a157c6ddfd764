r"""Residual error: variance :math:`R = a^2 + (b f)^2` around the prediction f."""

from __future__ import annotations

from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats

__all__ = ["Residual", "deviations", "names", "variance"]

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
