"""Walks of light against van de Hulst, adding-doubling, closed forms; energy; repeatability.

Adding-doubling: iadpython 0.5.3 at 16, 20, 24 and 28 quadrature points; the figures below are at 24
(28 moves none by more than 1e-4). Tolerances are 4 standard errors at fixed seeds, in the slow test
the larger of 5e-4 and 3.
"""

import math

import numpy as np
import pytest

from pdcraft.physics.optics import fresnel_reflectance
from pdcraft.transport.optical.domain import slab
from pdcraft.transport.optical.fluence import fluence
from pdcraft.transport.optical.light import Beam
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.shapes import Shape

# mua, mus per mm, g, n, thickness mm (None: half space), R, T with specular reflection
ROWS = {
    "van de Hulst": (0.1, 0.9, 0.75, 1.0, 2.0, 0.09739, 0.66096),
    "half space, n 1.5, isotropic": (0.1, 0.9, 0.0, 1.5, None, 0.25997, 0.0),
    "10 mm": (0.02, 10.0, 0.9, 1.4, 10.0, 0.53002, 0.05595),
    "half space, 500 nm": (0.3, 20.0, 0.9, 1.4, None, 0.22339, 0.0),
    "half space, n 1, g 0.9": (0.01, 0.99, 0.9, 1.0, None, 0.39955, 0.0),
    "1 mm": (0.02, 10.0, 0.9, 1.4, 1.0, 0.35328, 0.57507),
}
HALF_SPACE_mm = {0.3: 20.0, 0.1: 40.0, 0.01: 400.0}  # e^-8 and less comes back from below


def medium(mua, mus, g, n):
    return OpticalMedium([0.0, mua], [0.0, mus], [0.0, g], [1.0, n])


def run(row, histories, seed=1, **more):
    mua, mus, g, n, depth, *_ = row
    below = n if depth is None else None
    depth = HALF_SPACE_mm[mua] if depth is None else depth
    domain = slab((1.0, 1.0, depth), (1.0, 1.0, depth), lateral="periodic", n_below=below)
    return fluence(
        domain, medium(mua, mus, g, n), Beam(), histories=histories, seed=seed, voxels=False,
        copies=False, **more,
    ).budget  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_reflectance_and_transmittance(name):
    row = ROWS[name]
    budget = run(row, 20_000)
    r = budget.reflected_specular + budget.reflected_diffuse
    assert abs(r - row[5]) < 4.0 * budget.std_err["reflected_diffuse"]
    if row[4] is not None:
        assert abs(budget.transmitted - row[6]) < 4.0 * budget.std_err["transmitted"]
    assert budget.std_err["reflected_diffuse"] < 0.004
    assert budget.balance_error < 1e-10  # sums of 20 000 weights in float64


@pytest.mark.slow
@pytest.mark.parametrize("name", ROWS)
def test_reflectance_and_transmittance_to_the_end(name):
    row = ROWS[name]
    budget = run(row, 1_000_000)
    r = budget.reflected_specular + budget.reflected_diffuse
    assert abs(r - row[5]) < max(5e-4, 3.0 * budget.std_err["reflected_diffuse"])
    if row[4] is not None:
        assert abs(budget.transmitted - row[6]) < max(5e-4, 3.0 * budget.std_err["transmitted"])
    assert budget.balance_error < 1e-5


def test_absorption_without_scattering_is_beer_lambert():
    domain = slab((1.0, 1.0, 10.0), (1.0, 1.0, 0.5), lateral="periodic")
    for mua in (0.0, 0.05, 0.8):
        found = fluence(domain, medium(mua, 0.0, 0.0, 1.0), Beam(), histories=100_000, copies=False)
        edges = np.arange(21) * 0.5
        want = np.full(20, 1.0)
        if mua:
            want = -np.diff(np.exp(-mua * edges)) / (mua * 0.5)
        pull = (found.mean[0, 0] - want) / np.maximum(found.std_err[0, 0], 1e-12)
        assert np.abs(pull).max() < 5.0  # 60 comparisons
        assert found.budget.transmitted == pytest.approx(
            math.exp(-10.0 * mua), abs=4.0 * found.budget.std_err["transmitted"] + 1e-12, rel=0
        )


def test_absorbed_power_is_absorption_times_fluence():
    """The balance counts weights lost, the fluence weights over the majorant: two estimators."""
    domain = slab((4.0, 4.0, 4.0), 0.5, (1.0,), lateral="mirror")
    two = OpticalMedium([0, 0.3, 0.02], [0, 5.0, 10.0], [0, 0.8, 0.9], [1, 1.4, 1.4])
    found = fluence(domain, two, Beam(), histories=40_000)
    mua = np.where(np.arange(8) < 2, 0.3, 0.02)
    absorbed = (found.mean * mua).sum() * 0.5**3 / 16.0
    # correlated; 4 standard errors of the balance
    assert abs(absorbed - found.budget.absorbed) < 4.0 * found.budget.std_err["absorbed"]


def test_oblique_light_refracts_and_reflects():
    beam = Beam(incidence_deg=50.0)
    domain = slab((1.0, 1.0, 1.0), (1.0, 1.0, 0.25), lateral="periodic", n_below=1.4)
    found = fluence(domain, medium(2.0, 0.0, 0.0, 1.4), beam, histories=50_000, copies=False)
    cosine = math.cos(math.radians(50.0))
    share = fresnel_reflectance(cosine, 1.0, 1.4)
    assert found.budget.reflected_specular == pytest.approx(share, rel=1e-12, abs=0)
    inside = math.sqrt(1.0 - (1.0 - cosine**2) / 1.4**2)
    # irradiance counts on a plane across the beam: the surface receives its cosine
    edges = np.arange(5) * 0.25 / inside
    want = cosine * (1.0 - share) * -np.diff(np.exp(-2.0 * edges)) / (2.0 * 0.25)
    pull = (found.mean[0, 0] - want) / found.std_err[0, 0]
    assert np.abs(pull).max() < 4.5


def test_steps_of_the_index_between_layers_follow_fresnel():
    """Clear layers of 1.0/1.5/1.3: what is reflected is a sum over multiple reflections."""
    domain = slab((1.0, 1.0, 2.0), (1.0, 1.0, 1.0), (1.0,), lateral="periodic", n_below=1.3)
    clear = OpticalMedium(np.zeros(3), np.zeros(3), np.zeros(3), [1.0, 1.5, 1.3])
    budget = fluence(domain, clear, Beam(), histories=100_000, voxels=False, copies=False).budget
    a, b = (0.5 / 2.5) ** 2, (0.2 / 2.8) ** 2
    want = a + (1.0 - a) ** 2 * b / (1.0 - a * b)
    error = budget.std_err["reflected_diffuse"]
    assert abs(budget.reflected_specular + budget.reflected_diffuse - want) < 4.0 * error


def test_a_ball_of_other_index_is_exact():
    """Equilibrium: Lambert light from all around leaves the fluence 4 n² E everywhere inside."""
    ball = Shape.sphere(2, (0.0, 0.0, 2.0), 1.2, 1)
    domain = slab((4.0, 4.0, 4.0), 1.0, shapes=(ball,), lateral="mirror", n_below=1.0)
    scene = OpticalMedium([0, 0, 0], [0, 2.0, 1.0], [0, 0.5, 0.0], [1, 1.2, 1.5])
    down = fluence(domain, scene, Beam("diffuse"), histories=60_000, copies=False)
    # from above only: by symmetry about the middle plane the mean of a point and its mirror image
    # is half of the equilibrium, 4 n² E / 2
    middle = 0.5 * (down.mean + down.mean[:, :, ::-1])
    corner = middle[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert corner.mean() == pytest.approx(2.0 * 1.2**2, rel=0.02, abs=0)  # 4 errors
    inner = fluence(
        slab((4.0, 4.0, 4.0), 0.5, shapes=(ball,), lateral="mirror"), scene, Beam("diffuse"),
        histories=60_000, copies=False,
    ).mean  # fmt: skip
    core = 0.5 * (inner + inner[:, :, ::-1])[3:5, 3:5, 3:5]
    assert core.mean() == pytest.approx(2.0 * 1.5**2, rel=0.03, abs=0)  # 4 errors


def test_numbers_do_not_depend_on_threads_and_do_on_the_seed():
    domain = slab((4.0, 4.0, 2.0), 0.5)
    one = fluence(domain, medium(0.02, 5.0, 0.8, 1.4), Beam(), histories=2_000, threads=1)
    two = fluence(domain, medium(0.02, 5.0, 0.8, 1.4), Beam(), histories=2_000, threads=2)
    other = fluence(domain, medium(0.02, 5.0, 0.8, 1.4), Beam(), histories=2_000, seed=2)
    assert np.array_equal(one.mean, two.mean)
    assert one.budget == two.budget
    assert not np.array_equal(one.mean, other.mean)


def test_errors_are_honest():
    """Twenty seeds: pulls against their mean have a spread near 1 (chi-square, P > 1e-4)."""
    found = [run(ROWS["1 mm"], 2_000, seed=s) for s in range(20)]
    r = np.array([b.reflected_diffuse for b in found])
    e = np.array([b.std_err["reflected_diffuse"] for b in found])
    chi2 = float(np.sum(((r - r.mean()) / e) ** 2))
    assert 4.5 < chi2 < 50.0  # 19 degrees of freedom


def test_progress_and_a_stop_by_time():
    seen = []
    stopped = run(ROWS["10 mm"], 2_000, progress=lambda f, text: seen.append((f, text)))
    assert len(seen) == 20
    assert seen[-1] == (1.0, "2,000 walks of light")
    seen.clear()
    stopped = run(ROWS["10 mm"], 2_000, progress=lambda f, _: seen.append(f), max_time_s=0.0)
    assert len(seen) == 2  # two batches: the least that has an error
    assert math.isfinite(stopped.std_err["absorbed"])
