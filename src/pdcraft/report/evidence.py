"""Which number stands beside which, and which assumption moves which result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.words import region_order

__all__ = [
    "INTEGRAL",
    "Kind",
    "agrees",
    "beside",
    "first_regions",
    "highest_arm",
    "kind_of",
    "predictions_of",
    "rows_of",
    "strongest",
]

Kind = Literal["given", "computed", "assumed"]
INTEGRAL = "time_integrated_activity_coefficient"  # what such kinds of number begin with


def kind_of(row: ResultRow) -> Kind:
    """Say which of the three kinds of statement a row is; they never share a column."""
    if row.origin in ("measured", "published"):
        return "given"
    return "assumed" if row.origin == "assumed" else "computed"


def rows_of(run: Run, key: str, *, arms: bool | None = None) -> list[ResultRow]:
    """Rows of one quantity that pdcraft computed, lesions first and the whole body last.

    Parameters
    ----------
    run : Run
    key : str
        Key of the quantity.
    arms : bool, optional
        True for rows of an arm only, False for rows without one.
    """
    found = [
        row
        for row in run.results
        if row.quantity.key == key
        and kind_of(row) == "computed"
        and (arms is None or (row.subject.arm is not None) == arms)
    ]
    return sorted(found, key=lambda row: (region_order(row.subject.region), row.id))


def first_regions(run: Run) -> frozenset[str | None]:
    """Regions to show first: those with a curve, the red marrow, and what is of no region."""
    curves = {
        r.subject.region
        for r in run.results
        if r.stage == "kinetics" and r.quantity.key.startswith(INTEGRAL)
    }
    return (
        frozenset({*curves, "red_marrow", None})
        if curves
        else frozenset(r.subject.region for r in run.results)
    )


def beside(run: Run) -> dict[str, tuple[ResultRow, ...]]:
    """Measured and published rows by the id of the computed row that they compare with."""
    out: dict[str, tuple[ResultRow, ...]] = {}
    for row in run.results:
        if kind_of(row) == "given":
            for other in row.compare_with:
                out[other] = (*out.get(other, ()), row)
    return out


def predictions_of(run: Run, row: ResultRow) -> list[ResultRow]:
    """Rows of the same number from draws that never saw the figures that `row` was fitted to."""
    return [
        other
        for other in run.results
        if other.origin == "predicted"
        and other.id != row.id
        and (other.stage, other.quantity, other.subject.region, other.subject.time_h)
        == (row.stage, row.quantity, row.subject.region, row.subject.time_h)
    ]


def agrees(computed: ResultRow, given: ResultRow) -> bool | None:
    """Say whether a given value lies inside the computed limits; None if it cannot be said.

    Sv and Gy count as one unit here: a row compares across them only where the radiation
    weighting factors are 1, which its source line says.
    """
    low, high, value = computed.summary["low"], computed.summary["high"], given.summary["value"]
    units = {row.quantity.unit.replace("Sv", "Gy") for row in (computed, given)}
    if low is None or high is None or value is None or len(units) > 1:
        return None
    return low <= value <= high


def highest_arm(rows: Sequence[ResultRow], region: str | None) -> ResultRow | None:
    """Find the row of a region with the largest value."""
    here = [row for row in rows if row.subject.region == region]
    return max(here, key=lambda row: row.summary["value"] or 0.0, default=None)


def strongest(run: Run, assumption: str) -> tuple[float, ResultRow] | None:
    """Find the result whose variance an assumed input drives most, with that share.

    Results of the last stage count first: they are what a study is made for.
    """
    found = [
        (row.stage == run.stages[-1], driver.share, row)
        for row in run.results
        if row.subject.arm is None
        for driver in row.drivers
        if driver.input == assumption
    ]
    if not found:
        return None
    _, share, row = max(found, key=lambda entry: entry[:2])
    return share, row
