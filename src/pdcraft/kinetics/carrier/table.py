"""The evidence page: each item under the prior, predicted, fitted, and as published."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.data.evidence import EvidenceItem
from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.kinetics.carrier.parameters import Species
from pdcraft.kinetics.carrier.predict import carrier_target
from pdcraft.kinetics.carrier.predictive import FigurePrediction, Verdict, predict_figures

__all__ = ["EvidenceRow", "evidence_table"]

SEED = 3
PRIOR_DRAWS = 4000


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """An item beside what three sets of draws say of it.

    Parameters
    ----------
    prior, predicted, fitted : FigurePrediction
        ``predicted`` is of draws that saw nothing of the item's subjects. Only it may be called a
        prediction.
    """

    item: EvidenceItem
    prior: FigurePrediction
    predicted: FigurePrediction
    fitted: FigurePrediction

    @property
    def verdict(self) -> Verdict:
        """Where the published figure lies in its prediction."""
        return self.predicted.verdict


def evidence_table(species: Species) -> tuple[EvidenceRow, ...]:
    """Every fitted item of a species, from the shipped draws."""
    target, draws = carrier_target(species), carrier_draws(species)
    start = target.prior(PRIOR_DRAWS, np.random.default_rng(SEED))
    prior = predict_figures(
        target, target.parameters(start), "prior", np.random.default_rng(SEED + 1)
    )
    fitted = predict_figures(target, draws.values(), "fitted", np.random.default_rng(SEED + 2))
    left_out = {
        subjects: predict_figures(
            target, draws.values(subjects), "predicted", np.random.default_rng(SEED + 3)
        )
        for subjects in dict.fromkeys(item.subjects for item in target.items)
    }
    return tuple(
        EvidenceRow(item, prior[i], left_out[item.subjects][i], fitted[i])
        for i, item in enumerate(target.items)
    )
