"""Sums over near neighbors: for each target, a function of distance over all sources close by.

Sources lie in boxes of half the reach; a target looks at the 5 x 5 x 5 boxes about its own. The sum
of each target is its own, in the order of the boxes: threads change nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.batches import in_order, thread_count
from pdcraft.transport.compile import kernel

__all__ = ["near_sums"]

Floats = NDArray[np.float64]
CHUNK = 4096
BOXES_PER_REACH = 2
MOST_BOXES = 100_000_000


def near_sums(
    targets: Floats,
    sources: Floats,
    weight: Floats,
    reach: float,
    table: Floats,
    *,
    threads: int | None = None,
) -> Floats:
    """Sum a tabulated function of the squared distance over all sources within reach.

    Parameters
    ----------
    targets, sources : ndarray, shape (m, 3) and (n, 3)
        One unit of length for all.
    weight : ndarray, shape (n,)
    reach : float
    table : ndarray, shape (nodes,)
        Values at squared distances evenly spaced from 0 to the squared reach; linear between.
        A source at the place of the target is left out.
    threads : int, optional

    Returns
    -------
    ndarray, shape (m,)
    """
    live = weight != 0.0
    sources, weight = sources[live], weight[live]
    out = np.zeros(len(targets))
    if not len(sources):
        return out
    edge = reach / BOXES_PER_REACH
    origin = sources.min(axis=0)
    box = np.floor((sources - origin) / edge).astype(np.int64)
    size = box.max(axis=0) + 1
    if float(np.prod(size.astype(float))) > MOST_BOXES:
        raise DataError(
            f"near neighbors: {size[0]} x {size[1]} x {size[2]} boxes of {edge:g} are too many; "
            "the sources lie far apart against the reach"
        )
    flat = (box[:, 0] * size[1] + box[:, 1]) * size[2] + box[:, 2]
    order = np.argsort(flat, kind="stable")
    placed = np.ascontiguousarray(sources[order])
    carried = np.ascontiguousarray(weight[order])
    first = np.searchsorted(flat[order], np.arange(int(np.prod(size)) + 1)).astype(np.int64)
    places = np.ascontiguousarray(targets, dtype=np.float64)
    values = np.ascontiguousarray(table, dtype=np.float64)
    count = -(-len(places) // CHUNK)

    def job(i: int) -> None:
        part = slice(i * CHUNK, (i + 1) * CHUNK)
        _sum(places[part], placed, carried, first, origin, size, edge, reach, values, out[part])

    for _ in in_order(job, 0, count, thread_count(threads)):
        pass
    return out


@kernel
def _sum(
    targets: Floats,
    sources: Floats,
    weight: Floats,
    first: NDArray[np.int64],
    origin: Floats,
    size: NDArray[np.int64],
    edge: float,
    reach: float,
    table: Floats,
    out: Floats,
) -> None:
    reach2 = reach * reach
    per = (table.size - 1) / reach2
    last = table.size - 2
    for i in range(targets.shape[0]):
        x, y, z = targets[i, 0], targets[i, 1], targets[i, 2]
        total = 0.0
        bx = int(np.floor((x - origin[0]) / edge))
        by = int(np.floor((y - origin[1]) / edge))
        bz = int(np.floor((z - origin[2]) / edge))
        z0 = max(bz - 2, 0)
        z1 = min(bz + 2, size[2] - 1)
        if z0 > z1:
            out[i] = 0.0
            continue
        for ix in range(max(bx - 2, 0), min(bx + 2, size[0] - 1) + 1):
            for iy in range(max(by - 2, 0), min(by + 2, size[1] - 1) + 1):
                row = (ix * size[1] + iy) * size[2]
                for k in range(first[row + z0], first[row + z1 + 1]):
                    dx = sources[k, 0] - x
                    dy = sources[k, 1] - y
                    dz = sources[k, 2] - z
                    d2 = dx * dx + dy * dy + dz * dz
                    if d2 < reach2 and d2 > 0.0:
                        at = d2 * per
                        j = min(int(at), last)
                        part = at - j
                        total += weight[k] * (table[j] + part * (table[j + 1] - table[j]))
        out[i] = total
