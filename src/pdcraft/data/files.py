"""Read the package's own tables."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

__all__ = ["load_toml", "text_of"]


def text_of(*path: str) -> str:
    """Text of a packaged file under ``pdcraft/data``."""
    return files("pdcraft.data").joinpath(*path).read_text(encoding="utf-8")


def load_toml(*path: str) -> dict[str, Any]:
    """Content of a packaged TOML file under ``pdcraft/data``."""
    return tomllib.loads(text_of(*path))
