"""Flights of photons from interaction to interaction, with track-length scoring where it holds.

In cells flagged ``TRANSPORT`` photons score nothing themselves: what they set free is transported.
In all others the expected energy given to electrons scores along every track (kerma).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.between import between
from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.data_types import PhotonData
from pdcraft.transport.electron import Options
from pdcraft.transport.geometry import (
    MATERIAL_BITS,
    TRANSPORT,
    FAR_mm,
    Geometry,
    boundary_mm,
    cross,
)
from pdcraft.transport.photon_interaction import collide, local, node_of
from pdcraft.transport.rng import exponential, uniform
from pdcraft.transport.tally import ESCAPED, Tally, accumulate, score

__all__ = ["fly", "march"]

NEAREST_mm, FARTHEST_mm = 1e-3, 1e3  # first flights are spread over these distances
SPAN = math.log(FARTHEST_mm / NEAREST_mm)


@kernel
def fly(
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
    shell: int,
    row: int,
    stretch: int,
) -> int:
    """Follow a photon through spheres from collision to collision, scoring no track length.

    With ``stretch`` the first flight in the one medium is drawn half from its own law, half
    uniformly in the logarithm of the distance, and weighted: small spheres see enough collisions.
    """
    while e > o.photon_cutoff_keV:
        node, frac = node_of(p, e)
        paths = exponential(rng)
        if stretch:
            mat = int(g.cell[shell]) & MATERIAL_BITS
            mu = float(g.density[shell]) * between(p.total, node, frac, mat)
            s = paths / mu
            if uniform(rng) < 0.5:
                s = NEAREST_mm * math.exp(SPAN * uniform(rng))
            own = mu * math.exp(-mu * s)
            spread = 1.0 / (s * SPAN) if NEAREST_mm <= s <= FARTHEST_mm else 0.0
            weight *= own / (0.5 * own + 0.5 * spread)
            paths = mu * s
            stretch = 0
        while True:
            flags = int(g.cell[shell])
            mat = flags & MATERIAL_BITS
            mu = float(g.density[shell]) * between(p.total, node, frac, mat)
            face_mm, face = boundary_mm(g, x, y, z, u, v, w, shell, 0, 0, FAR_mm)
            if mu * face_mm > paths:
                s = paths / mu
                x, y, z = x + u * s, y + v * s, z + w * s
                break
            paths -= mu * face_mm
            x, y, z = x + u * face_mm, y + v * face_mm, z + w * face_mm
            shell, _, _ = cross(g, face, u, v, w, shell, 0, 0)
        e, u, v, w, n = collide(
            p, t, o, rng, stack, n, weight, e, node, frac, mat, x, y, z, u, v, w, shell, 0, 0,
            shell, row, flags,
        )  # fmt: skip
    if e > 0.0:
        local(t, int(g.cell[shell]) & TRANSPORT, row, shell, x, y, z, weight * e)
    return n


@kernel
def outside(
    p: PhotonData,
    g: Geometry,
    t: Tally,
    o: Options,
    rng: NDArray[np.uint64],
    stack: NDArray[np.float64],
    e: float,
    x: float,
    y: float,
    z: float,
    u: float,
    v: float,
    w: float,
) -> tuple[float, float, float, float, float, float, float]:
    """Follow a photon in the medium round the box until it comes back; energy 0: it never does."""
    lx, ly, lz = g.nx * g.hx, g.ny * g.hy, g.nz * g.hz
    mat = g.surround
    while e > o.photon_cutoff_keV:
        node, frac = node_of(p, e)
        mu = between(p.total, node, frac, mat)
        s = exponential(rng) / mu
        near, far = 0.0, FAR_mm
        for at, along, size in ((x, u, lx), (y, v, ly), (z, w, lz)):
            if along == 0.0:
                if at < 0.0 or at > size:
                    far = -1.0
            else:
                a, b = -at / along, (size - at) / along
                near, far = max(near, min(a, b)), min(far, max(a, b))
        if near < far and near <= s and far > 1e-9:
            return e, x + u * near, y + v * near, z + w * near, u, v, w
        x, y, z = x + u * s, y + v * s, z + w * s
        e, u, v, w, _ = collide(
            p, t, o, rng, stack, stack.shape[0] - 2, 0.0, e, node, frac, mat, x, y, z, u, v, w,
            0, 0, 0, 0, 0, 0,
        )  # fmt: skip
    return 0.0, x, y, z, u, v, w


@inlined
def march(
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
    ix: int,
    iy: int,
    iz: int,
    row: int,
    mus: NDArray[np.float64],
    kermas: NDArray[np.float64],
) -> int:
    """Follow a photon through voxels, scoring kerma along its track where that holds."""
    nx, ny, nz = g.nx, g.ny, g.nz
    energy = t.energy[row]
    materials = p.total.shape[1]
    while e > o.photon_cutoff_keV:
        node, frac = node_of(p, e)
        for m in range(materials):
            mus[m] = between(p.total, node, frac, m)
            k = between(p.kerma, node, frac, m)
            kermas[m] = weight * k
        paths = exponential(rng)
        none = np.uint64(0)
        index = np.uint64((ix * ny + iy) * nz + iz)
        # per axis: cells to the border, distance to the next face and between faces, stride
        cx, tx, dx, sx = 1, FAR_mm, FAR_mm, none
        if u > 0.0:
            cx, tx, dx, sx = nx - ix, ((ix + 1) * g.hx - x) / u, g.hx / u, np.uint64(ny * nz)
        elif u < 0.0:
            cx, tx, dx, sx = ix + 1, (ix * g.hx - x) / u, -g.hx / u, none - np.uint64(ny * nz)
        cy, ty, dy, sy = 1, FAR_mm, FAR_mm, none
        if v > 0.0:
            cy, ty, dy, sy = ny - iy, ((iy + 1) * g.hy - y) / v, g.hy / v, np.uint64(nz)
        elif v < 0.0:
            cy, ty, dy, sy = iy + 1, (iy * g.hy - y) / v, -g.hy / v, none - np.uint64(nz)
        cz, tz, dz, sz = 1, FAR_mm, FAR_mm, none
        if w > 0.0:
            cz, tz, dz, sz = nz - iz, ((iz + 1) * g.hz - z) / w, g.hz / w, np.uint64(1)
        elif w < 0.0:
            cz, tz, dz, sz = iz + 1, (iz * g.hz - z) / w, -g.hz / w, none - np.uint64(1)
        s = 0.0
        out = False
        flags = 0
        m = 0
        while True:
            flags = int(g.cell[index])
            m = flags & MATERIAL_BITS
            rho = float(g.density[index])
            face = min(tx, min(ty, tz))
            step = face - s
            depth = rho * mus[m] * step
            if depth >= paths:
                step *= paths / depth
                if flags < TRANSPORT:
                    accumulate(energy, index, kermas[m] * rho * step)
                s += step
                break
            paths -= depth
            if flags < TRANSPORT:
                accumulate(energy, index, kermas[m] * rho * step)
            s = face
            if tx == face:
                tx += dx
                cx -= 1
                if cx == 0:
                    out = True
                    break
                index += sx
            elif ty == face:
                ty += dy
                cy -= 1
                if cy == 0:
                    out = True
                    break
                index += sy
            else:
                tz += dz
                cz -= 1
                if cz == 0:
                    out = True
                    break
                index += sz
        x, y, z = x + u * s, y + v * s, z + w * s
        if out:
            before = e
            e = 0.0
            if g.surround >= 0:
                e, x, y, z, u, v, w = outside(p, g, t, o, rng, stack, before, x, y, z, u, v, w)
            accumulate(t.balance, ESCAPED, weight * (before - e))
            if e <= 0.0:
                return n
            ix = max(0, min(int(x / g.hx), nx - 1))
            iy = max(0, min(int(y / g.hy), ny - 1))
            iz = max(0, min(int(z / g.hz), nz - 1))
            continue
        flat = int(index)
        iz = flat % nz
        iy = flat // nz % ny
        ix = flat // (ny * nz)
        e, u, v, w, n = collide(
            p, t, o, rng, stack, n, weight, e, node, frac, m, x, y, z, u, v, w, ix, iy, iz, flat,
            row, flags,
        )  # fmt: skip
    if e > 0.0:
        score(t, row, (ix * ny + iy) * nz + iz, x, y, z, weight * e)
    return n
