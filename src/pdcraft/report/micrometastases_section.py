"""What the report shows of micrometastases: dose and control by size and payload, and settings."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.cards import Card, row_card
from pdcraft.report.panels import Panel, drawn
from pdcraft.report.style import Looks, add_band, line_looks, short, styled
from pdcraft.report.tables import Column, Group, Table, origins_of
from pdcraft.report.words import number, region_words, row_value

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["metastasis_cards", "metastasis_sentences", "micrometastases_section"]

STAGE = "micrometastases"
DOSE, CONTROL = "metastasis_dose", "tumor_control_probability"
ONE, ALL = "metastasis:", "metastases:"
LEAST = 1e-3  # of the largest value: what the logarithmic axis shows
SETTINGS = (
    ("controlled_share", "share of metastases controlled"),
    (CONTROL, "all controlled, probability"),
)


def micrometastases_section(run: Run) -> dict[str, Any] | None:
    """Make the context of the section; None for a run without that stage."""
    if STAGE not in run.stages:
        return None
    rows = [r for r in run.results if r.stage == STAGE]
    arms = list(dict.fromkeys(r.subject.arm or "-" for r in rows if r.quantity.key == DOSE))
    looks = line_looks(arms)
    panels = [
        Panel("dose of a metastasis's cells", "Gy", _figure(_by_size(rows, DOSE), looks, log=True)),
        Panel("control of one metastasis", "probability", _figure(_by_size(rows, CONTROL), looks)),
    ]
    given = {
        r.subject.arm: number(r.summary["value"])
        for r in rows
        if r.quantity.key == "activity_at_marrow_dose"
    }
    marrow = next(a.value for a in run.assumptions if a.id == f"{STAGE}.marrow")
    return {
        "arms": list(looks.items()),
        "marrow": marrow,
        "given": ", ".join(f"{arm} {value} MBq" for arm, value in given.items()),
        "panels": drawn(panels, "fig-metastases"),
        "level": f"{100 * run.interval:g}%",
        "settings": _settings(rows, arms, f"{100 * run.interval:g}%"),
    }


def _ratios(run: Run) -> list[tuple[ResultRow, ResultRow]]:
    """Ratios of doses in the smallest and the largest metastases, by pair of payloads."""
    rows = [r for r in run.results if r.stage == STAGE and r.quantity.key == "ratio"]
    out: list[tuple[ResultRow, ResultRow]] = []
    for arm in dict.fromkeys(r.subject.arm for r in rows):
        mine = sorted((r for r in rows if r.subject.arm == arm), key=_radius_um)
        out.append((mine[0], mine[-1]))
    return out


def metastasis_cards(run: Run) -> list[Card]:
    """Make cards of how the first payload's dose compares, in the smallest and the largest."""
    return [
        row_card(
            run, row,
            f"{row.subject.arm}: dose of metastases of {_radius_um(row):g} µm, equal marrow dose",
        )
        for ends in _ratios(run)
        for row in ends
    ]  # fmt: skip


def metastasis_sentences(run: Run) -> list[str]:
    """Say how the first payload's dose compares in the smallest and the largest metastases."""
    out: list[str] = []
    for both in _ratios(run):
        first, other = (both[0].subject.arm or "").split(" over ")
        ends = [
            f"{row_value(r)} times ({row_value(r, 'low')} to {row_value(r, 'high')}) in one of "
            f"{_radius_um(r):g} µm radius"
            for r in both
        ]
        out.append(
            f"At equal marrow dose {first} gives the cells of a metastasis {' and '.join(ends)} "
            f"what {other} gives."
        )
    return out


def _by_size(rows: Sequence[ResultRow], kind: str) -> list[ResultRow]:
    mine = [r for r in rows if r.quantity.key == kind and (r.subject.region or "").startswith(ONE)]
    return sorted(mine, key=_radius_um)


def _radius_um(row: ResultRow) -> float:
    return float((row.subject.region or "").removeprefix(ONE).split(" ")[0])


def _figure(rows: Sequence[ResultRow], looks: Looks, *, log: bool = False) -> Figure:
    from plotly import graph_objects as go

    figure = go.Figure()
    top = max((r.summary["high"] or 0.0) for r in rows)
    for arm, look in looks.items():
        mine = [r for r in rows if (r.subject.arm or "-") == arm]
        x = [_radius_um(r) for r in mine]
        low, high, middle = (
            [max(r.summary[end] or 0.0, LEAST * top if log else 0.0) for r in mine]
            for end in ("low", "high", "value")
        )
        add_band(figure, x, low, high, look["color"])
        figure.add_scatter(
            x=x, y=short(middle), mode="lines+markers", line=look,
            hovertemplate=f"{escape(arm)}, %{{x:.3g}} µm: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=300, legend=False)
    figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 48})
    figure.update_xaxes(type="log", title={"text": "radius, µm"}, dtick=1)
    if log:
        figure.update_yaxes(type="log", tickformat="~g", dtick=1)
    else:
        figure.update_yaxes(rangemode="tozero")
    return figure


def _settings(rows: Sequence[ResultRow], arms: Sequence[str], level: str) -> Table | None:
    """Make a table of settings by payload."""
    mine = {
        (r.subject.region, r.subject.arm, r.quantity.key): r
        for r in rows
        if (r.subject.region or "").startswith(ALL)
    }
    regions = list(dict.fromkeys(region for region, arm, _ in mine if arm in arms))
    if not regions:
        return None
    ends = ("value", "low", "high")
    body: list[tuple[str, ...]] = []
    for region in regions:
        for arm in arms:
            cells = [
                row_value(mine[region, arm, kind], end) for kind, _ in SETTINGS for end in ends
            ]
            body.append((region_words(region), arm, *cells))
    heads = [Column(h, "number") for _ in SETTINGS for h in ("mean", f"{level} low", "high")]
    return Table(
        id="table-metastases",
        title="Metastases by setting and payload",
        note="Mean over draws and patients; few draws may carry it, so it can lie above the "
        "limits. Number and sizes are assumptions of the study.",
        groups=(Group("", 2), *(Group(words, 3, "computed") for _, words in SETTINGS)),
        columns=(Column("setting"), Column("payload"), *heads),
        rows=tuple(body),
        origins=origins_of(r for (region, *_), r in mine.items() if region in regions),
    )
