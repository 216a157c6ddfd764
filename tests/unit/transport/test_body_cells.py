"""The compiled membership test against the one in numpy, and its bounds against points."""

from __future__ import annotations

import numpy as np
import pytest

from pdcraft.anatomy import (
    flank_center_cm,
    mouse_body,
    points_in,
    region_of,
    stylised_body,
    with_tumor,
)
from pdcraft.core.body import Body
from pdcraft.transport.body_cells import (
    OUTSIDE,
    BodyCells,
    FAR_mm,
    body_cells,
    nearest_change_mm,
    region_at,
    region_change_mm,
)


def _mouse_with_tumor() -> Body:
    mouse = mouse_body(25.0)
    return with_tumor(mouse, flank_center_cm(mouse, 0.3), 0.3, "tumor", may_protrude=True)


BODIES = {
    "adult-male": (lambda: stylised_body("adult-male", both_sexes=True), 12.0),
    "child-5y": (lambda: stylised_body("child-5y"), 8.0),
    "mouse": (_mouse_with_tumor, 0.8),
}


def _made(name: str) -> tuple[Body, BodyCells]:
    build, edge_mm = BODIES[name]
    body = build()
    return body, body_cells(body.solids, edge_mm)


def _points(body: Body, n: int, rng: np.random.Generator) -> np.ndarray:
    low, high = body.bounds_cm
    return low + rng.random((n, 3)) * (high - low)


@pytest.mark.parametrize("name", list(BODIES))
def test_regions_are_those_of_the_solids(name: str) -> None:
    body, cells = _made(name)
    points = _points(body, 40_000, np.random.default_rng(5))
    # as many again close to the small organs
    small = np.argsort(body.volume_cm3)[:8]
    boxes = body.solids.box_cm[np.isin(body.solids.region, small)]
    rng = np.random.default_rng(6)
    near = [low + rng.random((1000, 3)) * (high - low) for low, high in boxes]
    points = np.concatenate([points, *near])
    found = [region_at(cells, *(10.0 * p)) for p in points]
    np.testing.assert_array_equal(found, region_of(body, points))


@pytest.mark.parametrize("name", list(BODIES))
def test_nothing_changes_within_the_stated_distance(name: str) -> None:
    body, cells = _made(name)
    rng = np.random.default_rng(7)
    tried = 0
    for p in _points(body, 4000, rng):
        near = nearest_change_mm(cells, *(10.0 * p))
        if near <= 0.0:
            continue
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        there = 10.0 * p + 0.999 * near * way
        assert region_at(cells, *there) == region_at(cells, *(10.0 * p))
        tried += 1
    assert tried > 500


def test_a_track_finds_where_its_region_ends() -> None:
    """From inside the liver to its face, against 20,000 points along the way."""
    body, cells = _made("adult-male")
    liver = body.index("liver")
    rng = np.random.default_rng(8)
    hits = 0
    for p in points_in(body, "liver", 120, rng):
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        steps = np.linspace(0.0, 0.4, 20_001)
        along = region_of(body, p + steps[:, None] * way)
        distance, beyond = region_change_mm(
            cells, 10 * p[0], 10 * p[1], 10 * p[2], way[0], way[1], way[2], liver, 4.0
        )
        if along[-1] == liver:
            assert distance == FAR_mm
            continue
        hits += 1
        after = np.argmax(along != liver)
        if np.count_nonzero(np.diff(along)) == 1:
            assert distance == pytest.approx(10.0 * steps[after], abs=0.4 / 20_000 * 10 * 1.01)
            assert beyond == along[after]
    assert hits >= 5


def test_far_outside_is_outside() -> None:
    _, cells = _made("mouse")
    assert region_at(cells, 1e4, 0.0, 0.0) == OUTSIDE
    assert nearest_change_mm(cells, 1e4, 0.0, 0.0) == 0.0
