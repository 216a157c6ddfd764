"""Figures of payloads against the size of metastases: dose of a decay, marrow dose beside."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.report.panels import Panel
from pdcraft.report.style import MARKS, add_band, line_looks, short, styled

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

    from pdcraft.study.recipes.payload_size import PayloadSize

__all__ = ["BANDED", "LEVEL", "TARGET_Gy", "marrow_Gy", "payload_panels"]

TARGET_Gy = 30.0  # that the metastasis is to get: an example
LEVEL = 0.95
MANY_DECADES = 6  # above, every other one has a label
BANDED = 2  # payloads with a band: more would hide each other


def marrow_Gy(one: PayloadSize) -> tuple[Floats, Floats, Floats]:
    """Median and limits of the marrow dose that comes with `TARGET_Gy`, each of shape (radii,)."""
    tail = (1 - LEVEL) / 2
    middle, low, high = np.quantile(TARGET_Gy / one.ratio, [0.5, tail, 1 - tail], axis=0)
    return middle, low, high


def payload_panels(found: Sequence[PayloadSize]) -> list[Panel]:
    """Draw dose per decay, dose per concentration and the marrow dose that comes with a dose.

    Parameters
    ----------
    found : sequence of PayloadSize
        As `pdcraft.study.recipes.payload_size.payload_size` gives them.

    Returns
    -------
    list of Panel
        Three, over one logarithmic axis of radii.
    """
    marrow = _lines(found, [marrow_Gy(one)[0] for one in found])
    looks = line_looks(one.size.nuclide for one in found)
    for one in found[:BANDED]:
        _, low, high = marrow_Gy(one)
        color = looks[one.size.nuclide]["color"]
        add_band(marrow, one.size.radius_um.tolist(), low, high, color)
    return [
        Panel("Gy per decay", "", _lines(found, [one.size.Gy_per_decay for one in found])),
        Panel("Gy per MBq·h/g", "", _lines(found, [one.size.Gy_g_per_MBq_h for one in found])),
        Panel(f"marrow Gy for {TARGET_Gy:g} Gy", "", marrow),
    ]


def _lines(found: Sequence[PayloadSize], values: Sequence[Floats]) -> Figure:
    from plotly.graph_objects import Figure

    figure = Figure()
    looks = line_looks(one.size.nuclide for one in found)
    for i, (one, y) in enumerate(zip(found, values, strict=True)):
        name = escape(one.size.nuclide)
        figure.add_scatter(
            x=short(one.size.radius_um), y=short(y), mode="lines+markers", name=name,
            line={**looks[one.size.nuclide], "width": 2},
            marker={"symbol": MARKS[i % len(MARKS)], "size": 6, "maxdisplayed": 6},
            hovertemplate=f"{name}, %{{x:.3g}} µm: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    styled(figure, height=330, legend=False)
    figure.update_layout(margin={"l": 58, "r": 12, "t": 10, "b": 48})
    figure.update_xaxes(
        type="log", dtick=1, tickformat="~g", tickangle=0, tickfont={"size": 11},
        title={"text": "radius, µm", "font": {"size": 12}},
    )  # fmt: skip
    many = np.ptp(np.log10(np.concatenate(values))) > MANY_DECADES
    figure.update_yaxes(type="log", exponentformat="power", dtick=2 if many else 1)
    return figure
