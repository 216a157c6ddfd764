"""How every engine agrees with independent results, on the user's own machine.

Each suite is a module with ``cases()``; the reference numbers lie in ``cases/`` with their source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module

from pdcraft.errors import DataError
from pdcraft.validate.case import Case

__all__ = ["SUITES", "Case", "run_suites"]

SUITES: tuple[str, ...] = ("chemistry", "kinetics", "nuclides", "organs")


def run_suites(
    names: tuple[str, ...] = (), progress: Callable[[float, str], None] | None = None
) -> Iterator[Case]:
    """Run suites (all if none is named) and yield their cases.

    Raises
    ------
    DataError
        If a suite is unknown.
    """
    unknown = [n for n in names if n not in SUITES]
    if unknown:
        raise DataError(
            f"no validation suite is called '{unknown[0]}'; there are {', '.join(SUITES)}"
        )
    chosen = names or SUITES
    for i, name in enumerate(chosen):
        if progress:
            progress(i / len(chosen), name)
        yield from import_module(f"pdcraft.validate.{name}").cases()
