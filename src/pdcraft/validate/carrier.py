"""The carrier's evidence, left out and predicted; and the sampler's recovery of known parameters.

An item is predicted by draws that saw neither it nor anything else of the same subjects. Whether it
lies inside their 95% is shown and decides nothing: a miss is a finding about the model, kept.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np

from pdcraft.data.evidence import EvidenceItem
from pdcraft.kinetics.carrier.conflict import plasma_conflict
from pdcraft.kinetics.carrier.parameters import Species
from pdcraft.kinetics.carrier.predictive import FigurePrediction, published_figure
from pdcraft.kinetics.carrier.simulated import rank_p_values
from pdcraft.kinetics.carrier.table import evidence_table
from pdcraft.validate.case import Case
from pdcraft.validate.tables import reference_text

__all__ = ["cases", "stored_ranks"]

SUITE = "kinetics"
SPECIES: tuple[Species, ...] = ("mouse", "human")
FALSE_ALARM = 0.01  # of all rank tests together


def cases() -> Iterator[Case]:
    """Yield the leave-one-study-out table, the conflict of the species, and the rank tests."""
    for species in SPECIES:
        for row in evidence_table(species):
            yield _left_out(row.item, row.predicted)
    yield from _conflict()
    yield from _ranks()


def _left_out(item: EvidenceItem, predicted: FigurePrediction) -> Case:
    where = "MISS" if predicted.verdict == "miss" else predicted.verdict
    limits = f"{predicted.low:.3g} to {predicted.high:.3g}"
    if predicted.agreement is None:
        how = (
            f"information: residual {predicted.residual:+.1f} SD, percentile "
            f"{predicted.percentile:.0f}; {where}; predicted 95% {limits}"
        )
    else:
        how = (
            f"information: '{item.statistic} {item.value:g}' made with probability "
            f"{predicted.agreement:.2f}; typical subject {limits}: {where}"
        )
    return Case(
        SUITE,
        f"{item.species} {item.id}, {item.unit}, predicted without {item.subjects}",
        predicted.median,
        published_figure(item),
        how,
        item.citation.text,
        None,
    )


def _conflict() -> Iterator[Case]:
    found = plasma_conflict()
    yield Case(
        SUITE,
        "plasma half-life of man in the mouse's time, h; reference: of the mouse draws",
        found.scaled_half_life_h,
        found.mouse_half_life_h["value"],
        f"not decided; {found.human_half_life_h:g} h over {found.slower:.2f}",
        "fourth root of the mass ratio",
        None,
    )
    yield Case(
        SUITE,
        f"share of peak in mouse plasma at {found.cleared_by_h:g} h if that were all",
        found.share_if_one_exponential,
        found.cleared_below,
        "not decided; in conflict with 'cleared by 96 h', read as below a tenth of the peak",
        "one exponential",
        None,
    )
    yield Case(
        SUITE,
        f"share of peak in mouse plasma at {found.cleared_by_h:g} h, human draws in mouse time",
        found.share_from_man["value"],
        found.cleared_below,
        f"not decided; 95% {found.share_from_man['low']:.2g} to {found.share_from_man['high']:.2g}",
        "human draws, times divided by the fourth root of the mass ratio",
        None,
    )


def stored_ranks(species: Species) -> tuple[tuple[str, ...], np.ndarray[tuple[int, int]]]:
    """Names, and ranks of the truth in simulated evidence, shape (repeats, parameters)."""
    rows = list(csv.reader(reference_text("carrier", f"ranks_{species}.csv").splitlines()))
    return tuple(rows[0]), np.array(rows[1:], dtype=np.int64)


def _ranks() -> Iterator[Case]:
    for species in SPECIES:
        names, ranks = stored_ranks(species)
        values = rank_p_values(ranks)
        limit = FALSE_ALARM / (len(SPECIES) * len(names))
        worst = int(values.argmin())
        yield Case(
            SUITE,
            f"{species}: uniform ranks of {len(names)} parameters in {len(ranks)} simulated "
            f"calibrations, least p ({names[worst]})",
            float(values[worst]),
            None,
            f"above {limit:.1e}: a false alarm in 1 of {1 / FALSE_ALARM:.0f} over all",
            "Talts et al., arXiv:1804.06788; stored ranks",
            bool(values[worst] > limit),
        )
