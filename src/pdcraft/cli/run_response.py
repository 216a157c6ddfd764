"""The response of a study as ``pdcraft run`` shows it: numbers by line, arms side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.cli.common import table

if TYPE_CHECKING:
    from rich.table import Table

    from pdcraft.core.run import ResultRow
    from pdcraft.study.result import StudyResult

__all__ = ["response_table"]

MOST_WITH_LIMITS = 2  # arms side by side; of more only the means fit
SHOWN = {
    "blood_count_nadir": ": lowest, 10^9/L",
    "nadir_day": ": day of it",
    "grade_4_probability": ": p(grade 4)",
    "biologically_effective_dose": ": BED, Gy",
    "tumor_control_probability": ": p(control)",
    "response_probability": ": p",
}


def response_table(result: StudyResult) -> Table:
    """Make the table of means by arm, with limits where they fit; the report has all."""
    from pdcraft.report.tables import arm_order
    from pdcraft.report.words import region_words

    rows = [
        r
        for r in result.run.results
        if r.stage == "response" and r.origin != "published" and r.quantity.key in SHOWN
    ]
    arms = sorted({r.subject.arm for r in rows}, key=arm_order)
    found = {(r.quantity.key, r.subject.region, r.subject.arm): r for r in rows}
    limits = len(arms) <= MOST_WITH_LIMITS
    lines: list[list[str]] = []
    for key, words in SHOWN.items():
        for region in dict.fromkeys(r.subject.region for r in rows if r.quantity.key == key):
            cells = [_cell(found.get((key, region, arm)), limits=limits) for arm in arms]
            lines.append([f"{region_words(region)}{words}", *cells])
    title = "Response by arm (mean" + (", 95 % limits of what is not known)" if limits else ")")
    out = table(title, ("of", *(arm or "value" for arm in arms)), lines)
    out.columns[0].no_wrap = True
    return out


def _cell(row: ResultRow | None, *, limits: bool) -> str:
    if row is None:
        return ""
    value, low, high = (row.summary[key] or 0.0 for key in ("value", "low", "high"))
    return f"{value:.3g}" + (f" ({low:.3g} to {high:.3g})" if limits else "")
