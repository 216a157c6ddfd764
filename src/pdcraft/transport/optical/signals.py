"""Signals of image regions by each region's dye, at several wavelengths, to a wanted precision.

Forward walks give the fluence rate of the lamp, adjoint walks what each region of the image sees;
their product, summed over a region of the scene, is the signal that unit dye there gives. It is
exact for every distribution of dye among regions while absorption stays as it is.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.adjoint import check_rois
from pdcraft.transport.optical.couple import Coupling, coupling
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.fluence import EnergyBudget, LARGE_voxels, budget_of
from pdcraft.transport.optical.kernels.launch import Launch
from pdcraft.transport.optical.kernels.space import Space
from pdcraft.transport.optical.kernels.walk import VOXELS, Matter
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import prepare_matter, prepare_space
from pdcraft.transport.optical.region_volume import tissue_share
from pdcraft.transport.optical.run import (
    ADJOINT,
    FORWARD,
    Progress,
    beam_area_mm2,
    beam_launch,
    empty_score,
    run_batches,
    view_launch,
)

__all__ = ["RegionSignals", "Stop", "contrast_stop", "left_out_error", "region_signals"]

Floats = NDArray[np.float64]

GROUPS, GROUPS_LARGE = 16, 8  # of batches, for errors; of grids above LARGE_voxels
FIRST_FORWARD, FIRST_ADJOINT = 160_000, 40_000
MOST_ROUNDS = 24


@dataclass(frozen=True, slots=True)
class RegionSignals:
    """Photon radiance over photon irradiance per dye coefficient of a region.

    Parameters
    ----------
    mean : ndarray, shape (excitations, emissions, rois, labels)
        mm/sr: the mean radiance of a region of the image, in photons, is the lamp's irradiance in
        photons times the sum over labels of ``mean`` times (dye absorption in 1/mm x yield).
    forward, adjoint : ndarray, shape (groups, excitations, emissions, rois, labels)
        The same from groups of forward or adjoint walks, with the mean of the other kind.
    fluence : ndarray, shape (excitations, nx, ny, nz)
        Fluence rate over irradiance.
    region_fluence, region_fluence_std_err : ndarray, shape (excitations, labels)
    budgets : tuple of EnergyBudget
        One for each excitation.
    histories : int
        All walks.
    cpu_s, wall_s : float
    reached : bool
        Whether the wanted precision was reached.
    """

    mean: Floats
    forward: Floats
    adjoint: Floats
    fluence: Floats
    region_fluence: Floats
    region_fluence_std_err: Floats
    budgets: tuple[EnergyBudget, ...]
    histories: int
    cpu_s: float
    wall_s: float
    reached: bool

    def std_err_of(self, quantity: Callable[[Floats], Floats]) -> Floats:
        """Estimate the standard error of a function of ``mean``: each group left out in turn."""
        return np.hypot(
            left_out_error(quantity, self.mean, self.forward),
            left_out_error(quantity, self.mean, self.adjoint),
        )

    def shares(self, quantity: Callable[[Floats], Floats]) -> tuple[float, float]:
        """Sum squared deviations of forward and of adjoint walks over the quantity's entries."""
        return (
            float(np.sum(_left_out(quantity, self.mean, self.forward))),
            float(np.sum(_left_out(quantity, self.mean, self.adjoint))),
        )


def left_out_error(quantity: Callable[[Floats], Floats], mean: Floats, parts: Floats) -> Floats:
    """Estimate the error of a quantity of the mean of parts, (groups, ...), leaving each out."""
    groups = len(parts)
    return np.sqrt((groups - 1) / groups * np.sum(_left_out(quantity, mean, parts), axis=0))


def _left_out(quantity: Callable[[Floats], Floats], mean: Floats, parts: Floats) -> Floats:
    """Squared deviations of a quantity, (groups, ...), with each group left out in turn."""
    groups = len(parts)
    left = np.array([quantity((groups * mean - p) / (groups - 1)) for p in parts])
    return (left - left.mean(axis=0)) ** 2


@dataclass(frozen=True, slots=True)
class Stop:
    """When a run has had enough: `quantity` of the mean is known within `allowed` of its value."""

    quantity: Callable[[Floats], Floats]
    allowed: float

    def ratio(self, signals: RegionSignals) -> float:
        """Largest error over what is allowed."""
        value = np.atleast_1d(self.quantity(signals.mean))
        error = np.atleast_1d(signals.std_err_of(self.quantity))
        limit = self.allowed * np.abs(value)
        return float(np.max(np.where(limit > 0.0, error / np.where(limit > 0.0, limit, 1.0), 0.0)))


def contrast_stop(
    target: int,
    background: int,
    source: Floats,
    rel_err: float,
    weights: Floats | None = None,
) -> Stop:
    """Stop when contrast, target over background minus one, is known to a relative error.

    Parameters
    ----------
    target, background : int
        Regions of the image.
    source : ndarray, shape (labels,)
        Dye of each label, in any unit.
    weights : ndarray, shape (excitations, emissions), optional
        Of wavelengths; equal without.
    """

    def contrast(mean: Floats) -> Floats:
        share = np.ones(mean.shape[:2]) if weights is None else weights
        signal = np.einsum("xmrl,xm,l->r", mean, share, source)
        return signal[target] / signal[background] - 1.0

    return Stop(contrast, rel_err)


class _Pile:
    """Maps of one kind of walk, summed in groups of batches."""

    def __init__(
        self,
        space: Space,
        matter: Matter,
        src: Launch,
        voxels: int,
        scale: float,
        seed: int,
        stream: int,
    ) -> None:
        self.space, self.matter, self.src = space, matter, src
        self.stream = stream
        self.scale, self.seed = scale, seed
        self.maps = np.zeros(
            (GROUPS if voxels <= LARGE_voxels else GROUPS_LARGE, voxels), np.float32
        )
        self.balances: list[Floats] = []
        self.batches = 0
        self.histories = 0
        self.shares = np.zeros(len(self.maps))

    def run(
        self, histories: int, threads: int | None, progress: Progress | None, end: float | None
    ) -> bool:
        """Add walks; False when time ran out before every group had its share."""
        groups = len(self.maps)
        per = -(-histories // (groups * self.src.copies)) * self.src.copies
        first = -(-self.histories // per)  # histories so far belong to earlier numbers
        done = 0
        for walks in run_batches(
            self.space, self.matter, self.src, empty_score(VOXELS), (1, self.maps.shape[1]),
            (1, 1), first, groups, per, self.seed, threads, progress,
            None if end is None else max(end - time.monotonic(), 0.0), stream=self.stream,
        ):  # fmt: skip
            group = done % groups
            self.maps[group] += walks.tally[0]
            self.shares[group] += per
            self.balances.append(walks.balance)
            done += 1
        self.histories = (first + done) * per
        return done == groups

    @property
    def sure(self) -> bool:
        """Whether at least half the groups ran: errors of fewer are too unsure to stop by."""
        return 2 * int(np.count_nonzero(self.shares)) >= len(self.shares)

    def groups(self) -> NDArray[np.float32]:
        """Give maps per history of the groups that ran, (groups, voxels)."""
        some = self.shares > 0.0
        per = (self.scale / self.shares[some])[:, None].astype(np.float32)
        return self.maps[some] * per


def region_signals(
    domain: OpticalDomain,
    excitations: Sequence[OpticalMedium],
    emissions: Sequence[OpticalMedium],
    beam: Beam,
    view: View,
    rois: NDArray[np.float64],
    *,
    stop: Stop | None = None,
    histories: tuple[int, int] = (FIRST_FORWARD, FIRST_ADJOINT),
    most_histories: int = 200_000_000,
    copies: bool = True,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> RegionSignals:
    """Compute signals of image regions by the dye of each label.

    Parameters
    ----------
    excitations, emissions : sequence of OpticalMedium
        The scene at each wavelength, dye absorption included.
    rois : array_like, shape (rois, rows, columns)
        Weights of the pixels.
    stop : Stop, optional
        Run until its precision is reached: whichever kind of walk contributes more to the error is
        doubled. Without it `histories` forward and adjoint walks run for each wavelength (and
        region), once.
    copies : bool
        Let each path serve several places under plane light: right for ratios of regions; without,
        absolute signals are less noisy.
    max_time_s : float, optional
        Stop by then, whatever is reached.

    Raises
    ------
    DataError
        For regions without pixels, or media that do not fit the domain.
    """
    weights = check_rois(view, rois)
    if not excitations or not emissions:
        raise DataError("region signals: give at least one excitation and one emission")
    began, cpu = time.monotonic(), time.process_time()
    end = None if max_time_s is None else began + max_time_s
    voxels = domain.labels.size
    couple = coupling(domain, max(m.labels for m in (*excitations, *emissions)))
    forward: list[_Pile] = []
    for medium in excitations:
        space = prepare_space(domain, medium)
        scale = beam_area_mm2(space, beam) / domain.voxel_mm3
        src = beam_launch(space, beam, copies)
        forward.append(
            _Pile(space, prepare_matter(domain, medium), src, voxels, scale, seed, FORWARD)
        )
    adjoint: list[list[_Pile]] = []
    for medium in emissions:
        space = prepare_space(domain, medium)
        matter = prepare_matter(domain, medium, adjoint=True)
        launches = [view_launch(view, roi) for roi in weights]
        adjoint.append([_Pile(space, matter, s, voxels, 1.0, seed, ADJOINT) for s in launches])
    tissue = tissue_share(domain).astype(np.float32) if domain.curved else np.float32(1.0)
    next_forward, next_adjoint = histories
    reached, result = False, None
    for _ in range(MOST_ROUNDS):
        complete = True
        for pile in forward if next_forward else ():
            complete &= pile.run(next_forward, threads, progress, end)
        for row in adjoint if next_adjoint else ():
            for pile in row:
                complete &= pile.run(next_adjoint, threads, progress, end)
        used = sum(p.histories for p in (*forward, *(p for row in adjoint for p in row)))
        result = _couple(couple, forward, adjoint, tissue, domain, used, cpu, began)
        if stop is None:
            reached = complete
            break
        ratio = stop.ratio(result)
        piles = (*forward, *(p for row in adjoint for p in row))
        if ratio <= 1.0 and all(pile.sure for pile in piles):
            reached = True
            break
        out_of_time = end is not None and time.monotonic() >= end
        if not complete or out_of_time or used >= most_histories:
            break
        by_forward, by_adjoint = result.shares(stop.quantity)
        grow = min(max(ratio**2 - 1.0, 0.25), 3.0)
        next_forward = next_adjoint = 0
        if by_forward >= 0.4 * (by_forward + by_adjoint):
            next_forward = math.ceil(forward[0].histories * grow)
        if by_adjoint >= 0.4 * (by_forward + by_adjoint):
            next_adjoint = math.ceil(adjoint[0][0].histories * grow)
    assert result is not None
    return replace(result, reached=reached)


def _couple(
    couple: Coupling,
    forward: list[_Pile],
    adjoint: list[list[_Pile]],
    tissue: NDArray[np.float32] | np.float32,
    domain: OpticalDomain,
    used: int,
    cpu: float,
    began: float,
) -> RegionSignals:
    lit = [pile.groups() / tissue for pile in forward]
    seen = [[pile.groups() for pile in row] for row in adjoint]
    lit_mean = [g.mean(axis=0, dtype=np.float64) for g in lit]
    seen_mean = [[g.mean(axis=0, dtype=np.float64) for g in row] for row in seen]
    few_lit = min(len(g) for g in lit)
    few_seen = min(len(g) for row in seen for g in row)
    product = couple.products
    mean = np.array([[[product(f, a) for a in row] for row in seen_mean] for f in lit_mean])
    by_forward = np.array(
        [
            [[[product(f[k], a) for a in row] for row in seen_mean] for f in lit]
            for k in range(few_lit)
        ]
    )
    by_adjoint = np.array(
        [
            [[[product(f, a[k]) for a in row] for row in seen] for f in lit_mean]
            for k in range(few_seen)
        ]
    )
    volume = couple.sums(np.ones(domain.labels.size))
    volume = np.where(volume > 0.0, volume, 1.0)
    region = np.array([couple.sums(f) / volume for f in lit_mean])
    error = np.array(
        [
            np.std([couple.sums(f) / volume for f in g], axis=0, ddof=1) / math.sqrt(len(g))
            for g in lit
        ]
    )
    return RegionSignals(
        mean,
        by_forward,
        by_adjoint,
        np.reshape(lit_mean, (len(lit), *domain.labels.shape)),
        region,
        error,
        tuple(budget_of(np.array(pile.balances)) for pile in forward),
        used,
        time.process_time() - cpu,
        time.monotonic() - began,
        False,
    )
