"""Mean energies that a decay gives to each kind of radiation, and electron spectra as nodes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pdcraft.data.nuclides import Nuclide
from pdcraft.physics.beta import mean_energy_keV, spectrum_nodes

__all__ = ["electron_keV", "electron_nodes", "energy_by_kind_keV", "photon_keV", "photon_lines"]

Floats = NDArray[np.float64]

ELECTRON_KINDS = ("beta minus", "beta plus", "conversion electron", "Auger electron")
PHOTON_KINDS = ("gamma", "X", "annihilation")


def energy_by_kind_keV(nuclide: Nuclide) -> Mapping[str, float]:
    """Mean energy per decay in keV, by kind of radiation.

    Keys: ``beta minus``, ``beta plus``, ``conversion electron``, ``Auger electron`` (with the soft
    rest), ``gamma``, ``X``, ``annihilation``. Neutrinos and bremsstrahlung are not counted; the
    energy of positrons is kinetic.
    """
    out: dict[str, float] = {kind: 0.0 for kind in (*ELECTRON_KINDS, *PHOTON_KINDS)}
    for b in nuclide.beta:
        mean = mean_energy_keV(b.end_point_keV, nuclide.daughter_z, nuclide.a, b.charge, b.shape)
        out[f"beta {b.charge}"] += b.per_decay * mean
    for line in (*nuclide.electrons, *nuclide.photons):
        out[line.kind] += line.per_decay * line.energy_keV
    out["Auger electron"] += nuclide.soft_keV
    return MappingProxyType(out)


def electron_keV(nuclide: Nuclide) -> float:
    """Mean energy per decay of all electrons and positrons, in keV.

    Examples
    --------
    >>> from pdcraft.data.nuclides import nuclide
    >>> round(electron_keV(nuclide("Lu-177")), 1)
    148.3
    """
    by_kind = energy_by_kind_keV(nuclide)
    return sum(by_kind[kind] for kind in ELECTRON_KINDS)


def photon_keV(nuclide: Nuclide) -> float:
    """Mean energy per decay of all photons, in keV."""
    by_kind = energy_by_kind_keV(nuclide)
    return sum(by_kind[kind] for kind in PHOTON_KINDS)


def photon_lines(nuclide: Nuclide) -> tuple[Floats, Floats]:
    """Energies in keV and yields per decay of all photons, each of shape (lines,)."""
    energy = np.array([x.energy_keV for x in nuclide.photons])
    return energy, np.array([x.per_decay for x in nuclide.photons])


def electron_nodes(nuclide: Nuclide) -> tuple[Floats, Floats]:
    """All electrons as discrete energies: 64 nodes for each beta branch, then the lines.

    Returns
    -------
    energy_keV, per_decay : ndarray, shape (nodes,)
        The soft rest (`Nuclide.soft_keV`) is not among them: it has energy but no range.
    """
    energies: list[Floats] = []
    yields: list[Floats] = []
    for b in nuclide.beta:
        energy, weight = spectrum_nodes(
            b.end_point_keV, nuclide.daughter_z, nuclide.a, b.charge, b.shape
        )
        energies.append(energy)
        yields.append(b.per_decay * weight)
    energies.append(np.array([x.energy_keV for x in nuclide.electrons]))
    yields.append(np.array([x.per_decay for x in nuclide.electrons]))
    return np.concatenate(energies), np.concatenate(yields)
