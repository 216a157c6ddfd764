"""Light: slabs, closed forms, cameras, tissues, whole scenes.

Every part is a module of its own; a new one is added to `PARTS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module

from pdcraft.validate.case import Case

__all__ = ["PARTS", "cases"]

PARTS = (
    "optics_properties",
    "optics_light",
    "optics_camera",
    "optics_in_vitro",
    "optics_prediction",
)


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield the cases of all parts; with `full`, those that take minutes."""
    for part in PARTS:
        run = import_module(f"pdcraft.validate.{part}").cases
        yield from run(full=full) if "full" in inspect.signature(run).parameters else run()
