r"""Shape of bremsstrahlung spectra: Koch and Motz 3BN, screened, with Elwert's factor; positrons.

Energies in keV. The size of the cross section is set by the tabulated radiative stopping power;
only the shape is taken from here.

References
----------
.. [KM59] H.W. Koch, J.W. Motz, Rev. Mod. Phys. 31, 920 (1959), doi:10.1103/RevModPhys.31.920
.. [Sch51] L.I. Schiff, Phys. Rev. 83, 252 (1951), doi:10.1103/PhysRev.83.252: the screening radius
   of 111 Compton wavelengths over the cube root of Z; Koch and Motz 3BSe is its fast limit.
.. [Jac99] J.D. Jackson, Classical Electrodynamics, 3rd ed. (1999), section 15.2: soft photons.
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
from pdcraft.physics.quadrature import gauss_legendre

__all__ = ["elwert_factor", "koch_motz_3bn_b", "positron_share", "screening_loss_b"]

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


def screening_loss_b(energy_keV: ArrayLike, photon_keV: ArrayLike, z: float) -> Floats:
    r"""Give what screening takes off `koch_motz_3bn_b`: distant collisions, so mostly soft photons.

    An electron that takes up a momentum q radiates, at emission angle cosine c in the frame moving
    with it, as a dipole. Summed over q from the least that the photon's angle allows to the
    greatest, with :math:`q^4/(q^2 + b^2)^2` for the screened charge and :math:`b = Z^{1/3}/111` mc,

    .. math:: C \int_{-1}^{1} \tfrac38 (1 + c^2) [D(q_c) - D(q_+)]_+ dc, \quad D(q) = \tfrac12
        \left[\ln\frac{q^2 + b^2}{q^2} + \frac{b^2/\gamma^2}{q^2 + b^2}\right]

    .. math:: q_c = (p_0 - p - k) \frac{1 + \beta}{1 + \beta c}, \quad q_+ = p_0 + p - k, \quad
        C = \frac{4\alpha r_e^2}{\beta^2} \left[1 + \frac{E^2}{E_0^2} - \frac{2E}{3E_0}\right]

    Exact for soft photons at any speed [Jac99]_; its limits are the nonrelativistic Born formula
    of a screened atom and, at high energy, Schiff's with ln(b/q) - 13/12 [Sch51]_. Against the
    tables of Seltzer and Berger (1986) in water: shape within 3% from 15 keV to 1 MeV, 10% at
    1 keV and in the softest tenth of the spectrum above 1 MeV.
    """
    k = np.asarray(photon_keV, dtype=np.float64) / ELECTRON_REST_keV
    e0 = 1.0 + np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    e = e0 - k
    p0, p = np.sqrt(e0**2 - 1.0), np.sqrt(e**2 - 1.0)
    beta = p0 / e0
    b2 = (np.cbrt(z) / 111.0) ** 2
    least = k * (2.0 * e0 - k) / (p0 + p) - k  # p0 - p - k without cancellation of p0 - p

    def distance(q2: Floats) -> Floats:
        return 0.5 * (np.log1p(b2 / q2) + b2 / (q2 + b2) / e0**2)

    nearest = distance((p0 + p - k) ** 2)
    total = np.zeros(np.broadcast(k, e0).shape)
    for c, weight in zip(*gauss_legendre(5), strict=True):
        q = least * (1.0 + beta) / (1.0 + beta * c)
        total += 0.375 * weight * (1.0 + c * c) * np.maximum(distance(q * q) - nearest, 0.0)
    share = e / e0
    front = 4.0 * FINE_STRUCTURE * CLASSICAL_ELECTRON_RADIUS_2_b / beta**2
    return front * (1.0 + share**2 - 2.0 * share / 3.0) * total


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
