"""How every engine agrees with independent results, on the user's own machine.

Each suite is a module with ``cases()``; the reference numbers lie in ``cases/`` with their source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from pdcraft.errors import DataError
from pdcraft.validate.case import Case

__all__ = ["OPT_IN", "SUITES", "Case", "full_minutes", "run_suites"]

SUITES: tuple[str, ...] = (
    "chemistry",
    "kinetics",
    "nuclides",
    "organs",
    "response",
    "designs",
    "trials",
    "transport",
    "cells",
    "exposure",
    "bench",
    "optics",
)
#: Run only when they are named.
OPT_IN: tuple[str, ...] = ("penelope",)
#: Suites with longer cases, and minutes that these take on two processors.
LONGER_minutes: dict[str, float] = {
    "organs": 4.0,
    "transport": 10.0,
    "cells": 0.2,
    "optics": 10.0,
    "penelope": 25.0,
}


def full_minutes(names: tuple[str, ...] = ()) -> float:
    """Minutes that suites (all if none is named) take with their longer cases."""
    return sum(LONGER_minutes.get(name, 0.1) for name in names or SUITES)


def run_suites(
    names: tuple[str, ...] = (),
    progress: Callable[[float, str], None] | None = None,
    *,
    full: bool = False,
) -> Iterator[Case]:
    """Run suites (all if none is named, but the opt-in ones) and yield their cases.

    Parameters
    ----------
    names : tuple of str
    progress : callable, optional
    full : bool
        With the cases that take minutes.

    Raises
    ------
    DataError
        If a suite is unknown.
    """
    known = SUITES + OPT_IN
    unknown = [n for n in names if n not in known]
    if unknown:
        raise DataError(
            f"no validation suite is called '{unknown[0]}'; there are {', '.join(known)}"
        )
    chosen = names or SUITES
    for i, name in enumerate(chosen):
        if progress:
            progress(i / len(chosen), name)
        cases = import_module(f"pdcraft.validate.{name}").cases
        found = cases(full=full) if name in LONGER_minutes else cases()
        for case in found:
            if progress:
                progress(i / len(chosen), f"{name}: {case.name}")
            yield case
