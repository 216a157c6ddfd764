"""How much dye is where, and when: numbers, or a table over time and draws.

A table is a CSV file with the columns ``time_h,region,conc_nM`` and, for draws, ``draw``. Between
its times a concentration is linear; outside them it is not known, and asking for it stops.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError, Problem, did_you_mean, no_file

__all__ = ["ConcentrationTable", "read_concentrations"]

COLUMNS = ("time_h", "region", "conc_nM")


@dataclass(frozen=True, slots=True)
class ConcentrationTable:
    """Concentrations of the dye.

    Parameters
    ----------
    regions : tuple of str
    conc_nM : array_like, shape (draws, times, regions)
        Not negative.
    times_h : array_like, shape (times,), optional
        Increasing; None for numbers that hold at any time (then one time).

    Raises
    ------
    DataError
        For shapes that differ, negative or missing values, times that do not increase.
    """

    regions: tuple[str, ...]
    conc_nM: Floats
    times_h: Floats | None = None

    def __post_init__(self) -> None:
        conc = frozen(self.conc_nM, "concentrations")
        times = None if self.times_h is None else frozen(self.times_h, "times of concentrations")
        count = 1 if times is None else times.size
        if conc.ndim != 3 or conc.shape[1:] != (count, len(self.regions)) or conc.shape[0] < 1:
            raise DataError(
                f"concentrations have shape {conc.shape}; there are {count} times and "
                f"{len(self.regions)} regions: give (draws, times, regions)"
            )
        if np.any(conc < 0.0):
            _, time, region = (int(i) for i in np.argwhere(conc < 0.0)[0])
            raise DataError(
                f"concentration in '{self.regions[region]}' at time {time} is negative: "
                f"{conc[conc < 0.0][0]:g} nM"
            )
        if times is not None and np.any(np.diff(times) <= 0.0):
            raise DataError("times of concentrations must increase")
        object.__setattr__(self, "conc_nM", conc)
        object.__setattr__(self, "times_h", times)

    @classmethod
    def constant(cls, values_nM: Mapping[str, float]) -> Self:
        """Numbers that hold at any time."""
        conc = np.array(list(values_nM.values()), dtype=np.float64).reshape(1, 1, -1)
        return cls(tuple(values_nM), conc)

    @property
    def draws(self) -> int:
        """How many draws the table holds; 1 without."""
        return self.conc_nM.shape[0]

    def row(self, time_h: float | None = None, draw: int | None = None) -> dict[str, float]:
        """Concentration in nM of every region at a time.

        Parameters
        ----------
        time_h : float, optional
            Needed by a table over time, meaningless without.
        draw : int, optional
            Of the table's; the mean of all without.

        Raises
        ------
        PhysicsRangeError
            For a time outside the table.
        DataError
            Without a time where the table needs one.
        """
        conc = self.conc_nM.mean(axis=0) if draw is None else self.conc_nM[draw % self.draws]
        if self.times_h is None:
            values = conc[0]
        elif time_h is None:
            raise DataError("these concentrations change with time: say when, run.times = ['24 h']")
        else:
            first, last = float(self.times_h[0]), float(self.times_h[-1])
            if not first <= time_h <= last:
                raise PhysicsRangeError(
                    f"concentrations at {time_h:g} h: the table covers {first:g} to {last:g} h"
                )
            values = np.array([np.interp(time_h, self.times_h, column) for column in conc.T])
        return {name: float(v) for name, v in zip(self.regions, values, strict=True)}

    def scaled(self, factors: Mapping[str, float]) -> ConcentrationTable:
        """Return the table with regions multiplied by factors."""
        by = np.array([factors.get(name, 1.0) for name in self.regions])
        return ConcentrationTable(self.regions, self.conc_nM * by, self.times_h)


def read_concentrations(
    path: Path, regions: Sequence[str], name: str | None = None
) -> ConcentrationTable:
    """Read a table of concentrations for the regions of a scene.

    Parameters
    ----------
    path : Path
    regions : sequence of str
        Of the scene. Regions that the table leaves out hold none.
    name : str, optional
        What to call the file.

    Raises
    ------
    DataError
        With every fault: unknown region (near match), negative or missing number, a row twice, a
        draw or region whose times differ from the others'.
    """
    shown = name or path.name
    cells, problems = _rows(path, shown, regions)
    if problems:
        raise DataError(problems)
    times = sorted({time for time, _, _ in cells})
    draws = sorted({draw for _, _, draw in cells})
    named = [r for r in regions if any(region == r for _, region, _ in cells)]
    conc = np.full((len(draws), len(times), len(named)), np.nan)
    at = {d: i for i, d in enumerate(draws)}
    for (time, region, draw), value in cells.items():
        conc[at[draw], times.index(time), named.index(region)] = value
    if np.any(np.isnan(conc)):
        d, t, r = (int(i) for i in np.argwhere(np.isnan(conc))[0])
        which = f", draw {draws[d]:g}" if len(draws) > 1 else ""
        raise DataError(
            Problem(
                f"has no concentration of '{named[r]}' at {times[t]:g} h{which}",
                shown,
                hint="every region and draw needs every time",
            )
        )
    return ConcentrationTable(tuple(named), conc, np.array(times))


def _rows(
    path: Path, shown: str, regions: Sequence[str]
) -> tuple[dict[tuple[float, str, float], float], list[Problem]]:
    import csv

    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise DataError(no_file(shown, error)) from None
    except UnicodeDecodeError:
        raise DataError(Problem("is not text", shown)) from None
    numbered = [
        (n, line) for n, line in enumerate(lines, 1) if line.strip() and line.lstrip()[0] != "#"
    ]
    if not numbered:
        raise DataError(Problem("is empty", shown, hint=f"columns: {','.join(COLUMNS)}[,draw]"))
    header = [c.strip() for c in next(csv.reader([numbered[0][1]]))]
    missing = [c for c in COLUMNS if c not in header]
    extra = [c for c in header if c not in (*COLUMNS, "draw")]
    if missing or extra:
        said = f"lacks {', '.join(missing)}" if missing else f"has unknown {', '.join(extra)}"
        hint = f"columns: {','.join(COLUMNS)}[,draw]"
        raise DataError(Problem(f"its header {said}", shown, numbered[0][0], hint=hint))
    cells: dict[tuple[float, str, float], float] = {}
    problems: list[Problem] = []
    for number, line in numbered[1:]:
        row = dict(zip(header, (c.strip() for c in next(csv.reader([line]))), strict=False))
        fault = _fault(row, header, regions)
        if fault is None:
            key = (float(row["time_h"]), row["region"], float(row.get("draw", 0)))
            if key in cells:
                fault = f"'{row['region']}' at {key[0]:g} h comes twice", None
            cells[key] = float(row["conc_nM"])
        if fault is not None:
            problems.append(Problem(fault[0], shown, number, hint=fault[1], source=line))
    if not cells and not problems:
        problems.append(Problem("has no rows", shown, hint=f"columns: {','.join(COLUMNS)}[,draw]"))
    return cells, problems


def _fault(
    row: Mapping[str, str], header: Sequence[str], regions: Sequence[str]
) -> tuple[str, str | None] | None:
    """Find what is wrong with a row, and the way out."""
    if len(row) < len(header):
        return f"has {len(row)} cells of {len(header)}", None
    for column in header:
        if column == "region":
            continue
        try:
            value = float(row[column])
        except ValueError:
            return f"{column} '{row[column]}' is not a number", None
        if not math.isfinite(value):
            return f"{column} '{row[column]}' is not finite", None
        if column != "draw" and value < 0.0:
            return f"{column} {value:g} is negative", None
    if row["region"] not in regions:
        hint = did_you_mean(row["region"], regions) or f"the scene has {', '.join(regions)}"
        return f"the scene has no region '{row['region']}'", hint
    return None
