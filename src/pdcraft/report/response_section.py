"""What the report shows of a study's response: counts, lesions, patients, with their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pdcraft.core.run import ResultRow, Run, Series
from pdcraft.report.figures import drivers
from pdcraft.report.panels import Panel, drawn, marked
from pdcraft.report.response_figures import count_figure, marker_figure, response_figure
from pdcraft.report.style import Looks, line_looks
from pdcraft.report.tables import Column, Group, Table, arm_order, origins_of
from pdcraft.report.words import region_words, row_value, unit_words
from pdcraft.response.ctcae import thresholds_1e9_per_L

__all__ = ["response_section"]

STAGE = "response"
COUNT, PATIENTS, MARKER = "blood_count", "blood_count_of_patients", "tumor_marker"
ANSWER, KEY_ANSWER = "response_probability", "response:PR or better"
DRIVEN = ("blood_count_nadir", "biologically_effective_dose", ANSWER)
NADIR_COLUMNS = (
    ("blood_count_nadir", "lowest count, 10⁹/L"),
    ("blood_count_nadir_of_patients", "of patients, 10⁹/L"),
    ("nadir_day", "its day"),
    ("recovery_days", "days to recovery"),
)
GRADE_COLUMNS = (
    ("grade_3_probability", "grade 3 or 4, share of patients"),
    ("grade_4_probability", "grade 4, share of patients"),
)
PRINTED = ("nadir_day", "recovery_days", "grade_3_probability", "grade_4_probability")
LESION_COLUMNS = (
    ("external_beam_dose", "external beam, Gy"),
    ("biologically_effective_dose", "BED, Gy"),
    ("equieffective_dose_2Gy", "EQD2, Gy"),
    ("tumor_control_probability", "control, probability"),
)


def response_section(run: Run) -> dict[str, Any] | None:
    """Make the context of the section; None for a run without that stage."""
    if STAGE not in run.stages:
        return None
    rows = [r for r in run.results if r.stage == STAGE]
    level = f"{100 * run.interval:g}%"
    out: dict[str, Any] = {"level": level, "lesions": _lesions(rows, level)}
    given = {r.subject.arm or "-" for r in rows if r.origin != "published"}
    looks = line_looks(sorted(given, key=arm_order))
    out |= _drivers(rows, list(looks)[-1])
    return out | _counts(run, rows, looks, level) | _patients(run, rows, looks)


def _drivers(rows: Sequence[ResultRow], arm: str) -> dict[str, Any]:
    """Draw what drives the main results of one arm; one of each region."""
    mine = [
        r
        for r in rows
        if r.quantity.key in DRIVEN
        and (r.subject.arm or "-") == arm
        and (r.quantity.key != ANSWER or r.subject.region == KEY_ANSWER)
    ]
    found = drivers(mine) if mine else None
    if found is None:
        return {"drivers": None}
    figure, legend = found
    html = marked(figure, "fig-response-drivers")
    return {"drivers": html, "driver_legend": legend, "driver_arm": "" if arm == "-" else arm}


def _of(run: Run, key: str) -> list[Series]:
    return [s for s in run.series if s.stage == STAGE and s.quantity.key == key]


def _arm_keys(looks: Looks) -> list[tuple[str, Mapping[str, Any]]]:
    return [(arm, look) for arm, look in looks.items() if arm != "-"]


def _counts(run: Run, rows: Sequence[ResultRow], looks: Looks, level: str) -> dict[str, Any]:
    typical = _of(run, COUNT)
    if not typical:
        return {"counts": []}
    banded = list(looks)[-1]
    version = next(a.value for a in run.assumptions if a.id == "response.ctcae")
    panels: list[Panel] = []
    for lineage in dict.fromkeys(s.subject.region or "-" for s in typical):
        mine = [s for s in typical if s.subject.region == lineage]
        mine.sort(key=lambda s: arm_order(s.subject.arm))
        between = next(
            (
                s
                for s in _of(run, PATIENTS)
                if (s.subject.region, s.subject.arm or "-") == (lineage, banded)
            ),
            None,
        )
        limits = thresholds_1e9_per_L(lineage, version)
        figure = count_figure(mine, between, looks, banded, limits)
        panels.append(Panel(lineage, unit_words(mine[0].quantity), figure))
    return {
        "counts": drawn(panels, "fig-counts"),
        "nadirs": _nadirs(rows, list(looks), level),
        "grades": _grades(rows, list(looks), version),
        "published_counts": _published(rows),
        "arms": _arm_keys(looks),
        "banded": "the study" if banded == "-" else f"the arm {banded}",
        "ctcae": version,
    }


def _nadirs(rows: Sequence[ResultRow], arms: Sequence[str], level: str) -> Table:
    return _table(
        rows,
        arms,
        NADIR_COLUMNS,
        "table-nadirs",
        "Lowest counts and recovery",
        f"Mean with {level} limits. The typical patient's: limits of what is not known. Of "
        "patients: limits between the patients of a typical draw.",
        "cells",
    )


def _grades(rows: Sequence[ResultRow], arms: Sequence[str], version: str) -> Table:
    return _table(
        rows,
        arms,
        GRADE_COLUMNS,
        "table-grades",
        f"Patients with low counts, by grades of CTCAE {version}",
        "Share of the patients whose lowest count has the grade; limits of what is not known.",
        "cells",
    )


def _published(rows: Sequence[ResultRow]) -> Table | None:
    """Return printed days and grades of the agent's trials, a line each; None without any."""
    mine = [r for r in rows if r.origin == "published" and r.quantity.key in PRINTED]
    if not mine:
        return None
    lines = [
        (
            region_words(r.subject.region),
            f"{r.quantity.name}"
            + (f", {unit_words(r.quantity)}" if unit_words(r.quantity) else ""),
            row_value(r),
            r.flags[-2],
            "; ".join((*r.flags[:-2], r.flags[-1])),
        )
        for r in sorted(mine, key=lambda r: (r.quantity.key, r.id))
    ]
    columns = (
        Column("cells"),
        Column("quantity"),
        Column("value", "number"),
        Column("marrow model"),
        Column("of", "note"),
    )
    return Table(
        "table-published-counts",
        "Published of this agent's trials",
        "Sampled now and then, with other patients and activities: see each line.",
        (Group("", 2), Group("published", 1, "given"), Group("", 2)),
        columns,
        tuple(lines),
    )


def _lesions(rows: Sequence[ResultRow], level: str) -> Table | None:
    mine = [r for r in rows if (r.subject.region or "").startswith("lesion:")]
    if not mine:
        return None
    arms = sorted({r.subject.arm or "-" for r in mine}, key=arm_order)
    held = {r.quantity.key for r in mine}
    columns = [c for c in LESION_COLUMNS if c[0] in held]
    return _table(
        mine,
        arms,
        columns,
        "table-lesions",
        "Lesions: effective doses and control",
        f"Mean with {level} limits. BED and EQD2 belong to the typical patient's α/β; control is "
        "the mean over patients who differ in α.",
        "lesion",
    )


def _table(
    rows: Sequence[ResultRow],
    arms: Sequence[str],
    columns: Sequence[tuple[str, str]],
    name: str,
    title: str,
    note: str,
    what: str,
) -> Table:
    """One line for each region and arm, three numbers for each kind."""
    keys = [key for key, _ in columns]
    found = {(r.quantity.key, r.subject.region, r.subject.arm or "-"): r for r in rows}
    regions = list(dict.fromkeys(r.subject.region for r in rows if r.quantity.key in keys))
    with_arm = list(arms) != ["-"]
    lines: list[tuple[str, ...]] = []
    for region in regions:
        for arm in arms:
            cells = [region_words(region), *([arm] if with_arm else [])]
            for key in keys:
                row = found.get((key, region, arm))
                ends = ("value", "low", "high")
                cells += ["", "", ""] if row is None else [_cell(row, end) for end in ends]
            lines.append(tuple(cells))
    lead = [Column(what), *([Column("arm")] if with_arm else [])]
    groups = [Group("", len(lead)), *(Group(words, 3, "computed") for _, words in columns)]
    numbers = [Column(end, "number") for _ in columns for end in ("value", "low", "high")]
    shown = [row for (key, *_), row in found.items() if key in keys]
    return Table(
        name, title, note, tuple(groups), (*lead, *numbers), tuple(lines),
        origins=origins_of(r for r in shown if r.origin != "published"),
    )  # fmt: skip


def _cell(row: ResultRow, end: str) -> str:
    value = row.summary[end]
    if row.quantity.unit == "1":  # a share: two digits say all that it is worth
        return "" if value is None else f"{value:.2f}"
    return row_value(row, end) or ("" if value is None else f"{value:.3g}")


def _patients(run: Run, rows: Sequence[ResultRow], looks: Looks) -> dict[str, Any]:
    answers = [r for r in rows if r.quantity.key == ANSWER]
    computed = [r for r in answers if r.origin != "published"]
    if not computed:
        return {"patients": []}
    published = [r for r in answers if r.origin == "published"]
    seen = {r.subject.arm or "-" for r in computed}
    looks = {arm: look for arm, look in looks.items() if arm in seen}
    courses = sorted(_of(run, MARKER), key=lambda s: arm_order(s.subject.arm))
    banded = list(looks)[-1]
    marker = courses[0].subject.region or "marker"
    panels = [
        Panel("best response", "at least as good", response_figure(computed, published, looks)),
        Panel(marker, "relative to baseline", marker_figure(courses, looks, banded)),
    ]
    return {
        "patients": drawn(panels, "fig-response"),
        "response_arms": _arm_keys(looks),
        "published": bool(published),
        "marker": marker,
        "marker_banded": "the study" if banded == "-" else f"the arm {banded}",
    }
