"""Figures of the response: counts against time with grades, responses, the tumor's marker."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.run import ResultRow, Series
from pdcraft.report.style import (
    INK,
    MUTED,
    ORANGE,
    ORIGIN_COLOR,
    VERMILION,
    Looks,
    add_band,
    short,
    styled,
    tinted,
)
from pdcraft.report.words import row_value

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["count_figure", "marker_figure", "response_figure"]

HOURS_PER_DAY = 24.0
ROOM = 1.15  # of the axis beyond the data
LARGEST_MARKER = 10.0  # of the baseline, shown
LEAST_SHARE = 2e-3  # of the largest count shown
GRADES = ((3, ORANGE, 0.12), (4, VERMILION, 0.14))
PUBLISHED_SYMBOL = "diamond-open"


def count_figure(
    typical: Sequence[Series],
    patients: Series | None,
    looks: Looks,
    banded: str,
    limits_1e9_per_L: tuple[float, float, float, float],
) -> Figure:
    """Draw counts of one lineage in all arms.

    Parameters
    ----------
    typical : sequence of Series
        Typical patient, one for each arm.
    patients : Series or None
        Between patients, of the arm with bands.
    looks : Looks
        By arm.
    banded : str
        Arm that has bands.
    limits_1e9_per_L : tuple of float
        Counts below which grades 1 to 4 begin.
    """
    from plotly import graph_objects as go

    figure = go.Figure()
    highest = max(float(s.value.max()) for s in typical)
    lowest = min(float(s.value.min()) for s in typical)
    shown = next(s for s in typical if _arm(s) == banded)
    top = highest
    if patients is not None:
        top = max(top, float(patients.high.max()))
        _band(figure, patients, looks[banded]["color"], 0.12, LEAST_SHARE * highest)
    _band(figure, shown, looks[banded]["color"], 0.3, LEAST_SHARE * highest)
    for one in typical:
        arm = _arm(one)
        figure.add_scatter(
            x=short(one.times_h / HOURS_PER_DAY), y=short(one.value), mode="lines",
            line={**looks[arm], "width": 2.6 if arm == banded else 1.8},
            hovertemplate=f"{escape(arm)}, day %{{x:.0f}}: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    bottom = max(min(0.5 * limits_1e9_per_L[3], lowest), LEAST_SHARE * highest) / ROOM
    _grades(figure, limits_1e9_per_L, bottom)
    styled(figure, height=290, legend=False)
    figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 44})
    figure.update_yaxes(
        type="log", tickformat="~g", range=[float(np.log10(bottom)), float(np.log10(top * ROOM))],
        dtick=1, minor={"ticks": "outside"},
    )  # fmt: skip
    figure.update_xaxes(title={"text": "days", "font": {"size": 12}}, dtick=14, rangemode="tozero")
    return figure


def _arm(series: Series) -> str:
    return series.subject.arm or "-"


def _band(figure: Figure, one: Series, color: str, opacity: float, floor: float) -> None:
    low, high = (np.maximum(v, floor) for v in (one.low, one.high))
    add_band(figure, (one.times_h / HOURS_PER_DAY).tolist(), low, high, color, opacity)


def _grades(figure: Figure, limits: tuple[float, float, float, float], bottom: float) -> None:
    lower = {3: limits[3], 4: bottom}
    for grade, color, opacity in GRADES:
        figure.add_hrect(
            y0=lower[grade], y1=limits[grade - 1], fillcolor=tinted(color, opacity),
            line_width=0, layer="below",
        )  # fmt: skip
        figure.add_annotation(
            x=1, xref="paper", y=float(np.log10(limits[grade - 1])), yref="y",
            text=f"grade {grade}", showarrow=False, xanchor="right", yanchor="top",
            font={"size": 11, "color": MUTED},
        )  # fmt: skip


def response_figure(
    rows: Sequence[ResultRow], published: Sequence[ResultRow], looks: Looks
) -> Figure:
    """Draw bars of response probabilities by category and arm, published counts beside.

    Parameters
    ----------
    rows : sequence of ResultRow
    published : sequence of ResultRow
    looks : Looks
        By arm, from left to right; bars have their colors.
    """
    from plotly import graph_objects as go

    names = _categories(rows)
    figure = go.Figure()
    for arm, look in looks.items():
        color = look["color"]
        mine = {r.subject.region: r for r in rows if (r.subject.arm or "-") == arm}
        found = [mine[name] for name in names if name in mine]
        value, low, high = (
            [round(100 * (r.summary[key] or 0.0), 1) for r in found]
            for key in ("value", "low", "high")
        )
        figure.add_bar(
            x=[_category(r.subject.region) for r in found], y=value,
            marker={"color": tinted(color, 0.55), "line": {"color": color, "width": 1.2}},
            error_y={
                "type": "data", "symmetric": False, "color": INK, "thickness": 1.4, "width": 4,
                "array": [h - v for h, v in zip(high, value, strict=True)],
                "arrayminus": [v - w for v, w in zip(value, low, strict=True)],
            },
            text=[f"{escape(arm)}: {row_value(r)}" for r in found], textposition="none",
            hovertemplate="%{x}, %{text}<extra></extra>",
        )  # fmt: skip
    given = [r for r in published if r.subject.region in names]
    if given:
        figure.add_scatter(
            x=[_category(r.subject.region) for r in given],
            y=[round(100 * (r.summary["value"] or 0.0), 1) for r in given], mode="markers",
            marker={"symbol": PUBLISHED_SYMBOL, "size": 11, "color": ORIGIN_COLOR["published"],
                    "line": {"width": 2.4}},
            text=[escape(f"{r.subject.arm}: {r.flags[0]}") for r in given],
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=300, legend=False)
    figure.update_layout(bargap=0.3, margin={"l": 52, "r": 12, "t": 10, "b": 44})
    figure.update_yaxes(range=[0, 100], ticksuffix="%")
    figure.update_xaxes(type="category", showgrid=False, ticks="")
    return figure


def _categories(rows: Sequence[ResultRow]) -> list[str]:
    """Categories from the easiest to the hardest to reach."""
    mean: dict[str, float] = {}
    for row in rows:
        region = row.subject.region or "-"
        mean[region] = max(mean.get(region, 0.0), row.summary["value"] or 0.0)
    return sorted(mean, key=lambda name: (-mean[name], name))


def _category(region: str | None) -> str:
    return (region or "").partition(":")[2]


def marker_figure(series: Sequence[Series], looks: Looks, banded: str) -> Figure:
    """Draw the course of the tumor's marker in all arms."""
    from plotly import graph_objects as go

    figure = go.Figure()
    floor = LEAST_SHARE
    for one in series:
        if _arm(one) == banded:
            _band(figure, one, looks[banded]["color"], 0.15, floor)
    for one in series:
        arm = _arm(one)
        figure.add_scatter(
            x=short(one.times_h / HOURS_PER_DAY), y=short(np.maximum(one.value, floor)),
            mode="lines", line=looks[arm],
            hovertemplate=f"{escape(arm)}, day %{{x:.0f}}: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    figure.add_hline(y=1.0, line={"color": MUTED, "width": 1, "dash": "dot"})
    styled(figure, height=300, legend=False)
    figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 44})
    lowest = min(float(s.low.min() if _arm(s) == banded else s.value.min()) for s in series)
    highest = max(float(s.high.max() if _arm(s) == banded else s.value.max()) for s in series)
    ends = max(lowest, floor) / ROOM, min(highest, LARGEST_MARKER) * ROOM
    figure.update_yaxes(
        type="log", tickformat="~g", dtick=1, minor={"ticks": "outside"},
        range=[float(np.log10(end)) for end in ends],
    )  # fmt: skip
    figure.update_xaxes(title={"text": "days", "font": {"size": 12}}, rangemode="tozero")
    return figure
