"""Figures of a population fit: individual fits, predictive check, residuals, NPDE."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.population.diagnostics import cwres, npde
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.smooth import smooth_curves
from pdcraft.kinetics.population.vpc import PredictiveCheck, predictive_check
from pdcraft.report.style import CONFIG, INK, MUTED, PALETTE, styled, tinted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = [
    "individual_fits_figure",
    "npde_figure",
    "predictive_check_figure",
    "residuals_figure",
    "write_population",
]

COLUMNS = 4
PANEL_px = 210
MOST_PANELS = 24  # more subjects than this are no longer read one by one
BLUE, VERMILION = PALETTE[0], PALETTE[1]
_POINT = {"symbol": "circle", "size": 6, "color": "white", "line": {"color": INK, "width": 1.3}}


def individual_fits_figure(result: PopulationFit) -> Figure:
    """Draw a panel per subject: values, its own curve, and that of the typical subject.

    The first 24 subjects are shown. Values have the unit of the table's DV, which it does not say.
    """
    from plotly.subplots import make_subplots

    records = result.statement.records
    shown = min(records.n_subjects, MOST_PANELS)
    columns = min(COLUMNS, shown)
    rows = -(-shown // columns)
    titles = [f"subject {name}" for name in records.ids[:shown]]
    figure = make_subplots(
        rows, columns, subplot_titles=titles, shared_yaxes=True, shared_xaxes=True,
        horizontal_spacing=0.03, vertical_spacing=min(0.1, 0.3 / rows),
    )  # fmt: skip
    grid_h, own, typical = smooth_curves(result)
    for i in range(shown):
        used = records.observed[i]
        time_h = records.time_h[i, used]
        where: dict[str, Any] = {"row": i // columns + 1, "col": i % columns + 1}
        base: dict[str, Any] = {"showlegend": i == 0, **where}
        figure.add_scatter(
            x=grid_h[i], y=typical[i], mode="lines", name="typical subject",
            line={"color": MUTED, "width": 1.4, "dash": "dot"}, **base,
        )  # fmt: skip
        figure.add_scatter(
            x=grid_h[i], y=own[i], mode="lines", name="this subject",
            line={"color": BLUE, "width": 2}, **base,
        )  # fmt: skip
        figure.add_scatter(
            x=time_h, y=records.value[i, used], mode="markers", name="measured", marker=_POINT,
            **base,
        )  # fmt: skip
    styled(figure, height=110 + PANEL_px * rows)
    figure.update_annotations(font={"size": 12, "color": INK})
    figure.update_xaxes(title={"text": "time (h)", "font": {"size": 12}}, row=rows)
    figure.update_yaxes(title={"text": "DV, as in the data", "font": {"size": 12}}, col=1)
    figure.update_layout(legend={"y": 1.0, "yref": "container", "yanchor": "top"})
    return figure


def predictive_check_figure(check: PredictiveCheck) -> Figure:
    """Draw the prediction-corrected check: quantiles of the data over the model's bands."""
    from plotly.graph_objects import Figure

    figure = Figure()
    middle = len(check.quantiles) // 2
    for k, quantile in enumerate(check.quantiles):
        color = VERMILION if k == middle else BLUE
        figure.add_scatter(
            x=np.concatenate([check.time_h, check.time_h[::-1]]),
            y=np.concatenate([check.high[k], check.low[k][::-1]]),
            fill="toself", fillcolor=tinted(color, 0.2), line={"width": 0}, mode="lines",
            hoverinfo="skip", name=f"model, 95% of the {quantile:.0%} quantile",
        )  # fmt: skip
    figure.add_scatter(
        x=check.point_time_h, y=check.point, mode="markers", name="measured, corrected",
        marker={**_POINT, "size": 4, "line": {"color": MUTED, "width": 1}},
    )  # fmt: skip
    for k, quantile in enumerate(check.quantiles):
        color = VERMILION if k == middle else BLUE
        figure.add_scatter(
            x=check.time_h, y=check.observed[k], mode="lines+markers",
            name=f"measured, {quantile:.0%} quantile",
            line={"color": color, "width": 2, "dash": "solid" if k == middle else "dash"},
        )  # fmt: skip
    styled(figure, height=460)
    figure.update_xaxes(title={"text": "time (h)"})
    figure.update_yaxes(title={"text": "prediction-corrected value"})
    figure.update_layout(margin={"l": 70, "r": 24, "t": 90, "b": 54})
    return figure


def residuals_figure(result: PopulationFit) -> Figure:
    """Draw conditional weighted residuals against time and against the typical prediction."""
    return _residuals(result, cwres(result), "CWRES")


def npde_figure(result: PopulationFit, *, seed: int = 1) -> Figure:
    """Draw normalized prediction distribution errors against time and typical prediction."""
    width = result.statement.records.value.shape[1]
    return _residuals(result, npde(result, n=max(1000, 10 * width), seed=seed), "NPDE")


def _residuals(result: PopulationFit, values: Floats, name: str) -> Figure:
    from plotly.subplots import make_subplots

    records = result.statement.records
    used = records.quantified
    residual = values[used]
    names = np.repeat(np.array(records.ids), used.sum(axis=1))
    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.05)
    columns = (
        (records.time_h[used], "time (h)"),
        (result.population_prediction[used], "typical prediction"),
    )
    for column, (x, title) in enumerate(columns, start=1):
        where: dict[str, Any] = {"row": 1, "col": column}
        figure.add_scatter(
            x=x, y=residual, mode="markers", marker=_POINT, text=names, showlegend=False,
            hovertemplate="subject %{text}: %{y:.2f}<extra></extra>", **where,
        )  # fmt: skip
        for level, dash in ((-1.96, "dash"), (0.0, "solid"), (1.96, "dash")):
            line: Any = {"color": MUTED, "width": 1, "dash": dash}
            figure.add_hline(level, line=line, **where)
        figure.update_xaxes(title={"text": title}, **where)
    styled(figure, height=360, legend=False)
    figure.update_yaxes(title={"text": name}, row=1, col=1)
    return figure


def write_population(result: PopulationFit, path: Path, *, seed: int = 1) -> None:
    """Write the four figures as one offline HTML page."""
    check = predictive_check(result, seed=seed)
    parts = [
        ("Individual fits", "individual-fits", individual_fits_figure(result)),
        ("Prediction-corrected check", "predictive-check", predictive_check_figure(check)),
        ("Weighted residuals", "weighted-residuals", residuals_figure(result)),
        ("Prediction errors", "prediction-errors", npde_figure(result, seed=seed)),
    ]
    body: list[str] = []
    for i, (title, name, figure) in enumerate(parts):
        html = figure.to_html(
            full_html=False, include_plotlyjs=i == 0, div_id=name, config=dict(CONFIG)
        )
        body.append(f"<h2>{title}</h2>\n{html}")
    style = f"body{{font-family:system-ui,sans-serif;color:{INK};max-width:1100px;margin:2em auto}}"
    head = f'<meta charset="utf-8"><title>Population fit</title><style>{style}</style>'
    page = f"<!doctype html><html lang='en'><head>{head}</head><body>\n" + "\n".join(body)
    path.write_text(page + "\n</body></html>\n", encoding="utf-8")
