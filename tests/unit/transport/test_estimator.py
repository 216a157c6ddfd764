"""Which voxels score by track length, on phantoms made by hand."""

import numpy as np

from pdcraft.transport.estimator import estimator_flags
from pdcraft.transport.geometry import MAKE_ELECTRONS, TRANSPORT

VOXEL = np.full(3, 2.0)
RANGE = np.array([3.0, 3.0])  # mm at 1 g/mL


def flags(material, density, **more):
    return estimator_flags(material, density, VOXEL, RANGE, **more)


def line(values, dtype):
    """A grid whose voxels change along its last axis only."""
    return np.tile(np.array(values, dtype=dtype), (7, 7, 1))


def middle(grid):
    return grid[3, 3]


def test_uniform_matter_without_a_border_scores_by_track_length():
    uniform = np.zeros((7, 7, 7), np.uint8)
    assert not flags(uniform, np.ones(uniform.shape), open_border=False).any()


def test_voxels_within_a_range_of_a_change_are_transported():
    kind = line([0] * 8 + [1] * 8, np.uint8)
    found = middle(flags(kind, np.ones(kind.shape), open_border=False))
    # beside the change voxels 7 and 8; a range of 3 mm reaches one voxel (2 mm) farther
    assert np.flatnonzero(found & TRANSPORT).tolist() == [6, 7, 8, 9]
    makes = np.flatnonzero(found & MAKE_ELECTRONS)
    assert makes.min() <= 5
    assert makes.max() >= 10  # electrons that reach a transported voxel from outside
    assert makes.min() > 0  # but none from far away
    assert makes.max() < 15


def test_ranges_are_longer_where_matter_is_thin():
    density = line([1.0] * 8 + [0.25] * 12, np.float64)
    found = middle(flags(np.zeros(density.shape, np.uint8), density, open_border=False))
    there = np.flatnonzero(found & TRANSPORT)
    assert there.min() == 6  # 3 mm in water
    assert there.max() == 8 + 6  # 12 mm at a quarter of the density


def test_small_steps_of_density_are_no_boundary():
    density = line(1.0 + 0.01 * np.arange(16), np.float64)
    assert not flags(np.zeros(density.shape, np.uint8), density, open_border=False).any()


def test_the_border_of_the_grid_is_a_boundary():
    found = flags(np.zeros((9, 9, 9), np.uint8), np.ones((9, 9, 9)), open_border=True)
    transported = (found & TRANSPORT) > 0
    assert transported[0].all()
    assert transported[1].all()
    assert not transported[4, 4, 4]


def test_voxels_that_are_asked_for_are_transported():
    also = np.zeros((9, 9, 9), bool)
    also[4, 4, 4] = True
    found = flags(np.zeros((9, 9, 9), np.uint8), np.ones((9, 9, 9)), open_border=False, also=also)
    assert np.argwhere(found & TRANSPORT).tolist() == [[4, 4, 4]]
    assert found[4, 4, 3] == MAKE_ELECTRONS


def test_every_transported_voxel_makes_electrons():
    rng = np.random.default_rng(2)
    kind = (rng.uniform(size=(8, 8, 8)) < 0.02).astype(np.uint8)
    found = flags(kind, np.ones(kind.shape))
    assert np.all((found & MAKE_ELECTRONS) >= (found & TRANSPORT) // 2)
