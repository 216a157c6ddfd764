"""Regimens and the protocol that a trial's file states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pdcraft.response.marrow.parameters import LINEAGES
from pdcraft.study.recipes.population import Regimen
from pdcraft.study.recipes.trial_patients import Ending, Protocol
from pdcraft.study.trial_read import DLT, DAY_h
from pdcraft.trial.dlt import parse_expression
from pdcraft.trial.estimand import Estimand
from pdcraft.trial.observed import Support, Visits

if TYPE_CHECKING:
    from pdcraft.study.trial_file import Trial

__all__ = ["protocol_of", "regimen_of"]


def regimen_of(trial: Trial, number: int) -> Regimen:
    """Return what a level gives, counted from 0."""
    given = trial.level[number].administration
    return Regimen(
        tuple(a.amount.value for a in given),
        tuple(a.at / DAY_h for a in given),
        trial.dosing.surface_cap,
        trial.dosing.cap,
        trial.dosing.step,
    )


def protocol_of(trial: Trial, estimands: Sequence[Estimand]) -> Protocol:
    """Return what is done with a patient, and what counts as toxicity."""
    from pdcraft.response.marrow.observation import default_observation

    assert trial.dlt is not None
    visits, events = trial.visits, trial.events
    error = visits.assay_log_sd
    after = events.new_therapy_after
    return Protocol(
        parse_expression(trial.dlt.expression, LINEAGES),
        next(e for e in estimands if e.endpoint == DLT),
        Visits(
            int(visits.every / DAY_h),
            int(visits.until / DAY_h),
            int(visits.early_or_late / DAY_h),
            default_observation().assay_log_sd if error is None else error,
        ),
        {s.lineage: Support(s.below, s.raises, s.half_life / DAY_h) for s in trial.support},
        Ending(
            events.dropout_per_month,
            events.progression_per_month,
            events.death_per_month,
            None if after is None else after / DAY_h,
        ),
        parse_expression(events.stem_cell_rescue, LINEAGES) if events.stem_cell_rescue else None,
        parse_expression(events.withhold, LINEAGES) if events.withhold else None,
    )
