"""Figures of a xenograft bench: group volumes, survival, waterfall, relapse, provenance."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.report.panels import Panel
from pdcraft.report.style import (
    MUTED,
    ORIGIN_COLOR,
    PALETTE,
    add_band,
    line_look,
    short,
    styled,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from pdcraft.study.recipes.bench import BenchResult

__all__ = ["share_figure", "stairs_figure", "volume_panels", "waterfall_figure"]

ORIGINS = ("measured", "pooled", "assumed")
COLOR = {"measured": "measured", "pooled": "fitted", "assumed": "assumed"}
LEAST_mm3, TOP_mm3 = 10.0, 3000.0


def volume_panels(result: BenchResult) -> list[Panel]:
    """Draw median volumes against days, a panel for each group, with 95% of models and draws.

    The first group, the control, stands in every panel as a gray line.
    """
    from plotly import graph_objects as go

    control = _course(result, 0)
    last = max(
        day[-1] for g in range(len(result.plan.treatments)) if (day := _course(result, g)[0])
    )
    panels: list[Panel] = []
    for g, treatment in enumerate(result.plan.treatments):
        days, low, middle, high = _course(result, g)
        color = PALETTE[g % len(PALETTE)]
        figure = go.Figure()
        if not days:
            continue
        add_band(figure, days, np.maximum(high, LEAST_mm3), np.maximum(low, LEAST_mm3), color)
        if g:
            figure.add_scatter(
                x=control[0], y=short(control[2]), mode="lines", hoverinfo="skip",
                line={"color": MUTED, "width": 1.6},
            )  # fmt: skip
        figure.add_scatter(
            x=days, y=short(middle), mode="lines+markers", line={"color": color, "width": 2.4},
            marker={"size": 6},
            hovertemplate=f"{escape(treatment.name)}<br>day %{{x:.0f}}: %{{y:.0f}} mm³"
            "<extra></extra>",
        )  # fmt: skip
        figure.add_hline(
            y=result.plan.limit_mm3, line={"color": MUTED, "dash": "dash", "width": 1.2}
        )
        styled(figure, height=260, legend=False)
        figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 48})
        figure.update_xaxes(title_text="days from entry", range=[-0.03 * last, 1.03 * last])
        figure.update_yaxes(
            type="log", range=[float(np.log10(LEAST_mm3)), float(np.log10(TOP_mm3))], dtick=1,
            tickformat="~g", minor={"ticks": "outside"},
        )  # fmt: skip
        panels.append(Panel(treatment.name, "mm³", figure))
    return panels


def _course(result: BenchResult, g: int) -> tuple[list[float], Floats, Floats, Floats]:
    """Days of a group while its median is known, and low, median and high volumes, mm³."""
    low, middle, high = result.volume_mm3[g].T
    known = np.isfinite(middle) & (middle > 0)
    return result.plan.visits_d[known].tolist(), low[known], middle[known], high[known]


def stairs_figure(days: Floats, shares: Floats, names: Sequence[str], what: str) -> Figure:
    """Draw shares that fall in steps: survival, or freedom from relapse."""
    from plotly import graph_objects as go

    figure = go.Figure()
    for g, name in enumerate(names):
        figure.add_scatter(
            x=days.tolist(), y=short(100.0 * shares[g]), mode="lines", name=escape(name),
            line={**line_look(g), "shape": "hv"},
            hovertemplate=f"{escape(name)}<br>day %{{x:.0f}}: %{{y:.0f}} %<extra></extra>",
        )  # fmt: skip
    styled(figure, height=400)
    figure.update_xaxes(title_text="days from entry")
    figure.update_yaxes(title_text=what, range=[0, 102])
    return figure


def waterfall_figure(result: BenchResult, group: int) -> Figure:
    """Draw each model's median best change of volume, the worst first."""
    from plotly import graph_objects as go

    change = np.clip(100.0 * result.waterfall[group], -100.0, 200.0)
    order = np.argsort(-change)
    members = result.study.members
    colors = ["#9aa3ad" if members[i].virtual else PALETTE[0] for i in order]
    figure = go.Figure()
    figure.add_bar(
        x=[members[i].name for i in order], y=short(change[order]), marker={"color": colors},
        hovertemplate="%{x}: %{y:.0f} %<extra></extra>", showlegend=False,
    )  # fmt: skip
    styled(figure, height=320, legend=False)
    figure.update_layout(bargap=0.25 if len(members) > 4 else 0.7)
    figure.update_xaxes(showgrid=False, showticklabels=len(members) <= 30, title_text="models")
    figure.update_yaxes(title_text="best change of volume, %", range=[-105, 205])
    return figure


def share_figure(result: BenchResult) -> Figure:
    """Draw by parameter how many models have it measured, pooled or assumed."""
    from plotly import graph_objects as go

    figure = go.Figure()
    names = [name.replace("_", " ") for name, _ in result.shares][::-1]
    for origin in ORIGINS:
        counts = [found.get(origin, 0) for _, found in result.shares][::-1]
        figure.add_bar(
            y=names, x=counts, orientation="h", name=origin,
            marker={"color": ORIGIN_COLOR[COLOR[origin]]},
            hovertemplate=f"%{{y}}: {origin} in %{{x}} models<extra></extra>",
        )  # fmt: skip
    styled(figure, height=360)
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(title_text="models", rangemode="tozero", tickformat="d")
    return figure
