"""Figures of free drug: concentrations by place, where payload is set free, the design map."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.run import ResultRow, Series
from pdcraft.report.style import BLUE, INK, Looks, add_band, short, styled, tinted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["course_figure", "map_figure", "map_values", "released_figure"]

HOURS_PER_DAY = 24.0
DECADES = 1e-4  # of the largest value, shown
_POINT = re.compile(r"map: plasma ([\d.e+]+) h, tumor ([\d.e+]+) h")
# sequential, light to dark, readable without color: one hue by lightness
SCALE = ((0.0, "#f3f7fb"), (0.25, "#c3d9ec"), (0.5, "#7fb2d9"), (0.75, "#2f7fba"), (1.0, "#08306b"))
DARK = 0.55  # of the scale: above, numbers are white


def course_figure(series: Sequence[Series], looks: Looks) -> Figure:
    """Draw one kind of concentration in one place for the arms given.

    Parameters
    ----------
    series : sequence of Series
        The first has its band.
    looks : Looks
        By arm.
    """
    from plotly import graph_objects as go

    figure = go.Figure()
    top = max(float(s.value.max()) for s in series)
    floor = DECADES * top
    first = series[0]
    days = (first.times_h[1:] / HOURS_PER_DAY).tolist()
    low, high = (np.maximum(v[1:], floor) for v in (first.low, first.high))
    add_band(figure, days, low, high, looks[first.subject.arm or "-"]["color"], 0.18)
    for one in series:
        arm = one.subject.arm or "-"
        seen = np.where(one.value[1:] < floor, np.nan, one.value[1:])
        figure.add_scatter(
            x=short(one.times_h[1:] / HOURS_PER_DAY), y=short(seen),
            mode="lines", line=looks[arm],
            hovertemplate=f"{escape(arm)}, day %{{x:.2f}}: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=270, legend=False)
    figure.update_layout(margin={"l": 62, "r": 12, "t": 10, "b": 44})
    ends = float(np.log10(floor)), float(np.log10(1.5 * max(top, float(first.high.max()))))
    figure.update_yaxes(type="log", tickformat="~g", dtick=1, range=list(ends))
    figure.update_xaxes(title={"text": "days", "font": {"size": 12}}, rangemode="tozero")
    return figure


def released_figure(rows: Sequence[ResultRow], names: Sequence[str]) -> Figure:
    """Draw bars of the shares of the payload by where they come off, with limits."""
    from plotly import graph_objects as go

    figure = go.Figure()
    value, low, high = (
        [round(100 * (r.summary[key] or 0.0), 2) for r in rows] for key in ("value", "low", "high")
    )
    figure.add_bar(
        x=list(names), y=value,
        marker={"color": tinted(BLUE, 0.55), "line": {"color": BLUE, "width": 1.2}},
        error_y={
            "type": "data", "symmetric": False, "color": INK, "thickness": 1.4, "width": 4,
            "array": [h - v for h, v in zip(high, value, strict=True)],
            "arrayminus": [v - w for v, w in zip(value, low, strict=True)],
        },
        hovertemplate="%{x}: %{y:.2g}%<extra></extra>",
    )  # fmt: skip
    styled(figure, height=270, legend=False)
    figure.update_layout(bargap=0.35, margin={"l": 56, "r": 12, "t": 10, "b": 44})
    figure.update_yaxes(range=[0, 100], ticksuffix="%")
    figure.update_xaxes(type="category", showgrid=False, ticks="")
    return figure


def map_values(rows: Sequence[ResultRow]) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return half-lives in plasma and in tumor, h, and value, low and high by (plasma, tumor)."""
    points: dict[tuple[float, float], ResultRow] = {}
    for row in rows:
        found = _POINT.fullmatch(row.subject.arm or "")
        if found:
            points[float(found[1]), float(found[2])] = row
    plasma = np.array(sorted({p for p, _ in points}))
    tumor = np.array(sorted({t for _, t in points}))
    grid = [
        [[points[p, t].summary[key] or 0.0 for t in tumor] for p in plasma]
        for key in ("value", "low", "high")
    ]
    value, low, high = (np.array(one) for one in grid)
    return plasma, tumor, value, low, high


def map_figure(rows: Sequence[ResultRow]) -> Figure:
    """Draw the design map: index over that of plain drug, by half-life in plasma and in tumor."""
    from plotly import graph_objects as go

    plasma, tumor, value, low, high = map_values(rows)
    x, y = ([f"{v:.3g}" for v in at] for at in (tumor, plasma))
    log = np.log10(np.maximum(value, 1e-3))
    least, most = float(min(log.min(), 0.0)), float(max(log.max(), 0.3))
    words = [
        [
            f"plasma {y[i]} h, tumor {x[j]} h: {value[i, j]:.3g} "
            f"({low[i, j]:.2g} to {high[i, j]:.2g})"
            for j in range(tumor.size)
        ]
        for i in range(plasma.size)
    ]
    figure = go.Figure()
    figure.add_heatmap(
        x=list(range(tumor.size)), y=list(range(plasma.size)), z=np.round(log, 4).tolist(),
        text=words, zmin=least, zmax=most,
        colorscale=[list(step) for step in SCALE], xgap=2, ygap=2, showscale=False,
        hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    for i in range(plasma.size):
        for j in range(tumor.size):
            dark = (log[i, j] - least) / (most - least) > DARK
            figure.add_annotation(
                x=j, y=i, showarrow=False, text=f"{value[i, j]:.2g}",
                font={"size": 13, "color": "white" if dark else INK},
            )  # fmt: skip
    styled(figure, height=120 + 46 * plasma.size, legend=False)
    figure.update_layout(margin={"l": 78, "r": 12, "t": 10, "b": 56})
    title = {"font": {"size": 13}}
    figure.update_xaxes(
        showgrid=False, ticks="", tickvals=list(range(tumor.size)), ticktext=x,
        title={"text": "half-life of cleavage in tumor cells, h", **title},
    )  # fmt: skip
    figure.update_yaxes(
        showgrid=False, ticks="", tickvals=list(range(plasma.size)), ticktext=y,
        title={"text": "half-life of cleavage in plasma, h", **title},
    )  # fmt: skip
    return figure
