"""Organs of chest, neck and head of the stylised family."""

from __future__ import annotations

import numpy as np

from pdcraft.anatomy.shapes import (
    Shape,
    Surface,
    above,
    below,
    cylinder,
    ellipsoid,
    lobe,
    not_in,
    plane,
)
from pdcraft.data.stylised import Column

__all__ = ["brain", "esophagus", "heart", "lungs", "thymus", "thyroid"]

#: Axes of the heart, rows: towards the apex, across, along the septum's normal.
HEART_AXES = np.array(
    [[0.6751, -0.4727, -0.5664], [-0.4640, 0.3249, -0.8241], [0.5736, 0.8191, 0.0]]
)


def brain(c: Column) -> list[Shape]:
    """Ellipsoid about the center of the skull."""
    crown = sum(c.value("exterior", p) for p in ("C_T", "C_H0", "C_H1"))
    semi = (c.value("brain", "a"), c.value("brain", "b"), c.value("brain", "c"))
    return [Shape("brain", (ellipsoid((0, 0, crown), semi),))]


def thyroid(c: Column) -> list[Shape]:
    """Two lobes between two concentric cylinders, open to the back."""
    outer, inner, height = (c.value("thyroid", p) for p in ("R", "r", "c"))
    y0 = c.value("thyroid", "y0", axis=1)
    base = c.value("exterior", "C_T")
    return [
        Shape(
            "thyroid",
            (
                cylinder((0, y0), (outer, outer)),
                not_in(cylinder((0, y0), (inner, inner))),
                below(1, y0),
                above(2, base),
                below(2, base + height),
                lobe(y0, base, height),
            ),
        )
    ]


def thymus(c: Column) -> list[Shape]:
    """Ellipsoid behind the breastbone."""
    semi = (c.value("thymus", "a"), c.value("thymus", "b"), c.value("thymus", "c"))
    center = (0.0, c.value("thymus", "y0"), c.value("thymus", "z0"))
    return [Shape("thymus", (ellipsoid(center, semi),))]


def lungs(c: Column) -> list[Shape]:
    """Half ellipsoids less a corner each; what remains is a union of convex parts."""
    a, b, h, x0, z0 = (c.value("lungs", p) for p in ("a", "b", "c", "x0", "z0"))
    right = (ellipsoid((-x0, 0, z0), (a, b, h)), above(2, z0))
    left = (ellipsoid((x0, 0, z0), (a, b, h)), above(2, z0))
    x1, y1 = c.value("lungs", "x1R", axis=0), c.value("lungs", "y1R", axis=1)
    low, high = c.value("lungs", "z1R", axis=2), c.value("lungs", "z2R", axis=2)
    x2, y2 = c.value("lungs", "x1L", axis=0), c.value("lungs", "y1L", axis=1)
    top = c.value("lungs", "z2L", axis=2)
    parts = [(*right, s) for s in (below(0, x1), above(1, y1), below(2, low), above(2, high))]
    parts += [(*left, s) for s in (above(0, x2), above(1, y2), above(2, top))]
    return [Shape("lungs", part) for part in parts]


def esophagus(c: Column) -> list[Shape]:
    """Wall of the thoracic part; what it surrounds is taken as soft tissue."""
    outer, inner = cylinder((0, 2.575), (1.17, 0.42)), cylinder((0, 2.575), (0.87, 0.12))
    wall = Shape("esophagus_wall", (outer, not_in(inner), above(2, 43), below(2, 70)))
    return [wall.stretched(c.stretch)]


def heart(c: Column) -> list[Shape]:
    """Four chambers: blood and wall of each, the left before the right."""
    x0, y0, z0 = (c.value("heart", p, axis=i) for i, p in enumerate(("x0", "y0", "z0")))
    origin = np.array([x0, y0, z0])
    vx, avy, lavz, ravz, ax = (c.value("heart", p) for p in ("VX", "AVY", "LAVZ", "RAVZ", "AX"))
    left, right, atria = (c.value("heart", p) for p in ("TLVW", "TRVW", "TAX"))

    def along(axis: int, sign: int) -> Surface:
        """Half-space of the heart's own coordinate: above (1) or below (-1) zero."""
        row = -sign * HEART_AXES[axis]
        return plane((float(row[0]), float(row[1]), float(row[2])), float(row @ origin))

    def oval(semi: tuple[float, float, float], less: float) -> Surface:
        a, b, h = (s - less for s in semi)
        return ellipsoid((x0, y0, z0), (a, b, h), HEART_AXES)

    toward_apex, away, front, back = along(0, 1), along(0, -1), along(2, 1), along(2, -1)
    chambers = [
        ((vx, avy, lavz), left, (toward_apex,)),
        ((vx, avy, ravz), right, (toward_apex, back)),
        ((ax, avy, lavz), atria, (away, front)),
        ((ax, avy, lavz - left + right), atria, (away, back)),
        ((ax, avy, ravz), atria, (away, back)),
    ]
    shapes: list[Shape] = []
    for semi, wall, sides in chambers:
        shapes.append(Shape("heart_contents", (oval(semi, wall), *sides)))
        shapes.append(Shape("heart_wall", (oval(semi, 0.0), *sides)))
    return shapes
