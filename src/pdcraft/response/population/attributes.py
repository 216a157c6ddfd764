"""What a virtual patient has, and which tables of patients are none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.populations import plausible
from pdcraft.errors import DataError, Problem
from pdcraft.physics.body import body_surface_m2

__all__ = ["COUNTS", "DRAWN", "FEWEST_ROWS", "NEEDED", "OPTIONAL", "checked_columns"]

COUNTS = ("platelets_1e9_per_L", "neutrophils_1e9_per_L", "lymphocytes_1e9_per_L")
NEEDED = ("female", "age_years", "height_cm", "body_mass_kg")
#: Attributes with a normal score in the copula, in its order; the scores at the end are kinetics'.
DRAWN = (
    "height_cm",
    "body_mass_kg",
    "egfr_mL_per_min_per_1_73m2",
    *COUNTS,
    "marrow_infiltration",
    "tumor_burden_g",
    "uptake_score",
    "clearance_score",
)
OPTIONAL = (*DRAWN[2:], "pretreated", "body_surface_m2")
FEWEST_ROWS = 10  # a bootstrap of fewer says nothing of how patients differ
SURFACE_MISMATCH = 0.15  # of a stated body surface, over all formulas in use
INDEX = "body_mass_index_kg_per_m2"


def checked_columns(
    columns: Mapping[str, ArrayLike],
    *,
    file: str | None = None,
    lines: Sequence[int] | None = None,
) -> dict[str, Floats]:
    """Check a table of patients.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (patients,)
        `NEEDED`, and any of `OPTIONAL`.
    file : str, optional
        Named in errors.
    lines : sequence of int, optional
        Line of each patient.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    DataError
        With every fault: columns that are missing or unknown, values beyond what a person has,
        heights that do not go with masses, too few patients, or patients who do not differ.
    """
    problems = [
        Problem(f"the column {name} is missing", file, hint=f"a population needs {_words(NEEDED)}")
        for name in NEEDED
        if name not in columns
    ]
    problems += [
        Problem(f"no column is called {name}", file, hint=f"others are {_words(OPTIONAL)}")
        for name in columns
        if name not in (*NEEDED, *OPTIONAL)
    ]
    out = {name: np.atleast_1d(np.asarray(v, dtype=float)) for name, v in columns.items()}
    sizes = {v.shape for v in out.values()}
    if len(sizes) != 1 or len(next(iter(sizes))) != 1:
        problems.append(Problem(f"columns have different lengths: {sorted(sizes)}", file))
    if problems:
        raise DataError(problems)
    n = next(iter(out.values())).size
    if n < FEWEST_ROWS:
        rows = "1 patient" if n == 1 else f"{n} patients"
        raise DataError(
            Problem(
                f"{rows}: no population",
                file,
                hint=f"it needs {FEWEST_ROWS} at least; describe fewer as single subjects",
            )
        )

    def at(i: int) -> int | None:
        return None if lines is None else lines[i]

    def fault(row: int, key: str, value: float, rule: str) -> None:
        problems.append(Problem(rule, file, at(row), key, f"{value:g}"))

    for name, values in out.items():
        low, high = _limits(name)
        for i in np.flatnonzero(~((values >= low) & (values <= high))):
            rule = f"{values[i]:g} is beyond what a patient has, {low:g} to {high:g}"
            fault(int(i), name, float(values[i]), rule)
        if name in ("female", "pretreated") and not np.all(np.isin(values, (0.0, 1.0))):
            problems.append(Problem(f"{name} is 0 or 1", file, key=name))
    if not problems:
        problems += _contradictions(out, file, lines)
    if not problems and all(np.ptp(out[k]) == 0 for k in ("age_years", "height_cm")):
        problems.append(Problem("all patients are the same: no population", file))
    if problems:
        raise DataError(problems)
    return out


def _limits(name: str) -> tuple[float, float]:
    if name in ("female", "pretreated"):
        return 0.0, 1.0
    if name.endswith("_score"):
        return -6.0, 6.0
    return plausible().get(name, (0.1, 5.0))


def _contradictions(
    columns: Mapping[str, Floats], file: str | None, lines: Sequence[int] | None
) -> list[Problem]:
    """Find heights and masses that are no person's, and body surfaces that are not theirs."""
    out: list[Problem] = []
    height, mass = columns["height_cm"], columns["body_mass_kg"]
    index = mass / (height / 100.0) ** 2
    low, high = plausible()[INDEX]
    for i in map(int, np.flatnonzero((index < low) | (index > high))):
        out.append(
            Problem(
                f"{height[i]:g} cm and {mass[i]:g} kg are a body mass index of {index[i]:.3g}; "
                f"a patient's lies between {low:g} and {high:g}",
                file,
                None if lines is None else lines[i],
                "body_mass_kg",
            )
        )
    if "body_surface_m2" in columns:
        computed = body_surface_m2(height, mass)
        off = np.abs(columns["body_surface_m2"] / computed - 1.0)
        for i in map(int, np.flatnonzero(off > SURFACE_MISMATCH)):
            out.append(
                Problem(
                    f"body surface {columns['body_surface_m2'][i]:g} m² does not go with "
                    f"{height[i]:g} cm and {mass[i]:g} kg: {computed[i]:.3g} m²",
                    file,
                    None if lines is None else lines[i],
                    "body_surface_m2",
                )
            )
    return out


def _words(names: Sequence[str]) -> str:
    return ", ".join(names)
