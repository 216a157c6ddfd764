"""Figures of a population fit: individual fits, predictive check, residuals."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.smooth import smooth_curves
from pdcraft.kinetics.population.vpc import PredictiveCheck
from pdcraft.report.panels import Panel
from pdcraft.report.style import (
    BLUE,
    INK,
    MARKS,
    MUTED,
    Looks,
    add_band,
    dash,
    line_look,
    short,
    styled,
)

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = [
    "CURVES",
    "MOST_PANELS",
    "individual_panels",
    "predictive_check_figure",
    "residual_panels",
]

MOST_PANELS = 24  # more subjects than this are no longer read one by one
CURVES: Looks = MappingProxyType(
    {
        "the subject's own curve": {"color": BLUE, "dash": dash(0), "width": 2},
        "the typical subject": {"color": MUTED, "dash": dash(2), "width": 1.4},
    }
)
_POINT = {"symbol": "circle", "size": 6, "color": "white", "line": {"color": INK, "width": 1.3}}
_LIMIT = {**_POINT, "symbol": "triangle-down"}


def individual_panels(result: PopulationFit) -> list[Panel]:
    """Draw a panel per subject: values, its own curve, and that of the typical subject.

    The first 24 subjects are shown, on the same axes. Values have the unit of the table's DV, which
    it does not say; a limit of quantification that was not reached is a triangle.
    """
    from plotly.graph_objects import Figure

    records = result.statement.records
    shown = min(records.n_subjects, MOST_PANELS)
    grid_h, own, typical = (curve[:shown] for curve in smooth_curves(result))
    seen = np.where(records.observed, records.value, 0.0)[:shown]
    top = 1.06 * max(float(np.nanmax(each)) for each in (own, typical, seen))
    low = min(0.0, *(float(np.nanmin(each)) for each in (own, typical, seen)))
    first, last = float(grid_h.min()), float(grid_h.max())
    out: list[Panel] = []
    for i in range(shown):
        figure = Figure()
        for y, line in zip((own, typical), CURVES.values(), strict=True):
            figure.add_scatter(
                x=short(grid_h[i]), y=short(y[i]), mode="lines", line=dict(line), hoverinfo="skip"
            )
        for used, marker in ((records.quantified[i], _POINT), (records.below[i], _LIMIT)):
            if used.any():
                figure.add_scatter(
                    x=short(records.time_h[i, used]), y=short(records.value[i, used]),
                    mode="markers", marker=marker,
                    hovertemplate="%{x:.4g} h: %{y:.4g}<extra></extra>",
                )  # fmt: skip
        styled(figure, height=210, legend=False)
        figure.update_layout(margin={"l": 46, "r": 12, "t": 10, "b": 44})
        figure.update_xaxes(
            title={"text": "time (h)", "font": {"size": 12}},
            range=short([first - 0.03 * (last - first), last + 0.03 * (last - first)]),
        )
        figure.update_yaxes(range=short([low - 0.05 * (top - low), top]))
        out.append(Panel(f"subject {records.ids[i]}", "DV", figure))
    return out


def predictive_check_figure(check: PredictiveCheck) -> Figure:
    """Draw the prediction-corrected check: quantiles of the data over the model's bands."""
    from plotly.graph_objects import Figure

    figure = Figure()
    figure.add_scatter(
        x=short(check.point_time_h), y=short(check.point), mode="markers", name="single values",
        marker={**_POINT, "size": 4, "line": {"color": MUTED, "width": 1}},
        hovertemplate="%{x:.4g} h: %{y:.4g}<extra></extra>",
    )  # fmt: skip
    for k, level in enumerate(check.quantiles):
        name = "median" if level == 0.5 else f"{level:.0%} quantile"
        look = line_look(k, 2.0)
        figure.add_scatter(
            x=short(check.time_h), y=short(check.observed[k]), mode="lines+markers",
            name=name, line=look, marker={"symbol": MARKS[k], "size": 7},
            hovertemplate=f"measured {name}, %{{x:.4g}} h: %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
        across = check.time_h.tolist()
        add_band(figure, across, check.low[k], check.high[k], look["color"], opacity=0.2)
    styled(figure, height=440)
    figure.update_xaxes(title={"text": "time (h)"})
    figure.update_yaxes(title={"text": "prediction-corrected DV"})
    figure.update_layout(margin={"l": 62, "r": 16, "t": 64, "b": 54})
    return figure


def residual_panels(result: PopulationFit, values: Floats, name: str) -> list[Panel]:
    """Draw residuals against time and against the typical prediction.

    Parameters
    ----------
    result : PopulationFit
    values : ndarray, shape (subject, observation)
        About standard normal for a right model.
    name : str
        Of the residuals.
    """
    from plotly.graph_objects import Figure

    records = result.statement.records
    used = records.quantified & np.isfinite(values)
    names = np.repeat(np.array(records.ids), used.sum(axis=1))
    out: list[Panel] = []
    for x, title, axis in (
        (records.time_h, "against time", "time (h)"),
        (result.population_prediction, "against the typical prediction", "typical prediction, DV"),
    ):
        figure = Figure()
        figure.add_scatter(
            x=short(x[used]), y=short(values[used]), mode="markers", marker=_POINT,
            text=names.tolist(), hovertemplate="subject %{text}: %{y:.2f}<extra></extra>",
        )  # fmt: skip
        for level, dashes in ((-1.96, "dash"), (0.0, "solid"), (1.96, "dash")):
            line: Any = {"color": MUTED, "width": 1, "dash": dashes}
            figure.add_hline(level, line=line)
        styled(figure, height=300, legend=False)
        figure.update_layout(margin={"l": 46, "r": 12, "t": 10, "b": 48})
        figure.update_xaxes(title={"text": axis, "font": {"size": 12}})
        out.append(Panel(f"{name} {title}", "", figure))
    return out
