"""Figures of a sweep: the map of payloads by tumor size, marrow doses and contrasts."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.run import ResultRow
from pdcraft.report.style import INK, MARKS, MUTED, PALETTE, add_band, dash, short, styled

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["by_arm", "choice_map", "size_curves", "size_um"]

ROW_px, AXIS_px = 23, 96
SCALE = [[0.0, "#f4f6f9"], [0.25, "#c6dcec"], [0.5, "#7fb3d8"], [0.75, "#2f86bf"], [1.0, "#00436b"]]
LEAST = 1e-4  # of the largest value: what a logarithmic axis shows
SHADED = 2  # first arms with a band; more would cover each other


def size_um(row: ResultRow) -> float:
    """Radius of the tumor that a row is of."""
    return float((row.subject.region or "").split(":")[1].split(" ")[0])


def by_arm(rows: Sequence[ResultRow], kind: str) -> dict[str, list[ResultRow]]:
    """Rows of a quantity that have a size, by arm and in order of size."""
    out: dict[str, list[ResultRow]] = {}
    for row in rows:
        if row.quantity.key == kind and row.subject.region is not None:
            out.setdefault(row.subject.arm or "-", []).append(row)
    return {arm: sorted(found, key=size_um) for arm, found in out.items()}


def choice_map(shares: dict[str, list[ResultRow]]) -> Figure:
    """Draw a row for each payload and condition, shaded by the share of draws it serves a size."""
    from plotly import graph_objects as go

    arms = list(shares)
    sizes = [size_um(row) for row in shares[arms[0]]]
    z = [[round(row.summary["value"] or 0.0, 4) for row in shares[arm]] for arm in arms]
    told = [[[escape(arm), f"{size:.3g}"] for size in sizes] for arm in arms]
    figure = go.Figure()
    figure.add_heatmap(
        x=_edges(sizes), y=list(range(len(arms))), z=z, zmin=0.0, zmax=1.0, colorscale=SCALE,
        xgap=1, ygap=3, customdata=told,
        hovertemplate="%{customdata[0]}<br>%{customdata[1]} µm: %{z:.0%} of draws<extra></extra>",
        colorbar={
            "title": {"text": "share of draws", "side": "right"}, "tickformat": ".0%",
            "thickness": 14, "outlinewidth": 0, "tickvals": [0, 0.25, 0.5, 0.75, 1],
        },
    )  # fmt: skip
    styled(figure, height=AXIS_px + ROW_px * len(arms), legend=False)
    figure.update_layout(margin={"l": 190, "r": 20, "t": 12, "b": 54})
    figure.update_xaxes(
        type="log", title={"text": "radius of the tumor, µm"}, dtick=1,
        exponentformat="none", showgrid=False,
        range=[float(np.log10(v)) for v in (_edges(sizes)[0], _edges(sizes)[-1])],
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(range(len(arms))), ticktext=[escape(a) for a in arms], showgrid=False,
        range=[len(arms) - 0.5, -0.5], ticks="", zeroline=False,
    )  # fmt: skip
    heads = [arm.split(",")[0] for arm in arms]
    for i in range(1, len(arms)):
        if heads[i] != heads[i - 1]:
            figure.add_hline(y=i - 0.5, line={"color": MUTED, "width": 1})
    return figure


def size_curves(
    found: dict[str, list[ResultRow]], lines: Sequence[tuple[float, str]], *, log: bool
) -> Figure:
    """Draw a quantity against size for each arm, with level lines; the first arms have bands."""
    from plotly import graph_objects as go

    figure = go.Figure()
    heads = list(dict.fromkeys(arm.split(",")[0] for arm in found))
    top = max((r.summary["value"] or 0.0) for rows in found.values() for r in rows)
    counts: dict[str, int] = {}
    for i, (arm, rows) in enumerate(found.items()):
        head = arm.split(",")[0]
        color = PALETTE[heads.index(head) % len(PALETTE)]
        same = counts.get(head, 0)
        counts[head] = same + 1
        x = [size_um(r) for r in rows]
        low, high, middle = (
            [max(r.summary[end] or 0.0, LEAST * top if log else 0.0) for r in rows]
            for end in ("low", "high", "value")
        )
        if i < SHADED:
            add_band(figure, x, low, high, color)
        figure.add_scatter(
            x=x, y=short(middle), mode="lines+markers", name=escape(arm),
            line={"color": color, "dash": dash(same)},
            marker={"symbol": MARKS[heads.index(head) % len(MARKS)], "size": 6, "maxdisplayed": 6},
            hovertemplate=f"{escape(arm)}, %{{x:.3g}} µm: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=400)
    figure.update_layout(
        margin={"l": 62, "r": 84 if lines else 16, "t": 10, "b": 48},
        legend={"y": -0.22, "yanchor": "top", "font": {"size": 12}},
    )
    for value, text in lines:
        figure.add_hline(y=value, line={"color": INK, "width": 1, "dash": "dot"})
        figure.add_annotation(
            x=1.01, xref="paper", xanchor="left", yanchor="middle", showarrow=False,
            text=escape(text),
            y=float(np.log10(value)) if log else value, font={"size": 11, "color": MUTED},
        )  # fmt: skip
    figure.update_xaxes(
        type="log", title={"text": "radius of the tumor, µm"}, dtick=1, exponentformat="none"
    )
    if log:
        figure.update_yaxes(type="log", tickformat="~g", dtick=1)
    return figure


def _edges(sizes: Sequence[float]) -> list[float]:
    logs = np.log(sizes)
    middle = 0.5 * (logs[1:] + logs[:-1])
    ends = [2 * logs[0] - middle[0], *middle, 2 * logs[-1] - middle[-1]]
    return [float(f"{v:.5g}") for v in np.exp(ends)]
