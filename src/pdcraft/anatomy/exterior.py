"""Outside of the stylised family: trunk, head, legs, male genitalia, breasts; and their skin.

The head is the form of 1987, an elliptical cylinder that stands on the trunk: the later one with a
round neck would leave the upper spine and the thyroid of 1987 outside the body. Skin is what lies
in a section but not in that section shrunk by the thickness of the skin; where sections meet there
is none.
"""

from __future__ import annotations

import numpy as np

from pdcraft.anatomy.shapes import (
    Shape,
    Surface,
    above,
    below,
    cylinder,
    ellipsoid,
    not_in,
    plane,
    squares,
)
from pdcraft.core.arrays import Floats
from pdcraft.data.stylised import Column

__all__ = ["SKIN", "SOFT", "breasts", "sections"]

SKIN, SOFT = "skin", "remainder"


def sections(c: Column, *, male: bool) -> list[Shape]:
    """Shrunk sections (soft tissue of no organ), then the whole ones (skin)."""
    thickness = c.value("skin", "S")
    shapes: list[Shape] = []
    for region, shrunk in ((SOFT, thickness), (SKIN, 0.0)):
        shapes += _trunk_and_head(c, region, shrunk)
        shapes += [_leg(c, region, side, shrunk) for side in (1, -1)]
        if male:
            shapes.append(_genitalia(c, region, thickness, shrunk))
    return shapes


def _trunk_and_head(c: Column, region: str, s: float) -> list[Shape]:
    wide, deep, top = (c.value("exterior", p) for p in ("A_T", "B_T", "C_T"))
    head = (c.value("exterior", "A_H") - s, c.value("exterior", "B_H") - s)
    crown = top + c.value("exterior", "C_H0") + c.value("exterior", "C_H1")
    height = c.value("exterior", "C_H2") - s
    section, tube = cylinder((0, 0), (wide - s, deep - s)), cylinder((0, 0), head)
    shapes = [
        Shape(region, (section, above(2, 0), below(2, top - s))),
        Shape(region, (tube, above(2, top), below(2, crown))),
        Shape(region, (ellipsoid((0, 0, crown), (*head, height)), above(2, crown))),
    ]
    if s > 0:  # no skin where trunk and head meet
        shapes.append(Shape(region, (section, tube, above(2, top - s), below(2, top))))
    return shapes


def _radius_form(c: Column, side: int = 1, less: float = 0.0) -> Floats:
    """Linear form of the legs' radius r(z) = (A_T/2)(1 + z/C'_L), times a side, less a length."""
    half = c.value("exterior", "A_T") / 2
    return np.array([0.0, 0.0, side * half / c.value("exterior", "C_L_prime"), side * half - less])


def _leg(c: Column, region: str, side: int, s: float) -> Shape:
    length = c.value("exterior", "C_L")
    half = c.value("exterior", "A_T") / 2
    low = [0.0 if side > 0 else -2 * half, -half, -length]
    high = [2 * half if side > 0 else 0.0, half, 0.0]
    cone = squares(
        [
            (1.0, np.array([1.0, 0, 0, 0]) - _radius_form(c, side)),
            (1.0, [0.0, 1, 0, 0]),
            (-1.0, _radius_form(c, 1, s)),
        ],
        box_cm=np.array([low, high]),
    )
    return Shape(region, (cone, above(2, s - length), below(2, 0)))


def _half_space(form: Floats) -> Surface:
    """Half-space where a linear form is at most 0."""
    return plane((form[0], form[1], form[2]), -form[3])


def _genitalia(c: Column, region: str, skin: float, s: float) -> Shape:
    depth = 2 * c.value("testes", "c") + skin
    half = c.value("exterior", "A_T") / 2
    box = np.array([[-half, -half, -depth], [half, 0.0, 0.0]])
    radius = _radius_form(c, 1, s)
    x, y = np.array([1.0, 0, 0, 0]), np.array([0.0, 1, 0, 0])
    beside_legs = tuple(
        not_in(squares([(1.0, x - _radius_form(c, side)), (1.0, y), (-1.0, _radius_form(c))]))
        for side in (1, -1)
    )
    return Shape(
        region,
        (
            squares([], -1.0, box),
            *(_half_space(form) for form in (x - radius, -x - radius, -y - radius)),
            below(1, 0),
            above(2, s - depth),
            below(2, 0),
            *beside_legs,
        ),
    )


def breasts(c: Column) -> tuple[list[Shape], list[Shape]]:
    """Both breasts: glands, and the ellipsoids with skin, in front of the trunk."""
    a, b, h, x0, y0, z0 = (c.value("breasts", p) for p in ("a", "b", "c", "x0", "y0", "z0"))
    s = c.value("skin", "S")
    trunk = not_in(cylinder((0, 0), (c.value("exterior", "A_T"), c.value("exterior", "B_T"))))

    def pair(region: str, less: float) -> list[Shape]:
        semi = (a - less, b - less, h - less)
        return [Shape(region, (ellipsoid((side * x0, y0, z0), semi), trunk)) for side in (1, -1)]

    return pair("breast", s), pair(SKIN, 0.0)
