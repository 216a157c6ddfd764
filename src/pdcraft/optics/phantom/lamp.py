"""The lamp, measured by the camera on a diffuse reflector of known reflectance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["LampBand", "irradiance_mW_per_cm2", "lamp_band"]


@dataclass(frozen=True, slots=True)
class LampBand:
    """Where the lamp shines.

    Parameters
    ----------
    peak_nm, center_nm, low_nm, high_nm : float
        Strongest wavelength, mean weighted by power, and the half-maximum points.
    fwhm_nm : float
        Between those; a lamp narrower than the filter that looks at it shows the filter's width.
    """

    peak_nm: float
    center_nm: float
    low_nm: float
    high_nm: float
    fwhm_nm: float


def lamp_band(wavelengths_nm: Floats, radiance: Floats) -> LampBand:
    """Measure the band from a sweep.

    Parameters
    ----------
    wavelengths_nm : ndarray, shape (n,)
        Centers of a narrow filter that is moved over the spectrum, ascending, five or more.
    radiance : ndarray, shape (n,)
        Radiance of the reflector measured through it.

    Raises
    ------
    DataError
        For fewer, or a spectrum that does not fall to half on both sides.
    """
    nm, power = np.asarray(wavelengths_nm, dtype=np.float64), np.asarray(radiance, dtype=np.float64)
    if nm.size < 5 or nm.shape != power.shape or np.any(np.diff(nm) <= 0):
        raise DataError("a lamp's band takes five ascending wavelengths or more")
    best = int(power.argmax())
    half = 0.5 * float(power[best])
    left, right = np.nonzero(power[:best] < half)[0], np.nonzero(power[best:] < half)[0]
    if not left.size or not right.size:
        raise DataError(
            f"the lamp's power does not fall to half within {nm[0]:g} to {nm[-1]:g} nm; sweep "
            "farther"
        )
    a, b = int(left[-1]), best + int(right[0])
    low = float(np.interp(half, power[[a, a + 1]], nm[[a, a + 1]]))
    high = float(np.interp(half, power[[b, b - 1]], nm[[b, b - 1]]))
    lit = power > 0.01 * power[best]  # the mean must not hang on noise far away
    center = float((nm * power)[lit].sum() / power[lit].sum())
    return LampBand(float(nm[best]), center, low, high, high - low)


def irradiance_mW_per_cm2(radiance_uW_per_cm2_sr: Floats, reflectance: float) -> Floats:
    """Irradiance of a diffuse reflector from its radiance, mW/cm²: pi L / rho."""
    return np.pi * np.asarray(radiance_uW_per_cm2_sr, dtype=np.float64) / reflectance * 1e-3
