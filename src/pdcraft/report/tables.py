"""Tables of a report: plain numbers, units in the header, three kinds of statement apart.

Published or measured, computed and assumed numbers never share a column. A cell that does not
apply is empty, so that a table pastes into a spreadsheet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from string import ascii_lowercase
from typing import Literal

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.evidence import beside, kind_of, rows_of, strongest
from pdcraft.report.words import (
    SPREAD_WORDS,
    given_number,
    given_words,
    input_words,
    is_exact,
    region_order,
    region_words,
    row_value,
    unit_words,
)
from pdcraft.study.result import StudyResult

__all__ = [
    "Column",
    "Group",
    "Table",
    "arm_order",
    "arm_table",
    "assumption_rows",
    "filled",
    "origins_of",
    "result_tables",
]

MOST_COLUMNS = 5  # regions or arms side by side in the table of doses
GroupKind = Literal["", "given", "computed", "assumed"]
LIMITS = ("value", "low", "high")
_SCALED = "from_the_published_coefficient"  # one word among the origins of a cell


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header and what its cells are."""

    text: str
    kind: Literal["text", "number", "note", "origin", "sources"] = "text"


@dataclass(frozen=True, slots=True)
class Group:
    """A header over several columns; `kind` colors it."""

    text: str
    span: int
    kind: GroupKind = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the page shows it: as many cells in each row as there are columns.

    Cells of the column "note" are letters that count the footnotes. `origins` stand beside the
    title where neither a header nor a column names them. A long table is folded unless `unfolded`.
    """

    id: str
    title: str
    note: str
    groups: tuple[Group, ...]
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    footnotes: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    unfolded: bool = False


def filled(
    columns: Sequence[Column], rows: Sequence[tuple[str, ...]]
) -> tuple[tuple[Column, ...], tuple[tuple[str, ...], ...]]:
    """Leave columns out that no row fills."""
    keep = [j for j in range(len(columns)) if any(row[j] for row in rows)]
    return tuple(columns[j] for j in keep), tuple(tuple(row[j] for j in keep) for row in rows)


def origins_of(rows: Iterable[ResultRow]) -> tuple[str, ...]:
    """Ways in which the numbers of a table came about, each once."""
    return tuple(dict.fromkeys(row.origin for row in rows))


def _limits() -> tuple[Column, ...]:
    return tuple(Column(key, "number") for key in LIMITS)


def _numbers(row: ResultRow | None) -> tuple[str, ...]:
    return ("", "", "") if row is None else tuple(row_value(row, key) for key in LIMITS)


def _note(row: ResultRow, given: Iterable[ResultRow]) -> str:
    parts = [*row.flags, *(["exact arithmetic"] if is_exact(row) else [])]
    if row.spread != "knowledge":
        parts.append(SPREAD_WORDS[row.spread])
    for other in given:
        if other.quantity.key != row.quantity.key:
            parts.append(
                f"{given_words(other)} as {other.quantity.name}, {unit_words(other.quantity)}"
            )
        parts += other.flags
    return "; ".join(dict.fromkeys(parts))


def _drivers(run: Run, row: ResultRow, *, assumed: bool) -> str:
    named = {a.id for a in run.assumptions}
    shares = [d for d in row.drivers if (d.input in named) == assumed]
    return "; ".join(f"{input_words(d.input)} {100 * d.share:.0f}%" for d in shares[:2])


def _body(run: Run, rows: list[ResultRow]) -> list[tuple[str, ...]]:
    """Three groups of limits, drivers, origin, note and sources of each row."""
    given = beside(run)
    keys = [c.key for c in sorted(run.citations, key=lambda c: c.key)]
    out: list[tuple[str, ...]] = []
    for row in rows:
        others = given.get(row.id, ())
        kind = kind_of(row)
        published = row if kind == "given" else next(iter(others), None)
        cited = dict.fromkeys(key for r in (row, *others[:1]) for key in r.sources)
        origins = dict.fromkeys(given_words(r).replace(" ", "_") for r in (row, *others[:1]))
        cells = (
            *_numbers(published),
            *_numbers(row if kind == "computed" else None),
            *_numbers(row if kind == "assumed" else None),
            _drivers(run, row, assumed=True),
            _drivers(run, row, assumed=False),
            " ".join(origins),
            _note(row, others[:1]),
            " ".join(str(1 + keys.index(key)) for key in cited),
        )
        out.append(cells)
    return out


_COLUMNS = (
    *(_limits() * 3),
    Column("inputs behind it, share of variance", "note"),
    Column("other inputs, share of variance", "note"),
    Column("origin", "origin"),
    Column("note"),
    Column("source", "sources"),
)
ORIGIN, NOTE = 11, 12
DRIVERS = slice(9, 11)


def result_tables(run: Run) -> list[Table]:
    """Every result of a run: a table for each quantity of each stage, single numbers together.

    A published number stands in the row of the computed one that it compares with; a second one
    has its own row.
    """
    compared = {rows[0].id for rows in beside(run).values()}  # a row has room for one
    rows = [row for row in run.results if row.id not in compared]
    tables: list[Table] = []
    for stage in run.stages:
        singles: list[ResultRow] = []
        here = sorted((r for r in rows if r.stage == stage), key=lambda r: r.quantity.key)
        for _, group in groupby(here, key=lambda r: r.quantity.key):
            same = sorted(group, key=_order)
            if len(same) == 1:
                singles += same
            else:
                tables.append(_quantity_table(run, stage, same))
        if singles:
            tables.append(_singles_table(run, stage, singles))
    return tables


def _order(row: ResultRow) -> tuple[object, ...]:
    s = row.subject
    return (region_order(s.region), arm_order(s.arm), s.time_h or 0.0)


def arm_order(arm: str | None) -> tuple[float, str]:
    """Order arms by the number that their name begins with, then by name, C8 before C10."""
    head = (arm or "").split(" ")[0]
    name = re.sub(r"\d+", lambda digits: digits[0].zfill(6), arm or "")
    try:
        return float(head), name
    except ValueError:
        return float("inf"), name


def _quantity_table(run: Run, stage: str, rows: list[ResultRow]) -> Table:
    quantity = rows[0].quantity
    unit = unit_words(quantity)
    lead = [
        ("region", [region_words(r.subject.region) for r in rows]),
        ("arm", [(r.subject.arm or "") for r in rows]),
        ("time, h", [given_number(r.subject.time_h) for r in rows]),
    ]
    lead = [(name, cells) for name, cells in lead if any(cells)] or lead[:1]
    ends: dict[GroupKind, str] = dict.fromkeys(("computed", "assumed"), f", {unit}" if unit else "")
    others = [
        r for row in rows for r in (row, *beside(run).get(row.id, ())) if kind_of(r) == "given"
    ]
    given = {unit_words(r.quantity) for r in others}
    ends["given"] = f", {given.pop()}" if len(given) == 1 else ""
    body = _body(run, rows)
    if any(r.subject.arm for r in rows):  # an arm scales a result: its drivers are the same
        body = [(*cells[: DRIVERS.start], "", "", *cells[DRIVERS.stop :]) for cells in body]
    return _table(
        f"table-{stage}-{quantity.key}",
        f"{quantity.name[0].upper()}{quantity.name[1:]}" + (f", {unit}" if unit else ""),
        f"Symbol {quantity.symbol}." if unit else f"Symbol {quantity.symbol}, a pure number.",
        [Column(name) for name, _ in lead],
        [tuple(cells[i] for _, cells in lead) for i in range(len(rows))],
        body,
        ends,
    )


def _singles_table(run: Run, stage: str, rows: list[ResultRow]) -> Table:
    lead = [
        (Column("quantity", "note"), [r.quantity.name for r in rows]),
        (Column("unit"), [unit_words(r.quantity) for r in rows]),
        (Column("region"), [region_words(r.subject.region) for r in rows]),
    ]
    lead = [(column, cells) for column, cells in lead if any(cells)]
    return _table(
        f"table-{stage}-single",
        f"Single numbers of the stage {stage}",
        "Each in the unit of its row.",
        [column for column, _ in lead],
        [tuple(cells[i] for _, cells in lead) for i in range(len(rows))],
        _body(run, rows),
        {},
    )


def _table(
    table_id: str,
    title: str,
    note: str,
    lead: list[Column],
    lead_cells: list[tuple[str, ...]],
    body: list[tuple[str, ...]],
    units: Mapping[GroupKind, str],
) -> Table:
    """Put leading columns and body together; columns without a number or word are left out."""
    footnotes = tuple(dict.fromkeys(cells[NOTE] for cells in body if cells[NOTE]))
    letters = {note: ascii_lowercase[i % 26] for i, note in enumerate(footnotes)} | {"": ""}
    body = [(*cells[:NOTE], letters[cells[NOTE]], *cells[NOTE + 1 :]) for cells in body]
    parts: tuple[tuple[GroupKind, str, range], ...] = (
        ("given", _origins(body, ("published", _SCALED, "measured")), range(0, 3)),
        ("computed", _origins(body, ("computed", "fitted", "predicted")), range(3, 6)),
        ("assumed", "assumed", range(6, 10)),
        ("", "", range(10, len(_COLUMNS))),
    )
    groups = [Group("", len(lead))]
    index: list[int] = []
    for kind, words, places in parts:
        keep = [j for j in places if any(cells[j] for cells in body)]
        if keep:
            numeric = any(_COLUMNS[j].kind == "number" for j in keep)
            unit = units.get(kind, "") if numeric else ""
            groups.append(Group(words + unit, len(keep), kind))
            index += keep
    return Table(
        table_id,
        title,
        note,
        tuple(groups),
        (*lead, *(_COLUMNS[j] for j in index)),
        tuple((*a, *(b[j] for j in index)) for a, b in zip(lead_cells, body, strict=True)),
        footnotes,
    )


def _origins(body: list[tuple[str, ...]], names: tuple[str, ...]) -> str:
    seen = {name for cells in body for name in cells[ORIGIN].split()}
    return " or ".join(name.replace("_", " ") for name in names if name in seen)


def arm_table(result: StudyResult) -> Table | None:
    """Absorbed dose of each region at each arm; None if the run has no dose.

    A published dose that compares with a region's, or one from a published coefficient, stands in
    a column of its own, after it.
    """
    run = result.run
    doses = rows_of(run, "absorbed_dose")
    if not doses:
        return None
    arms = sorted({row.subject.arm or "-" for row in doses}, key=arm_order)
    regions = list(dict.fromkeys(row.subject.region or "-" for row in doses))
    found = {(row.subject.region or "-", row.subject.arm or "-"): row for row in doses}
    by_arm = len(arms) > 1 and (len(regions) <= MOST_COLUMNS or len(regions) <= len(arms))
    down, across = (arms, regions) if by_arm else (regions, arms)
    rows = [[name if by_arm else region_words(name)] for name in down]
    groups, columns = [Group("", 1)], [Column("arm" if by_arm else "region")]
    unit = doses[0].quantity.unit
    given = beside(run)
    for name in across:
        picked = [found.get((name, other) if by_arm else (other, name)) for other in down]
        head = region_words(name) if by_arm else ("computed" if name == "-" else name)
        groups.append(Group(f"{head}, {unit}", 3, "computed"))
        columns += _limits()
        for cells, row in zip(rows, picked, strict=True):
            cells += _numbers(row)
        others = [next(iter(given.get(row.id, ())), None) if row else None for row in picked]
        units = {unit_words(other.quantity) for other in others if other}
        if units:
            words = dict.fromkeys(given_words(other) for other in others if other)
            groups.append(Group(f"{' or '.join(words)}, {units.pop()}", 1, "given"))
            columns.append(Column("value", "number"))
            for cells, other in zip(rows, others, strict=True):
                cells.append(row_value(other) if other else "")
    return Table(
        "table-arms",
        f"Absorbed dose by {'arm' if by_arm else 'region'}, {unit}",
        f"Mean with {100 * run.interval:g}% limits.",
        tuple(groups),
        tuple(columns),
        tuple(tuple(cells) for cells in rows),
        origins=origins_of(doses),
    )


def assumption_rows(run: Run) -> list[tuple[str, str, str, str, str]]:
    """Name, text, value, the result that it moves most, and sources of every assumption."""
    keys = [c.key for c in sorted(run.citations, key=lambda c: c.key)]
    out: list[tuple[str, str, str, str, str]] = []
    for a in sorted(run.assumptions, key=lambda a: a.id):
        top = strongest(run, a.id)
        moves = ""
        if top is not None:
            share, row = top
            region = region_words(row.subject.region)
            moves = f"{100 * share:.0f}% of {region} {row.quantity.name}".replace("  ", " ")
        cited = " ".join(str(1 + keys.index(key)) for key in a.sources if key in keys)
        out.append((input_words(a.id), a.text, a.value, moves, cited))
    return out
