"""Bring an image onto the voxels of another, by millimeters.

Numbers are averaged over each voxel of the target; labels are never mixed, so they must lie on the
target's own voxels already, in whatever order their file stores them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.grid import Grid
from pdcraft.errors import DataError

__all__ = ["Resampled", "on_same_voxels", "voxel_means"]

OFF_VOXELS = 0.01  # by which two grids may differ and still hold the same voxels
ROUNDING_VOXELS = 1e-3  # affines in files are of single precision


@dataclass(frozen=True, slots=True)
class Resampled:
    """Means over the voxels of a target grid.

    Parameters
    ----------
    values : ndarray, shape of the target
    samples : tuple of three int
        Points along each axis of a target voxel that were averaged.
    missing : ndarray of bool, shape of the target
        Voxels whose middle lies outside the image; their values mean nothing.
    """

    values: Floats
    samples: tuple[int, int, int]
    missing: NDArray[np.bool_]


def _index_map(source: Grid, target: Grid) -> tuple[Floats, Floats]:
    """Matrix and offset from voxel indices of `target` to those of `source`."""
    both = np.linalg.inv(source.affine) @ target.affine
    return both[:3, :3], both[:3, 3]


def voxel_means(values: Floats, source: Grid, target: Grid) -> Resampled:
    """Average an image over the voxels of another grid.

    Each target voxel is the mean of points spaced no wider than the voxels of the image, taken
    from it by trilinear interpolation: an average over the volume where the image is the finer
    one (exact where the voxels' faces meet), plain interpolation where it is the coarser one.
    Between the outermost voxel centers and the outer faces the nearest value counts.

    Parameters
    ----------
    values : ndarray, shape of `source`
    source, target : Grid
        In any orientation and position.

    Examples
    --------
    >>> fine = Grid((4, 1, 1), np.diag([1.0, 4.0, 4.0, 1.0]))
    >>> affine = np.diag([2.0, 4.0, 4.0, 1.0])
    >>> affine[0, 3] = 0.5  # middle of the first two fine voxels
    >>> coarse = Grid((2, 1, 1), affine)
    >>> voxel_means(np.array([1.0, 3.0, 5.0, 9.0]).reshape(4, 1, 1), fine, coarse).values.ravel()
    array([2., 7.])
    """
    from scipy import ndimage

    matrix, offset = _index_map(source, target)
    width = np.sqrt((matrix**2).sum(axis=0))  # of a target voxel, in voxels of the image
    nx, ny, nz = (max(1, int(np.ceil(w - ROUNDING_VOXELS))) for w in width)
    total = np.zeros(target.shape)
    for i, j, k in itertools.product(range(nx), range(ny), range(nz)):
        inside = np.array([(i + 0.5) / nx, (j + 0.5) / ny, (k + 0.5) / nz]) - 0.5
        total += ndimage.affine_transform(
            values,
            matrix,
            offset=offset + matrix @ inside,  # pyright: ignore[reportArgumentType]  # takes three
            output_shape=target.shape,
            output=np.float64,
            order=1,
            mode="nearest",
        )
    axes = np.ogrid[tuple(slice(n) for n in target.shape)]
    missing = np.zeros(target.shape, dtype=bool)
    for row, shift, n in zip(matrix, offset, source.shape, strict=True):
        at = sum((c * a for c, a in zip(row, axes, strict=True)), start=np.asarray(shift))
        missing |= (at < -0.5 - ROUNDING_VOXELS) | (at > n - 0.5 + ROUNDING_VOXELS)
    return Resampled(total / (nx * ny * nz), (nx, ny, nz), missing)


def on_same_voxels(
    values: NDArray[Any], source: Grid, target: Grid, what: str, way_out: str
) -> NDArray[Any]:
    """Reorder an image that has the voxels of `target`, perhaps stored in another order.

    Parameters
    ----------
    values : ndarray, shape of `source`
    source, target : Grid
    what, way_out : str
        Name of the image and what to do, for the error.

    Returns
    -------
    ndarray, shape of `target`

    Raises
    ------
    DataError
        If the two grids do not have the same voxels.
    """
    matrix, offset = _index_map(source, target)
    turn = np.rint(matrix)
    last = np.array(target.shape) - 1.0
    off = float((np.abs(matrix - turn) @ last).max() + np.abs(offset - np.rint(offset)).max())
    permutes = bool((np.abs(turn).sum(axis=0) == 1).all() and (np.abs(turn).sum(axis=1) == 1).all())
    if permutes and off <= OFF_VOXELS:
        order = np.abs(turn).argmax(axis=0)  # axis of the image along each axis of the target
        sign = turn[order, range(3)]
        begin = np.rint(offset)[order]
        out = values.transpose(order)
        wanted = np.where(sign > 0, 0, np.array(out.shape) - 1)
        if out.shape == target.shape and np.array_equal(begin, wanted):
            return out[tuple(slice(None, None, int(s)) for s in sign)]
    raise DataError(
        f"{what} has other voxels ({_said(source)}) than the time-integrated activity "
        f"({_said(target)}); {way_out}"
    )


def _said(grid: Grid) -> str:
    shape = "×".join(map(str, grid.shape))
    edges = "×".join(f"{h:.4g}" for h in grid.voxel_mm)
    first = ", ".join(f"{x:.1f}" for x in grid.affine[:3, 3])
    return f"{shape} of {edges} mm, the first at ({first}) mm"
