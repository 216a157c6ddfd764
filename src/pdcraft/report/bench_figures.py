"""Figures of a xenograft bench: group volumes, survival, waterfall, relapse, provenance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.report.style import MUTED, ORIGIN_COLOR, PALETTE, styled, tinted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from pdcraft.study.recipes.bench import BenchResult

__all__ = ["share_figure", "stairs_figure", "volume_figure", "waterfall_figure"]

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
ORIGINS = ("measured", "pooled", "assumed")
COLOR = {"measured": "measured", "pooled": "fitted", "assumed": "assumed"}
TOP_mm3 = 3000.0


def _line(g: int) -> dict[str, object]:
    return {"color": PALETTE[g % len(PALETTE)], "width": 2.4, "dash": DASHES[g % len(DASHES)]}


def _known(values: Floats) -> list[float | None]:
    return [None if not np.isfinite(v) else float(f"{v:.4g}") for v in values]


def volume_figure(result: BenchResult) -> Figure:
    """Draw median volumes of groups against days, with 95 % of models and draws."""
    from plotly import graph_objects as go

    figure = go.Figure()
    days = result.plan.visits_d.tolist()
    for g, treatment in enumerate(result.plan.treatments):
        low, middle, high = result.volume_mm3[g].T
        color = PALETTE[g % len(PALETTE)]
        known = np.isfinite(middle) & (middle > 0)
        x = [d for d, k in zip(days, known, strict=True) if k]
        if not x:
            continue
        figure.add_scatter(
            x=x + x[::-1],
            y=_known(np.maximum(high[known], 1.0)) + _known(np.maximum(low[known], 1.0))[::-1],
            fill="toself", fillcolor=tinted(color, 0.12), line={"width": 0}, hoverinfo="skip",
            showlegend=False,
        )  # fmt: skip
        figure.add_scatter(
            x=x, y=_known(middle[known]), mode="lines+markers", name=treatment.name,
            line=_line(g), marker={"size": 6},
            hovertemplate=f"{treatment.name}<br>day %{{x:.0f}}: %{{y:.0f}} mm³<extra></extra>",
        )  # fmt: skip
    limit = result.plan.limit_mm3
    figure.add_scatter(
        x=[0, days[-1]], y=[limit, limit], mode="lines", showlegend=False, hoverinfo="skip",
        line={"color": MUTED, "dash": "dash", "width": 1.2},
    )  # fmt: skip
    styled(figure, height=440)
    figure.update_xaxes(title_text="days from entry")
    figure.update_yaxes(
        title_text="tumor volume, mm³", type="log", range=[1.0, float(np.log10(TOP_mm3))], dtick=1,
        tickformat="~g", minor={"ticks": "outside"},
    )  # fmt: skip
    return figure


def stairs_figure(days: Floats, shares: Floats, names: Sequence[str], what: str) -> Figure:
    """Draw shares that fall in steps: survival, or freedom from relapse."""
    from plotly import graph_objects as go

    figure = go.Figure()
    for g, name in enumerate(names):
        figure.add_scatter(
            x=days.tolist(), y=_known(100.0 * shares[g]), mode="lines", name=name,
            line={**_line(g), "shape": "hv"},
            hovertemplate=f"{name}<br>day %{{x:.0f}}: %{{y:.0f}} %<extra></extra>",
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
        x=[members[i].name for i in order], y=_known(change[order]), marker={"color": colors},
        hovertemplate="%{x}: %{y:.0f} %<extra></extra>", showlegend=False,
    )  # fmt: skip
    styled(figure, height=380)
    figure.update_xaxes(showticklabels=len(members) <= 30, title_text="models")
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
    figure.update_layout(barmode="stack")
    figure.update_xaxes(title_text="models")
    return figure
