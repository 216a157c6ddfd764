"""Development and patent timeline of the catalogue as one figure.

Events are points with their words beside them, protection is a bar up to the published expiry; a
bar starts at the grant or filing if that is known, otherwise at the first report of the patent.
Sources and grades stand in the hover text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from pdcraft.data.catalogue import AgentRecord, Fact, Patent, agent_records, day_of, sources
from pdcraft.report.style import BLUE, FONT, GREEN, GRID, INK, MUTED, VERMILION

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["timeline"]

_EVENTS: dict[str | None, dict[str, str]] = {
    "radionuclide": {"color": VERMILION, "symbol": "circle"},
    "fluorophore": {"color": GREEN, "symbol": "diamond"},
    "drug": {"color": BLUE, "symbol": "square"},
    None: {"color": MUTED, "symbol": "circle"},
}
_BAR, _EDGE, _PENDING = "#56657f", "#6b778d", "#e6e9ef"
_HATCHED = {"shape": "/", "fgcolor": _EDGE, "bgcolor": _PENDING, "size": 9, "solidity": 0.3}
_BARS: dict[str, dict[str, Any]] = {
    "protection": {"color": _BAR, "line": {"color": _BAR, "width": 1}},
    "applied for": {"pattern": _HATCHED, "line": {"color": _EDGE, "width": 1}},
    "expired": {"color": "white", "line": {"color": _EDGE, "width": 1}},
}
_BAND = "#f5f6f8"
_FIRST = date(2012, 1, 1)
_LAST = date(2038, 1, 1)
_DAYS_A_LETTER = 60  # label width on the axis: 26 years over about 1000 pixels, 6 pixels a letter
_LANE_px, _BAR_LANES = 24, 0.7


@dataclass(frozen=True, slots=True)
class _Item:
    """Something in a lane: a point (start is end) or a bar, with its label and hover text.

    `kind` is the payload's of an event, and what a bar means.
    """

    start: date
    end: date
    label: str
    hover: str
    kind: str | None

    @property
    def reach(self) -> date:
        """Day up to which the lane is taken, label included."""
        room = timedelta(days=_DAYS_A_LETTER * len(self.label) + 150)
        return max(self.end, self.start + room)


def timeline(records: Sequence[AgentRecord] | None = None, at: date | None = None) -> Figure:
    """Build the timeline.

    Parameters
    ----------
    records : sequence of AgentRecord, optional
        Default: the whole catalogue. Agents with nothing since 2012 are named below the plot.
    at : datetime.date, optional
        Draw this day as a line and count the days of protection left from it.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    from plotly import graph_objects as go

    chosen = agent_records() if records is None else records
    packed = [(r.name, lanes) for r in chosen if (lanes := _packed(_items(r, at)))]
    left_out = [r.name for r in chosen if r.name not in {name for name, _ in packed}]
    figure = go.Figure()
    ticks: list[float] = []
    named: set[str | None] = {None}  # in the legend, each kind once
    top = 0
    for row, (_, lanes) in enumerate(packed):
        if row % 2 == 0:
            low = -top - len(lanes) + 0.5
            figure.add_hrect(low, -top + 0.5, fillcolor=_BAND, line_width=0, layer="below")
        for lane, items in enumerate(lanes):
            for item in items:
                _add(figure, item, -top - lane, said=item.kind in named)
                named.add(item.kind)
        ticks.append(-top - (len(lanes) - 1) / 2)
        top += len(lanes)
    _frame(figure, [name for name, _ in packed], ticks, top, at)
    words = "Dates as published; not legal advice. Hover for sources and grades."
    if left_out:
        words += f" Nothing since {_FIRST.year}: {', '.join(left_out)}."
    figure.add_annotation(
        text=words, x=0, y=0, xref="paper", yref="paper", yshift=-44, xanchor="left",
        showarrow=False, font={"size": 11, "color": MUTED},
    )  # fmt: skip
    return figure


def _items(record: AgentRecord, at: date | None) -> list[_Item]:
    out = [_bar(patent, at) for patent in record.patents if patent.expires]
    for event in record.events:
        if event.date and day_of(event.date) >= _FIRST:
            out.append(_point(record, event))
    return sorted(out, key=lambda item: item.start)


def _point(record: AgentRecord, event: Fact) -> _Item:
    day = day_of(event.date or "")
    hover = f"<b>{record.name}</b>, {event.date}<br>{event.text}<br>{_cite(event.sources)}"
    return _Item(day, day, event.text, hover, record.payload_kind)


def _bar(patent: Patent, at: date | None) -> _Item:
    assert patent.expires is not None
    reports = [day_of(text) for key in patent.sources if (text := sources()[key].date)]
    start = patent.granted or patent.filed or min(reports, default=_FIRST)
    left = patent.days_left(at) if at else None
    words = "" if left is None else f", {left:,} days left" if left > 0 else ", expired"
    number = patent.number.split(":")[0]
    pending = patent.status != "granted"
    hover = (
        f"<b>{patent.number}</b> ({patent.territory})<br>{patent.kind}: {patent.status}<br>"
        f"expires {patent.expires}{words}<br>{_cite(patent.sources)}"
    )
    kind = "applied for" if pending else "protection"
    kind = "expired" if left is not None and left <= 0 else kind
    label = f"{number}{', if issued,' if pending else ''} to {patent.expires}{words}"
    return _Item(start, patent.expires, label, hover, kind)


def _cite(keys: Sequence[str]) -> str:
    return "<br>".join(f"[{sources()[key].grade}] {sources()[key].text}" for key in keys)


def _packed(items: Sequence[_Item]) -> list[list[_Item]]:
    """Put items in lanes so that no label runs into the next item."""
    lanes: list[list[_Item]] = []
    for item in items:
        free = next((lane for lane in lanes if lane[-1].reach <= item.start), None)
        if free is None:
            lanes.append([item])
        else:
            free.append(item)
    return lanes


def _add(figure: Figure, item: _Item, height: float, *, said: bool) -> None:
    bar = item.end > item.start
    kinds = [*_EVENTS, *_BARS]
    look: dict[str, Any] = {
        "y": [height],
        "hovertemplate": f"{item.hover}<extra></extra>",
        "name": item.kind,
        "legendgroup": item.kind,
        "legendrank": kinds.index(item.kind),
        "showlegend": not said,
    }
    start = item.start.isoformat()
    if bar:
        lasts_ms = (item.end - item.start) // timedelta(milliseconds=1)
        figure.add_bar(
            x=[lasts_ms], base=[start], width=[_BAR_LANES], orientation="h",
            marker=_BARS[item.kind or ""], **look,
        )  # fmt: skip
    else:
        marker = {**_EVENTS[item.kind], "size": 11, "line": {"color": "white", "width": 1}}
        figure.add_scatter(x=[start], mode="markers", marker=marker, **look)
    late = not bar and item.reach > _LAST
    figure.add_annotation(
        x=start, y=height, text=item.label, showarrow=False, borderpad=0,
        bgcolor=_PENDING if item.kind == "applied for" else None,
        xanchor="right" if late else "left", xshift=-9 if late else 9,
        font={"size": 11, "color": "white" if item.kind == "protection" else INK},
    )  # fmt: skip


def _frame(
    figure: Figure, names: list[str], ticks: list[float], lanes: int, at: date | None
) -> None:
    figure.update_layout(
        barmode="overlay",
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "yref": "container",
            "itemclick": False,
            "itemdoubleclick": False,
        },
        template="plotly_white",
        font={"family": FONT, "size": 13, "color": INK},
        showlegend=True,
        height=140 + _LANE_px * lanes,
        margin={"l": 120, "r": 30, "t": 60, "b": 70},
        hoverlabel={"align": "left", "bgcolor": "white"},
    )
    figure.update_yaxes(
        tickvals=ticks, ticktext=names, range=[-lanes + 0.4, 0.6], showgrid=False, zeroline=False
    )
    span = [_FIRST.isoformat(), _LAST.isoformat()]
    figure.update_xaxes(type="date", dtick="M24", tickformat="%Y", gridcolor=GRID, range=span)
    if at:
        line = {"color": INK, "width": 1.2, "dash": "dot"}
        figure.add_vline(x=at.isoformat(), line=line, layer="below")
        figure.add_annotation(
            x=at.isoformat(), y=1.0, yref="paper", yanchor="bottom", text=at.isoformat(),
            showarrow=False, font={"size": 12},
        )  # fmt: skip
