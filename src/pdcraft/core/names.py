"""Names as people write them: found without case, spaces and hyphens, or an error that helps."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from pdcraft.errors import DataError, Problem

__all__ = ["index_of", "key_of", "look_up"]


def key_of(text: str) -> str:
    """Return what spellings of one name have in common."""
    return re.sub(r"[\s_\-,]+", "", text).casefold()


def index_of(spellings: Iterable[tuple[str, Iterable[str]]]) -> dict[str, str]:
    """Map the key of every name and alias to its name; names win over aliases of others.

    Parameters
    ----------
    spellings : iterable of (name, aliases)
    """
    rows = [(name, tuple(aliases)) for name, aliases in spellings]
    index = {key_of(name): name for name, _ in rows}
    for name, aliases in rows:
        for alias in aliases:
            index.setdefault(key_of(alias), name)
    return index


def look_up(what: str, text: str, index: Mapping[str, str], way_out: str) -> str:
    """Return the name that ``text`` spells.

    Parameters
    ----------
    what : str
        The kind of thing, for the error: ``"agent"``.
    text : str
        As the user wrote it.
    index : mapping
        From ``index_of``.
    way_out : str
        What to do if nothing is near, for the error.

    Raises
    ------
    DataError
        For an unknown name, with the near matches.

    Examples
    --------
    >>> look_up("agent", "clr-131", index_of([("CLR 131", ["iopofosine I 131"])]), "see the list")
    'CLR 131'
    """
    key = key_of(text)
    if key in index:
        return index[key]
    near = [name for spelling, name in index.items() if len(key) > 2 and key in spelling]
    near += [index[k] for k in difflib.get_close_matches(key, index, n=3, cutoff=0.6)]
    names = list(dict.fromkeys(near))[:4]
    hint = f"did you mean {' or '.join(map(repr, names))}? " if names else ""
    raise DataError(Problem(f"no {what} is called '{text}'", value=text, hint=hint + way_out))
