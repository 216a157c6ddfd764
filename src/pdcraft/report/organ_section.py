"""What a page shows of a body and its doses: pictures, charts, table; made for a template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pdcraft.core.body import Body
from pdcraft.core.run import Series
from pdcraft.dosimetry.organ_dose import OrganDose, uncertainty_shares
from pdcraft.report.body_figure import OrganValues, body_figure
from pdcraft.report.body_views import body_views
from pdcraft.report.curves import time_activity_panels
from pdcraft.report.organ_figures import (
    MARROW_FILL,
    ORIGIN_FILL,
    MarrowShares,
    bar_groups,
    marrow_bars,
    marrow_spread,
    organ_bars,
    s_matrix,
)
from pdcraft.report.organ_parts import ORIGINS, TargetDose, organ_values, target_doses
from pdcraft.report.panels import drawn, marked
from pdcraft.report.style import figure_html
from pdcraft.report.tables import Column, Group, Table
from pdcraft.report.words import number, region_order, region_words

__all__ = ["organ_section"]


def _marked(html: str) -> Any:
    from markupsafe import Markup

    return Markup(html)  # made here


def _table(dose: OrganDose, doses: Sequence[TargetDose]) -> Table:
    """Make the table of doses; the last cells say what most of the variance is due to."""
    drivers = uncertainty_shares(dose)
    rows: list[tuple[str, ...]] = []
    for one in doses:
        t = dose.targets.index(one.target)
        parts = [one.by_origin[o] for o in ORIGINS]
        rows.append(
            (
                region_words(one.target),
                number(float(dose.S.target_mass_g[t])),
                *(number(value) for value in (one.mean, one.low, one.high)),
                f"{100 * one.std_err / one.mean:.2g}" if one.mean > 0 else "",
                *(f"{100 * part / one.mean:.0f}" if part > 0 else "" for part in parts),
                *_driver({name: float(share[t]) for name, share in drivers.items()}),
            )
        )
    return Table(
        id="organ-table",
        title="Dose of each organ and where it comes from",
        note="Limits hold 95% of the draws and not the Monte Carlo error, which is the standard "
        "error of the transport alone. Variance: what most of it is due to, kinetics, drawn masses "
        "or statistics of the transport.",
        groups=(
            Group("", 1), Group("of the phantom", 1), Group("computed, mGy/MBq", 3, "computed"),
            Group("error", 1), Group("share of the mean from decays in, %", len(ORIGINS)),
            Group("most variance from", 2),
        ),
        columns=(
            Column("target"), Column("mass, g", "number"),
            *(Column(name, "number") for name in ("mean", "low", "high", "MC, %", *ORIGINS)),
            Column("part"), Column("%", "number"),
        ),
        rows=tuple(rows),
        unfolded=True,
    )  # fmt: skip


def _driver(shares: Mapping[str, float]) -> tuple[str, str]:
    """Say what most of the variance is due to, in percent; empty where nothing is uncertain."""
    part, share = max(shares.items(), key=lambda item: item[1])
    return (part, f"{100 * share:.0f}") if share > 0 else ("", "")


def organ_section(
    dose: OrganDose | None,
    body: Body,
    *,
    name: str = "organs",
    values: OrganValues | None = None,
    marrow: Sequence[MarrowShares] = (),
    marrow_unit: str = "mGy/MBq",
    rates: Sequence[Series] = (),
    anatomy: bool = True,
) -> dict[str, Any]:
    """Make all that a page shows of a body and its doses.

    Parameters
    ----------
    dose : OrganDose, optional
    body : Body
    name : str
        Start of the ids of elements, unique on the page.
    values : OrganValues, optional
        What colors the body, such as Gy of an arm; by default the coefficients of `dose`.
    marrow : sequence of MarrowShares
        One for each method.
    marrow_unit : str
    rates : sequence of Series
        Dose rates of targets over time.
    anatomy : bool
        Whether the body is also shown in the colors of its organs.

    Returns
    -------
    dict
        Context of the template ``organs.html.j2``, by the names used there; what there is nothing
        to show of is None or empty.
    """
    shown = values if values is not None or dose is None else organ_values(dose)
    views = body_views(body)
    doses = () if dose is None else target_doses(dose)
    groups = bar_groups(doses)
    bars = "".join(
        figure_html(organ_bars(group), f"fig-{name}-bars-{i}") for i, group in enumerate(groups)
    )
    curves = time_activity_panels(
        rates, (), sorted({s.subject.region or "-" for s in rates}, key=region_order)
    )
    return {
        "anatomy": (
            _marked(body_figure(body, name=f"{name}-body", views=views)) if anatomy else None
        ),
        "colored": (
            _marked(body_figure(body, shown, name=f"{name}-dose", views=views)) if shown else None
        ),
        "bars": _marked(bars) if bars else None,
        "scales": len(groups),
        "origins": [
            (origin, color)
            for origin, color in ORIGIN_FILL.items()
            if any(d.by_origin[origin] for d in doses)
        ],
        "table": _table(dose, doses) if dose else None,
        "matrix": marked(s_matrix(dose.S), f"fig-{name}-s") if dose else None,
        "marrow": (
            marked(marrow_bars(marrow, marrow_unit), f"fig-{name}-marrow") if marrow else None
        ),
        "marrow_keys": [(name, color) for name, color in MARROW_FILL.items()],
        "marrow_methods": [(m.method, m.source) for m in marrow if m.source],
        "marrow_spread": marrow_spread(marrow),
        "rates": drawn(curves, f"fig-{name}-rate"),
        "body": body.name,
    }
