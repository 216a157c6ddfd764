r"""Sum of a function of distance over all pairs of a million cells.

Cells within the reach of each other count one by one, with the exact function; all others on a
grid. The function is split in two,

.. math:: S(d) = L(d) + [S(d) - L(d)],

with L a smooth one that equals S from the reach on. The bracket is summed over near neighbors
(`pdcraft.transport.near_pairs`). L is summed on a grid: weights go to the 64 nearest nodes by cubic
interpolation, are folded with L by Fourier transforms, and are read back by the same interpolation.

References
----------
.. [Hockney88] R.W. Hockney, J.W. Eastwood, Computer Simulation Using Particles (1988), chapter 8:
   particle-particle particle-mesh sums. Recalled, not verified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.transport.batches import thread_count

__all__ = ["REACH_radii", "pair_sums"]

REACH_radii = 8.0  # of the cells: about 380 neighbors in the densest packing
NODES_PER_REACH = 5
DIRECT_PAIRS = 4_000_000  # below, every pair counts one by one
NODES_PER_NEAREST2 = 400  # of the table in the squared distance
MOST_NODES = 2_000_000
POWERS = 4  # even powers of the smooth part within reach


def pair_sums(
    targets_um: Floats,
    sources_um: Floats,
    weight: Floats,
    function: Callable[[Floats], Floats],
    *,
    nearest_um: float,
    reach_um: float,
    own_weight: Floats | None = None,
    threads: int | None = None,
) -> Floats:
    """Sum ``weight * function(distance)`` over all sources, for each target.

    Parameters
    ----------
    targets_um, sources_um : ndarray, shape (m, 3), (n, 3)
    weight : ndarray, shape (n,)
    function : callable
        Of distances, from ``nearest_um`` to 1.01 times the sum of the greatest distances of targets
        and sources from the origin.
    nearest_um : float
        Least distance of a target from a source that is not at its place.
    reach_um : float
        Distance up to which pairs count one by one.
    own_weight : ndarray, shape (m,), optional
        Weight of the source at each target's own place, which is left out; none is there without.
    threads : int, optional

    Returns
    -------
    ndarray, shape (m,)
        The same for any number of threads.
    """
    from pdcraft.transport.near_pairs import near_sums

    farthest = 1.01 * float(
        np.sqrt((targets_um**2).sum(axis=1).max()) + np.sqrt((sources_um**2).sum(axis=1).max())
    )
    if len(targets_um) * len(sources_um) <= DIRECT_PAIRS or farthest <= 2.0 * reach_um:
        reach = max(farthest, 2.0 * nearest_um)
        table = _table(function, nearest_um, reach)
        return near_sums(targets_um, sources_um, weight, reach, table, threads=threads)
    smooth = _smooth(function, reach_um)
    table = _table(lambda d: function(d) - smooth(d), nearest_um, reach_um)
    near = near_sums(targets_um, sources_um, weight, reach_um, table, threads=threads)
    step = reach_um / NODES_PER_REACH

    def within(d: Floats) -> Floats:  # the corners of the grid are farther apart than any pair
        return smooth(np.minimum(d, farthest))

    far = _on_grid(targets_um, sources_um, weight, within, step, threads)
    own = 0.0 if own_weight is None else own_weight * smooth(np.zeros(1))[0]
    return near + far - own


def _table(function: Callable[[Floats], Floats], nearest: float, reach: float) -> Floats:
    """Values at squared distances evenly spaced; below the nearest pair they are never used."""
    nodes = int(min(NODES_PER_NEAREST2 * (reach / nearest) ** 2, MOST_NODES)) + 2
    d = np.sqrt(np.linspace(0.0, reach**2, nodes))
    return function(np.maximum(d, nearest))


def _smooth(function: Callable[[Floats], Floats], reach: float) -> Callable[[Floats], Floats]:
    """Make the function smooth within reach: an even polynomial that joins it gradually."""
    d = np.linspace(0.5 * reach, reach, 64)
    u = (d / reach) ** 2
    matrix = np.stack([u**k for k in range(POWERS)], axis=1)
    c = np.linalg.lstsq(matrix, function(d), rcond=None)[0]

    def smooth(distance: Floats) -> Floats:
        x = np.asarray(distance, dtype=np.float64) / reach
        inside = np.polynomial.polynomial.polyval(np.minimum(x, 1.0) ** 2, c)
        t = np.clip(2.0 * x - 1.0, 0.0, 1.0)
        part = t**3 * (10.0 - 15.0 * t + 6.0 * t**2)  # 0 at half the reach, 1 at the reach
        return part * function(np.maximum(distance, 0.5 * reach)) + (1.0 - part) * inside

    return smooth


def _on_grid(
    targets: Floats,
    sources: Floats,
    weight: Floats,
    function: Callable[[Floats], Floats],
    step: float,
    threads: int | None,
) -> Floats:
    from scipy import fft as scipy_fft

    fft: Any = scipy_fft  # its types name no arrays
    low = np.minimum(sources.min(axis=0), targets.min(axis=0)) - 2.0 * step
    high = np.maximum(sources.max(axis=0), targets.max(axis=0)) + 2.0 * step
    nodes = np.ceil((high - low) / step).astype(int) + 2
    size = tuple(int(fft.next_fast_len(int(2 * n), real=True)) for n in nodes)
    axes = [np.minimum(np.arange(n), n - np.arange(n)) * step for n in size]
    d2 = (axes[0] ** 2)[:, None, None] + (axes[1] ** 2)[:, None] + axes[2] ** 2
    # the function on the grid, from a table in the logarithm: the grid has millions of nodes
    at = np.concatenate([[0.0], np.geomspace(0.05 * step, np.sqrt(d2.max()) * 1.001, 20_000)])
    folded = np.interp(np.sqrt(d2), at, function(at))
    del d2
    placed = np.zeros(int(np.prod(size)))
    for index, share in _nodes(sources, low, step, size):
        np.add.at(placed, index, share * weight)
    workers = thread_count(threads)
    product = fft.rfftn(placed.reshape(size), workers=workers)
    product *= fft.rfftn(folded, workers=workers)
    field: Floats = fft.irfftn(product, size, workers=workers).ravel()
    out = np.zeros(len(targets))
    for index, share in _nodes(targets, low, step, size):
        out += share * field[index]
    return out


def _nodes(
    places: Floats, low: Floats, step: float, size: tuple[int, ...]
) -> Iterator[tuple[NDArray[np.int64], Floats]]:
    """Numbers and shares of the 64 nodes about each place, one node of all places at a time."""
    at = (places - low) / step
    first = np.floor(at).astype(np.int64)
    f = at - first
    # cubic interpolation through the nodes -1, 0, 1, 2
    shares = (
        -f * (f - 1.0) * (f - 2.0) / 6.0,
        (f + 1.0) * (f - 1.0) * (f - 2.0) / 2.0,
        -(f + 1.0) * f * (f - 2.0) / 2.0,
        (f + 1.0) * f * (f - 1.0) / 6.0,
    )
    for a in range(4):
        for b in range(4):
            row = ((first[:, 0] + a - 1) * size[1] + first[:, 1] + b - 1) * size[2] + first[:, 2]
            share = shares[a][:, 0] * shares[b][:, 1]
            for c in range(4):
                yield row + c - 1, share * shares[c][:, 2]
