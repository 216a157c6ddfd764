"""How every engine agrees with independent results, on the user's own machine.

A suite is a few modules, each with ``cases()``, or ``cases(full=...)`` where some take minutes; the
reference numbers lie in ``cases/`` with their source. A new module is added to `PARTS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module

from pdcraft.errors import DataError
from pdcraft.validate.case import Case

__all__ = ["OPT_IN", "PARTS", "SUITES", "Case", "full_minutes", "run_suites"]

#: Modules of each suite, in the order of their cases.
PARTS: dict[str, tuple[str, ...]] = {
    "chemistry": ("chemistry",),
    "kinetics": ("kinetics", "compartments", "kinetics_population", "carrier"),
    "nuclides": ("nuclides",),
    "organs": (
        "organs",
        "bodies",
        "organ_photons",
        "organ_mouse",
        "organ_trends",
        "organ_runs",
        "quadric_body",
    ),
    "response": (
        "response_radiobiology",
        "response_marrow",
        "response_tumor",
        "response_population",
    ),
    "designs": ("designs_interval", "designs_timed", "designs_model", "designs_phase2"),
    "trials": ("trials",),
    "transport": (
        "transport_photons",
        "transport_electrons",
        "transport_spheres",
        "transport_kernels",
        "transport_voxels",
        "transport_defaults",
    ),
    "cells": ("cells_single", "cells_clusters", "cells_alphas"),
    "exposure": ("exposure", "exposure_effect", "exposure_published"),
    "bench": ("bench",),
    "optics": (
        "optics_properties",
        "optics_light",
        "optics_camera",
        "optics_in_vitro",
        "optics_prediction",
    ),
    "penelope": ("penelope",),
}
#: Run only when they are named.
OPT_IN: tuple[str, ...] = ("penelope",)
SUITES: tuple[str, ...] = tuple(name for name in PARTS if name not in OPT_IN)
#: Minutes that the longer cases of a suite take on two processors.
LONGER_minutes: dict[str, float] = {
    "organs": 4.0,
    "transport": 10.0,
    "cells": 0.2,
    "optics": 5.0,
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
    unknown = [n for n in names if n not in PARTS]
    if unknown:
        raise DataError(
            f"no validation suite is called '{unknown[0]}'; there are {', '.join(PARTS)}"
        )
    chosen = names or SUITES
    for i, name in enumerate(chosen):
        if progress:
            progress(i / len(chosen), name)
        for part in PARTS[name]:
            for case in _cases(part, full=full):
                if progress:
                    progress(i / len(chosen), f"{name}: {case.name}")
                yield case


def _cases(part: str, *, full: bool) -> Iterator[Case]:
    cases: Callable[..., Iterator[Case]] = import_module(f"pdcraft.validate.{part}").cases
    return cases(full=full) if "full" in inspect.signature(cases).parameters else cases()
