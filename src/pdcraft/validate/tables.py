"""Read the stored reference tables."""

from __future__ import annotations

import csv
import tomllib
from importlib import resources
from typing import Any

__all__ = ["reference_rows", "reference_text", "reference_toml"]


def reference_text(*path: str) -> str:
    """Text of a file under ``validate/cases``."""
    file = resources.files("pdcraft.validate").joinpath("cases", *path)
    return file.read_text(encoding="utf-8")


def reference_rows(*path: str) -> list[dict[str, str]]:
    """Rows of a CSV table under ``validate/cases``; lines that begin with ``#`` are its header."""
    lines = reference_text(*path).splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def reference_toml(*path: str) -> dict[str, Any]:
    """Read a TOML file under ``validate/cases``."""
    return tomllib.loads(reference_text(*path))
