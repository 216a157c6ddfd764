"""Solids from their equations: surfaces with the boxes around them, put together.

Lengths in cm. A `Surface` is one inequality; a `Shape` is the set of points that satisfy all of
its surfaces, with the region that it is part of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.body import COEFFICIENTS, LOBE, QUADRIC, SLABS, TORUS, Solids
from pdcraft.errors import DataError

__all__ = [
    "Shape",
    "Surface",
    "above",
    "below",
    "cylinder",
    "ellipsoid",
    "lobe",
    "not_in",
    "plane",
    "slabs",
    "solids_of",
    "squares",
    "torus",
]

FAR_cm = 1e6
Vector = tuple[float, float, float]


def _everywhere() -> Floats:
    return np.array([[-FAR_cm] * 3, [FAR_cm] * 3])


@dataclass(frozen=True, slots=True)
class Surface:
    """One inequality: kind, coefficients, side, and a box that holds its inner side."""

    kind: int
    coefficient: Floats
    box_cm: Floats
    sense: int = 1

    def stretched(self, by: Vector) -> Surface:
        """Return the surface with x, y, z multiplied by three positive factors."""
        s = np.array(by)
        c = self.coefficient.copy()
        if self.kind == QUADRIC:
            x, y, z = s
            c /= np.array([x * x, y * y, z * z, x * y, x * z, y * z, x, y, z, 1.0])
        elif self.kind == TORUS:
            c[6:9] *= s
        elif self.kind == SLABS:
            c[0:2] *= s[2]
        else:
            raise DataError("thyroid lobes have coefficients of their own at every age")
        return replace(self, coefficient=c, box_cm=self.box_cm * s)


@dataclass(frozen=True, slots=True)
class Shape:
    """Part of a region: all points on the stated side of all surfaces."""

    region: str
    surfaces: tuple[Surface, ...]

    def stretched(self, by: Vector) -> Shape:
        """Return the shape with x, y, z multiplied by three positive factors."""
        return replace(self, surfaces=tuple(s.stretched(by) for s in self.surfaces))

    @property
    def box_cm(self) -> Floats:
        """Box that holds the shape, shape (2, 3)."""
        boxes = [s.box_cm for s in self.surfaces if s.sense > 0]
        low = np.max([b[0] for b in boxes], axis=0)
        high = np.min([b[1] for b in boxes], axis=0)
        if np.any(np.abs([low, high]) >= FAR_cm / 2):
            raise DataError(f"a shape of {self.region} has no bound on some side")
        return np.array([low, high])


def squares(
    forms: Sequence[tuple[float, ArrayLike]],
    constant: float = 0.0,
    box_cm: Floats | None = None,
) -> Surface:
    """Sum of weight times (l·(x, y, z, 1))² over linear forms, plus a constant, at most 0."""
    c = np.zeros(COEFFICIENTS)
    for weight, form in forms:
        lx, ly, lz, k = np.asarray(form, dtype=float)
        c += weight * np.array(
            [
                *(lx * lx, ly * ly, lz * lz),
                *(2 * lx * ly, 2 * lx * lz, 2 * ly * lz),
                *(2 * lx * k, 2 * ly * k, 2 * lz * k, k * k),
            ]
        )
    c[9] += constant
    return Surface(QUADRIC, c, _everywhere() if box_cm is None else box_cm)


def ellipsoid(center: Vector, semi: Vector, rows: ArrayLike | None = None) -> Surface:
    """Ellipsoid; `rows` are the directions of its semi-axes (unit vectors), else x, y, z."""
    axes = np.eye(3) if rows is None else np.asarray(rows, dtype=float)
    middle = np.asarray(center, dtype=float)
    forms = [
        (1.0, np.append(axis, -axis @ middle) / half) for axis, half in zip(axes, semi, strict=True)
    ]
    # rows may be orthonormal to printed digits only: the box takes the true inverse
    metric = sum(w * np.outer(f[:3], f[:3]) for w, f in forms)
    reach = np.sqrt(np.diag(np.linalg.inv(metric)))
    return squares(forms, -1.0, np.array([middle - reach, middle + reach]))


def cylinder(center: tuple[float, float], semi: tuple[float, float], axis: int = 2) -> Surface:
    """Elliptical cylinder along an axis; center and semi-axes in the order of the other two."""
    box = _everywhere()
    forms: list[tuple[float, ArrayLike]] = []
    others = [i for i in range(3) if i != axis]
    for i, middle, half in zip(others, center, semi, strict=True):
        form = np.zeros(4)
        form[i], form[3] = 1.0 / half, -middle / half
        forms.append((1.0, form))
        box[:, i] = middle - half, middle + half
    return squares(forms, -1.0, box)


def plane(normal: Vector, offset: float) -> Surface:
    """Half-space ``normal·p <= offset``; bounded on a side if the normal is an axis."""
    c = np.zeros(COEFFICIENTS)
    c[6:9], c[9] = normal, -offset
    box = _everywhere()
    used = np.nonzero(np.array(normal))[0]
    if used.size == 1:
        i = int(used[0])
        box[1 if normal[i] > 0 else 0, i] = offset / normal[i]
    return Surface(QUADRIC, c, box)


def below(axis: int, limit: float) -> Surface:
    """Half-space of coordinates up to a limit along an axis (0, 1, 2)."""
    unit = [0.0, 0.0, 0.0]
    unit[axis] = 1.0
    return plane((unit[0], unit[1], unit[2]), limit)


def above(axis: int, limit: float) -> Surface:
    """Half-space of coordinates from a limit on along an axis (0, 1, 2)."""
    unit = [0.0, 0.0, 0.0]
    unit[axis] = -1.0
    return plane((unit[0], unit[1], unit[2]), -limit)


def torus(center: Vector, ring: float, tube: float, axis: int) -> Surface:
    """Torus about a line through its center along an axis (0, 1, 2)."""
    c = np.array([*center, ring, tube, float(axis), 1.0, 1.0, 1.0, 0.0])
    reach = np.full(3, ring + tube)
    reach[axis] = tube
    middle = np.asarray(center, dtype=float)
    return Surface(TORUS, c, np.array([middle - reach, middle + reach]))


def lobe(axis_y: float, lowest_z: float, height: float) -> Surface:
    """Both lobes of a thyroid about the vertical line x = 0, y = `axis_y`."""
    c = np.zeros(COEFFICIENTS)
    c[:3] = axis_y, lowest_z, height
    return Surface(LOBE, c, _everywhere())


def slabs(lowest_z: float, pitch: float) -> Surface:
    """Horizontal slabs of one pitch, and gaps of one pitch, by turns."""
    c = np.zeros(COEFFICIENTS)
    c[:2] = lowest_z, pitch
    return Surface(SLABS, c, _everywhere())


def not_in(surface: Surface) -> Surface:
    """Take the other side of a surface."""
    return replace(surface, sense=-surface.sense)


def solids_of(shapes: Sequence[Shape]) -> tuple[Solids, tuple[str, ...]]:
    """Arrays of shapes in their order, and the names of their regions in order of appearance."""
    names = tuple(dict.fromkeys(s.region for s in shapes))
    surfaces = [s for shape in shapes for s in shape.surfaces]
    solids = Solids(
        np.array([names.index(s.region) for s in shapes], dtype=np.int32),
        np.cumsum([0, *(len(s.surfaces) for s in shapes)], dtype=np.int32),
        np.array([s.kind for s in surfaces], dtype=np.int8),
        np.array([s.sense for s in surfaces], dtype=np.int8),
        np.array([s.coefficient for s in surfaces]),
        np.array([s.box_cm for s in shapes]),
    )
    return solids, names
