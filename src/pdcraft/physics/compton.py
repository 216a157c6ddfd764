r"""Compton scattering of photons on free electrons at rest (Klein-Nishina).

Energies in keV, cross sections in barn per electron (1 b = 1e-24 cm²). Binding is left to the
caller, who multiplies the differential by an incoherent scattering function.

References
----------
.. [KN29] O. Klein, Y. Nishina, Z. Phys. 52, 853 (1929), doi:10.1007/BF01366453
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import CLASSICAL_ELECTRON_RADIUS_2_b, ELECTRON_REST_keV

__all__ = ["differential_b_per_sr", "momentum_transfer_per_angstrom", "scattered_fraction"]

HC_keV_angstrom = 12.398419843  # h c, exact constants of the SI


def scattered_fraction(energy_keV: ArrayLike, cos_theta: ArrayLike) -> NDArray[np.float64]:
    r"""Fraction :math:`E'/E = 1/(1 + k(1-\cos\theta))` of its energy that the photon keeps."""
    k = np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    return 1.0 / (1.0 + k * (1.0 - np.asarray(cos_theta, dtype=np.float64)))


def differential_b_per_sr(energy_keV: ArrayLike, cos_theta: ArrayLike) -> NDArray[np.float64]:
    r"""Klein-Nishina :math:`d\sigma/d\Omega` per electron, in barn per steradian [KN29]_.

    Examples
    --------
    Forward scattering is Thomson's at every energy:

    >>> round(float(differential_b_per_sr(364.5, 1.0)), 6)
    0.079408
    """
    p = scattered_fraction(energy_keV, cos_theta)
    sin2 = 1.0 - np.square(np.asarray(cos_theta, dtype=np.float64))
    return 0.5 * CLASSICAL_ELECTRON_RADIUS_2_b * p**2 * (p + 1.0 / p - sin2)


def momentum_transfer_per_angstrom(
    energy_keV: ArrayLike, cos_theta: ArrayLike
) -> NDArray[np.float64]:
    r"""Variable :math:`x = \sin(\theta/2)/\lambda` of scattering functions, in 1/Å."""
    half_sine = np.sqrt(0.5 * (1.0 - np.asarray(cos_theta, dtype=np.float64)))
    return np.asarray(energy_keV, dtype=np.float64) / HC_keV_angstrom * half_sine
