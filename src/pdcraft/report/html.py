"""The report as one offline page: everything in one file, nothing loaded from anywhere.

The page's content-security policy forbids every load, so a browser enforces what is promised.
Texts of users are escaped by the template; pieces made here (figures, pictures, styles) are not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pdcraft.core.conjugate import NOT_DISCLOSED
from pdcraft.data.catalogue import agent_record, sources
from pdcraft.errors import DataError
from pdcraft.report.curves import time_activity_panels
from pdcraft.report.evidence import beside, first_regions, predictions_of, rows_of
from pdcraft.report.exposure_section import exposure_section
from pdcraft.report.figures import (
    dose_bars,
    dose_coefficients,
    dose_panels,
    drivers,
    far_apart,
)
from pdcraft.report.headline import cards, is_drawn, summary_sentences
from pdcraft.report.measured import measured_table
from pdcraft.report.micrometastases_section import micrometastases_section
from pdcraft.report.optics_section import optics_section
from pdcraft.report.page import NOTICE, render_page
from pdcraft.report.panels import drawn, marked
from pdcraft.report.response_section import response_section
from pdcraft.report.run_organs import rate_panels, run_organs
from pdcraft.report.structure import formula_parts, inline_svg, structure_svg
from pdcraft.report.sweep_section import sweep_section
from pdcraft.report.tables import arm_order, arm_table, assumption_rows, result_tables
from pdcraft.report.trial_section import trial_section
from pdcraft.report.words import region_order

if TYPE_CHECKING:
    from pdcraft.core.run import ResultRow, Run
    from pdcraft.study.result import StudyResult

__all__ = ["NOTICE", "agent_status", "report_html"]

SCENE = "scene "  # what the names of assumptions on a scene begin with, one for each value


def agent_status(name: str) -> str | None:
    """Say whether an agent is investigational, from the catalogue's dated source; None if unknown.

    Examples
    --------
    >>> agent_status("CLR 131")[:47]
    'CLR 131 (iopofosine I 131) is investigational: '
    """
    try:
        record = agent_record(name)
    except DataError:
        return None
    if record.stage is None:
        return None
    known_as = next((alias for alias in record.aliases if " " in alias and alias != name), None)
    stage = record.stage
    state = "is" if stage.text.startswith("approved") else "is investigational:"
    dated = ", ".join(part for part in (stage.date, sources()[stage.sources[0]].text) if part)
    alias = f" ({known_as})" if known_as else ""
    return f"{record.name}{alias} {state} {stage.text} ({dated})."


def _figures(result: StudyResult) -> dict[str, Any]:
    run = result.run
    activities = [s for s in run.series if s.stage == "kinetics"]
    order = sorted({s.subject.region or "-" for s in activities}, key=region_order)
    curves = time_activity_panels(activities, result.points, order)
    first = first_regions(run)
    doses = [row for row in rows_of(run, "absorbed_dose") if row.subject.region in first]
    arms = sorted({row.subject.arm or "-" for row in doses}, key=arm_order)
    coefficients = rows_of(run, "absorbed_dose_coefficient", arms=False)
    dots = marked(dose_coefficients(run, coefficients), "fig-dose") if coefficients else None
    bars = drivers(coefficients or _integrals(result))
    return {
        "curves": drawn(curves, "fig-time"),
        "rates": drawn(rate_panels(run), "fig-rate"),
        "doses": drawn(dose_panels(run, doses, arms), "fig-arms") if len(arms) > 1 else [],
        "one_arm": marked(dose_bars(doses), "fig-doses") if len(arms) == 1 else None,
        "one_arm_dots": len(arms) == 1 and far_apart(doses),
        "coefficients": dots,
        "drivers": None if bars is None else marked(bars[0], "fig-drivers"),
        "driver_legend": [] if bars is None else bars[1],
    }


def _compared(run: Run, key: str) -> bool:
    """Say whether a published number stands beside some computed one of this quantity."""
    return bool({row.id for row in rows_of(run, key)} & set(beside(run)))


def _origins(run: Run, key: str) -> list[str]:
    """Ways in which the numbers of one quantity came about, as its figure shows them."""
    rows = rows_of(run, key, arms=False)
    return list(
        dict.fromkeys(one.origin for row in rows for one in (row, *predictions_of(run, row)))
    )


def _integrals(result: StudyResult) -> list[ResultRow]:
    kinds = {row.quantity.key: None for row in result.run.results}
    return [
        row for key in kinds if "integrated" in key for row in rows_of(result.run, key, arms=False)
    ]


def _molecule(result: StudyResult) -> dict[str, Any]:
    from markupsafe import Markup

    c = result.conjugate
    picture = structure_svg(c)
    if picture is not None:
        picture = Markup(inline_svg(picture))  # made here
    rows = [
        ("molar mass", c.molar_mass_g_per_mol, "g/mol", "computed"),
        ("monoisotopic mass", c.monoisotopic_mass_Da, "Da", "computed"),
        ("physical half-life", c.half_life_h, "h", "published"),
        ("carrier-free molar activity", c.molar_activity_MBq_per_nmol, "MBq/nmol", "computed"),
        ("carrier-free mass per activity", c.carrier_free_ng_per_MBq, "ng/MBq", "computed"),
    ]
    rows += [
        ("logP, additive", row.summary["value"], "", row.origin)
        for row in result.run.results
        if row.quantity.key == "logP" and row.stage == "chemistry"
    ]
    return {
        "name": c.name,
        "payload": c.payload.name if c.payload else None,
        "carrier": c.carrier.name if c.carrier else None,
        "linker": c.linker.name if c.linker else None,
        "formula": formula_parts(c.formula) if c.formula else None,
        "structure": c.structure,
        "disclosed": c.structure != NOT_DISCLOSED,
        "picture": picture,
        "rows": [
            (name, f"{value:.5g}", unit, origin)
            for name, value, unit, origin in rows
            if value is not None
        ],
    }


def report_html(result: StudyResult) -> str:
    """Build the whole page.

    Parameters
    ----------
    result : StudyResult

    Returns
    -------
    str
        HTML with styles, scripts, figures and tables inside; the same result gives the same text.
    """
    run = result.run
    assumed = assumption_rows(run)
    return render_page(
        "report.html.j2",
        result.title,
        result=result,
        run=run,
        cards=cards(result),
        sentences=summary_sentences(result),
        molecule=_molecule(result),
        figures=_figures(result),
        organs=run_organs(result),
        exposure=exposure_section(run),
        response=response_section(run),
        metastases=micrometastases_section(run),
        optics=optics_section(run, result.pictures),
        trial=trial_section(result.trial),
        sweep=sweep_section(run),
        coefficient_origins=_origins(run, "absorbed_dose_coefficient"),
        published_beside=_compared(run, "absorbed_dose_coefficient"),
        published_doses=_compared(run, "absorbed_dose"),
        arm_table=arm_table(result),
        drawn=is_drawn(run),
        measured=measured_table(result),
        tables=result_tables(run),
        assumptions=[row for row in assumed if not row[0].startswith(SCENE)],
        scene=[row for row in assumed if row[0].startswith(SCENE)],
        warnings=sorted(run.warnings, key=lambda w: (w.stage, w.code, w.message)),
        citations=sorted(run.citations, key=lambda c: c.key),
        level=f"{100 * run.interval:g}%",
        status=agent_status(result.conjugate.name),
    )
