"""Skeleton of the stylised family, by parts.

Trunk bones of all bodies are the adult's, stretched as the trunk is; skull, spine's top and leg
bones have lengths of their own.
"""

from __future__ import annotations

from dataclasses import replace

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
    slabs,
    squares,
    torus,
)
from pdcraft.core.arrays import Floats
from pdcraft.data.stylised import Column

__all__ = ["BONES", "PELVIS", "skeleton"]

PELVIS = "pelvis"
BONES = (
    "cranium",
    "facial_skeleton",
    "spine_upper",
    "spine_middle",
    "spine_lower",
    PELVIS,
    "ribs",
    "clavicles",
    "scapulae",
    "leg_bones_upper",
    "leg_bones_lower",
    "arm_bones_upper",
    "arm_bones_lower",
)
UPPER = 0.25  # of the leg and arm bones: upper half of femur and humerus (assumed)


def skeleton(c: Column) -> list[Shape]:
    """All bones, the pelvis first."""
    return [
        *(s.stretched(c.stretch) for s in _pelvis()),
        *_skull(c),
        *_spine(c),
        *(s.stretched(c.stretch) for s in (*_ribs(), *_clavicles(), *_scapulae())),
        *_leg_bones(c),
        *_arm_bones(c),
    ]


def _pelvis() -> list[Shape]:
    ring = (
        cylinder((0, -3), (12, 12)),
        not_in(cylinder((0, -3.8), (11.3, 11.3))),
        above(1, -3),
    )
    low = Shape(PELVIS, (*ring, above(2, 0), below(2, 14), below(1, 5)))
    return [low, Shape(PELVIS, (*ring, above(2, 14), below(2, 22)))]


def _skull(c: Column) -> list[Shape]:
    crown = sum(c.value("exterior", p) for p in ("C_T", "C_H0", "C_H1"))
    thick = c.value("cranium", "d")
    a, b, h = (c.value("brain", p) + thick for p in ("a", "b", "c"))
    cranium = ellipsoid((0, 0, crown), (a, b, h))
    # the adult's face, scaled with the head's semi-axes and its cylinder's height
    wide = c.value("exterior", "A_H") / c.adult["exterior", "A_H"]
    deep = c.value("exterior", "B_H") / c.adult["exterior", "B_H"]
    tall = c.value("exterior", "C_H1") / c.adult["exterior", "C_H1"]
    base, adult_base = (sum(t["exterior", p] for p in ("C_T", "C_H0")) for t in (c.own, c.adult))
    low, high = (base + (c.adult["facial_skeleton", p] - adult_base) * tall for p in ("z1", "z5"))
    face = Shape(
        "facial_skeleton",
        (
            cylinder((0, 0), (7.0 * wide, 9.0 * deep)),
            not_in(cylinder((0, 0), (5.6 * wide, 7.6 * deep))),
            below(1, 0),
            above(2, low),
            below(2, high),
        ),
    )
    return [Shape("cranium", (cranium,)), face]


def _spine(c: Column) -> list[Shape]:
    x, y, z = c.stretch
    column = cylinder((0, 5.5 * y), (2.0 * x, 2.5 * y))
    top = c.value("exterior", "C_T")
    if c.has("spine", "top"):
        highest = c.value("spine", "top")
    else:  # the same share of the head's height as in the adult
        head, adult = (t["exterior", "C_H0"] + t["exterior", "C_H1"] for t in (c.own, c.adult))
        highest = top + (c.adult["spine", "top"] - c.adult["exterior", "C_T"]) * head / adult
    levels = (22.0 * z, 35.1 * z, top, highest)
    names = ("spine_lower", "spine_middle", "spine_upper")
    return [
        Shape(name, (column, above(2, low), below(2, high)))
        for name, low, high in zip(names, levels[:-1], levels[1:], strict=True)
    ]


def _ribs() -> list[Shape]:
    return [
        Shape(
            "ribs",
            (
                cylinder((0, 0), (17, 9.8)),
                not_in(cylinder((0, 0), (16.5, 9.3))),
                above(2, 35.1),
                below(2, 67.3),
                slabs(35.1, 1.4),
            ),
        )
    ]


def _clavicles() -> list[Shape]:
    ring = torus((0, 11.1, 68.25), 20, 0.7883, 2)
    # 0.89415 |x| <= 11.1 - y <= 7.0342 |x| leaves this part of the ring
    tube = replace(ring, box_cm=np.array([[-16.0, -9.8, 67.4], [16.0, -1.0, 69.1]]))
    return [
        Shape(
            "clavicles",
            (
                tube,
                plane((side * 0.89415, 1.0, 0.0), 11.1),
                plane((-side * 7.0342, -1.0, 0.0), -11.1),
                above(0, 0) if side > 0 else below(0, 0),
            ),
        )
        for side in (1, -1)
    ]


def _scapulae() -> list[Shape]:
    shell = (not_in(cylinder((0, 0), (17, 9.8))), cylinder((0, 0), (19, 9.8)))
    return [
        Shape(
            "scapulae",
            (
                *shell,
                above(1, 0),
                plane((side * 0.25, -1.0, 0.0), 0.0),
                plane((-side * 0.80, 1.0, 0.0), 0.0),
                above(2, 50.9),
                below(2, 67.3),
            ),
        )
        for side in (1, -1)
    ]


def _upper_and_lower(name: str, body: tuple[Surface, ...], low: float, high: float) -> list[Shape]:
    cut = high - UPPER * (high - low)
    return [
        Shape(f"{name}_upper", (*body, above(2, cut), below(2, high))),
        Shape(f"{name}_lower", (*body, above(2, low), below(2, cut))),
    ]


def _box(side: int, x_cm: tuple[float, float], y_cm: float, z_cm: tuple[float, float]) -> Floats:
    near, far = sorted((side * x_cm[0], side * x_cm[1]))
    return np.array([[near, -y_cm, z_cm[0]], [far, y_cm, z_cm[1]]])


def _leg_bones(c: Column) -> list[Shape]:
    wide, taper = c.value("exterior", "A_T"), c.value("exterior", "C_L_prime")
    length = c.value("exterior", "C_L") - c.value("skin", "S")
    top, end = 0.175 * wide, 0.05 * wide
    out: list[Shape] = []
    for side in (1, -1):
        cone = squares(
            [
                (1.0, [1.0, 0, -side * wide / 2 / taper, -side * wide / 2]),
                (1.0, [0.0, 1, 0, 0]),
                (-1.0, [0.0, 0, (top - end) / length, top]),
            ],
            box_cm=_box(side, (0.0, wide), top, (-length, 0.0)),
        )
        out += _upper_and_lower("leg_bones", (cone,), -length, 0.0)
    return out


def _arm_bones(c: Column) -> list[Shape]:
    wide, deep = c.value("exterior", "A_T"), c.value("exterior", "B_T")
    high = 69.0 / 70.0 * c.value("exterior", "C_T")
    a, b, x0 = 0.07 * wide, 0.27 * deep, 0.92 * wide
    out: list[Shape] = []
    for side in (1, -1):
        cone = squares(
            [
                (1.0 / a**2, [side, 0.0, a / (2 * high), -a / 2 - x0]),
                (1.0 / b**2, [0.0, 1, 0, 0]),
                (-1.0, [0.0, 0, 1 / (2 * high), 0.5]),
            ],
            box_cm=_box(side, (x0 - a, x0 + a), b, (0.0, high)),
        )
        out += _upper_and_lower("arm_bones", (cone,), 0.0, high)
    return out
