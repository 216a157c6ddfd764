"""Outlines against areas known in closed form, and against the labels that they were drawn from."""

import numpy as np
import pytest

from pdcraft.anatomy import mouse_body, stylised_body, with_tumor
from pdcraft.anatomy.contours import outlines_of, section_outlines
from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.silhouettes import front_silhouettes
from pdcraft.anatomy.voxels import PLANES, section, to_body_cm
from pdcraft.errors import DataError


def area(ring):
    """Signed area of a closed line (shoelace formula)."""
    x, y = ring.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def inside(points, rings):
    """Even-odd rule, one ray to the right per point: written apart from the one of the report."""
    count = np.zeros(len(points), dtype=int)
    for ring in rings:
        for (xa, ya), (xb, yb) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            if ya == yb:
                continue
            hit = (points[:, 1] >= min(ya, yb)) & (points[:, 1] < max(ya, yb))
            cross = xa + (points[:, 1] - ya) / (yb - ya) * (xb - xa)
            count += hit & (cross > points[:, 0])
    return count % 2 == 1


def distance(points, rings):
    """Distance of points to the nearest of some lines, along each in steps of a twentieth."""
    best = np.full(len(points), np.inf)
    for ring in rings:
        for share in np.arange(0, 1.01, 0.05):
            line = ring + share * (np.roll(ring, -1, axis=0) - ring)
            gap = np.hypot(*(points[:, None] - line).transpose(2, 0, 1))
            best = np.minimum(best, gap.min(axis=1))
    return best


def centers(cut):
    return np.stack(np.meshgrid(cut.across_mm, cut.up_mm), axis=-1).reshape(-1, 2)


@pytest.fixture(scope="module")
def cut():
    body = stylised_body("adult-male")
    return body, section(body, "transverse", 370.0, 3.0)


def test_every_pixel_lies_in_the_outline_of_its_own_region_and_in_no_other(cut):
    body, picture = cut
    outlines = section_outlines(body, picture, 0.0)
    points, labels = centers(picture), picture.region.ravel()
    assert set(outlines) == set(np.unique(labels)) - {-1}
    for region, rings in outlines.items():
        assert np.array_equal(inside(points, rings), labels == region), body.regions[region]


def test_a_tolerance_moves_no_pixel_that_is_farther_than_it_from_a_line(cut):
    body, picture = cut
    exact = section_outlines(body, picture, 0.0)
    coarse = section_outlines(body, picture, 0.75)  # a quarter of a pixel
    count = [sum(len(r) for rings in o.values() for r in rings) for o in (exact, coarse)]
    assert count[1] < 0.5 * count[0]
    points, labels = centers(picture), picture.region.ravel()
    lines = [line for rings in exact.values() for line in rings]
    for region, rings in coarse.items():
        moved = points[inside(points, rings) != (labels == region)]
        assert np.all(distance(moved, lines) <= 0.75), body.regions[region]


def test_outlines_tell_the_regions_of_points_between_the_pixels(cut):
    body, picture = cut
    outlines = section_outlines(body, picture, 0.0)
    rng = np.random.default_rng(20261121)
    points = rng.uniform([-195, -95], [195, 95], (20_000, 2))
    full = np.column_stack([points, np.full(len(points), 370.0)])
    truth = region_of(body, to_body_cm(full))
    wrong = sum(
        np.count_nonzero(inside(points, rings) != (truth == region))
        for region, rings in outlines.items()
    )
    # chords of 3 mm leave up to 9 / (8 r) mm between line and surface, 0.1 mm at r = 10 mm, of
    # 5 m of lines in 63,000 mm2 of body: 0.8 %, both regions of a point counted
    assert wrong < 0.016 * len(points)


@pytest.mark.parametrize("plane", list(PLANES))
def test_a_sphere_is_cut_in_a_disk_and_seen_as_one(plane):
    body = with_tumor(stylised_body("adult-male"), (9.0, 2.0, 12.0), 300.0, "lesion:one")
    radius = 10 * (3 * 300.0 / 1.04 / (4 * np.pi)) ** (1 / 3)
    at = {"sagittal": -90.0, "coronal": -20.0, "transverse": 120.0}[plane]
    rings = section_outlines(body, section(body, plane, at, 2.0), 0.0)[0]
    assert len(rings) == 1
    # chords of 2 mm on a circle of 41 mm: area less by 1/6 (2/41)^2 = 0.04 %; bisection 2/256 mm
    assert abs(area(rings[0])) == pytest.approx(np.pi * radius**2, rel=1.5e-3, abs=0)
    center = [v for v, p in zip((-90.0, -20.0, 120.0), PLANES, strict=True) if p != plane]
    off = abs(np.hypot(*(rings[0] - center).T) - radius)
    # bisected to 2/256 mm along a row, but for the few points in which a third region ends
    assert np.mean(off < 0.01) > 0.9
    assert off.max() < 2.0  # a pixel


def test_areas_of_a_section_fill_it_without_gap_or_overlap(cut):
    body, picture = cut
    outlines = section_outlines(body, picture, 0.75)
    rng = np.random.default_rng(7)
    points = rng.uniform([-195, -95], [195, 95], (20_000, 2))
    times = sum(inside(points, rings).astype(int) for rings in outlines.values())
    assert times.max() == 1
    depth = np.hypot(points[:, 0] / 200, points[:, 1] / 100)  # the trunk: semi-axes 20 and 10 cm
    assert np.all(times[depth < 0.97] == 1)  # within 3 mm of its surface outlines may stray
    assert np.all(times[depth > 1.0] == 0)


def test_three_areas_meet_in_one_point():
    labels = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 2, 2], [1, 1, 2, 2]])
    axis = np.arange(4.0)

    def label_at(p):
        outside = np.any((p < -0.5) | (p > 3.5), axis=1)
        return np.where(outside, -1, np.where(p[:, 1] < 1.5, 0, np.where(p[:, 0] < 1.5, 1, 2)))

    outlines = outlines_of(axis, axis, labels, label_at, 0.0)
    shared = set.intersection(*({tuple(p) for r in o for p in r} for o in outlines.values()))
    assert len(shared) == 1
    assert next(iter(shared)) == pytest.approx((1.5, 1.5), abs=0.01)  # bisected to 1/256 pixel
    # corners of a square are cut by half a pixel each: 16 - 4/8
    total = sum(abs(area(r)) for o in outlines.values() for r in o)
    assert total == pytest.approx(16 - 0.5, rel=0.01, abs=0)


def test_touching_corners_are_one_line_or_two_but_right():
    labels = np.array([[0, -1], [-1, 0]])
    axis = np.arange(2.0)

    def label_at(p):
        k = np.clip(np.round(p), -1, 2).astype(int)
        out = np.full(len(p), -1)
        known = np.all((k >= 0) & (k <= 1), axis=1)
        out[known] = labels[k[known, 1], k[known, 0]]
        return out

    rings = outlines_of(axis, axis, labels, label_at, 0.0)[0]
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    assert inside(points, rings).tolist() == [True, False, False, True]


def test_a_picture_needs_pixels_of_its_coordinates():
    with pytest.raises(DataError, match=r"shape \(2, 3\) on 3 by 3"):
        outlines_of(np.arange(3.0), np.arange(3.0), np.zeros((2, 3), np.int64), len, 0.0)


def test_a_plane_must_be_one_of_three_and_cut_the_body():
    body = mouse_body()
    with pytest.raises(DataError, match="no plane 'axial'; there are sagittal, coronal"):
        section(body, "axial", 0.0, 1.0)
    with pytest.raises(DataError, match="coronal plane at 30 mm lies outside mouse"):
        section(body, "coronal", 30.0, 1.0)


def test_silhouettes_are_what_is_seen_from_the_front():
    body = with_tumor(mouse_body(25.0), (0.4, 0.1, -0.5), 0.2, "tumor")
    seen = front_silhouettes(body, 0.25, 0.0)
    assert set(seen) == set(range(len(body.regions)))
    radius = 10 * (3 * 0.2 / 1.04 / (4 * np.pi)) ** (1 / 3)
    (ring,) = seen[0]
    # pixels and depth of 0.25 mm: the rim is missed where the sphere is thinner than a step,
    # 1/2 (0.125)^2 / 3.6 mm of the radius; chords as above
    assert abs(area(ring)) == pytest.approx(np.pi * radius**2, rel=0.006, abs=0)
    assert ring.mean(axis=0) == pytest.approx([-4.0, -5.0], abs=0.1)
    everything = np.concatenate(seen[body.index("remainder")])
    box = body.solids.box_cm[-1] * 10
    # the ellipsoid's ends in x and z, to a pixel
    assert everything.max(axis=0) == pytest.approx(box[1, [0, 2]], abs=0.25)


def test_lungs_are_two_also_where_the_heart_stands_before_them():
    body = stylised_body("adult-male")
    lungs = front_silhouettes(body, 4.0, 0.0)[body.index("lungs")]
    sides = sorted(float(r[:, 0].mean()) for r in lungs if abs(area(r)) > 100)
    assert len(sides) == 2
    assert sides[0] < -40 < 40 < sides[1]
