"""Intestines of the stylised family: the adult's, stretched as the trunk is."""

from __future__ import annotations

import numpy as np

from pdcraft.anatomy.shapes import Shape, Surface, above, below, cylinder, squares, torus
from pdcraft.data.stylised import Column

__all__ = ["large_intestine", "small_intestine"]

UPPER, LOWER = "upper_large_intestine", "lower_large_intestine"


def small_intestine(c: Column) -> list[Shape]:
    """Wall and contents in one, as in the source: what the colon leaves of a cylinder's segment."""
    radius, y0, y1, y2, z1, z2 = (
        c.adult["small_intestine", p] for p in ("R", "y0", "y1", "y2", "z1", "z2")
    )
    surfaces = (
        cylinder((0, y0), (radius, radius)),
        above(1, y1),
        below(1, y2),
        above(2, z1),
        below(2, z2),
    )
    return [Shape("small_intestine_contents", surfaces).stretched(c.stretch)]


def large_intestine(c: Column) -> list[Shape]:
    """Contents of all parts, then their walls: contents of one part are in no wall of another."""
    parts = [*_ascending(c), *_transverse(c), *_descending(c), *_sigmoid(c)]
    ordered = [p for p in parts if p.region.endswith("contents")]
    ordered += [p for p in parts if p.region.endswith("wall")]
    return [p.stretched(c.stretch) for p in ordered]


def _of(c: Column, region: str, *names: str) -> tuple[float, ...]:
    return tuple(c.adult[region, name] for name in names)


def _ascending(c: Column) -> list[Shape]:
    a, b, d, x0, y0, z1, z2 = _of(
        c,
        UPPER,
        *(f"ascending_{p}" for p in ("a", "b", "d", "x0", "y0", "z1", "z2")),
    )
    return [
        Shape(
            f"{UPPER}_{part}",
            (cylinder((x0, y0), (a - less, b - less)), above(2, z1), below(2, z2)),
        )
        for part, less in (("contents", d), ("wall", 0.0))
    ]


def _transverse(c: Column) -> list[Shape]:
    b, h, d, y0, z0, x1 = _of(
        c, UPPER, *(f"transverse_{p}" for p in ("b", "c", "d", "y0", "z0", "x1"))
    )
    return [
        Shape(
            f"{UPPER}_{part}",
            (cylinder((y0, z0), (b - less, h - less), axis=0), above(0, -x1), below(0, x1)),
        )
        for part, less in (("contents", d), ("wall", 0.0))
    ]


def _descending(c: Column) -> list[Shape]:
    """Elliptical cylinder whose axis leans: xc and yc are linear in z."""
    a, b, d, x1, mx, my, z1, z2 = _of(
        c,
        LOWER,
        *("descending_a", "descending_b", "descending_d", "x1", "mx", "my", "z1", "z2"),
    )
    run = z2 - z1
    across = np.array([1.0, 0.0, -mx / run, mx * z2 / run - x1])
    along = np.array([0.0, 1.0, my / run, -my * z1 / run])
    box = np.array([[x1 - mx - a, -my - b, z1], [x1 + a, b, z2]])

    def leaning(less: float) -> Surface:
        forms = [(1 / (a - less) ** 2, across), (1 / (b - less) ** 2, along)]
        return squares(forms, -1.0, box)

    return [
        Shape(f"{LOWER}_{part}", (leaning(less), above(2, z1), below(2, z2)))
        for part, less in (("contents", d), ("wall", 0.0))
    ]


def _sigmoid(c: Column) -> list[Shape]:
    x0, z0, a, d, first, second = _of(
        c, LOWER, "sigmoid_x0", "sigmoid_z0", "sigmoid_a", "sigmoid_d", "R1", "R2"
    )
    shapes: list[Shape] = []
    for part, less in (("contents", d), ("wall", 0.0)):
        upper = torus((x0, 0, z0), first, a - less, 1)
        lower = torus((x0, 0, 0), second, a - less, 1)
        shapes.append(Shape(f"{LOWER}_{part}", (upper, above(0, x0), below(2, z0))))
        shapes.append(Shape(f"{LOWER}_{part}", (lower, below(0, x0), above(2, 0))))
    return shapes
