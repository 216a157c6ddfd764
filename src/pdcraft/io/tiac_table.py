"""TIAC.csv: time-integrated activity coefficients by region, with every fault reported at once.

``region,tiac_h`` with an optional ``sd_h``, or ``region`` and one column per draw (``draw_1``,
``draw_2`` ... or just numbers). Lines that begin with ``#`` are comments.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.regions import region_name
from pdcraft.errors import DataError, Problem
from pdcraft.io.csv_lines import data_lines

__all__ = ["TiacTable", "read_tiac"]

COLUMNS = "region,tiac_h, or region,tiac_h,sd_h, or region,draw_1,draw_2,..."
_DRAW = re.compile(r"(?:draw[ _]?)?\d+\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TiacTable:
    """A whole file.

    Parameters
    ----------
    file : str
    tiac_h : mapping of str to ndarray, shape (1,) or (draws,)
        By region, in the file's order.
    sd_h : mapping of str to float
        Empty without that column; regions with an empty cell are missing.
    lines : mapping of str to int
        Line of each region.
    """

    file: str
    tiac_h: Mapping[str, Floats]
    sd_h: Mapping[str, float]
    lines: Mapping[str, int]

    def located(self, error: DataError) -> DataError:
        """Return the same error with the file, and the line of each region that it names."""
        return DataError(
            [
                Problem(p.message, self.file, self.lines.get(p.key or ""), p.key, p.value, p.hint)
                for p in error.problems
            ]
        )


def read_tiac(path: Path, host: str | None = None) -> TiacTable:
    """Read a table of time-integrated activity coefficients, h.

    Parameters
    ----------
    path : Path
    host : {"human", "mouse"}, optional
        Accept only regions of this host, and lesions.

    Raises
    ------
    DataError
        With every fault: columns, unknown names, walled organs without their part, regions that
        stand twice (also under two names), rows of another length, numbers that are missing,
        negative or not finite.
    """
    name = path.name
    rows = data_lines(path)
    header = [c.strip() for c in next(csv.reader([rows[0][1]]))] if rows else []
    problems = _faults_of_header(header, name, rows[0][0] if rows else None)
    if problems:
        raise DataError(problems)
    tiac: dict[str, Floats] = {}
    sd: dict[str, float] = {}
    lines: dict[str, int] = {}
    cells_of = csv.reader(text for _, text in rows[1:])
    for (line, _), cells in zip(rows[1:], cells_of, strict=True):
        row = _Row(name, line, header, [c.strip() for c in cells])
        region = row.region(host)
        if region in lines:
            row.fault(f"{region} stands twice, also in line {lines[region]}", "region", cells[0])
        if region is not None:
            lines.setdefault(region, line)
        values = row.numbers()
        problems += row.problems
        if region is None or row.problems:
            continue
        if header[-1] == "sd_h":
            if values[1] is not None:
                sd[region] = values[1]
            values = values[:1]
        tiac[region] = frozen([v or 0.0 for v in values], region)
    if not tiac and not problems:
        problems.append(Problem("holds no regions", name, hint=f"rows are {COLUMNS}"))
    if problems:
        raise DataError(problems)
    return TiacTable(name, MappingProxyType(tiac), MappingProxyType(sd), MappingProxyType(lines))


def _faults_of_header(header: Sequence[str], file: str, line: int | None) -> list[Problem]:
    rest = list(header[1:])
    good = rest in (["tiac_h"], ["tiac_h", "sd_h"])
    good = good or (len(rest) > 1 and all(_DRAW.match(c) for c in rest))
    if header[:1] == ["region"] and good and len(set(rest)) == len(rest):
        return []
    said = ",".join(header[:6]) + (",..." if len(header) > 6 else "")
    return [Problem(f"columns are '{said}'", file, line, hint=f"the first line is: {COLUMNS}")]


class _Row:
    """One line of the file and its faults."""

    def __init__(self, file: str, line: int, header: Sequence[str], cells: Sequence[str]) -> None:
        self.file, self.line, self.header, self.cells = file, line, header, cells
        self.problems: list[Problem] = []

    def fault(self, message: str, key: str, value: str, hint: str | None = None) -> None:
        self.problems.append(Problem(message, self.file, self.line, key, value, hint))

    def region(self, host: str | None) -> str | None:
        try:
            return region_name(self.cells[0], host)
        except DataError as error:
            one = error.problems[0]
            self.fault(one.message, "region", self.cells[0], one.hint)
            return None

    def numbers(self) -> list[float | None]:
        """Numbers of the row; None for an ``sd_h`` that is not given."""
        if len(self.cells) != len(self.header):
            message = f"has {len(self.cells)} cells, the first line has {len(self.header)}"
            self.fault(message, self.cells[0], ",".join(self.cells[:6]))
            return []
        out: list[float | None] = []
        for key, cell in zip(self.header[1:], self.cells[1:], strict=True):
            if key == "sd_h" and not cell:
                out.append(None)
                continue
            try:
                value = float(cell)
            except ValueError:
                value = math.nan
            if not 0.0 <= value < math.inf:
                self.fault("a number of hours, zero or more, is wanted", key, cell)
            out.append(value)
        return out
