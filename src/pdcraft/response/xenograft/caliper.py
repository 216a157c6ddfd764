"""Volumes as calipers see them."""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = ["measured_mm3"]


def measured_mm3(
    volume_mm3: Floats, log_sd: float, palpable_mm3: float, rng: np.random.Generator
) -> Floats:
    """Measure volumes: a proportional error, and nothing where a tumor cannot be felt.

    Parameters
    ----------
    volume_mm3 : ndarray, any shape
        True volumes, zero or more.
    log_sd : float
        Of ln volume, zero or more.
    palpable_mm3 : float
        Below it 0 is written down.
    rng : Generator

    Raises
    ------
    PhysicsRangeError
        For a negative error or limit.
    """
    if log_sd < 0 or palpable_mm3 < 0:
        raise PhysicsRangeError(
            f"caliper: error {log_sd:g} and limit {palpable_mm3:g} mm3; neither is negative"
        )
    seen = volume_mm3 * np.exp(log_sd * rng.standard_normal(volume_mm3.shape))
    return np.where(volume_mm3 < palpable_mm3, 0.0, seen)
