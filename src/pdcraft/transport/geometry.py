"""Where a particle is: voxel grids, concentric spheres, bodies, as one type that kernels take.

Every cell (voxel, shell or region of a body) has a byte ``cell``: material index in the low six
bits, and two flags that say how photon energy is scored there (see `pdcraft.transport.estimator`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.body_cells import (
    NO_BODY,
    BodyCells,
    FAR_mm,
    nearest_change_mm,
    region_change_mm,
)
from pdcraft.transport.compile import inlined

__all__ = [
    "BODY",
    "MAKE_ELECTRONS",
    "MATERIAL_BITS",
    "SPHERES",
    "TRANSPORT",
    "VOXELS",
    "FAR_mm",
    "Geometry",
    "boundary_mm",
    "cell_index",
    "cross",
    "nearest_face_mm",
    "spheres",
]

SPHERES, VOXELS, BODY = 0, 1, 2
MATERIAL_BITS = 63
MAKE_ELECTRONS = 64  # photon interactions here set electrons free
TRANSPORT = 128  # secondary electrons score here; without it photons score by track length


class Geometry(NamedTuple):
    """Cells in space; lengths in mm.

    Voxels fill a box whose corner of lowest coordinates is the origin; voxel (i, j, k) is cell
    ``(i * ny + j) * nz + k``. Shell n of the spheres lies between ``radius[n - 1]`` and
    ``radius[n]`` about the origin; the cell after the last is all space outside. Cells of a
    body are its regions; outside them is nothing.
    """

    kind: int
    nx: int
    ny: int
    nz: int
    hx: float
    hy: float
    hz: float
    surround: int  # material of all space outside the box, 1 g/mL; -1: nothing there
    radius: NDArray[np.float64]
    cell: NDArray[np.uint8]
    density: NDArray[np.float32]  # g/mL
    body: BodyCells = NO_BODY


def spheres(
    radius_mm: NDArray[np.float64], cell: NDArray[np.uint8], density: NDArray[np.float32]
) -> Geometry:
    """Lay concentric spheres; without a radius one medium fills all space."""
    return Geometry(SPHERES, 0, 0, 0, 1.0, 1.0, 1.0, -1, radius_mm, cell, density)


@inlined
def cell_index(g: Geometry, ix: int, iy: int, iz: int) -> int:
    """Flat index of a cell; -1 outside the box."""
    if g.kind == VOXELS:
        if ix < 0 or iy < 0 or iz < 0 or ix >= g.nx or iy >= g.ny or iz >= g.nz:
            return -1
        return (ix * g.ny + iy) * g.nz + iz
    return ix


@inlined
def boundary_mm(
    g: Geometry,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
    ix: int,
    iy: int,
    iz: int,
    within_mm: float,
) -> tuple[float, int]:
    """Distance along (u, v, w) to the face of the cell, and the face.

    The face is 0 (x), 1 (y), 2 (z) for voxels; 0 (outer) and 1 (inner) for shells; the region on
    its other side for bodies, where nothing beyond ``within_mm`` is looked for.
    """
    if g.kind == BODY:
        return region_change_mm(g.body, x, y, z, u, v, w, ix, within_mm)
    if g.kind == VOXELS:
        dx = FAR_mm
        if u > 0.0:
            dx = ((ix + 1) * g.hx - x) / u
        elif u < 0.0:
            dx = (ix * g.hx - x) / u
        dy = FAR_mm
        if v > 0.0:
            dy = ((iy + 1) * g.hy - y) / v
        elif v < 0.0:
            dy = (iy * g.hy - y) / v
        dz = FAR_mm
        if w > 0.0:
            dz = ((iz + 1) * g.hz - z) / w
        elif w < 0.0:
            dz = (iz * g.hz - z) / w
        if dx <= dy and dx <= dz:
            return max(dx, 0.0), 0
        if dy <= dz:
            return max(dy, 0.0), 1
        return max(dz, 0.0), 2
    along = x * u + y * v + z * w
    r2 = x * x + y * y + z * z
    if ix > 0 and along < 0.0:
        inner = g.radius[ix - 1]
        root = along * along - (r2 - inner * inner)
        if root > 0.0:
            return max(-along - math.sqrt(root), 0.0), 1
    if ix < g.radius.size:
        outer = g.radius[ix]
        root = max(along * along - (r2 - outer * outer), 0.0)
        return max(-along + math.sqrt(root), 0.0), 0
    return FAR_mm, 0


@inlined
def cross(
    g: Geometry, face: int, u: float, v: float, w: float, ix: int, iy: int, iz: int
) -> tuple[int, int, int]:
    """Cell on the other side of a face."""
    if g.kind == VOXELS:
        if face == 0:
            return (ix + 1 if u > 0.0 else ix - 1), iy, iz
        if face == 1:
            return ix, (iy + 1 if v > 0.0 else iy - 1), iz
        return ix, iy, (iz + 1 if w > 0.0 else iz - 1)
    if g.kind == BODY:
        return face, iy, iz
    return (ix + 1 if face == 0 else ix - 1), iy, iz


@inlined
def nearest_face_mm(g: Geometry, x: float, y: float, z: float, ix: int, iy: int, iz: int) -> float:
    """Shortest distance to any face of the cell; of a body at most that."""
    if g.kind == BODY:
        return nearest_change_mm(g.body, x, y, z)
    if g.kind == VOXELS:
        ax, ay, az = x - ix * g.hx, y - iy * g.hy, z - iz * g.hz
        near = min(ax, g.hx - ax)
        near = min(near, min(ay, g.hy - ay))
        return min(near, min(az, g.hz - az))
    r = math.sqrt(x * x + y * y + z * z)
    near = FAR_mm
    if ix < g.radius.size:
        near = g.radius[ix] - r
    if ix > 0:
        near = min(near, r - g.radius[ix - 1])
    return near
