"""The evidence behind the carrier as one offline page: prior, prediction, fit and publication."""

from __future__ import annotations

from pdcraft.data.evidence import EvidenceItem, carrier_evidence
from pdcraft.kinetics.carrier.parameters import Species
from pdcraft.kinetics.carrier.predictive import FigurePrediction
from pdcraft.kinetics.carrier.table import EvidenceRow, evidence_table
from pdcraft.report.carrier_tables import (
    conflict_lines,
    convergence_lines,
    item_names,
    parameter_lines,
    plain,
)
from pdcraft.report.page import render_page
from pdcraft.report.panels import marked
from pdcraft.report.raft import raft_figure

__all__ = ["carrier_html", "printed_words"]

WORDS = {"below": "below", "above": "above"}


def printed_words(item: EvidenceItem) -> str:
    """Write the published figure as it was printed.

    Examples
    --------
    >>> from pdcraft.data.evidence import carrier_evidence
    >>> printed_words(next(i for i in carrier_evidence() if i.id == "nm600-liver-dose"))
    '1.28 ± 0.09'
    """
    if item.statistic == "range":
        return f"{item.low:,g} to {item.high:,g}"
    if item.value is None:
        return ""
    value = f"{item.value:,g}"
    if item.statistic in WORDS:
        return f"{WORDS[item.statistic]} {value}"
    return value if item.plus_minus is None else f"{value} ± {item.plus_minus:g}"


def carrier_html(species: Species) -> str:
    """Build the page of a species.

    Parameters
    ----------
    species : {"mouse", "human"}

    Returns
    -------
    str
        HTML with everything inside; the same draws give the same text.
    """
    table = evidence_table(species)
    names = item_names([row.item for row in table])
    return render_page(
        "carrier.html.j2",
        f"The carrier's evidence, {species}",
        species=species,
        rows=[_row(row, name) for row, name in zip(table, names, strict=True)],
        misses=sum(row.verdict == "miss" for row in table),
        excluded=[i for i in carrier_evidence() if i.species == species and i.use != "fit"],
        parameters=parameter_lines(species),
        convergence=convergence_lines(species),
        conflict=conflict_lines(),
        raft=marked(raft_figure(species), "fig-raft"),
    )


def _row(row: EvidenceRow, name: str) -> dict[str, str | tuple[str, ...]]:
    item, predicted = row.item, row.predicted
    return {
        "name": name,
        "reason": item.reason,
        "unit": "" if item.unit == "1" else item.unit,
        "published": printed_words(item),
        "prior": _cell(row.prior),
        "predicted": _cell(predicted),
        "residual": "" if predicted.residual is None else f"{predicted.residual:+z.1f}",
        "percentile": "" if predicted.percentile is None else f"{predicted.percentile:.0f}",
        "verdict": row.verdict,
        "fitted": _cell(row.fitted),
        "source": item.citation.key,
        "grade": item.grade,
    }


def _cell(found: FigurePrediction) -> tuple[str, ...]:
    """Median, limits of 95%, and of a statement in words the probability that it is made."""
    cell = plain(found.median), f"{plain(found.low)} to {plain(found.high)}"
    return cell if found.agreement is None else (*cell, f"P {found.agreement:.3f}")
