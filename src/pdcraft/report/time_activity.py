"""Fitted curves with their 95% bands and the measured points, for the page of ``pdcraft fit``.

Curves and points are those of the carrier, without decay: what was fitted. The dotted line is the
activity of the payload, which is what is integrated.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import quantity
from pdcraft.kinetics.fit import FitResult
from pdcraft.kinetics.region_fit import RegionFit
from pdcraft.kinetics.typical import typical
from pdcraft.physics.decay import decay_factor
from pdcraft.report.panels import Panel
from pdcraft.report.style import (
    INK,
    MUTED,
    Looks,
    add_band,
    dash,
    region_colors,
    short,
    styled,
    tinted,
)
from pdcraft.report.words import region_words

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["CURVES", "SUBJECTS", "fitted_panels", "percent_unit"]

PANEL_px = 250
POINTS = 200
FAINT = 1e-9
MOST_ABOVE = 30.0  # a band of few subjects is shown up to so many times the largest value
BEYOND = 1.25  # shown after the last measurement, in units of its time
FEW_DECADES = 2.0  # below, one label a decade is not enough
CURVES: Looks = MappingProxyType(
    {
        "carrier, without decay": {"color": INK, "dash": dash(0), "width": 2.4},
        "activity of the payload": {"color": MUTED, "dash": dash(2), "width": 1.4},
    }
)
SUBJECTS: Looks = MappingProxyType(
    {"carrier, one subject each": {"color": MUTED, "dash": dash(0), "width": 1}}
)
_UNIT = {"1": "%IA", "1/g": "%IA/g", "1/mL": "%IA/mL"}


def fitted_panels(result: FitResult) -> list[Panel]:
    """Draw each fitted region on a logarithmic axis of its own, to a little after the last time.

    Parameters
    ----------
    result : FitResult

    Returns
    -------
    list of Panel
        The band is the 95% interval of the draws. A region with several subjects shows each
        subject's fit as a thin line, and line and band are of the typical curve: at every time
        the geometric mean of the subjects with the same limits as the typical integral has.
    """
    shown = [r for r in result.regions if r.best]
    colors = region_colors([r.region for r in shown])
    return [
        Panel(
            region_words(region.region),
            percent_unit(region),
            _panel(region, result.half_life_h, colors[region.region]),
        )
        for region in shown
    ]


def percent_unit(region: RegionFit) -> str:
    """Give the unit in which people read a region's values."""
    return _UNIT[quantity(region.quantity).unit]


def _panel(region: RegionFit, half_life_h: float, color: str) -> Figure:
    from plotly.graph_objects import Figure

    figure = Figure()
    end = BEYOND * max(c.last_h for c in region.curves)
    hours = np.linspace(0.0, end, POINTS)
    middle, low, high = (100 * curve for curve in _typical(region, hours))
    several = len(region.curves) > 1
    seen = np.concatenate([c.value for c in region.curves])
    floor = 0.3 * float(100 * seen[seen > 0].min())
    largest = float(100 * seen.max())
    top = 1.5 * max(largest, min(float(high.max()), MOST_ABOVE * largest))
    unit = percent_unit(region)
    for data, fit in zip(region.curves, region.best, strict=True) if len(region.best) > 1 else ():
        figure.add_scatter(
            x=short(hours), y=short(100 * fit.at(hours)), mode="lines", showlegend=False,
            name=data.subject, line={"color": tinted(color, 0.5), "width": 1},
            hovertemplate=f"{data.subject}, %{{x:.3g}} h: %{{y:.3g}} {unit}<extra></extra>",
        )  # fmt: skip
    carrier, activity = CURVES.values()
    for name, y, line in (
        ("carrier", middle, {**carrier, "color": color}),
        ("activity", middle * decay_factor(hours, half_life_h), dict(activity)),
    ):
        figure.add_scatter(
            x=short(hours), y=short(y), mode="lines", name=name, line=line,
            hovertemplate=f"{name}, %{{x:.3g}} h: %{{y:.3g}} {unit}<extra></extra>",
        )  # fmt: skip
    lowest = floor / 10  # a logarithmic axis has no zero
    add_band(figure, hours.tolist(), np.maximum(low, lowest), np.maximum(high, lowest), color, 0.18)
    figure.data[0].name = "95% limits of the typical curve" if several else "95% of the draws"
    _points(figure, region, unit)
    styled(figure, height=PANEL_px, legend=False)
    figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 44})
    span = np.log10([floor, top])
    few = span[1] - span[0] < FEW_DECADES
    figure.update_yaxes(
        type="log", range=span.tolist(), dtick="D2" if few else 1, tickformat="~g",
        minor={"ticks": "outside"},
    )  # fmt: skip
    figure.update_xaxes(title={"text": "hours after administration", "font": {"size": 12}})
    return figure


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


def _points(figure: Figure, region: RegionFit, unit: str) -> None:
    for data in region.curves:
        for limit in (False, True):
            mine = data.censored == limit
            if not mine.any():
                continue
            error = None if limit else {
                "array": short(np.nan_to_num(100 * data.sd[mine])), "color": INK,
                "thickness": 1.2, "width": 3,
            }  # fmt: skip
            name = "below quantification" if limit else "measured"
            figure.add_scatter(
                x=short(data.time_h[mine]), y=short(100 * data.value[mine]), mode="markers",
                error_y=error, name=name,
                marker={"symbol": "triangle-down-open" if limit else "circle", "size": 7,
                        "color": INK if limit else "white", "line": {"color": INK, "width": 1.5}},
                hovertemplate=f"{name}, %{{x:.4g}} h: %{{y:.4g}} {unit}<extra></extra>",
            )  # fmt: skip
