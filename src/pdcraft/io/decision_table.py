"""A user's decision table of a dose-escalation design: CSV with columns n, tox, decision."""

from __future__ import annotations

import csv
from pathlib import Path

from pdcraft.errors import DataError, Problem
from pdcraft.io.csv_lines import data_lines

__all__ = ["read_decisions"]

COLUMNS = ("n", "tox", "decision")


def read_decisions(path: Path) -> dict[tuple[int, int], str]:
    """Read the letters by patients and toxicities; whether they make sense is not judged here.

    Parameters
    ----------
    path : Path
        CSV with the header ``n,tox,decision``; lines that begin with ``#`` are comments.

    Raises
    ------
    DataError
        All faults at once, each with its line: another header, a row that is not two whole
        numbers and a word, a cell given twice.
    """
    lines = data_lines(path)
    if not lines:
        raise DataError(Problem("holds no line", path.name, hint="give n,tox,decision and rows"))
    header = [word.strip() for word in lines[0][1].split(",")]
    if sorted(header) != sorted(COLUMNS):
        raise DataError(
            Problem(
                f"columns are {', '.join(header)}; wanted {', '.join(COLUMNS)}",
                path.name,
                lines[0][0],
            )
        )
    out: dict[tuple[int, int], str] = {}
    faults: list[Problem] = []
    for (number, line), cells in zip(
        lines[1:], csv.reader(line for _, line in lines[1:]), strict=True
    ):
        row = dict(zip(header, (c.strip() for c in cells), strict=False))
        try:
            cell = int(row["n"]), int(row["tox"])
            letter = row["decision"].upper()
        except (KeyError, ValueError):
            text = "is not patients, toxicities (whole numbers) and a decision"
            faults.append(Problem(text, path.name, number, source=line))
            continue
        if cell in out:
            text = f"n = {cell[0]}, tox = {cell[1]} is given twice"
            faults.append(Problem(text, path.name, number, source=line))
        out[cell] = letter
    if faults:
        raise DataError(faults)
    return out
