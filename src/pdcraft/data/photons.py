r"""Photon coefficients of any mixture of elements, and how one Compton scatter moves energy.

One source for all of pdcraft: cross sections of `pdcraft.data.photon_elements`, weighted by mass.
Above 800 keV, where tables end, Compton and Rayleigh scattering are integrals of Klein-Nishina's
and Thomson's laws over scattering functions and form factors, scaled to meet the tables at 800 keV
(by 0.1%: radiative corrections that XCOM has and the integral has not). Pair production is that in
the field of nuclei.

Energies in keV, mass coefficients in cm²/g. xraylib is loaded on first use.

References
----------
.. [NIST95] J.H. Hubbell, S.M. Seltzer, NISTIR 5632 (1995): mu_en/rho to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data import photon_elements as elements
from pdcraft.data.inner_shells import inner_shells
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import compton, pair
from pdcraft.physics.constants import AVOGADRO_per_mol, CLASSICAL_ELECTRON_RADIUS_2_b
from pdcraft.physics.quadrature import gauss_legendre

__all__ = [
    "COS_THETA",
    "SOURCE",
    "WATER",
    "Composition",
    "HIGHEST_keV",
    "LOWEST_keV",
    "PhotonCoefficients",
    "Scatter",
    "form_factor_cumulative",
    "incoherent_share",
    "mu_en_cm2_per_g",
    "photon_coefficients",
]

Composition = tuple[tuple[int, float], ...]

LOWEST_keV, HIGHEST_keV = elements.LOWEST_keV, 3000.0
SOURCE = "xraylib, doi:10.1016/j.sab.2004.03.014; XCOM-grade cross sections"
WATER: Composition = ((1, 0.111898), (8, 0.888102))  # from atomic weights
COS_THETA, COS_WEIGHT = gauss_legendre(48)
PER_BARN = 1e-24 * AVOGADRO_per_mol  # cm² per barn times atoms per mole


@dataclass(frozen=True, slots=True)
class Scatter:
    """Compton scattering at each energy of a grid, in directions ``COS_THETA``.

    Parameters
    ----------
    kept : ndarray, shape (energies, directions)
        Fraction of its energy that the photon keeps.
    probability : ndarray, shape (energies, directions)
        Of each direction, given a Compton event; each row sums to 1.
    """

    kept: Floats
    probability: Floats


@dataclass(frozen=True, slots=True)
class PhotonCoefficients:
    """Mass coefficients of a mixture in cm²/g on a grid of photon energies in keV.

    ``fluorescence_keV`` is the mean energy that leaves a photoelectric absorption as photons of
    1 keV and more.
    """

    energy_keV: Floats
    photo: Floats
    compton: Floats
    rayleigh: Floats
    pair: Floats
    scatter: Scatter
    fluorescence_keV: Floats

    @property
    def absorbing(self) -> Floats:
        """Total without coherent scattering."""
        return self.photo + self.compton + self.pair

    @property
    def total(self) -> Floats:
        """Attenuation coefficient."""
        return self.absorbing + self.rayleigh

    @property
    def transferred_keV(self) -> Floats:
        """Mean energy that a Compton event gives to its electron."""
        lost = np.sum(self.scatter.probability * (1.0 - self.scatter.kept), axis=1)
        return self.energy_keV * lost

    @property
    def energy_transfer(self) -> Floats:
        """Energy-transfer coefficient: the mean share of its energy that goes to electrons."""
        kinetic = np.maximum(0.0, self.energy_keV - pair.THRESHOLD_keV)
        electrons_keV = (
            self.photo * (self.energy_keV - self.fluorescence_keV)
            + self.compton * self.transferred_keV
            + self.pair * kinetic
        )
        return electrons_keV / self.energy_keV


def _moles_per_g(composition: Composition) -> dict[int, float]:
    return {z: w / elements.atomic_weight(z) for z, w in composition}


def incoherent_share(composition: Composition) -> Floats:
    """S(x)/Z of a mixture, 0 to 1, on the grid ``photon_elements.SQRT_X``."""
    moles = _moles_per_g(composition)
    electrons = sum(n * z for z, n in moles.items())
    mixed = sum(n * elements.incoherent_electrons(z) for z, n in moles.items())
    return np.asarray(mixed / electrons)


def form_factor_cumulative(composition: Composition) -> Floats:
    r"""Give :math:`\int_0^{x^2} F^2 d(x^2)` per mole of atoms on ``photon_elements.X2_NODES``.

    Atoms scatter independently; F² falls as a power of x² between nodes.
    """
    x2 = np.asarray(elements.X2_NODES)
    moles = _moles_per_g(composition)
    mixed = sum(n * elements.form_factor_squared(z) for z, n in moles.items())
    f2 = np.asarray(mixed / sum(moles.values()))
    a, b, u, v = f2[:-1], f2[1:], x2[:-1], x2[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        power = 1.0 + np.log(b / a) / np.log(v / u)
        curved = (b * v - a * u) / power
    straight = 0.5 * (a + b) * (v - u)
    usable = (u > 0.0) & (a > 0.0) & (b > 0.0) & (np.abs(power) > 1e-3)
    return np.concatenate(([0.0], np.cumsum(np.where(usable, curved, straight))))


def _scatter(share: Floats, energy_keV: Floats) -> tuple[Floats, Scatter]:
    """Compton cross section per electron, in barn, and the angles, with the electrons' binding."""
    energy = energy_keV[:, None]
    transfer = compton.momentum_transfer_per_angstrom(energy, COS_THETA)
    bound = np.interp(np.sqrt(transfer), elements.SQRT_X, share)
    per_ring = 2 * np.pi * COS_WEIGHT * compton.differential_b_per_sr(energy, COS_THETA) * bound
    total_b = per_ring.sum(axis=1)
    kept = compton.scattered_fraction(energy, COS_THETA)
    probability = per_ring / total_b[:, None]
    return total_b, Scatter(frozen(kept, "energy kept"), frozen(probability, "angles"))


def _rayleigh_b(composition: Composition, energy_keV: Floats) -> Floats:
    """Thomson scattering times F², per atom in barn, as sum over the nodes of x²."""
    x2 = np.asarray(elements.X2_NODES)
    steps = np.diff(form_factor_cumulative(composition))
    middle = 0.5 * (x2[1:] + x2[:-1])
    top = (energy_keV[:, None] / compton.HC_keV_angstrom) ** 2
    cosine = 1.0 - 2.0 * np.minimum(middle / top, 1.0)
    inside = np.clip((top - x2[:-1]) / np.diff(x2), 0.0, 1.0)
    rings = np.sum((1.0 + cosine**2) * inside * steps, axis=1)
    return 2.0 * np.pi * CLASSICAL_ELECTRON_RADIUS_2_b * rings / top[:, 0]


def photon_coefficients(composition: Composition, energy_keV: ArrayLike) -> PhotonCoefficients:
    """Coefficients of a mixture of elements.

    Parameters
    ----------
    composition : tuple of (int, float)
        Atomic number and mass fraction; fractions sum to 1.
    energy_keV : array_like, shape (n,)
        1 keV to 3 MeV.

    Raises
    ------
    PhysicsRangeError
        Outside 1 keV to 3 MeV.
    """
    energy = np.asarray(energy_keV, dtype=np.float64).reshape(-1)
    if not (energy.min() >= LOWEST_keV and energy.max() <= HIGHEST_keV):
        raise PhysicsRangeError(
            f"photon coefficients hold from {LOWEST_keV:g} to {HIGHEST_keV:g} keV, got "
            f"{energy.min():g} to {energy.max():g} keV; softer photons are absorbed on the spot"
        )
    share = incoherent_share(composition)
    top = np.array([elements.TABLE_TOP_keV])
    above = energy > elements.TABLE_TOP_keV
    photo, fluorescence = np.zeros_like(energy), np.zeros_like(energy)
    scattered, coherent, pairs = np.zeros((3, energy.size))
    for z, w in composition:
        absorbed = w * elements.photo_cm2_per_g(z, energy)
        photo += absorbed
        fluorescence += absorbed * inner_shells(z).fluorescence_keV(energy)
        scattered += w * elements.incoherent_cm2_per_g(z, energy)
        coherent += w * elements.coherent_cm2_per_g(z, energy)
        atoms_per_b = w / elements.atomic_weight(z) * PER_BARN
        pairs += atoms_per_b * pair.nuclear_pair_b(energy, z)
    free_b, scatter = _scatter(share, energy)
    if np.any(above):
        scattered[above] *= free_b[above] / _scatter(share, top)[0]
        coherent[above] *= _rayleigh_b(composition, energy[above]) / _rayleigh_b(composition, top)
    return PhotonCoefficients(
        frozen(energy, "photon energies"),
        frozen(photo, "photoelectric coefficient"),
        frozen(scattered, "Compton coefficient"),
        frozen(coherent, "Rayleigh coefficient"),
        frozen(pairs, "pair coefficient"),
        scatter,
        frozen(fluorescence / photo, "fluorescence"),
    )


def mu_en_cm2_per_g(composition: Composition, energy_keV: ArrayLike) -> Floats:
    """Mass energy-absorption coefficient of a mixture.

    Parameters
    ----------
    composition : tuple of (int, float)
    energy_keV : array_like, any shape
        1 keV to 3 MeV.

    Returns
    -------
    ndarray, same shape
        cm²/g. The share that electrons radiate (in water below 0.7% up to 2 MeV) counts as
        absorbed.

    Raises
    ------
    PhysicsRangeError
        Outside 1 keV to 3 MeV.

    References
    ----------
    Compare [NIST95]_.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    return photon_coefficients(composition, energy).energy_transfer.reshape(energy.shape)
