"""Labels at points: for volumes of parts of voxels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import kernel
from pdcraft.transport.optical.kernels.space import CROSSED, FLAT, LABEL_BITS, Space, label_at
from pdcraft.transport.optical.kernels.surface import level_mm

__all__ = ["label_points", "whole_label"]


@kernel
def whole_label(o: Space, out: NDArray[np.int32]) -> None:
    """Label of each voxel (voxels,), 0 for one that is all outside, -1 for one that is split."""
    for i in range(out.size):
        code = int(o.code[i])
        out[i] = code & LABEL_BITS
        if code & CROSSED:
            out[i] = -1
        if o.surface != FLAT:
            if o.safe[i] <= 0.0:
                out[i] = -1
                continue
            iz = i % o.nz
            ix, iy = i // o.nz // o.ny, i // o.nz % o.ny
            x, y = (ix + 0.5) * o.hx - 0.5 * o.lx, (iy + 0.5) * o.hy - 0.5 * o.ly
            if level_mm(o, x, y, (iz + 0.5) * o.hz) < 0.0:
                out[i] = 0


@kernel
def label_points(o: Space, points: int, voxels: NDArray[np.int64], out: NDArray[np.int32]) -> None:
    """Labels (voxels, points³) on a grid of points in each voxel; 0 outside the surface."""
    for k in range(voxels.size):
        i = voxels[k]
        iz = i % o.nz
        ix, iy = i // o.nz // o.ny, i // o.nz % o.ny
        for a in range(points):
            x = (ix + (a + 0.5) / points) * o.hx - 0.5 * o.lx
            for b in range(points):
                y = (iy + (b + 0.5) / points) * o.hy - 0.5 * o.ly
                for c in range(points):
                    z = (iz + (c + 0.5) / points) * o.hz
                    label = label_at(o, i, x, y, z)
                    if o.surface != FLAT and level_mm(o, x, y, z) < 0.0:
                        label = 0
                    out[k, (a * points + b) * points + c] = label
