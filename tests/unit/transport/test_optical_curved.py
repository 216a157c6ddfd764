"""Curved surfaces: irradiance at the local surface, shadow, reciprocity, what flat ones give."""

import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pdcraft.physics.optics import fresnel_reflectance
from pdcraft.transport.optical.domain import OpticalDomain, slab
from pdcraft.transport.optical.emission import emission
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.light import Beam, View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.region_volume import region_volumes_mm3
from pdcraft.transport.optical.shapes import Shape
from pdcraft.transport.optical.signals import region_signals

TISSUE = OpticalMedium([0, 0.05], [0, 5.0], [0, 0.8], [1, 1.4])
OPAQUE = OpticalMedium([0, 1000.0], [0, 0.0], [0, 0.0], [1, 1.0])


def height_domain(height, h, nz, shapes=(), lateral="open"):
    height = np.asarray(height, dtype=float)
    labels = np.ones((*height.shape, nz), dtype=np.uint16)
    labels[(np.arange(nz) + 0.5) * h < height[:, :, None]] = 0
    return OpticalDomain(labels, h, shapes, lateral, height_mm=height)


def cavity():
    """A dented, wavy surface over a ball and a vessel; n = 1.4, three ways to scatter."""
    n, h, nz = 40, 0.25, 32
    x = (np.arange(n) + 0.5 - n / 2) * h
    a, b = np.meshgrid(x, x, indexing="ij")
    height = 2.0 * np.exp(-(a**2 + (1.3 * b) ** 2) / (2 * 1.5**2)) + 0.3 * np.sin(a) + 0.5
    shapes = (
        Shape.sphere(2, (0.5, 0.0, 4.0), 1.2, 1),
        Shape.cylinder(3, (-2.0, 0.0, 2.5), 0.4, 20.0, "y", 2),
    )
    scene = OpticalMedium([0, 0.02, 0.05, 0.4], [0, 5.0, 8.0, 5.0], [0, 0.8, 0.9, 0.8],
                          [1, 1.4, 1.4, 1.4])  # fmt: skip
    return height_domain(height, h, nz, shapes, "mirror"), scene


def cavity_source():
    domain, scene = cavity()
    source = np.zeros(domain.labels.shape)
    source[15:25, 15:25, 8:16] = 1.0
    return domain, scene, source * region_volumes_mm3(domain).tissue


def reciprocity(histories):
    """Light from a source that leaves upward, over what Lambert light from above gives there.

    A photon from r escapes with the chance phi(r)/(4 n² E), phi the fluence rate under an
    irradiance E that comes from all of the upper hemisphere alike.
    """
    domain, scene, source = cavity_source()
    lit = fluence(domain, scene, Beam("diffuse"), histories=histories, copies=False)
    out = emission(domain, scene, source, histories=histories)
    share = source / source.sum() / (4.0 * 1.4**2)
    want = float((lit.mean * share).sum())
    groups = lit.batch_sums @ share.ravel()
    error = np.hypot(
        out.std_err["reflected_diffuse"] / out.reflected_diffuse,
        groups.std(ddof=1) / math.sqrt(len(groups)) / want,
    )
    return out.reflected_diffuse / want, error


def test_reciprocity():
    ratio, error = reciprocity(20_000)
    assert error < 0.03
    assert abs(ratio - 1.0) < 3.0 * error


WALK = """
import numpy as np
from pdcraft.transport.optical.prepare import prepare_matter, prepare_space
from pdcraft.transport.optical.run import empty_score, run_batches, volume_launch
from test_optical_curved import cavity_source

domain, scene, source = cavity_source()
space, matter = prepare_space(domain, scene), prepare_matter(domain, scene)
light = volume_launch(source.ravel())
one = run_batches(space, matter, light, empty_score(), (1, 1), (1, 1), 3664730, 1, 1, 1, 1)
assert list(one)
"""


def test_a_walk_that_grazes_a_crease_of_the_surface_goes_on():
    """It met the surface again without a step, turned by the normals of both sides, for ever."""
    folder = Path(__file__).parent
    subprocess.run([sys.executable, "-c", WALK], cwd=folder, check=True, timeout=240)


@pytest.mark.slow
def test_reciprocity_to_two_per_mille():
    ratio, error = reciprocity(4_000_000)
    assert error < 0.0018
    assert abs(ratio - 1.0) < 0.002 + error


def test_a_flat_height_map_is_a_flat_surface():
    """Fluence 1 mm below the same surface, as a plane and as a map at 0.35 mm."""
    flat = fluence(slab((2, 2, 3), 0.25, lateral="periodic"), TISSUE, Beam(), histories=20_000)
    raised = height_domain(np.full((8, 8), 0.35), 0.25, 14, lateral="periodic")
    other = fluence(raised, TISSUE, Beam(), histories=20_000, seed=2)
    for one in ("reflected_specular", "reflected_diffuse"):
        error = math.hypot(flat.budget.std_err[one], other.budget.std_err[one])
        difference = getattr(flat.budget, one) - getattr(other.budget, one)
        # 3.15 against 3 mm of tissue changes the reflectance by less than 0.003
        assert abs(difference) < 4.0 * error + 0.003
    assert other.mean[:, :, 0].max() == 0.0  # air
    # z from 0.35 to 0.5 counts by its tissue: fluence there lies between those of the flat scene's
    # first two voxels (z to 0.25, to 0.5) but for noise
    split, first, second = other.mean[:, :, 1].mean(), *flat.mean[:, :, :2].mean(axis=(0, 1))
    assert split == pytest.approx(0.5 * (first + second), rel=0.15, abs=0)
    assert np.array_equal(region_volumes_mm3(raised).tissue[0, 0, :2] > 0, [False, True])


@pytest.mark.parametrize("slope", [0.5, 1.0])
def test_a_slope_receives_the_cosine_and_reflects_by_its_own_angle(slope):
    n, h = 16, 0.25
    height = 0.5 + slope * (np.arange(n) * h)[:, None] * np.ones((1, n))
    domain = height_domain(height, h, math.ceil((0.5 + slope * n * h) / h) + 4)
    glass = OpticalMedium([0, 1000.0], [0, 0.0], [0, 0.0], [1, 1.5])
    found = fluence(domain, glass, Beam(), histories=100_000, copies=False).budget
    share = fresnel_reflectance(1.0 / math.hypot(1.0, slope), 1.0, 1.5)
    # over the outer half voxels the map is level: they reflect 4%
    level = (0.5 * h * 2) / (n * h)
    want = (1.0 - level) * share + level * 0.04
    reflected = found.reflected_specular + found.reflected_diffuse + found.lateral
    # light reflected off a slope of 45 degrees leaves sideways
    assert abs(reflected - want) < 4.0 * math.hypot(found.std_err["reflected_specular"], 3e-4)
    assert found.absorbed == pytest.approx(1.0 - reflected, rel=1e-9, abs=0)


def test_the_surface_shades_itself():
    """A step of 2 mm under light at 45 degrees: the first 2 mm behind it are dark."""
    n, h = 40, 0.25
    height = np.where((np.arange(n) * h < 4.0)[:, None], 0.25, 2.25) * np.ones((n, n))
    domain = height_domain(height, h, 12)
    found = fluence(domain, OPAQUE, Beam(incidence_deg=45.0), histories=100_000)
    ground = found.mean[:, :, 9:11].sum(axis=2).mean(axis=1)  # columns along x
    step = 16
    dark, lit = ground[step + 2 : step + 7], ground[step + 11 :]
    assert dark.max() == 0.0
    # absorbed per horizontal area: irradiance x cosine, all of it in the surface voxels
    absorbed = 1000.0 * h * lit.mean()
    assert absorbed == pytest.approx(math.cos(math.radians(45.0)), rel=0.03, abs=0)  # 4 errors


def test_a_lamp_at_a_distance_follows_inverse_squares_and_cosines():
    domain = slab((20.0, 20.0, 1.0), (1.0, 1.0, 1.0))
    found = fluence(domain, OPAQUE, Beam(distance_mm=15.0), histories=400_000, copies=False)
    x = np.arange(20) - 9.5
    r2 = x[:, None] ** 2 + x[None, :] ** 2 + 15.0**2
    want = 15.0**3 / r2**1.5
    got = 1000.0 * found.mean[:, :, 0]
    # 1000 histories a column: 3%
    assert np.abs(got / want - 1.0).max() < 0.15
    assert (got / want).mean() == pytest.approx(1.0, abs=0.006, rel=0)  # 4 errors


def test_a_closed_body_as_a_level_agrees_with_a_ball():
    """A ball of tissue in air: level on the grid against the reflectance of the same as a map."""
    n, h, radius = 32, 0.25, 3.0
    p = (np.arange(n) + 0.5) * h - 4.0
    r = np.sqrt(p[:, None, None] ** 2 + p[None, :, None] ** 2 + p[None, None, :] ** 2)
    labels = (r < radius).astype(np.uint16)
    body = OpticalDomain(labels, h, level_mm=radius - r)
    volume = region_volumes_mm3(body).tissue.sum()
    assert volume == pytest.approx(4.0 / 3.0 * math.pi * radius**3, rel=0.005, abs=0)  # trilinear
    found = fluence(body, OPAQUE, Beam(), histories=50_000, copies=False).budget
    # an opaque ball of n = 1 absorbs what falls on its cross section
    assert found.absorbed == pytest.approx(math.pi * radius**2 / 64.0, rel=0.015, abs=0)
    assert found.transmitted == pytest.approx(1.0 - found.absorbed, rel=1e-9, abs=0)
    wet = OpticalMedium([0, 1000.0], [0, 0.0], [0, 0.0], [1, 1.4])
    mirror = fluence(body, wet, Beam(), histories=100_000, copies=False).budget
    # a ball reflects as Lambert light falls on a plane: mean of R over sin² of the angle
    c, w = np.polynomial.legendre.leggauss(64)
    c, w = 0.5 * (c + 1.0), 0.5 * w
    mean = sum(
        2.0 * wi * ci * fresnel_reflectance(ci, 1.0, 1.4) for ci, wi in zip(c, w, strict=True)
    )
    share = 1.0 - mirror.absorbed / (math.pi * radius**2 / 64.0)
    assert share == pytest.approx(mean, abs=0.012, rel=0)  # 4 errors, and the level's facets


def test_perspective_sees_a_level_surface_as_telecentric_does_in_the_middle():
    domain = slab((6.0, 6.0, 3.0), 0.25)
    roi = np.ones((1, 1, 1))
    views = (View(1, 1, 0.5, 0.5), View(1, 1, 0.5, 0.5, "perspective", 200.0))
    found = [
        region_signals(
            domain, (TISSUE,), (TISSUE,), Beam(), v, roi, histories=(10_000, 10_000)
        ).mean.sum()
        for v in views
    ]
    # same random numbers, directions within 0.1 degrees
    assert found[1] == pytest.approx(found[0], rel=0.02, abs=0)
