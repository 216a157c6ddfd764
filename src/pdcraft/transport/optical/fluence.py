"""Fluence rate in a scene under a lamp, and where the light goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.kernels.walk import BALANCES, NOTHING, VOXELS
from pdcraft.transport.optical.light import Beam
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import prepare_matter, prepare_space
from pdcraft.transport.optical.region_volume import tissue_share
from pdcraft.transport.optical.run import (
    GATE_mm,
    Progress,
    beam_area_mm2,
    beam_launch,
    empty_score,
    run_batches,
)

__all__ = ["EnergyBudget", "Fluence", "fluence"]

Floats = NDArray[np.float64]

BATCHES = 20
LARGE_voxels = 2_000_000  # above, 5 groups of batches are kept instead of 20


@dataclass(frozen=True, slots=True)
class EnergyBudget:
    """Fractions of the incident power, and their standard errors.

    ``reflected_specular`` is light that never entered tissue; ``reflected_diffuse`` and
    ``transmitted`` are hemispherical; ``lateral`` left through the sides; ``roulette_net`` is what
    roulette took minus what it gave, on average 0; ``late`` was still under way at the gate. All
    sum to 1 within ``balance_error``.
    """

    reflected_specular: float
    reflected_diffuse: float
    transmitted: float
    lateral: float
    absorbed: float
    roulette_net: float
    late: float
    balance_error: float
    std_err: dict[str, float]


@dataclass(frozen=True, slots=True)
class Fluence:
    """Fluence rate over irradiance (1), with its standard error.

    Parameters
    ----------
    mean, std_err : ndarray, shape (nx, ny, nz)
        Zero where nothing is; empty when only the budget was asked.
    budget : EnergyBudget
    histories : int
    batch_sums : ndarray of float32, shape (groups, voxels)
        Means of groups of batches, whose mean is ``mean``: for errors of what is made of it.
    """

    mean: Floats
    std_err: Floats
    budget: EnergyBudget
    histories: int
    batch_sums: NDArray[np.float32]


def budget_of(balances: Floats) -> EnergyBudget:
    """Budget of batches' balances, shape (batches, balances)."""
    share = balances[:, :-1] / balances[:, -1:]
    whole = balances.sum(axis=0)
    mean = whole[:-1] / whole[-1]
    count = len(balances)
    err = share.std(axis=0, ddof=1) / np.sqrt(count) if count > 1 else np.full(len(mean), np.nan)
    return EnergyBudget(
        *(float(v) for v in mean),
        balance_error=abs(float(mean.sum()) - 1.0),
        std_err=dict(zip(BALANCES[:-1], (float(e) for e in err), strict=True)),
    )


def fluence(
    domain: OpticalDomain,
    medium: OpticalMedium,
    beam: Beam,
    *,
    histories: int = 1_000_000,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
    copies: bool = True,
    voxels: bool = True,
    mcx: bool = False,
    gate_mm: float = GATE_mm,
) -> Fluence:
    """Run a forward simulation.

    Parameters
    ----------
    domain, medium, beam
        Where, in what, under which light.
    histories : int
        Walks of light; rounded up to whole batches.
    copies : bool
        Let each path serve several places under plane light. Ratios of places gain; where only
        totals are asked, `False` is better.
    voxels : bool
        Score voxels; without, the budget alone.
    mcx : bool
        MCX's boundary conventions, for comparisons: index steps at voxel faces, Fresnel at all
        sides, no reflection where light enters.
    gate_mm : float
        Optical path at which walks end.

    Returns
    -------
    Fluence

    Raises
    ------
    DataError
        For fewer than 20 histories, or a domain the kernels cannot take.
    """
    if histories < BATCHES:
        raise DataError(f"fluence: {histories} histories are too few; give {BATCHES} or more")
    space = prepare_space(domain, medium, mcx=mcx)
    matter = prepare_matter(domain, medium)
    source = beam_launch(space, beam, copies, inside=mcx)
    size = -(-histories // (BATCHES * source.copies)) * source.copies
    count = domain.labels.size if voxels else 1
    kind = VOXELS if voxels else NOTHING
    scale = beam_area_mm2(space, beam) / (size * domain.voxel_mm3)
    total, squares = np.zeros(count), np.zeros(count)
    kept: list[NDArray[np.float32]] = []
    balances: list[Floats] = []
    done, per_group = 0, 1 if count <= LARGE_voxels else BATCHES // 5
    for walks in run_batches(
        space, matter, source, empty_score(kind, gate_mm=gate_mm), (1, count), (1, 1),
        0, BATCHES, size, seed, threads, progress, max_time_s,
    ):  # fmt: skip
        balances.append(walks.balance)
        if voxels:
            values = walks.tally[0] * scale
            total += values
            squares += values * values
            if done % per_group:
                kept[-1] += values.astype(np.float32) / per_group
            else:
                kept.append(values.astype(np.float32) / np.float32(per_group))
        done += 1
    if done % per_group and len(kept) > 1:
        kept.pop()  # time ran out within the last group
    budget = budget_of(np.array(balances))
    if not voxels:
        nothing = np.zeros((0, 0, 0))
        return Fluence(nothing, nothing, budget, done * size, np.zeros((0, 0), np.float32))
    part = tissue_share(domain)
    mean = total / done
    variance = np.maximum(squares / done - mean * mean, 0.0) / max(done - 1, 1)
    shape = domain.labels.shape
    return Fluence(
        (mean / part).reshape(shape),
        (np.sqrt(variance) / part).reshape(shape),
        budget,
        done * size,
        np.array(kept) / part.astype(np.float32),
    )
