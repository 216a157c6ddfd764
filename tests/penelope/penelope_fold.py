"""From energy around a point to energy in spheres and voxels, in one infinite homogeneous medium.

A uniform source in a region absorbs, of what a point emits between r and r + dr, the share of
isotropic steps of length r that start in the region and end in the target. One run of a point
source thus serves all spheres and voxels, with less noise than sampling the starting point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["merge_tallies", "sphere_share", "voxel_share"]

Floats = NDArray[np.float64]

DIRECTIONS = 160  # polar and azimuthal nodes over an octant: 1e-4 of each share, or better


def _sphere_integral(step: Floats, radius: float) -> Floats:
    """Integral from 0 to a step length of 1 - 3 s / 4 R + s³ / 16 R³, which is 0 beyond 2 R."""
    u = np.minimum(step / radius, 2.0)
    return radius * (u - 3.0 / 8.0 * u**2 + u**4 / 64.0)


def sphere_share(edges: Floats, radius: float) -> Floats:
    """Share of steps that stay within a sphere, averaged over each bin of step length.

    Parameters
    ----------
    edges : ndarray, shape (bins + 1,)
        Edges of the bins, ascending, in the unit of ``radius``.
    """
    return np.diff(_sphere_integral(edges, radius)) / np.diff(edges)


def voxel_share(edges: Floats, side: float, offset: tuple[int, int, int]) -> Floats:
    """Share of steps from a cube that end in the one ``offset`` voxels away, at bin centers."""
    x, weight = np.polynomial.legendre.leggauss(DIRECTIONS)
    cosine = 0.5 * (x + 1.0)
    azimuth = 0.25 * np.pi * (x + 1.0)
    sine = np.sqrt(1.0 - cosine**2)
    unit = np.stack(
        [
            np.outer(sine, np.cos(azimuth)),
            np.outer(sine, np.sin(azimuth)),
            np.outer(cosine, np.ones_like(azimuth)),
        ]
    )
    octant_weight = np.outer(weight, weight) / 4.0
    share = np.zeros(len(edges) - 1)
    for n, step in enumerate(0.5 * (edges[1:] + edges[:-1]) / side):
        total = np.ones_like(octant_weight)
        for axis, shift in enumerate(offset):  # mean over the eight octants, axis by axis
            moved = step * unit[axis]
            up = np.maximum(0.0, 1.0 - np.abs(moved - shift))
            down = np.maximum(0.0, 1.0 - np.abs(moved + shift))
            total = total * 0.5 * (up + down)
        share[n] = np.sum(octant_weight * total)
    return share


def merge_tallies(tallies: list[tuple[float, Floats]]) -> tuple[Floats, Floats]:
    """Join tallies of one quantity: the finer one as far as it reaches.

    Parameters
    ----------
    tallies : list of (float, ndarray of shape (batches, bins))
        Outer radius and energy per bin; finest first; each outer radius is an edge of the next.

    Returns
    -------
    edges : ndarray, shape (bins + 1,)
    energy : ndarray, shape (batches, bins)
    """
    all_edges = [np.zeros(1)]
    parts: list[Floats] = []
    reached = 0.0
    for outer, energy in tallies:
        edges = np.linspace(0.0, outer, energy.shape[1] + 1)
        first = int(np.round(reached / edges[1]))
        if abs(edges[first] - reached) > 1e-9 * outer:
            raise ValueError(f"a tally ends at {reached:g}, inside a bin of the next one")
        all_edges.append(edges[first + 1 :])
        parts.append(energy[:, first:])
        reached = outer
    return np.concatenate(all_edges), np.concatenate(parts, axis=1)
