"""Which region of a body a point is in, compiled: analytic solids behind a grid of coarse cells.

A cell knows its region where no surface crosses it, else the few solids that may meet it, in
order. Whether a surface crosses a cell is decided by bounds of its function over the cell, so the
answer at a point is that of the solids themselves. Lengths in mm, axes of the body.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.body import LOBE, QUADRIC, TORUS, Solids
from pdcraft.transport.compile import inlined, kernel

__all__ = [
    "MIXED",
    "NO_BODY",
    "OUTSIDE",
    "BodyCells",
    "FAR_mm",
    "body_cells",
    "nearest_change_mm",
    "region_at",
    "region_change_mm",
]

OUTSIDE, MIXED = -1, -2
FAR_mm = 1e30  # where there is no boundary
NEAR_mm = 1e-5  # to which the place of a boundary on a track is found
SQRT2 = math.sqrt(2.0)
KIND, SENSE, FIRST = 0, 1, 2  # columns of a surface; its ten coefficients begin at FIRST
MOST_LAYERS = 250
IN, OUT, MAYBE = 1, 0, 2


class BodyCells(NamedTuple):
    """Solids of a body as arrays, and the grid of cells over them."""

    x: float  # corner of lowest coordinates
    y: float
    z: float
    edge: float
    nx: int
    ny: int
    nz: int
    whole: NDArray[np.int16]  # (cells,): region, OUTSIDE or MIXED
    layers: NDArray[np.uint8]  # (cells,): of cells about this one that are all of its region
    first: NDArray[np.int32]  # (cells + 1,): candidates of a cell
    candidate: NDArray[np.int16]  # solids
    solid: NDArray[np.int32]  # (solids, 3): region, first surface, end
    surface: NDArray[np.float64]  # (surfaces, 12): kind, sense, coefficients


NO_BODY = BodyCells(
    0.0, 0.0, 0.0, 1.0, 0, 0, 0,
    np.zeros(0, np.int16), np.zeros(0, np.uint8), np.zeros(1, np.int32), np.zeros(0, np.int16),
    np.zeros((0, 3), np.int32), np.zeros((0, 12)),
)  # fmt: skip


@inlined
def _value(c: NDArray[np.float64], x: float, y: float, z: float) -> float:
    """Value of a surface's function at a point; at most 0 on its inner side."""
    kind = int(c[KIND])
    if kind == QUADRIC:
        value = x * (c[2] * x + c[5] * y + c[6] * z + c[8])
        value += y * (c[3] * y + c[7] * z + c[9])
        return float(value + z * (c[4] * z + c[10]) + c[11])
    if kind == TORUS:
        a, b, d = x / c[8] - c[2], y / c[9] - c[3], z / c[10] - c[4]
        axis = int(c[7])
        if axis == 0:
            a, d = d, a
        elif axis == 1:
            b, d = d, b
        return float(math.hypot(math.hypot(a, b) - c[5], d) - c[6])
    if kind == LOBE:
        a, b = abs(x), y - c[2]
        h = (z - c[3]) / c[4]
        tau = 1.0 + (SQRT2 - 2.0) / 2.0 * (h / 0.25)
        if h > 0.25:
            tau = (2.0 * SQRT2 - 1.0) / 3.0 + (2.0 - SQRT2) / 2.0 * (h / 0.75)
        return float(SQRT2 * math.hypot(a, b) * tau - (a - b))
    turn = math.floor((z - c[2]) / c[3])
    return -1.0 if turn % 2 == 0 else 1.0


@kernel
def region_at(b: BodyCells, x: float, y: float, z: float) -> int:
    """Region of a point; OUTSIDE the body."""
    ax, ay, az = (x - b.x) / b.edge, (y - b.y) / b.edge, (z - b.z) / b.edge
    if ax < 0.0 or ay < 0.0 or az < 0.0 or ax >= b.nx or ay >= b.ny or az >= b.nz:
        return OUTSIDE
    cell = (int(ax) * b.ny + int(ay)) * b.nz + int(az)
    region = int(b.whole[cell])
    if region != MIXED:
        return region
    for j in range(b.first[cell], b.first[cell + 1]):
        solid = b.candidate[j]
        inside = True
        for i in range(b.solid[solid, 1], b.solid[solid, 2]):
            c = b.surface[i]
            if (_value(c, x, y, z) <= 0.0) != (c[SENSE] > 0.0):
                inside = False
                break
        if inside:
            return int(b.solid[solid, 0])
    return OUTSIDE


@kernel
def nearest_change_mm(b: BodyCells, x: float, y: float, z: float) -> float:
    """Distance within which all is the point's own region; a lower bound, 0 in mixed cells."""
    ax, ay, az = (x - b.x) / b.edge, (y - b.y) / b.edge, (z - b.z) / b.edge
    if ax < 0.0 or ay < 0.0 or az < 0.0 or ax >= b.nx or ay >= b.ny or az >= b.nz:
        return 0.0
    ix, iy, iz = int(ax), int(ay), int(az)
    cell = (ix * b.ny + iy) * b.nz + iz
    if b.whole[cell] == MIXED:
        return 0.0
    ax, ay, az = ax - ix, ay - iy, az - iz
    near = min(min(ax, 1.0 - ax), min(min(ay, 1.0 - ay), min(az, 1.0 - az)))
    return b.edge * (near + b.layers[cell])


@kernel
def region_change_mm(
    b: BodyCells,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
    region: int,
    within_mm: float,
) -> tuple[float, int]:
    """Distance along (u, v, w) to just behind where the region ends, and the next one.

    Looks no farther than ``within_mm``, and misses what begins and ends before that.
    """
    if nearest_change_mm(b, x, y, z) > within_mm:
        return FAR_mm, region
    low, high = 0.0, within_mm
    beyond = region_at(b, x + u * high, y + v * high, z + w * high)
    if beyond == region:
        return FAR_mm, region
    while high - low > NEAR_mm:
        middle = 0.5 * (low + high)
        there = region_at(b, x + u * middle, y + v * middle, z + w * middle)
        if there == region:
            low = middle
        else:
            high, beyond = middle, there
    return high, beyond


@kernel
def _side(
    c: NDArray[np.float64], x: float, y: float, z: float, hx: float, hy: float, hz: float
) -> int:
    """Whether a box about a point lies on a surface's stated side: IN, OUT or MAYBE."""
    kind = int(c[KIND])
    value = _value(c, x, y, z)
    if kind == QUADRIC:
        spread = abs(2.0 * c[2] * x + c[5] * y + c[6] * z + c[8]) * hx
        spread += abs(2.0 * c[3] * y + c[5] * x + c[7] * z + c[9]) * hy
        spread += abs(2.0 * c[4] * z + c[6] * x + c[7] * y + c[10]) * hz
        spread += abs(c[2]) * hx * hx + abs(c[3]) * hy * hy + abs(c[4]) * hz * hz
        spread += abs(c[5]) * hx * hy + abs(c[6]) * hx * hz + abs(c[7]) * hy * hz
        spread *= 1.0 + 1e-12
    elif kind == TORUS:
        spread = math.sqrt((hx / c[8]) ** 2 + (hy / c[9]) ** 2 + (hz / c[10]) ** 2)
    elif kind == LOBE:
        across = math.hypot(hx, hy)
        rho = math.hypot(x, y - c[2]) + across
        h = abs((z - c[3]) / c[4]) + hz / c[4]
        tau = 1.0 + 1.2 * h
        spread = SQRT2 * (across * tau + rho * 1.2 * hz / c[4]) + hx + hy
    else:
        low, high = math.floor((z - hz - c[2]) / c[3]), math.floor((z + hz - c[2]) / c[3])
        spread = 0.0 if low == high else 2.0
    if abs(value) <= spread:
        return MAYBE
    return IN if (value <= 0.0) == (c[SENSE] > 0.0) else OUT


@kernel
def _candidates(
    b: BodyCells, box: NDArray[np.float64], cell: int, candidate: NDArray[np.int16]
) -> tuple[int, int]:
    """List the solids that a cell may meet; how many, and its region where there is but one."""
    half = 0.5 * b.edge
    iz = cell % b.nz
    iy = cell // b.nz % b.ny
    ix = cell // (b.nz * b.ny)
    x, y, z = b.x + (ix + 0.5) * b.edge, b.y + (iy + 0.5) * b.edge, b.z + (iz + 0.5) * b.edge
    n = 0
    region = OUTSIDE
    for s in range(b.solid.shape[0]):
        away = box[s, 0, 0] > x + half or box[s, 1, 0] < x - half
        away = away or box[s, 0, 1] > y + half or box[s, 1, 1] < y - half
        if away or box[s, 0, 2] > z + half or box[s, 1, 2] < z - half:
            continue
        state = IN
        for i in range(b.solid[s, 1], b.solid[s, 2]):
            side = _side(b.surface[i], x, y, z, half, half, half)
            if side != IN:
                state = side
            if side == OUT:
                break
        if state == OUT:
            continue
        if n == 0:
            region = b.solid[s, 0]
        elif region != b.solid[s, 0]:
            region = MIXED
        candidate[n] = s
        n += 1
        if state == IN:
            return n, region
    return n, (OUTSIDE if n == 0 else MIXED)


@kernel
def _count(b: BodyCells, box: NDArray[np.float64], room: NDArray[np.int16]) -> None:
    """Find the region of every whole cell, and the number of candidates of the others."""
    for cell in range(b.whole.size):
        n, region = _candidates(b, box, cell, room)
        b.whole[cell] = region
        b.first[cell + 1] = b.first[cell] + (n if region == MIXED else 0)


@kernel
def _list(b: BodyCells, box: NDArray[np.float64], room: NDArray[np.int16]) -> None:
    """Write the candidates of the mixed cells."""
    for cell in range(b.whole.size):
        if b.whole[cell] == MIXED:
            n, _ = _candidates(b, box, cell, room)
            for j in range(n):
                b.candidate[b.first[cell] + j] = room[j]


def _in_mm(kind: NDArray[np.int8], coefficient: NDArray[np.float64]) -> NDArray[np.float64]:
    """Coefficients for points in mm of surfaces given for points in cm."""
    out = np.array(coefficient)
    quadric = kind == QUADRIC
    out[quadric, :6] *= 0.01
    out[quadric, 6:9] *= 0.1
    out[kind == TORUS, 6:9] *= 10.0
    rest = ~quadric & (kind != TORUS)
    out[rest, :3] *= 10.0
    return out


def body_cells(solids: Solids, edge_mm: float) -> BodyCells:
    """Lay a grid of cubic cells over a body's solids.

    Parameters
    ----------
    solids : Solids
    edge_mm : float
        Of the cells: smaller ones are more often all of one region, and more to keep in memory.
    """
    from scipy import ndimage

    box = 10.0 * np.asarray(solids.box_cm)
    low, high = box[:, 0].min(axis=0) - 1e-3, box[:, 1].max(axis=0) + 1e-3
    nx, ny, nz = (int(n) for n in np.ceil((high - low) / edge_mm))
    cells = nx * ny * nz
    solid = np.stack([solids.region, solids.start[:-1], solids.start[1:]], axis=1)
    surface = np.column_stack([solids.kind, solids.sense, _in_mm(solids.kind, solids.coefficient)])
    grid = BodyCells(
        float(low[0]), float(low[1]), float(low[2]), float(edge_mm), nx, ny, nz,
        np.empty(cells, np.int16), np.zeros(cells, np.uint8), np.zeros(cells + 1, np.int32),
        np.zeros(1, np.int16), np.ascontiguousarray(solid, dtype=np.int32),
        np.ascontiguousarray(surface, dtype=np.float64),
    )  # fmt: skip
    room = np.empty(len(solid), np.int16)
    _count(grid, box, room)
    grid = grid._replace(candidate=np.zeros(max(1, int(grid.first[-1])), np.int16))
    _list(grid, box, room)
    whole = grid.whole.reshape(nx, ny, nz)
    change = ndimage.minimum_filter(whole, 3) != ndimage.maximum_filter(whole, 3)
    change |= whole == MIXED
    layers = np.asarray(ndimage.distance_transform_cdt(~change, metric="chessboard"))
    layers = np.minimum(layers, MOST_LAYERS).astype(np.uint8)
    return grid._replace(layers=np.ascontiguousarray(layers.ravel()))
