"""The rules of an event table, every breach of them with line and column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import Problem, did_you_mean

__all__ = ["COLUMNS", "header_problems", "row_problems"]

COLUMNS = ("ID", "TIME", "AMT", "RATE", "DUR", "EVID", "MDV", "CMT", "DV", "ADDL", "II")
_MISSPELT = 0.8  # likeness above which a name is taken for a slip: AMTT, but not RACE for RATE
_UNREAD = {"SS": "steady state; write the doses before it out", "DATE": "dates; give TIME in hours"}


def header_problems(
    header: Sequence[str], covariates: Sequence[str] | None, file: str | None, line: int | None
) -> list[Problem]:
    """Missing, repeated, unknown and unreadable columns."""
    found = [
        Problem("is missing", file, line, name, hint="every row has a subject and a time in h")
        for name in ("ID", "TIME")
        if name not in header
    ]
    for name in dict.fromkeys(header):
        if header.count(name) > 1:
            found.append(Problem("stands twice in the header", file, line, name))
        if name in _UNREAD:
            found.append(Problem(f"is not read: {_UNREAD[name]}", file, line, name))
        elif name not in COLUMNS and covariates is not None and name not in covariates:
            hint = (
                did_you_mean(name, [*COLUMNS, *covariates]) or "name it as a covariate to keep it"
            )
            found.append(Problem("unknown column", file, line, name, name, hint))
        elif name not in COLUMNS and covariates is None:
            absent = [c for c in COLUMNS if c not in header]
            near = did_you_mean(name, absent, cutoff=_MISSPELT)
            if near:
                hint = f"{near} A covariate needs another name"
                found.append(Problem("unknown column", file, line, name, name, hint))
    return found


def row_problems(
    columns: Mapping[str, Floats], lines: Sequence[int], file: str | None
) -> list[Problem]:
    """Faults of the rows, in file order."""
    found: list[Problem] = []

    def say(rows: Sequence[int], column: str, message: str, hint: str) -> None:
        values = columns.get(column)
        for i in rows:
            shown = None if values is None or np.isnan(values[i]) else f"{values[i]:g}"
            said = f"{shown} {message}" if shown else f"missing: {message}"
            found.append(Problem(said, file, lines[i], column, shown, hint))

    def of(name: str, missing: float) -> Floats:
        own = columns.get(name, np.full(len(lines), np.nan))
        return np.where(np.isnan(own), missing, own)

    def where(condition: NDArray[np.bool_]) -> list[int]:
        return np.flatnonzero(condition).tolist()

    ids, time_h, kind = columns["ID"], columns["TIME"], columns["EVID"]
    amount, rate, length = of("AMT", 0.0), of("RATE", 0.0), of("DUR", 0.0)
    more, every, left_out = of("ADDL", 0.0), of("II", 0.0), columns["MDV"]
    dose = (kind == 1) | (kind == 4)
    say(where(np.isnan(ids)), "ID", "every row has a subject", "number the subjects")
    say(where(~np.isin(kind, range(5))), "EVID", "is no kind of event", "EVID is 0 to 4")
    say(where(~np.isin(left_out, (0, 1))), "MDV", "is neither 0 nor 1", "1 leaves the value out")
    hint = "the first event is at 0 h or later"
    say(where(~(time_h >= 0)), "TIME", "must be zero or more", hint)
    say(
        where((kind == 0) & (amount != 0)), "AMT", "on an observation (EVID 0)", "a dose has EVID 1"
    )
    say(where(dose & ~(amount > 0)), "AMT", "must be above 0 on a dose", "or give EVID 0 or 2")
    hint = "MDV 1 where nothing was measured"
    say(where((kind == 0) & (left_out == 0) & np.isnan(of("DV", np.nan))), "DV", "no value", hint)
    hint = "MDV is 1 on doses and other events"
    say(where((kind != 0) & (left_out == 0)), "MDV", "where EVID is not 0", hint)
    hint = "modeled rates (-1, -2) are not read; give the rate or DUR in h"
    say(where(rate < 0), "RATE", "must be zero or more", hint)
    say(where(length < 0), "DUR", "must be zero or more", "an infusion time in h")
    both = (rate > 0) & (length > 0) & ~np.isclose(rate * length, amount, rtol=1e-6, atol=0)
    say(where(both), "DUR", "contradicts AMT/RATE", "give RATE or DUR, not both")
    whole = (more >= 0) & (more == np.floor(more))
    say(where(~whole), "ADDL", "is no number of doses", "zero or a whole number above")
    hint = "additional doses need an interval in h"
    say(where((more > 0) & ~(every > 0)), "II", "must be above 0 with ADDL", hint)
    say(where((more > 0) & ~dose), "ADDL", "on a row that is no dose", "a dose has EVID 1 or 4")
    compartment = of("CMT", 1.0)
    odd = (compartment < 0) | (compartment != np.floor(compartment))
    say(where(odd), "CMT", "is no compartment", "number compartments from 1")
    _order(ids, time_h, kind, say)
    return sorted(found, key=lambda p: p.line or 0)


Say = Callable[[Sequence[int], str, str, str], None]


def _order(ids: Floats, time_h: Floats, kind: Floats, say: Say) -> None:
    seen: set[float] = set()
    for i in range(ids.size):
        fresh = i == 0 or ids[i] != ids[i - 1]
        if fresh and ids[i] in seen:
            say(
                [i],
                "ID",
                "comes again after another subject",
                "keep the rows of a subject together",
            )
        seen.add(float(ids[i]))
        if not fresh and time_h[i] < time_h[i - 1] and kind[i] not in (3, 4):
            hint = "sort by time within a subject; only a reset (EVID 3, 4) may begin anew"
            say([i], "TIME", f"is before the row above ({time_h[i - 1]:g})", hint)
