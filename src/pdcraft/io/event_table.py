"""Event tables as NONMEM reads them: one row per dose or observation, read and written.

``ID`` and ``TIME`` (h) are required; ``AMT RATE DUR EVID MDV CMT DV ADDL II`` have their NONMEM
meaning; every other column is a covariate. ``.`` or an empty field is missing. Comment lines begin
with ``#``, or with a letter or ``@`` (IGNORE=@); with a first column ``C`` (IGNORE=C) so do rows
that have a C in it. A table that is written and read again is the same to the last bit.

References
----------
.. [N] S. L. Beal, L. B. Sheiner, A. J. Boeckmann, NONMEM Users Guides, parts I, V and VI
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, Problem
from pdcraft.io.event_checks import COLUMNS, header_problems, row_problems

__all__ = [
    "EventTable",
    "event_table",
    "expanded",
    "is_event_table",
    "number_text",
    "read_events",
    "write_events",
]

_COMMENT = "#"


@dataclass(frozen=True, slots=True, eq=False)
class EventTable:
    """Checked events, in the order given.

    Parameters
    ----------
    columns : mapping of name to ndarray, shape (row,)
        NaN where missing. ``EVID`` and ``MDV`` are always there.
    comments : tuple of str
        Lines above the header, without their ``#``.
    """

    columns: Mapping[str, Floats]
    comments: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.columns["ID"].size

    def column(self, name: str, missing: float = math.nan) -> Floats:
        """Return a column with what is missing replaced, or all missing if it is not there."""
        own = self.columns.get(name)
        if own is None:
            return np.full(len(self), missing)
        return np.where(np.isnan(own), missing, own)

    @property
    def covariates(self) -> tuple[str, ...]:
        """Names of the columns without a NONMEM meaning."""
        return tuple(name for name in self.columns if name not in COLUMNS)

    @property
    def duration_h(self) -> Floats:
        """Infusion time from DUR, or from AMT and RATE; 0 for a bolus."""
        amount, rate = self.column("AMT", 0.0), self.column("RATE", 0.0)
        own = self.column("DUR", 0.0)
        return np.where(own > 0, own, np.divide(amount, rate, where=rate > 0, out=0.0 * amount))


def event_table(
    columns: Mapping[str, ArrayLike],
    *,
    comments: Sequence[str] = (),
    covariates: Sequence[str] | None = None,
    file: str | None = None,
) -> EventTable:
    """Make a table from columns; EVID and MDV are filled in where they are not given.

    Parameters
    ----------
    columns : mapping of name to array_like, shape (row,)
        NaN where missing.
    comments : sequence of str
    covariates : sequence of str, optional
        Accept only these other columns. Default: all.
    file : str, optional
        Name used in errors.

    Raises
    ------
    DataError
        With every fault.
    """
    arrays = {n: frozen(c, n, finite=False) for n, c in columns.items()}
    lines = list(range(1, 1 + max((a.size for a in arrays.values()), default=0)))
    problems = header_problems(list(arrays), covariates, file, None)
    sizes = {n: a.shape for n, a in arrays.items()}
    if len(set(sizes.values())) > 1:
        raise DataError(Problem(f"columns differ in length: {sizes}", file))
    return _checked(arrays, lines, comments, file, problems)


def read_events(
    source: Path | str, *, text: str | None = None, covariates: Sequence[str] | None = None
) -> EventTable:
    """Read an event table.

    Parameters
    ----------
    source : path, or the name to show in errors if ``text`` is given
    text : str, optional
        Content, instead of the file's.
    covariates : sequence of str, optional
        Accept only these other columns. Default: all.

    Raises
    ------
    DataError
        With every fault: file, line, column.
    """
    name = Path(source).name
    if text is None:
        try:
            text = Path(source).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(Problem(f"cannot be read as text: {error}", name)) from error
    header: list[str] = []
    header_line, skip = 0, 0
    comments: list[str] = []
    rows: list[list[float]] = []
    lines: list[int] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith(_COMMENT):
            if content and not header:
                comments.append(content[1:].strip())
            continue
        cells = [c.strip() for c in next(csv.reader([content]))]
        if not header:
            header_line, skip = number, int(cells[0].upper() == "C")
            header = [c.upper() for c in cells[skip:]]
            continue
        if (skip and cells[0].upper() == "C") or _ignored(cells, len(header) + skip):
            continue
        row, faults = _row(cells[skip:], header, number, name)
        problems += faults
        if row is not None:
            rows.append(row)
            lines.append(number)
    if not header:
        raise DataError(Problem("is empty; the first line is ID,TIME,AMT,DV,...", name))
    values = np.array(rows).reshape(-1, len(header))
    arrays = {h: frozen(values[:, i], h, finite=False) for i, h in enumerate(header)}
    heading = header_problems(header, covariates, name, header_line)
    return _checked(arrays, lines, comments, name, heading + problems)


def write_events(table: EventTable) -> str:
    """CSV text of a table: ``.`` for missing, shortest digits that give the same number back."""
    head = [f"{_COMMENT} {line}".rstrip() for line in table.comments]
    body = [
        ",".join(number_text(float(c[i])) for c in table.columns.values())
        for i in range(len(table))
    ]
    return "\n".join([*head, ",".join(table.columns), *body]) + "\n"


def expanded(table: EventTable) -> EventTable:
    """Write additional doses (ADDL, II) out as rows of their own, in time order.

    A reset (EVID 3 or 4) of the same subject ends what was still to come.
    """
    more, every = table.column("ADDL", 0.0), table.column("II", 0.0)
    place: list[tuple[int, float]] = []
    ids, time_h, kind = (table.columns[n] for n in ("ID", "TIME", "EVID"))
    reset = (kind == 3) | (kind == 4)
    for i in range(len(table)):
        place.append((i, float(time_h[i])))
        later = np.flatnonzero((ids == ids[i]) & reset & (np.arange(len(table)) > i))
        # a reset whose clock begins anew cannot be placed against it: nothing to cut
        ends = later.size > 0 and time_h[later[0]] >= time_h[i]
        reset_h = float(time_h[later[0]]) if ends else math.inf
        for k in range(1, 1 + int(more[i])):
            at = float(time_h[i] + k * every[i])
            if at < reset_h:
                place.append((i, at))
    resets = np.cumsum(reset)
    order = {subject: n for n, subject in enumerate(dict.fromkeys(ids.tolist()))}
    place.sort(key=lambda p: (order[float(ids[p[0]])], resets[p[0]], p[1]))
    rows = [i for i, _ in place]
    arrays = {n: c[rows] for n, c in table.columns.items() if n not in ("ADDL", "II")}
    arrays["TIME"] = np.array([at for _, at in place])
    again = np.array([at != time_h[i] for i, at in place])
    arrays["EVID"] = np.where(again & (arrays["EVID"] == 4), 1.0, arrays["EVID"])
    return EventTable({n: frozen(c, n, finite=False) for n, c in arrays.items()}, table.comments)


def is_event_table(text: str) -> bool:
    """Whether a file's header has the columns ID, TIME and DV."""
    for line in text.splitlines():
        content = line.strip()
        if content and not content.startswith(_COMMENT):
            return {"ID", "TIME", "DV"} <= {c.strip().upper() for c in content.split(",")}
    return False


def _ignored(cells: Sequence[str], width: int) -> bool:
    """IGNORE=@, but never a full row of data whose ID merely begins with a letter."""
    first = cells[0][:1]
    return (first.isalpha() or first == "@") and len(cells) != width


def _row(
    cells: Sequence[str], header: Sequence[str], line: int, file: str
) -> tuple[list[float] | None, list[Problem]]:
    if len(cells) != len(header):
        said = f"{len(cells)} fields where the header has {len(header)}"
        return None, [Problem(said, file, line, hint="write '.' for what is missing")]
    values: list[float] = []
    faults: list[Problem] = []
    for column, cell in zip(header, cells, strict=True):
        try:
            value = math.nan if cell in (".", "") else float(cell)
            if not math.isfinite(value) and cell not in (".", ""):
                raise ValueError
            values.append(value)
        except ValueError:
            hint = "write numbers; '.' for what is missing"
            if column == "TIME" and ":" in cell:
                hint = "write hours as a number, not a clock time"
            faults.append(Problem("is not a finite number", file, line, column, cell, hint))
    return (None if faults else values), faults


def _checked(
    arrays: dict[str, Floats],
    lines: Sequence[int],
    comments: Sequence[str],
    file: str | None,
    problems: list[Problem],
) -> EventTable:
    """Fill in EVID and MDV and check the rows, whatever was found before."""
    n = len(lines)
    if n == 0 and not problems:
        problems = [Problem("has no rows below the header", file)]
    unread = np.full(n, np.nan)
    amount = np.nan_to_num(arrays.get("AMT", np.zeros(n)))
    kind, left_out = arrays.get("EVID", unread), arrays.get("MDV", unread)
    kind = np.where(np.isnan(kind), np.where(amount > 0, 1.0, 0.0), kind)
    left_out = np.where(np.isnan(left_out), (kind != 0) * 1.0, left_out)
    filled = {**arrays, "EVID": frozen(kind, "EVID"), "MDV": frozen(left_out, "MDV")}
    if {"ID", "TIME"} <= arrays.keys():
        problems = problems + row_problems(filled, lines, file)
    if problems:
        raise DataError(sorted(problems, key=lambda p: p.line or 0), file=file)
    return EventTable(filled, tuple(comments))


def number_text(value: float) -> str:
    """Write a number as event tables do: ``.`` for missing, whole numbers without a point."""
    if math.isnan(value):
        return "."
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
