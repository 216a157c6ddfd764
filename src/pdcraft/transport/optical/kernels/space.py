"""The geometry as kernels take it: labels of voxels, exact membership in shapes.

A voxel's code is its label; the highest bit says that a shape's surface crosses the voxel, so that
the shapes must be asked at the point itself.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import inlined

__all__ = [
    "BOX",
    "CROSSED",
    "CYLINDER",
    "ELLIPSOID",
    "FLAT",
    "FRESNEL",
    "HEIGHT",
    "INFINITE",
    "LABEL_BITS",
    "LEVEL",
    "MIRROR",
    "OPEN",
    "PERIODIC",
    "FAR_mm",
    "Space",
    "TINY_mm",
    "flat_index",
    "inside_shape",
    "label_at",
    "shape_hit_mm",
]

Floats = NDArray[np.float64]

ELLIPSOID, CYLINDER, BOX = 0, 1, 2
# lateral faces; FRESNEL for comparison with MCX, INFINITE: the layers go on beyond them
OPEN, PERIODIC, MIRROR, FRESNEL, INFINITE = 0, 1, 2, 3, 4
FLAT, HEIGHT, LEVEL = 0, 1, 2  # kinds of surface
CROSSED = 1 << 15
LABEL_BITS = (1 << 14) - 1
FAR_mm = 1e30
TINY_mm = 1e-7  # how near a point may come to an exact surface before it counts as on it


class Space(NamedTuple):
    """All of a domain that kernels need; the corner of lowest x and y is at (-lx/2, -ly/2)."""

    nx: int
    ny: int
    nz: int
    hx: float
    hy: float
    hz: float
    lx: float
    ly: float
    lz: float
    per_x: float  # voxels per mm
    per_y: float
    per_z: float
    lateral: int
    n_outside: float
    n_below: float
    surface: int
    height: Floats  # (nx, ny)
    level: Floats  # (nx, ny, nz)
    slope: float  # largest gradient of the level
    safe: NDArray[np.float32]  # (voxels,) no surface is nearer than this to any point of the voxel
    code: NDArray[np.uint16]  # (voxels,)
    # shapes by falling priority: kind, label, center (3), half (3), axis (3)
    shapes: Floats
    steps: NDArray[np.int64]  # shapes whose surfaces may be steps of the index
    voxel_steps: int  # 1: the index may change between voxels (comparison with MCX only)


@inlined
def flat_index(o: Space, x: float, y: float, z: float) -> int:
    """Voxel of a point; points on the outer faces belong to the voxels within."""
    ix = min(o.nx - 1, max(0, int((x + 0.5 * o.lx) * o.per_x)))
    iy = min(o.ny - 1, max(0, int((y + 0.5 * o.ly) * o.per_y)))
    iz = min(o.nz - 1, max(0, int(z * o.per_z)))
    return (ix * o.ny + iy) * o.nz + iz


@inlined
def inside_shape(o: Space, i: int, x: float, y: float, z: float) -> bool:
    """Whether a point is within shape i."""
    kind = int(o.shapes[i, 0])
    dx, dy, dz = x - o.shapes[i, 2], y - o.shapes[i, 3], z - o.shapes[i, 4]
    a, b, c = o.shapes[i, 5], o.shapes[i, 6], o.shapes[i, 7]
    if kind == ELLIPSOID:
        return (dx / a) ** 2 + (dy / b) ** 2 + (dz / c) ** 2 < 1.0
    if kind == BOX:
        return abs(dx) < a and abs(dy) < b and abs(dz) < c
    along = dx * o.shapes[i, 8] + dy * o.shapes[i, 9] + dz * o.shapes[i, 10]
    return abs(along) < c and dx * dx + dy * dy + dz * dz - along * along < a * a


@inlined
def label_at(o: Space, voxel: int, x: float, y: float, z: float) -> int:
    """Label of a point in a voxel."""
    code = int(o.code[voxel])
    if code & CROSSED:
        for i in range(o.shapes.shape[0]):
            if inside_shape(o, i, x, y, z):
                return int(o.shapes[i, 1])
    return code & LABEL_BITS


@inlined
def _box_hit(px: float, dx: float, a: float) -> tuple[float, float]:
    """Entry and exit of a line through -a < p < a."""
    if dx == 0.0:
        if abs(px) < a:
            return -FAR_mm, FAR_mm
        return FAR_mm, -FAR_mm
    t0, t1 = (-a - px) / dx, (a - px) / dx
    return min(t0, t1), max(t0, t1)


@inlined
def shape_hit_mm(
    o: Space, i: int, x: float, y: float, z: float, u: float, v: float, w: float
) -> tuple[float, float, float, float]:
    """Distance to the surface of shape i ahead, and its normal there (outward, unit)."""
    kind = int(o.shapes[i, 0])
    dx, dy, dz = x - o.shapes[i, 2], y - o.shapes[i, 3], z - o.shapes[i, 4]
    a, b, c = o.shapes[i, 5], o.shapes[i, 6], o.shapes[i, 7]
    near, far = -FAR_mm, FAR_mm
    near_face, far_face = 0, 0  # box: axis; cylinder: 0 mantle, 1 ends
    if kind == BOX:
        for axis in range(3):
            p, d, half = dx, u, a
            if axis == 1:
                p, d, half = dy, v, b
            if axis == 2:
                p, d, half = dz, w, c
            t0, t1 = _box_hit(p, d, half)
            if t0 > near:
                near, near_face = t0, axis
            if t1 < far:
                far, far_face = t1, axis
    else:
        ax, ay, az = o.shapes[i, 8], o.shapes[i, 9], o.shapes[i, 10]
        if kind == ELLIPSOID:
            px, py, pz = dx / a, dy / b, dz / c
            qx, qy, qz = u / a, v / b, w / c
        else:
            along, speed = dx * ax + dy * ay + dz * az, u * ax + v * ay + w * az
            px, py, pz = (dx - along * ax) / a, (dy - along * ay) / a, (dz - along * az) / a
            qx, qy, qz = (u - speed * ax) / a, (v - speed * ay) / a, (w - speed * az) / a
            near, far = _box_hit(along, speed, c)
            near_face, far_face = 1, 1
        qq = qx * qx + qy * qy + qz * qz
        pq = px * qx + py * qy + pz * qz
        pp = px * px + py * py + pz * pz - 1.0
        if qq > 0.0:
            root = pq * pq - qq * pp
            if root <= 0.0:
                return FAR_mm, 0.0, 0.0, 1.0
            root = math.sqrt(root)
            if (-pq - root) / qq > near:
                near, near_face = (-pq - root) / qq, 0
            if (-pq + root) / qq < far:
                far, far_face = (-pq + root) / qq, 0
        elif pp >= 0.0:
            return FAR_mm, 0.0, 0.0, 1.0
    if near >= far or far <= TINY_mm:
        return FAR_mm, 0.0, 0.0, 1.0
    t, face = near, near_face
    if near <= TINY_mm:
        t, face = far, far_face
    dx, dy, dz = dx + t * u, dy + t * v, dz + t * w
    if kind == BOX:
        if face == 0:
            return t, math.copysign(1.0, dx), 0.0, 0.0
        if face == 1:
            return t, 0.0, math.copysign(1.0, dy), 0.0
        return t, 0.0, 0.0, math.copysign(1.0, dz)
    ax, ay, az = o.shapes[i, 8], o.shapes[i, 9], o.shapes[i, 10]
    if kind == ELLIPSOID:
        nx, ny, nz = dx / (a * a), dy / (b * b), dz / (c * c)
    else:
        along = dx * ax + dy * ay + dz * az
        if face == 1:
            nx, ny, nz = along * ax, along * ay, along * az
        else:
            nx, ny, nz = dx - along * ax, dy - along * ay, dz - along * az
    norm = 1.0 / math.sqrt(nx * nx + ny * ny + nz * nz)
    return t, nx * norm, ny * norm, nz * norm
