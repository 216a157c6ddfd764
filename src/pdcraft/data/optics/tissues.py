"""Rows of the tables of tissues and dyes, found by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml

__all__ = ["dye_names", "dye_row", "dye_table", "tissue_names", "tissue_row", "tissue_table"]


@cache
def tissue_table() -> Mapping[str, Any]:
    """Everything in ``tissues.toml``."""
    return load_toml("optics", "tissues.toml")


@cache
def dye_table() -> Mapping[str, Any]:
    """Everything in ``dyes.toml``."""
    return load_toml("optics", "dyes.toml")


def tissue_names() -> tuple[str, ...]:
    """Tissues with a row."""
    return tuple(tissue_table()["tissue"])


def dye_names() -> tuple[str, ...]:
    """Dyes with a row."""
    return tuple(dye_table()["dye"])


def tissue_row(name: str) -> tuple[str, Mapping[str, Any]]:
    """Name as the table spells it, and the row.

    Raises
    ------
    DataError
        For a name that no row has, with near matches.
    """
    index = index_of((tissue, ()) for tissue in tissue_names())
    found = look_up("tissue", name, index, f"there are {', '.join(tissue_names())}")
    return found, tissue_table()["tissue"][found]


def dye_row(name: str) -> tuple[str, Mapping[str, Any]]:
    """Name as the table spells it, and the row.

    Raises
    ------
    DataError
        For a name that no row has, with near matches.
    """
    rows: Mapping[str, Any] = dye_table()["dye"]
    index = index_of((dye, row.get("aliases", ())) for dye, row in rows.items())
    hint = f"there are {', '.join(dye_names())}; or name = 'custom' with its spectra"
    found = look_up("dye", name, index, hint)
    return found, rows[found]
