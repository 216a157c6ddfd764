"""Bodies in a scene: spheres, ellipsoids, cylinders and boxes, exact below any voxel.

All four are convex, so whether two overlap is a convex problem: the largest of their gauges (1 on
the surface, less inside) has one minimum, which the ellipsoid method closes in on.

References
----------
.. [Boyd11] S. Boyd, Ellipsoid method, notes for EE364b, Stanford University (2011)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats

__all__ = ["Form", "Inclusion", "extent_mm", "gauge", "overlap"]

Form = Literal["sphere", "ellipsoid", "cylinder", "box"]
Point = tuple[float, float, float]

STEPS = 600  # of the ellipsoid method: its length falls by e^-1/24 a step in three dimensions
TOUCHING = 1e-6  # gauges this close to 1 touch, they do not overlap


@dataclass(frozen=True, slots=True)
class Inclusion:
    """One body of one region.

    Parameters
    ----------
    name : str
        Its region.
    material : str
    shape : str
    center_mm : tuple of 3 floats
    half_mm : tuple of 3 floats
        Radius three times; semi-axes; radius, radius and half length; half edges.
    axis : tuple of 3 floats
        Unit vector along a cylinder.
    priority : int
        Higher wins where bodies overlap.
    """

    name: str
    material: str
    shape: Form
    center_mm: Point
    half_mm: Point
    axis: Point = (0.0, 0.0, 1.0)
    priority: int = 0

    @property
    def volume_mm3(self) -> float:
        """Volume of the whole body."""
        a, b, c = self.half_mm
        factor = {"box": 8.0, "cylinder": 2.0 * math.pi}.get(self.shape, 4.0 * math.pi / 3.0)
        return factor * a * b * c


def extent_mm(body: Inclusion) -> tuple[Floats, Floats]:
    """Lowest and highest x, y, z of a body."""
    half = np.array(body.half_mm)
    if body.shape == "cylinder":
        axis = np.array(body.axis)
        half = body.half_mm[0] * np.sqrt(np.maximum(1.0 - axis**2, 0.0)) + body.half_mm[2] * abs(
            axis
        )
    center = np.array(body.center_mm)
    return center - half, center + half


def gauge(body: Inclusion, points_mm: Floats) -> Floats:
    """Gauge of points, (..., 3) to (...): below 1 inside, 1 on the surface, above 1 outside."""
    offset = np.asarray(points_mm) - np.array(body.center_mm)
    if body.shape == "box":
        return np.max(np.abs(offset) / np.array(body.half_mm), axis=-1)
    if body.shape == "cylinder":
        along = offset @ np.array(body.axis)
        across = np.linalg.norm(offset - along[..., None] * np.array(body.axis), axis=-1)
        return np.maximum(across / body.half_mm[0], np.abs(along) / body.half_mm[2])
    return np.linalg.norm(offset / np.array(body.half_mm), axis=-1)


def _slope(body: Inclusion, point: Floats) -> Floats:
    """Subgradient of the gauge at one point."""
    offset = point - np.array(body.center_mm)
    half = np.array(body.half_mm)
    if body.shape == "box":
        worst = int(np.argmax(np.abs(offset) / half))
        out = np.zeros(3)
        out[worst] = math.copysign(1.0, offset[worst]) / half[worst]
        return out
    if body.shape == "cylinder":
        axis = np.array(body.axis)
        along = float(offset @ axis)
        side = offset - along * axis
        across = float(np.linalg.norm(side))
        if across / half[0] >= abs(along) / half[2]:
            return side / (max(across, 1e-300) * half[0])
        return math.copysign(1.0, along) * axis / half[2]
    scaled = offset / half
    return scaled / (half * max(float(np.linalg.norm(scaled)), 1e-300))


def overlap(one: Inclusion, other: Inclusion) -> bool:
    """Whether two bodies share volume; touching bodies do not."""
    low = np.maximum(extent_mm(one)[0], extent_mm(other)[0])
    high = np.minimum(extent_mm(one)[1], extent_mm(other)[1])
    if np.any(high - low <= TOUCHING * np.maximum(1.0, np.abs(high))):
        return False
    bodies: Sequence[Inclusion] = (one, other)
    point = 0.5 * (low + high)
    # an ellipsoid around the box that holds the intersection
    shape = np.diag(3.0 * (0.5 * (high - low)) ** 2)
    for _ in range(STEPS):
        gauges = [float(gauge(b, point)) for b in bodies]
        if max(gauges) < 1.0 - TOUCHING:
            return True
        slope = _slope(bodies[int(np.argmax(gauges))], point)
        size = float(slope @ shape @ slope)
        # convexity: nowhere in the ellipsoid does the larger gauge fall below this
        if size <= 0.0 or max(gauges) - math.sqrt(size) >= 1.0 - TOUCHING:
            return False
        step = shape @ slope / math.sqrt(size)
        point = point - step / 4.0
        shape = 9.0 / 8.0 * (shape - 0.5 * np.outer(step, step))
    return False
