"""Elastic scattering tables: what the cut between soft and hard deflections leaves on each side.

Cross sections per gram in 1/mm per g/mL, angles as mu = (1 - cos theta) / 2.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.material import Material
from pdcraft.data.electron_elements import electron_element
from pdcraft.data.form_factors import X_NODES_per_angstrom, screened_charge_over_x2
from pdcraft.physics import elastic
from pdcraft.physics.constants import AVOGADRO_per_mol

__all__ = ["MU", "Scattering", "atom_b", "cut_at", "scattering"]

Floats = NDArray[np.float64]

LEAST_MU = 1e-11  # below, all cross sections are flat
LOG_MU = np.linspace(np.log(LEAST_MU), 0.0, 513)
MU = np.exp(LOG_MU)
PER_GRAM = AVOGADRO_per_mol * 1e-24 * 0.1  # barn mol/g to 1/mm per g/mL


class Scattering(NamedTuple):
    """Integrals of a cross section from mu = 0 up to each of `MU`, shape (energies, angles)."""

    density: Floats  # per unit of mu
    total: Floats
    first: Floats  # of 1 - P1 = 2 mu
    second: Floats  # of 1 - P2 = 6 mu (1 - mu)


@lru_cache(maxsize=256)
def _atom_b(z: int, charge: int, energies_keV: tuple[float, ...]) -> Floats:
    energy = np.array(energies_keV)[:, None]
    x = elastic.wavenumber_per_angstrom(energy) * np.sqrt(MU)
    per_x2 = np.interp(np.log(x), np.log(X_NODES_per_angstrom), np.log(screened_charge_over_x2(z)))
    charge2 = np.square(np.exp(per_x2) * x**2)
    spin = elastic.mckinley_feshbach(energy, MU, z, charge)
    return elastic.rutherford_b(energy, MU) * charge2 * spin


def atom_b(z: int, charge: int, energy_keV: Floats) -> Floats:
    """Differential cross section of an atom at the angles `MU`, barn, shape (energies, angles)."""
    return _atom_b(z, charge, tuple(float(e) for e in energy_keV))


def scattering(material: Material, charge: int, energy_keV: Floats) -> Scattering:
    """Add the atoms of a material up, and integrate over angles."""
    density = sum(
        PER_GRAM * w / electron_element(z).atomic_weight * atom_b(z, charge, energy_keV)
        for z, w in material.mass_fractions
    )
    assert not isinstance(density, int)
    return Scattering(
        density, *(_cumulative(density * w) for w in (1.0, 2.0 * MU, 6.0 * MU * (1.0 - MU)))
    )


def _cumulative(density: Floats) -> Floats:
    """Integrate over mu: Simpson's rule in the logarithm, flat below the first angle."""
    from scipy.integrate import cumulative_simpson

    start = density[:, :1] * LEAST_MU
    return cumulative_simpson(density * MU, x=LOG_MU, axis=1, initial=0.0) + start


def cut_at(total: Floats, most_hard: Floats) -> Floats:
    """Give the logarithm of the mu beyond which hard collisions have the wanted cross section.

    Parameters
    ----------
    total : ndarray, shape (energies, angles)
        `Scattering.total`.
    most_hard : ndarray, shape (energies,)
        Wanted; -inf is returned where all collisions together are rarer.
    """
    out = np.full(len(total), -np.inf)
    for i, (row, want) in enumerate(zip(total, most_hard, strict=True)):
        beyond = row[-1] - row
        if row[-1] > want:
            # beyond falls about as 1/mu: linear in logarithms
            inside = beyond[:-1] > 0.0
            out[i] = np.interp(-np.log(want), -np.log(beyond[:-1][inside]), LOG_MU[:-1][inside])
    return out
