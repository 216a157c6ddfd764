"""Where a threshold draws the edge, against where it is: margins and what would be left behind.

Distances are signed: above 0 where the drawn edge lies outside the tumor (normal tissue taken),
below 0 where it lies inside (tumor left).

References
----------
.. [Mau03] C. R. Maurer, R. Qi, V. Raghavan, IEEE Trans Pattern Anal Mach Intell 25, 265 (2003):
   exact Euclidean distance transform
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.roi import Mask

__all__ = ["Margin", "edge_margin", "residual_volume_mm3", "signed_distance_mm"]


@dataclass(frozen=True, slots=True)
class Margin:
    """The drawn edge against the true one.

    Parameters
    ----------
    mean_mm, sd_mm, lowest_mm, highest_mm : float or None
        Of the signed distances of the drawn edge's pixels; None if nothing was drawn.
    missed_mm2, excess_mm2 : float
        Area of tumor outside the drawn edge, and of normal tissue inside.
    threshold_e : float
    """

    mean_mm: float | None
    sd_mm: float | None
    lowest_mm: float | None
    highest_mm: float | None
    missed_mm2: float
    excess_mm2: float
    threshold_e: float


def signed_distance_mm(inside: Mask, pixel_mm: tuple[float, float]) -> Floats:
    """Distance of pixel centers to a mask's edge, above 0 outside; shape (ny, nx).

    The edge runs half a pixel beyond the outermost centers.
    """
    from scipy.ndimage import distance_transform_edt

    if not inside.any() or inside.all():
        raise DataError("a mask without an edge has no margin: it is empty or fills the image")
    steps = pixel_mm[::-1]
    out: Floats = np.asarray(distance_transform_edt(~inside, sampling=steps), dtype=np.float64)
    within: Floats = np.asarray(distance_transform_edt(inside, sampling=steps), dtype=np.float64)
    half = 0.25 * sum(pixel_mm)
    return np.where(inside, half - within, out - half)


def edge_margin(
    image_e: Floats, threshold_e: float, tumor: Mask, pixel_mm: tuple[float, float]
) -> Margin:
    """Draw the edge at a threshold and measure it against the tumor's.

    Parameters
    ----------
    image_e : ndarray, shape (ny, nx)
    threshold_e : float
        Pixels at or above are taken for tumor.
    tumor : ndarray of bool, shape (ny, nx)
        Projection of the tumor on the surface; neither empty nor the whole image.
    pixel_mm : tuple of two float
        Along x and y.

    Notes
    -----
    Distances carry an error of up to half a pixel's diagonal: both edges are those of pixels.
    """
    from scipy.ndimage import binary_erosion

    drawn: Mask = np.asarray(image_e) >= threshold_e
    if drawn.shape != tumor.shape:
        raise DataError(f"image of {drawn.shape} and tumor of {tumor.shape} (rows, columns)")
    distance = signed_distance_mm(tumor, pixel_mm)
    area = pixel_mm[0] * pixel_mm[1]
    missed, excess = int((tumor & ~drawn).sum()) * area, int((drawn & ~tumor).sum()) * area
    if not drawn.any():
        return Margin(None, None, None, None, missed, excess, threshold_e)
    rim: Mask = drawn & ~np.asarray(binary_erosion(drawn, border_value=1), dtype=np.bool_)
    if not rim.any():
        return Margin(None, None, None, None, missed, excess, threshold_e)
    at = distance[rim] + 0.25 * sum(pixel_mm)  # the edge is half a pixel beyond its centers
    return Margin(
        float(at.mean()),
        float(at.std()),
        float(at.min()),
        float(at.max()),
        missed,
        excess,
        threshold_e,
    )


def residual_volume_mm3(
    tumor: NDArray[np.bool_], voxel_mm: float, resected: Mask, depth_mm: float
) -> float:
    """Tumor that stays when what is drawn is cut out straight down to a depth.

    Parameters
    ----------
    tumor : ndarray of bool, shape (nx, ny, nz)
        z downward from the surface.
    voxel_mm : float
    resected : ndarray of bool, shape (ny, nx)
        On the voxels' columns, rows along y as in images.
    depth_mm : float
        Voxels whose center is above it are cut.
    """
    nx, ny, nz = tumor.shape
    if resected.shape != (ny, nx):
        raise DataError(
            f"cut of {resected.shape} for a tumor of {nx} by {ny} columns; (ny, nx) = {(ny, nx)} "
            "is wanted"
        )
    reached = (np.arange(nz) + 0.5) * voxel_mm < depth_mm
    cut = resected.T[:, :, None] & reached[None, None, :]
    return int((tumor & ~cut).sum()) * voxel_mm**3
