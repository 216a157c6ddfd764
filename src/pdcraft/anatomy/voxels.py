"""Voxels and sections of a body: for pictures and for programs that take voxels.

Bodies are transported in their surfaces. On voxels of 4 mm walls of 2 to 6 mm break up or vanish;
`voxelize` says by how much the volumes are off.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.anatomy.membership import region_of
from pdcraft.core.anatomy import Anatomy
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.core.grid import Grid
from pdcraft.errors import ApproximationWarning, DataError

__all__ = ["OUTSIDE_LABEL", "Section", "section", "sections", "to_body_cm", "to_ras_mm", "voxelize"]

OUTSIDE_LABEL = "outside"
MOST_VOXELS = 200_000_000
OFF = 0.2  # relative: a region's voxels beyond this are named in the warning
TURN = np.array([-10.0, -10.0, 10.0])  # cm to the left, back, head; mm to the right, front, head
PLANES = {"sagittal": (1, 2), "coronal": (0, 2), "transverse": (0, 1)}


def to_ras_mm(points_cm: Floats) -> Floats:
    """Map a body's own axes (left, back, head), cm, to RAS+ mm."""
    return np.asarray(points_cm) * TURN


def to_body_cm(points_mm: Floats) -> Floats:
    """Map RAS+ mm to a body's own axes (left, back, head), cm."""
    return np.asarray(points_mm) / TURN


def voxelize(body: Body, voxel_mm: float, margin_voxels: int = 1) -> Anatomy:
    """Label a grid with the region at the center of each voxel.

    Parameters
    ----------
    body : Body
    voxel_mm : float
        Edge of the cubic voxels.
    margin_voxels : int
        Around the body.

    Returns
    -------
    Anatomy
        Label 0 is ``outside``, label n the body's region n - 1. The grid is in RAS+ mm, its axes
        run right to front to head of the body. Masses are those of the voxels.

    Warns
    -----
    ApproximationWarning
        Naming the regions whose voxels are more than 20 % off their volume.

    Raises
    ------
    DataError
        For an edge that is not above zero or gives more than 2e8 voxels.
    """
    if not 0 < voxel_mm < np.inf:
        raise DataError(f"voxels of {voxel_mm} mm: the edge must be above zero")
    corners = to_ras_mm(body.bounds_cm)
    low, high = corners.min(axis=0), corners.max(axis=0)
    shape = np.ceil((high - low) / voxel_mm).astype(int) + 2 * margin_voxels
    if np.prod(shape.astype(float)) > MOST_VOXELS:
        raise DataError(
            f"voxels of {voxel_mm:g} mm give {np.prod(shape.astype(float)):.2g} voxels; take a "
            f"larger edge: {MOST_VOXELS:.0g} voxels at most"
        )
    first = (low + high - (shape - 1) * voxel_mm) / 2
    affine = np.diag([voxel_mm, voxel_mm, voxel_mm, 1.0])
    affine[:3, 3] = first
    grid = Grid((int(shape[0]), int(shape[1]), int(shape[2])), affine)
    labels = np.empty(grid.shape, dtype=np.int16)
    plane = np.stack(np.meshgrid(np.arange(shape[0]), np.arange(shape[1]), indexing="ij"), axis=-1)
    for k in range(shape[2]):
        index = np.concatenate([plane, np.full((*plane.shape[:2], 1), k)], axis=-1)
        labels[:, :, k] = region_of(body, to_body_cm(grid.to_mm(index))) + 1
    counts = np.bincount(labels.ravel(), minlength=len(body.regions) + 1)[1:]
    volume: Floats = np.multiply(counts, grid.voxel_mL, dtype=np.float64)
    _warn_of(body, volume, voxel_mm)
    masses = {
        r: float(v * d)
        for r, v, d in zip(body.regions, volume, body.density_g_per_mL, strict=True)
        if v > 0
    }
    source = f"voxels of {voxel_mm:g} mm of the stylised body, times its densities"
    return Anatomy(
        body.name, body.host, masses, source, grid, labels, (OUTSIDE_LABEL, *body.regions)
    )


def _warn_of(body: Body, volume: Floats, voxel_mm: float) -> None:
    change = volume / body.volume_cm3 - 1
    off = [f"{body.regions[i]} {100 * change[i]:+.0f} %" for i in np.nonzero(abs(change) > OFF)[0]]
    if off:
        warnings.warn(
            f"{body.name} on voxels of {voxel_mm:g} mm: {', '.join(off)} off in volume; "
            "use smaller voxels, or the body's surfaces",
            ApproximationWarning,
            stacklevel=3,
        )


@dataclass(frozen=True, slots=True)
class Section:
    """A plane through a body, as indices of regions.

    Parameters
    ----------
    plane : {"sagittal", "coronal", "transverse"}
    at_mm : float
        RAS+ coordinate of the plane along its normal.
    across_mm, up_mm : ndarray
        RAS+ coordinates of the pixels' centers, ascending.
    region : ndarray of int16, shape (len(up_mm), len(across_mm))
        Index into ``body.regions``; -1 outside.
    """

    plane: str
    at_mm: float
    across_mm: Floats
    up_mm: Floats
    region: NDArray[np.int16]


def sections(body: Body, at_mm: tuple[float, float, float], pixel_mm: float) -> tuple[Section, ...]:
    """Three orthogonal planes through a point.

    Parameters
    ----------
    body : Body
    at_mm : tuple of three float
        RAS+ mm: x to the body's right, y to its front, z to its head.
    pixel_mm : float

    Returns
    -------
    tuple of Section
        Sagittal, coronal, transverse.

    Raises
    ------
    DataError
        If the pixel is not above zero, or the point outside the body's box.
    """
    return tuple(
        section(body, plane, at, pixel_mm) for plane, at in zip(PLANES, at_mm, strict=True)
    )


def section(body: Body, plane: str, at_mm: float, pixel_mm: float) -> Section:
    """One plane through a body.

    Parameters
    ----------
    body : Body
    plane : {"sagittal", "coronal", "transverse"}
    at_mm : float
        RAS+ coordinate of the plane along its normal.
    pixel_mm : float

    Raises
    ------
    DataError
        For another plane; if the pixel is not above zero, or the plane outside the body's box.
    """
    if plane not in PLANES:
        raise DataError(f"no plane '{plane}'; there are {', '.join(PLANES)}")
    corners = to_ras_mm(body.bounds_cm)
    low, high = corners.min(axis=0), corners.max(axis=0)
    if not 0 < pixel_mm < np.inf:
        raise DataError(f"pixels of {pixel_mm} mm: the edge must be above zero")
    normal, (a, b) = list(PLANES).index(plane), PLANES[plane]
    if not low[normal] <= at_mm <= high[normal]:
        raise DataError(
            f"a {plane} plane at {at_mm:g} mm lies outside {body.name}, which reaches from "
            f"{np.round(low).tolist()} to {np.round(high).tolist()} mm (right, front, head)"
        )
    across, up = (np.arange(low[i] + pixel_mm / 2, high[i], pixel_mm) for i in (a, b))
    points = np.empty((len(up), len(across), 3))
    points[..., normal] = at_mm
    points[..., a], points[..., b] = across[None, :], up[:, None]
    region = region_of(body, to_body_cm(points)).astype(np.int16)
    for array in (across, up, region):
        array.flags.writeable = False
    return Section(plane, float(at_mm), across, up, region)
