"""What a nuclide's decay emits, as the tables that histories draw from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.data.emissions import beta_spectrum
from pdcraft.data.radiation import Line, Nuclide
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.beta import Charge
from pdcraft.transport.alias import alias_table
from pdcraft.transport.history import Emissions
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import AUGER, BETA, PHOTON, POSITRON, TYPES

__all__ = [
    "Group",
    "emissions_of",
    "groups_of",
    "largest_photon_keV",
    "mean_electron_keV",
    "mono",
]

HIGHEST_keV = 3000.0


@dataclass(frozen=True, slots=True)
class Group:
    """Particles of one kind and radiation type: entries of an energy, a width and a number.

    Parameters
    ----------
    particle : int
        ELECTRON, POSITRON_PARTICLE or PHOTON_PARTICLE of `pdcraft.transport.stack`.
    row : int
        Radiation type of `pdcraft.transport.tally`.
    low_keV, width_keV, per_decay : ndarray, shape (entries,)
        Energies uniform from low to low + width (a line has width 0), and their number per decay.
    """

    particle: int
    row: int
    low_keV: NDArray[np.float64]
    width_keV: NDArray[np.float64]
    per_decay: NDArray[np.float64]


def mono(particle: int, row: int, energy_keV: float) -> tuple[Group, ...]:
    """One particle of one energy per decay."""
    return (Group(particle, row, np.array([energy_keV]), np.zeros(1), np.ones(1)),)


def groups_of(nuclide: Nuclide) -> tuple[Group, ...]:
    """Photons, betas with conversion electrons, Auger electrons, positrons of a nuclide.

    Annihilation photons are not listed: every positron makes its own where it ends.
    """
    photons = [x for x in nuclide.photons if x.kind != "annihilation"]
    conversion = [x for x in nuclide.electrons if x.kind != "Auger electron"]
    auger = [x for x in nuclide.electrons if x.kind == "Auger electron"]
    out = [
        _lines(PHOTON_PARTICLE, PHOTON, photons),
        _lines(ELECTRON, BETA, conversion),
        _lines(ELECTRON, AUGER, auger),
    ]
    signs: tuple[tuple[Charge, int, int], ...] = (
        ("minus", ELECTRON, BETA),
        ("plus", POSITRON_PARTICLE, POSITRON),
    )
    for sign, particle, row in signs:
        energy, density = beta_spectrum(nuclide, sign)
        width = np.diff(energy)
        number = 0.5 * (density[1:] + density[:-1]) * width
        out.append(Group(particle, row, energy[:-1], width, number))
    return tuple(group for group in out if group.per_decay.size and group.per_decay.sum() > 0.0)


def _lines(particle: int, row: int, lines: list[Line]) -> Group:
    energy = np.array([x.energy_keV for x in lines], dtype=np.float64)
    number = np.array([x.per_decay for x in lines], dtype=np.float64)
    return Group(particle, row, energy, np.zeros_like(energy), number)


def largest_photon_keV(groups: tuple[Group, ...]) -> float:
    """Greatest photon energy that the groups make, annihilation photons with them; 0 without."""
    top = [g.low_keV.max() for g in groups if g.particle == PHOTON_PARTICLE]
    if any(g.particle == POSITRON_PARTICLE for g in groups):
        top.append(511.0)
    return float(max(top, default=0.0))


def emissions_of(groups: tuple[Group, ...], settings: Settings, soft_keV: float = 0.0) -> Emissions:
    """Tables for the kernels.

    Electrons and photons below the cut-offs are absorbed on the spot: their energy goes, per decay
    and radiation type, into ``local_keV`` instead of being drawn.

    Parameters
    ----------
    groups : tuple of Group
    settings : Settings
    soft_keV : float
        Energy per decay of electrons that are not listed.

    Raises
    ------
    PhysicsRangeError
        If a particle has more than 3 MeV.
    """
    for group in groups:
        values = np.concatenate([group.low_keV, group.width_keV, group.per_decay])
        if not (np.isfinite(values).all() and (values >= 0.0).all()):
            raise PhysicsRangeError(
                "an emission's energy, width or number per decay is negative or not a number; "
                "give numbers of 0 or more"
            )
    local = np.zeros(len(TYPES))
    local[AUGER] = soft_keV
    merged: dict[tuple[int, int], list[Group]] = {}
    for group in groups:
        top = float((group.low_keV + group.width_keV).max())
        if top > HIGHEST_keV:
            raise PhysicsRangeError(
                f"an emission of {top:.0f} keV lies above the transport's {HIGHEST_keV:.0f} keV; "
                "its cross sections are not tabulated there"
            )
        cut = (
            settings.photon_cutoff_keV
            if group.particle == PHOTON_PARTICLE
            else 0.0
            if group.particle == POSITRON_PARTICLE
            else settings.electron_cutoff_keV
        )
        high = group.low_keV + group.width_keV
        middle = group.low_keV + 0.5 * group.width_keV
        kept = high > cut
        local[group.row] += float(np.sum((middle * group.per_decay)[~kept]))
        merged.setdefault((group.particle, group.row), []).append(
            Group(
                group.particle,
                group.row,
                group.low_keV[kept],
                group.width_keV[kept],
                group.per_decay[kept],
            )
        )
    particle, row, number, first = [], [], [], [0]
    low, width, keep, alias = [], [], [], []
    for (kind, kind_row), parts in merged.items():
        per_decay = np.concatenate([part.per_decay for part in parts])
        if per_decay.sum() <= 0.0:
            continue
        own, other = alias_table(per_decay)
        particle.append(kind)
        row.append(kind_row)
        number.append(per_decay.sum())
        first.append(first[-1] + per_decay.size)
        low.append(np.concatenate([part.low_keV for part in parts]))
        width.append(np.concatenate([part.width_keV for part in parts]))
        keep.append(own)
        alias.append(other)
    empty = np.zeros(0)
    return Emissions(
        np.array(particle, dtype=np.int64),
        np.array(row, dtype=np.int64),
        np.array(number, dtype=np.float64),
        np.array(first, dtype=np.int64),
        np.concatenate(low) if low else empty,
        np.concatenate(width) if width else empty,
        np.concatenate(keep) if keep else empty,
        np.concatenate(alias) if alias else empty.astype(np.int64),
        local,
    )


def mean_electron_keV(emissions: Emissions) -> NDArray[np.float64]:
    """Mean energy per decay of the electrons and positrons that are drawn, by radiation type.

    From the alias tables themselves, so that it is the mean of what is drawn to the last digit.

    Returns
    -------
    ndarray, shape (types,)
    """
    out = np.zeros(len(TYPES))
    for group, particle in enumerate(emissions.particle):
        if particle == PHOTON_PARTICLE:
            continue
        entries = slice(emissions.first[group], emissions.first[group + 1])
        keep, alias = emissions.keep[entries], emissions.alias[entries]
        share = keep + np.bincount(alias, 1.0 - keep, keep.size)
        middle = emissions.low[entries] + 0.5 * emissions.width[entries]
        mean = float(np.sum(share * middle)) / keep.size
        out[emissions.row[group]] += emissions.number[group] * mean
    return out
