"""Geometry of two spheres against dice, published factors and its own symmetries."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import integrate

from pdcraft.physics.sphere import geometric_reduction
from pdcraft.physics.sphere_pairs import (
    ball_volume,
    covariance,
    lens_area,
    lens_volume,
    surface_share,
)

radii = st.floats(0.2, 5.0)


def _directions(rng, n):
    v = rng.normal(size=(n, 3))
    return v / np.linalg.norm(v, axis=1)[:, None]


def _in_ball(rng, n, radius):
    return _directions(rng, n) * radius * np.cbrt(rng.random(n))[:, None]


@given(radii, radii, st.floats(1e-3, 12.0))
def test_is_symmetric_and_bounded(a, b, d):
    g = float(covariance(d, a, b))
    assert g == pytest.approx(float(covariance(d, b, a)), rel=1e-12, abs=0)
    assert 0.0 <= g <= float(ball_volume(min(a, b))) * (1 + 1e-12)


@given(radii, st.floats(1e-3, 12.0))
def test_self_is_the_geometric_reduction_of_a_sphere(r, d):
    share = float(covariance(d, r, r) / ball_volume(r))
    # 1e-9 of the volume: cancellation of the cubic near d = 2 r
    assert share == pytest.approx(float(geometric_reduction(d, r)), rel=1e-9, abs=1e-9)


@given(radii, radii, st.floats(0.0, 6.0))
def test_all_steps_end_somewhere(a, b, offset):
    """Integrated over all space, the covariance is the product of the volumes."""
    assume(offset == 0.0 or offset > 1e-3)
    inner = abs(a - b)
    kinks = (abs(offset - inner), offset + inner, abs(offset - a - b), offset)
    edges = np.unique([0.0, *kinks, a + b + offset])
    edges = edges[edges <= a + b + offset]
    x, w = np.polynomial.legendre.leggauss(60)
    total = 0.0
    for low, high in itertools.pairwise(edges):
        d = 0.5 * (low + high) + 0.5 * (high - low) * x
        total += 0.5 * (high - low) * float(w @ (4 * np.pi * d**2 * covariance(d, a, b, offset)))
    # piecewise smooth between kinks; at d = |offset - inner| the third derivative jumps
    assert total == pytest.approx(float(ball_volume(a) * ball_volume(b)), rel=1e-5, abs=0)


@pytest.mark.parametrize("offset", [0.0, 0.8, 2.5])
def test_shares_against_dice(offset):
    """200,000 steps each: 4 sigma (a right share misses 1 in 16,000), sees 1% of 0.2."""
    rng = np.random.default_rng(20261121)
    n, a, b, d = 200_000, 1.3, 0.9, 1.1
    shift = np.array([offset, 0.0, 0.0])
    for start, got in (
        (_in_ball(rng, n, a), covariance(d, a, b, offset) / ball_volume(a)),
        (_directions(rng, n) * a, surface_share(d, a, b, offset)),
    ):
        end = start + d * _directions(rng, n) - shift
        want = np.mean(np.sum(end**2, axis=1) < b**2)
        sigma = np.sqrt(want * (1 - want) / n)
        assert abs(float(got) - want) < 4 * sigma


def test_factor_from_cytoplasm_is_the_published_one():
    """Geometric factors of concentric spheres as MIRDcell's public source has them, by case."""
    from pdcraft.validate.cells_mird import _cytoplasm_factor, _surface_factor

    for c, n in ((5.0, 4.0), (10.0, 3.0)):  # its two branches: c below and above 3 n
        d = np.linspace(0.05, c + n + 1.0, 300)
        got = (covariance(d, n, c) - covariance(d, n, n)) / (ball_volume(c) - ball_volume(n))
        want = [_cytoplasm_factor(float(x), n, c) for x in d]
        assert got == pytest.approx(want, rel=1e-9, abs=1e-12)
        got = surface_share(d, c, n)
        want = [_surface_factor(float(x), n, c) for x in d]
        assert got == pytest.approx(want, rel=1e-9, abs=1e-12)


def test_area_is_the_derivative_of_the_volume():
    s, a, b, h = 1.2, 1.0, 0.7, 1e-5
    slope = (lens_volume(s, a + h, b) - lens_volume(s, a - h, b)) / (2 * h)
    assert float(lens_area(s, a, b)) == pytest.approx(float(slope), rel=1e-6, abs=0)


def test_nested_and_apart():
    assert float(lens_volume(0.1, 1.0, 3.0)) == pytest.approx(float(ball_volume(1.0)), rel=1e-14)
    assert float(lens_volume(4.1, 1.0, 3.0)) == 0.0
    assert float(surface_share(0.0, 2.0, 2.0)) == 0.5
    assert float(surface_share(0.0, 1.0, 2.0)) == 1.0
    assert float(surface_share(0.0, 2.0, 1.0)) == 0.0
    # an offset that shrinks goes over into concentric spheres
    near, far = covariance([0.5, 2.0], 1.0, 2.0, 1e-5), covariance([0.5, 2.0], 1.0, 2.0)
    assert near == pytest.approx(far, rel=1e-4, abs=0)


def test_mean_lens_against_an_integral_over_angles():
    d, a, b, offset = 1.7, 1.0, 1.5, 0.6

    def over(c):
        return float(lens_volume(np.sqrt(d**2 + offset**2 + 2 * d * offset * c), a, b))

    want = 0.5 * integrate.quad(over, -1, 1, epsabs=0, epsrel=1e-10, limit=200)[0]
    assert float(covariance(d, a, b, offset)) == pytest.approx(want, rel=1e-9, abs=0)
