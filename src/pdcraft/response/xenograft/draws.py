"""Hierarchical draws of a bench: indication, then model, then litter and animal.

Draws hold what is not known of a model; animals hold how mice differ. Streams of random numbers are
keyed by the member's name, so that one model's draws do not depend on which others are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.indications import indications
from pdcraft.data.xenografts import Member, growth_records, radiobiology, xenograft_prior
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.inputs import stream
from pdcraft.response.xenograft.pooling import PooledGrowth, mm3_PER_g, pool

__all__ = ["AnimalDraws", "ModelDraws", "draw_animals", "draw_model", "pooled_growth"]

LIMIT_SD = 1.959963984540054  # 97.5% of the standard normal
POOL_WORTH = 5.0  # animals: assumed
STANDS_FOR = "subcutaneous"  # alpha/beta and repair where an indication has none of its own


@cache
def pooled_growth() -> PooledGrowth:
    """Pooled growth of the shipped records."""
    return pool(growth_records())


@dataclass(frozen=True, slots=True)
class ModelDraws:
    """Parameters of one model in draws, each of shape (draws,).

    Parameters
    ----------
    member : Member
    lambda0_per_d, animal_sd, switch_g, transit_per_d : ndarray
        Growth, its spread between animals (of the logarithm), its turn to linear, and the passage
        of killed cells.
    blood_mL_per_g, raft_share, uptake : ndarray
        Over the calibrated tumor for the latter two.
    alpha_per_Gy, alpha_beta_Gy, repair_half_life_h, clonogens_per_g : ndarray
    drug_sensitivity : ndarray
        Over A2780's to paclitaxel.
    take_rate : ndarray
    """

    member: Member
    lambda0_per_d: Floats
    animal_sd: Floats
    switch_g: Floats
    transit_per_d: Floats
    blood_mL_per_g: Floats
    raft_share: Floats
    uptake: Floats
    alpha_per_Gy: Floats
    alpha_beta_Gy: Floats
    repair_half_life_h: Floats
    clonogens_per_g: Floats
    drug_sensitivity: Floats
    take_rate: Floats


@dataclass(frozen=True, slots=True)
class AnimalDraws:
    """What differs between animals of a model, each of shape (draws, animals)."""

    lambda0_per_d: Floats
    uptake: Floats
    alpha_per_Gy: Floats


def draw_model(member: Member, draws: int, seed: int) -> ModelDraws:
    """Draw a model.

    Parameters
    ----------
    member : Member
    draws : int
        One or more.
    seed : int

    Raises
    ------
    PhysicsRangeError
        For no draws.
    """
    if draws < 1:
        raise PhysicsRangeError(f"{draws} draws of {member.name}; one or more")

    def normal(what: str) -> Floats:
        return stream(seed, f"xenograft.{member.name}.{what}").standard_normal(draws)

    rate, animal_sd = _growth(member, draws, seed)
    entity = indications().get(member.indication) or indications()[STANDS_FOR]
    alpha, low, high = radiobiology(member.indication)[0]
    z = stream(seed, f"xenograft.indication.{member.indication}.alpha").standard_normal(draws)
    width = np.where(z < 0, np.log(alpha / low), np.log(high / alpha)) / LIMIT_SD
    spread = xenograft_prior("alpha_model").log_sd or 0.0
    record = member.growth
    switch = pooled_growth().switch_sd * normal("switch") + pooled_growth().log_switch_g
    if record is not None and record.switch_mm3 is not None:
        switch = np.full(draws, np.log(record.switch_mm3 / mm3_PER_g))
    return ModelDraws(
        member,
        rate,
        animal_sd,
        np.exp(switch),
        _of(member, "transit", "transit_per_d", normal("transit")),
        _of(member, "vascularity", "vascularity", normal("vascularity")),
        _of(member, "raft_share", "raft_share", normal("raft_share"), given_with="uptake"),
        _of(member, "uptake", "uptake", normal("uptake")),
        alpha * np.exp(width * z + spread * normal("alpha")),
        entity.priors["alpha_beta_Gy"].at(normal("alpha_beta")),
        entity.priors["repair_half_life_h"].at(normal("repair")),
        entity.priors["clonogens_per_g"].at(normal("clonogens")),
        _of(member, "drug_sensitivity", "drug_sensitivity", normal("drug")),
        _take(member, draws, seed),
    )


def _of(member: Member, parameter: str, prior: str, z: Floats, given_with: str = "") -> Floats:
    """Draw a member's own figure, or the prior; what was measured with another is in that one."""
    if parameter in member.given:
        own = member.given[parameter]
        return own.value * np.exp(own.log_sd * z)
    row = xenograft_prior(prior)
    if given_with in member.given:
        return np.full(z.shape, row.value)
    return row.value * np.exp((row.log_sd or 0.0) * z)


def _growth(member: Member, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Typical rate of a model, and its spread between animals."""
    pooled, record = pooled_growth(), member.growth
    rng = stream(seed, f"xenograft.{member.name}.growth")
    z, chi = rng.standard_normal(draws), rng.random(draws)
    if record is None:
        common = stream(seed, "xenograft.growth").standard_normal(draws)
        own = stream(seed, f"xenograft.indication.{member.indication}.growth")
        between = xenograft_prior("indication_growth").log_sd or 0.0
        log_rate = (
            pooled.log_rate
            + pooled.log_rate_error * common
            + between * own.standard_normal(draws)
            + pooled.model_sd * z
        )
        return np.exp(log_rate), np.full(draws, pooled.animal_sd)
    if record.sd_ln_lambda0 is None or record.n_animals is None:
        error = pooled.animal_sd / np.sqrt(POOL_WORTH)  # as sure as of five animals
        return record.lambda0_per_d * np.exp(error * z), np.full(draws, pooled.animal_sd)
    from scipy.special import chdtri

    # the record's animals beside the pool, which counts as POOL_WORTH more: few say little
    own = record.n_animals - 1
    squares = own * record.sd_ln_lambda0**2 + POOL_WORTH * pooled.animal_sd**2
    sd = np.sqrt(squares / chdtri(own + POOL_WORTH, 0.01 + 0.98 * chi))
    return record.lambda0_per_d * np.exp(sd / np.sqrt(record.n_animals) * z), sd


def _take(member: Member, draws: int, seed: int) -> Floats:
    """Share of inoculations that grow: evenly between the limits, or the member's own."""
    if "take_rate" in member.given:
        return np.full(draws, member.given["take_rate"].value)
    prior = xenograft_prior("take_rate")
    low, high = prior.low or 0.0, prior.high or 1.0
    share = stream(seed, f"xenograft.{member.name}.take").random(draws)
    return low + (high - low) * share


def draw_animals(
    model: ModelDraws, animals: int, *, litters: int, seed: int, litter_sd: float | None = None
) -> AnimalDraws:
    """Draw animals of a model.

    Parameters
    ----------
    model : ModelDraws
    animals, litters : int
        One or more; animals are dealt to litters in turn.
    seed : int
    litter_sd : float, optional
        Of ln lambda0, shared by mates; the shipped one by default. It is part of the spread between
        animals, never more than that.

    Raises
    ------
    PhysicsRangeError
        For none.
    """
    if animals < 1 or litters < 1:
        raise PhysicsRangeError(f"{animals} animals of {litters} litters; one or more of each")
    shape = (model.lambda0_per_d.size, animals)
    rng = stream(seed, f"xenograft.{model.member.name}.animals")
    whole = model.animal_sd[:, None]
    wanted = xenograft_prior("litter").log_sd if litter_sd is None else litter_sd
    shared = np.minimum(wanted or 0.0, whole)
    mates = rng.standard_normal((shape[0], litters))[:, np.arange(animals) % litters]
    own = np.sqrt(whole**2 - shared**2) * rng.standard_normal(shape)
    uptake_sd = xenograft_prior("uptake_animal").log_sd or 0.0
    alpha_sd = xenograft_prior("alpha_animal").log_sd or 0.0
    factor = (model.raft_share * model.uptake)[:, None]
    return AnimalDraws(
        model.lambda0_per_d[:, None] * np.exp(shared * mates + own),
        factor * np.exp(uptake_sd * rng.standard_normal(shape)),
        model.alpha_per_Gy[:, None] * np.exp(alpha_sd * rng.standard_normal(shape)),
    )
