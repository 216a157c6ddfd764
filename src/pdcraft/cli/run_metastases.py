"""What ``pdcraft run`` shows of micrometastases: dose by size and payload, control by setting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.cli.common import table

if TYPE_CHECKING:
    from rich.table import Table

    from pdcraft.core.run import ResultRow
    from pdcraft.study.result import StudyResult

__all__ = ["metastases_table"]

KINDS = {
    "metastasis_dose": "dose, Gy",
    "controlled_share": "share controlled",
    "tumor_control_probability": "p(all controlled)",
}
SMALLEST = 1e-6  # probability that is shown


def metastases_table(result: StudyResult) -> Table:
    """Table with a row for each size and setting, a column for each payload."""
    from pdcraft.report.words import region_words

    rows = [
        r
        for r in result.run.results
        if r.stage == "micrometastases"
        and r.quantity.key in KINDS
        and not (
            r.quantity.key == "tumor_control_probability"
            and (r.subject.region or "").startswith("metastasis:")
        )
    ]
    found = {(r.quantity.key, r.subject.region, r.subject.arm): r for r in rows}
    arms = list(dict.fromkeys(r.subject.arm for r in rows))
    marrow = next(a.value for a in result.run.assumptions if a.id == "micrometastases.marrow")
    cells: list[list[str]] = []
    for kind in KINDS:
        for region in dict.fromkeys(r.subject.region for r in rows if r.quantity.key == kind):
            line = f"{region_words(region)}: {KINDS[kind]}"
            cells.append([line, *(_cell(found[kind, region, arm]) for arm in arms)])
    title = f"Micrometastases at {marrow} to the marrow: mean (95 % interval)"
    return table(title, ["", *(arm or "" for arm in arms)], cells)


def _cell(row: ResultRow) -> str:
    value, low, high = (row.summary[end] or 0.0 for end in ("value", "low", "high"))
    if row.quantity.unit == "1" and high < SMALLEST and value < SMALLEST:
        return f"below {SMALLEST:g}"
    return f"{value:.2g} ({low:.2g} to {high:.2g})"
