"""Where walks begin: beams of light, or rays that pixels look along."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import inlined
from pdcraft.transport.optical.kernels.space import Space
from pdcraft.transport.rng import uniform

__all__ = ["BEAM", "PIXELS", "SPOT", "Launch", "launch"]

Floats = NDArray[np.float64]

BEAM, SPOT, PIXELS = 0, 1, 2


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
    chance: Floats  # (pixels,) cumulated weights of the pixels; empty: one pixel after another
    each: int  # histories of a pixel, where one follows the other
    below: float  # 1: nothing. z of the plane where rays start is -below


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
def launch(
    o: Space, src: Launch, history: int, copy: int, rng: NDArray[np.uint64], out: Floats
) -> None:
    """Set ``out`` to x, y, u, v, w at z = 0 and the weight."""
    a, b = uniform(rng), uniform(rng)
    if src.kind == BEAM:
        rows = src.copies // src.columns
        x = a + (copy % src.columns) / src.columns
        y = b + (copy // src.columns) / rows
        x = (x - math.floor(x) - 0.5) * o.lx
        y = (y - math.floor(y) - 0.5) * o.ly
        u, v, w, weight = _aim(src, x, y)
        if src.distance > 1e29:
            weight = w
    elif src.kind == SPOT:
        r, turn = src.radius * math.sqrt(a), 2.0 * math.pi * (b + copy / src.copies)
        x, y = src.x + r * math.cos(turn) / src.w, src.y + r * math.sin(turn)
        u, v, w, weight = _aim(src, x, y)
        if src.distance > 1e29:
            weight = w
    else:
        if src.chance.size:
            c = uniform(rng) + copy / src.copies
            c = (c - math.floor(c)) * src.chance[-1]
            low, high = 0, src.chance.size - 1
            while low < high:
                middle = (low + high) // 2
                if src.chance[middle] > c:
                    high = middle
                else:
                    low = middle + 1
            pixel = low
        else:
            pixel = history // src.each
        x = src.x + ((pixel % src.pixel_columns + a) / src.pixel_columns - 0.5) * src.width
        y = src.y + ((pixel // src.pixel_columns + b) / src.pixel_rows - 0.5) * src.height
        u, v, w, weight = _aim(src, x, y)
        weight = 1.0
    out[0], out[1], out[2], out[3], out[4], out[5] = x, y, u, v, w, weight
