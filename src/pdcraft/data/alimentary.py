"""Transit times of the contents of the alimentary tract, with their sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml

__all__ = ["TractTransit", "tract_transit", "tract_transits"]


@dataclass(frozen=True, slots=True)
class TractTransit:
    """Mean residence times of a tract's segments, from the stomach on.

    Parameters
    ----------
    name : str
    model : {"icrp100", "icrp30"}
    regions : tuple of str
        Contents, each emptying into the next; the last into feces.
    residence_h : tuple of float
    verified : bool
        Whether the figures were read in a source; else they are recalled.
    source : str
    """

    name: str
    model: str
    regions: tuple[str, ...]
    residence_h: tuple[float, ...]
    verified: bool
    source: str


@cache
def tract_transits() -> Mapping[str, TractTransit]:
    """All transit tables by name."""
    rows = {name: row for name, row in load_toml("alimentary.toml").items() if name != "version"}
    return MappingProxyType(
        {
            name: TractTransit(
                name,
                row["model"],
                tuple(row["regions"]),
                tuple(float(h) for h in row["residence_h"]),
                row["grade"] == "seen",
                row["source"],
            )
            for name, row in rows.items()
        }
    )


def tract_transit(name: str) -> TractTransit:
    """Transit table by name: ``icrp100-adult-male``, ``-adult-female``, ``-child`` or ``icrp30``.

    Raises
    ------
    DataError
        For another name, with near matches.

    Examples
    --------
    >>> tract_transit("icrp100-adult-male").residence_h[1:]
    (4.0, 12.0, 12.0, 12.0)
    """
    table = tract_transits()
    index = index_of((key, ()) for key in table)
    return table[look_up("alimentary transit", name, index, f"there are {', '.join(table)}")]
