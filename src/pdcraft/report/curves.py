"""Figure of time-activity: one panel per region, mean line, band of the limits, measured points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import Quantity
from pdcraft.core.run import Series
from pdcraft.report.panels import Panel
from pdcraft.report.style import INK, region_colors, styled, tinted
from pdcraft.report.words import region_words, unit_words
from pdcraft.study.result import MeasuredPoints

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["axis_unit", "time_activity_panels"]

DECADES = 4.0  # shown below the highest value of a kind
PERCENT: Mapping[str, str] = MappingProxyType(
    {
        "activity_fraction": "%IA",
        "activity_fraction_per_g": "%IA/g",
        "activity_fraction_per_mL": "%IA/mL",
    }
)


def _short(values: Floats) -> list[float | None]:
    """Five significant digits, and None for what a logarithmic axis cannot show."""
    return [float(f"{v:.5g}") if np.isfinite(v) and v > 0 else None for v in values]


def axis_unit(kind: Quantity) -> tuple[float, str]:
    """Factor and unit in which people read a kind of number: fractions as percent.

    Examples
    --------
    >>> from pdcraft.core.quantity import quantity
    >>> axis_unit(quantity("activity_fraction_per_g"))
    (100.0, '%IA/g')
    """
    return (100.0, PERCENT[kind.key]) if kind.key in PERCENT else (1.0, unit_words(kind))


def _range(same: Sequence[Series], points: Sequence[MeasuredPoints]) -> list[float]:
    """Choose common decades for all panels of one kind."""
    scale, _ = axis_unit(same[0].quantity)
    key = same[0].quantity.key
    high = [s.high for s in same] + [p.values for p in points if p.quantity == key]
    low = [x for s in same for x in (s.low, s.value)] + [
        p.values for p in points if p.quantity == key
    ]
    top = np.log10(scale * max(float(np.nanmax(h)) for h in high)) + 0.15
    seen = np.concatenate(low)
    bottom = np.log10(scale * float(np.min(seen[seen > 0]))) - 0.1
    return [float(round(max(bottom, top - DECADES), 3)), float(round(top, 3))]


def _hour_step(end_h: float) -> float:
    """Grid of the time axis: whole days or weeks where there is room for them."""
    for step in (1.0, 6.0, 12.0, 24.0, 48.0, 168.0, 336.0, 672.0):
        if end_h / step <= 7:
            return step
    return 1344.0


def time_activity_panels(
    series: Sequence[Series], points: Sequence[MeasuredPoints], order: Sequence[str]
) -> list[Panel]:
    """Draw one panel per region: mean line, band of the limits, measured points.

    Panels of one kind of number share their axes, so that heights compare.

    Parameters
    ----------
    series : sequence of Series
        Curves that are all zero are left out.
    points : sequence of MeasuredPoints
    order : sequence of str
        Regions in the order of the panels.
    """
    shown = [s for s in series if np.any(s.value > 0)]
    shown.sort(key=lambda s: (order.index(s.subject.region or "-"), s.id))
    colors = region_colors([s.subject.region or "-" for s in shown])
    panels: list[Panel] = []
    for one in shown:
        same = [s for s in shown if s.quantity.key == one.quantity.key]
        mine = [
            p for p in points if (p.region, p.quantity) == (one.subject.region, one.quantity.key)
        ]
        figure = _curve(one, mine, colors[one.subject.region or "-"])
        figure.update_yaxes(range=_range(same, points))
        end = max(float(s.times_h[-1]) for s in shown)
        figure.update_xaxes(range=[-0.02 * end, 1.02 * end], dtick=_hour_step(end))
        title = region_words(one.subject.region)
        arm = f", {one.subject.arm}" if one.subject.arm else ""
        unit = axis_unit(one.quantity)[1] or one.quantity.name
        panels.append(Panel(f"{title}{arm}", unit, figure))
    return panels


def _curve(series: Series, points: Sequence[MeasuredPoints], color: str) -> Figure:
    from plotly import graph_objects as go

    scale, unit = axis_unit(series.quantity)
    hours = [float(f"{t:.5g}") for t in series.times_h]
    low, high = _short(scale * series.low), _short(scale * series.high)
    inside = [i for i, (a, b) in enumerate(zip(low, high, strict=True)) if a and b]
    band_x = [hours[i] for i in inside] + [hours[i] for i in reversed(inside)]
    band_y = [high[i] for i in inside] + [low[i] for i in reversed(inside)]
    figure = go.Figure()
    figure.add_scatter(
        x=band_x, y=band_y, fill="toself", fillcolor=tinted(color, 0.18), line={"width": 0},
        mode="lines", hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=hours, y=_short(scale * series.value), mode="lines", line={"color": color, "width": 2.4},
        hovertemplate=f"%{{x:.4g}} h: %{{y:.3g}} {unit}<extra></extra>",
    )  # fmt: skip
    for p in points:
        error = np.nan_to_num(scale * p.errors, nan=0.0)
        figure.add_scatter(
            x=p.times_h.tolist(), y=_short(scale * p.values), mode="markers",
            error_y={"array": error.tolist(), "color": INK, "thickness": 1.2, "width": 3},
            marker={"symbol": "circle", "size": 7, "color": "white",
                    "line": {"color": INK, "width": 1.6}},
            hovertemplate=f"measured, %{{x:.4g}} h: %{{y:.3g}} {unit}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=250, legend=False)
    figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 44})
    figure.update_yaxes(type="log", dtick=1, tickformat="~g", minor={"ticks": "outside"})
    figure.update_xaxes(title={"text": "hours after administration", "font": {"size": 12}})
    return figure
