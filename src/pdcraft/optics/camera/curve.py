"""A property that may depend on wavelength: a number, or anything with `at(wavelength_nm)`."""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = ["Curve", "SpectralCurve", "curve_at"]


class SpectralCurve(Protocol):
    """A tabulated or computed spectrum."""

    def at(self, wavelength_nm: Floats) -> Floats:
        """Values at wavelengths."""
        ...


Curve: TypeAlias = float | SpectralCurve


def curve_at(curve: Curve, wavelength_nm: Floats, what: str) -> Floats:
    """Values of a curve, which must be a share from 0 to 1.

    Parameters
    ----------
    curve : float or object with ``at``
    wavelength_nm : ndarray, any shape
    what : str
        Its name, for the error.
    """
    nm = np.asarray(wavelength_nm, dtype=np.float64)
    if isinstance(curve, int | float):
        values = np.full(nm.shape, float(curve))
    else:
        values = np.asarray(curve.at(nm), dtype=np.float64)
    if np.any((values < 0) | (values > 1) | ~np.isfinite(values)):
        worst = float(values.flat[int(np.argmax(np.abs(values - 0.5)))])
        raise PhysicsRangeError(f"{what} is {worst:g}; it is a share and lies from 0 to 1")
    return values
