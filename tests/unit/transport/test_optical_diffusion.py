"""The diffusion solver against closed forms of diffusion, and walks against it at depth."""

import math

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.physics.diffuse_light import boundary_factor
from pdcraft.transport.optical.diffusion import (
    diffusion_fluence,
    diffusion_image,
    diffusion_problem,
    solve_diffusion,
)
from pdcraft.transport.optical.domain import OpticalDomain, slab
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.shapes import Shape


def medium(mua, musp, n=1.4):
    mua, musp = np.atleast_1d(mua), np.atleast_1d(musp)
    zero = np.zeros(len(mua) + 1)
    return OpticalMedium([0, *mua], [0, *musp], zero, np.where(zero == 0, n, n))


def test_plane_light_on_a_half_space():
    """1-D: phi'' = k² phi - S/D, S = mus' e^(-mut z): the textbook solution by partial currents."""
    mua, musp, h = 0.02, 1.0, 0.02
    domain = slab((1.0, 1.0, 40.0), (1.0, 1.0, h), lateral="mirror", n_below=1.4)
    found = diffusion_fluence(domain, medium(mua, musp), Beam())[0, 0]
    mut = mua + musp
    d, k = 1.0 / (3.0 * mut), math.sqrt(3.0 * mua * mut)
    a = boundary_factor(1.4, 1.0)
    share = 1.0 - (0.4 / 2.4) ** 2
    particular = -share * musp / (d * (mut**2 - k**2))
    # phi + ... = 2 A D phi' at z = 0
    general = -particular * (1.0 + 2.0 * a * d * mut) / (1.0 + 2.0 * a * d * k)
    z = (np.arange(len(found)) + 0.5) * h
    want = particular * np.exp(-mut * z) + general * np.exp(-k * z) + share * np.exp(-mut * z)
    # second order in h, and e^-14 from below
    assert np.abs(found / want - 1.0)[z < 20.0].max() < 2e-3


def test_matrix_is_symmetric_and_conserves():
    shapes = (Shape.sphere(2, (0.3, 0.0, 1.0), 0.6, 1),)
    rng = np.random.default_rng(1)
    for lateral in ("open", "periodic", "mirror"):
        domain = slab((3.0, 2.0, 2.0), 0.25, shapes=shapes, lateral=lateral)
        problem = diffusion_problem(domain, medium([0.02, 0.5], [1.0, 2.0]))
        a, b = rng.uniform(size=(2, *domain.labels.shape))
        assert np.vdot(a, problem.apply(b)) == pytest.approx(
            np.vdot(b, problem.apply(a)), rel=1e-12, abs=0
        )
        source = rng.uniform(size=domain.labels.shape)
        phi = solve_diffusion(problem, source)
        assert np.abs(problem.apply(phi) - source).max() < 1e-6
        # even fluence flows nowhere but out and into absorption
        even = problem.apply(np.ones_like(phi))
        inner = even[1:-1, 1:-1, 1:-1] - (problem.mua * domain.voxel_mm3)[1:-1, 1:-1, 1:-1]
        assert np.abs(inner).max() < 1e-12


def test_point_source_far_from_all_sides():
    """exp(-k r)/(4 pi D r) in an unbounded medium."""
    domain = slab((12.0, 12.0, 12.0), 0.25, n_outside=1.4)
    mua, musp = 0.1, 1.0
    problem = diffusion_problem(domain, medium(mua, musp))
    source = np.zeros(domain.labels.shape)
    source[24, 24, 24] = 1.0
    phi = solve_diffusion(problem, source)
    d = 1.0 / (3.0 * (mua + musp))
    k = math.sqrt(mua / d)
    for cells in (8, 10, 12):
        r = 0.25 * cells
        want = math.exp(-k * r) / (4.0 * math.pi * d * r)
        assert phi[24 + cells, 24, 24] == pytest.approx(want, rel=0.02, abs=0)  # grid 0.25 mm


def test_walks_agree_with_diffusion_at_depth():
    """mus' = 1/mm, g = 0.8: within 6% between 2 and 4 mm, and clearly low at the surface."""
    shapes = (Shape.cylinder(2, (1.5, 0.0, 1.5), 0.5, 10.0, "y", 1),)
    domain = slab((10.0, 10.0, 8.0), 0.25, shapes=shapes, lateral="mirror")
    ones = np.ones(3)
    scene = OpticalMedium([0, 0.02, 0.2], 5.0 * ones, 0.8 * ones, 1.4 * ones)
    walks = fluence(domain, scene, Beam(), histories=20_000, copies=False)
    approx = diffusion_fluence(domain, scene, Beam())
    ratio = approx.mean(axis=(0, 1)) / walks.mean.mean(axis=(0, 1))
    assert np.abs(ratio[8:16] - 1.0).max() < 0.06
    assert 0.75 < ratio[0] < 0.97


def test_image_of_an_even_source_is_even_and_bright_as_its_exitance():
    domain = slab((2.0, 2.0, 10.0), 0.25, lateral="periodic")
    scene = medium(0.05, 1.0)
    source = np.ones((1, *domain.labels.shape))
    seen = diffusion_image(domain, scene, View(3, 2, 1.0, 1.0), source)[0]
    assert np.ptp(seen) < 1e-9 * seen.max()
    problem = diffusion_problem(domain, scene)
    phi = solve_diffusion(problem, source[0] * domain.voxel_mm3)
    lost = 4.0 * 10.0 - (phi * problem.mua).sum() * domain.voxel_mm3
    # both faces alike
    assert seen[0, 0] * math.pi * 4.0 == pytest.approx(0.5 * lost, rel=1e-6, abs=0)


def test_refusals():
    domain = slab((2.0, 2.0, 2.0), 0.5)
    with pytest.raises(DataError, match="does not scatter"):
        diffusion_fluence(domain, medium(0.1, 0.0), Beam())
    with pytest.raises(DataError, match="must be plane and parallel"):
        diffusion_fluence(domain, medium(0.1, 1.0), Beam("spot", diameter_mm=1.0))
    curved = OpticalDomain(np.ones((2, 2, 2), np.uint16), 1.0, height_mm=np.full((2, 2), 0.3))
    with pytest.raises(DataError, match="surface is curved"):
        diffusion_fluence(curved, medium(0.1, 1.0), Beam())
