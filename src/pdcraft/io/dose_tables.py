"""Dose-volume histograms and dose rates from a user's CSV."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError, Problem
from pdcraft.io.csv_lines import data_lines

__all__ = ["read_dose_rate", "read_dvh"]

RATE_COLUMNS = ("time_h", "Gy_per_h")
DVH_COLUMNS = (("dose_Gy", "volume_fraction"), ("dose_Gy", "frac_volume"))


def read_dvh(path: Path) -> tuple[Floats, Floats]:
    """Read a differential histogram: columns ``dose_Gy,volume_fraction``.

    Volume fractions of any positive sum are accepted and divided by it.

    Raises
    ------
    DataError
        With every fault.
    """
    dose, volume = _read(path, DVH_COLUMNS)
    if not volume.sum() > 0:
        raise DataError(Problem("holds no volume", path.name))
    return dose, volume / volume.sum()


def read_dose_rate(path: Path) -> DoseRate:
    """Read a sampled dose rate: columns ``time_h,Gy_per_h``, times increasing.

    Raises
    ------
    DataError
        With every fault.
    """
    time, rate = _read(path, (RATE_COLUMNS,))
    return DoseRate.sampled(time, rate)


def _read(path: Path, wanted: tuple[tuple[str, ...], ...]) -> tuple[Floats, Floats]:
    rows = data_lines(path)
    header = tuple(c.strip() for c in rows[0][1].split(",")) if rows else ()
    if header not in wanted:
        line = rows[0][0] if rows else None
        hint = f"the first line is: {','.join(wanted[0])}"
        raise DataError(Problem(f"columns are {list(header)}", path.name, line, hint=hint))
    problems: list[Problem] = []
    out: list[tuple[float, float]] = []
    for number, text in rows[1:]:
        try:
            first, second = (float(cell) for cell in text.split(","))
        except ValueError:
            first = second = math.nan
        if not (0 <= first < math.inf and 0 <= second < math.inf):
            message = "two numbers, finite and not negative, belong in a line"
            problems.append(Problem(message, path.name, number, value=text))
        out.append((first, second))
    if not out:
        problems.append(Problem("holds no numbers", path.name))
    if problems:
        raise DataError(problems)
    table = np.array(out)
    return table[:, 0], table[:, 1]
