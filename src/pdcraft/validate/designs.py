"""Trial designs against independent results; one module a kind of design, each with cases()."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from pdcraft.validate.case import Case

__all__ = ["cases"]

_PARTS = ("designs_interval", "designs_timed", "designs_model", "designs_phase2")


def cases() -> Iterator[Case]:
    """Yield all cases of the suite."""
    for part in _PARTS:
        module = f"pdcraft.validate.{part}"
        if find_spec(module) is not None:
            yield from import_module(module).cases()
