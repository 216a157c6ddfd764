"""What the report shows of optics: contrast over time by arm, and the cells in a dish."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.cards import Card, row_card
from pdcraft.report.panels import Panel, drawn
from pdcraft.report.style import Looks, add_band, line_looks, short, styled
from pdcraft.report.tables import Column, Group, Table, origins_of
from pdcraft.report.words import row_value

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["optics_cards", "optics_section", "optics_sentences"]

STAGE = "optics"
PANELS = (
    ("target_to_background", "target over background", "ratio"),
    ("contrast_to_noise", "contrast to noise", "ratio"),
    ("cell_uptake", "uptake by cells", "pmol/1e6 cells"),
)
CELLS = {"ratio": "uptake by cells"}
BEST = "imaging_time"
ENDS = ("low", "high", "value")


def optics_section(run: Run, pictures: Mapping[str, bytes] | None = None) -> dict[str, Any] | None:
    """Make the context of the section; None for a run without that stage."""
    if STAGE not in run.stages:
        return None
    from markupsafe import Markup

    rows = [r for r in run.results if r.stage == STAGE]
    names = dict.fromkeys(_name(r) for r in rows if r.quantity.key in {k for k, *_ in PANELS})
    looks = line_looks(names)
    panels: list[Panel] = []
    for kind, title, unit in PANELS:
        mine = [r for r in rows if r.quantity.key == kind]
        for dose in dict.fromkeys(_dose(r) for r in mine):
            at = f" at {dose}" if dose else ""
            figure = _figure([r for r in mine if _dose(r) == dose], looks)
            panels.append(Panel(title + at, unit, figure))
    return {
        "looks": list(looks.items()),
        "panels": drawn(panels, "fig-optics"),
        "caption": Markup(_caption(rows, f"{100 * run.interval:g}%")),  # words of this file
        "pictures": [
            (name, f"data:image/png;base64,{b64encode(data).decode('ascii')}")
            for name, data in (pictures or {}).items()
        ],
        "table": _table(rows, f"{100 * run.interval:g}%"),
    }


def optics_sentences(run: Run) -> list[str]:
    """Say when to look, and what is seen then."""
    out: list[str] = []
    for best in (r for r in run.results if r.stage == STAGE and r.quantity.key == BEST):
        arm = f" ({best.subject.arm})" if best.subject.arm else ""
        low, high = row_value(best, "low"), row_value(best, "high")
        when = (
            f"{low} h in at least {100 * run.interval:g}% of the draws"
            if low == high
            else f"{row_value(best)} h ({low} to {high})"
        )
        out.append(f"Best of the computed times to image{arm}: {when}, by detectability.")
    for row, words in _seen(run):
        limits = f"{row_value(row, 'low')} to {row_value(row, 'high')}"
        out.append(f"{words[0].upper()}{words[1:]}: {row_value(row)} ({limits}).")
    return out


def optics_cards(run: Run) -> list[Card]:
    """Make cards of what is seen at the best time, or of cells after the longest time."""
    return [row_card(run, row, words) for row, words in _seen(run)]


def _seen(run: Run) -> list[tuple[ResultRow, str]]:
    """Rows worth a headline and what they are."""
    rows = [r for r in run.results if r.stage == STAGE]
    best = next((r.summary["value"] for r in rows if r.quantity.key == BEST), None)
    names = dict((key, title) for key, title, _ in PANELS) | CELLS
    cells = [r for r in rows if r.quantity.key == "cell_uptake"]
    doses = list(dict.fromkeys(_dose(r) for r in cells))
    out: list[tuple[ResultRow, str]] = []
    for key, title in names.items():
        mine = [r for r in rows if r.quantity.key == key]
        if cells:  # in the middle of the concentrations, where nothing is disrupted
            mine = [r for r in mine if (r.subject.arm or "") in _arms(doses[len(doses) // 2], key)]
        if mine:
            times = [r.subject.time_h or 0.0 for r in mine]
            at = max(times) if best is None else min(times, key=lambda t: abs(t - best))
            row = next(r for r in mine if (r.subject.time_h or 0.0) == at)
            arm = f", {row.subject.arm}" if row.subject.arm else ""
            out.append((row, f"{title}, {row.subject.region}{arm}, {at:g} h"))
    return out


def _arms(dose: str, key: str) -> tuple[str, ...]:
    """Arms of cells at a concentration as the study names them."""
    return (f"{dose}: over normal cells",) if key == "ratio" else (dose,)


def _caption(rows: Sequence[ResultRow], level: str) -> str:
    lines = f"Lines: mean over draws. Bands: {level} limits of what is not known of "
    if any(r.quantity.key == "cell_uptake" for r in rows):
        return (
            "<b>What cells in a dish take up over time.</b> A panel for each concentration in the "
            f"medium, each on its own scale. {lines}kinetics, cells and binding in the medium."
        )
    return (
        f"<b>What is seen of the dye over time.</b> {lines}kinetics, dye and autofluorescence. "
        "Ratios are of electrons on the sensor, dark subtracted, between the regions that the "
        "scene names; below 1, and below 0 of noise, the target is the darker one."
    )


def _dose(row: ResultRow) -> str:
    """Concentration in the dish, which begins the arm of cells; empty for images."""
    cells = row.quantity.key == "cell_uptake"
    return (row.subject.arm or "").partition(", ")[0] if cells else ""


def _name(row: ResultRow) -> str:
    """Name of a curve: its region and arm, without the dose that its panel names."""
    arm = (row.subject.arm or "").removeprefix(_dose(row)).removeprefix(", ")
    return f"{row.subject.region}, {arm}" if arm else f"{row.subject.region}"


def _figure(rows: Sequence[ResultRow], looks: Looks) -> Figure:
    from plotly import graph_objects as go

    figure = go.Figure()
    for name in dict.fromkeys(_name(r) for r in rows):
        mine = sorted(
            (r for r in rows if _name(r) == name), key=lambda r: float(r.subject.time_h or 0.0)
        )
        x = [float(r.subject.time_h or 0.0) for r in mine]
        low, high, middle = ([r.summary[e] or 0.0 for r in mine] for e in ENDS)
        add_band(figure, x, low, high, looks[name]["color"])
        figure.add_scatter(
            x=x, y=short(middle), mode="lines+markers", line=looks[name],
            hovertemplate=f"{escape(name)}, %{{x:g}} h: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=300, legend=False)
    figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 48})
    figure.update_xaxes(title={"text": "time, h"}, rangemode="tozero")
    figure.update_yaxes(rangemode="tozero")
    return figure


def _table(rows: Sequence[ResultRow], level: str) -> Table | None:
    """Make a table of contrasts by time."""
    mine = [r for r in rows if r.quantity.key == "target_to_background"]
    if not mine:
        return None
    noise = {
        (r.subject.region, r.subject.arm, r.subject.time_h): r
        for r in rows
        if r.quantity.key == "contrast_to_noise"
    }
    body: list[tuple[str, ...]] = []
    for row in sorted(mine, key=lambda r: (_name(r), float(r.subject.time_h or 0.0))):
        other = noise.get((row.subject.region, row.subject.arm, row.subject.time_h))
        cells = [row_value(row, end) for end in ("value", "low", "high")]
        cells += ["" if other is None else row_value(other, e) for e in ("value", "low", "high")]
        time = "" if row.subject.time_h is None else f"{row.subject.time_h:g}"
        body.append((_name(row), time, *cells))
    heads = [Column(h, "number") for _ in range(2) for h in ("mean", f"{level} low", "high")]
    return Table(
        id="table-optics",
        title="Contrast by time",
        note="Electrons of all light, dark subtracted; the regions are those of the scene.",
        groups=(
            Group("", 2),
            Group("target over background", 3, "computed"),
            Group("contrast to noise", 3, "computed"),
        ),
        columns=(Column("regions of the image"), Column("h", "number"), *heads),
        rows=tuple(body),
        origins=origins_of([*mine, *noise.values()]),
    )
