"""Cards: the key numbers on top of a page, each with interval and origin."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.evidence import agrees, beside
from pdcraft.report.words import given_words, interval_words, row_value, unit_words

__all__ = ["Card", "Strip", "row_card"]


@dataclass(frozen=True, slots=True)
class Strip:
    """Places on a small logarithmic scale, in percent of its width; None where unknown."""

    low: float
    value: float
    high: float
    given: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """One key number: `interval` says its limits or why it has none."""

    title: str
    value: str
    unit: str
    interval: str
    origin: str
    given: str = ""
    strip: Strip | None = None


def row_card(run: Run, row: ResultRow, title: str) -> Card:
    """Make the card of a result, with the published number that compares with it."""
    given = next(iter(beside(run).get(row.id, ())), None)
    words = ""
    if given is not None:
        words = f"{given_words(given)}: {row_value(given)} {unit_words(given.quantity)}".rstrip()
        words += ", fitted to" if row.origin == "fitted" else ""
    return Card(
        title=title,
        value=row_value(row),
        unit=unit_words(row.quantity),
        interval=interval_words(row, run.interval) or "as published, no interval",
        origin=row.origin,
        given=words,
        strip=_strip(row, given),
    )


def _strip(row: ResultRow, given: ResultRow | None) -> Strip | None:
    low, value, high = (row.summary[key] for key in ("low", "value", "high"))
    if low is None or value is None or high is None or not 0 < low < high:
        return None
    other = given.summary["value"] if given is not None and agrees(row, given) is not None else None
    shown = [x for x in (low, value, high, other) if x is not None and x > 0]
    start, end = math.log(min(shown)), math.log(max(shown))

    def place(x: float) -> float:
        return round(4 + 92 * (math.log(x) - start) / (end - start), 2)

    return Strip(
        place(low), place(value), place(high), place(other) if other and other > 0 else None
    )
