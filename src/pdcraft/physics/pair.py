r"""Pair production by photons in the field of a nucleus, near threshold.

References
----------
.. [Max68] L.C. Maximon, J. Res. NBS 72B, 79 (1968): series of the Bethe-Heitler cross
   section in Born approximation, for photons below about 2 MeV.
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


def nuclear_pair_b(energy_keV: ArrayLike, z: int) -> NDArray[np.float64]:
    r"""Cross section per atom, in barn; zero below threshold [Max68]_.

    .. math:: \sigma = \alpha r_e^2 Z^2 \frac{2\pi}{3} \left(\frac{k-2}{k}\right)^3
        \left(1 + \tfrac12 \rho + \tfrac{23}{40}\rho^2 + \tfrac{11}{60}\rho^3
        + \tfrac{29}{960}\rho^4\right), \quad \rho = \frac{2k-4}{2+k+2\sqrt{2k}}

    with k the photon energy over the electron's. Against XCOM in water: 3% low at 1.25 MeV, where
    it hardly matters, 1.5% to 1% low from 1.5 to 2 MeV.
    """
    k = np.maximum(np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV, 2.0)
    rho = (2.0 * k - 4.0) / (2.0 + k + 2.0 * np.sqrt(2.0 * k))
    series = 1 + rho / 2 + 23 * rho**2 / 40 + 11 * rho**3 / 60 + 29 * rho**4 / 960
    front = FINE_STRUCTURE * CLASSICAL_ELECTRON_RADIUS_2_b * z**2 * 2 * np.pi / 3
    return front * ((k - 2.0) / k) ** 3 * series
