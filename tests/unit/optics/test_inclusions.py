"""Bodies: whether two overlap, against closed forms and against points thrown into them."""

import math

import numpy as np
import pytest

from pdcraft.optics.inclusion import Inclusion, extent_mm, gauge, overlap


def body(shape, center, half, axis=(0.0, 0.0, 1.0)):
    return Inclusion("a", "m", shape, tuple(center), tuple(half), tuple(axis))


def ball(x, radius):
    return body("sphere", (x, 0.0, 0.0), (radius,) * 3)


@pytest.mark.parametrize(
    ("distance", "want"), [(1.99, True), (2.0, False), (2.01, False), (0.0, True)]
)
def test_spheres_overlap_when_nearer_than_their_radii(distance, want):
    assert overlap(ball(0.0, 1.0), ball(distance, 1.0)) is want


def test_boxes_whose_corners_alone_meet_do_not_overlap():
    one = body("box", (0, 0, 0), (1, 1, 1))
    assert not overlap(one, body("box", (2, 2, 2), (1, 1, 1)))
    assert overlap(one, body("box", (1.99, 1.99, 1.99), (1, 1, 1)))


def test_a_cylinder_beside_a_sphere():
    pipe = body("cylinder", (0, 0, 0), (0.5, 0.5, 10), (0, 1, 0))
    assert not overlap(pipe, body("sphere", (2.0, 5.0, 0.0), (1.5,) * 3))
    assert overlap(pipe, body("sphere", (1.99, 5.0, 0.0), (1.5,) * 3))
    assert not overlap(pipe, body("sphere", (0.0, 11.6, 0.0), (1.5,) * 3))


def test_overlap_agrees_with_points_thrown_at_random():
    rng = np.random.default_rng(5)
    found = 0
    for _ in range(150):
        pair = []
        for _ in range(2):
            shape = str(rng.choice(["sphere", "ellipsoid", "cylinder", "box"]))
            half = rng.uniform(0.3, 1.6, 3)
            if shape == "sphere":
                half[:] = half[0]
            if shape == "cylinder":
                half[1] = half[0]
            axis = rng.normal(size=3)
            pair.append(body(shape, rng.uniform(-2, 2, 3), half, axis / np.linalg.norm(axis)))
        one, other = pair
        low = np.maximum(extent_mm(one)[0], extent_mm(other)[0])
        high = np.minimum(extent_mm(one)[1], extent_mm(other)[1])
        hit = False
        if np.all(high > low):
            points = rng.uniform(low, high, (20_000, 3))
            hit = bool(np.any((gauge(one, points) < 1) & (gauge(other, points) < 1)))
        found += hit
        if hit:  # points can miss a sliver, so the other way is not sure
            assert overlap(one, other)
        elif overlap(one, other):
            shrunk = [
                Inclusion(
                    "a", "m", b.shape, b.center_mm, tuple(0.97 * h for h in b.half_mm), b.axis
                )
                for b in pair
            ]
            assert not overlap(*shrunk), "points must have hit an overlap as deep as this"
    assert 40 < found < 110  # both answers are tried


def test_extents_touch_the_body():
    rng = np.random.default_rng(6)
    for shape in ("sphere", "ellipsoid", "cylinder", "box"):
        axis = np.array([1.0, 2.0, 2.0]) / 3.0
        half = (1.0, 1.0, 1.0) if shape == "sphere" else (0.5, 0.5, 1.0)
        made = body(shape, (1, 2, 3), half, axis)
        low, high = extent_mm(made)
        points = rng.uniform(low - 0.5, high + 0.5, (200_000, 3))
        inside = points[gauge(made, points) < 1.0]
        assert np.all(inside >= low)
        assert np.all(inside <= high)
        # 2e5 points come within 0.1 of every face of the bounding box
        np.testing.assert_allclose(inside.min(axis=0), low, rtol=0, atol=0.1)
        np.testing.assert_allclose(inside.max(axis=0), high, rtol=0, atol=0.1)
        volume = len(inside) / len(points) * np.prod(high - low + 1.0)
        assert made.volume_mm3 == pytest.approx(volume, rel=0.03, abs=0)  # 3 errors of 2e5 points


def test_volumes():
    assert ball(0.0, 1.5).volume_mm3 == pytest.approx(4 / 3 * math.pi * 1.5**3, rel=1e-12, abs=0)
