"""Figures of a simulated trial: late toxicity, rates by level, what designs select."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.report.style import INK, MUTED, PALETTE, line_look, short, styled, tinted
from pdcraft.report.words import arm_labels

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from pdcraft.study.recipes.trial_delayed import Delayed

__all__ = ["delayed_figure", "rates_figure", "selection_figure"]

SHORT_d = 28.0


def delayed_figure(delayed: Delayed, doses: Sequence[str], window_d: float) -> Figure:
    """Draw the share of treated patients with a DLT until each day, a line for each level.

    Above, the middle half of the days of the platelet nadir; dashed lines mark the usual window of
    28 d and the trial's own.
    """
    from plotly import graph_objects as go

    figure = go.Figure()
    top = 100.0 * float(delayed.by_day.max())
    words, _ = arm_labels(list(doses))
    for k, name in enumerate(doses):
        line = line_look(k)
        figure.add_scatter(
            x=delayed.day.tolist(), y=short(100.0 * delayed.by_day[k]), mode="lines",
            name=name, line={**line, "shape": "hv"},
            hovertemplate=f"{name}<br>day %{{x:.0f}}: %{{y:.1f}}%",
        )  # fmt: skip
        low, middle, high = delayed.nadir_day[k][1:4]
        height = top * (1.10 + 0.05 * k)
        figure.add_scatter(
            x=[low, middle, high], y=[height] * 3, mode="lines+markers+text", showlegend=False,
            line={"color": line["color"], "width": 2},
            marker={"size": [0, 8, 0], "color": line["color"], "opacity": 1},
            text=[f"{words[k]}\u2002", "", ""], textposition="middle left", textfont={"size": 11},
            hovertemplate=f"platelet nadir, {name}<br>day %{{x:.0f}}<extra></extra>",
        )  # fmt: skip
    ceiling = top * (1.14 + 0.05 * len(doses))
    marks = sorted({SHORT_d, window_d})
    for day in marks:
        figure.add_scatter(
            x=[day, day], y=[0, ceiling], mode="lines+text", showlegend=False, hoverinfo="skip",
            line={"color": MUTED, "dash": "dash", "width": 1.2}, text=["", f"{day:.0f} d"],
            textposition="top center", textfont={"color": MUTED, "size": 12},
        )  # fmt: skip
    styled(figure, height=440)
    figure.update_xaxes(title_text="days from the first infusion", rangemode="tozero")
    figure.update_yaxes(title_text="treated patients with a DLT, %", range=[0, ceiling * 1.08])
    return figure


def rates_figure(
    rate_by_draw: Sequence[Sequence[float]], doses: Sequence[str], target: float
) -> Figure:
    """Draw DLT rates by level: each draw a faint line, their mean, and the target."""
    from plotly import graph_objects as go

    figure = go.Figure()
    for row in rate_by_draw:
        figure.add_scatter(
            x=list(doses), y=short(100.0 * np.asarray(row)), mode="lines", hoverinfo="skip",
            line={"color": tinted(PALETTE[0], 0.25), "width": 1}, showlegend=False,
        )  # fmt: skip
    mean = 100.0 * np.mean(np.asarray(rate_by_draw), axis=0)
    figure.add_scatter(
        x=list(doses), y=short(mean), mode="lines+markers", name="mean of the draws",
        line={"color": PALETTE[0], "width": 2.6}, marker={"size": 9},
        hovertemplate="%{x}: %{y:.1f}%<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=list(doses), y=[100.0 * target] * len(doses), mode="lines", name="target",
        line={"color": INK, "dash": "dash", "width": 1.4}, hoverinfo="skip",
    )  # fmt: skip
    styled(figure, height=380)
    _levels(figure, doses)
    figure.update_yaxes(title_text="DLT rate, %", range=[0, 100])
    return figure


def selection_figure(scenarios: Sequence[Mapping[str, Any]], doses: Sequence[str]) -> Figure:
    """Draw how often each design selects each level, with Monte Carlo errors."""
    from plotly import graph_objects as go

    figure = go.Figure()
    names = [*doses, "none"]
    for k, found in enumerate(scenarios):
        values = [*found["select"], found["select_none"]]
        errors = [*found["mcse"]["select"], found["mcse"]["select_none"]]
        figure.add_bar(
            x=names, y=short(100.0 * np.asarray(values)), name=found["design"],
            marker={"color": PALETTE[k % len(PALETTE)]},
            error_y={"type": "data", "array": short(196.0 * np.asarray(errors)), "color": INK,
                     "thickness": 1.2, "width": 4},
            hovertemplate="%{x}: %{y:.1f}%<extra>" + str(found["design"]) + "</extra>",
        )  # fmt: skip
    styled(figure, height=380)
    _levels(figure, doses)
    figure.update_yaxes(title_text="trials that select it, %", rangemode="tozero")
    return figure


def _levels(figure: Figure, doses: Sequence[str]) -> None:
    """Write the levels on the axis without the unit that all share: it stands in the title."""
    words, unit = arm_labels(list(doses))
    figure.update_xaxes(
        type="category", showgrid=False, tickvals=[*doses, "none"], ticktext=[*words, "none"],
        title_text=f"level, {unit}" if unit else "level",
    )  # fmt: skip
