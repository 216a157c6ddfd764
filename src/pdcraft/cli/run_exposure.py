"""Free drug of a study as ``pdcraft run`` shows it: what a reader looks for, arms as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.cli.common import table

if TYPE_CHECKING:
    from rich.table import Table

    from pdcraft.core.run import ResultRow
    from pdcraft.study.result import StudyResult

__all__ = ["exposure_table", "index_table"]

STAGE = "exposure"
COLUMNS = (
    ("unbound_drug_integral", "plasma", "free in plasma"),
    ("unbound_drug_integral", "lesion", "free in tumor"),
    ("unbound_drug_integral", "red_marrow", "free in marrow"),
    ("relative_tumor_mass", "lesion", "T/C"),
    ("blood_count_nadir", "leukocytes", "nadir, 10^9/L"),
)
INDICES = ("therapeutic_index", "relative_index")


def exposure_table(result: StudyResult) -> Table:
    """Make the table of AUCs of free drug by arm, and of what it does."""
    rows = [r for r in result.run.results if r.stage == STAGE and r.origin != "published"]
    found = {(r.quantity.key, _place(r), r.subject.arm): r for r in rows}
    arms = list(dict.fromkeys(r.subject.arm for r in rows if r.quantity.key == COLUMNS[0][0]))
    shown = [c for c in COLUMNS if any((c[0], c[1], arm) in found for arm in arms)]
    lines = [[arm or "-", *(_cell(found.get((key, place, arm))) for key, place, _ in shown)]
             for arm in arms]  # fmt: skip
    title = "Free drug, AUC in µmol·h/L, and its effect (mean, 95 % limits)"
    out = table(title, ("arm", *(words for *_, words in shown)), lines)
    out.columns[0].no_wrap = True
    return out


def index_table(result: StudyResult) -> Table | None:
    """Make the table of the therapeutic index, and of the corners of its map; None without."""
    rows = [r for r in result.run.results if r.quantity.key in INDICES]
    mapped = [r for r in rows if (r.subject.arm or "").startswith("map: ")]
    own = [r for r in rows if r not in mapped]
    if not own:
        return None
    ordered = sorted(mapped, key=lambda r: r.summary["value"] or 0.0)
    ends = [ordered[0], ordered[-1]] if len(ordered) > 1 else ordered
    lines = [[r.quantity.name, r.subject.arm or "-", _cell(r)] for r in (*own, *ends)]
    title = "Therapeutic index, and the lowest and highest of its map (mean, 95 % limits)"
    return table(title, ("quantity", "of", "value"), lines)


def _place(row: ResultRow) -> str:
    return (row.subject.region or "").partition(":")[0]


def _cell(row: ResultRow | None) -> str:
    if row is None:
        return ""
    value, low, high = (row.summary[key] or 0.0 for key in ("value", "low", "high"))
    return f"{value:.3g} ({low:.2g} to {high:.2g})"
