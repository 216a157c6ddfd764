r"""Photon interactions in water: coefficients and one-scatter energy transfer, from xraylib.

xraylib's elemental cross sections (Brunetti et al. 2004; XCOM to 0.1%) end at 800 keV and its
energy-absorption coefficient ``CS_Energy`` is wrong (-37% in water at 30 keV), so this module
builds its own: photoelectric absorption carried on above 800 keV by its last slope, Compton
scattering integrated from Klein-Nishina times the incoherent scattering function at all energies,
pair production by Maximon's series. Coherent scattering, which moves no energy, is left out.

Units: keV, cm²/g. xraylib is loaded on first use.

References
----------
.. [BSG04] A. Brunetti et al., Spectrochim. Acta B 59, 1725 (2004), doi:10.1016/j.sab.2004.03.014
.. [NIST95] J.H. Hubbell, S.M. Seltzer, NISTIR 5632 (1995): mu_en/rho to compare with.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import frozen
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import compton, pair
from pdcraft.physics.constants import AVOGADRO_per_mol
from pdcraft.physics.quadrature import gauss_legendre

__all__ = ["Scatter", "WaterPhotons", "water_mu_en_cm2_per_g", "water_photons"]

Floats = NDArray[np.float64]

LOWEST_keV, HIGHEST_keV = 1.0, 3000.0
PHOTO_TOP_keV = 800.0  # end of xraylib's tables for light elements
SOURCE = "xraylib, doi:10.1016/j.sab.2004.03.014; XCOM-grade cross sections"
WATER_MOLAR_MASS_g_per_mol = 18.01528
ATOMS = ((1, 2.0), (8, 1.0))  # atomic number, atoms per molecule of water
COS_THETA, COS_WEIGHT = gauss_legendre(48)


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
class WaterPhotons:
    """Mass coefficients of liquid water in cm²/g on a grid of photon energies in keV."""

    energy_keV: Floats
    photo: Floats
    compton: Floats
    pair: Floats
    scatter: Scatter

    @property
    def absorbing(self) -> Floats:
        """Total without coherent scattering."""
        return self.photo + self.compton + self.pair

    @property
    def energy_transfer(self) -> Floats:
        """Energy-transfer coefficient: what one interaction leaves with electrons."""
        moved = self.compton * np.sum(self.scatter.probability * (1.0 - self.scatter.kept), axis=1)
        kinetic = np.maximum(0.0, 1.0 - pair.THRESHOLD_keV / self.energy_keV)
        return self.photo + moved + self.pair * kinetic


def _photo_cm2_per_g(energy_keV: Floats) -> Floats:
    """Photoelectric; above 800 keV by the slope between 600 and 800 keV, where it is below 2e-5.

    Oxygen's fluorescence (0.5 keV, 0.7% of vacancies) is absorbed where it was born.
    """
    import xraylib

    def at(energy: float) -> float:
        return sum(
            n * xraylib.AtomicWeight(z) * xraylib.CS_Photo(z, energy) for z, n in ATOMS
        ) / sum(n * xraylib.AtomicWeight(z) for z, n in ATOMS)

    slope = np.log(at(PHOTO_TOP_keV) / at(600.0)) / np.log(PHOTO_TOP_keV / 600.0)
    top = at(PHOTO_TOP_keV)
    return np.array(
        [at(e) if e <= PHOTO_TOP_keV else top * (e / PHOTO_TOP_keV) ** slope for e in energy_keV]
    )


def _scatter(energy_keV: Floats) -> tuple[Floats, Scatter]:
    """Compton coefficient and angular distribution with the electrons' binding."""
    import xraylib

    energy = energy_keV[:, None]
    transfer = compton.momentum_transfer_per_angstrom(energy, COS_THETA)
    electrons = np.zeros_like(transfer)  # per molecule
    for z, n in ATOMS:
        electrons += n * np.vectorize(lambda x, z=z: xraylib.SF_Compt(z, x))(transfer)
    per_ring = 2 * np.pi * COS_WEIGHT * compton.differential_b_per_sr(energy, COS_THETA) * electrons
    total_b = per_ring.sum(axis=1)
    probability = per_ring / total_b[:, None]
    coefficient = total_b * 1e-24 * AVOGADRO_per_mol / WATER_MOLAR_MASS_g_per_mol
    kept = compton.scattered_fraction(energy, COS_THETA)
    return coefficient, Scatter(frozen(kept, "energy kept"), frozen(probability, "angles"))


def _at(energy_keV: Floats) -> WaterPhotons:
    low, high = float(energy_keV.min()), float(energy_keV.max())
    if not (low >= LOWEST_keV and high <= HIGHEST_keV):
        raise PhysicsRangeError(
            f"photon coefficients of water hold from {LOWEST_keV:g} to {HIGHEST_keV:g} keV, got "
            f"{low:g} to {high:g} keV; softer photons are absorbed on the spot"
        )
    coefficient, scatter = _scatter(energy_keV)
    molecules = 1e-24 * AVOGADRO_per_mol / WATER_MOLAR_MASS_g_per_mol
    pairs = molecules * sum(n * pair.nuclear_pair_b(energy_keV, z) for z, n in ATOMS)
    return WaterPhotons(
        frozen(energy_keV, "photon energies"),
        frozen(_photo_cm2_per_g(energy_keV), "photoelectric coefficient"),
        frozen(coefficient, "Compton coefficient"),
        frozen(np.asarray(pairs), "pair coefficient"),
        scatter,
    )


@cache
def water_photons() -> WaterPhotons:
    """Coefficients of water on the package's grid: 1 keV to 3 MeV, 160 logarithmic steps."""
    return _at(np.geomspace(LOWEST_keV, HIGHEST_keV, 161))


def water_mu_en_cm2_per_g(energy_keV: ArrayLike) -> Floats:
    """Mass energy-absorption coefficient of water.

    Parameters
    ----------
    energy_keV : array_like, one-dimensional or a number
        1 keV to 3 MeV.

    Returns
    -------
    ndarray, same shape
        cm²/g. The share that electrons radiate (below 0.7% up to 2 MeV) counts as absorbed.

    Raises
    ------
    PhysicsRangeError
        Outside 1 keV to 3 MeV.

    References
    ----------
    Compare [NIST95]_.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    return _at(energy.reshape(-1)).energy_transfer.reshape(energy.shape)
