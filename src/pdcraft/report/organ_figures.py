"""Figures of organ dose: bars by origin, the matrix of S values, red marrow by method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.dosimetry.organ_s import OrganS
from pdcraft.errors import DataError
from pdcraft.report.dose_colors import STOPS
from pdcraft.report.figures import BAR_RANGE
from pdcraft.report.organ_parts import ORIGINS, TargetDose, shown_targets
from pdcraft.report.style import BLUE, GRID, INK, ORANGE, SKY, short, styled
from pdcraft.report.words import number, region_words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = [
    "MARROW_FILL",
    "ORIGIN_FILL",
    "MarrowShares",
    "bar_groups",
    "marrow_bars",
    "marrow_spread",
    "organ_bars",
    "s_matrix",
]

ORIGIN_FILL = dict(zip(ORIGINS, (BLUE, ORANGE, SKY, "#c3c9d1"), strict=True))
MARROW_FILL = {"marrow itself": BLUE, "other organs": SKY, "rest of the body": "#c3c9d1"}
HATCHED = {"its own contents": "/"}  # in a print without color it resembles its neighbor
BAR_px, CELL_px, NAMES_px = 23, 19, 190
TOP_SOURCES, BELOW = 4, 0.36
ALIKE = 1.05  # factor below which methods are said to agree
DECADES = 8.0  # shown below the highest S value


@dataclass(frozen=True, slots=True)
class MarrowShares:
    """Dose of red marrow by one named method: its parts, and 95% limits of their sum.

    Parameters
    ----------
    method : str
    self_dose, cross, remainder : float
        From marrow itself (with blood in it), other organs, rest of the body; one unit for all.
    low, high : float
    source : str
        What the method rests on.
    """

    method: str
    self_dose: float
    cross: float
    remainder: float
    low: float
    high: float
    source: str = ""

    @property
    def total(self) -> float:
        """Sum of the parts."""
        return self.self_dose + self.cross + self.remainder


def bar_groups(doses: Sequence[TargetDose]) -> list[list[TargetDose]]:
    """Targets from the highest dose to the lowest, in two groups if one scale does not fit all.

    Where the highest is more than 30 times the lowest, bars from zero on one axis would not show
    the low ones: the groups part at the widest step between neighbors.
    """
    ranked = sorted(doses, key=lambda d: (-d.mean, d.target))
    positive = [d.mean for d in ranked if d.mean > 0]
    if len(positive) < 2 or positive[0] <= BAR_RANGE * positive[-1]:
        return [ranked] if ranked else []
    steps = [a / b for a, b in pairwise(positive)]
    cut = steps.index(max(steps)) + 1
    return [ranked[:cut], ranked[cut:]]


def organ_bars(doses: Sequence[TargetDose]) -> Figure:
    """Draw a bar per target, stacked by where its dose comes from, with limits of the sum.

    Parameters
    ----------
    doses : sequence of TargetDose
        Drawn in this order from the top; of one of `bar_groups`.
    """
    from plotly import graph_objects as go

    ranked = list(doses)
    names = [escape(region_words(d.target)) for d in ranked]
    figure = go.Figure()
    for origin, color in ORIGIN_FILL.items():
        parts = [d.by_origin[origin] for d in ranked]
        if not any(parts):
            continue
        figure.add_bar(
            x=short(parts), y=names, orientation="h", name=origin,
            marker={"color": color, "line": {"color": "white", "width": 0.6},
                    "pattern": {"shape": HATCHED.get(origin, ""), "size": 5, "solidity": 0.25,
                                "fillmode": "overlay", "fgcolor": "white", "fgopacity": 0.8}},
            text=[_part_hover(d, origin) for d in ranked], textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=short([d.mean for d in ranked]), y=names, mode="markers",
        marker={"size": 5, "color": INK},
        error_x={"type": "data", "symmetric": False, "color": INK, "thickness": 1.4, "width": 4,
                 "array": short([max(0.0, d.high - d.mean) for d in ranked]),
                 "arrayminus": short([max(0.0, d.mean - d.low) for d in ranked])},
        text=[_hover(d) for d in ranked], hovertemplate="%{text}<extra></extra>",
    )  # fmt: skip
    styled(figure, height=90 + BAR_px * len(ranked), legend=False)
    figure.update_layout(barmode="stack", bargap=0.28, margin={"t": 8})
    figure.update_yaxes(autorange="reversed", ticks="", showgrid=False, showline=False)
    figure.update_xaxes(rangemode="tozero", title_text="absorbed dose coefficient, mGy/MBq")
    return figure


def _hover(dose: TargetDose) -> str:
    lines = [
        f"{escape(region_words(dose.target))}: {number(dose.mean)} mGy/MBq",
        f"{number(dose.low)} to {number(dose.high)}",
    ]
    lines += [
        f"from {escape(region_words(source))}: {number(part)} ({100 * part / dose.mean:.0f}%)"
        for source, part in dose.sources[:TOP_SOURCES]
        if part > 0
    ]
    return "<br>".join(lines)


def _part_hover(dose: TargetDose, origin: str) -> str:
    part = dose.by_origin[origin]
    share = 100 * part / dose.mean if dose.mean > 0 else 0.0
    return (
        f"{escape(region_words(dose.target))}: {number(part)} mGy/MBq from {origin} ({share:.0f}%)"
    )


def s_matrix(S: OrganS) -> Figure:
    """Draw S values as colors, logarithmic: a row per target, a column per source."""
    from plotly import graph_objects as go

    column = {s: i for i, s in enumerate(S.sources)}
    targets = sorted(shown_targets(S), key=lambda t: (column.get(t, len(column)), t))
    rows = [S.targets.index(t) for t in targets]
    total, error = S.total[rows], S.std_err[rows]
    with np.errstate(divide="ignore"):
        power = np.log10(total)
    top = float(np.ceil(power[np.isfinite(power)].max()))
    bottom = max(float(np.floor(power[np.isfinite(power)].min())), top - DECADES)
    z = [[round(float(p), 4) if np.isfinite(p) else None for p in row] for row in power]
    text = [
        [
            f"{escape(region_words(t))} ← {escape(region_words(s))}<br>{number(float(v))} "
            f"mGy/(MBq s)" + (f", MC error {100 * e / v:.2g}%" if v > 0 else "")
            for s, v, e in zip(S.sources, values, errors, strict=True)
        ]
        for t, values, errors in zip(targets, total, error, strict=True)
    ]
    ticks = np.arange(bottom, top + 1)
    figure = go.Figure(
        go.Heatmap(
            z=z, x=[escape(region_words(s)) for s in S.sources],
            y=[escape(region_words(t)) for t in targets], text=text,
            hovertemplate="%{text}<extra></extra>", zmin=bottom, zmax=top, xgap=1, ygap=1,
            colorscale=[[i / (len(STOPS) - 1), c] for i, c in enumerate(STOPS)],
            colorbar={"title": {"text": "S, mGy/(MBq s)", "side": "right"}, "thickness": 12,
                      "tickvals": ticks.tolist(),
                      "ticktext": [f"10<sup>{p:.0f}</sup>" for p in ticks]},
        )
    )  # fmt: skip
    styled(figure, height=NAMES_px + CELL_px * len(targets), legend=False)
    figure.update_layout(plot_bgcolor=GRID, margin={"t": 30, "b": 10})
    figure.update_yaxes(
        autorange="reversed", ticks="", showgrid=False, title_text="target", dtick=1,
        tickfont={"size": 11},
    )  # fmt: skip
    figure.update_xaxes(
        ticks="", showgrid=False, side="top", tickangle=-50, title_text="source", dtick=1,
        tickfont={"size": 11},
    )  # fmt: skip
    return figure


def marrow_bars(methods: Sequence[MarrowShares], unit: str) -> Figure:
    """Draw the dose of red marrow by method: stacked parts, limits of the sum.

    Raises
    ------
    DataError
        Without a method.
    """
    from plotly import graph_objects as go

    if not methods:
        raise DataError("a figure of the red marrow needs at least one method")
    names, rows = [escape(m.method) for m in methods], list(range(len(methods)))
    stacks = (
        [m.self_dose for m in methods],
        [m.cross for m in methods],
        [m.remainder for m in methods],
    )
    figure = go.Figure()
    for (label, color), parts in zip(MARROW_FILL.items(), stacks, strict=True):
        shares = [p / m.total if m.total > 0 else 0.0 for p, m in zip(parts, methods, strict=True)]
        figure.add_bar(
            x=short(parts), y=rows, orientation="h", name=label,
            marker={"color": color, "line": {"color": "white", "width": 0.6}},
            text=[f"{100 * s:.0f}%" if s >= 0.05 else "" for s in shares], textposition="inside",
            insidetextanchor="middle", textangle=0, width=0.5,
            textfont={"color": "white" if color == BLUE else INK, "size": 12}, customdata=names,
            hovertemplate=f"%{{customdata}}: %{{x:.3g}} {escape(unit)} from {label}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=short([m.total for m in methods]), y=[r + BELOW for r in rows], mode="markers",
        marker={"size": 6, "color": INK},
        error_x={"type": "data", "symmetric": False, "color": INK, "thickness": 1.6, "width": 5,
                 "array": short([max(0.0, m.high - m.total) for m in methods]),
                 "arrayminus": short([max(0.0, m.total - m.low) for m in methods])},
        text=[f"{number(m.total)} {escape(unit)} ({number(m.low)} to {number(m.high)})"
              for m in methods],
        customdata=names, hovertemplate="%{customdata}: %{text}<extra></extra>",
    )  # fmt: skip
    styled(figure, height=92 + 44 * len(methods), legend=False)
    figure.update_layout(barmode="stack", margin={"t": 8})
    figure.update_yaxes(
        range=[len(rows) - 0.4, -0.5], tickvals=rows, ticktext=names, ticks="", showgrid=False,
        showline=False,
    )  # fmt: skip
    figure.update_xaxes(rangemode="tozero", title_text=f"dose of red marrow, {escape(unit)}")
    return figure


def marrow_spread(methods: Sequence[MarrowShares]) -> str:
    """Say how far the methods are apart; empty for one.

    Examples
    --------
    >>> one = MarrowShares("a", 1.0, 0.5, 0.5, 1.5, 2.5)
    >>> marrow_spread([one, MarrowShares("b", 0.5, 0.25, 0.25, 0.7, 1.4)])
    'The methods differ by a factor of 2: a gives most, b least.'
    """
    if len(methods) < 2:
        return ""
    most, least = (f(methods, key=lambda m: m.total) for f in (max, min))
    if least.total <= 0:
        return f"{most.method} gives most, {least.method} nothing."
    factor = most.total / least.total
    if factor < ALIKE:
        return f"The methods agree within {100 * (ALIKE - 1):.0f}%."
    return (
        f"The methods differ by a factor of {factor:.2g}: {most.method} gives most, "
        f"{least.method} least."
    )
