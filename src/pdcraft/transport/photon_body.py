"""Photons in a body of analytic surfaces: flights between tentative collisions.

Free paths are drawn from the greatest coefficient anywhere in the body; a tentative collision is a
real one with the probability of the local coefficient over that. No surface is ever looked for.
Every tentative collision scores the local kerma, so that the mean free path of tentative collisions
(``o.most_free_mm`` at most) sets how finely a track is sampled.

References
----------
.. [Woo65] E. Woodcock et al., ANL-7050 (1965), page 557.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.between import between
from pdcraft.transport.body_cells import OUTSIDE, region_at
from pdcraft.transport.compile import kernel
from pdcraft.transport.data_types import PhotonData
from pdcraft.transport.electron import Options
from pdcraft.transport.geometry import MATERIAL_BITS, TRANSPORT, Geometry
from pdcraft.transport.photon_interaction import collide, local, node_of
from pdcraft.transport.rng import exponential, uniform
from pdcraft.transport.tally import ESCAPED, Tally, accumulate

__all__ = ["woodcock"]


@kernel
def woodcock(
    p: PhotonData,
    g: Geometry,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    n: int,
    weight: float,
    e: float,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
    region: int,
    row: int,
    mus: NDArray[np.float64],
    kermas: NDArray[np.float64],
) -> int:
    """Follow a photon through a body; returns the stack's new size."""
    b = g.body
    energy = t.energy[row]
    bins = t.marrow.bins
    materials = p.total.shape[1]
    high_x, high_y, high_z = b.x + b.nx * b.edge, b.y + b.ny * b.edge, b.z + b.nz * b.edge
    while e > o.photon_cutoff_keV:
        node, frac = node_of(p, e)
        highest = 1.0 / o.most_free_mm
        for m in range(materials):
            mus[m] = between(p.total, node, frac, m)
            kermas[m] = between(p.kerma, node, frac, m)
        for r in range(g.cell.size):
            highest = max(highest, float(g.density[r]) * mus[int(g.cell[r]) & MATERIAL_BITS])
        free = 1.0 / highest
        column = 0
        marrow = 0.0
        if bins > 0:
            at = (math.log(e) - t.marrow.log_lowest) * t.marrow.bins_per_log
            column = t.marrow.first + max(0, min(int(at), bins - 1))
            marrow = weight * kermas[t.marrow.material] * free
        flags = 0
        while True:
            s = free * exponential(rng)
            x, y, z = x + u * s, y + v * s, z + w * s
            region = region_at(b, x, y, z)
            if region == OUTSIDE:
                if x < b.x or x > high_x or y < b.y or y > high_y or z < b.z or z > high_z:
                    accumulate(t.balance, ESCAPED, weight * e)
                    return n
                continue
            flags = int(g.cell[region])
            m = flags & MATERIAL_BITS
            rho = float(g.density[region])
            if flags < TRANSPORT:
                accumulate(energy, region, weight * kermas[m] * rho * free)
            if bins > 0 and t.marrow.per_mm3[region] > 0.0:
                accumulate(energy, column, marrow * t.marrow.per_mm3[region])
            if uniform(rng) < rho * mus[m] * free:
                break
        e, u, v, w, n = collide(
            p, t, o, rng, stack, n, weight, e, node, frac, flags & MATERIAL_BITS, x, y, z, u, v, w,
            region, 0, 0, region, row, flags,
        )  # fmt: skip
    if e > 0.0:
        local(t, 1, row, region, x, y, z, weight * e)
    return n
