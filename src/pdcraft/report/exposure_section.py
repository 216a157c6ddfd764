"""What the report shows of free drug: concentrations, comparisons, effect and the design map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pdcraft.core.run import ResultRow, Run, Series
from pdcraft.report.exposure_figures import course_figure, map_figure, released_figure
from pdcraft.report.panels import Panel, drawn, marked
from pdcraft.report.style import Looks, line_looks
from pdcraft.report.tables import Column, Group, Table, filled, origins_of
from pdcraft.report.words import region_words, row_value, unit_words

__all__ = ["exposure_section", "exposure_sentences", "key_exposures"]

STAGE = "exposure"
PLACES = ("plasma", "lesion", "red_marrow")
KINDS = (("unbound_drug", "unbound drug"), ("conjugate_concentration", "payload on its carrier"))
AREAS = (
    ("unbound_drug_integral", "unbound drug"),
    ("total_drug_integral", "drug, bound and unbound"),
    ("conjugate_integral", "payload on its carrier"),
)
LARGEST = (
    ("largest_unbound_drug", "unbound drug"),
    ("largest_total_drug", "drug, bound and unbound"),
    ("largest_conjugate", "payload on its carrier"),
)
ENDS = ("value", "low", "high")
RELEASED = ("plasma", "remainder", "lesion", "excreta")


def exposure_section(run: Run) -> dict[str, Any] | None:
    """Make the context of the section; None for a run without that stage."""
    if STAGE not in run.stages:
        return None
    rows = [r for r in run.results if r.stage == STAGE]
    level = f"{100 * run.interval:g}%"
    arms = list(dict.fromkeys(s.subject.arm or "-" for s in run.series if s.stage == STAGE))
    shown = [a for a in arms if "equitoxic" not in a]
    looks = line_looks(shown)
    mapped = [r for r in rows if (r.subject.arm or "").startswith("map: ")]
    return {
        "level": level,
        "arms": list(looks.items()),
        "banded": shown[0],
        "courses": drawn(_panels(run, shown, looks), "fig-exposure"),
        "released": _released(rows, shown[0]),
        "areas": _by_arm(rows, arms, AREAS, "table-auc", "AUC, µmol·h/L", level),
        "largest": _by_arm(
            rows, arms, LARGEST, "table-cmax", "Largest concentration, µmol/L", level
        ),
        "effects": _effects(rows, level),
        "index": _index(rows, level),
        "delivery": _delivery(rows, level),
        "map": marked(map_figure(mapped), "fig-design-map") if mapped else None,
        "linker": next((a.value for a in run.assumptions if a.id == "exposure.linker"), ""),
        "goal": "the tumor's goal in mice and the stated leukocyte nadir in patients",
    }


def key_exposures(run: Run) -> list[ResultRow]:
    """Rows worth a headline: free drug in tumor, its effect, the index over plain drug's."""
    rows = [r for r in run.results if r.stage == STAGE and r.origin != "published"]
    wanted = (
        ("delivery_ratio", None, "tumor:free drug, AUC"),
        ("relative_tumor_mass", "conjugate", None),
        ("blood_count_nadir", "conjugate", None),
        ("relative_index", "conjugate", None),
    )
    out: list[ResultRow] = []
    for key, arm, region in wanted:
        out += [
            r
            for r in rows
            if r.quantity.key == key
            and (arm is None or (r.subject.arm or "").endswith(arm))
            and region in (None, r.subject.region)
        ][:1]
    return out


def exposure_sentences(run: Run) -> list[str]:
    """Say the key numbers of free drug in plain language, and what they are worth."""
    if STAGE not in run.stages:
        return []
    said = {
        "delivery_ratio": "At the same amount of drug, free drug in a mouse's tumor would be {} "
        "times that of the plain drug",
        "relative_tumor_mass": "The tumor would be {} of the control's mass",
        "blood_count_nadir": "Leukocytes would fall to {} · 10⁹/L",
        "relative_index": "The therapeutic index would be {} times that of the plain drug",
    }
    out = [
        "These are numbers for an assumed linker, a map over assumptions and no prediction of this "
        "compound: its release rate, plasma stability, potency and structure are not published."
    ]
    for row in key_exposures(run):
        limits = f"{row_value(row, 'low')} to {row_value(row, 'high')}"
        out.append(f"{said[row.quantity.key].format(row_value(row))} ({limits}).")
    return out


def _place(region: str | None) -> str:
    return (region or "").partition(":")[0]


def _panels(run: Run, arms: Sequence[str], looks: Looks) -> list[Panel]:
    out: list[Panel] = []
    for key, words in KINDS:
        for place in PLACES:
            mine: list[Series] = [
                s
                for arm in arms
                for s in run.series
                if s.stage == STAGE
                and s.quantity.key == key
                and _place(s.subject.region) == place
                and s.subject.arm == arm
            ]
            if mine:
                title = f"{words}, {region_words(mine[0].subject.region)}"
                out.append(Panel(title, unit_words(mine[0].quantity), course_figure(mine, looks)))
    return out


def _released(rows: Sequence[ResultRow], arm: str) -> Any:
    mine = {
        _place(r.subject.region): r
        for r in rows
        if r.quantity.key == "released_share" and r.subject.arm == arm
    }
    names = {
        "plasma": "plasma",
        "remainder": "normal tissue",
        "lesion": "tumor",
        "excreta": "never: leaves on its carrier",
    }
    found = [key for key in RELEASED if key in mine]
    if not found:
        return None
    figure = released_figure([mine[k] for k in found], [names[k] for k in found])
    return marked(figure, "fig-released")


def _by_arm(
    rows: Sequence[ResultRow],
    arms: Sequence[str],
    kinds: Sequence[tuple[str, str]],
    name: str,
    title: str,
    level: str,
) -> Table:
    """One line for each arm and place, three numbers for each kind."""
    found = {(r.quantity.key, _place(r.subject.region), r.subject.arm or "-"): r for r in rows}
    lines: list[tuple[str, ...]] = []
    for place in PLACES:
        for arm in arms:
            cells = [place.replace("_", " ").replace("lesion", "tumor"), arm]
            for key, _ in kinds:
                cells += _cells(found.get((key, place, arm)))
            if any(cells[2:]):
                lines.append(tuple(cells))
    groups = (Group("", 2), *(Group(words, 3, "computed") for _, words in kinds))
    columns = (
        Column("place"),
        Column("arm"),
        *(Column(end, "number") for _ in kinds for end in ENDS),
    )
    note = f"Mean with {level} limits. Payload on its carrier counts as the drug that it is."
    keys = {key for key, _ in kinds}
    origins = origins_of(row for (key, *_), row in found.items() if key in keys)
    return Table(name, title, note, groups, columns, tuple(lines), origins=origins)


def _cells(row: ResultRow | None) -> list[str]:
    return ["", "", ""] if row is None else [row_value(row, end) or "" for end in ENDS]


def _lines(
    rows: Sequence[ResultRow], keys: Sequence[str], name: str, title: str, note: str
) -> Table | None:
    mine = [r for key in keys for r in rows if r.quantity.key == key]
    mine = [r for r in mine if not (r.subject.arm or "").startswith("map: ")]
    if not mine:
        return None
    body = [
        (
            r.quantity.name,
            unit_words(r.quantity),
            r.subject.arm or "",
            region_words((r.subject.region or "").removeprefix("tumor:")),
        )
        for r in mine
    ]
    lead, words = filled([Column(head) for head in ("quantity", "unit", "arm", "of")], body)
    columns = (*lead, *(Column(end, "number") for end in ENDS))
    lines = tuple((*cells, *_cells(r)) for cells, r in zip(words, mine, strict=True))
    groups = (Group("", len(lead)), Group("", len(ENDS), "computed"))
    return Table(name, title, note, groups, columns, lines, origins=origins_of(mine))


def _effects(rows: Sequence[ResultRow], level: str) -> Table | None:
    keys = ("relative_tumor_mass", "blood_count_nadir", "tumor_to_plasma")
    note = f"Mean with {level} limits."
    return _lines(rows, keys, "table-drug-effects", "Effect by arm", note)


def _index(rows: Sequence[ResultRow], level: str) -> Table | None:
    mine = [r for r in rows if ":" in (r.subject.arm or "") or "index" in r.quantity.key]
    keys = ("therapeutic_index", "relative_index", "drug_amount")
    note = (
        f"Mean with {level} limits. The index is the amount of drug that the marrow of man bears "
        "over the amount that gives his tumor the unbound exposure at which the mouse's reaches "
        "its goal."
    )
    return _lines(mine, keys, "table-index", "Therapeutic index", note)


def _delivery(rows: Sequence[ResultRow], level: str) -> Table | None:
    mine = [r for r in rows if r.quantity.key == "delivery_ratio"]
    if not mine:
        return None
    lines = [((r.subject.region or "").removeprefix("tumor:"), r.origin, *_cells(r)) for r in mine]
    columns = (Column("read as"), Column("origin", "origin"))
    ends = tuple(Column(end, "number") for end in ENDS)
    note = (
        f"Tumor drug over that of plain drug at the same amount, in mice: mean with {level} "
        "limits. The printed range, 20 to 30, is of CLR 1603 in one xenograft; when it was "
        "measured, at which dose, and whether total or free drug, is not told."
    )
    return Table(
        "table-delivery",
        "The one published figure, read in every way",
        note,
        (Group("", 2), Group("", 3, "computed")),
        (*columns, *ends),
        tuple(lines),
    )
