"""Walks of light through a domain: delta tracking, exact surfaces, scores at tentative collisions.

Tentative collisions come at the rate of the majorant everywhere. At each the fluence is scored as
weight over majorant, the weight is multiplied by what absorption leaves, and the walk scatters with
the chance of its label. A row of `Matter` holds chance and factors, in one of two ways:

- fast: chance mus/(M - mua), factor 1 - mua/M whether it scatters or not;
- fixed paths: chance mus/M, factor 1 where it scatters, (M - mus - mua)/(M - mus) where not. Paths
  do not depend on absorption, so further weights of other absorptions ride along (``riders``).

Adjoint walks start at a pixel and go against the light; radiance over n² is what they conserve.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import inlined, kernel
from pdcraft.transport.optical.kernels.launch import PIXELS, SPOT, SQUARE, VOLUME, Launch, launch
from pdcraft.transport.optical.kernels.space import (
    FLAT,
    FRESNEL,
    INFINITE,
    MIRROR,
    OPEN,
    PERIODIC,
    FAR_mm,
    Space,
    TINY_mm,
    flat_index,
    inside_shape,
    label_at,
    shape_hit_mm,
)
from pdcraft.transport.optical.kernels.surface import fresnel, normal, surface_hit_mm
from pdcraft.transport.rng import exponential, start_history, uniform

__all__ = [
    "BALANCES",
    "NOTHING",
    "RIDING",
    "RINGS",
    "SOURCES",
    "VOXELS",
    "Matter",
    "Score",
    "run_walks",
]

Floats = NDArray[np.float64]

BALANCES = (
    "reflected_specular",
    "reflected_diffuse",
    "transmitted",
    "lateral",
    "absorbed",
    "roulette_net",
    "late",
    "emitted",
)
SPECULAR, DIFFUSE, TRANSMITTED, LATERAL, ABSORBED, ROULETTE, LATE, EMITTED = range(8)
NOTHING, VOXELS, SOURCES, RINGS, RIDING = range(5)  # what is scored
NO_HIT, SIDE_X, SIDE_Y, TOP_BOTTOM, STEP, SURFACE, VOXEL = range(7)  # what ends a flight
CHANCE, SCATTERED, PASSED, COSINE, FACTOR, INDEX = range(6)  # columns of a row of matter
SURVIVE = 0.1
NUDGE_mm = 10.0 * TINY_mm


class Matter(NamedTuple):
    """Properties of the labels for one wavelength."""

    majorant: float
    row: Floats  # (labels, 6): columns as above
    riders: Floats  # (labels, 2, riders): factors where the walk passes, where it scatters


class Score(NamedTuple):
    """What walks score, and when they end."""

    kind: int
    source: Floats  # (voxels,) SOURCES, RIDING: source density
    group: NDArray[np.int64]  # (labels,) column of the sums; -1: none
    cell: NDArray[np.int32]  # (voxels,) VOXELS with riders, RIDING: coarse cell
    gain: Floats  # (cells, riders) RIDING: source of each rider over the nominal one
    ring_mm: float
    rings: int
    gate_mm: float  # longest optical path
    floor: float  # weight below which roulette is played
    layer: NDArray[np.int64]  # (nz,) label beyond the sides of a domain that goes on for ever
    correlated: int  # 1: score the walk's weight minus that of the first rider


@inlined
def _box_mm(o: Space, x: float, y: float, z: float, u: float, v: float, w: float, top: float):
    """Distance to the outer box from within, and its face."""
    best, face = FAR_mm, NO_HIT
    if o.lateral != INFINITE:
        if u != 0.0:
            best, face = (math.copysign(0.5 * o.lx, u) - x) / u, SIDE_X
        if v != 0.0:
            t = (math.copysign(0.5 * o.ly, v) - y) / v
            if t < best:
                best, face = t, SIDE_Y
    if w > 0.0:
        t = (o.lz - z) / w
        if t < best:
            best, face = t, TOP_BOTTOM
    elif w < 0.0:
        t = (top - z) / w
        if t < best:
            best, face = t, TOP_BOTTOM
    return max(best, 0.0), face


@inlined
def _voxel_face_mm(o: Space, x: float, y: float, z: float, u: float, v: float, w: float):
    """Distance to the next face between voxels, and the axis."""
    best, axis = FAR_mm, 0
    for a in range(3):
        p, d, h = (x + 0.5 * o.lx), u, o.hx
        if a == 1:
            p, d, h = (y + 0.5 * o.ly), v, o.hy
        elif a == 2:
            p, d, h = z, w, o.hz
        t = FAR_mm
        if d > 0.0:
            t = ((math.floor((p + NUDGE_mm) / h) + 1.0) * h - p) / d
        elif d < 0.0:
            t = ((math.ceil((p - NUDGE_mm) / h) - 1.0) * h - p) / d
        if t < best:
            best, axis = t, a
    return max(best, 0.0), axis


@inlined
def _meet(
    u: float,
    v: float,
    w: float,
    nx: float,
    ny: float,
    nz: float,
    n1: float,
    n2: float,
    rng: NDArray[np.uint64],
) -> tuple[bool, float, float, float]:
    """Reflect at, or go through, a surface: whether it went through, and the new direction."""
    if n1 == n2:
        return True, u, v, w
    cosine = u * nx + v * ny + w * nz
    if cosine < 0.0:
        nx, ny, nz, cosine = -nx, -ny, -nz, -cosine
    share, behind = fresnel(min(cosine, 1.0), n1, n2)
    if uniform(rng) < share:
        return False, u - 2.0 * cosine * nx, v - 2.0 * cosine * ny, w - 2.0 * cosine * nz
    r = n1 / n2
    k = behind - r * cosine
    return True, r * u + k * nx, r * v + k * ny, r * w + k * nz


@inlined
def _scatter(
    g: float, u: float, v: float, w: float, rng: NDArray[np.uint64]
) -> tuple[float, float, float]:
    """Turn by an angle of Henyey and Greenstein's distribution."""
    cosine = 2.0 * uniform(rng) - 1.0
    if abs(g) > 1e-6:
        k = (1.0 - g * g) / (1.0 + g * cosine)
        cosine = min(1.0, max(-1.0, (1.0 + g * g - k * k) / (2.0 * g)))
    sine = math.sqrt(1.0 - cosine * cosine)
    a, b = 2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0
    r2 = a * a + b * b
    while r2 >= 1.0 or r2 == 0.0:
        a, b = 2.0 * uniform(rng) - 1.0, 2.0 * uniform(rng) - 1.0
        r2 = a * a + b * b
    k = sine / math.sqrt(r2)
    a *= k
    b *= k
    if abs(w) < 0.99999:
        t = math.sqrt(1.0 - w * w)
        s = 1.0 / t
        uu = (a * u * w - b * v) * s + cosine * u
        vv = (a * v * w + b * u) * s + cosine * v
        ww = cosine * w - a * t
    else:
        uu, vv, ww = a, b, math.copysign(1.0, w) * cosine
    k = 1.5 - 0.5 * (uu * uu + vv * vv + ww * ww)  # one Newton step to unit length
    return uu * k, vv * k, ww * k


@inlined
def _beyond_label(o: Space, score: Score, x: float, y: float, z: float) -> int:
    """Label of a point beyond the sides of a domain that goes on for ever."""
    for i in range(o.shapes.shape[0]):
        if inside_shape(o, i, x, y, z):
            return int(o.shapes[i, 1])
    return int(score.layer[min(o.nz - 1, max(0, int(z / o.hz)))])


@kernel
def run_walks(
    first: int,
    count: int,
    key: np.uint64,
    o: Space,
    m: Matter,
    src: Launch,
    score: Score,
    tally: Floats,
    squares: Floats,
    ridden: Floats,
    balance: Floats,
    rng: NDArray[np.uint64],
    start: Floats,
    history: Floats,
    riders: Floats,
    whole: Floats,
    moments: Floats,
) -> None:
    """Run histories ``first`` to ``first + count - 1``.

    ``tally`` is (1, voxels) for VOXELS, (nz, rings) for RINGS and (pixels or 1, groups) for
    SOURCES and RIDING: one row of all, or pixels that follow one another from the first history;
    ``squares`` then sums the squares of whole histories. ``ridden`` is (cells, riders) for VOXELS
    and (groups, riders) for RIDING. ``moments`` (2, 1 + riders) are the sums over histories
    of their whole scores, and of the squares. ``history``, ``riders`` and ``whole`` are scratch.
    """
    rng[0] = key
    inverse = 1.0 / m.majorant
    half_x, half_y = 0.5 * o.lx, 0.5 * o.ly
    tracked = o.steps.size > 0
    ride = m.riders.shape[2]
    top = 0.0 if o.surface == FLAT else -o.hz
    infinite = o.lateral == INFINITE
    for h in range(first, first + count):
        path = h // src.copies
        start_history(rng, path)
        launch(o, src, h, h - path * src.copies, rng, start)
        x, y, z = start[0], start[1], start[2]
        u, v, w, weight = start[3], start[4], start[5], start[6]
        balance[EMITTED] += weight
        outside = o.surface != FLAT and src.kind != VOLUME
        entered = not outside
        index = o.n_outside
        beyond = infinite and (abs(x) > half_x or abs(y) > half_y)
        alive = True
        if outside:
            z = top
            if src.kind == SPOT or src.kind == SQUARE or src.kind == PIXELS:  # these aim at z = 0
                x, y = x + u / w * top, y + v / w * top
        if not infinite and (abs(x) >= half_x or abs(y) >= half_y):
            balance[LATERAL] += weight
            alive = False
        elif not outside:
            if beyond:
                label = _beyond_label(o, score, x, y, z + NUDGE_mm)
            else:
                label = label_at(o, flat_index(o, x, y, z), x, y, z + NUDGE_mm)
            index = m.row[label, INDEX]
            if src.inside == 0 and src.kind != VOLUME:
                share, behind = fresnel(w, o.n_outside, index)
                balance[SPECULAR] += weight * share
                weight *= 1.0 - share
                r = o.n_outside / index
                u, v, w = u * r, v * r, behind
        for k in range(ride):
            riders[k] = weight
        for k in range(whole.size):
            whole[k] = 0.0
        for k in range(history.size):
            history[k] = 0.0
        length = 0.0
        own = 1.0  # 0: the walk has left the true domain, only its rider goes on
        if beyond:
            own = 0.0
        left = exponential(rng) * inverse
        while alive:
            if outside:
                d, face = _box_mm(o, x, y, z, u, v, w, top)
                near, far = surface_hit_mm(o, x, y, z, u, v, w, -1.0, d)
                if near < d:
                    nx, ny, nz = normal(o, x + far * u, y + far * v, z + far * w)
                    tx, ty, tz = x + far * u, y + far * v, z + far * w
                    label = label_at(o, flat_index(o, tx, ty, tz), tx, ty, tz)
                    n2 = m.row[label, INDEX]
                    through, uu, vv, ww = _meet(u, v, w, nx, ny, nz, o.n_outside, n2, rng)
                    if through:
                        x, y, z = tx, ty, tz
                        outside, entered, index = False, True, n2
                    else:
                        x, y, z = x + near * u, y + near * v, z + near * w
                    u, v, w = uu, vv, ww
                    length += near * o.n_outside
                    if length > score.gate_mm:
                        balance[LATE] += weight
                        alive = False
                    continue
                x, y, z = x + d * u, y + d * v, z + d * w
                length += d * o.n_outside
                if length > score.gate_mm:
                    balance[LATE] += weight
                    break
                if face == SIDE_X and o.lateral == PERIODIC:
                    x = -math.copysign(half_x, u)
                elif face == SIDE_Y and o.lateral == PERIODIC:
                    y = -math.copysign(half_y, v)
                elif face == SIDE_X and o.lateral == MIRROR:
                    x, u = math.copysign(half_x, u), -u
                elif face == SIDE_Y and o.lateral == MIRROR:
                    y, v = math.copysign(half_y, v), -v
                else:
                    alive = False
                    if w < 0.0:
                        balance[DIFFUSE if entered else SPECULAR] += weight
                    elif face == TOP_BOTTOM:
                        balance[TRANSMITTED] += weight
                    else:
                        balance[LATERAL] += weight
                continue

            d, hit = left, NO_HIT
            x1, y1, z1 = x + d * u, y + d * v, z + d * w
            if z1 < 0.0 or z1 > o.lz or (not infinite and (abs(x1) > half_x or abs(y1) > half_y)):
                box, face = _box_mm(o, x, y, z, u, v, w, 0.0)
                if box < d:
                    d, hit = box, face
            nx, ny, nz = 0.0, 0.0, 1.0
            far = d
            if tracked:
                for k in range(o.steps.size):
                    t, ax, ay, az = shape_hit_mm(o, o.steps[k], x, y, z, u, v, w)
                    if t < d:
                        d, hit, nx, ny, nz = t, STEP, ax, ay, az
            if o.voxel_steps:
                t, axis = _voxel_face_mm(o, x, y, z, u, v, w)
                if t < d:
                    d, hit = t, VOXEL
                    nx, ny, nz = 1.0 * (axis == 0), 1.0 * (axis == 1), 1.0 * (axis == 2)
            if o.surface != FLAT and d >= o.safe[flat_index(o, x, y, z)]:
                t, far = surface_hit_mm(o, x, y, z, u, v, w, 1.0, d)
                if t < d:
                    d, hit = t, SURFACE
            length += d * index
            if length > score.gate_mm:
                balance[LATE] += weight * own
                break
            if hit != NO_HIT:
                left = max(left - d, 0.0)
                if hit == SURFACE:
                    tx, ty, tz = x + far * u, y + far * v, z + far * w
                    nx, ny, nz = normal(o, tx, ty, tz)
                    through, uu, vv, ww = _meet(u, v, w, nx, ny, nz, index, o.n_outside, rng)
                    if through:
                        x, y, z, outside = tx, ty, tz, True
                    else:
                        x, y, z = x + d * u, y + d * v, z + d * w
                        if d < NUDGE_mm:  # at a crease the turned ray may meet the surface at once
                            x, y, z = x + NUDGE_mm * nx, y + NUDGE_mm * ny, z + NUDGE_mm * nz
                    u, v, w = uu, vv, ww
                    continue
                x, y, z = x + d * u, y + d * v, z + d * w
                if hit == TOP_BOTTOM:
                    n2 = o.n_below
                    if w < 0.0:
                        n2, z = o.n_outside, 0.0
                    else:
                        z = o.lz
                    through, u, v, ww = _meet(u, v, w, 0.0, 0.0, 1.0, index, n2, rng)
                    if through:
                        balance[DIFFUSE if w < 0.0 else TRANSMITTED] += weight * own
                        alive = False
                    w = ww
                elif hit == STEP or hit == VOXEL:
                    tx, ty, tz = x + NUDGE_mm * u, y + NUDGE_mm * v, z + NUDGE_mm * w
                    if infinite and (abs(tx) > half_x or abs(ty) > half_y):
                        label = _beyond_label(o, score, tx, ty, tz)
                    else:
                        label = label_at(o, flat_index(o, tx, ty, tz), tx, ty, tz)
                    n2 = m.row[label, INDEX]
                    through, u, v, w = _meet(u, v, w, nx, ny, nz, index, n2, rng)
                    if through:
                        index = n2
                elif o.lateral == OPEN:
                    balance[LATERAL] += weight
                    alive = False
                elif hit == SIDE_X:
                    if o.lateral == PERIODIC:
                        x = -math.copysign(half_x, u)
                    elif o.lateral == MIRROR:
                        x, u = math.copysign(half_x, u), -u
                    elif o.lateral == FRESNEL:
                        through, u, v, w = _meet(u, v, w, 1.0, 0.0, 0.0, index, o.n_outside, rng)
                        if through:
                            balance[LATERAL] += weight
                            alive = False
                elif o.lateral == PERIODIC:
                    y = -math.copysign(half_y, v)
                elif o.lateral == MIRROR:
                    y, v = math.copysign(half_y, v), -v
                elif o.lateral == FRESNEL:
                    through, u, v, w = _meet(u, v, w, 0.0, 1.0, 0.0, index, o.n_outside, rng)
                    if through:
                        balance[LATERAL] += weight
                        alive = False
                continue

            x, y, z = x1, y1, z1
            left = exponential(rng) * inverse
            voxel = 0
            beyond = infinite and (abs(x) > half_x or abs(y) > half_y)
            if beyond:
                label = _beyond_label(o, score, x, y, z)
                own = 0.0
            else:
                voxel = flat_index(o, x, y, z)
                label = label_at(o, voxel, x, y, z)
            f = m.row[label, FACTOR]
            if score.kind == VOXELS:
                tally[0, voxel] += weight * f
                if ride:
                    cell = score.cell[voxel]
                    whole[0] += weight * f
                    for k in range(ride):
                        value = riders[k] * f
                        ridden[cell, k] += value
                        whole[1 + k] += value
            elif score.kind == RINGS:
                ring = min(score.rings - 1, int(math.sqrt(x * x + y * y) / score.ring_mm))
                tally[min(o.nz - 1, int(z / o.hz)), ring] += weight * f
            elif score.kind != NOTHING and not beyond:
                group = score.group[label]
                if group >= 0:
                    density = f * score.source[voxel]
                    if score.correlated:
                        history[group] += density * (weight * own - riders[0])
                    else:
                        history[group] += density * weight
                    if score.kind == RIDING:
                        cell = score.cell[voxel]
                        whole[0] += density * weight
                        for k in range(ride):
                            value = riders[k] * density * score.gain[cell, k]
                            ridden[group, k] += value
                            whole[1 + k] += value
            before, layer = weight, label
            if score.correlated:  # the rider sees the layers only
                layer = int(score.layer[min(o.nz - 1, max(0, int(z / o.hz)))])
            if uniform(rng) < m.row[label, CHANCE]:
                weight *= m.row[label, SCATTERED]
                for k in range(ride):
                    riders[k] *= m.riders[layer, 1, k]
                u, v, w = _scatter(m.row[label, COSINE], u, v, w, rng)
            else:
                weight *= m.row[label, PASSED]
                for k in range(ride):
                    riders[k] *= m.riders[layer, 0, k]
            balance[ABSORBED] += (before - weight) * own
            if weight < score.floor:
                if weight <= 0.0 or uniform(rng) >= SURVIVE:
                    balance[ROULETTE] += weight * own
                    alive = False
                else:
                    balance[ROULETTE] -= weight * (1.0 / SURVIVE - 1.0) * own
                    weight *= 1.0 / SURVIVE
                    for k in range(ride):
                        riders[k] *= 1.0 / SURVIVE
        if score.kind == RIDING or (score.kind == VOXELS and ride):
            for k in range(whole.size):
                moments[0, k] += whole[k]
                moments[1, k] += whole[k] * whole[k]
        if score.kind >= SOURCES and score.kind != RINGS:
            row = 0
            if tally.shape[0] > 1:
                row = (h - first) // src.each
            for k in range(history.size):
                tally[row, k] += history[k]
                squares[row, k] += history[k] * history[k]
