"""Full images of a scene by the best of the methods that fit it.

Flat scenes whose scattering follows the layers: spread by depth plus a correction. The correction
walks from the pixels with two weights on the same path, that of the true scene and that of its
layers, and scores their difference: small, so little noise. It is smooth, so it is computed for
blocks of pixels and interpolated; the bias of that is estimated from its curvature. All other
scenes: backward walks.
"""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.optical.backward import (
    Image,
    PixelWalks,
    backward_image,
    source_and_groups,
)
from pdcraft.transport.optical.couple import coupling
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.kernels.walk import SOURCES
from pdcraft.transport.optical.light import View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import layer_labels, prepare_matter, prepare_space
from pdcraft.transport.optical.psf import LayeredSpread, layered_spread, layers_of, spread_image
from pdcraft.transport.optical.run import Progress, empty_score

__all__ = ["corrected_image", "follows_layers", "image", "source_of_groups"]

Floats = NDArray[np.float64]

BLOCK_mm = 0.25  # largest edge of a block of pixels that shares a correction
SPREAD_HISTORIES, MOST_SPREAD = 200_000, 5_000_000
SPREAD_SHARE = 0.6  # of the wanted error that the spread may take
FIRST_EACH, MOST_PASSES = 64, 40
SOURCE_PARTS = 5  # groups of the source's batches, for its share of the error


def follows_layers(domain: OpticalDomain, medium: OpticalMedium, view: View) -> bool:
    """Whether an image can be made from the spread of the layers, with a correction."""
    if domain.curved or domain.lateral == "mirror" or view.projection != "telecentric":
        return False
    return all(_like_layers(domain, getattr(medium, n)) for n in ("mus_per_mm", "g", "n"))


def _like_layers(domain: OpticalDomain, values: Floats) -> bool:
    """Whether a property of labels is everywhere that of the layer at that depth."""
    layer = layer_labels(domain)
    wanted = np.broadcast_to(values[layer], domain.labels.shape)
    if not np.array_equal(values[domain.labels], wanted):
        return False
    layers = layers_of(domain)
    for s in domain.shapes:
        if s in layers:
            continue
        top = max(0, int((s.center_mm[2] - max(s.half_mm)) / domain.voxel_mm[2]))
        end = math.ceil((s.center_mm[2] + max(s.half_mm)) / domain.voxel_mm[2])
        if np.any(values[layer[top : max(end, top + 1)]] != values[s.label]):
            return False
    return True


def source_of_groups(
    domain: OpticalDomain,
    source: NDArray[np.float64],
    group: NDArray[np.int64],
    count: int,
) -> Floats:
    """Split a source among groups of labels: (groups, nx, ny, nz), parts of voxels included."""
    parts = coupling(domain, len(group))
    out = np.zeros((count, source.size))
    flat = np.asarray(source, dtype=np.float64).ravel()
    for g in range(count):
        of = group[parts.label] == g
        out[g] = np.bincount(parts.voxel[of], parts.share[of], source.size) * flat
    return out.reshape(count, *source.shape)


def image(
    domain: OpticalDomain,
    medium: OpticalMedium,
    view: View,
    source: NDArray[np.float64],
    groups: NDArray[np.int64] | None = None,
    *,
    weights: NDArray[np.float64] | None = None,
    source_groups: NDArray[np.float32] | None = None,
    rel_err: tuple[float, float] = (0.02, 0.04),
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Image:
    """Make an image, by `corrected_image` where the scene allows and `backward_image` elsewhere.

    Parameters are those of these two; ``source_groups`` serves the first only.
    """
    if follows_layers(domain, medium, view):
        return corrected_image(
            domain, medium, view, source, groups, weights=weights, source_groups=source_groups,
            rel_err=rel_err, seed=seed, threads=threads, progress=progress, max_time_s=max_time_s,
        )  # fmt: skip
    return backward_image(
        domain, medium, view, source, groups, weights=weights, rel_err=rel_err, seed=seed,
        threads=threads, progress=progress, max_time_s=max_time_s,
    )  # fmt: skip


def corrected_image(
    domain: OpticalDomain,
    medium: OpticalMedium,
    view: View,
    source: NDArray[np.float64],
    groups: NDArray[np.int64] | None = None,
    *,
    weights: NDArray[np.float64] | None = None,
    source_groups: NDArray[np.float32] | None = None,
    rel_err: tuple[float, float] = (0.02, 0.04),
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Image:
    """Make an image from the layers' spread and correlated backward walks.

    Parameters are those of `backward_image`; scattering, anisotropy and index must follow the
    layers (`follows_layers`).

    Parameters
    ----------
    source_groups : ndarray, shape (batches, voxels), optional
        The source from batches of its walks (``Fluence.batch_sums``), so that their noise counts
        in the error as well.
    """
    began = time.monotonic()
    end = None if max_time_s is None else began + max_time_s
    values, group, count = source_and_groups(domain, medium, source, groups)
    total = np.ones(count) if weights is None else np.asarray(weights, dtype=np.float64)
    sources = source_of_groups(domain, source, group, count)
    number = SPREAD_HISTORIES
    while True:
        spread = layered_spread(
            domain, medium, histories=number, seed=seed, threads=threads, progress=progress,
            max_time_s=None if max_time_s is None else 0.3 * max_time_s,
        )  # fmt: skip
        base, base_error = spread_image(domain, spread, sources, view)
        plain = Image(base, base_error, spread.histories, None, False)
        over = max(np.divide(plain.rel_std_err(total), rel_err)) / SPREAD_SHARE
        late = end is not None and time.monotonic() - began > 0.1 * (max_time_s or 0.0)
        if over <= 1.0 or late or number >= MOST_SPREAD:
            break
        number = min(MOST_SPREAD, math.ceil(number * min(1.2 * over**2, 8.0)))
    if source_groups is not None:
        noise = _source_error(domain, spread, source_groups, group, count, view)
        base_error = np.hypot(base_error, noise)
    layer = layer_labels(domain)
    blocks, factor = _blocks(view)
    result = Image(base, base_error, spread.histories, None, False)
    floor = max(np.divide(result.rel_std_err(total), rel_err))
    periodic = domain.lateral == "periodic"
    if periodic and _like_layers(domain, medium.mua_per_mm):  # nothing to correct
        return replace(result, reached=floor <= 1.0)
    space = prepare_space(domain, medium, infinite=not periodic)
    matter = prepare_matter(domain, medium, adjoint=True, riders=(medium,))
    score = empty_score(SOURCES, source=values, group=group, layer=layer, correlated=1)
    work = PixelWalks(space, matter, score, blocks, count, seed)
    each, reached = FIRST_EACH, False
    for _ in range(MOST_PASSES):
        complete = work.add(each, threads, progress, end)
        mean, error = (part.reshape(count, *blocks.shape) for part in work.mean_and_error())
        fine = np.array([_stretched(one, view) for one in mean])
        fine_error = np.array([np.abs(_stretched(one, view, 1)) for one in error])
        result = Image(
            base + fine,
            np.hypot(base_error, fine_error),
            spread.histories + int(work.walks.sum()),
            _interpolation_bias(mean, error, base, total) if factor > 1 else None,
            False,
        )
        median, most = result.rel_std_err(total)
        if complete and median <= rel_err[0] and most <= rel_err[1]:
            reached = True
            break
        if not complete or (end is not None and time.monotonic() >= end):
            break
        ratio = max(median / rel_err[0], most / rel_err[1])
        if ratio < 1.1 * floor:  # the error is that of spread and source: more walks do not help
            break
        each = work.next_each(ratio, FIRST_EACH)
    return replace(result, reached=reached)


def _source_error(
    domain: OpticalDomain,
    spread: LayeredSpread,
    source_groups: NDArray[np.float32],
    group: NDArray[np.int64],
    count: int,
    view: View,
) -> Floats:
    """Give the standard error of an image that the noise of its source makes."""
    number = min(SOURCE_PARTS, len(source_groups))
    once = replace(spread, mass=spread.mass.mean(axis=0, keepdims=True))
    found: list[Floats] = []
    for part in np.array_split(source_groups, number):
        mean = part.mean(axis=0, dtype=np.float64).reshape(domain.labels.shape)
        found.append(
            spread_image(domain, once, source_of_groups(domain, mean, group, count), view)[0]
        )
    if number < 2:
        return np.zeros_like(found[0])
    return np.std(found, axis=0, ddof=1) / math.sqrt(number)


def _blocks(view: View) -> tuple[View, int]:
    """Coarser view whose pixels are blocks of at most a quarter millimeter."""
    pixel = max(view.width_mm / view.columns, view.height_mm / view.rows)
    factor = max(1, math.floor(BLOCK_mm / pixel + 1e-9))
    rows, columns = math.ceil(view.rows / factor), math.ceil(view.columns / factor)
    return replace(view, rows=rows, columns=columns), factor


def _stretched(blocks: Floats, view: View, order: int = 3) -> Floats:
    """Interpolate an image of blocks to the pixels of a view of the same field."""
    from scipy.ndimage import map_coordinates

    if blocks.shape == view.shape:
        return blocks
    i = (np.arange(view.rows) + 0.5) * blocks.shape[0] / view.rows - 0.5
    j = (np.arange(view.columns) + 0.5) * blocks.shape[1] / view.columns - 0.5
    order = min(order, 3 if min(blocks.shape) > 3 else 1)
    return map_coordinates(blocks, np.meshgrid(i, j, indexing="ij"), order=order, mode="nearest")


def _interpolation_bias(mean: Floats, error: Floats, base: Floats, weights: Floats) -> float:
    """Estimate the relative bias of blocks: 1/24 of the second differences, noise taken out."""
    total = np.einsum("g,gij->ij", weights, mean)
    noise = np.einsum("g,gij->ij", weights**2, error**2)
    level = float(np.mean(np.einsum("g,gij->ij", weights, base)))
    found = 0.0
    for axis in (0, 1):
        if total.shape[axis] > 2:
            curve = np.diff(total, 2, axis=axis)
            found += max(float(np.mean(curve**2)) - 6.0 * float(np.mean(noise)), 0.0)
    return math.sqrt(found) / 24.0 / level if level > 0.0 else 0.0
