"""Energies of conversion and Auger electrons in another evaluation, for the spread between them."""

from __future__ import annotations

from functools import cache

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml

__all__ = ["band_edges_keV", "other_bands_keV"]


@cache
def band_edges_keV() -> Floats:
    """Lower edges of the bands; the last one is open."""
    return frozen(load_toml("auger_sums.toml")["edges_keV"], "bands of electron energies")


@cache
def other_bands_keV() -> dict[str, Floats]:
    """Energy per decay of ICRP 107's conversion and Auger electrons in each band, by nuclide."""
    rows = load_toml("auger_sums.toml")["sums"]
    return {row["name"]: frozen(row["keV"], f"bands of {row['name']}") for row in rows}
