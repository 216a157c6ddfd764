r"""Shape of bremsstrahlung spectra (Koch and Motz 3BN with Elwert's factor), positrons' share.

Energies in keV. The size of the cross section is set by the tabulated radiative stopping power;
only the shape is taken from here.

References
----------
.. [KM59] H.W. Koch, J.W. Motz, Rev. Mod. Phys. 31, 920 (1959), doi:10.1103/RevModPhys.31.920
.. [Elw39] G. Elwert, Ann. Phys. 34, 178 (1939), doi:10.1002/andp.19394260206
.. [KPSP86] L. Kim, R.H. Pratt, S.M. Seltzer, M.J. Berger, Phys. Rev. A 33, 3002 (1986),
   doi:10.1103/PhysRevA.33.3002; fit as in F. Salvat, PENELOPE-2018, OECD/NEA, eq. 3.145
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import (
    FINE_STRUCTURE,
    CLASSICAL_ELECTRON_RADIUS_2_b,
    ELECTRON_REST_keV,
)

__all__ = ["elwert_factor", "koch_motz_3bn_b", "positron_share"]

Floats = NDArray[np.float64]


def koch_motz_3bn_b(energy_keV: ArrayLike, photon_keV: ArrayLike) -> Floats:
    r"""Born cross section :math:`k\,d\sigma/dk` on a bare nucleus over Z², barn [KM59]_ (3BN).

    Parameters
    ----------
    energy_keV : array_like
        Kinetic energy E before.
    photon_keV : array_like, broadcast with energy_keV
        0 < k < E.
    """
    k = np.asarray(photon_keV, dtype=np.float64) / ELECTRON_REST_keV
    e0 = 1.0 + np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    e = e0 - k
    p0, p = np.sqrt(e0**2 - 1.0), np.sqrt(e**2 - 1.0)
    eps0, eps = 2.0 * np.log(e0 + p0), 2.0 * np.log(e + p)
    log = 2.0 * np.log((e0 * e + p0 * p - 1.0) / k)
    bracket = (
        4.0 / 3.0
        - 2.0 * e0 * e * (p**2 + p0**2) / (p * p0) ** 2
        + eps0 * e / p0**3
        + eps * e0 / p**3
        - eps * eps0 / (p0 * p)
        + log
        * (
            8.0 * e0 * e / (3.0 * p0 * p)
            + k**2 * ((e0 * e) ** 2 + (p0 * p) ** 2) / (p0 * p) ** 3
            + k
            / (2.0 * p0 * p)
            * (
                (e0 * e + p0**2) / p0**3 * eps0
                - (e0 * e + p**2) / p**3 * eps
                + 2.0 * k * e0 * e / (p * p0) ** 2
            )
        )
    )
    return FINE_STRUCTURE * CLASSICAL_ELECTRON_RADIUS_2_b * p / p0 * bracket


def elwert_factor(energy_keV: ArrayLike, photon_keV: ArrayLike, z: float) -> Floats:
    r"""Coulomb correction of the Born shape, which alone falls to zero at the tip [Elw39]_.

    .. math:: \frac{\beta_0 (1 - e^{-2\pi\alpha Z/\beta_0})}{\beta (1 - e^{-2\pi\alpha Z/\beta})}
    """

    def one(energy: Floats) -> Floats:
        gamma = 1.0 + energy / ELECTRON_REST_keV
        beta = np.sqrt(1.0 - gamma**-2)
        return beta * -np.expm1(-2.0 * np.pi * FINE_STRUCTURE * z / beta)

    energy = np.asarray(energy_keV, dtype=np.float64)
    return one(energy) / one(energy - np.asarray(photon_keV))


def positron_share(energy_keV: ArrayLike, z: float) -> Floats:
    r"""Radiative stopping power of positrons over that of electrons [KPSP86]_.

    Taken for spectra as well: the shape is that of electrons.
    """
    t = np.log1p(1e6 * np.asarray(energy_keV, dtype=np.float64) / (ELECTRON_REST_keV * z**2))
    series = t * (
        0.12359
        + t
        * (
            -0.061274
            + t * (0.031516 + t * (-0.0077446 + t * (0.0010595 + t * (-7.0568e-5 + t * 1.8080e-6))))
        )
    )
    return -np.expm1(-series)
