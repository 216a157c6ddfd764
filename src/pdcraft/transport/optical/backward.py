"""Images by walks that start at the pixels: any surface, noise under control in each pixel."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.kernels.space import Space
from pdcraft.transport.optical.kernels.walk import SOURCES, Matter, Score
from pdcraft.transport.optical.light import View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import prepare_matter, prepare_space
from pdcraft.transport.optical.run import (
    ADJOINT,
    Progress,
    empty_score,
    run_batches,
    view_launch,
)

__all__ = ["Image", "PixelWalks", "backward_image", "source_and_groups"]

Floats = NDArray[np.float64]

MOST_PASSES = 64
FIRST_EACH = 32  # walks of a pixel in the first pass
BATCH_WALKS = 20_000


@dataclass(frozen=True, slots=True)
class Image:
    """Photon radiance of each pixel by each group of regions.

    Parameters
    ----------
    mean, std_err : ndarray, shape (groups, rows, columns)
        mm/sr for a source in units of fluence rate over irradiance: times dye coefficient (1/mm)
        and photon irradiance it is the photon radiance.
    histories : int
        Walks in all pixels together.
    smoothing_bias : float or None
        Estimated relative bias by smoothing; None where nothing was smoothed.
    reached : bool
    """

    mean: Floats
    std_err: Floats
    histories: int
    smoothing_bias: float | None
    reached: bool

    def rel_std_err(self, weights: NDArray[np.float64]) -> tuple[float, float]:
        """Give median and 95th percentile of the relative error, groups weighted and summed."""
        total = np.einsum("g,gij->ij", weights, self.mean)
        error = np.sqrt(np.einsum("g,gij->ij", weights**2, self.std_err**2))
        lit = total > 0.0
        if not lit.any():
            return 0.0, 0.0
        ratio = error[lit] / total[lit]
        return float(np.median(ratio)), float(np.percentile(ratio, 95))


def source_and_groups(
    domain: OpticalDomain,
    medium: OpticalMedium,
    source: NDArray[np.float64],
    groups: NDArray[np.int64] | None,
) -> tuple[Floats, NDArray[np.int64], int]:
    """Flat source and the group of each label; without groups all labels are one.

    Raises
    ------
    DataError
        If shapes do not fit.
    """
    values = np.asarray(source, dtype=np.float64)
    if values.shape != domain.labels.shape:
        raise DataError(
            f"image: the source has shape {values.shape}, the domain {domain.labels.shape}"
        )
    if groups is None:
        groups = np.zeros(medium.labels, dtype=np.int64)
    group = np.asarray(groups, dtype=np.int64)
    if group.shape != (medium.labels,) or group.max() < 0:
        raise DataError(
            f"image: groups have shape {group.shape}; give a group, or -1 for none, for each of "
            f"{medium.labels} labels"
        )
    return values.ravel(), group, int(group.max()) + 1


class PixelWalks:
    """Sums over walks from pixels, to which passes over all pixels add.

    ``sums``, ``squares`` and ``walks`` are (pixels, groups), the same, and (pixels,).
    """

    def __init__(
        self, space: Space, matter: Matter, score: Score, view: View, groups: int, seed: int
    ) -> None:
        self.space, self.matter, self.score, self.view = space, matter, score, view
        self.seed = seed
        count = view.rows * view.columns
        self.sums = np.zeros((count, groups))
        self.squares = np.zeros((count, groups))
        self.walks = np.zeros(count)
        self.number = 0  # histories begun

    def add(
        self,
        each: int,
        threads: int | None,
        progress: Progress | None,
        end: float | None,
    ) -> bool:
        """Walk ``each`` times from every pixel; False when time ran out before all had their walks.

        ``end`` is of the monotonic clock. The first pass is always whole: no pixel stays dark.
        """
        left = None if end is None or not self.number else max(end - time.monotonic(), 0.0)
        count = len(self.walks)
        block = max(2, min(count, BATCH_WALKS // each))
        size = block * each
        first = -(-self.number // size)
        turns = -(-count // block)
        # pixels repeat with this period in the count of histories: begin with the first
        order = np.roll(np.arange(count), first * block % count)
        src = view_launch(self.view, None, each, order)
        done = 0
        for walks in run_batches(
            self.space, self.matter, src, self.score, (block, self.sums.shape[1]), (1, 1),
            first, turns, size, self.seed, threads, progress, left, stream=ADJOINT,
        ):  # fmt: skip
            rows = np.arange(block) + done * block
            keep = rows < count  # the last block goes round
            rows = rows[keep]
            self.sums[rows] += walks.tally[keep]
            self.squares[rows] += walks.squares[keep]
            self.walks[rows] += each
            done += 1
        self.number = (first + done) * size
        return done == turns

    def next_each(self, over: float, least: int) -> int:
        """Count the walks of a pixel that bring an error of `over` times the wanted one to it."""
        return max(least, math.ceil(self.walks.min() * min(max(over**2 - 1.0, 0.3), 2.0)))

    def mean_and_error(self) -> tuple[Floats, Floats]:
        """Give mean and standard error, (groups, pixels) each."""
        n = np.maximum(self.walks, 1.0)[:, None]
        mean = self.sums / n
        variance = np.maximum(self.squares / n - mean**2, 0.0) / np.maximum(n - 1.0, 1.0)
        return mean.T, np.sqrt(variance).T


def backward_image(
    domain: OpticalDomain,
    medium: OpticalMedium,
    view: View,
    source: NDArray[np.float64],
    groups: NDArray[np.int64] | None = None,
    *,
    weights: NDArray[np.float64] | None = None,
    rel_err: tuple[float, float] = (0.02, 0.04),
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Image:
    """Follow light back from every pixel until the error is small enough.

    Parameters
    ----------
    medium : OpticalMedium
        At the wavelength of emission.
    source : array_like, shape (nx, ny, nz)
        Isotropic source density per unit dye coefficient: the fluence rate over irradiance.
    groups : array_like of int, shape (labels,), optional
        Image to which a label's sources belong, -1 for none.
    weights : array_like, shape (groups,), optional
        Of the images in their sum, whose error is wanted; equal without.
    rel_err : tuple of 2 floats
        Wanted relative standard error: median and 95th percentile over lit pixels.
    max_time_s : float, optional
        Stop by then, but after a first pass over all pixels.

    Raises
    ------
    DataError
        If shapes do not fit.
    """
    values, group, count = source_and_groups(domain, medium, source, groups)
    space = prepare_space(domain, medium)
    matter = prepare_matter(domain, medium, adjoint=True)
    score = empty_score(SOURCES, source=values, group=group)
    work = PixelWalks(space, matter, score, view, count, seed)
    total = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    end = None if max_time_s is None else time.monotonic() + max_time_s
    each, reached = FIRST_EACH, False
    nothing = np.zeros((count, *view.shape))
    image = Image(nothing, nothing, 0, None, False)
    for _ in range(MOST_PASSES):
        complete = work.add(each, threads, progress, end)
        mean, error = (part.reshape(count, *view.shape) for part in work.mean_and_error())
        image = Image(mean, error, int(work.walks.sum()), None, False)
        if not mean.any():
            break
        median, most = image.rel_std_err(total)
        if complete and median <= rel_err[0] and most <= rel_err[1]:
            reached = True
            break
        if not complete or (end is not None and time.monotonic() >= end):
            break
        each = work.next_each(max(median / rel_err[0], most / rel_err[1]), FIRST_EACH)
    return replace(image, reached=reached)
