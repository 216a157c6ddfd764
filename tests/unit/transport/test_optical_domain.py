"""Domains: labels at points, volumes, refusals."""

import math

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.transport.optical.domain import OpticalDomain, slab
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.kernels.space import (
    flat_index,
    inside_shape,
    label_at,
    shape_hit_mm,
)
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import prepare_space
from pdcraft.transport.optical.region_volume import region_volumes_mm3
from pdcraft.transport.optical.shapes import Shape

SHAPES = (
    Shape.sphere(2, (0.3, -0.2, 2.1), 1.1, 1),
    Shape.ellipsoid(3, (-1.0, 1.0, 1.5), (0.4, 0.9, 0.6), 3),
    Shape.cylinder(4, (0.5, 0.5, 2.0), 0.35, 3.0, (1.0, 2.0, 0.5), 2),
    Shape.box(5, (1.4, -1.3, 3.1), (0.7, 0.9, 1.1), 4),
)
MEDIUM = OpticalMedium(np.full(6, 0.02), np.full(6, 5.0), np.full(6, 0.8), np.full(6, 1.4))


def plain(domain):
    return prepare_space(domain, MEDIUM)


def test_labels_at_points_follow_priority_whatever_the_voxels():
    """Coarse and fine voxels give the same label at 4000 points, and it is the formula's."""
    rng = np.random.default_rng(1)
    points = rng.uniform((-2, -2, 0), (2, 2, 4), (4000, 3))
    spaces = [plain(slab((4, 4, 4), h, (1.23,), SHAPES)) for h in (1.0, 0.25)]
    found = [[label_at(o, flat_index(o, *p), *p) for p in points] for o in spaces]
    assert found[0] == found[1]
    s = {shape.label: shape for shape in SHAPES}
    for (x, y, z), label in zip(points, found[0], strict=True):
        if all(
            abs(v - c) < e for v, c, e in zip((x, y, z), s[5].center_mm, s[5].half_mm, strict=True)
        ):
            want = 5
        elif (
            sum(
                ((v - c) / e) ** 2
                for v, c, e in zip((x, y, z), s[3].center_mm, s[3].half_mm, strict=True)
            )
            < 1
        ):
            want = 3
        elif _in_cylinder(s[4], x, y, z):
            want = 4
        elif math.dist((x, y, z), s[2].center_mm) < 1.1:
            want = 2
        else:
            want = 1 if z < 1.23 else 2
        assert label == want


def _in_cylinder(shape, x, y, z):
    d = np.array([x, y, z]) - shape.center_mm
    along = d @ np.array(shape.axis)
    return abs(along) < 1.5 and np.linalg.norm(d - along * np.array(shape.axis)) < 0.35


def test_surfaces_are_hit_where_membership_changes():
    o = plain(slab((4, 4, 4), 1.0, shapes=SHAPES))
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(800):
        x, y, z = rng.uniform((-2, -2, 0), (2, 2, 4))
        d = rng.normal(size=3)
        u, v, w = d / np.linalg.norm(d)
        for i in range(4):
            t, nx, ny, nz = shape_hit_mm(o, i, x, y, z, u, v, w)
            inside = inside_shape(o, i, x, y, z)
            if t > 1e20:
                assert not inside
                continue
            hits += 1
            e = 1e-6
            before = inside_shape(o, i, x + (t - e) * u, y + (t - e) * v, z + (t - e) * w)
            after = inside_shape(o, i, x + (t + e) * u, y + (t + e) * v, z + (t + e) * w)
            assert before == inside
            assert after != inside
            assert nx * nx + ny * ny + nz * nz == pytest.approx(1.0, rel=1e-9, abs=0)
            assert (nx * u + ny * v + nz * w > 0.0) == inside  # outward
    assert hits > 200


def test_volumes_of_regions():
    parts = region_volumes_mm3(slab((4, 4, 4), 0.2, (1.23,), (SHAPES[0], SHAPES[3])))
    volume = np.bincount(parts.label, parts.volume)
    assert volume.sum() == pytest.approx(64.0, rel=1e-12, abs=0)
    # points in crossed voxels: 216 each, errors average over hundreds of voxels
    assert volume[5] == pytest.approx(0.7 * 0.9 * 1.1, rel=0.02, abs=0)
    overlap_free = slab((4, 4, 4), 0.2, shapes=(SHAPES[0],))
    ball = region_volumes_mm3(overlap_free)
    want = 4 / 3 * math.pi * 1.1**3
    assert ball.volume[ball.label == 2].sum() == pytest.approx(want, rel=0.003, abs=0)


def test_refusals():
    labels = np.ones((4, 4, 4), np.uint16)
    with pytest.raises(DataError, match=r"label 0 is the outside"):
        OpticalDomain(np.zeros((2, 2, 2), np.uint16), 1.0)
    with pytest.raises(DataError, match="whole numbers on a grid"):
        OpticalDomain(np.ones((2, 2)), 1.0)
    with pytest.raises(DataError, match="lateral 'closed' is none of"):
        OpticalDomain(labels, 1.0, lateral="closed")
    with pytest.raises(PhysicsRangeError, match=r"n_outside is 0\.9"):
        OpticalDomain(labels, 1.0, n_outside=0.9)
    with pytest.raises(DataError, match="height_mm has shape"):
        OpticalDomain(labels, 1.0, height_mm=np.zeros((3, 4)))
    with pytest.raises(DataError, match="no whole number of voxels"):
        slab((1.0, 1.0, 1.1), 0.25)
    with pytest.raises(DataError, match="leave nothing"):
        slab((1.0, 1.0, 1.0), 0.25, (0.5, 0.6))
    with pytest.raises(DataError, match="axis has no direction"):
        Shape.cylinder(1, (0, 0, 0), 1.0, 1.0, (0.0, 0.0, 0.0))
    with pytest.raises(DataError, match="must be above zero"):
        Shape.sphere(1, (0, 0, 0), 0.0)
    for bad, message in (
        ({"g": [0, 1.0]}, "g of label 1 is 1; it must be above -1 and below 1"),
        ({"mua_per_mm": [0, -0.1]}, "mua_per_mm of label 1 is -0.1; it must be 0 or more"),
        ({"n": [1.0, 0.5]}, "n of label 1 is 0.5; it must be 1 or more"),
    ):
        values = {"mua_per_mm": [0, 0.1], "mus_per_mm": [0, 1], "g": [0, 0], "n": [1, 1]} | bad
        with pytest.raises(PhysicsRangeError, match=message):
            OpticalMedium(**values)
    few = OpticalMedium([0, 0.1], [0, 1], [0, 0], [1, 1])
    with pytest.raises(DataError, match="label 2 has no properties"):
        fluence(OpticalDomain(labels * 2, 1.0), few, Beam())
    with pytest.raises(DataError, match="too few"):
        fluence(OpticalDomain(labels, 1.0), few, Beam(), histories=5)
    steps = labels.copy()
    steps[2:] = 2
    glass = OpticalMedium(np.full(3, 0.1), np.ones(3), np.zeros(3), [1.0, 1.3, 1.4])
    with pytest.raises(DataError, match="between plain voxels the index must be one"):
        fluence(OpticalDomain(steps, 1.0), glass, Beam())
    with pytest.raises(PhysicsRangeError, match="incidence of 90"):
        Beam(incidence_deg=90.0)
    with pytest.raises(DataError, match="needs a diameter"):
        Beam("spot")
    with pytest.raises(DataError, match="needs a working distance"):
        View(4, 4, 1.0, 1.0, "perspective")
