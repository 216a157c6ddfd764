"""Fitted curves with their 95% bands and the measured points: the page of ``pdcraft fit --plot``.

Curves and points are those of the carrier, without decay: what was fitted. The dotted line is the
activity of the payload, which is what is integrated.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import quantity
from pdcraft.kinetics.fit import FitResult
from pdcraft.kinetics.region_fit import RegionFit
from pdcraft.kinetics.typical import typical
from pdcraft.physics.decay import decay_factor
from pdcraft.report.style import CONFIG, INK, MUTED, region_colors, styled, tinted
from pdcraft.report.words import region_words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["time_activity_figure", "write_time_activity"]

COLUMNS = 3
PANEL_px = 290
POINTS = 200
FAINT = 1e-9
MOST_ABOVE = 30.0  # a band of few subjects is shown up to so many times the largest value
BEYOND = 1.25  # shown after the last measurement, in units of its time
_UNIT = {"1": "%IA", "1/g": "%IA/g", "1/mL": "%IA/mL"}


def time_activity_figure(result: FitResult) -> Figure:
    """Draw one panel per fitted region on a logarithmic axis, to a little after the last time.

    Parameters
    ----------
    result : FitResult

    Returns
    -------
    plotly.graph_objects.Figure
        The band is the 95% interval of the draws. A region with several subjects shows each
        subject's fit as a thin line, and line and band are of the typical curve: at every time
        the geometric mean of the subjects with the same limits as the typical integral has.
    """
    from plotly.subplots import make_subplots

    shown = [r for r in result.regions if r.best]
    columns = min(COLUMNS, len(shown))
    rows = -(-len(shown) // columns)
    titles = [f"{region_words(r.region)}, {_unit(r)}" for r in shown]
    figure = make_subplots(
        rows, columns, subplot_titles=titles, horizontal_spacing=0.08,
        vertical_spacing=0.3 / rows,
    )  # fmt: skip
    colors = region_colors([r.region for r in shown])
    for i, region in enumerate(shown):
        where: dict[str, Any] = {"row": i // columns + 1, "col": i % columns + 1}
        _panel(figure, region, result.half_life_h, colors[region.region], where, first=i == 0)
    styled(figure, height=120 + PANEL_px * rows)
    figure.update_layout(
        title={"text": f"Fitted curves, {result.payload}", "x": 0.01, "font": {"size": 18}},
        margin={"l": 62, "r": 20, "t": 110, "b": 54},
        legend={"y": 1.0, "yref": "container", "yanchor": "top", "x": 0.94, "xanchor": "right"},
    )
    figure.update_yaxes(type="log", dtick=1, exponentformat="power", minor={"ticks": "outside"})
    figure.update_xaxes(title={"text": "hours after administration", "font": {"size": 12}})
    figure.update_annotations(font={"size": 14, "color": INK})
    return figure


def _unit(region: RegionFit) -> str:
    return _UNIT[quantity(region.quantity).unit]


def _panel(
    figure: Figure,
    region: RegionFit,
    half_life_h: float,
    color: str,
    where: dict[str, Any],
    *,
    first: bool,
) -> None:
    end = BEYOND * max(c.last_h for c in region.curves)
    hours = np.linspace(0.0, end, POINTS)
    middle, low, high = (100 * curve for curve in _typical(region, hours))
    several = len(region.curves) > 1
    seen = np.concatenate([c.value for c in region.curves])
    floor = 0.3 * float(100 * seen[seen > 0].min())
    largest = float(100 * seen.max())
    top = max(largest, min(float(high.max()), MOST_ABOVE * largest))
    base: dict[str, Any] = {"mode": "lines", "showlegend": first}
    figure.add_scatter(
        x=np.concatenate([hours, hours[::-1]]),
        y=np.maximum(np.concatenate([high, low[::-1]]), floor / 10),
        fill="toself", fillcolor=tinted(color, 0.18), line={"width": 0}, hoverinfo="skip",
        name="95% limits of the typical curve" if several else "95% of the draws", **base, **where,
    )  # fmt: skip
    for data, fit in zip(region.curves, region.best, strict=True) if len(region.best) > 1 else ():
        figure.add_scatter(
            x=hours, y=100 * fit.at(hours), mode="lines", showlegend=False, name=data.subject,
            line={"color": tinted(color, 0.5), "width": 1}, **where,
        )  # fmt: skip
    figure.add_scatter(
        x=hours, y=middle, name="carrier, typical" if several else "carrier, mean",
        line={"color": color, "width": 2.4}, **base, **where,
    )  # fmt: skip
    figure.add_scatter(
        x=hours, y=middle * decay_factor(hours, half_life_h), name="activity",
        line={"color": MUTED, "width": 1.4, "dash": "dot"}, **base, **where,
    )  # fmt: skip
    _points(figure, region, where, first=first)
    figure.update_yaxes(range=[np.log10(floor), np.log10(1.5 * top)], **where)


def _typical(region: RegionFit, hours: Floats) -> tuple[Floats, Floats, Floats]:
    """Carrier's curve with its 95% limits, each of shape (time,); see `time_activity_figure`."""
    curves = np.zeros((*region.coefficients.shape[:2], hours.size))
    for k in range(region.coefficients.shape[2]):
        c, r = region.coefficients[..., k, None], region.rates_per_h[..., k, None]
        curves += c * np.exp(-r * hours)
    if region.coefficients.shape[1] == 1:
        draws = curves[:, 0]
        low, high = np.quantile(draws, [0.025, 0.975], axis=0)
        return draws.mean(axis=0), low, high
    curves = np.maximum(curves, FAINT * curves.max())  # a rise from nothing has no logarithm
    rng = np.random.default_rng(0)  # orders draws only
    drawn = np.stack([typical(curves[..., j], rng) for j in range(hours.size)], axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    return np.exp(np.log(curves.mean(axis=0)).mean(axis=0)), low, high


def _points(figure: Figure, region: RegionFit, where: dict[str, int], *, first: bool) -> None:
    for i, data in enumerate(region.curves):
        for limit in (False, True):
            mine = data.censored == limit
            if not mine.any():
                continue
            error = None if limit else {
                "array": np.nan_to_num(100 * data.sd[mine]), "color": INK, "thickness": 1.2,
                "width": 3,
            }  # fmt: skip
            figure.add_scatter(
                x=data.time_h[mine], y=100 * data.value[mine], mode="markers", error_y=error,
                name="below quantification" if limit else "measured",
                showlegend=limit or (first and i == 0),
                marker={"symbol": "triangle-down-open" if limit else "circle", "size": 7,
                        "color": INK if limit else "white", "line": {"color": INK, "width": 1.5}},
                **where,
            )  # fmt: skip


def write_time_activity(result: FitResult, path: Path) -> None:
    """Write the figure as one offline HTML page."""
    html = time_activity_figure(result).to_html(
        include_plotlyjs=True, div_id="time-activity", config=dict(CONFIG)
    )
    path.write_text(html, encoding="utf-8")
