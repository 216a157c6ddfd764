"""Region names: one spelling for every file, command and result.

Loaders map foreign names ("Kidney", "whole body") to the one name; an unknown name is an error
with near matches. Lesions are free names behind ``lesion:``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from pdcraft.core.names import index_of, key_of, look_up
from pdcraft.errors import DataError

__all__ = ["Region", "region_name", "regions"]

_LESION = re.compile(r"lesion:[A-Za-z0-9][A-Za-z0-9_.+ -]*\Z")


@dataclass(frozen=True, slots=True)
class Region:
    """A named region: its group, the hosts that have it, and 2 parts if it is a pair."""

    name: str
    group: str
    hosts: tuple[str, ...]
    aliases: tuple[str, ...]
    parts: int = 1


@cache
def _table() -> dict[str, Any]:
    """Read the packaged table as a file: this layer may not import ``pdcraft.data``."""
    return tomllib.loads(files("pdcraft").joinpath("data", "regions.toml").read_text("utf-8"))


@cache
def regions() -> Mapping[str, Region]:
    """All regions by name; walled organs appear as ``X_wall`` and ``X_contents``."""
    table = _table()
    out: dict[str, Region] = {}
    for group, rows in table.items():
        if group == "version":
            continue
        for stem, row in rows.items():
            hosts, aliases = tuple(row["hosts"]), tuple(row["aliases"])
            parts = ("",)
            if group == "walled":
                parts = ("_wall",) if row.get("wall_only") else ("_wall", "_contents")
            for part in parts:
                words = (*aliases, stem)
                names = tuple(f"{a} {part[1:]}" for a in words) if part else aliases
                if part == "_contents":
                    names += tuple(f"{a} cont" for a in words)
                out[stem + part] = Region(stem + part, group, hosts, names, row.get("parts", 1))
    return MappingProxyType(out)


@cache
def _index(host: str | None) -> Mapping[str, str]:
    known = [r for r in regions().values() if host is None or host in r.hosts]
    return MappingProxyType(index_of((r.name, r.aliases) for r in known))


@cache
def _walled() -> Mapping[str, str]:
    """Stems of walled organs by their spellings, for the error that asks for the part."""
    rows = _table()["walled"].items()
    return MappingProxyType(index_of((stem, row["aliases"]) for stem, row in rows))


def region_name(text: str, host: str | None = None) -> str:
    """Map a name as people write it to pdcraft's name of that region.

    Parameters
    ----------
    text : str
        For instance ``"Kidney"``, ``"whole body"`` or ``"lesion:flank"``.
    host : {"human", "mouse"}, optional
        Accept only regions that this host has.

    Raises
    ------
    DataError
        For an unknown name, with near matches; for a walled organ named without its part.

    Examples
    --------
    >>> region_name("Kidney"), region_name("Bone marrow")
    ('kidneys', 'red_marrow')
    """
    clean = text.strip()
    if _LESION.match(clean):
        return clean
    index = _index(host)
    stem = _walled().get(key_of(clean))
    if stem is not None and key_of(clean) not in index:
        parts = [name for name in index.values() if name in (f"{stem}_wall", f"{stem}_contents")]
        choice = " or ".join(f"'{name}'" for name in dict.fromkeys(parts))
        if choice:
            raise DataError(f"region '{text}' has a wall and contents; name the part: {choice}")
    where = f" of the {host}" if host else ""
    return look_up(f"region{where}", clean, index, "a lesion is written 'lesion:NAME'")
