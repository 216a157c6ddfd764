"""Energies of conversion and Auger electrons in another evaluation, for the spread between them."""

from __future__ import annotations

from functools import cache

from pdcraft.data.files import load_toml

__all__ = ["other_sums_keV"]


@cache
def other_sums_keV() -> dict[str, tuple[float, float]]:
    """Conversion and Auger energy per decay of ICRP 107, by nuclide, keV."""
    rows = load_toml("auger_sums.toml")["sums"]
    return {row["name"]: (row["conversion_keV"], row["auger_keV"]) for row in rows}
