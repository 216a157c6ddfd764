"""From inoculation to groups: takes, volumes at entry, randomization.

Volumes of one inoculation scatter on the day of entry, and a large tumor tends to grow faster
afterwards too (`entry_volume` and `entry_correlation` of the priors). Entry within limits and
dealing by volume keep the groups alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.data.xenografts import xenograft_prior
from pdcraft.errors import DataError
from pdcraft.response.xenograft.caliper import measured_mm3
from pdcraft.response.xenograft.pooling import mm3_PER_g

__all__ = ["Entered", "Entry", "candidates_for", "enter"]

SURPLUS = 2.2  # inoculated animals over those needed
Randomization = Literal["by volume", "simple"]


@dataclass(frozen=True, slots=True)
class Entry:
    """Rules of entry.

    Parameters
    ----------
    start_mm3, low_mm3, high_mm3 : float
        Median volume at which animals are dealt, and the limits of entry.
    groups, per_group : int
    randomization : {"by volume", "simple"}
    """

    start_mm3: float
    low_mm3: float
    high_mm3: float
    groups: int
    per_group: int
    randomization: Randomization = "by volume"

    def __post_init__(self) -> None:
        if self.groups < 1 or self.per_group < 1:
            raise DataError(
                f"{self.groups} groups of {self.per_group} animals; one or more of each"
            )
        if not 0 < self.low_mm3 <= self.start_mm3 <= self.high_mm3:
            raise DataError(
                f"volumes at entry {self.low_mm3:g} to {self.high_mm3:g} mm3 around "
                f"{self.start_mm3:g}: above zero, and the start lies between the limits"
            )


@dataclass(frozen=True, slots=True)
class Entered:
    """Animals in groups.

    Parameters
    ----------
    animal : ndarray of int, shape (draws, groups, per group)
        Which candidate it is.
    mass_g : ndarray, same shape
        True mass at entry.
    eligible_share : ndarray, shape (draws,)
        Of all inoculated animals: tumor took and its measured volume was within the limits.
    outside : ndarray, shape (draws,)
        Animals in the groups whose volume was not, for want of others.
    """

    animal: NDArray[np.intp]
    mass_g: Floats
    eligible_share: Floats
    outside: Floats


def candidates_for(entry: Entry) -> int:
    """Animals that are inoculated."""
    return int(np.ceil(SURPLUS * entry.groups * entry.per_group)) + 2


def enter(
    faster: Floats,
    take_rate: Floats,
    entry: Entry,
    caliper_log_sd: float,
    rng: np.random.Generator,
) -> Entered:
    """Find volumes on the day of entry, choose animals and deal them to groups.

    Parameters
    ----------
    faster : ndarray, shape (draws, candidates)
        Growth rates' logarithms over the typical one's, in standard deviations.
    take_rate : ndarray, shape (draws,)
    entry : Entry
    caliper_log_sd : float
    rng : Generator

    Raises
    ------
    DataError
        For fewer candidates than the groups need.
    """
    draws, candidates = faster.shape
    needed = entry.groups * entry.per_group
    if candidates < needed:
        raise DataError(f"{candidates} animals for {needed} places; inoculate more")
    sd = xenograft_prior("entry_volume").log_sd or 0.0
    tied = xenograft_prior("entry_correlation").value
    scatter = tied * faster + np.sqrt(1.0 - tied**2) * rng.standard_normal(faster.shape)
    mass = entry.start_mm3 / mm3_PER_g * np.exp(sd * scatter)
    took = rng.random(faster.shape) < take_rate[:, None]
    seen = measured_mm3(mm3_PER_g * mass, caliper_log_sd, 0.0, rng)
    inside = took & (seen >= entry.low_mm3) & (seen <= entry.high_mm3)
    far = np.abs(np.log(np.maximum(seen, 1e-9) / entry.start_mm3))
    # eligible animals in the order of chance, then those nearest to the start, then no takes
    rank = np.where(inside, rng.random(seen.shape), np.where(took, 1.0 + far, 1e6 + far))
    chosen = np.argsort(rank, axis=1)[:, :needed]
    volume = np.take_along_axis(seen, chosen, axis=1)
    order = np.argsort(volume, axis=1)
    if entry.randomization == "by volume":
        blocks = np.take_along_axis(chosen, order, axis=1).reshape(
            draws, entry.per_group, entry.groups
        )
        shuffle = np.argsort(rng.random(blocks.shape), axis=2)
        dealt = np.take_along_axis(blocks, shuffle, axis=2).transpose(0, 2, 1)
        # within a group the animals stand in the order of chance, so that the first n are n of all
        within = np.argsort(rng.random(dealt.shape), axis=2)
        dealt = np.take_along_axis(dealt, within, axis=2)
    else:
        shuffle = np.argsort(rng.random(chosen.shape), axis=1)
        dealt = np.take_along_axis(chosen, shuffle, axis=1)
        dealt = dealt.reshape(draws, entry.groups, entry.per_group)
    flat = dealt.reshape(draws, needed)
    return Entered(
        dealt,
        np.take_along_axis(mass, flat, axis=1).reshape(dealt.shape),
        inside.mean(axis=1),
        needed - np.take_along_axis(inside, flat, axis=1).sum(axis=1).astype(float),
    )
