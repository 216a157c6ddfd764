"""Which region a point is in: the reference test, in numpy.

The order of the solids decides: the first that contains the point has it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.body import LOBE, QUADRIC, TORUS, Body, Solids

__all__ = ["OUTSIDE", "inside_solid", "region_of", "surface_value"]

OUTSIDE = -1
SQRT2 = np.sqrt(2.0)
CHUNK = 1 << 18  # points at a time: their temporaries fit the cache


def _quadric(c: Floats, p: Floats) -> Floats:
    x, y, z = p[:, 0], p[:, 1], p[:, 2]
    value = x * (c[0] * x + c[3] * y + c[4] * z + c[6])
    value += y * (c[1] * y + c[5] * z + c[7])
    value += z * (c[2] * z + c[8])
    return value + c[9]


def _torus(c: Floats, p: Floats) -> Floats:
    q = p / c[6:9] - c[0:3]
    axis = int(c[5])
    first, second = (i for i in range(3) if i != axis)
    return np.hypot(np.hypot(q[:, first], q[:, second]) - c[3], q[:, axis]) - c[4]


def _lobe(c: Floats, p: Floats) -> Floats:
    """Thyroid lobes: the opening angle about the diagonal grows over a quarter of the height."""
    x, y = np.abs(p[:, 0]), p[:, 1] - c[0]
    h = (p[:, 2] - c[1]) / c[2]
    rising = 1.0 + (SQRT2 - 2.0) / 2.0 * (h / 0.25)
    falling = (2.0 * SQRT2 - 1.0) / 3.0 + (2.0 - SQRT2) / 2.0 * (h / 0.75)
    tau = np.where(h <= 0.25, rising, falling)
    return SQRT2 * np.hypot(x, y) * tau - (x - y)


def _slabs(c: Floats, p: Floats) -> Floats:
    turn = np.floor((p[:, 2] - c[0]) / c[1])
    return np.where(turn % 2 == 0, -1.0, 1.0)


def surface_value(kind: int, coefficient: Floats, points_cm: Floats) -> Floats:
    """Value of one surface's function at points (n, 3); at most 0 on its inner side."""
    if kind == QUADRIC:
        return _quadric(coefficient, points_cm)
    if kind == TORUS:
        return _torus(coefficient, points_cm)
    if kind == LOBE:
        return _lobe(coefficient, points_cm)
    return _slabs(coefficient, points_cm)


def inside_solid(solids: Solids, index: int, points_cm: Floats) -> NDArray[np.bool_]:
    """Which of the points (n, 3) lie in one solid."""
    inside = np.ones(len(points_cm), dtype=bool)
    for i in range(solids.start[index], solids.start[index + 1]):
        value = surface_value(int(solids.kind[i]), solids.coefficient[i], points_cm)
        inside &= value <= 0.0 if solids.sense[i] > 0 else value > 0.0
    return inside


def region_of(body: Body, points_cm: ArrayLike) -> NDArray[np.int32]:
    """Index of the region that each point is in.

    Parameters
    ----------
    body : Body
    points_cm : array_like, shape (..., 3)
        In the body's own axes: x to its left, y to its back, z to its head.

    Returns
    -------
    ndarray of int32, shape (...)
        Index into ``body.regions``; -1 outside the body.
    """
    points = np.asarray(points_cm, dtype=np.float64)
    flat = points.reshape(-1, 3)
    out = np.full(len(flat), OUTSIDE, dtype=np.int32)
    for first in range(0, len(flat), CHUNK):
        part = flat[first : first + CHUNK]
        out[first : first + CHUNK] = _chunk(body.solids, part)
    return out.reshape(points.shape[:-1])


def _chunk(solids: Solids, points: Floats) -> NDArray[np.int32]:
    out = np.full(len(points), OUTSIDE, dtype=np.int32)
    left = np.arange(len(points))
    low, high = points.min(axis=0), points.max(axis=0)
    for i, (bottom, top) in enumerate(solids.box_cm):
        if np.any(top < low) or np.any(bottom > high):
            continue
        free = points[left]
        near = np.all((free >= bottom) & (free <= top), axis=1).nonzero()[0]
        if near.size == 0:
            continue
        found = near[inside_solid(solids, i, free[near])]
        if found.size:
            out[left[found]] = solids.region[i]
            left = np.delete(left, found)
            if left.size == 0:
                break
    return out
