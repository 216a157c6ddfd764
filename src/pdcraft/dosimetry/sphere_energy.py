"""Energy that a sphere absorbs of each radiation type of a decay, from the shipped tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.emissions import radiation_nodes
from pdcraft.data.radiation import Nuclide
from pdcraft.dosimetry.absorbed_fraction import (
    Absorbed,
    HIGHEST_keV,
    Particle,
    absorbed,
    lost_in_flight_keV,
    total,
)
from pdcraft.dosimetry.alpha_tracks import alpha_sphere_keV
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.constants import ELECTRON_REST_keV

__all__ = [
    "METHODS",
    "TYPES",
    "ElectronMethod",
    "absorbed_by_type",
    "check_beyond_tables",
    "share_beyond_tables",
    "within_tables",
    "words_beyond_tables",
]

ElectronMethod = Literal["transported", "local"]
METHODS: dict[ElectronMethod, str] = {
    "transported": "absorbed fractions from tables that the package's transport made",
    "local": "emitted electrons absorbed where they start; photons from the transport's tables",
}
TYPES: Mapping[str, Particle] = {
    "photon": "photon",
    "beta": "electron",
    "Auger": "electron",
    "positron": "positron",
}
BEYOND_TOLERANCE = 0.01  # of an emission's energy


def absorbed_by_type(
    source: Nuclide, radius_mm: float, electrons: ElectronMethod, water_I_eV: float, density: float
) -> dict[str, Absorbed]:
    """Energy absorbed per decay, by radiation type; ``alpha`` is a type of alpha emitters alone."""
    out: dict[str, Absorbed] = {}
    in_flight = 0.0
    for kind, (energy, per_decay) in radiation_nodes(source).items():
        particle = TYPES[kind]
        if particle != "photon" and electrons == "local":
            out[kind] = Absorbed(float(np.sum(energy * per_decay)), {})
            continue
        energy, per_decay = within_tables(energy, per_decay)
        out[kind] = absorbed(particle, energy, per_decay, radius_mm, water_I_eV, density)
        if particle == "positron" and energy.size:
            in_flight = lost_in_flight_keV(energy, per_decay)
    out["Auger"] = total((out["Auger"], Absorbed(source.soft_keV, {})))
    if in_flight > 0.0:
        flown = np.array([ELECTRON_REST_keV]), np.array([in_flight / ELECTRON_REST_keV])
        extra = absorbed("photon", *flown, radius_mm, water_I_eV, density)
        out["photon"] = total((out["photon"], extra))
    if source.alpha:
        out["alpha"] = Absorbed(alpha_sphere_keV(source, radius_mm, density), {})
    return out


def within_tables(energy: Floats, per_decay: Floats) -> tuple[Floats, Floats]:
    """Take what lies above 3 MeV as more particles of 3 MeV; more than 1% of energy is refused."""
    check_beyond_tables(energy, per_decay)
    inside = np.minimum(energy, HIGHEST_keV)
    return inside, per_decay * np.maximum(energy / HIGHEST_keV, 1.0)


def check_beyond_tables(energy: Floats, per_decay: Floats) -> None:
    """Refuse particles that carry more than 1% of their energy above 3 MeV."""
    top = HIGHEST_keV
    share = share_beyond_tables(energy, per_decay)
    if share > BEYOND_TOLERANCE:
        raise PhysicsRangeError(
            f"{100 * share:.2g}% of an emitted energy lies above {top:g} keV (at most "
            f"{energy.max():.0f} keV), where the transport has no cross sections; "
            f"up to {100 * BEYOND_TOLERANCE:g}% are taken as {top:g} keV"
        )


def share_beyond_tables(energy: Floats, per_decay: Floats) -> float:
    """Share of the energy of some particles that lies above 3 MeV."""
    carried = energy * per_decay
    above = float(carried[energy > HIGHEST_keV].sum())
    return above / float(carried.sum()) if above else 0.0


def words_beyond_tables(source: Nuclide) -> tuple[str, ...]:
    """Say which of a nuclide's radiation lies above 3 MeV, and what became of it."""
    return tuple(
        f"{source.name}: {100 * share:.2g}% of the {kind} energy lies above "
        f"{HIGHEST_keV / 1000:g} MeV, where the tables end; it is counted as more particles of "
        "that energy"
        for kind, (energy, per_decay) in radiation_nodes(source).items()
        if (share := share_beyond_tables(energy, per_decay)) > 0.0
    )
