"""Key numbers and sentences of a study that ends with kinetics: its ratios of uptake."""

from __future__ import annotations

from pdcraft.core.run import ResultRow, Run
from pdcraft.report.cards import Card, row_card
from pdcraft.report.evidence import beside, kind_of
from pdcraft.report.words import interval_words, region_order, region_words, row_value

__all__ = ["uptake_cards", "uptake_sentences"]

STAGE, RATIO = "kinetics", "ratio"


def _ratios(run: Run) -> list[ResultRow]:
    """Ratios, lesions and fitted ones first; none if a later stage has answers of its own."""
    rows = [
        r
        for r in run.results
        if r.stage == STAGE and r.quantity.key == RATIO and kind_of(r) == "computed"
    ]
    if run.stages[-1] != STAGE:
        return []
    return sorted(
        rows,
        key=lambda r: (region_order(r.subject.region), r.origin == "predicted", r.subject.time_h),
    )


def _words(row: ResultRow) -> str:
    """Say what a ratio is of: the first of its flags says over what."""
    at = "" if row.subject.time_h is None else f", {row.subject.time_h:g} h"
    return f"{region_words(row.subject.region)}: {row.flags[0] if row.flags else RATIO}{at}"


def uptake_cards(run: Run) -> list[Card]:
    """Make a card of each ratio."""
    return [row_card(run, row, _words(row)) for row in _ratios(run)]


def uptake_sentences(run: Run) -> list[str]:
    """Say the ratios of the first region, and the published ones beside them."""
    rows = _ratios(run)
    out: dict[str, list[str]] = {}
    for row in rows:
        if row.subject.region == rows[0].subject.region:
            limits = interval_words(row, run.interval).split(",")[0]
            text = f"{row.origin} {row_value(row)} ({limits})"
            for given in beside(run).get(row.id, ()):
                text += f", {given.origin} {row_value(given)}"
            out.setdefault(_words(row), []).append(text)
    return [f"{words[0].upper()}{words[1:]}: {'; '.join(said)}." for words, said in out.items()]
