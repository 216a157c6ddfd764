"""Payloads against the size of metastases as one offline page: figures, numbers, assumptions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.estimate import summarize
from pdcraft.data.evidence import carrier_evidence
from pdcraft.data.nuclides import nuclide
from pdcraft.kinetics.carrier.parameters import priors
from pdcraft.report.page import render_page
from pdcraft.report.panels import drawn
from pdcraft.report.payload_figure import BANDED, LEVEL, TARGET_Gy, marrow_Gy, payload_panels
from pdcraft.report.style import line_looks
from pdcraft.report.tables import Column, Group, Table
from pdcraft.report.time_activity_page import MIRD21
from pdcraft.report.words import given_number, number

if TYPE_CHECKING:
    from pdcraft.study.recipes.payload_size import PayloadSize, SizeDose

__all__ = ["payload_html"]

SIZES = 7  # of the figure's radii that stand in the tables
DAUGHTERS = {"equilibrium": "all, where it decayed", "prompt": "those that live for minutes"}


def payload_html(
    found: Sequence[PayloadSize], *, species: Literal["human", "mouse"] = "human"
) -> str:
    """Build the page.

    Parameters
    ----------
    found : sequence of PayloadSize
        As `pdcraft.study.recipes.payload_size.payload_size` gives them, over the same radii.
    species : {"human", "mouse"}
        Which was given there.

    Returns
    -------
    str
        HTML with everything inside; the same values give the same text.
    """
    names = [one.size.nuclide for one in found]
    return render_page(
        "payload.html.j2",
        "Which payload for which size of metastasis",
        names=names,
        draws=found[0].ratio.shape[0],
        radius_um=[_short(float(r)) for r in found[0].size.radius_um[[0, -1]]],
        target=f"{TARGET_Gy:g}",
        level=f"{100 * LEVEL:g}%",
        banded=names[:BANDED],
        keys=line_looks(names).items(),
        panels=drawn(payload_panels(found), "fig-payload"),
        marrow=_marrow(found),
        decays=_sized(
            found, "table-decay", "Dose per decay in the metastasis, Gy", lambda s: s.Gy_per_decay
        ),
        concentrations=_sized(
            found, "table-concentration",
            "Dose per activity concentration integrated over time, Gy per MBq·h/g",
            lambda s: s.Gy_g_per_MBq_h,
        ),
        kinetics=_kinetics(found),
        assumptions=_assumptions(found, species),
        sources=_sources(names, species),
    )  # fmt: skip


def _shown(found: Sequence[PayloadSize]) -> list[tuple[int, str]]:
    """Radii of the tables: their place among the figure's, and as they are written."""
    radius = found[0].size.radius_um
    places = np.unique(np.linspace(0, radius.size - 1, SIZES).round().astype(int))
    return [(int(j), _short(float(radius[j]))) for j in places]


def _short(radius_um: float) -> str:
    """Write a radius with at most three digits."""
    return given_number(float(f"{radius_um:.3g}"))


def _marrow(found: Sequence[PayloadSize]) -> Table:
    values = [marrow_Gy(one) for one in found]
    return Table(
        id="table-marrow",
        title=f"Marrow dose that comes with {TARGET_Gy:g} Gy to the metastasis, Gy",
        note=f"Median and {100 * LEVEL:g}% limits of the draws. Payloads share the draws, so their "
        "ratios are surer than these limits say.",
        groups=(Group("", 1), *(Group(one.size.nuclide, 3, "computed") for one in found)),
        columns=(
            Column("radius, µm", "number"),
            *(Column(end, "number") for _ in found for end in ("median", "low", "high")),
        ),
        rows=tuple(
            (r, *(number(float(end[j])) for ends in values for end in ends))
            for j, r in _shown(found)
        ),
        origins=("computed",),
    )


def _sized(
    found: Sequence[PayloadSize], name: str, title: str, values: Callable[[SizeDose], Floats]
) -> Table:
    return Table(
        id=name,
        title=title,
        note="Without draws: the payload's radiation and the sphere alone, no interval.",
        groups=(),
        columns=(
            Column("radius, µm", "number"),
            *(Column(one.size.nuclide, "number") for one in found),
        ),
        rows=tuple(
            (r, *(number(float(values(one.size)[j])) for one in found)) for j, r in _shown(found)
        ),
        origins=("computed",),
    )


def _kinetics(found: Sequence[PayloadSize]) -> Table:
    body: list[tuple[str, ...]] = []
    for one in found:
        k = one.kinetics
        estimates = (summarize(k.tumor_h_per_g), summarize(k.marrow_mGy_per_MBq))
        body.append(
            (
                k.nuclide, number(k.half_life_h), DAUGHTERS[k.progeny],
                *(number(e[end]) for e in estimates for end in ("value", "low", "high")),
            )
        )  # fmt: skip
    ends = tuple(Column(end, "number") for end in ("value", "low", "high"))
    return Table(
        id="table-kinetics",
        title="What the carrier brings to tumor and marrow",
        note=f"Per administered activity. Mean and {100 * LEVEL:g}% limits of the draws.",
        groups=(
            Group("", 1),
            Group("published", 1, "given"),
            Group("assumed", 1, "assumed"),
            Group("tumor, computed, MBq·h/g per MBq", 3, "computed"),
            Group("red marrow, computed, mGy/MBq", 3, "computed"),
        ),
        columns=(
            Column("payload"), Column("half-life, h", "number"), Column("daughters that count"),
            *ends, *ends,
        ),
        rows=tuple(body),
    )  # fmt: skip


def _assumptions(found: Sequence[PayloadSize], species: str) -> list[tuple[str, str]]:
    """List what is taken as so: the value in short, and what it means."""
    host = {"human": "a person of 73 kg", "mouse": "a mouse of 22 g"}[species]
    alphas = [one.size.nuclide for one in found if one.size.progeny == "equilibrium"]
    out = [
        ("even activity", "a metastasis is a sphere of water with the same activity everywhere in "
         "it and none around it"),
        ("one carrier", f"all payloads ride on CLR 131's carrier in {host}, with the kinetics "
         "calibrated on its publications; what a payload changes in them is a factor of median 1"),
        ("one uptake", "metastases of all sizes take up as much per gram"),
        ("thyroid blocked", "iodide set free does not stay in the thyroid"),
        ("absorbed dose", "all radiation counts alike: alpha particles would weigh more, slow dose "
         "less"),
    ]  # fmt: skip
    if alphas:
        words = f"all daughters of {', '.join(alphas)} decay where it did, in tumor and marrow"
        out.append(("daughters", words))
    return out


def _sources(names: Sequence[str], species: str) -> list[tuple[str, str | None]]:
    items = [i for i in carrier_evidence() if i.use == "fit" and i.species == species]
    cited = [*(i.citation for i in items), *priors(species).citations.values()]
    texts = dict.fromkeys(text for name in names for text in nuclide(name).sources)
    return [
        *dict.fromkeys((f"{c.text}.", c.doi) for c in cited),
        MIRD21,
        *((f"{text}.", None) for text in texts),
    ]
