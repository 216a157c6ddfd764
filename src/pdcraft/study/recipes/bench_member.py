"""One model of a bench through a study: entry, treatment, visits, removal, endpoints.

Arrays have the axes (draw, group, animal); times and visits lead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.data.xenografts import Member, xenograft_prior
from pdcraft.numerics.inputs import stream
from pdcraft.response.xenograft.caliper import measured_mm3
from pdcraft.response.xenograft.curves import cured, grow_many
from pdcraft.response.xenograft.draws import ModelDraws, draw_animals, draw_model
from pdcraft.response.xenograft.effect import DoseInSteps
from pdcraft.response.xenograft.endpoints import best_change, complete_response, present
from pdcraft.response.xenograft.entry import Entry, candidates_for, enter
from pdcraft.response.xenograft.pooling import mm3_PER_g
from pdcraft.response.xenograft.removal import Removed, remove, weight_course
from pdcraft.study.recipes.bench_drug import BenchDrug

__all__ = ["MemberOutcome", "Plan", "Treatment", "simulate_member"]

LEAST_SD = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Treatment:
    """What a group gets, the same for all models.

    Parameters
    ----------
    name : str
    start_factor : float
        Volume at entry over the study's.
    tumor : DoseInSteps or None
        Dose of unit uptake.
    marrow_Gy : ndarray, shape (steps, draws), or None
    drug : BenchDrug or None
    resected_d : float or None
    first_d : float
        Of the first administration.
    """

    name: str
    start_factor: float
    tumor: DoseInSteps | None
    marrow_Gy: Floats | None
    drug: BenchDrug | None
    resected_d: float | None
    first_d: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The study's design, the same for all models."""

    entry: Entry
    treatments: tuple[Treatment, ...]
    time_d: Floats
    visits_d: Floats
    limit_mm3: float
    palpable_mm3: float
    caliper_log_sd: float
    litters: int
    draws: int
    seed: int


@dataclass(frozen=True, slots=True, eq=False)
class MemberOutcome:
    """What became of a model's animals.

    Parameters
    ----------
    model : ModelDraws
    measured_mm3 : ndarray, shape (visits, draws, groups, animals)
        As calipers have it, whether or not the animal is still there.
    there : ndarray of bool, same shape
    removed : Removed
        Shapes (draws, groups, animals).
    complete, cured : ndarray of bool, shape (draws, groups, animals)
    best_change : ndarray, same shape
    lowest_weight : ndarray, same shape
    tumor_Gy : ndarray, shape (draws, groups)
        Mean over animals, while the primary is there.
    uptake, lambda0_per_d, alpha_per_Gy : ndarray, shape (draws, groups, animals)
    eligible_share : ndarray, shape (draws,)
    """

    model: ModelDraws
    measured_mm3: Floats
    there: NDArray[np.bool_]
    removed: Removed
    complete: NDArray[np.bool_]
    cured: NDArray[np.bool_]
    best_change: Floats
    lowest_weight: Floats
    tumor_Gy: Floats
    uptake: Floats
    lambda0_per_d: Floats
    alpha_per_Gy: Floats
    eligible_share: Floats

    @property
    def member(self) -> Member:
        """The model."""
        return self.model.member


def simulate_member(member: Member, plan: Plan) -> MemberOutcome:
    """Take a model through the study."""
    draws, seed = plan.draws, plan.seed
    rng = stream(seed, f"xenograft.{member.name}.study")
    model = draw_model(member, draws, seed)
    animals = draw_animals(model, candidates_for(plan.entry), litters=plan.litters, seed=seed)
    entered = enter(
        np.log(animals.lambda0_per_d / model.lambda0_per_d[:, None])
        / np.maximum(model.animal_sd, LEAST_SD)[:, None],
        model.take_rate,
        plan.entry,
        plan.caliper_log_sd,
        rng,
    )
    shape = entered.animal.shape
    flat = entered.animal.reshape(draws, -1)

    def dealt(values: Floats) -> Floats:
        return np.take_along_axis(values, flat, axis=1).reshape(shape)

    rate, uptake = dealt(animals.lambda0_per_d), dealt(animals.uptake)
    alpha = dealt(animals.alpha_per_Gy)
    factors = np.array([t.start_factor for t in plan.treatments])
    mass = entered.mass_g * factors[:, None]
    effect, dose = _effects(model, alpha, uptake, plan)
    tumors = grow_many(
        mass,
        rate,
        model.switch_g[:, None, None],
        model.transit_per_d[:, None, None],
        plan.time_d,
        effect,
    )
    true_g, without = cured(tumors, model.clonogens_per_g[:, None, None], rng)
    _resect(true_g, plan)
    at = np.searchsorted(plan.time_d, plan.visits_d)
    seen = measured_mm3(mm3_PER_g * true_g[at], plan.caliper_log_sd, plan.palpable_mm3, rng)
    seen[0] = np.where(seen[0] > 0.0, seen[0], mm3_PER_g * true_g[0])  # at entry all are felt
    weight = _weights(plan, shape, rng)
    removed = remove(
        seen,
        plan.visits_d,
        plan.limit_mm3,
        true_g,
        plan.time_d,
        weight,
        _log_normal("ulceration_per_d_per_g", draws, rng)[:, None, None],
        rng.standard_exponential(shape),
    )
    there = present(plan.visits_d, removed.day)
    alive = plan.time_d.reshape(-1, 1, 1, 1) <= removed.day
    treated = np.array([t.resected_d is None for t in plan.treatments])[:, None]
    return MemberOutcome(
        model,
        seen,
        there,
        removed,
        complete_response(seen, there) & treated,
        without,
        best_change(seen, there),
        np.where(alive, weight, np.inf).min(axis=0),
        dose,
        uptake,
        rate,
        alpha,
        entered.eligible_share,
    )


def _effects(model: ModelDraws, alpha: Floats, uptake: Floats, plan: Plan) -> tuple[Floats, Floats]:
    """Effect in each step, (steps, draws, groups, animals), and doses, (draws, groups)."""
    steps = plan.time_d.size - 1
    effect = np.zeros((steps, *alpha.shape))
    dose = np.zeros(alpha.shape[:2])
    repair = np.log(2.0) / model.repair_half_life_h
    shared: dict[int, Floats] = {}
    for g, treatment in enumerate(plan.treatments):
        if treatment.tumor is not None:
            found = treatment.tumor.steps(repair)
            effect[:, :, g] = found.effect(alpha[:, g], model.alpha_beta_Gy[:, None], uptake[:, g])
            end_d = np.inf if treatment.resected_d is None else treatment.resected_d
            there = plan.time_d[:-1] < end_d
            dose[:, g] = found.dose_Gy[:, there].sum(axis=-1) * uptake[:, g].mean(axis=-1)
        elif treatment.drug is not None:
            key = id(treatment.drug)
            if key not in shared:
                shared[key] = treatment.drug.effect(
                    model.raft_share * model.uptake, model.drug_sensitivity, plan.time_d
                )
            effect[:, :, g] = shared[key]
    return effect, dose


def _resect(mass_g: Floats, plan: Plan) -> None:
    for g, treatment in enumerate(plan.treatments):
        if treatment.resected_d is not None:
            mass_g[plan.time_d >= treatment.resected_d, :, g] = 0.0


def _log_normal(name: str, draws: int, rng: np.random.Generator) -> Floats:
    prior = xenograft_prior(name)
    return prior.value * np.exp((prior.log_sd or 0.0) * rng.standard_normal(draws))


def _weights(plan: Plan, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Body weight over that at entry, shape (times, draws, groups, animals)."""
    gain_prior = xenograft_prior("weight_gain_per_d")
    gain = gain_prior.value + (gain_prior.sd or 0.0) * rng.standard_normal(shape)
    loss = _log_normal("weight_loss_per_Gy", plan.draws, rng)[:, None]
    peak = _log_normal("weight_loss_day", plan.draws, rng)[:, None]
    out = np.empty((plan.time_d.size, *shape))
    for g, treatment in enumerate(plan.treatments):
        if treatment.marrow_Gy is None:
            out[:, :, g] = 1.0 + gain[:, g] * plan.time_d[:, None, None]
            continue
        out[:, :, g] = weight_course(
            plan.time_d, treatment.marrow_Gy, gain[:, g], loss, np.broadcast_to(peak, loss.shape)
        )
    return out
