"""Data of a dose-escalation trial: CSV with one row for each patient, or one for each dose.

- patients: ``level`` (from 1) or ``dose``, ``tox`` (0 or 1), optionally ``followup``, ``weight``;
- doses: ``dose`` or ``level``, ``n``, ``tox``, optionally ``prior`` (a skeleton).

Rows of patients are in order of treatment.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, Problem
from pdcraft.io.csv_lines import data_lines

__all__ = ["EscalationTable", "read_escalation"]

LABELS = ("level", "dose")
OPTIONAL = ("followup", "weight", "prior")


@dataclass(frozen=True, slots=True)
class EscalationTable:
    """What the file holds; None for a column that is not there.

    Parameters
    ----------
    file : str
    label : ndarray, shape (rows,)
        Level or amount of the dose.
    is_level : bool
        Labels are levels, whole numbers from 1.
    tox : ndarray, shape (rows,)
    n : ndarray, shape (rows,), optional
        Without it, rows are patients.
    followup, weight, prior : ndarray, shape (rows,), optional
    """

    file: str
    label: Floats
    is_level: bool
    tox: Floats
    n: Floats | None
    followup: Floats | None
    weight: Floats | None
    prior: Floats | None

    @property
    def is_patients(self) -> bool:
        """One row for each patient."""
        return self.n is None


def read_escalation(path: Path) -> EscalationTable:
    """Read a file.

    Raises
    ------
    DataError
        All faults at once, each with its line: unknown columns, what is no number, more
        toxicities than patients, no patient at all.
    """
    lines = data_lines(path)
    if len(lines) < 2:
        hint = "give level,tox with a row for each patient, or dose,n,tox with one for each dose"
        raise DataError(Problem("holds no row of data: no patient", path.name, hint=hint))
    header = [word.strip().strip('"').lower() for word in lines[0][1].split(",")]
    _check_header(header, path.name, lines[0][0])
    columns: dict[str, list[float]] = {name: [] for name in header}
    faults: list[Problem] = []
    for (number, line), cells in zip(
        lines[1:], csv.reader(line for _, line in lines[1:]), strict=True
    ):
        try:
            row = dict(zip(header, (float(c) for c in cells), strict=True))
        except ValueError:
            faults.append(_fault("is not one number for each column", path, number, line))
            continue
        wrong = _wrong(row)
        if wrong:
            faults.append(_fault(wrong, path, number, line))
        for name, value in row.items():
            columns[name].append(value)
    held = {name: np.array(values) for name, values in columns.items()}
    if not faults and "n" in held and not held["n"].any():
        faults.append(Problem("no dose has a patient", path.name, hint="give n above 0 somewhere"))
    if faults:
        raise DataError(faults)
    is_level = "level" in held
    return EscalationTable(
        path.name,
        held["level" if is_level else "dose"],
        is_level,
        held["tox"],
        held.get("n"),
        held.get("followup"),
        held.get("weight"),
        held.get("prior"),
    )


def _fault(text: str, path: Path, number: int, line: str) -> Problem:
    return Problem(text, path.name, number, source=line)


def _check_header(header: list[str], file: str, line: int) -> None:
    known = {*LABELS, "n", "tox", *OPTIONAL}
    unknown = [name for name in header if name not in known]
    labels = [name for name in LABELS if name in header]
    text = None
    if unknown:
        text = f"unknown column '{unknown[0]}'; there are {', '.join(sorted(known))}"
    elif len(set(header)) < len(header):
        text = "a column is given twice"
    elif len(labels) != 1 or "tox" not in header:
        text = f"columns are {', '.join(header)}; wanted level or dose (one of them), and tox"
    elif "n" in header and ("followup" in header or "weight" in header):
        text = "follow-up and weights are of patients; rows with n are of doses"
    elif "n" not in header and "prior" in header:
        text = "a prior rate is of a dose; rows of doses have a column n"
    if text:
        raise DataError(Problem(text, file, line))


def _wrong(row: dict[str, float]) -> str | None:
    """Say what is wrong with a row's values, None if nothing is."""
    out = None
    if not all(np.isfinite(v) for v in row.values()):
        out = "holds a value that is not finite"
    elif row["tox"] != int(row["tox"]) or row["tox"] < 0:
        out = f"tox is {row['tox']:g}; it is a whole number, 0 or more"
    elif "n" in row and (row["n"] != int(row["n"]) or row["n"] < 0):
        out = f"n is {row['n']:g}; it is a whole number, 0 or more"
    elif row["tox"] > row.get("n", 1.0):
        out = f"{row['tox']:g} toxicities among {row.get('n', 1.0):g} patients"
    elif "level" in row and (row["level"] != int(row["level"]) or row["level"] < 1):
        out = f"level is {row['level']:g}; levels are whole numbers from 1"
    return out
