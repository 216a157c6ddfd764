"""Lists of numbers in options of ``pdcraft design``."""

from __future__ import annotations

from dataclasses import asdict
from math import isfinite
from typing import Any

__all__ = ["numbers", "plain", "whole_numbers"]


def numbers(option: str, text: str | None) -> tuple[float, ...] | None:
    """Read numbers with commas or spaces between them.

    Raises
    ------
    DataError
        If one is no number, or there is none.
    """
    if text is None:
        return None
    from pdcraft.errors import DataError

    try:
        out = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        out = ()
    if not out or not all(isfinite(value) for value in out):
        raise DataError(f"{option}: '{text}' is no list of numbers; for instance \"0.2 0.3\"")
    return out


def whole_numbers(option: str, text: str | None) -> tuple[int, ...] | None:
    """Read whole numbers.

    Raises
    ------
    DataError
        If one is no whole number.
    """
    values = numbers(option, text)
    if values is None:
        return None
    if any(value != int(value) for value in values):
        from pdcraft.errors import DataError

        raise DataError(f"{option}: '{text}' must be whole numbers, for instance \"10 20\"")
    return tuple(int(value) for value in values)


def plain(value: Any) -> Any:
    """Turn a frozen value with arrays into what JSON holds; infinite numbers become null."""
    import numpy as np

    def made(item: Any) -> Any:
        if isinstance(item, np.ndarray):
            return [made(x) for x in item.tolist()]
        if isinstance(item, dict):
            return {key: made(x) for key, x in item.items()}  # pyright: ignore[reportUnknownVariableType]
        if isinstance(item, list | tuple):
            return [made(x) for x in item]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(item, float | np.floating):
            return float(item) if isfinite(item) else None
        return item.item() if isinstance(item, np.generic) else item

    return made(asdict(value) if hasattr(value, "__dataclass_fields__") else value)
