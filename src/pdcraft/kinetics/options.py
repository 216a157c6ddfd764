"""Check an option against the words it may be."""

from __future__ import annotations

from collections.abc import Sequence

from pdcraft.errors import DataError, did_you_mean

__all__ = ["one_of"]


def one_of(what: str, given: str, known: Sequence[str]) -> None:
    """Refuse an unknown option.

    Raises
    ------
    DataError
        Naming the option, what was given, what is known and the nearest of it.
    """
    if given not in known:
        near = did_you_mean(given, known)
        hint = f"; {near}" if near else ""
        raise DataError(f"{what} '{given}' is not one of {', '.join(known)}{hint}")
