"""Relapse from micrometastases: adjuvant and neoadjuvant groups, beside groups with nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.spheres import mass_g_of
from pdcraft.numerics.inputs import stream
from pdcraft.response.xenograft.metastases import Micrometastases, relapse_day
from pdcraft.response.xenograft.pooling import mm3_PER_g
from pdcraft.study.recipes.bench_member import MemberOutcome, Plan
from pdcraft.study.recipes.bench_tracer import sphere_factor

if TYPE_CHECKING:
    from pdcraft.study.bench_model import Metastases

__all__ = ["relapse_days"]

um_PER_mm = 1000.0


def relapse_days(
    said: Metastases, outcome: MemberOutcome, plan: Plan, nuclides: dict[int, str]
) -> Floats:
    """Day of relapse of every animal, shape (draws, groups, animals); infinite for none.

    Parameters
    ----------
    said : Metastases
    outcome : MemberOutcome
    plan : Plan
    nuclides : mapping of int to str
        Radionuclide of each group that has one.

    Notes
    -----
    A metastasis holds the tumor's concentration; its dose is smaller by the electrons that leave
    it, as of its size on the day of the first administration. A drug acts as on the tumor.
    """
    rng = stream(plan.seed, f"xenograft.{outcome.member.name}.metastases")
    mets = Micrometastases(said.number, um_PER_mm * said.radius, said.log_sd)
    model, shape = outcome.model, outcome.uptake.shape
    radius = mets.draw(shape, rng)
    per_g = model.clonogens_per_g[:, None, None]
    sphere_g = mass_g_of(1.0 / um_PER_mm) * radius**3
    clonogens = per_g[..., None] * sphere_g
    detectable = per_g * mass_g_of(0.5 * said.detectable_diameter)
    out = np.empty(shape)
    for g in range(len(plan.treatments)):
        out[:, g] = relapse_day(
            clonogens[:, g],
            outcome.lambda0_per_d[:, g],
            detectable[:, 0],
            plan.time_d,
            _effect(outcome, plan, g, radius[:, g], nuclides.get(g)),
            rng,
        )
    return out


def _effect(
    outcome: MemberOutcome, plan: Plan, g: int, radius_um: Floats, nuclide: str | None
) -> Callable[[int], Floats | float]:
    """Cumulative effect on the metastases of a group, (draws, animals, metastases), by time."""
    treatment, model = plan.treatments[g], outcome.model
    if treatment.drug is not None:
        each = treatment.drug.effect(
            model.raft_share * model.uptake, model.drug_sensitivity, plan.time_d
        )
        total = np.concatenate([np.zeros((1, *each.shape[1:])), np.cumsum(each, axis=0)])
        return lambda i: total[i][..., None]
    if treatment.tumor is None or nuclide is None:
        return lambda i: 0.0
    grown = np.exp(outcome.lambda0_per_d[:, g, :, None] * treatment.first_d / 3.0)
    factor = sphere_factor(nuclide, radius_um * grown, plan.entry.start_mm3 / mm3_PER_g)
    found = treatment.tumor.steps(np.log(2.0) / model.repair_half_life_h)
    linear, square = (
        np.concatenate([np.zeros((a.shape[0], 1)), np.cumsum(a, axis=-1)], axis=-1)
        for a in (found.dose_Gy, found.quadratic_Gy2)
    )
    uptake = outcome.uptake[:, g, :, None] * factor
    alpha = outcome.alpha_per_Gy[:, g, :, None] * uptake
    beta = alpha * uptake / model.alpha_beta_Gy[:, None, None]

    def effect(i: int) -> Floats:
        return alpha * linear[:, i, None, None] + beta * square[:, i, None, None]

    return effect
