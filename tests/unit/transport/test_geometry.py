"""Where tracks cross faces: voxels and spheres against a walk in small steps, and each other."""

import math

import numpy as np
import pytest

from pdcraft.data.materials import material
from pdcraft.errors import DataError
from pdcraft.transport.emissions import mono
from pdcraft.transport.geometry import (
    SPHERES,
    VOXELS,
    FAR_mm,
    Geometry,
    boundary_mm,
    cell_index,
    cross,
    nearest_face_mm,
    spheres,
)
from pdcraft.transport.point import point_kernel
from pdcraft.transport.spheres import Shells, transport_spheres
from pdcraft.transport.stack import ELECTRON
from pdcraft.transport.tally import BETA

GRID = Geometry(
    VOXELS, 4, 3, 5, 2.0, 3.0, 1.5, -1, np.zeros(0), np.zeros(60, np.uint8),
    np.ones(60, np.float32),
)  # fmt: skip
BALLS = spheres(np.array([1.0, 2.5, 4.0]), np.zeros(4, np.uint8), np.ones(4, np.float32))
STEP = 1e-3


def cell_of(g, at):
    if g.kind == VOXELS:
        return tuple(math.floor(x / h) for x, h in zip(at, (g.hx, g.hy, g.hz), strict=True))
    return int(np.searchsorted(g.radius, np.linalg.norm(at))), 0, 0


def random_flights(g, count):
    rng = np.random.default_rng(4)
    for _ in range(count):
        direction = rng.normal(size=3)
        direction /= np.linalg.norm(direction)
        if g.kind == VOXELS:
            at = rng.uniform(size=3) * (4 * 2.0, 3 * 3.0, 5 * 1.5)
        else:
            at = rng.uniform(-2.3, 2.3, 3)  # within the largest sphere
        yield at, direction


@pytest.mark.parametrize("g", [GRID, BALLS], ids=["voxels", "spheres"])
def test_faces_are_where_a_walk_finds_them(g):
    for at, direction in random_flights(g, 60):
        cell = cell_of(g, at)
        far, face = boundary_mm(g, *at, *direction, *cell, FAR_mm)
        walk = at + np.arange(0.0, far + 3 * STEP, STEP)[:, None] * direction
        other = next((i for i, x in enumerate(walk) if cell_of(g, x) != cell), None)
        assert other is not None
        assert abs(other * STEP - far) <= 2 * STEP
        beyond = at + (far + 1e-9) * direction
        assert cross(g, face, *direction, *cell) == cell_of(g, beyond)


def test_beyond_the_last_sphere_nothing_is_in_the_way():
    far, _ = boundary_mm(BALLS, 5.0, 0.0, 0.0, 0.6, 0.8, 0.0, 3, 0, 0, FAR_mm)
    assert far == FAR_mm


def test_cells_outside_have_no_index():
    assert cell_index(GRID, 0, 0, 0) == 0
    assert cell_index(GRID, 3, 2, 4) == 59
    for outside in ((-1, 0, 0), (4, 0, 0), (0, 3, 0), (0, 0, 5)):
        assert cell_index(GRID, *outside) == -1


@pytest.mark.parametrize("g", [GRID, BALLS], ids=["voxels", "spheres"])
def test_no_flight_is_shorter_than_the_nearest_face(g):
    rng = np.random.default_rng(5)
    for at, _ in random_flights(g, 20):
        cell = cell_of(g, at)
        near = nearest_face_mm(g, *at, *cell)
        turns = rng.normal(size=(400, 3))
        turns /= np.linalg.norm(turns, axis=1)[:, None]
        flights = np.array([boundary_mm(g, *at, *d, *cell, FAR_mm)[0] for d in turns])
        assert flights.min() >= near * (1.0 - 1e-9)
        if g.kind == SPHERES:  # one of 400 directions points nearly at it
            assert flights.min() < near + 0.05 * 4.0


def test_a_sphere_by_shells_is_the_sphere_by_reciprocity():
    """Electrons of 200 keV (range 0.45 mm) in 0.3 mm: two geometries, two scoring methods.

    5 combined standard errors: 6e-7 by chance.
    """
    water = material("water")
    line = mono(ELECTRON, BETA, 200.0)
    shells = transport_spheres(Shells((0.3,), (water, water)), line, histories=6000)
    mean, error = point_kernel(line, water, histories=6000).absorbed_keV(0.3)
    direct, spread = shells.energy_keV[-1, 0], shells.std_err_keV[-1, 0]
    assert abs(direct - mean[-1]) < 5.0 * math.hypot(spread, error[-1])
    assert math.hypot(spread, error[-1]) < 0.02 * direct


@pytest.mark.parametrize("radii", [(), (0.0, 1.0), (2.0, 1.0), (1.0, math.inf)])
def test_spheres_must_ascend(radii):
    with pytest.raises(DataError, match="must ascend from above zero"):
        Shells(radii, (material("water"),) * (len(radii) + 1))
