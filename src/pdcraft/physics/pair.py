r"""Pair production by photons in the field of a nucleus, from threshold to some MeV.

References
----------
.. [Max68] L.C. Maximon, J. Res. NBS 72B, 79 (1968): series of the Bethe-Heitler cross
   section in Born approximation, for low photon energies.
.. [HGO80] J.H. Hubbell, H.A. Gimm, I. Overbo, J. Phys. Chem. Ref. Data 9, 1023 (1980),
   doi:10.1063/1.555629: cross sections with Coulomb correction, as tabulated in XCOM.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import (
    FINE_STRUCTURE,
    CLASSICAL_ELECTRON_RADIUS_2_b,
    ELECTRON_REST_keV,
)

__all__ = ["THRESHOLD_keV", "nuclear_pair_b"]

THRESHOLD_keV = 2.0 * ELECTRON_REST_keV
# Coulomb correction 1 + c Z^p / (k - 2), fitted to XCOM at 1.25, 1.5, 2 and 3 MeV, Z = 1 to 20
COULOMB, COULOMB_POWER = 3.5e-4, 1.75


def nuclear_pair_b(energy_keV: ArrayLike, z: int) -> NDArray[np.float64]:
    r"""Cross section per atom, in barn; zero below threshold.

    .. math:: \sigma = \alpha r_e^2 Z^2 B(k) \left(1 + \frac{3.5\times10^{-4} Z^{1.75}}{k-2}\right)

    .. math:: B = \frac{2\pi}{3} \left(\frac{k-2}{k}\right)^3 \left(1 + \tfrac12 \rho
        + \tfrac{23}{40}\rho^2 + \tfrac{11}{60}\rho^3 + \tfrac{29}{960}\rho^4\right), \quad
        \rho = \frac{2k-4}{2+k+2\sqrt{2k}}

    with k the photon energy over the electron's [Max68]_. The series is 0.1% low at 3 MeV. The
    factor in brackets is a fit to exact calculations in the nucleus's field [HGO80]_.

    Parameters
    ----------
    energy_keV : array_like, any shape
        Up to 3 MeV.
    z : int
        Within 1% of XCOM to Z = 20 from 1.25 to 3 MeV, within 8% to Z = 53. Production in the
        field of electrons (above 2.04 MeV; 1.2% of it in water at 3 MeV) is left out.

    Examples
    --------
    >>> round(float(nuclear_pair_b(2000.0, 8)), 4)  # XCOM: 0.01134
    0.0113
    """
    k = np.maximum(np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV, 2.0)
    rho = (2.0 * k - 4.0) / (2.0 + k + 2.0 * np.sqrt(2.0 * k))
    series = 1 + rho / 2 + 23 * rho**2 / 40 + 11 * rho**3 / 60 + 29 * rho**4 / 960
    born = 2.0 * np.pi / 3.0 * ((k - 2.0) / k) ** 3 * series
    coulomb = 1.0 + COULOMB * z**COULOMB_POWER / np.maximum(k - 2.0, 1e-3)
    return FINE_STRUCTURE * CLASSICAL_ELECTRON_RADIUS_2_b * z**2 * born * coulomb
