"""Cameras by name: published figures of sensors with their sources, and what of them is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

__all__ = ["CameraRow", "Figure", "camera_row"]

Figure = float | int | str | tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CameraRow:
    """One camera: figures by key, their source, and the keys that are assumed."""

    name: str
    text: str
    source: str
    assumed: tuple[str, ...]
    figures: Mapping[str, Figure]


@cache
def _table() -> dict[str, Any]:
    return load_toml("optics", "cameras.toml")


@cache
def _rows() -> dict[str, CameraRow]:
    return {name: _row(name, row) for name, row in _table()["camera"].items()}


def _row(name: str, row: dict[str, Any]) -> CameraRow:
    words = ("text", "source", "assumed")
    figures = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items() if k not in words}
    return CameraRow(
        name, row["text"], row["source"], tuple(row["assumed"]), MappingProxyType(figures)
    )


def camera_row(name: str) -> CameraRow:
    """Look a camera up.

    Raises
    ------
    DataError
        For an unknown name, and for a device that is known but has no transcribed numbers.
    """
    absent = _table()["absent"]
    names = index_of((n, ()) for n in [*_rows(), *absent["names"]])
    found = look_up("camera", name, names, f"there are {', '.join(_rows())}")
    if found not in _rows():
        raise DataError(
            f"camera preset '{found}' has no numbers: {absent['reason']}; state the camera's own "
            f"keys, or begin with preset {' or '.join(_rows())}"
        )
    return _rows()[found]
