"""Mean energies that a decay gives to each kind of radiation, and electron spectra as nodes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pdcraft.data.radiation import BetaTable, Line, Nuclide
from pdcraft.errors import DataError
from pdcraft.physics.beta import Charge, mean_energy_keV, spectrum_nodes, spectrum_per_keV

__all__ = [
    "beta_spectrum",
    "electron_keV",
    "electron_nodes",
    "energy_by_kind_keV",
    "model_dependent",
    "photon_keV",
    "photon_lines",
    "radiation_nodes",
]

Floats = NDArray[np.float64]

ELECTRON_KINDS = ("beta minus", "beta plus", "conversion electron", "Auger electron")
PHOTON_KINDS = ("gamma", "X", "annihilation")
ALPHA_KINDS = ("alpha", "recoil")
_BETA_TYPES: Mapping[Charge, str] = {"minus": "beta", "plus": "positron"}
MODEL_DEPENDENT_BELOW_keV = 0.2  # cascades of one atom differ by half in the number of these
LEAST_NODES = 400


def energy_by_kind_keV(nuclide: Nuclide) -> Mapping[str, float]:
    """Mean energy per decay in keV, by kind of radiation.

    Keys: ``beta minus``, ``beta plus``, ``conversion electron``, ``Auger electron`` (with the soft
    rest), ``gamma``, ``X``, ``annihilation``, ``alpha``, ``recoil`` (of the nuclei that alpha
    particles leave). Neutrinos and bremsstrahlung are not counted; the energy of positrons is
    kinetic.
    """
    out: dict[str, float] = dict.fromkeys((*ELECTRON_KINDS, *PHOTON_KINDS, *ALPHA_KINDS), 0.0)
    for b in nuclide.beta:
        mean = mean_energy_keV(b.end_point_keV, b.daughter_z, b.a, b.charge, b.shape)
        out[f"beta {b.charge}"] += b.per_decay * mean
    for table in nuclide.beta_tables:
        energy, weight = _table_nodes(table)
        out[f"beta {table.charge}"] += table.per_decay * float(np.sum(energy * weight))
    for line in (*nuclide.electrons, *nuclide.photons):
        out[line.kind] += line.per_decay * line.energy_keV
    out["Auger electron"] += nuclide.soft_keV
    out["alpha"] = nuclide.alpha_keV
    out["recoil"] = nuclide.recoil_keV
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
    return _lines(list(nuclide.photons))


def electron_nodes(nuclide: Nuclide) -> tuple[Floats, Floats]:
    """All electrons as discrete energies: nodes of each beta branch or table, then the lines.

    Returns
    -------
    energy_keV, per_decay : ndarray, shape (nodes,)
        The soft rest (`Nuclide.soft_keV`) is not among them: it has energy but no range.
    """
    by_type = radiation_nodes(nuclide)
    parts = [by_type[kind] for kind in ("beta", "positron", "Auger")]
    energies, yields = zip(*parts, strict=True)
    return np.concatenate(energies), np.concatenate(yields)


def radiation_nodes(nuclide: Nuclide) -> Mapping[str, tuple[Floats, Floats]]:
    """Energies in keV and numbers per decay by radiation type.

    Types: ``photon``, ``beta`` (electrons of beta decay and of conversion), ``Auger`` (lines; the
    soft rest has no energy of its own), ``positron``. Photons include annihilation photons.
    """
    nodes: dict[str, list[tuple[Floats, Floats]]] = {"beta": [], "positron": []}
    for b in nuclide.beta:
        energy, weight = spectrum_nodes(b.end_point_keV, b.daughter_z, b.a, b.charge, b.shape)
        nodes[_BETA_TYPES[b.charge]].append((energy, b.per_decay * weight))
    for table in nuclide.beta_tables:
        energy, weight = _table_nodes(table)
        nodes[_BETA_TYPES[table.charge]].append((energy, table.per_decay * weight))
    conversion = [x for x in nuclide.electrons if x.kind != "Auger electron"]
    auger = [x for x in nuclide.electrons if x.kind == "Auger electron"]
    nodes["beta"].append(_lines(conversion))
    out = {
        kind: (np.concatenate([e for e, _ in parts]), np.concatenate([n for _, n in parts]))
        for kind, parts in nodes.items()
        if parts
    }
    none = np.empty(0), np.empty(0)
    photons = photon_lines(nuclide)
    return {"positron": none, **out, "Auger": _lines(auger), "photon": photons}


def _lines(lines: list[Line]) -> tuple[Floats, Floats]:
    energy = np.array([x.energy_keV for x in lines], dtype=np.float64)
    return energy, np.array([x.per_decay for x in lines], dtype=np.float64)


def _table_nodes(table: BetaTable) -> tuple[Floats, Floats]:
    """Middle and probability of each interval between two nodes of a tabulated spectrum.

    The middle is the mean energy under the straight line between the nodes.
    """
    low, high = table.energy_keV[:-1], table.energy_keV[1:]
    at_low, at_high = table.per_keV[:-1], table.per_keV[1:]
    weight = 0.5 * (at_low + at_high) * (high - low)
    rise = np.divide(at_high, at_low + at_high, out=np.full_like(low, 0.5), where=weight > 0.0)
    return low + (high - low) * (1.0 + rise) / 3.0, weight


def beta_spectrum(
    nuclide: Nuclide, charge: Charge = "minus", nodes: int = 1001
) -> tuple[Floats, Floats]:
    """Spectrum of all electrons or of all positrons from beta decay, on one grid.

    Parameters
    ----------
    nuclide : Nuclide
    charge : {"minus", "plus"}
    nodes : int
        Number of grid points, 400 or more; every end point of a branch is added. The grid is
        uniform in the square root of the energy, so that it is finest where electrons are slow.

    Returns
    -------
    energy_keV : ndarray, shape (points,)
        Ascending from 0 to the highest end point; empty if there are no such particles.
    per_decay_keV : ndarray, shape (points,)
        Particles per decay and keV; its integral by trapezoids is the number per decay.

    Raises
    ------
    DataError
        For fewer than 400 nodes.

    Examples
    --------
    >>> from pdcraft.data.nuclides import nuclide
    >>> energy, density = beta_spectrum(nuclide("Y-90"))
    >>> round(float(np.trapezoid(density, energy)), 9)
    1.0
    """
    if nodes < LEAST_NODES:
        raise DataError(f"a beta spectrum needs {LEAST_NODES} nodes or more, got {nodes}")
    branches = [b for b in nuclide.beta if b.charge == charge]
    tables = [t for t in nuclide.beta_tables if t.charge == charge]
    ends = [b.end_point_keV for b in branches] + [float(t.energy_keV[-1]) for t in tables]
    if not ends:
        return np.empty(0), np.empty(0)
    grid = max(ends) * np.linspace(0.0, 1.0, nodes) ** 2
    energy = np.unique(np.concatenate((grid, ends)))
    density = np.zeros_like(energy)
    for b in branches:
        shape = spectrum_per_keV(energy, b.end_point_keV, b.daughter_z, b.a, b.charge, b.shape)
        if charge == "minus":  # electrons start at a finite density: the Coulomb pull at rest
            shape[0] = shape[1]
        density += b.per_decay * shape / np.trapezoid(shape, energy)
    for t in tables:
        shape = np.interp(energy, t.energy_keV, t.per_keV, right=0.0)
        density += t.per_decay * shape / np.trapezoid(shape, energy)
    return energy, density


def model_dependent(line: Line) -> bool:
    """Whether the number of these electrons depends on the cascade model: Augers below 200 eV."""
    return line.kind == "Auger electron" and line.energy_keV < MODEL_DEPENDENT_BELOW_keV
