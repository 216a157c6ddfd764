"""Uptake against the lipids of membranes: what cholesterol and sphingolipid do in the model.

Each curve changes one lipid of the tumor's membranes and leaves the rest of the body as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.kinetics.carrier.lesion import with_mouse_tumor
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import Species, host
from pdcraft.kinetics.carrier.raft import RaftChange, membrane
from pdcraft.report.style import BLUE, INK, MUTED, VERMILION, add_band, short, styled

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

__all__ = ["raft_figure", "uptake_against"]

Lipid = Literal["cholesterol", "sphingolipid"]
UP_TO: dict[Lipid, float] = {"cholesterol": 0.5, "sphingolipid": 0.3}  # mole fractions shown
POINTS = 26
DRAWS = 200
SEED = 5  # of the scaling of the mouse's tumor


def uptake_against(lipid: Lipid, species: Species, time_h: float = 96.0) -> tuple[Floats, Floats]:
    """Uptake by tumor against one lipid of its membranes, over that of the calibrated membrane.

    The tumor of man is the one that a study takes: the mouse's, scaled.

    Parameters
    ----------
    lipid : {"cholesterol", "sphingolipid"}
    species : {"mouse", "human"}
    time_h : float
        After administration.

    Returns
    -------
    content : ndarray, shape (points,)
        Mole fraction of the membrane's lipids.
    uptake : ndarray, shape (draws, points)
        Concentration in tumor over that with the calibrated membrane, which is 1.
    """
    few = _few(species)
    if species == "human":
        few = with_mouse_tumor(few, _few("mouse"), SEED)
    calibrated = getattr(membrane("tumor"), lipid)
    content = np.linspace(0.0, UP_TO[lipid], POINTS)

    def tumor(factor: float) -> Floats:
        change = RaftChange(**{lipid: factor}, where="tumor")
        return observe(host(species), few, raft=change).concentration("tumor", time_h)[:, 0]

    unchanged = tumor(1.0)
    curves = [tumor(value / calibrated) / unchanged for value in content]
    return content, np.stack(curves, axis=1)


def _few(species: Species) -> dict[str, Floats]:
    return {name: values[:DRAWS] for name, values in carrier_draws(species).named().items()}


def raft_figure(species: Species) -> Figure:
    """Draw uptake against cholesterol and against sphingolipid, mean and 95% of the draws.

    Dotted lines mark the contents taken for normal and for tumor membranes.
    """
    from plotly.subplots import make_subplots

    figure = make_subplots(1, 2, shared_yaxes=True, horizontal_spacing=0.06)
    for column, lipid in enumerate(UP_TO, 1):
        content, uptake = uptake_against(lipid, species)
        percent = [round(100 * float(c), 2) for c in content]
        low, high = np.quantile(uptake, [0.025, 0.975], axis=0)
        add_band(figure, percent, low, high, BLUE, 0.2, row=1, col=column)
        figure.add_scatter(
            x=percent, y=short(uptake.mean(axis=0)), mode="lines",
            line={"color": BLUE, "width": 2.4}, row=1, col=column,
            hovertemplate="%{x:.0f} mol%: %{y:.2f}<extra></extra>",
        )  # fmt: skip
        top = float(high.max())
        for kind, color, side in (("normal", MUTED, "left"), ("tumor", VERMILION, "right")):
            place = 100 * getattr(membrane(kind), lipid)
            figure.add_scatter(
                x=[place, place], y=[0.0, top], mode="lines+text", text=["", kind],
                textposition=f"top {side}", textfont={"color": INK, "size": 12},
                line={"dash": "dot", "color": color}, hoverinfo="skip", row=1, col=column,
            )  # fmt: skip
    styled(figure, height=340, legend=False)
    for column, lipid in enumerate(UP_TO, 1):
        figure.update_xaxes(title_text=f"{lipid}, mol% of the membranes", col=column)
    figure.update_yaxes(title_text="uptake at 96 h, relative", rangemode="tozero", col=1)
    return figure
