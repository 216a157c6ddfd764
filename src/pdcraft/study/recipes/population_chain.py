"""What takes each patient of a population from activity to blood counts, block by block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.cohort import Cohort
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError
from pdcraft.numerics.inputs import stream
from pdcraft.response.marrow.parameters import LINEAGES, MarrowParameters
from pdcraft.response.population.attributes import COUNTS
from pdcraft.study.recipes.marrow_rates import MarrowRates, TumorInMarrow, marrow_rates

__all__ = ["BlockTerms", "PopulationChain", "population_chain"]

PILOT = 20_000  # draws times subjects that the spread of dose between patients is seen on
HOURS_PER_DAY = 24.0


@dataclass(frozen=True, slots=True, eq=False)
class BlockTerms:
    """Kinetics of some patients per administered activity, whatever they are given.

    Parameters
    ----------
    amplitude, rate_per_h : ndarray, shape (draw, subject, terms)
        Of the dose rate in marrow, Gy/h per MBq.
    tumor_h_per_g : ndarray, shape (draw, subject)
    """

    amplitude: Floats
    rate_per_h: Floats
    tumor_h_per_g: Floats

    def dose_rate(self, activity_MBq: Floats, at_d: tuple[float, ...]) -> DoseRate:
        """Dose rate after administrations of some activities, shape (subject, administration)."""
        at_h = np.broadcast_to(HOURS_PER_DAY * np.asarray(at_d), activity_MBq.shape)
        return DoseRate.of_terms(self.amplitude, self.rate_per_h, at_h, activity_MBq)


@dataclass(frozen=True, slots=True, eq=False)
class PopulationChain:
    """Patients with all that is drawn for them; the same whatever they are given.

    Parameters
    ----------
    attributes : mapping of str to ndarray, shape (subject,)
    common : MarrowRates
    marrow : mapping of str to ndarray, shape (draw,)
    scores : mapping of str to ndarray, shape (subject,)
    rest_log_sd : ndarray, shape (draw,)
        Spread of patients' effect that their doses do not explain.
    effect_score : ndarray, shape (subject,)
    in_dose : bool
        Whether tumor in marrow acts through the dose.
    """

    attributes: Mapping[str, Floats]
    common: MarrowRates
    marrow: Mapping[str, Floats]
    scores: Mapping[str, Floats]
    rest_log_sd: Floats
    effect_score: Floats
    in_dose: bool

    def terms(self, rows: slice) -> BlockTerms:
        """Kinetics of some patients."""
        return BlockTerms(*self.common.terms(_cut(self.attributes, rows), _cut(self.scores, rows)))

    def parameters(self, rows: slice) -> MarrowParameters:
        """Parameters of the marrow model of some patients, (draw, subject)."""
        effect = np.exp(self.rest_log_sd[:, None] * self.effect_score[rows])
        return _parameters(self.marrow, _cut(self.attributes, rows), effect, in_dose=self.in_dose)


def population_chain(
    cohort: Cohort,
    activity_MBq: Floats,
    *,
    draws: int,
    seed: int,
    marrow: Mapping[str, Floats] | None = None,
    tumor_in_marrow: TumorInMarrow = "effect",
) -> PopulationChain:
    """Draw what patients and their marrow are like.

    Parameters
    ----------
    cohort : Cohort
    activity_MBq : ndarray, shape (subject, administration)
        One regimen: how much doses per activity differ between patients is seen on it.
    draws, seed, marrow, tumor_in_marrow
        As of `pdcraft.study.recipes.population.simulate_population`.

    Raises
    ------
    DataError
        As `pdcraft.study.recipes.population.simulate_population`.
    """
    attributes = dict(cohort.attributes)
    _check(attributes)
    common = marrow_rates(draws, seed=seed, tumor_in_marrow=tumor_in_marrow)
    known = _marrow(draws, seed) if marrow is None else marrow
    odd = [name for name, values in known.items() if np.shape(values) != (draws,)]
    if odd:
        raise DataError(
            f"marrow model: {odd[0]} has the shape {np.shape(known[odd[0]])} for {draws} draws; "
            "draw i is one sample of everything, so give as many"
        )
    scores = common.scores(attributes)
    rest_sd = _rest_of_spread(common, known, attributes, scores, activity_MBq)
    effect_score = stream(seed, "study.population.effect").standard_normal(len(cohort.subjects))
    in_dose = tumor_in_marrow == "dose"
    return PopulationChain(attributes, common, known, scores, rest_sd, effect_score, in_dose)


def _check(attributes: Mapping[str, Floats]) -> None:
    needed = ("female", "age_years", "height_cm", "body_mass_kg", "body_surface_m2", *COUNTS)
    missing = [name for name in (*needed, "marrow_infiltration") if name not in attributes]
    if missing:
        raise DataError(f"patients lack {', '.join(missing)}; make them with virtual_patients")
    for name in COUNTS:
        if np.any(attributes[name] <= 0):
            raise DataError(f"{name}: {attributes[name].min():g}; a baseline count is above zero")


def _marrow(draws: int, seed: int) -> dict[str, Floats]:
    from pdcraft.response.marrow.draws import marrow_draws

    return marrow_draws().averaged(draws, seed=seed)


def _cut(columns: Mapping[str, Floats], rows: slice) -> dict[str, Floats]:
    return {name: values[rows] for name, values in columns.items()}


def _rest_of_spread(
    common: MarrowRates,
    marrow: Mapping[str, Floats],
    attributes: Mapping[str, Floats],
    scores: Mapping[str, Floats],
    activity_MBq: Floats,
) -> Floats:
    """SD of the logarithm of patients' effect that their doses do not explain, (draw,)."""
    rows = slice(0, max(2, PILOT // common.draws))
    amplitude, rate, _ = common.terms(_cut(attributes, rows), _cut(scores, rows))
    dose = (amplitude / rate).sum(axis=-1) * activity_MBq[rows].sum(axis=-1)
    treated = np.flatnonzero(activity_MBq[rows].sum(axis=-1) > 0)
    explained = np.log(dose[:, treated]).var(axis=1) if treated.size > 1 else 0.0
    return np.sqrt(np.maximum(marrow["between_log_sd"] ** 2 - explained, 0.0))


def _parameters(
    marrow: Mapping[str, Floats],
    attributes: Mapping[str, Floats],
    effect: Floats,
    *,
    in_dose: bool,
) -> MarrowParameters:
    def lineages(name: str) -> Floats:
        return np.stack([marrow[f"{name}:{lineage}"] for lineage in LINEAGES], axis=-1)[:, None]

    treated = attributes.get("pretreated", np.zeros(1)) > 0
    marked = treated | (attributes["marrow_infiltration"] > 0) if not in_dose else np.zeros(1, bool)
    factor = np.where(marked, marrow["pretreatment"][:, None], 1.0)
    baseline = np.stack([attributes[name] for name in COUNTS], axis=-1)
    return MarrowParameters.of(
        lineages("radiosensitivity_per_Gy") * effect[..., None],
        lineages("transit_d"),
        lineages("feedback"),
        np.broadcast_to(baseline, (*effect.shape, len(LINEAGES))),
        stem_share=np.minimum(marrow["stem_share"], 1.0)[:, None],
        stem_per_d=marrow["stem_per_d"][:, None],
        pretreatment=np.broadcast_to(factor, effect.shape),
    )
