"""Photon specific absorbed fractions from activity spread over the body, by target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml

__all__ = ["BodyPhotons", "body_photons"]


@dataclass(frozen=True, slots=True)
class BodyPhotons:
    """A body's table: energies in keV, and 1/kg by target, source the total body."""

    body_mass_g: float
    energy_keV: Floats
    target_per_kg: Mapping[str, Floats]
    source: str


@cache
def body_photons() -> BodyPhotons:
    """Table of the stylized adult male."""
    table = load_toml("body_photons.toml")
    rows = {name: frozen(row, name) for name, row in table["target_per_kg"].items()}
    energy = frozen(table["energy_keV"], "photon energies")
    return BodyPhotons(float(table["body_mass_g"]), energy, MappingProxyType(rows), table["source"])
