"""Check an option against the words it may be."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from pdcraft.errors import DataError

__all__ = ["one_of"]


def one_of(what: str, given: str, known: Sequence[str]) -> None:
    """Refuse an unknown option with the nearest known one.

    Raises
    ------
    DataError
        Naming the option, what was given and what is known.
    """
    if given not in known:
        near = difflib.get_close_matches(given, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
        raise DataError(f"{what}: '{given}' is unknown; {hint}")
