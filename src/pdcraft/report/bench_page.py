"""A xenograft bench as one offline page: groups, survival, responses, origin of numbers."""

from __future__ import annotations

from typing import Any

from pdcraft import __version__
from pdcraft.core.run import ResultRow
from pdcraft.report.bench_figures import (
    share_figure,
    stairs_figure,
    volume_figure,
    waterfall_figure,
)
from pdcraft.report.html import NOTICE
from pdcraft.report.page import render_page
from pdcraft.report.style import figure_html
from pdcraft.study.recipes.bench import BenchResult

__all__ = ["bench_html"]

ORIGINS = ("measured", "pooled", "assumed")
KINDS = (
    "mean_survival", "growth_delay", "treated_over_control", "best_volume_change",
    "complete_response_probability", "removal_probability", "relapse_free_probability",
    "absorbed_dose", "statistical_power",
)  # fmt: skip


def bench_html(result: BenchResult) -> str:
    """Build the page.

    Parameters
    ----------
    result : BenchResult

    Returns
    -------
    str
        HTML with everything inside; the same result gives the same text.
    """
    from markupsafe import Markup

    names = [t.name for t in result.plan.treatments]

    def made(figure: Any, key: str) -> Markup:
        return Markup(figure_html(figure, f"fig-{key}"))

    relapse = None
    if result.relapse_free is not None:
        figure = stairs_figure(
            result.survival_d, result.relapse_free, names, "animals without relapse, %"
        )
        relapse = made(figure, "relapse")
    treated = [
        g
        for g, t in enumerate(result.plan.treatments)
        if (t.tumor or t.drug) and t.resected_d is None
    ]
    survival = stairs_figure(
        result.survival_d, result.survival, names,
        f"animals below {result.plan.limit_mm3:g} mm³, %",
    )  # fmt: skip
    rows = {row.id: row for row in result.run.results}
    return render_page(
        "bench.html.j2",
        title=result.title,
        summary=result.summary,
        version=__version__,
        run=result.run,
        models=len(result.numbers),
        animals=result.plan.entry.per_group,
        groups=names,
        volume=made(volume_figure(result), "volume"),
        survival=made(survival, "survival"),
        relapse=relapse,
        waterfalls=[(names[g], made(waterfall_figure(result, g), f"fall-{g}")) for g in treated],
        shares=made(share_figure(result), "shares"),
        origins=ORIGINS,
        provenance=[
            (name.replace("_", " "), *(found.get(o, 0) for o in ORIGINS))
            for name, found in result.shares
        ],
        endpoints=_endpoints(result, rows),
        by_model=_by_model(result, rows),
        beside=_published(result, rows),
        body=_body(result),
        powers=_powers(result),
        assumptions=result.run.assumptions,
        citations=result.run.citations,
        notice=NOTICE,
    )


def _text(row: ResultRow | None) -> str:
    if row is None:
        return ""
    s = row.summary
    if s["low"] is None or s["low"] == s["high"]:
        error = "" if s["std_err"] is None else f" ± {s['std_err']:.2g}"
        return f"{s['value']:.3g}{error}"
    return f"{s['value']:.3g} ({s['low']:.3g} to {s['high']:.3g})"


def _words(row: ResultRow) -> str:
    unit = row.quantity.unit
    return row.quantity.name if unit == "1" else f"{row.quantity.name}, {unit}"


def _endpoints(result: BenchResult, rows: dict[str, ResultRow]) -> list[tuple[str, list[str]]]:
    region = (
        "all models" if len(result.numbers) > 1 else f"model:{next(iter(result.numbers)).model}"
    )
    out: list[tuple[str, list[str]]] = []
    for kind in KINDS:
        found = [
            rows.get(f"bench/{kind}/{region}/bench/mouse/{t.name}") for t in result.plan.treatments
        ]
        known = [r for r in found if r is not None]
        if known:
            out.append((_words(known[0]), [_text(r) for r in found]))
    return out


def _by_model(result: BenchResult, rows: dict[str, ResultRow]) -> list[dict[str, Any]]:
    """Survival by group and model, with the origin of its growth."""
    out: list[dict[str, Any]] = []
    for one, numbers in zip(result.study.members, result.numbers, strict=True):
        cells = [
            _text(rows.get(f"bench/mean_survival/model:{numbers.model}/bench/mouse/{t.name}"))
            for t in result.plan.treatments
        ]
        growth = one.provenance["growth"]
        origin = growth.origin if not growth.n else f"{growth.origin}, n = {growth.n}"
        out.append(
            {
                "name": one.name,
                "indication": one.indication.replace("_", " "),
                "growth": origin,
                "cells": cells,
            }
        )
    return out


def _published(
    result: BenchResult, rows: dict[str, ResultRow]
) -> list[tuple[str, str, str, str, str]]:
    out: list[tuple[str, str, str, str, str]] = []
    for row in result.run.results:
        if row.origin == "published":
            beside = rows.get(row.compare_with[0]) if row.compare_with else None
            where = (row.subject.region or "").removesuffix(", published").removeprefix("model:")
            where = where.replace("_", " ")
            name = f"{_words(row)}: {where}"
            out.append((name, row.subject.arm or "", _text(row), _text(beside), row.flags[0]))
    return out


def _body(result: BenchResult) -> list[tuple[str, str, str]]:
    """Marrow dose and counts by group."""
    inside = ("red_marrow", "platelets", "neutrophils", "lymphocytes")
    return [
        (f"{_words(r)}, {str(r.subject.region).replace('_', ' ')}", r.subject.arm or "", _text(r))
        for r in result.run.results
        if r.subject.region in inside and r.origin != "published"
    ]


def _powers(result: BenchResult) -> dict[str, Any]:
    """Mean power over models by group size, and in how many models a size suffices."""
    said = result.study.file.bench.analysis
    n = result.plan.entry.per_group
    sizes = sorted(set(said.sizes) | {n})
    lines: list[tuple[str, list[str]]] = []
    for g, treatment in enumerate(result.plan.treatments):
        rates = [m.power_by_size[g] for m in result.numbers if g in m.power_by_size]
        if rates:
            cells = [
                f"{sum(r[k] for r in rates) / len(rates):.2f} "
                f"({sum(r[k] >= said.power for r in rates)} models)"
                for k in sizes
            ]
            lines.append((treatment.name, cells))
    words = "log-rank test of the limit of volume" if said.test == "log-rank" else "Welch's test"
    return {"sizes": sizes, "lines": lines, "test": words, "alpha": said.alpha, "power": said.power}
