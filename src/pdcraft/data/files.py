"""Read the package's own tables and examples."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from pdcraft.errors import DataError

__all__ = ["csv_rows", "example_files", "load_npz", "load_toml", "text_of"]


def text_of(*path: str) -> str:
    """Text of a packaged file under ``pdcraft/data``."""
    return files("pdcraft.data").joinpath(*path).read_text(encoding="utf-8")


def load_toml(*path: str) -> dict[str, Any]:
    """Content of a packaged TOML file under ``pdcraft/data``."""
    return tomllib.loads(text_of(*path))


def csv_rows(*path: str) -> list[dict[str, str]]:
    """Rows of a packaged CSV; lines that start with ``#`` are comments."""
    lines = [line for line in text_of(*path).splitlines() if line and not line.startswith("#")]
    return list(csv.DictReader(lines))


def load_npz(name: str) -> dict[str, Any]:
    """Arrays of a packaged NPZ file under ``pdcraft/data``, by name."""
    import numpy as np

    with files("pdcraft.data").joinpath(name).open("rb") as stream:
        return dict(np.load(stream))


def _examples() -> Traversable:
    """Folder of the examples: in a wheel beside the code, in a checkout at its root."""
    package = files("pdcraft")
    inside = package.joinpath("examples")
    return inside if inside.is_dir() else package.joinpath("..", "..", "examples")


def example_files(name: str) -> dict[str, bytes]:
    """Contents of an example's files by name.

    Raises
    ------
    DataError
        If there is no such example.
    """
    folder = _examples().joinpath(name)
    if not folder.is_dir():
        known = ", ".join(sorted(f.name for f in _examples().iterdir() if f.is_dir()))
        raise DataError(f"no example is called '{name}'; there are {known}")
    return {f.name: f.read_bytes() for f in folder.iterdir() if f.is_file()}
