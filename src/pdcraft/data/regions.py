"""Region names: one spelling for every file, command and result.

Loaders map foreign names ("Kidney", "whole body") to the one name; an unknown name is an error
with near matches. Lesions are free names behind ``lesion:``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

__all__ = ["Region", "region_name", "regions"]

_LESION = re.compile(r"lesion:[A-Za-z0-9][A-Za-z0-9_.+ -]*\Z")


@dataclass(frozen=True, slots=True)
class Region:
    """A named region: its group and the hosts that have it."""

    name: str
    group: str
    hosts: tuple[str, ...]
    aliases: tuple[str, ...]


@cache
def regions() -> Mapping[str, Region]:
    """All regions by name; walled organs appear as ``X_wall`` and ``X_contents``."""
    table = load_toml("regions.toml")
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
                out[stem + part] = Region(stem + part, group, hosts, names)
    return MappingProxyType(out)


def _key(text: str) -> str:
    return re.sub(r"[\s_\-]+", "", text).casefold()


@cache
def _index(host: str | None) -> Mapping[str, str]:
    index: dict[str, str] = {}
    for name, region in regions().items():
        if host is None or host in region.hosts:
            for spelling in (name, *region.aliases):
                index.setdefault(_key(spelling), name)
    return MappingProxyType(index)


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
    key = _key(clean)
    if key in index:
        return index[key]
    walls = [name for name in (f"{key}wall", f"{key}contents") if name in index]
    if walls:
        choice = " or ".join(f"'{index[w]}'" for w in walls)
        raise DataError(f"region '{text}' has a wall and contents; name the part: {choice}")
    near = difflib.get_close_matches(key, index, n=3, cutoff=0.6)
    names = list(dict.fromkeys(index[n] for n in near))
    hint = f"did you mean {' or '.join(map(repr, names))}?" if names else ""
    where = f" of {host}" if host else ""
    hint = hint or "a lesion is written 'lesion:NAME'; all names are in data/regions.toml"
    raise DataError(f"no region{where} is called '{text}'; {hint}")
