"""Patients of a trial at all its dose levels: kinetics, marrow dose, counts, visits, toxicity.

A patient is one person at every level: the same body, kinetics, marrow, visit days and errors of
the counts. What differs is the activity, so outcomes at several levels are correlated as they would
be, and those of lineages and administrations too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.cohort import Cohort
from pdcraft.numerics.inputs import stream
from pdcraft.response.ctcae import thresholds_1e9_per_L
from pdcraft.response.marrow.parameters import LINEAGES, MarrowParameters
from pdcraft.response.marrow.simulate import simulate_counts
from pdcraft.study.recipes.marrow_rates import TumorInMarrow
from pdcraft.study.recipes.population import Regimen
from pdcraft.study.recipes.population_chain import BlockTerms, population_chain
from pdcraft.trial.design import Ints
from pdcraft.trial.dlt import Expression, first_day
from pdcraft.trial.estimand import EVENTS, Estimand, followed
from pdcraft.trial.observed import Support, Visits, supported

__all__ = ["Ending", "Protocol", "TreatedPatients", "treated_patients"]

ROWS = 5_000  # draws times subjects worked on together
DAYS_PER_MONTH = 365.25 / 12
SUPPORT_EVENT = {"platelets": "transfusion", "neutrophils": "g-csf"}
PLATELETS = LINEAGES.index("platelets")
WITHHELD, DEATH = "infusion-withheld", "death-before-nadir"


@dataclass(frozen=True, slots=True)
class Ending:
    """What ends follow-up or comes between, beside the counts.

    Parameters
    ----------
    dropout_per_month, progression_per_month, death_per_month : float
        Constant hazards, the same at every level.
    new_therapy_after_d : float, optional
        Days from progression to another therapy; without it none is started.
    """

    dropout_per_month: float = 0.0
    progression_per_month: float = 0.0
    death_per_month: float = 0.0
    new_therapy_after_d: float | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is done with a patient, and what counts.

    Parameters
    ----------
    dlt : Expression
    estimand : Estimand
        Of the DLT.
    visits : Visits
    support : mapping of str to Support
        By lineage.
    ending : Ending
    rescue : Expression, optional
        When stored stem cells are given; what they do to counts is not simulated.
    withhold : Expression, optional
        On whose counts, at the day of the second or a later infusion, it and later ones are
        withheld.
    """

    dlt: Expression
    estimand: Estimand
    visits: Visits
    support: Mapping[str, Support]
    ending: Ending
    rescue: Expression | None = None
    withhold: Expression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TreatedPatients:
    """What became of the patients at every level, each of shape (draw, subject, dose).

    Parameters
    ----------
    dlt_day, end_day : ndarray
        Under the estimand's strategies, for any window; infinite for never.
    nadir_day, nadir_1e9_per_L : ndarray
        Of platelets, without support and error of the counts.
    lowest_seen_1e9_per_L : mapping of str to ndarray
        Lowest count at a visit while followed, by lineage; infinite without a visit.
    event_day : mapping of str to ndarray
        Intercurrent events.
    marrow_Gy : ndarray
        Of the infusions that were planned.
    """

    dlt_day: Floats
    end_day: Floats
    nadir_day: Floats
    nadir_1e9_per_L: Floats
    lowest_seen_1e9_per_L: Mapping[str, Floats]
    event_day: Mapping[str, Floats]
    marrow_Gy: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Common:
    """What is drawn for patients once, whatever the level, (subject, ...)."""

    visit_day: Ints
    error: Floats  # (subject, lineage, visit)
    hold_error: Floats  # (subject, lineage, infusion)
    dropout: Floats
    progression: Floats
    death: Floats

    def cut(self, rows: slice) -> _Common:
        return _Common(*(getattr(self, name)[rows] for name in self.__slots__))


def _drawn(n: int, protocol: Protocol, infusions: int, seed: int) -> _Common:
    visits, ending = protocol.visits, protocol.ending
    error = visits.errors(n, len(LINEAGES), stream(seed, "study.trial.errors"))
    rng = stream(seed, "study.trial.hold")
    hold = np.exp(visits.assay_log_sd * rng.standard_normal((n, len(LINEAGES), infusions)))

    def day(name: str, per_month: float) -> Floats:
        # the same numbers whatever the rate: rates change when, not who comes first
        unit = stream(seed, f"study.trial.{name}").standard_exponential(n)
        return DAYS_PER_MONTH * unit / per_month if per_month > 0 else np.full(n, np.inf)

    return _Common(
        visits.days(n, stream(seed, "study.trial.visits")),
        error,
        hold,
        day("dropout", ending.dropout_per_month),
        day("progression", ending.progression_per_month),
        day("death", ending.death_per_month),
    )


def treated_patients(
    cohort: Cohort,
    levels: tuple[Regimen, ...],
    protocol: Protocol,
    *,
    draws: int,
    seed: int,
    marrow: Mapping[str, Floats] | None = None,
    tumor_in_marrow: TumorInMarrow = "effect",
) -> TreatedPatients:
    """Treat every patient at every level.

    Parameters
    ----------
    cohort : Cohort
        Of `pdcraft.response.population.patients.virtual_patients`.
    levels : tuple of Regimen
        Administrations on whole days.
    protocol : Protocol
    draws, seed, marrow, tumor_in_marrow
        As of `pdcraft.study.recipes.population.simulate_population`.

    Raises
    ------
    DataError
        As `pdcraft.study.recipes.population.simulate_population`.
    """
    surface = cohort.attributes["body_surface_m2"]
    activities = [level.activity_MBq(surface) for level in levels]
    chain = population_chain(
        cohort,
        activities[-1],
        draws=draws,
        seed=seed,
        marrow=marrow,
        tumor_in_marrow=tumor_in_marrow,
    )
    n = len(cohort.subjects)
    common = _drawn(n, protocol, max(len(level.at_d) for level in levels), seed)
    shape = (draws, n, len(levels))
    names = ("dlt_day", "end_day", "nadir_day", "nadir_1e9_per_L", "marrow_Gy")
    out = {name: np.empty(shape) for name in names}
    lowest = {lineage: np.empty(shape) for lineage in LINEAGES}
    events = {name: np.empty(shape) for name in EVENTS}
    size = max(1, ROWS // draws)
    for first in range(0, n, size):
        rows = slice(first, min(first + size, n))
        terms, parameters, mine = chain.terms(rows), chain.parameters(rows), common.cut(rows)
        for k, level in enumerate(levels):
            activity = activities[k][rows]
            counts, withheld = _counts(terms, parameters, level, activity, protocol, mine)
            seen, event = _seen(counts, protocol, mine)
            event[WITHHELD] = withheld
            nadir_day = counts[:, :, PLATELETS].argmin(axis=-1).astype(float)
            event |= _courses(protocol, mine, nadir_day)
            day, end = _judged(protocol, mine, seen, event, nadir_day)
            out["dlt_day"][:, rows, k] = day
            out["end_day"][:, rows, k] = end
            out["nadir_day"][:, rows, k] = nadir_day
            out["nadir_1e9_per_L"][:, rows, k] = counts[:, :, PLATELETS].min(axis=-1)
            out["marrow_Gy"][:, rows, k] = terms.dose_rate(activity, level.at_d).total_Gy
            followed_visit = mine.visit_day <= end[..., None]
            for lineage in LINEAGES:
                at_visits = np.where(followed_visit, seen[lineage], np.inf)
                lowest[lineage][:, rows, k] = at_visits.min(axis=-1)
            for name, when in event.items():
                events[name][:, rows, k] = when
    return TreatedPatients(**out, lowest_seen_1e9_per_L=lowest, event_day=events)


def _counts(
    terms: BlockTerms,
    parameters: MarrowParameters,
    level: Regimen,
    activity: Floats,
    protocol: Protocol,
    common: _Common,
) -> tuple[Floats, Floats]:
    """Daily counts (draw, subject, lineage, day), and the day of the first infusion withheld."""
    days = np.arange(protocol.visits.last_d + 1.0)

    def after(infusions: int) -> Floats:
        rate = terms.dose_rate(activity[:, :infusions], level.at_d[:infusions])
        return simulate_counts(parameters, rate, days)

    lead = (terms.amplitude.shape[0], activity.shape[0])
    withheld = np.full(lead, np.inf)
    if protocol.withhold is None or len(level.at_d) == 1:
        return after(len(level.at_d)), withheld
    counts = after(1)
    for k in range(1, len(level.at_d)):
        day = int(level.at_d[k])
        now = counts[..., day] * common.hold_error[:, :, k]
        here = {lineage: now[..., i, None] for i, lineage in enumerate(LINEAGES)}
        low = first_day(protocol.withhold, here, np.array([float(day)]), thresholds_1e9_per_L)
        withheld = np.where(np.isinf(withheld) & np.isfinite(low), float(day), withheld)
        given = np.isinf(withheld)[..., None, None]
        counts = np.where(given, after(k + 1), counts)
    if protocol.estimand.strategies[WITHHELD] == "hypothetical":
        counts = after(len(level.at_d))
    return counts, withheld


def _seen(
    counts: Floats, protocol: Protocol, common: _Common
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Take counts at visits, (draw, subject, visit) by lineage; days of support and rescue."""
    seen: dict[str, Floats] = {}
    never = np.full(counts.shape[:2], np.inf)
    event = {name: never for name in SUPPORT_EVENT.values()}
    index = np.broadcast_to(common.visit_day, (*counts.shape[:2], common.visit_day.shape[-1]))
    for i, lineage in enumerate(LINEAGES):
        raw = np.take_along_axis(counts[:, :, i], index, axis=-1) * common.error[:, i]
        seen[lineage] = raw
        if lineage in protocol.support:
            name = SUPPORT_EVENT[lineage]
            raised, event[name] = supported(raw, common.visit_day, protocol.support[lineage])
            if protocol.estimand.strategies[name] != "hypothetical":
                seen[lineage] = raised
    rescue = never
    if protocol.rescue is not None:
        rescue = first_day(protocol.rescue, seen, common.visit_day, thresholds_1e9_per_L)
    return seen, event | {"stem-cell-rescue": rescue}


def _courses(protocol: Protocol, common: _Common, nadir_day: Floats) -> dict[str, Floats]:
    """Days of progression, another therapy and early death, (draw, subject)."""
    shape = nadir_day.shape
    wait = protocol.ending.new_therapy_after_d
    other = np.full(shape, np.inf) if wait is None else common.progression + wait
    return {
        "progression-before-assessability": np.broadcast_to(common.progression, shape),
        "new-therapy": np.broadcast_to(other, shape),
        DEATH: np.where(common.death < nadir_day, common.death, np.inf),
    }


def _judged(
    protocol: Protocol,
    common: _Common,
    seen: Mapping[str, Floats],
    event: Mapping[str, Floats],
    nadir_day: Floats,
) -> tuple[Floats, Floats]:
    """Day of the DLT and of the end of follow-up, under the estimand."""
    day = first_day(protocol.dlt, seen, common.visit_day, thresholds_1e9_per_L)
    day, end = followed(protocol.estimand, day, event)
    death = np.broadcast_to(common.death, nadir_day.shape)
    if protocol.estimand.strategies[DEATH] == "hypothetical":
        death = np.where(death < nadir_day, np.inf, death)
    end = np.minimum(np.minimum(end, common.dropout), death)
    return np.where(day <= end, day, np.inf), end
