"""What the labels of an image stand for: CSV tables of names or of materials."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, Problem
from pdcraft.io.csv_lines import data_lines

__all__ = ["LabelRow", "read_labels", "whole_labels"]

DENSITY = "density_g_per_mL"


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label's name and, for materials, its own density, with the line it stands on."""

    name: str
    density_g_per_mL: float | None
    line: int


def read_labels(path: Path, column: str) -> Mapping[int, LabelRow]:
    """Read a table of labels; lines that start with ``#`` are comments.

    Parameters
    ----------
    path : Path
        First line ``label,COLUMN``; for ``material`` and ``region`` a third column
        ``density_g_per_mL`` may follow, and cells of it may be empty.
    column : {"name", "material", "region"}

    Raises
    ------
    DataError
        With every fault: columns, labels that are no whole numbers or stand twice, empty names,
        densities that are not above zero.
    """
    file = path.name
    rows = data_lines(path)
    allowed = [["label", column]]
    if column != "name":
        allowed.append(["label", column, DENSITY])
    header = [c.strip() for c in rows[0][1].split(",")] if rows else []
    if header not in allowed:
        wanted = " or ".join(",".join(c) for c in allowed)
        line = rows[0][0] if rows else None
        raise DataError(
            Problem(f"columns are {header}", file, line, hint=f"the first line is: {wanted}")
        )
    problems: list[Problem] = []
    out: dict[int, LabelRow] = {}
    for (number, _), cells in zip(rows[1:], csv.reader(t for _, t in rows[1:]), strict=True):
        words = [c.strip() for c in cells] + [""] * (len(header) - len(cells))

        def fault(message: str, key: str, value: str, at: int = number) -> None:
            problems.append(Problem(message, file, at, key, value))

        label, name = words[0], words[1]
        if len(words) > len(header):
            fault(f"has {len(words)} cells for {len(header)} columns", "label", label)
        elif not label.isdecimal():
            fault("a label is a whole number of 0 or more", "label", label)
        elif int(label) in out:
            fault(f"label {int(label)} stands twice", "label", label)
        elif not name:
            fault("is empty", column, name)
        else:
            density = _positive(words[2]) if len(header) == 3 and words[2] else None
            if density is not None and not 0 < density < np.inf:
                fault("a density is a number above zero, in g/mL", DENSITY, words[2])
            out[int(label)] = LabelRow(name, density, number)
    if not out and not problems:
        problems.append(Problem("holds no labels", file))
    if problems:
        raise DataError(problems)
    return out


def _positive(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def whole_labels(values: Floats, what: str) -> NDArray[np.int64]:
    """Return an image's values as labels.

    Raises
    ------
    DataError
        If a value is no whole number, or negative.
    """
    labels = np.rint(values).astype(np.int64)
    bad = (labels != values) | (labels < 0)
    if bad.any():
        raise DataError(
            f"{what}: value {values[bad][0]:g} is no label ({int(bad.sum())} such voxels); labels "
            "are whole numbers of 0 or more: resample label images by nearest neighbor only"
        )
    return labels
