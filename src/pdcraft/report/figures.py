"""Figures of dose: coefficients with published values beside, arms, drivers.

Every figure shows numbers that are also in a table. Means are marks or lines, limits are bands or
whiskers; computed and published numbers differ in shape as well as in color.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.evidence import agrees, beside, kind_of, predictions_of
from pdcraft.report.panels import Panel
from pdcraft.report.style import (
    GRID,
    INK,
    MUTED,
    ORIGIN_COLOR,
    PALETTE,
    region_colors,
    styled,
    tinted,
)
from pdcraft.report.words import (
    arm_labels,
    given_words,
    input_words,
    region_words,
    row_value,
    unit_words,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["dose_bars", "dose_coefficients", "dose_panels", "drivers", "far_apart"]

ROW_px = 40
MOST_INPUTS = 6
BAR_RANGE = 30.0  # the smallest of bars from zero is then 7 px of 220: smaller ones vanish
ALONE = 0.95  # share above which an input is all there is to say


def _whiskers(rows: Sequence[ResultRow]) -> dict[str, Any]:
    """Asymmetric error bars from the mean to the limits."""
    values = [row.summary["value"] or 0.0 for row in rows]
    high = [row.summary["high"] for row in rows]
    low = [row.summary["low"] for row in rows]
    up = [0.0 if h is None else float(f"{h - v:.5g}") for h, v in zip(high, values, strict=True)]
    down = [0.0 if w is None else float(f"{v - w:.5g}") for w, v in zip(low, values, strict=True)]
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down}


def _hover(rows: Sequence[ResultRow]) -> list[str]:
    return [
        f"{escape(region_words(r.subject.region))}: {row_value(r)} {unit_words(r.quantity)}"
        + (f"<br>{row_value(r, 'low')} to {row_value(r, 'high')}" if r.summary["low"] else "")
        for r in rows
    ]


def dose_coefficients(run: Run, rows: Sequence[ResultRow]) -> Figure:
    """Draw a dot with its limits per region, and the published value beside where there is one.

    What was fitted to a published value is followed by its prediction from draws without it.
    """
    from plotly import graph_objects as go

    rows = [one for row in rows for one in (row, *predictions_of(run, row))]
    names = [_dot_name(row) for row in rows]
    height = list(range(len(rows), 0, -1))
    figure = go.Figure()
    for origin in dict.fromkeys(row.origin for row in rows):
        color = ORIGIN_COLOR[origin]
        same = [(y, row) for y, row in zip(height, rows, strict=True) if row.origin == origin]
        dots = [row for _, row in same]
        figure.add_scatter(
            x=[_round(row.summary["value"]) for row in dots], y=[y for y, _ in same],
            mode="markers",
            error_x=_whiskers(dots) | {"color": color, "thickness": 2.2, "width": 5},
            marker={"size": 11, "color": color}, text=_hover(dots),
            hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
    given = beside(run)
    pairs = [
        (y - 0.26, other)
        for y, row in zip(height, rows, strict=True)
        for other in given.get(row.id, ())
        if agrees(row, other) is not None
    ]
    if pairs:
        others = [other for _, other in pairs]
        figure.add_scatter(
            x=[o.summary["value"] for o in others], y=[y for y, _ in pairs],
            **_given_marks(others),
        )  # fmt: skip
    styled(figure, height=82 + ROW_px * len(rows), legend=False)
    figure.update_layout(margin={"t": 8})
    figure.update_yaxes(
        tickvals=height, ticktext=names, range=[0.4, len(rows) + 0.6], ticks="", showline=False
    )
    unit = rows[0].quantity.unit
    figure.update_xaxes(
        type="log", title_text=f"{rows[0].quantity.name}, {unit}", **_log_ticks(rows)
    )
    return figure


def _dot_name(row: ResultRow) -> str:
    """Region, and how the number came about unless it was simply computed."""
    name = escape(region_words(row.subject.region))
    return name if row.origin == "computed" else f"{name}, {row.origin}"


def _given_marks(rows: Sequence[ResultRow]) -> dict[str, Any]:
    """Look of published and measured numbers: open diamonds."""
    return {
        "mode": "markers",
        "marker": {
            "size": 11,
            "symbol": "diamond",
            "color": "white",
            "line": {"width": 2.4, "color": ORIGIN_COLOR["published"]},
        },
        "text": [f"{given_words(r)}: {row_value(r)} {unit_words(r.quantity)}" for r in rows],
        "hovertemplate": "%{text}<extra></extra>",
    }


def _round(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.5g}")


def _log_ticks(rows: Sequence[ResultRow]) -> dict[str, Any]:
    """1, 2, 5 in every decade over the limits: readable numbers on a logarithmic axis."""
    seen = [row.summary[key] for row in rows for key in ("low", "value", "high")]
    positive = [x for x in seen if x is not None and x > 0] or [1.0]
    first, last = np.floor(np.log10(min(positive))), np.ceil(np.log10(max(positive)))
    steps = (1, 2, 5) if np.log10(max(positive) / min(positive)) <= 3 else (1,)
    ticks = [m * 10.0**e for e in np.arange(first, last + 1) for m in steps]
    return {"tickvals": ticks, "ticktext": [f"{t:g}" for t in ticks]}


def dose_panels(run: Run, doses: Sequence[ResultRow], arms: Sequence[str]) -> list[Panel]:
    """Draw one panel per region: a bar for each arm from zero, whiskers to the limits.

    Parameters
    ----------
    run : Run
        For the published numbers beside.
    doses : sequence of ResultRow
        Computed rows of one quantity; regions keep their order.
    arms : sequence of str
        Arms from left to right.
    """
    from plotly import graph_objects as go

    regions = list(dict.fromkeys(row.subject.region or "-" for row in doses))
    colors = region_colors(regions)
    labels, shared = arm_labels(list(arms))
    given = beside(run)
    panels: list[Panel] = []
    for region in regions:
        rows = [row for row in doses if (row.subject.region or "-") == region]
        by_arm = {row.subject.arm or "-": row for row in rows}
        here = [by_arm[arm] for arm in arms if arm in by_arm]
        places = [escape(label) for arm, label in zip(arms, labels, strict=True) if arm in by_arm]
        figure = go.Figure()
        figure.add_bar(
            x=places, y=[_round(row.summary["value"]) for row in here],
            marker={"color": tinted(colors[region], 0.55),
                    "line": {"color": colors[region], "width": 1.2}},
            error_y=_whiskers(here) | {"color": INK, "thickness": 1.6, "width": 5},
            text=_hover(here), textposition="none", hovertemplate="%{text}<extra></extra>",
        )  # fmt: skip
        pairs = [
            (place, other)
            for place, row in zip(places, here, strict=True)
            for other in given.get(row.id, ())
            if agrees(row, other) is not None
        ]
        if pairs:
            others = [other for _, other in pairs]
            figure.add_scatter(
                x=[place for place, _ in pairs], y=[_round(o.summary["value"]) for o in others],
                **_given_marks(others),
            )  # fmt: skip
        styled(figure, height=250, legend=False)
        figure.update_layout(margin={"l": 52, "r": 12, "t": 10, "b": 44}, bargap=0.35)
        figure.update_yaxes(rangemode="tozero")
        figure.update_xaxes(
            type="category", showgrid=False, ticks="",
            title={"text": f"arm, {escape(shared)}" if shared else "arm", "font": {"size": 12}},
        )  # fmt: skip
        panels.append(Panel(region_words(region), doses[0].quantity.unit, figure))
    return panels


def far_apart(doses: Sequence[ResultRow]) -> bool:
    """Say whether the means are too far apart for bars from zero on one linear axis."""
    means = [row.summary["value"] or 0.0 for row in doses]
    positive = [mean for mean in means if mean > 0]
    return bool(positive) and max(positive) > BAR_RANGE * min(positive)


def dose_bars(doses: Sequence[ResultRow]) -> Figure:
    """Draw the doses of a single arm: a bar per region from zero, whiskers to the limits.

    Where the means are far apart (`far_apart`) they are dots on a logarithmic axis instead: a bar
    has no length there, and on a linear axis the small ones would not be seen.
    """
    from plotly import graph_objects as go

    regions = [row.subject.region or "-" for row in doses]
    colors = region_colors(regions)
    figure = go.Figure()
    base: dict[str, Any] = {
        "x": [escape(region_words(region)) for region in regions],
        "y": [_round(row.summary["value"]) for row in doses],
        "error_y": _whiskers(doses) | {"color": INK, "thickness": 1.6, "width": 6},
        "text": _hover(doses),
        "hovertemplate": "%{text}<extra></extra>",
    }
    dark = [colors[r] for r in regions]
    if far_apart(doses):
        figure.add_scatter(mode="markers", marker={"size": 12, "color": dark}, **base)
        axis: dict[str, Any] = {"type": "log", **_log_ticks(doses)}
    else:
        light = [tinted(color, 0.55) for color in dark]
        look = {"color": light, "line": {"color": dark, "width": 1.2}}
        figure.add_bar(marker=look, textposition="none", **base)
        axis = {"rangemode": "tozero"}
    styled(figure, height=330, legend=False)
    figure.update_layout(bargap=0.5)
    figure.update_yaxes(title_text=f"{doses[0].quantity.name}, {doses[0].quantity.unit}", **axis)
    figure.update_xaxes(type="category", showgrid=False, ticks="")
    return figure


def drivers(rows: Sequence[ResultRow]) -> tuple[Figure, list[tuple[str, str]]] | None:
    """Draw stacked bars of what drives each result's uncertainty.

    None if nothing is known, or if each result has one input of its own that explains it all.

    Inputs that matter most over all rows have their own color; the others, and what no single
    input explains, are gray. Beside the figure come the words and colors of its legend.
    """
    from plotly import graph_objects as go

    rows = [row for row in rows if row.drivers and kind_of(row) == "computed"]
    if all(row.drivers[0].share > ALONE for row in rows):
        return None
    total: dict[str, float] = {}
    for row in rows:
        for driver in row.drivers:
            total[driver.input] = total.get(driver.input, 0.0) + driver.share
    main = sorted(total, key=lambda name: (-total[name], name))[:MOST_INPUTS]
    names = [escape(region_words(row.subject.region)) or row.quantity.name for row in rows]
    figure = go.Figure()
    shares = [{d.input: d.share for d in row.drivers} for row in rows]
    stacks = [
        (input_words(name), color, [s.get(name, 0.0) for s in shares])
        for name, color in zip(main, PALETTE, strict=False)
    ]
    other = [sum(v for k, v in s.items() if k not in main) for s in shares]
    rest = [max(0.0, 1.0 - sum(s.values())) for s in shares]
    stacks += [("other inputs", MUTED, other), ("not due to one input alone", GRID, rest)]
    stacks = [stack for stack in stacks if any(share > 0 for share in stack[2])]
    for label, color, parts in stacks:
        _stack(figure, names, parts, label, color)
    styled(figure, height=82 + ROW_px * len(rows), legend=False)
    figure.update_layout(barmode="stack", bargap=0.35, margin={"t": 8})
    figure.update_yaxes(autorange="reversed", ticks="", showgrid=False, showline=False)
    figure.update_xaxes(
        range=[0, 100], ticksuffix="%", title_text="share of the variance over the draws"
    )
    return figure, [(label, color) for label, color, _ in stacks]


def _stack(figure: Figure, names: list[str], shares: list[float], label: str, color: str) -> None:
    percent = [round(100 * share, 1) for share in shares]
    figure.add_bar(
        x=percent, y=names, orientation="h", name=label,
        marker={"color": color, "line": {"color": "white", "width": 1}},
        text=[f"{p:.0f}%" if p >= 7 else "" for p in percent], textposition="inside",
        insidetextanchor="middle", textangle=0,
        textfont={"color": _text_on(color), "size": 12},
        hovertemplate=f"%{{y}}: {escape(label)} %{{x:.0f}}%<extra></extra>",
    )  # fmt: skip


def _text_on(color: str) -> str:
    """Black or white, whichever is easier to read on a color (at least 4.5 to 1 on the palette)."""
    red, green, blue = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    bright = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.18
    return "#000000" if bright else "#ffffff"
