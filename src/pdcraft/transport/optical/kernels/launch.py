"""Where walks begin: beams of light, or rays that pixels look along."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import inlined
from pdcraft.transport.optical.kernels.space import FLAT, Space
from pdcraft.transport.optical.kernels.surface import level_mm
from pdcraft.transport.rng import uniform

__all__ = ["BEAM", "DIFFUSE", "PIXELS", "SPOT", "SQUARE", "VOLUME", "Launch", "launch"]

Floats = NDArray[np.float64]

BEAM, SPOT, PIXELS, DIFFUSE, VOLUME, SQUARE = range(6)


class Launch(NamedTuple):
    """Start of walks.

    History h is copy ``h % copies`` of path ``h // copies``: copies draw the same random numbers
    and differ in their place only, so that noise common to all places cancels in ratios.
    """

    kind: int
    copies: int
    columns: int  # copies of a beam stand on a grid of so many columns
    inside: int  # 1: start in the tissue, without reflection (comparison with MCX)
    x: float  # center of a spot or of the field
    y: float
    radius: float  # of a spot
    u: float  # direction of the beam's axis
    w: float
    distance: float  # of a lamp or a pinhole from z = 0; infinite: parallel rays
    width: float  # field of the pixels
    height: float
    pixel_columns: int
    pixel_rows: int
    chance: Floats  # cumulated weights of pixels or of voxels; empty: one pixel after another
    each: int  # histories of a pixel, where one pixel follows the other
    pixels: NDArray[np.int64]  # those pixels, over and over


@inlined
def _aim(src: Launch, x: float, y: float) -> tuple[float, float, float, float]:
    """Direction at a point of the plane z = 0 and weight, for rays from a point or parallel."""
    if src.distance > 1e29:
        return src.u, 0.0, src.w, 1.0
    dx = x - src.x + src.distance * src.u
    dy = y - src.y
    dz = src.distance * src.w
    r = math.sqrt(dx * dx + dy * dy + dz * dz)
    # irradiance of a horizontal plane over that of a plane perpendicular to the axis at its end
    weight = (src.distance / r) ** 2 * (dz / r)
    return dx / r, dy / r, dz / r, weight


@inlined
def _draw(chance: Floats, shift: float, rng: NDArray[np.uint64]) -> int:
    """Draw an index from cumulated weights; ``shift`` spreads copies evenly."""
    c = uniform(rng) + 2.0**-32 * (uniform(rng) - 0.5) + shift
    c = (c - math.floor(c)) * chance[-1]
    low, high = 0, chance.size - 1
    while low < high:
        middle = (low + high) // 2
        if chance[middle] > c:
            high = middle
        else:
            low = middle + 1
    return low


@inlined
def _isotropic(rng: NDArray[np.uint64]) -> tuple[float, float, float]:
    """Draw a direction from the whole sphere."""
    w = 2.0 * uniform(rng) - 1.0
    turn = 2.0 * math.pi * uniform(rng)
    sine = math.sqrt(1.0 - w * w)
    return sine * math.cos(turn), sine * math.sin(turn), w


@inlined
def launch(
    o: Space, src: Launch, history: int, copy: int, rng: NDArray[np.uint64], out: Floats
) -> None:
    """Set ``out`` to x, y, z, u, v, w and the weight; z = 0 but for sources in the volume."""
    x = y = z = 0.0
    a, b = uniform(rng), uniform(rng)
    if src.kind == BEAM or src.kind == DIFFUSE:
        rows = src.copies // src.columns
        x = a + (copy % src.columns) / src.columns
        y = b + (copy // src.columns) / rows
        x = (x - math.floor(x) - 0.5) * o.lx
        y = (y - math.floor(y) - 0.5) * o.ly
        if src.kind == DIFFUSE:
            u, v, w = _isotropic(rng)
            w = math.sqrt(abs(w))  # the cosine of Lambert's law
            k = math.sqrt((1.0 - w * w) / max(u * u + v * v, 1e-300))
            u, v, weight = u * k, v * k, 1.0
        else:
            u, v, w, weight = _aim(src, x, y)
            if src.distance > 1e29:
                weight = w
    elif src.kind == SPOT or src.kind == SQUARE:
        if src.kind == SPOT:
            r, turn = src.radius * math.sqrt(a), 2.0 * math.pi * b
            x, y = r * math.cos(turn), r * math.sin(turn)
        else:
            x, y = src.radius * (2.0 * a - 1.0), src.radius * (2.0 * b - 1.0)
        x, y = src.x + x / src.w, src.y + y
        u, v, w, weight = _aim(src, x, y)
        if src.distance > 1e29:
            weight = w
    elif src.kind == PIXELS:
        if src.chance.size:
            pixel = _draw(src.chance, copy / src.copies, rng)
        else:
            pixel = src.pixels[history // src.each % src.pixels.size]
        x = src.x + ((pixel % src.pixel_columns + a) / src.pixel_columns - 0.5) * src.width
        y = src.y + ((pixel // src.pixel_columns + b) / src.pixel_rows - 0.5) * src.height
        u, v, w, weight = _aim(src, x, y)
        weight = 1.0
    else:
        i = _draw(src.chance, copy / src.copies, rng)
        ix, iy = i // o.nz // o.ny, i // o.nz % o.ny
        for _ in range(1000):  # in voxels that the surface crosses only its own side is a source
            x = (ix + a) * o.hx - 0.5 * o.lx
            y = (iy + b) * o.hy - 0.5 * o.ly
            z = (i % o.nz + uniform(rng)) * o.hz
            if o.surface == FLAT or level_mm(o, x, y, z) > 0.0:
                break
            a, b = uniform(rng), uniform(rng)
        u, v, w = _isotropic(rng)
        weight = 1.0
    out[0], out[1], out[2], out[3], out[4], out[5], out[6] = x, y, z, u, v, w, weight
