"""Flat layers seen from above: point spread by depth, images as sums of convolutions.

A pixel's walks in layers without inclusions do not depend on where it is, so one run from one
pixel serves all: importance of depth z at distance r. An image is then the source of every depth
convolved with the importance there. Inclusions that absorb or scatter differently on the way out
are ignored: `pdcraft.transport.optical.images` corrects for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.kernels.walk import RINGS
from pdcraft.transport.optical.light import View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import (
    centers_mm,
    layer_labels,
    prepare_matter,
    prepare_space,
)
from pdcraft.transport.optical.run import (
    SPREAD,
    Progress,
    empty_score,
    run_batches,
    view_launch,
)
from pdcraft.transport.optical.shapes import Shape

__all__ = [
    "LayeredSpread",
    "at_pixels",
    "layered_domain",
    "layered_spread",
    "layers_of",
    "spread_image",
]

Floats = NDArray[np.float64]

BATCHES = 10
RINGS_PER_VOXEL = 2


@dataclass(frozen=True, slots=True)
class LayeredSpread:
    """Importance of rings at every depth for a pixel above their center.

    Parameters
    ----------
    mass : ndarray, shape (batches, nz, rings)
        mm/sr: radiance of the pixel for unit source density in the ring.
    ring_mm : float
    histories : int
    """

    mass: Floats
    ring_mm: float
    histories: int


def layered_domain(domain: OpticalDomain) -> OpticalDomain:
    """Return the domain without its inclusions: layers only.

    Raises
    ------
    DataError
        If the surface is curved.
    """
    if domain.curved:
        raise DataError(
            "layered spread: the surface is curved, but a point spread by depth needs a flat one; "
            "use the method 'backward' or 'adjoint'"
        )
    labels = np.empty(domain.labels.shape, dtype=np.uint16)
    labels[...] = layer_labels(domain)
    return replace(domain, labels=labels, shapes=layers_of(domain))


def layers_of(domain: OpticalDomain) -> tuple[Shape, ...]:
    """Shapes of the domain that are layers."""
    return tuple(s for s in domain.shapes if s.is_layer)


def layered_spread(
    domain: OpticalDomain,
    medium: OpticalMedium,
    *,
    histories: int = 100_000,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> LayeredSpread:
    """Run walks from one point of a flat surface into the layers.

    Raises
    ------
    DataError
        If the surface is curved.
    """
    layers = layered_domain(domain)
    space = prepare_space(layers, medium, infinite=True)
    matter = prepare_matter(layers, medium, adjoint=True)
    ring_mm = min(domain.voxel_mm[:2]) / RINGS_PER_VOXEL
    rings = math.ceil(math.hypot(*domain.size_mm[:2]) / ring_mm) + 1  # the last holds all beyond
    score = empty_score(RINGS, ring_mm=ring_mm, rings=rings, layer=layer_labels(layers))
    size = -(-histories // BATCHES)
    point = View(1, 1, 1e-9, 1e-9)
    nz = domain.labels.shape[2]
    mass = [
        walks.tally / size
        for walks in run_batches(
            space, matter, view_launch(point, np.ones((1, 1))), score, (nz, rings), (1, 1),
            0, BATCHES, size, seed, threads, progress, max_time_s, stream=SPREAD,
        )
    ]  # fmt: skip
    return LayeredSpread(np.array(mass), ring_mm, len(mass) * size)


def _cells_of_rings(
    size: tuple[int, int],
    reach: tuple[int, int],
    voxel: tuple[float, float],
    ring_mm: float,
    rings: int,
    periodic: bool,
):
    """Share of each ring's mass in the cells around the pixel's: (rings, cells of `size`).

    The pixel is as large as a cell and walks start anywhere in it. A cell at +d stands at -d,
    counted round, as the convolution needs it. Cells farther than `reach` are left out; where
    the scene repeats nothing is, and all beyond the last ring is spread evenly.
    """
    from scipy.sparse import coo_array

    count = 12  # points within the cell, angles in steps of 7.5 degrees, radii within a ring
    start = (np.arange(count) + 0.5) / count
    turn = (np.arange(48) + 0.5) / 48 * 2.0 * math.pi
    px, py, t = (a.ravel() for a in np.meshgrid(start, start, turn, indexing="ij"))
    rows: list[NDArray[np.int64]] = []
    columns: list[NDArray[np.int64]] = []
    for ring in range(rings - 1):
        squares = ring**2 + (2 * ring + 1) * np.array([1 / 6, 0.5, 5 / 6])
        for r in ring_mm * np.sqrt(squares):
            i = np.floor(px + r * np.cos(t) / voxel[0]).astype(np.int64)
            j = np.floor(py + r * np.sin(t) / voxel[1]).astype(np.int64)
            if not periodic:
                good = (np.abs(i) < reach[0]) & (np.abs(j) < reach[1])
                i, j = i[good], j[good]
            columns.append(-i % size[0] * size[1] + -j % size[1])
            rows.append(np.full(len(i), ring))
    data = [np.full(sum(len(r) for r in rows), 1.0 / (3 * len(px)))]
    if periodic:
        every = size[0] * size[1]
        rows.append(np.full(every, rings - 1))
        columns.append(np.arange(every))
        data.append(np.full(every, 1.0 / every))
    where = (np.concatenate(rows), np.concatenate(columns))
    return coo_array((np.concatenate(data), where), shape=(rings, size[0] * size[1])).tocsr()


def spread_image(
    domain: OpticalDomain,
    spread: LayeredSpread,
    sources: NDArray[np.float64],
    view: View,
) -> tuple[Floats, Floats]:
    """Convolve sources with the spread of their depth.

    Parameters
    ----------
    sources : ndarray, shape (groups, nx, ny, nz)
        Source density of each image.
    view : View
        Telecentric.

    Returns
    -------
    ndarray, shape (groups, rows, columns)
        Radiance.
    ndarray, same shape
        Standard error of the spread: common to neighboring pixels.

    Raises
    ------
    DataError
        For a perspective view.
    """
    from scipy import fft

    transforms: Any = fft  # its stubs name another protocol
    fast = transforms.next_fast_len

    if view.projection != "telecentric":
        raise DataError(
            "layered spread: in perspective each pixel looks along another direction; use a "
            "telecentric view or the method 'backward'"
        )
    nx, ny, nz = domain.labels.shape
    batches = spread.mass.shape[0]
    periodic = domain.lateral == "periodic"
    size: tuple[int, int] = (fast(3 * nx - 2, real=True), fast(3 * ny - 2, real=True))
    if periodic:
        size = (nx, ny)
    table = _cells_of_rings(
        size, (nx, ny), domain.voxel_mm[:2], spread.ring_mm, spread.mass.shape[2], periodic
    )
    spectra = np.zeros((batches, len(sources), size[0], size[1] // 2 + 1), complex)
    for k in range(nz):
        if sources[:, :, :, k].any():
            placed = np.asarray(spread.mass[:, k] @ table).reshape(batches, *size)
            spectra += (
                transforms.rfft2(placed)[:, None]
                * transforms.rfft2(sources[:, :, :, k], s=size)[None]
            )
    out = transforms.irfft2(spectra, s=size)[:, :, :nx, :ny]
    pixels = np.array([[at_pixels(domain, image, view) for image in one] for one in out])
    error = pixels.std(axis=0, ddof=1) / math.sqrt(batches) if batches > 1 else 0.0 * pixels[0]
    return pixels.mean(axis=0), error


def at_pixels(domain: OpticalDomain, image: Floats, view: View) -> Floats:
    """Means over pixels of an image on the voxels' columns, (nx, ny) to (rows, columns).

    Cubic between centers of columns; large pixels average points at most half a voxel apart.
    """
    from scipy.ndimage import map_coordinates

    x, y, _ = centers_mm(domain)
    hx, hy, _ = domain.voxel_mm
    across = max(1, math.ceil(view.width_mm / view.columns / (0.5 * hx)))
    down = max(1, math.ceil(view.height_mm / view.rows / (0.5 * hy)))
    px = (np.arange(view.columns * across) + 0.5) / (view.columns * across) - 0.5
    py = (np.arange(view.rows * down) + 0.5) / (view.rows * down) - 0.5
    i = (view.center_mm[0] + px * view.width_mm - x[0]) / hx
    j = (view.center_mm[1] + py * view.height_mm - y[0]) / hy
    mode = "grid-wrap" if domain.lateral == "periodic" else "nearest"
    order = 3 if min(image.shape) > 3 else 1
    fine = map_coordinates(image, np.meshgrid(i, j, indexing="xy"), order=order, mode=mode)
    return fine.reshape(view.rows, down, view.columns, across).mean(axis=(1, 3))
