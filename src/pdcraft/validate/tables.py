"""Read the stored reference tables."""

from __future__ import annotations

import csv
from importlib import resources

__all__ = ["reference_rows"]


def reference_rows(*path: str) -> list[dict[str, str]]:
    """Rows of a CSV table under ``validate/cases``; lines that begin with ``#`` are its header."""
    table = resources.files("pdcraft.validate").joinpath("cases", *path)
    lines = table.read_text(encoding="utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
