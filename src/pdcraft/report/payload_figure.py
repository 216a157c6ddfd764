"""Figure of payloads against the size of metastases: dose of a decay, marrow dose beside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.report.style import CONFIG, FONT, MARKS, MUTED, add_band, line_look, short, styled

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from pdcraft.study.recipes.payload_size import PayloadSize

__all__ = ["CAPTION", "TARGET_Gy", "payload_figure", "payload_page"]

TARGET_Gy = 30.0  # that the metastasis is to get: an example
LEVEL = 0.95
CAPTION = (
    "Left: mean dose of a sphere of tumor per decay in it. Middle: the same per activity "
    "concentration integrated over time; where a line is flat, the radiation stays inside. Right: "
    f"red-marrow dose that comes with {TARGET_Gy:g} Gy to the metastasis, with the same carrier "
    f"and the same draws of its kinetics (median; shaded, 95% for the first two payloads): lower "
    "is better. Uniform activity, none around the metastasis; absorbed dose, so alpha particles "
    "are not weighted; all daughters of Ac-225 decay where it did."
)


def payload_figure(found: Sequence[PayloadSize]) -> Figure:
    """Draw dose per decay, dose per concentration and the marrow dose that comes with a dose.

    Parameters
    ----------
    found : sequence of PayloadSize
        As `pdcraft.study.recipes.payload_size.payload_size` gives them.

    Returns
    -------
    plotly.graph_objects.Figure
        Three panels over one logarithmic axis of radii.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(
        1, 3, horizontal_spacing=0.08,
        subplot_titles=("Gy per decay", "Gy per MBq·h/g", f"marrow Gy for {TARGET_Gy:g} Gy"),
    )  # fmt: skip
    for i, one in enumerate(found):
        size = one.size
        line = line_look(i, 2.0)
        marrow = TARGET_Gy / one.ratio
        middle = np.median(marrow, axis=0)
        if i < 2:
            low, high = np.quantile(marrow, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
            add_band(figure, size.radius_um.tolist(), low, high, line["color"], row=1, col=3)
        for column, values in enumerate((size.Gy_per_decay, size.Gy_g_per_MBq_h, middle), 1):
            figure.add_scatter(
                x=short(size.radius_um), y=short(values), row=1, col=column,
                mode="lines+markers", name=escape(size.nuclide), legendgroup=size.nuclide,
                showlegend=column == 1, line=line,
                marker={"symbol": MARKS[i % len(MARKS)], "size": 6, "maxdisplayed": 6},
                hovertemplate=f"{escape(size.nuclide)}, %{{x:.3g}} µm: %{{y:.3g}}<extra></extra>",
            )  # fmt: skip
    styled(figure, height=420)
    figure.update_layout(margin={"l": 60, "r": 16, "t": 88, "b": 54}, legend={"y": 1.14})
    figure.update_xaxes(
        type="log", title={"text": "radius of the metastasis, µm"}, dtick=1, exponentformat="none"
    )
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    figure.update_annotations(font={"size": 13, "color": MUTED})
    return figure


def payload_page(found: Sequence[PayloadSize]) -> str:
    """Make an offline page of the figure and its caption.

    Parameters
    ----------
    found : sequence of PayloadSize
    """
    page: str = payload_figure(found).to_html(
        include_plotlyjs=True, full_html=True, config=dict(CONFIG)
    )
    caption = f'<p style="font-family:{escape(FONT)};max-width:60em">{escape(CAPTION)}</p>'
    return page.replace("</body>", f"{caption}</body>")
