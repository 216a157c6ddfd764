"""Cells: S values and absorbed fractions against other codes, clusters, alphas.

Every part is a module of its own with ``cases(full=...)``; a new one is added to `PARTS`.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

from pdcraft.validate.case import Case

__all__ = ["PARTS", "cases"]

PARTS = ("cells_single", "cells_clusters", "cells_alphas")


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield the cases of all parts; with `full`, those that take minutes."""
    for part in PARTS:
        yield from import_module(f"pdcraft.validate.{part}").cases(full=full)
