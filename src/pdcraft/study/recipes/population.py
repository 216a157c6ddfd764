"""Patients through kinetics, marrow dose and blood counts, in blocks.

Draws (what is not known) and subjects (how patients differ) stay apart: outcomes have the axes
(draw, subject), and a patient is the same person in every draw.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.cohort import Cohort
from pdcraft.core.dose_rate import DoseRate
from pdcraft.dosimetry.marrow_patient import normal_marrow_mass_g
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.inputs import stream
from pdcraft.response.ctcae import grade
from pdcraft.response.marrow.parameters import LINEAGES, MarrowParameters
from pdcraft.response.marrow.simulate import simulate_counts
from pdcraft.response.population.attributes import COUNTS
from pdcraft.response.population.dosing import administered_MBq
from pdcraft.study.recipes.marrow_rates import MarrowRates, TumorInMarrow, marrow_rates

__all__ = ["DAYS", "PopulationRun", "Regimen", "simulate_population"]

DAYS = np.arange(0.0, 113.0, 3.5)  # 16 weeks, twice a week
ROWS = 6_000  # draws times subjects worked on together
PILOT = 20_000  # draws times subjects that the spread of dose between patients is seen on
HOURS_PER_DAY = 24.0


@dataclass(frozen=True, slots=True)
class Regimen:
    """Activities by body surface on some days.

    Parameters
    ----------
    MBq_per_m2 : tuple of float
    at_d : tuple of float
        Of each administration.
    surface_cap_m2, cap_MBq, step_MBq : float or None
        As in `pdcraft.response.population.dosing.administered_MBq`, for each administration.
    """

    MBq_per_m2: tuple[float, ...]
    at_d: tuple[float, ...]
    surface_cap_m2: float | None = None
    cap_MBq: float | None = None
    step_MBq: float | None = None

    def __post_init__(self) -> None:
        if not self.MBq_per_m2 or len(self.MBq_per_m2) != len(self.at_d) or min(self.at_d) < 0:
            raise PhysicsRangeError(
                f"regimen: {len(self.MBq_per_m2)} activities on {len(self.at_d)} days; give as "
                "many, at least one, from day 0"
            )

    def activity_MBq(self, body_surface_m2: ArrayLike) -> Floats:
        """Activities of each patient, shape (subject, administration)."""
        surface = np.asarray(body_surface_m2, dtype=float)[:, None]
        return administered_MBq(
            self.MBq_per_m2,
            surface,
            surface_cap_m2=self.surface_cap_m2,
            cap_MBq=self.cap_MBq,
            step_MBq=self.step_MBq,
        )


@dataclass(frozen=True, slots=True, eq=False)
class PopulationRun:
    """What became of the patients.

    Parameters
    ----------
    cohort : Cohort
        Attributes, with ``activity_MBq`` of all administrations and ``red_marrow_g`` without the
        tumor in it, and outcomes: ``marrow_Gy``, ``tumor_h_per_g``, and by lineage
        ``X_nadir_1e9_per_L``, ``X_nadir_day``, ``X_grade``.
    time_d : ndarray, shape (times,)
    curves_1e9_per_L : ndarray, shape (draw, shown subjects, lineage, times)
        Counts of the first subjects.
    cpu_s : mapping of str to float
        Processor time of the stages.
    """

    cohort: Cohort
    time_d: Floats
    curves_1e9_per_L: Floats
    cpu_s: Mapping[str, float]


def simulate_population(
    cohort: Cohort,
    regimen: Regimen,
    *,
    draws: int,
    seed: int,
    marrow: Mapping[str, Floats] | None = None,
    tumor_in_marrow: TumorInMarrow = "effect",
    time_d: ArrayLike = DAYS,
    shown: int = 100,
) -> PopulationRun:
    """Take patients through kinetics, marrow dose and counts.

    Parameters
    ----------
    cohort : Cohort
        Of `pdcraft.response.population.patients.virtual_patients`.
    regimen : Regimen
    draws : int
        Of the carrier's kinetics and the marrow model, paired by place.
    seed : int
    marrow : mapping of str to ndarray, shape (draws,), optional
        Draws of the marrow model by key, as `MarrowDraws.averaged` gives them; the shipped ones.
    tumor_in_marrow : {"effect", "dose"}
        How tumor in marrow acts: see `MarrowRates`. Never both: the marrow model's factor was
        learned from such patients.
    time_d : array_like, shape (times,)
        Days of the counts.
    shown : int
        Subjects whose curves are kept.

    Returns
    -------
    PopulationRun

    Raises
    ------
    DataError
        If patients lack an attribute that is needed here, or have a baseline count of zero; or if
        the marrow model has another number of draws.

    Notes
    -----
    The marrow model's spread of effect between patients holds that of dose per activity. What the
    kinetics explain of it here is taken out of it, so that it counts once.
    """
    days = np.asarray(time_d, dtype=float)
    attributes = dict(cohort.attributes)
    _check(attributes)
    cpu = {"kinetics and dose": 0.0, "counts": 0.0}
    clock = time.process_time()
    common = marrow_rates(draws, seed=seed, tumor_in_marrow=tumor_in_marrow)
    known = _marrow(draws, seed) if marrow is None else marrow
    odd = [name for name, values in known.items() if np.shape(values) != (draws,)]
    if odd:
        raise DataError(
            f"marrow model: {odd[0]} has the shape {np.shape(known[odd[0]])} for {draws} draws; "
            "draw i is one sample of everything, so give as many"
        )
    activity = regimen.activity_MBq(attributes["body_surface_m2"])
    n = len(cohort.subjects)
    scores = common.scores(attributes)
    rest_sd = _rest_of_spread(common, known, attributes, scores, activity)
    effect_score = stream(seed, "study.population.effect").standard_normal(n)
    cpu["draws and set-up"] = time.process_time() - clock
    names = [
        f"{lineage}_{what}"
        for lineage in LINEAGES
        for what in ("nadir_1e9_per_L", "nadir_day", "grade")
    ]
    out = {name: np.empty((draws, n)) for name in ("marrow_Gy", "tumor_h_per_g", *names)}
    curves = np.empty((draws, min(shown, n), len(LINEAGES), days.size))
    size = max(1, ROWS // draws)
    for first in range(0, n, size):
        rows = slice(first, min(first + size, n))
        clock = time.process_time()
        some = {name: values[rows] for name, values in attributes.items()}
        rate, tumor = _dose_rate(common, some, _cut(scores, rows), activity[rows], regimen)
        out["marrow_Gy"][:, rows] = rate.total_Gy
        out["tumor_h_per_g"][:, rows] = tumor
        cpu["kinetics and dose"] += time.process_time() - clock
        clock = time.process_time()
        effect = np.exp(rest_sd[:, None] * effect_score[rows])
        model = _parameters(known, some, effect, in_dose=tumor_in_marrow == "dose")
        counts = simulate_counts(model, rate, days)
        for i, lineage in enumerate(LINEAGES):
            lowest = counts[:, :, i].min(axis=-1)
            out[f"{lineage}_nadir_1e9_per_L"][:, rows] = lowest
            out[f"{lineage}_nadir_day"][:, rows] = days[counts[:, :, i].argmin(axis=-1)]
            out[f"{lineage}_grade"][:, rows] = grade(lineage, lowest)
        if first < curves.shape[1]:
            upto = min(rows.stop, curves.shape[1])
            curves[:, first:upto] = counts[:, : upto - first]
        cpu["counts"] += time.process_time() - clock
    attributes["activity_MBq"] = activity.sum(axis=1)
    attributes["red_marrow_g"] = normal_marrow_mass_g(
        common.marrow_mass_g(attributes), attributes["marrow_infiltration"]
    )
    done = Cohort(cohort.subjects, attributes, out, f"population/{seed}/{draws}")
    return PopulationRun(done, days, curves, cpu)


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


def _dose_rate(
    common: MarrowRates,
    attributes: Mapping[str, Floats],
    scores: Mapping[str, Floats],
    activity_MBq: Floats,
    regimen: Regimen,
) -> tuple[DoseRate, Floats]:
    amplitude, rate, tumor = common.terms(attributes, scores)
    at_h = np.broadcast_to(HOURS_PER_DAY * np.asarray(regimen.at_d), activity_MBq.shape)
    return DoseRate.of_terms(amplitude, rate, at_h, activity_MBq), tumor


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
    """Parameters of the marrow model of a block, (draw, subject)."""

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
