"""Organs of the abdomen and pelvis of the stylised family, but the intestines."""

from __future__ import annotations

import numpy as np

from pdcraft.anatomy.shapes import Shape, above, below, cylinder, ellipsoid, plane, squares
from pdcraft.core.arrays import Floats
from pdcraft.data.stylised import Column

__all__ = [
    "adrenals",
    "gallbladder",
    "kidneys",
    "liver",
    "ovaries",
    "pancreas",
    "spleen",
    "stomach",
    "testes",
    "urinary_bladder",
    "uterus",
]

GALLBLADDER_AXES = np.array(
    [[0.9615, 0.0, -0.2748], [-0.0574, 0.9779, -0.2008], [0.2687, 0.2090, 0.9403]]
)
SIDES = (1, -1)


def _semi(c: Column, region: str, less: float = 0.0) -> tuple[float, float, float]:
    a, b, h = (c.value(region, p) - less for p in ("a", "b", "c"))
    return a, b, h


def liver(c: Column) -> list[Shape]:
    """Elliptical cylinder cut by a slanting plane."""
    a, b, xm, ym, zm, low, high = (
        c.value("liver", p) for p in ("a", "b", "xm", "ym", "zm", "z1", "z2")
    )
    cut = plane((1 / xm, 1 / ym, -1 / zm), -1.0)
    return [Shape("liver", (cylinder((0, 0), (a, b)), cut, above(2, low), below(2, high)))]


def gallbladder(c: Column) -> list[Shape]:
    """Half ball and cone about a slanting axis; sizes of the young from their mass."""
    scale = c.value("gallbladder", "scale")
    adult = {p: c.adult["gallbladder", p] for p in ("r1", "r2", "s", "h")}
    origin = np.array([c.value("gallbladder", p, axis=i) for i, p in enumerate(("x0", "y0", "z0"))])
    x1, y1, z1 = (np.append(row, -row @ origin) for row in GALLBLADDER_AXES)
    height = adult["h"] * scale
    shapes: list[Shape] = []
    for name, r in (("contents", adult["r1"] * scale), ("wall", adult["r2"] * scale)):
        box = _cone_box(origin, r, height)
        ball = squares([(1.0, x1), (1.0, y1), (1.0, z1)], -(r**2), box)
        radius = np.array([0.0, 0, 0, r]) - adult["s"] * z1
        cone = squares([(1.0, x1), (1.0, y1), (-1.0, radius)], box_cm=box)
        under, over = plane(tuple(z1[:3]), -z1[3]), plane(tuple(-z1[:3]), z1[3])
        end = plane(tuple(z1[:3]), height - z1[3])
        shapes.append(Shape(f"gallbladder_{name}", (ball, under)))
        shapes.append(Shape(f"gallbladder_{name}", (cone, over, end)))
    return shapes


def _cone_box(origin: Floats, radius: float, height: float) -> Floats:
    end = origin + height * GALLBLADDER_AXES[2]
    reach = 1.01 * radius  # printed axes are unit vectors to four digits
    return np.array([np.minimum(origin, end) - reach, np.maximum(origin, end) + reach])


def pancreas(c: Column) -> list[Shape]:
    """Half ellipsoid, of which the tail keeps only the upper half."""
    a, b, h = _semi(c, "pancreas")
    x0, z0 = c.value("pancreas", "x0", axis=0), c.value("pancreas", "z0", axis=2)
    x1 = c.value("pancreas", "x1") if c.has("pancreas", "x1") else x0 + 0.25 * a
    oval = ellipsoid((x0, 0, z0), (a, b, h))
    head = Shape("pancreas", (oval, above(0, x0), below(0, x1)))
    return [head, Shape("pancreas", (oval, above(0, x1), above(2, z0)))]


def spleen(c: Column) -> list[Shape]:
    """Ellipsoid on the left."""
    x0, y0, z0 = (c.value("spleen", p) for p in ("x0", "y0", "z0"))
    return [Shape("spleen", (ellipsoid((x0, y0, z0), _semi(c, "spleen")),))]


def kidneys(c: Column) -> list[Shape]:
    """Ellipsoids less their inner part."""
    x0, y0, z0, x1 = (c.value("kidneys", p) for p in ("x0", "y0", "z0", "x1"))
    return [
        Shape(
            "kidneys",
            (
                ellipsoid((side * x0, y0, z0), _semi(c, "kidneys")),
                above(0, x1) if side > 0 else below(0, -x1),
            ),
        )
        for side in SIDES
    ]


def adrenals(c: Column) -> list[Shape]:
    """Half ellipsoids turned about the vertical; the sense of the turn is assumed."""
    x0, y0, z0 = (c.value("adrenals", p) for p in ("x0", "y0", "z0"))
    angle = np.radians(c.value("adrenals", "theta_deg"))
    shapes: list[Shape] = []
    for side in SIDES:
        cos, sin = np.cos(angle), side * np.sin(angle)
        rows = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
        oval = ellipsoid((side * x0, y0, z0), _semi(c, "adrenals"), rows)
        shapes.append(Shape("adrenals", (oval, above(2, z0))))
    return shapes


def stomach(c: Column) -> list[Shape]:
    """Contents and wall, ellipsoids of one center."""
    x0, y0, z0, d = (c.value("stomach", p) for p in ("x0", "y0", "z0", "d"))
    return _walled(c, "stomach", (x0, y0, z0), d)


def urinary_bladder(c: Column) -> list[Shape]:
    """Contents and wall, ellipsoids of one center."""
    y0, z0, d = (c.value("urinary_bladder", p) for p in ("y0", "z0", "d"))
    return _walled(c, "urinary_bladder", (0.0, y0, z0), d)


def _walled(c: Column, name: str, center: tuple[float, float, float], wall: float) -> list[Shape]:
    return [
        Shape(f"{name}_contents", (ellipsoid(center, _semi(c, name, wall)),)),
        Shape(f"{name}_wall", (ellipsoid(center, _semi(c, name)),)),
    ]


def ovaries(c: Column) -> list[Shape]:
    """Two ellipsoids."""
    x0, z0 = c.value("ovaries", "x0"), c.value("ovaries", "z0")
    return [
        Shape("ovaries", (ellipsoid((side * x0, 0, z0), _semi(c, "ovaries")),)) for side in SIDES
    ]


def uterus(c: Column) -> list[Shape]:
    """Ellipsoid cut at its front."""
    y0, z0, y1 = (c.value("uterus", p) for p in ("y0", "z0", "y1"))
    return [Shape("uterus", (ellipsoid((0, y0, z0), _semi(c, "uterus")), above(1, y1)))]


def testes(c: Column) -> list[Shape]:
    """Two ellipsoids that touch in the middle."""
    a, b, h = _semi(c, "testes")
    y0 = c.value("testes", "y0")
    return [Shape("testes", (ellipsoid((side * a, y0, -h), (a, b, h)),)) for side in SIDES]
