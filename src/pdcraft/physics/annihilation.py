r"""Annihilation of positrons in flight into two photons (Heitler).

Energies in keV, cross sections in barn per electron (free, at rest).

References
----------
.. [Hei54] W. Heitler, The Quantum Theory of Radiation, 3rd ed., Oxford (1954), section 27.
.. [NHR85] W.R. Nelson, H. Hirayama, D.W.O. Rogers, SLAC-265 (1985), section 2.12: kinematics.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import CLASSICAL_ELECTRON_RADIUS_2_b, ELECTRON_REST_keV

__all__ = ["differential_b", "least_share", "photon_cosine", "total_b"]

Floats = NDArray[np.float64]


def total_b(energy_keV: ArrayLike) -> Floats:
    r"""Cross section [Hei54]_ at kinetic energy E > 0.

    .. math:: \sigma = \frac{\pi r_e^2}{(\gamma+1)(\gamma^2-1)} \left[(\gamma^2+4\gamma+1)
        \ln\left(\gamma+\sqrt{\gamma^2-1}\right) - (\gamma+3)\sqrt{\gamma^2-1}\right]
    """
    gamma = 1.0 + np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    p = np.sqrt(gamma**2 - 1.0)
    bracket = (gamma**2 + 4.0 * gamma + 1.0) * np.log(gamma + p) - (gamma + 3.0) * p
    return np.pi * CLASSICAL_ELECTRON_RADIUS_2_b / ((gamma + 1.0) * p**2) * bracket


def least_share(energy_keV: ArrayLike) -> Floats:
    r"""Smallest share of the energy :math:`E + 2mc^2` that a photon can have."""
    gamma = 1.0 + np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    return 1.0 / (gamma + 1.0 + np.sqrt(gamma**2 - 1.0))


def differential_b(energy_keV: ArrayLike, share: ArrayLike) -> Floats:
    r"""Cross section per energy share z of one photon, from `least_share` to 1 minus it [Hei54]_.

    .. math:: \frac{d\sigma}{dz} = \frac{\pi r_e^2}{2 (\gamma+1)(\gamma^2-1)} [S(z) + S(1-z)],
        \quad S(z) = -(\gamma+1)^2 + \frac{\gamma^2+4\gamma+1}{z} - \frac{1}{z^2}

    Its integral over all shares is `total_b`: either photon may be the one that is followed.
    """
    gamma = 1.0 + np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    z = np.asarray(share, dtype=np.float64)

    def one(x: Floats) -> Floats:
        return -((gamma + 1.0) ** 2) + (gamma**2 + 4.0 * gamma + 1.0) / x - x**-2

    front = np.pi * CLASSICAL_ELECTRON_RADIUS_2_b / (2.0 * (gamma + 1.0) * (gamma**2 - 1.0))
    return front * (one(z) + one(1.0 - z))


def photon_cosine(energy_keV: ArrayLike, share: ArrayLike) -> Floats:
    r"""Cosine between the positron and the photon of share z: :math:`(\gamma+1-1/z)/p` [NHR85]_."""
    gamma = 1.0 + np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    return (gamma + 1.0 - 1.0 / np.asarray(share)) / np.sqrt(gamma**2 - 1.0)
