r"""Radiometry: photons, light that a round aperture collects, electrons in a pixel.

Radiance in uW/(cm² sr), lengths in mm or nm as the names say, étendue (area times projected solid
angle) in cm² sr. The observed surface is parallel to the aperture.

References
----------
.. [How82] J. R. Howell, A Catalog of Radiation Configuration Factors, McGraw-Hill 1982, B-13:
   element to a parallel disc whose normal does not pass through the element
.. [EMVA] EMVA Standard 1288, release 3.1 (2016), section 2: electrons from irradiance
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "PLANCK_TIMES_LIGHT_J_nm",
    "diffuse_radiance",
    "disc_projected_solid_angle_sr",
    "electrons",
    "photon_energy_J",
    "photons_per_J",
]

PLANCK_TIMES_LIGHT_J_nm = 6.62607015e-34 * 299792458.0 * 1e9  # exact since 2019
_J_PER_uJ = 1e-6


def photon_energy_J(wavelength_nm: ArrayLike) -> NDArray[np.float64]:
    r"""Energy :math:`hc/\lambda` of a photon, J."""
    return PLANCK_TIMES_LIGHT_J_nm / np.asarray(wavelength_nm, dtype=np.float64)


def photons_per_J(wavelength_nm: ArrayLike) -> NDArray[np.float64]:
    r"""Photons in a joule of light, :math:`\lambda/hc`."""
    return np.asarray(wavelength_nm, dtype=np.float64) / PLANCK_TIMES_LIGHT_J_nm


def diffuse_radiance(irradiance: ArrayLike, reflectance: ArrayLike) -> NDArray[np.float64]:
    r"""Radiance :math:`\rho E/\pi` of a surface that reflects alike in all directions.

    Parameters
    ----------
    irradiance : array_like
        Power per area.
    reflectance : array_like
        0 to 1.

    Returns
    -------
    ndarray
        In the unit of the irradiance per sr.
    """
    return np.asarray(irradiance, dtype=np.float64) * np.asarray(reflectance) / np.pi


def disc_projected_solid_angle_sr(
    radius: ArrayLike, distance: ArrayLike, offset: ArrayLike = 0.0
) -> NDArray[np.float64]:
    r"""Projected solid angle of a disc seen from an element of a parallel plane [How82]_.

    .. math:: \int \cos\theta\, d\Omega = \frac{\pi}{2} \left( 1 -
        \frac{a^2 + h^2 - R^2}{\sqrt{(a^2 + h^2 + R^2)^2 - 4 a^2 R^2}} \right)

    with the radius R, the distance h of the planes and the offset a of the disc's axis; on axis
    :math:`\pi \sin^2\theta`. For small discs it falls as :math:`\cos^4` of the angle to the axis.

    Parameters
    ----------
    radius, distance, offset : array_like
        Lengths in one unit; they broadcast. `distance` above 0.

    Returns
    -------
    ndarray
        0 to pi, sr. Relative rounding error about 1e-16 (distance / radius)².
    """
    r2 = np.square(np.asarray(radius, dtype=np.float64))
    h2 = np.square(np.asarray(distance, dtype=np.float64))
    a2 = np.square(np.asarray(offset, dtype=np.float64))
    root = np.sqrt(np.square(a2 + h2 + r2) - 4.0 * a2 * r2)
    return 0.5 * np.pi * (1.0 - (a2 + h2 - r2) / root)


def electrons(
    radiance_uW_per_cm2_sr: ArrayLike,
    etendue_cm2_sr: ArrayLike,
    transmission: ArrayLike,
    quantum_efficiency: ArrayLike,
    exposure_s: ArrayLike,
    wavelength_nm: ArrayLike,
) -> NDArray[np.float64]:
    r"""Electrons of one wavelength in a pixel, :math:`L\,A\Omega\,T\,QE\,t\,\lambda/hc` [EMVA]_."""
    energy_J = (
        np.asarray(radiance_uW_per_cm2_sr, dtype=np.float64)
        * np.asarray(etendue_cm2_sr)
        * np.asarray(transmission)
        * np.asarray(exposure_s)
        * _J_PER_uJ
    )
    return energy_J * np.asarray(quantum_efficiency) * photons_per_J(wavelength_nm)
