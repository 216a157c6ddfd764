"""A xenograft bench as one offline page: groups, survival, responses, origin of numbers."""

from __future__ import annotations

from pdcraft.report.bench_figures import (
    share_figure,
    stairs_figure,
    volume_panels,
    waterfall_figure,
)
from pdcraft.report.bench_tables import (
    body_table,
    endpoint_rows,
    endpoint_table,
    model_table,
    power_table,
    provenance_table,
    published_table,
)
from pdcraft.report.cards import Card, row_card
from pdcraft.report.page import render_page
from pdcraft.report.panels import drawn, marked
from pdcraft.report.words import row_value
from pdcraft.study.recipes.bench import BenchResult

__all__ = ["bench_html"]

FIRST = ("growth_delay", "complete_response_probability", "mean_survival")
MOST_CARDS = 4


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
    names = [t.name for t in result.plan.treatments]
    relapse = None
    if result.relapse_free is not None:
        figure = stairs_figure(
            result.survival_d, result.relapse_free, names, "animals without relapse, %"
        )
        relapse = marked(figure, "fig-relapse")
    treated = [
        g
        for g, t in enumerate(result.plan.treatments)
        if (t.tumor or t.drug) and t.resected_d is None
    ]
    survival = stairs_figure(
        result.survival_d, result.survival, names,
        f"animals below {result.plan.limit_mm3:g} mm³, %",
    )  # fmt: skip
    return render_page(
        "bench.html.j2",
        result.title,
        own=result.summary,
        cards=_cards(result),
        sentences=_sentences(result),
        run=result.run,
        models=len(result.numbers),
        animals=result.plan.entry.per_group,
        groups=names,
        level=f"{100 * result.run.interval:g}%",
        limit=f"{result.plan.limit_mm3:g}",
        volumes=drawn(volume_panels(result), "fig-volume"),
        survival=marked(survival, "fig-survival"),
        relapse=relapse,
        waterfalls=[
            (names[g], marked(waterfall_figure(result, g), f"fig-fall-{g}")) for g in treated
        ],
        shares=marked(share_figure(result), "fig-shares"),
        endpoints=endpoint_table(result),
        published=published_table(result),
        body=body_table(result),
        power=power_table(result),
        provenance=provenance_table(result),
        by_model=model_table(result),
        assumptions=result.run.assumptions,
        citations=result.run.citations,
    )


def _cards(result: BenchResult) -> list[Card]:
    """Make cards of what treatment does against the control."""
    found = endpoint_rows(result)
    control = result.plan.treatments[0].name
    rows = [row for key in FIRST for row in found.get(key, []) if row.subject.arm != control]
    return [
        row_card(result.run, row, f"{row.subject.arm}: {row.quantity.name}")
        for row in rows[:MOST_CARDS]
    ]


def _sentences(result: BenchResult) -> list[str]:
    """Say how long the groups last, and what the numbers are."""
    survival = endpoint_rows(result).get("mean_survival", [])
    parts = [
        f"{row.subject.arm} {row_value(row)} d"
        + (f" ({row_value(row, 'low')} to {row_value(row, 'high')})" if row.summary["low"] else "")
        for row in survival
    ]
    out = [
        f"Virtual animals of {len(result.numbers)} models were treated in "
        f"{len(result.plan.treatments)} groups of {result.plan.entry.per_group}, in "
        f"{result.run.n_draws} draws of what is not known."
    ]
    if parts:
        out.append(f"Mean time to the limit of tumor volume within the study: {'; '.join(parts)}.")
    out.append(
        "Limits hold models and draws: they are wide because models differ and little is measured."
    )
    return out
