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
from pdcraft.dosimetry.marrow_patient import normal_marrow_mass_g
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.ctcae import grade
from pdcraft.response.marrow.parameters import LINEAGES
from pdcraft.response.marrow.simulate import simulate_counts
from pdcraft.response.population.dosing import administered_MBq
from pdcraft.study.recipes.marrow_rates import TumorInMarrow
from pdcraft.study.recipes.population_chain import population_chain

__all__ = ["DAYS", "PopulationRun", "Regimen", "simulate_population"]

DAYS = np.arange(0.0, 113.0, 3.5)  # 16 weeks, twice a week
ROWS = 6_000  # draws times subjects worked on together


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
    cpu = {"kinetics and dose": 0.0, "counts": 0.0}
    clock = time.process_time()
    if "body_surface_m2" not in cohort.attributes:
        raise DataError("patients lack body_surface_m2; make them with virtual_patients")
    activity = regimen.activity_MBq(cohort.attributes["body_surface_m2"])
    chain = population_chain(
        cohort, activity, draws=draws, seed=seed, marrow=marrow, tumor_in_marrow=tumor_in_marrow
    )
    attributes = dict(cohort.attributes)
    n = len(cohort.subjects)
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
        terms = chain.terms(rows)
        rate = terms.dose_rate(activity[rows], regimen.at_d)
        out["marrow_Gy"][:, rows] = rate.total_Gy
        out["tumor_h_per_g"][:, rows] = terms.tumor_h_per_g
        cpu["kinetics and dose"] += time.process_time() - clock
        clock = time.process_time()
        counts = simulate_counts(chain.parameters(rows), rate, days)
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
        chain.common.marrow_mass_g(attributes), attributes["marrow_infiltration"]
    )
    done = Cohort(cohort.subjects, attributes, out, f"population/{seed}/{draws}")
    return PopulationRun(done, days, curves, cpu)
