"""Curved surfaces: height maps and closed bodies as the zero of a level, positive within."""

from __future__ import annotations

import math

from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.optical.kernels.space import HEIGHT, Space

__all__ = ["fresnel", "level_mm", "normal", "surface_hit_mm"]

COARSEST = 0.1  # steps near the surface, in voxels
CLOSE_mm = 1e-7


@inlined
def _cell(p: float, count: int) -> tuple[int, float]:
    """Lower node and fraction on nodes at half-integers, constant beyond the ends."""
    p = min(max(p - 0.5, 0.0), count - 1.0)
    i = min(int(p), max(count - 2, 0))
    return i, p - i


@kernel
def level_mm(o: Space, x: float, y: float, z: float) -> float:
    """Level at a point: height of the surface above it, or the interpolated distance."""
    ix, fx = _cell((x + 0.5 * o.lx) / o.hx, o.nx)
    iy, fy = _cell((y + 0.5 * o.ly) / o.hy, o.ny)
    jx, jy = min(ix + 1, o.nx - 1), min(iy + 1, o.ny - 1)
    if o.surface == HEIGHT:
        low = (1.0 - fy) * o.height[ix, iy] + fy * o.height[ix, jy]
        high = (1.0 - fy) * o.height[jx, iy] + fy * o.height[jx, jy]
        return z - ((1.0 - fx) * low + fx * high)
    iz, fz = _cell(z / o.hz, o.nz)
    jz = min(iz + 1, o.nz - 1)
    a = (1.0 - fz) * o.level[ix, iy, iz] + fz * o.level[ix, iy, jz]
    b = (1.0 - fz) * o.level[ix, jy, iz] + fz * o.level[ix, jy, jz]
    c = (1.0 - fz) * o.level[jx, iy, iz] + fz * o.level[jx, iy, jz]
    d = (1.0 - fz) * o.level[jx, jy, iz] + fz * o.level[jx, jy, jz]
    out = (1.0 - fx) * ((1.0 - fy) * a + fy * b) + fx * ((1.0 - fy) * c + fy * d)
    if z < 0.5 * o.hz:  # above the first nodes the body ends at the latest at z = 0
        out = min(out, z)
    return out


@kernel
def normal(o: Space, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Give the unit normal into the tissue, from differences over a hundredth of a voxel."""
    dx, dy, dz = 0.01 * o.hx, 0.01 * o.hy, 0.01 * o.hz
    gx = (level_mm(o, x + dx, y, z) - level_mm(o, x - dx, y, z)) / (2.0 * dx)
    gy = (level_mm(o, x, y + dy, z) - level_mm(o, x, y - dy, z)) / (2.0 * dy)
    gz = (level_mm(o, x, y, z + dz) - level_mm(o, x, y, z - dz)) / (2.0 * dz)
    norm = math.sqrt(gx * gx + gy * gy + gz * gz)
    if norm == 0.0:
        return 0.0, 0.0, 1.0
    return gx / norm, gy / norm, gz / norm


@kernel
def surface_hit_mm(
    o: Space,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
    side: float,
    within_mm: float,
) -> tuple[float, float]:
    """Last distance before and first after the surface, on a ray that starts at its `side`.

    ``side`` is +1 within tissue and -1 outside; both distances are ``within_mm`` where nothing is
    met. They differ by 1e-7 mm, so that each stays on its own side.
    """
    least = COARSEST * min(o.hx, min(o.hy, o.hz))
    t = 0.0
    here = side * level_mm(o, x, y, z)
    while t < within_mm:
        ahead = min(t + max(here / o.slope, least), within_mm)
        there = side * level_mm(o, x + ahead * u, y + ahead * v, z + ahead * w)
        if there < 0.0:
            low, high = t, ahead
            while high - low > CLOSE_mm:
                middle = 0.5 * (low + high)
                if side * level_mm(o, x + middle * u, y + middle * v, z + middle * w) < 0.0:
                    high = middle
                else:
                    low = middle
            return low, high
        t, here = ahead, there
    return within_mm, within_mm


@inlined
def fresnel(cosine: float, n1: float, n2: float) -> tuple[float, float]:
    """Reflectance of unpolarized light from n1 to n2, and the cosine behind the surface."""
    sine2 = (n1 / n2) ** 2 * (1.0 - cosine * cosine)
    if sine2 >= 1.0:
        return 1.0, 0.0
    behind = math.sqrt(1.0 - sine2)
    s = (n1 * cosine - n2 * behind) / (n1 * cosine + n2 * behind)
    p = (n1 * behind - n2 * cosine) / (n1 * behind + n2 * cosine)
    return 0.5 * (s * s + p * p), behind
