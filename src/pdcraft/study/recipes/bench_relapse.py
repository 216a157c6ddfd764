"""Relapse from micrometastases: adjuvant and neoadjuvant groups, beside groups with nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.spheres import mass_g_of
from pdcraft.numerics.inputs import stream
from pdcraft.response.xenograft.metastases import Micrometastases, relapse_day
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
    it. Kill counts as if it came on day 0: growth is exponential, so the order does not matter.
    """
    rng = stream(plan.seed, f"xenograft.{outcome.member.name}.metastases")
    mets = Micrometastases(said.number, um_PER_mm * said.radius, said.log_sd)
    model, shape = outcome.model, outcome.uptake.shape
    radius = mets.draw(shape, rng)
    per_g = model.clonogens_per_g[:, None, None]
    sphere_g = mass_g_of(1.0 / um_PER_mm) * radius**3
    clonogens = per_g[..., None] * sphere_g
    detectable = per_g * mass_g_of(0.5 * said.detectable_diameter)
    repair = np.log(2.0) / model.repair_half_life_h
    out = np.empty(shape)
    for g, treatment in enumerate(plan.treatments):
        effect: Floats = np.zeros(radius.shape[0:1] + radius.shape[2:])
        if treatment.tumor is not None:
            factor = sphere_factor(nuclides[g], radius[:, g], plan.entry.start_mm3 / 1000.0)
            found = treatment.tumor.steps(repair)
            linear = found.dose_Gy.sum(axis=-1)[:, None, None]
            square = found.quadratic_Gy2.sum(axis=-1)[:, None, None]
            uptake = outcome.uptake[:, g, :, None] * factor
            alpha = outcome.alpha_per_Gy[:, g, :, None]
            ratio = model.alpha_beta_Gy[:, None, None]
            effect = alpha * uptake * (linear + uptake / ratio * square)
        out[:, g] = relapse_day(
            clonogens[:, g], effect, outcome.lambda0_per_d[:, g], detectable[:, 0], rng
        )
    return out
