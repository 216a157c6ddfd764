"""Response: radiobiology, marrow, tumor and patients against independent results."""

from __future__ import annotations

from collections.abc import Iterator

from pdcraft.validate import (
    response_marrow,
    response_population,
    response_radiobiology,
    response_tumor,
)
from pdcraft.validate.case import Case

__all__ = ["cases"]

# one module a subject, each with cases(); add yours here
_PARTS = (response_radiobiology, response_marrow, response_tumor, response_population)


def cases() -> Iterator[Case]:
    """Yield all cases of the suite."""
    for part in _PARTS:
        yield from part.cases()
