"""The measured values of a report as a table, in the unit of their figure."""

from __future__ import annotations

import math

from pdcraft.core.quantity import quantity
from pdcraft.report.curves import axis_unit
from pdcraft.report.tables import Column, Group, Table
from pdcraft.report.words import given_number, region_words
from pdcraft.study.result import StudyResult

__all__ = ["measured_table"]


def measured_table(result: StudyResult) -> Table | None:
    """List every measured point as the fit saw it; None if the study measured nothing.

    Numbers keep six significant digits, an unknown error is an empty cell.
    """
    points = result.points
    if not points:
        return None
    rows: list[tuple[str, ...]] = []
    units = [axis_unit(quantity(p.quantity)) for p in points]
    for p, (scale, unit) in zip(points, units, strict=True):
        for time, value, error in zip(p.times_h, p.values, p.errors, strict=True):
            known = math.isfinite(error)
            rows.append(
                (
                    region_words(p.region),
                    unit,
                    given_number(float(time)),
                    given_number(float(f"{scale * value:.6g}")),
                    given_number(float(f"{scale * error:.6g}")) if known else "",
                )
            )
    kinds = " or ".join(dict.fromkeys(p.error_kind or "error" for p in points))
    return Table(
        "table-measured",
        "Measured values",
        "As the fit saw them, in the unit of the figure.",
        (Group("", 3), Group("measured", 2, "given")),
        (
            Column("region"),
            Column("unit"),
            Column("time, h", "number"),
            Column("value", "number"),
            Column(kinds, "number"),
        ),
        tuple(rows),
    )
