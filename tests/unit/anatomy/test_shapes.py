"""Solids against closed forms, and the boxes around them."""

import numpy as np
import pytest

from pdcraft.anatomy.membership import inside_solid, region_of
from pdcraft.anatomy.mouse import mouse_body
from pdcraft.anatomy.shapes import (
    Shape,
    above,
    below,
    cylinder,
    ellipsoid,
    not_in,
    plane,
    slabs,
    solids_of,
    squares,
    torus,
)
from pdcraft.anatomy.stylised import stylised_body
from pdcraft.errors import DataError

TURNED = np.array([[0.6, 0.8, 0.0], [-0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])


def share(shape, points):
    return inside_solid(solids_of([shape])[0], 0, points).mean()


def box_volume(shape):
    return float(np.prod(shape.box_cm[1] - shape.box_cm[0]))


def drawn(shape, n=200_000):
    low, high = shape.box_cm
    return np.random.default_rng(20261121).uniform(low, high, (n, 3))


CLOSED_FORMS = {
    "ellipsoid": (
        Shape("a", (ellipsoid((1, 2, 3), (2, 1, 0.5)),)),
        4 / 3 * np.pi * 2 * 1 * 0.5,
    ),
    "turned ellipsoid": (
        Shape("a", (ellipsoid((1, 2, 3), (2, 1, 0.5), TURNED),)),
        4 / 3 * np.pi * 2 * 1 * 0.5,
    ),
    "half cylinder": (
        Shape("a", (cylinder((1, -1), (2, 1), axis=0), above(0, -1), below(0, 4), above(2, -1))),
        np.pi * 2 * 1 * 5 / 2,
    ),
    "truncated cone": (
        Shape(
            "a",
            (
                squares(
                    [(1, [1, 0, 0, 0]), (1, [0, 1, 0, 0]), (-1, [0, 0, 0.5, 1])],
                    box_cm=np.array([[-2.0, -2, 0], [2, 2, 2]]),
                ),
                above(2, 0),
                below(2, 2),
            ),
        ),
        np.pi * 2 / 3 * (1 + 2 + 4),
    ),
    "torus": (Shape("a", (torus((1, 1, 1), 3, 1, 1),)), 2 * np.pi**2 * 3),
    "shell": (
        Shape("a", (ellipsoid((0, 0, 0), (2, 2, 2)), not_in(ellipsoid((0, 0, 0), (1, 1, 1))))),
        4 / 3 * np.pi * 7,
    ),
    "wedge of a ball": (
        Shape("a", (ellipsoid((0, 0, 0), (1, 1, 1)), plane((1.0, -1.0, 0.0), 0.0), above(0, 0))),
        4 / 3 * np.pi / 8,  # between y = x and the y axis: 45 of 360 degrees
    ),
    "slabs": (
        Shape("a", (cylinder((0, 0), (1, 1)), above(2, 0.5), below(2, 5.5), slabs(0.5, 1.0))),
        np.pi * 3,  # of five pitches the first, third and fifth
    ),
}


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_volumes_are_those_of_closed_forms(name):
    shape, volume = CLOSED_FORMS[name]
    got = share(shape, drawn(shape)) * box_volume(shape)
    # 2e5 points: the share has an error below 0.35 %; 4 of them
    assert got == pytest.approx(volume, rel=0.014, abs=0)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_stretching_moves_the_points_with_the_shape(name):
    shape, _ = CLOSED_FORMS[name]
    by = (0.5, 2.0, 1.5)
    points = drawn(shape, 5000) * 1.2
    before = inside_solid(solids_of([shape])[0], 0, points)
    after = inside_solid(solids_of([shape.stretched(by)])[0], 0, points * by)
    assert np.array_equal(before, after)


@pytest.mark.parametrize(
    "body",
    [stylised_body("adult-male", both_sexes=True), stylised_body("child-5y"), mouse_body()],
    ids=lambda b: b.name,
)
def test_no_point_of_a_solid_is_outside_its_box(body):
    rng = np.random.default_rng(5)
    for i, (low, high) in enumerate(body.solids.box_cm):
        points = rng.uniform(low, high, (400, 3))
        # push each point out through one face of the box, by up to its own width
        axis, side = rng.integers(0, 3, 400), rng.integers(0, 2, 400)
        edge = np.where(side, high[axis], low[axis])
        step = rng.uniform(1e-6, 1, 400) * (high - low)[axis] * np.where(side, 1, -1)
        points[np.arange(400), axis] = edge + step
        assert not inside_solid(body.solids, i, points).any(), body.regions[body.solids.region[i]]


def test_the_first_solid_that_contains_a_point_has_it():
    body = stylised_body("adult-male")
    center_of_stomach = [8.0, -4.0, 35.0]
    at = [center_of_stomach, [8.0, -4.0, 35.0 + 7.7], [0, 0, 500]]
    got = region_of(body, at)
    assert [body.regions[i] for i in got[:2]] == ["stomach_contents", "stomach_wall"]
    assert got[2] == -1


def test_region_of_keeps_the_shape_of_the_points():
    body = mouse_body()
    assert region_of(body, np.zeros((2, 3, 3))).shape == (2, 3)


def test_a_shape_without_bounds_is_refused():
    with pytest.raises(DataError, match="has no bound"):
        _ = Shape("a", (above(2, 0), below(2, 1))).box_cm
    with pytest.raises(DataError, match="is empty"):
        solids_of([Shape("a", (ellipsoid((0, 0, 0), (1, 1, 1)), above(2, 5)))])
