"""A user's table of patients: CSV, ``sex,age_years,height_cm,body_mass_kg`` and more columns."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, Problem
from pdcraft.io.csv_lines import data_lines

__all__ = ["read_population_table"]

SEXES = {"male": 0.0, "m": 0.0, "man": 0.0, "female": 1.0, "f": 1.0, "woman": 1.0}
FLAGS = {"true": 1.0, "yes": 1.0, "1": 1.0, "false": 0.0, "no": 0.0, "0": 0.0}


def read_population_table(path: Path) -> tuple[dict[str, Floats], tuple[int, ...]]:
    """Read columns of numbers; lines that start with ``#`` are comments.

    ``sex`` (male, female) becomes ``female``, 0 or 1; ``pretreated`` is true or false. What the
    columns mean, and whether they are a population, is checked where patients are made.

    Returns
    -------
    (dict of str to ndarray, tuple of int)
        Columns of shape (patients,), and the line of each patient.

    Raises
    ------
    DataError
        With every fault: no lines, columns given twice, lines with other numbers of cells, cells
        that are no number.
    """
    rows = data_lines(path)
    if not rows:
        raise DataError(Problem("holds no patients", path.name))
    header = [c.strip() for c in rows[0][1].split(",")]
    twice = sorted({c for c in header if header.count(c) > 1})
    if twice:
        raise DataError(Problem(f"columns twice: {', '.join(twice)}", path.name, rows[0][0]))
    problems: list[Problem] = []
    values: list[list[float]] = []
    lines = tuple(number for number, _ in rows[1:])
    for number, cells in zip(lines, csv.reader(text for _, text in rows[1:]), strict=True):
        if len(cells) != len(header):
            said = f"{len(cells)} cells for {len(header)} columns"
            problems.append(Problem(said, path.name, number))
            continue
        row: list[float] = []
        for name, cell in zip(header, cells, strict=True):
            found = _number(name, cell)
            if not np.isfinite(found):
                problems.append(
                    Problem(f"'{cell.strip()}' is {_wanted(name)}", path.name, number, name)
                )
            row.append(found)
        values.append(row)
    if problems:
        raise DataError(problems)
    table = np.array(values, dtype=float).reshape(-1, len(header))
    names = ["female" if name == "sex" else name for name in header]
    return {name: table[:, i] for i, name in enumerate(names)}, lines


def _number(name: str, cell: str) -> float:
    text = cell.strip().casefold()
    known = SEXES if name == "sex" else FLAGS if name == "pretreated" else None
    if known is not None:
        return known.get(text, np.nan)
    try:
        return float(text)
    except ValueError:
        return np.nan


def _wanted(name: str) -> str:
    if name == "sex":
        return "no sex; write male or female"
    return "neither true nor false" if name == "pretreated" else "no number"
