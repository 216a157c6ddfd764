r"""Absorbed fractions of electrons and photons in a sphere of water within water.

Two treatments of electrons: ``"local"`` absorbs them where they start (fraction 1, an upper
bound); ``"range"`` lets them run straight for their CSDA range, losing energy evenly. Photons come
from the point kernel of `pdcraft.physics.photon_kernel`; with ``"range"`` the electrons that they
set free run too.

Against EGSnrc, ``"range"`` is within 2.5% for photons of 27, 80 and 364 keV in spheres of 10 mg to
1 kg and within 7% at 1 mg; for electrons within 0.6% where the fraction is above 0.8, within 4%
above 0.45, and up to 70% high below that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.polynomial.legendre import legvander
from numpy.typing import ArrayLike, NDArray

from pdcraft.data.photons import COS_THETA, PhotonCoefficients, water_photons
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import photon_kernel
from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.physics.electron import csda_range_g_per_cm2
from pdcraft.physics.sphere import range_absorbed_fraction

__all__ = ["ElectronMethod", "electron_absorbed_fraction", "photon_absorbed_fraction"]

ElectronMethod = Literal["local", "range"]
Floats = NDArray[np.float64]

MM_PER_CM = 10.0
OXYGEN_K_keV = 0.54  # binding of the shell that most photoelectrons leave


@dataclass(frozen=True, slots=True)
class _Kernel:
    """Point kernels in water on the photon grid; coefficients in cm²/g."""

    water: PhotonCoefficients
    transfer: Floats
    terms: tuple[Floats, Floats, Floats]


@cache
def _kernel() -> _Kernel:
    water = water_photons()
    grid = water.energy_keV
    kept, angles = water.scatter.kept, water.scatter.probability
    carried = water.compton[:, None] * angles * kept
    legendre = legvander(COS_THETA, 2)
    onward = [
        photon_kernel.onward_matrix(grid, kept * grid[:, None], carried * legendre[:, order])
        for order in range(3)
    ]
    # pairs send on two annihilation photons, isotropically
    quanta = np.minimum(ELECTRON_REST_keV, grid)[:, None]
    pairs = (water.pair * 2.0 * ELECTRON_REST_keV / grid)[:, None]
    onward[0] = onward[0] + photon_kernel.onward_matrix(grid, quanta, pairs)
    transfer = water.absorbing - onward[0].sum(axis=1)
    _, mean_square = photon_kernel.radial_moments(water.absorbing, onward, 2)
    transfer_next = np.exp(np.interp(np.log(kept * grid[:, None]), np.log(grid), np.log(transfer)))
    slope = photon_kernel.single_scatter_slope(COS_THETA, carried * transfer_next)
    terms = photon_kernel.kernel_terms(water.absorbing, transfer, slope, mean_square)
    return _Kernel(water, transfer, terms)


def electron_absorbed_fraction(
    energy_keV: ArrayLike,
    radius_mm: ArrayLike,
    method: ElectronMethod = "range",
    water_I_eV: float = 78.0,
    density_g_per_mL: float = 1.0,
) -> Floats:
    """Share of electrons' energy that stays in a sphere filled uniformly with their source.

    Parameters
    ----------
    energy_keV, radius_mm : array_like
        Broadcast.
    method : {"range", "local"}
    water_I_eV : float
        Mean excitation energy of water, 78 (ICRU 90) or 75 eV.
    density_g_per_mL : float

    Returns
    -------
    ndarray
    """
    energy, radius = np.broadcast_arrays(
        np.asarray(energy_keV, dtype=np.float64), np.asarray(radius_mm, dtype=np.float64)
    )
    if method == "local":
        return np.ones(energy.shape)
    depth = radius / MM_PER_CM * density_g_per_mL
    return range_absorbed_fraction(csda_range_g_per_cm2(energy, water_I_eV), depth)


def photon_absorbed_fraction(
    energy_keV: ArrayLike,
    radius_mm: float,
    method: ElectronMethod = "range",
    water_I_eV: float = 78.0,
    density_g_per_mL: float = 1.0,
) -> Floats:
    """Share of photons' energy that stays in a sphere filled uniformly with their source.

    Parameters
    ----------
    energy_keV : array_like, any shape
        Up to 3 MeV; photons below 1 keV count as absorbed on the spot.
    radius_mm : float
    method : {"range", "local"}
        What becomes of the electrons that photons set free.
    water_I_eV, density_g_per_mL : float

    Returns
    -------
    ndarray, same shape as ``energy_keV``

    Raises
    ------
    PhysicsRangeError
        Above 3 MeV.
    """
    energy = np.asarray(energy_keV, dtype=np.float64)
    kernel = _kernel()
    grid = kernel.water.energy_keV
    if np.any(energy > grid[-1]):
        raise PhysicsRangeError(
            f"photon absorbed fractions reach to {grid[-1]:g} keV, got {energy.max():g} keV"
        )
    depth = radius_mm / MM_PER_CM * density_g_per_mL
    fraction = photon_kernel.absorbed_fractions(
        kernel.water.absorbing, kernel.transfer, kernel.terms, depth
    )
    if method == "range":
        fraction = fraction * _secondaries_kept(kernel, depth, water_I_eV)
    out = np.exp(np.interp(np.log(np.maximum(energy, grid[0])), np.log(grid), np.log(fraction)))
    return np.where(energy < grid[0], 1.0, out)


def _secondaries_kept(kernel: _Kernel, depth: float, water_I_eV: float) -> Floats:
    """Energy-weighted absorbed fraction of the electrons of first collisions, per grid energy."""
    water = kernel.water
    grid = water.energy_keV[:, None]
    lost = 1.0 - water.scatter.kept
    recoil = grid * lost
    weights = water.compton[:, None] * water.scatter.probability * lost
    photoelectron = np.maximum(grid - OXYGEN_K_keV, 0.0)
    pair = np.maximum(0.5 * grid - ELECTRON_REST_keV, 0.0)  # each of the two
    pair_share = (water.pair * np.maximum(0.0, 1.0 - 2.0 * ELECTRON_REST_keV / grid[:, 0]))[:, None]
    energies = np.concatenate([recoil, photoelectron, pair], axis=1)
    weights = np.concatenate([weights, water.photo[:, None], pair_share], axis=1)
    kept = range_absorbed_fraction(csda_range_g_per_cm2(energies, water_I_eV), depth)
    return np.sum(weights * kept, axis=1) / np.sum(weights, axis=1)
