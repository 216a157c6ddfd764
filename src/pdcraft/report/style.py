"""One look for every figure and page of a report: colors, fonts, the Plotly template.

Lines and marks use the Okabe-Ito palette, which readers with any common color vision deficiency
tell apart; no meaning rests on color alone: lines differ by dash or marker too (`line_look`,
`MARKS`), bars stand in the order of their legend, or a word says it.

References
----------
.. [OI] M. Okabe, K. Ito, "Color Universal Design", J*FLY (2008)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = [
    "CONFIG",
    "FONT",
    "GRID",
    "INK",
    "MARKS",
    "MUTED",
    "ORIGIN_COLOR",
    "PALETTE",
    "Looks",
    "add_band",
    "dash",
    "figure_html",
    "line_look",
    "line_looks",
    "region_colors",
    "short",
    "styled",
    "tinted",
]

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
INK, MUTED, GRID = "#1a1f29", "#5b6472", "#e3e6ea"

BLUE, VERMILION, GREEN, ORANGE = "#0072b2", "#d55e00", "#009e73", "#e69f00"
PURPLE, SKY, BLACK = "#cc79a7", "#56b4e9", "#1a1f29"
PALETTE = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, BLACK)
"""Okabe-Ito without its yellow, which is too pale for a line on white."""

_DASHES = (
    "solid",
    "9px,5px",
    "3px,3px",
    "11px,4px,3px,4px",
    "18px,5px",
    "11px,4px,3px,4px,3px,4px",
    "16px,4px,6px,4px",
)  # lengths, not Plotly's words: the keys beside small figures draw them as SVG does
MARKS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star")

Looks: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Plotly's ``line`` by the name of what is drawn, in the order of the keys."""

ORIGIN_COLOR: Mapping[str, str] = MappingProxyType(
    {
        "measured": GREEN,
        "published": VERMILION,
        "fitted": SKY,
        "predicted": PURPLE,
        "computed": BLUE,
        "assumed": ORANGE,
    }
)

_REGION_COLOR: Mapping[str, str] = MappingProxyType(
    {
        "plasma": VERMILION,
        "blood": VERMILION,
        "red_marrow": PURPLE,
        "liver": ORANGE,
        "total_body": BLACK,
        "lesion": BLUE,
        "tumor": BLUE,
    }
)

CONFIG: Mapping[str, Any] = MappingProxyType(
    {
        "displaylogo": False,
        "responsive": True,
        "modeBarButtons": [["toImage", "resetScale2d"]],
        "toImageButtonOptions": {"format": "svg"},
    }
)


def region_colors(regions: Sequence[str]) -> dict[str, str]:
    """Give each region its color: well-known regions always the same, the others in turn.

    Examples
    --------
    >>> region_colors(["plasma", "kidneys"])
    {'plasma': '#d55e00', 'kidneys': '#0072b2'}
    """
    colors: dict[str, str] = {}
    for region in regions:
        own = _REGION_COLOR.get(region.split(":")[0])
        if own is not None and own not in colors.values():
            colors[region] = own
    free = [c for c in PALETTE if c not in colors.values()] or list(PALETTE)
    others = [r for r in regions if r not in colors]
    colors |= {r: free[i % len(free)] for i, r in enumerate(others)}
    return {r: colors[r] for r in regions}


def dash(k: int) -> str:
    """Dash of the k-th of several lines: all of the first seven differ.

    Later ones repeat them, but not with the same color of `PALETTE`.
    """
    return _DASHES[(k + k // len(PALETTE)) % len(_DASHES)]


def line_look(k: int, width: float = 2.4) -> dict[str, Any]:
    """Color, dash and width of the k-th of several lines, as Plotly's ``line`` takes them.

    Examples
    --------
    >>> line_look(1)
    {'color': '#d55e00', 'dash': '9px,5px', 'width': 2.4}
    """
    return {"color": PALETTE[k % len(PALETTE)], "dash": dash(k), "width": width}


def line_looks(names: Iterable[str]) -> Looks:
    """Give each name the look of its line, in their order."""
    return {name: line_look(k) for k, name in enumerate(names)}


def tinted(color: str, opacity: float) -> str:
    """Write ``#rrggbb`` with an opacity, as Plotly and CSS read it.

    Examples
    --------
    >>> tinted("#0072b2", 0.2)
    'rgba(0,114,178,0.2)'
    """
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def short(values: Iterable[float]) -> list[float | None]:
    """Five significant digits, all that a figure shows; None, a gap, where there is no number.

    Examples
    --------
    >>> short([0.1234567, float("nan")])
    [0.12346, None]
    """
    return [float(f"{v:.5g}") if np.isfinite(v) else None for v in values]


def add_band(
    figure: Figure,
    x: Sequence[float],
    low: Iterable[float],
    high: Iterable[float],
    color: str,
    opacity: float = 0.15,
    **where: int,
) -> None:
    """Shade what lies between two curves over the same places, beneath every line of the plot.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Changed in place.
    x, low, high : of the same length
    color : str
        ``#rrggbb``.
    opacity : float
    **where
        ``row`` and ``col`` of a figure with several plots.
    """
    across = short(x)
    figure.add_scatter(
        x=across + across[::-1], y=short(high) + short(low)[::-1], fill="toself",
        fillcolor=tinted(color, opacity), line={"width": 0}, mode="lines", hoverinfo="skip",
        showlegend=False, **where,
    )  # fmt: skip
    figure.data = (figure.data[-1], *figure.data[:-1])


def styled(figure: Figure, *, height: int, legend: bool = True) -> Figure:
    """Dress a figure: white ground, fine grid, system font; returns it.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Changed in place.
    height : int
        Pixels; the width follows the page.
    legend : bool
        Whether a legend stands above the plot.
    """
    figure.update_layout(
        template="none",
        height=height,
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        margin={"l": 70, "r": 24, "t": 48 if legend else 28, "b": 54},
        showlegend=legend,
        legend={"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
        hoverlabel={"bgcolor": "white", "font": {"family": FONT, "color": INK}, "align": "left"},
        hovermode="closest",
    )
    axis: dict[str, Any] = {
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": MUTED,
        "tickcolor": MUTED,
        "ticks": "outside",
        "ticklen": 4,
        "automargin": True,
        "title": {"font": {"size": 13}},
    }
    figure.update_xaxes(**axis)
    figure.update_yaxes(**axis)
    return figure


def figure_html(figure: Figure, div_id: str) -> str:
    """Turn a figure into a piece of HTML, without Plotly itself: the page holds that once.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    div_id : str
        Fixed name of the element, unique on its page: the same figure gives the same bytes.
    """
    return str(
        figure.to_html(full_html=False, include_plotlyjs=False, div_id=div_id, config=dict(CONFIG))
    )
