"""What dose it would take: the typical animal of a model, with the effect scaled until it fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.xenografts import Member
from pdcraft.response.xenograft.curves import grow_many
from pdcraft.response.xenograft.draws import ModelDraws, draw_model
from pdcraft.response.xenograft.pooling import mm3_PER_g
from pdcraft.study.recipes.bench_member import Plan

__all__ = ["Typical", "needed_factor", "typical_animal"]

FACTORS = np.geomspace(0.02, 50.0, 241)


@dataclass(frozen=True, slots=True, eq=False)
class Typical:
    """Courses of a model's typical animal for every factor on its dose.

    Parameters
    ----------
    factor : ndarray, shape (factors,)
    time_d : ndarray, shape (times,)
    mass_g, living_g : ndarray, shape (times, factors, groups)
    dose_Gy : ndarray, shape (groups,)
        At factor 1, the median draw's.
    clonogens_per_g : float
    """

    factor: Floats
    time_d: Floats
    mass_g: Floats
    living_g: Floats
    dose_Gy: Floats
    clonogens_per_g: float

    def days_to(self, volume_mm3: float) -> Floats:
        """First day at or above a volume, shape (factors, groups); infinite if never."""
        over = self.mass_g >= volume_mm3 / mm3_PER_g
        return np.where(over.any(axis=0), self.time_d[over.argmax(axis=0)], np.inf)

    def control(self) -> Floats:
        """Probability that no clonogen is left, shape (factors, groups)."""
        return np.exp(-self.clonogens_per_g * self.living_g.min(axis=0))


def typical_animal(member: Member, plan: Plan) -> Typical:
    """Follow the animal with the median of every parameter, for doses scaled by many factors."""
    model = draw_model(member, plan.draws, plan.seed)
    middle = {name: np.median(getattr(model, name)) for name in _NAMES}
    alpha, ratio = float(middle["alpha_per_Gy"]), float(middle["alpha_beta_Gy"])
    repair = np.log(2.0) / middle["repair_half_life_h"]
    uptake = float(middle["raft_share"] * middle["uptake"])
    groups = len(plan.treatments)
    effect = np.zeros((plan.time_d.size - 1, FACTORS.size, groups))
    dose = np.zeros(groups)
    for g, treatment in enumerate(plan.treatments):
        if treatment.tumor is not None:
            found = treatment.tumor.steps(repair)
            linear = np.median(found.dose_Gy, axis=0)[:, None]
            square = np.median(found.quadratic_Gy2, axis=0)[:, None]
            f = uptake * FACTORS
            effect[:, :, g] = alpha * f * linear + alpha / ratio * f**2 * square
            dose[g] = uptake * linear.sum()
    start = np.array([plan.entry.start_mm3 / mm3_PER_g * t.start_factor for t in plan.treatments])
    tumors = grow_many(
        start[None, :],
        np.full((1, 1), middle["lambda0_per_d"]),
        np.full((1, 1), middle["switch_g"]),
        np.full((1, 1), middle["transit_per_d"]),
        plan.time_d,
        effect,
    )
    clonogens = float(middle["clonogens_per_g"])
    return Typical(FACTORS, plan.time_d, tumors.mass_g, tumors.living_g, dose, clonogens)


_NAMES = tuple(
    name for name in ModelDraws.__slots__ if name not in ("member", "animal_sd", "take_rate")
)


def needed_factor(
    typical: Typical, reached: Callable[[Typical], Floats], wanted: float
) -> float | None:
    """Least factor on the dose at which a quantity has a wanted value; None if it never has.

    Parameters
    ----------
    typical : Typical
    reached : callable
        Quantity of each factor, shape (factors,).
    wanted : float
    """
    values = reached(typical)
    good = np.isfinite(values)
    sign = np.sign(values - wanted)
    for i in range(values.size - 1):
        if good[i] and good[i + 1] and sign[i] != sign[i + 1]:
            share = (wanted - values[i]) / (values[i + 1] - values[i])
            logs = np.log(typical.factor[i : i + 2])
            return float(np.exp(logs[0] + share * (logs[1] - logs[0])))
    return None
