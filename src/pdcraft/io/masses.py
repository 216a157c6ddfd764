"""Masses of regions from a user's CSV: columns ``region,mass_g``, for doses also ``sd_g``."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from pathlib import Path

from pdcraft.core.regions import region_name
from pdcraft.errors import DataError, Problem
from pdcraft.io.csv_lines import data_lines

__all__ = ["read_masses", "read_masses_with_sd"]


def read_masses(path: Path, host: str) -> Mapping[str, float]:
    """Read masses, g, by region; lines that start with ``#`` are comments.

    Raises
    ------
    DataError
        With every fault: columns, unknown or repeated regions, masses that are not positive.
    """
    return _read(path, host, spread=False)[0]


def read_masses_with_sd(path: Path, host: str) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Read masses and, where the column ``sd_g`` has them, their standard deviations, both g.

    Raises
    ------
    DataError
        As `read_masses`.
    """
    return _read(path, host, spread=True)


def _read(path: Path, host: str, *, spread: bool) -> tuple[dict[str, float], dict[str, float]]:
    name = path.name
    rows = data_lines(path)
    header = [c.strip() for c in rows[0][1].split(",")] if rows else []
    if header != ["region", "mass_g"] and not (spread and header == ["region", "mass_g", "sd_g"]):
        line = rows[0][0] if rows else None
        wanted = "region,mass_g" + ("[,sd_g]" if spread else "")
        raise DataError(
            Problem(f"columns are {header}", name, line, hint=f"the first line is: {wanted}")
        )
    problems: list[Problem] = []
    out: dict[str, float] = {}
    sd: dict[str, float] = {}
    for number, cells in zip(
        (i for i, _ in rows[1:]), csv.reader(t for _, t in rows[1:]), strict=True
    ):
        try:
            region = region_name(cells[0], host)
            mass = float(cells[1]) if len(cells) == len(header) else math.nan
            if len(header) > 2 and len(cells) > 2 and cells[2].strip():
                sd[region] = float(cells[2])
        except DataError as error:
            one = error.problems[0]
            problems.append(Problem(one.message, name, number, "region", cells[0], one.hint))
            continue
        except (ValueError, IndexError):
            mass, region = math.nan, cells[0] if cells else ""
        if not 0 < mass < math.inf:
            said = ",".join(cells)
            problems.append(
                Problem("a mass is a positive number of grams", name, number, "mass_g", said)
            )
        elif not 0 <= sd.get(region, 0.0) < math.inf:
            said = ",".join(cells)
            problems.append(Problem("a spread is zero or more grams", name, number, "sd_g", said))
        elif region in out:
            problems.append(Problem(f"{region} stands twice", name, number, "region"))
        out[region] = mass
    if not out and not problems:
        problems.append(Problem("holds no masses", name))
    if problems:
        raise DataError(problems)
    return out, sd
