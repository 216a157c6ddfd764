"""Organ doses, or a body alone, as one offline page: pictures first, then numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pdcraft.core.body import Body
from pdcraft.core.run import Series
from pdcraft.dosimetry.organ_dose import OrganDose
from pdcraft.report.body_figure import OrganValues
from pdcraft.report.organ_figures import MarrowShares
from pdcraft.report.organ_section import organ_section
from pdcraft.report.page import render_page
from pdcraft.report.words import number, region_words

__all__ = ["body_page", "organ_dose_page"]


def _page(
    title: str,
    facts: Sequence[str],
    body: Body,
    sections: dict[str, Any],
    remarks: Sequence[str] = (),
    **more: Any,
) -> str:
    context: dict[str, Any] = {"masses": [], "mass_tables": [], **more}
    return render_page(
        "organs.html.j2",
        title,
        facts=list(facts),
        organs=sections,
        remarks=list(dict.fromkeys([*remarks, *body.remarks])),
        **context,
    )


def organ_dose_page(
    dose: OrganDose,
    body: Body,
    *,
    title: str = "Organ doses",
    values: OrganValues | None = None,
    marrow: Sequence[MarrowShares] = (),
    rates: Sequence[Series] = (),
) -> str:
    """Build the page of organ doses; parameters as of `organ_section`.

    Returns
    -------
    str
        HTML that loads nothing; the same input gives the same text.
    """
    S = dose.S
    facts = [
        S.nuclide,
        f"{body.name}, masses {S.masses}",
        f"{len(dose.coefficient_mGy_per_MBq)} draws",
        f"progeny {S.progeny}",
        f"spectra {S.spectra}",
    ]
    if S.red_marrow_method:
        facts.append(f"red marrow by {S.red_marrow_method}")
    sections = organ_section(dose, body, values=values, marrow=marrow, rates=rates)
    return _page(title, facts, body, sections, remarks=S.remarks)


def body_page(body: Body) -> str:
    """Build the page of a body: its pictures, its masses by table, what to know of it."""
    tables = list(body.masses.values())
    names = [*body.regions, *(g for g in body.groups if all(g in t.region_g for t in tables))]
    rows = [
        [region_words(n), *(number(t.region_g[n]) if n in t.region_g else "" for t in tables)]
        for n in names
    ]
    total = tables[0].region_g.get("total_body")
    facts = [f"{body.host}", f"{len(body.regions)} regions"]
    if total is not None:
        facts.append(f"{number(total)} g ({tables[0].name})")
    sections = organ_section(None, body)
    return _page(
        f"Body: {body.name}",
        facts,
        body,
        sections,
        masses=rows,
        mass_tables=[(t.name, t.source) for t in tables],
    )
