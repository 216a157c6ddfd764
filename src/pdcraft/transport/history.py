"""One decay after another: where it happens, what it emits, and what becomes of all of it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.physics.constants import ELECTRON_REST_keV
from pdcraft.transport.body_cells import region_at
from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.data_types import PhotonData
from pdcraft.transport.electron import ElectronKernelData, Options, electron
from pdcraft.transport.geometry import BODY, MATERIAL_BITS, VOXELS, Geometry, cell_index
from pdcraft.transport.photon import fly, march
from pdcraft.transport.photon_body import woodcock
from pdcraft.transport.photon_interaction import collide, node_of
from pdcraft.transport.rng import pick, start_history, uniform
from pdcraft.transport.sampling import isotropic
from pdcraft.transport.stack import PHOTON_PARTICLE, POSITRON_PARTICLE, UNFOLLOWED_PHOTON
from pdcraft.transport.tally import EMITTED, Tally, accumulate, score

__all__ = ["Emissions", "Source", "run_histories"]

POINT, VOLUME, SHELL, SURFACE = range(4)


class Source(NamedTuple):
    """Where decays happen.

    ``kind`` POINT: at ``x, y, z``. VOLUME: in voxels, ``alias`` tables over ``cell``, uniform
    within each. SHELL: uniform between ``inner`` and ``outer`` about the origin. SURFACE: on the
    sphere of radius ``outer``, counted to the inside.

    ``control`` (VOLUME only, else empty): entries where the energy of every emitted electron is
    taken off its own voxel. Its mean is known, and added back afterwards; what is left to chance is
    only what leaves the voxel.

    In a body (VOLUME): ``cell`` lists its coarse cells that hold a source, ``keep`` is each
    region's activity per volume over the greatest one; ``alias`` is not used.
    """

    kind: int
    x: float = 0.0
    y: float = 0.0
    z: float = 0.0
    inner: float = 0.0
    outer: float = 0.0
    cell: NDArray[np.int64] = np.zeros(0, np.int64)
    keep: NDArray[np.float64] = np.zeros(0)
    alias: NDArray[np.int64] = np.zeros(0, np.int64)
    control: NDArray[np.uint8] = np.zeros(0, np.uint8)


class Emissions(NamedTuple):
    """What a decay emits: groups of particles, each with an alias table over its energies.

    Entry k of a group is an energy between ``low`` and ``low + width``, uniform; a line has no
    width.
    """

    particle: NDArray[np.int64]  # (groups,): as in `pdcraft.transport.stack`
    row: NDArray[np.int64]  # (groups,): radiation type
    number: NDArray[np.float64]  # (groups,): per decay
    first: NDArray[np.int64]  # (groups + 1,): entries of a group
    low: NDArray[np.float64]  # (entries,) keV
    width: NDArray[np.float64]
    keep: NDArray[np.float64]
    alias: NDArray[np.int64]  # within the group
    local_keV: NDArray[np.float64]  # (types,): per decay, of particles that go nowhere


@kernel
def place_in_body(
    g: Geometry, s: Source, rng: NDArray[np.uint64]
) -> tuple[float, float, float, int, int, int, int]:
    """Draw a place by rejection within the cells that hold the source."""
    b = g.body
    while True:
        flat = s.cell[pick(s.cell.size, rng)]
        iz = flat % b.nz
        rest = flat // b.nz
        x = b.x + (rest // b.ny + uniform(rng)) * b.edge
        y = b.y + (rest % b.ny + uniform(rng)) * b.edge
        z = b.z + (iz + uniform(rng)) * b.edge
        region = region_at(b, x, y, z)
        if region >= 0 and uniform(rng) < s.keep[region]:
            return x, y, z, region, 0, 0, 0


@inlined
def place(
    g: Geometry, s: Source, rng: NDArray[np.uint64]
) -> tuple[float, float, float, int, int, int, int]:
    """Draw the place of a decay, its cell, and whether its electrons' energy is taken off."""
    if g.kind == BODY:
        return place_in_body(g, s, rng)
    if s.kind == VOLUME:
        k = pick(s.cell.size, rng)
        if uniform(rng) >= s.keep[k]:
            k = s.alias[k]
        flat = s.cell[k]
        iz = flat % g.nz
        rest = flat // g.nz
        iy = rest % g.ny
        ix = rest // g.ny
        x = (ix + uniform(rng)) * g.hx
        y = (iy + uniform(rng)) * g.hy
        z = (iz + uniform(rng)) * g.hz
        return x, y, z, ix, iy, iz, int(s.control[k])
    x, y, z = s.x, s.y, s.z
    r = math.sqrt(x * x + y * y + z * z)
    if s.kind == SHELL or s.kind == SURFACE:
        r = s.outer
        if s.kind == SHELL:
            a = s.inner**3
            r = (a + uniform(rng) * (s.outer**3 - a)) ** (1.0 / 3.0)
        x, y, z = isotropic(rng)
        x, y, z = r * x, r * y, r * z
    if g.kind == VOXELS:
        return x, y, z, int(x / g.hx), int(y / g.hy), int(z / g.hz), 0
    shell = 0
    while shell < g.radius.size and r > g.radius[shell]:
        shell += 1
    return x, y, z, shell, 0, 0, 0


@inlined
def energy_of(em: Emissions, group: int, rng: NDArray[np.uint64]) -> float:
    """Draw the energy of one particle of a group."""
    first = em.first[group]
    count = em.first[group + 1] - first
    k = 0
    if count > 1:
        k = min(int(uniform(rng) * count), count - 1)
        if uniform(rng) >= em.keep[first + k]:
            k = em.alias[first + k]
    k += first
    e = float(em.low[k])
    if em.width[k] > 0.0:
        e += em.width[k] * uniform(rng)
    return float(e)


@inlined
def follow(
    p: PhotonData,
    d: ElectronKernelData,
    g: Geometry,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    n: int,
    mus: NDArray[np.float64],
    kermas: NDArray[np.float64],
) -> None:
    """Follow the particles on the stack, and all that they set free, to their ends."""
    stretch = o.stretch
    while n > 0:
        n -= 1
        s = stack[n]
        particle, weight, e = int(s[0]), s[1], s[2]
        x, y, z, u, v, w = s[3], s[4], s[5], s[6], s[7], s[8]
        ix, iy, iz, row, secondary = int(s[9]), int(s[10]), int(s[11]), int(s[12]), int(s[13])
        if particle != PHOTON_PARTICLE:
            n = electron(
                d, g, t, o, rng, stack, n, particle, weight, e, x, y, z, u, v, w, ix, iy, iz, row,
                secondary,
            )  # fmt: skip
        elif g.kind == VOXELS:
            n = march(
                p, g, t, o, rng, stack, n, weight, e, x, y, z, u, v, w, ix, iy, iz, row, mus, kermas
            )
        elif g.kind == BODY:
            n = woodcock(
                p, g, t, o, rng, stack, n, weight, e, x, y, z, u, v, w, ix, row, mus, kermas
            )
        else:
            n = fly(p, g, t, o, rng, stack, n, weight, e, x, y, z, u, v, w, ix, row, stretch)
            stretch = 0


@kernel
def run_histories(
    first: int,
    count: int,
    key: np.uint64,
    p: PhotonData,
    d: ElectronKernelData,
    g: Geometry,
    s: Source,
    em: Emissions,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    mus: NDArray[np.float64],
    kermas: NDArray[np.float64],
) -> None:
    """Run histories ``first`` to ``first + count - 1`` into a tally.

    The last four arrays are room to work in: shapes (2,), `STACK_SHAPE` and twice (64,).
    """
    rng[0] = key
    for history in range(first, first + count):
        start_history(rng, history)
        x, y, z, ix, iy, iz, control = place(g, s, rng)
        index = cell_index(g, ix, iy, iz)
        if not control:  # else it is among what is known beforehand
            for row in range(em.local_keV.size):
                if em.local_keV[row] > 0.0:
                    score(t, row, index, x, y, z, em.local_keV[row])
                    accumulate(t.balance, EMITTED, em.local_keV[row])
        for group in range(em.particle.size):
            number = int(em.number[group])
            if uniform(rng) < em.number[group] - number:
                number += 1
            for _ in range(number):
                e = energy_of(em, group, rng)
                u, v, w = isotropic(rng)
                particle = em.particle[group]
                if control and particle != PHOTON_PARTICLE:
                    score(t, em.row[group], index, x, y, z, -e)
                accumulate(t.balance, EMITTED, e)
                if particle == POSITRON_PARTICLE:
                    accumulate(t.balance, EMITTED, 2.0 * ELECTRON_REST_keV)
                n = 0
                if particle == UNFOLLOWED_PHOTON:
                    node, frac = node_of(p, e)
                    flags = int(g.cell[index])
                    _, _, _, _, n = collide(
                        p, t, o, rng, stack, 0, 1.0, e, node, frac, flags & MATERIAL_BITS, x, y, z,
                        u, v, w, ix, iy, iz, index, em.row[group], flags,
                    )  # fmt: skip
                    while n > 0 and stack[n - 1, 0] == PHOTON_PARTICLE:
                        n -= 1
                else:
                    entry = stack[0]
                    entry[0], entry[1], entry[2] = particle, 1.0, e
                    entry[3], entry[4], entry[5] = x, y, z
                    entry[6], entry[7], entry[8] = u, v, w
                    entry[9], entry[10], entry[11] = ix, iy, iz
                    entry[12], entry[13] = em.row[group], 0.0
                    n = 1
                follow(p, d, g, t, o, rng, stack, n, mus, kermas)
