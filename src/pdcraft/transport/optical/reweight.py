"""Other absorption on the same paths: doses, times and draws without new transport.

Paths are made so that they do not depend on absorption; each medium is a weight that rides along.
Ratios to the nominal signal are nearly free of noise, as both come from the same paths. How well
the paths still serve a medium is its effective sample: below a fifth of the nominal one, run anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.adjoint import check_rois
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.kernels.walk import RIDING, VOXELS
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import centers_mm, prepare_matter, prepare_space
from pdcraft.transport.optical.region_volume import region_volumes_mm3
from pdcraft.transport.optical.run import (
    ADJOINT,
    Progress,
    beam_area_mm2,
    beam_launch,
    empty_score,
    run_batches,
    view_launch,
)

__all__ = ["LEAST_EFFECTIVE", "LINEAR_CHANGE", "ReweightedSignals", "reweighted_signals"]

Floats = NDArray[np.float64]

BATCHES = 10
LEAST_EFFECTIVE = 0.2  # effective sample over the nominal one, below which paths do not serve
LINEAR_CHANGE = 0.02  # change of a signal by the dye's own absorption, below which it is linear
CELL_mm = (1.0, 1.0, 0.4)  # the ratio of fluences is taken as constant within


@dataclass(frozen=True, slots=True)
class ReweightedSignals:
    """Signals of image regions under other absorption.

    Parameters
    ----------
    nominal : ndarray, shape (rois, labels)
        mm/sr, as `RegionSignals.mean`, from these paths.
    mean : ndarray, shape (media, rois, labels)
        The same for each other medium.
    batches : ndarray, shape (batches, 1 + media, rois, labels)
        Of the walks from the image, nominal first: for errors of ratios.
    effective : ndarray, shape (media,)
        Effective sample of each medium over that of the nominal one, the least of all walks.
    """

    nominal: Floats
    mean: Floats
    batches: Floats
    effective: Floats

    def serves(self) -> NDArray[np.bool_]:
        """Whether the paths serve each medium."""
        return self.effective >= LEAST_EFFECTIVE

    def change(self, source: NDArray[np.float64]) -> tuple[Floats, Floats]:
        """Relative change of every region's signal, (media, rois), and its standard error.

        Parameters
        ----------
        source : array_like, shape (labels,) or (media, labels)
            Dye of each label.
        """
        dye = np.broadcast_to(np.asarray(source, float), (len(self.mean), self.mean.shape[2]))
        count = len(self.batches)
        first = np.einsum("rl,ml->mr", self.nominal, dye)
        other = np.einsum("mrl,ml->mr", self.mean, dye)
        value = other / np.where(first > 0.0, first, 1.0) - 1.0
        part = np.einsum("brl,ml->bmr", self.batches[:, 0], dye)
        parts = np.einsum("bmrl,ml->bmr", self.batches[:, 1:], dye)
        rest = (count * other - parts) / (count * np.where(first > 0.0, first, 1.0) - part) - 1.0
        error = np.sqrt((count - 1) / count * np.sum((rest - rest.mean(axis=0)) ** 2, axis=0))
        return value, error


def _cells(domain: OpticalDomain) -> tuple[NDArray[np.int32], int]:
    """Coarse cell of each voxel: blocks, apart by region."""
    index = np.zeros(domain.labels.shape, dtype=np.int64)
    for axis, (p, size) in enumerate(zip(centers_mm(domain), CELL_mm, strict=True)):
        block = np.floor((p - p[0]) / size).astype(np.int64)
        view = [1, 1, 1]
        view[axis] = -1
        index = index * (int(block.max()) + 1) + block.reshape(view)
    index = index * (int(domain.labels.max()) + 1) + domain.labels
    _, cell = np.unique(index, return_inverse=True)
    return cell.ravel().astype(np.int32), int(cell.max()) + 1


def _effective(moments: Floats) -> Floats:
    """Effective sample of each rider over that of the walks themselves."""
    sample = moments[0] ** 2 / np.where(moments[1] > 0.0, moments[1], 1.0)
    return sample[1:] / sample[0] if sample[0] > 0.0 else np.zeros(len(sample) - 1)


def reweighted_signals(
    domain: OpticalDomain,
    excitation: OpticalMedium,
    emission: OpticalMedium,
    beam: Beam,
    view: View,
    rois: NDArray[np.float64],
    others: Sequence[tuple[OpticalMedium, OpticalMedium]],
    *,
    histories: tuple[int, int] = (20_000, 10_000),
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> ReweightedSignals:
    """Compute signals for other absorption at excitation and emission, on nominal paths.

    Parameters
    ----------
    excitation, emission : OpticalMedium
        Nominal scene. Paths serve absorption well that is not far from it: for dye concentrations
        take one in the middle, for draws the mean.
    others : sequence of (excitation, emission)
        Same scattering, anisotropy and index, other absorption.
    histories : tuple of 2 ints
        Forward walks, and walks from each region of the image.

    Raises
    ------
    DataError
        If there are no others, or one of them scatters otherwise.
    """
    if not others:
        raise DataError("reweighting: no other medium was given")
    weights = check_rois(view, rois)
    space = prepare_space(domain, excitation)
    lit = prepare_matter(domain, excitation, riders=tuple(x for x, _ in others))
    seen = prepare_matter(domain, emission, adjoint=True, riders=tuple(m for _, m in others))
    cell, cells = _cells(domain)
    count, riders = domain.labels.size, len(others)
    src = beam_launch(space, beam)
    size = -(-histories[0] // (BATCHES * src.copies)) * src.copies
    tally, ridden = np.zeros(count), np.zeros((cells, riders))
    moments, done = np.zeros((2, 1 + riders)), 0
    for walks in run_batches(
        space, lit, src, empty_score(VOXELS, cell=cell), (1, count), (cells, riders),
        0, BATCHES, size, seed, threads, progress, max_time_s,
    ):  # fmt: skip
        tally += walks.tally[0]
        ridden += walks.ridden
        moments += walks.moments
        done += 1
    effective = _effective(moments)
    coarse = np.bincount(cell, tally, cells)[:, None]
    gain = np.where(coarse > 0.0, ridden / np.where(coarse > 0.0, coarse, 1.0), 1.0)
    fluence = tally * (beam_area_mm2(space, beam) / (domain.voxel_mm3 * done * size))
    if domain.curved:
        share = region_volumes_mm3(domain).tissue.ravel() / domain.voxel_mm3
        # slivers that the volume's points miss have no light
        fluence = np.divide(fluence, share, out=np.zeros_like(fluence), where=share > 0.0)
    space = prepare_space(domain, emission)
    labels = emission.labels
    score = empty_score(
        RIDING, source=fluence, group=np.arange(labels, dtype=np.int64), cell=cell, gain=gain
    )
    size = -(-histories[1] // BATCHES)
    found: list[list[Floats]] = []
    for roi in weights:
        moments, parts = np.zeros((2, 1 + riders)), []
        for walks in run_batches(
            space, seen, view_launch(view, roi), score, (1, labels), (labels, riders),
            0, BATCHES, size, seed, threads, progress, max_time_s, stream=ADJOINT,
        ):  # fmt: skip
            parts.append(np.concatenate([walks.tally, walks.ridden.T]) / size)
            moments += walks.moments
        effective = np.minimum(effective, _effective(moments))
        found.append(parts)
    few = min(len(parts) for parts in found)
    batches = np.array([parts[:few] for parts in found]).transpose(1, 2, 0, 3)
    mean = batches.mean(axis=0)
    return ReweightedSignals(mean[0], mean[1:], batches, effective)
