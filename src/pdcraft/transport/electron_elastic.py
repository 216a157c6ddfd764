"""Elastic scattering of materials: integrals over angles, and the cut between soft and hard.

Cross sections per gram in 1/mm per g/mL, angles as mu = (1 - cos theta) / 2, on the grid of
`pdcraft.physics.elastic.angle_grid`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.data import elastic_ratios
from pdcraft.data.electron_elements import electron_element
from pdcraft.physics import elastic
from pdcraft.physics.constants import AVOGADRO_per_mol
from pdcraft.physics.quadrature import cumulative_simpson, spline_matrix

__all__ = ["PER_GRAM", "U_GRID", "Scattering", "at_cut", "atom_b", "cut_at", "scattering"]

Floats = NDArray[np.float64]

U_GRID = np.linspace(0.0, 1.0, 513)
PER_GRAM = AVOGADRO_per_mol * 1e-24 * 0.1  # barn mol/g to 1/mm per g/mL


class Scattering(NamedTuple):
    """A cross section and its integrals from mu = 0 up, shape (energies, angles)."""

    mu: Floats
    density: Floats  # per unit of mu
    total: Floats
    first: Floats  # of 1 - P1 = 2 mu
    second: Floats  # of 1 - P2 = 6 mu (1 - mu)


@lru_cache(maxsize=128)
def _atom_b(z: int, energies_keV: tuple[float, ...]) -> Floats:
    at_energy = spline_matrix(np.log(elastic_ratios.ENERGY_keV), np.log(energies_keV))
    logs = at_energy @ elastic_ratios.ratios(z) @ spline_matrix(elastic_ratios.U, U_GRID).T
    energy = np.array(energies_keV)[:, None]
    mu = elastic.angle_grid(energy, U_GRID)
    smooth = np.stack([elastic.screened_b(energy, mu, z, charge) for charge in (0, 1)])
    return smooth * np.exp(logs)


def atom_b(z: int, energy_keV: Floats) -> Floats:
    """Give the differential cross section of an atom, barn, shape (2 charges, energies, angles).

    Energies within 0.5 keV and 4 MeV; angles are those of `U_GRID`.
    """
    return _atom_b(z, tuple(float(e) for e in energy_keV))


def scattering(material: Material, charge: int, energy_keV: Floats) -> Scattering:
    """Add the atoms of a material up, and integrate over angles (Simpson)."""
    energy = energy_keV[:, None]
    mu = elastic.angle_grid(energy, U_GRID)
    density = np.zeros_like(mu)
    for z, w in material.mass_fractions:
        per_gram = PER_GRAM * w / electron_element(z).atomic_weight
        density += per_gram * atom_b(z, energy_keV)[charge]
    unit = elastic.screening_unit(energy)
    per_u = density * (mu + unit) * np.log1p(1.0 / unit)
    weights = (1.0, 2.0 * mu, 6.0 * mu * (1.0 - mu))
    sums = (cumulative_simpson(per_u * w, float(U_GRID[1])) for w in weights)
    return Scattering(mu, density, *sums)


def cut_at(total: Floats, hard: Floats) -> Floats:
    """Give the u beyond which collisions have the wanted cross section, shape (energies,).

    Parameters
    ----------
    total : ndarray, shape (energies, angles)
        `Scattering.total`.
    hard : ndarray, shape (energies,)
        Wanted; 0 is returned where all collisions together are rarer.
    """
    soft = np.maximum(total[:, -1] - hard, 0.0)
    return np.array([np.interp(v, row, U_GRID) for v, row in zip(soft, total, strict=True)])


def at_cut(u: Floats, cumulative: Floats) -> Floats:
    """Interpolate each row of a cumulative integral at its own u, shape (energies,)."""
    return np.array([np.interp(v, U_GRID, row) for v, row in zip(u, cumulative, strict=True)])
