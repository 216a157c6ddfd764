"""Steps and balls against random points and against the closed form of a sphere."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.ball import ball_distances, share_in_ball, surface_distances
from pdcraft.physics.sphere import geometric_reduction
from pdcraft.physics.sphere_pairs import ball_volume, covariance, surface_share

DRAWS = 400_000
SIGMA = 4.5  # 11 comparisons: a right code fails for 8 seeds in 100,000


def directions(rng, n):
    u = rng.standard_normal((n, 3))
    return u / np.sqrt((u**2).sum(axis=1))[:, None]


@pytest.mark.parametrize(
    ("low", "high", "distance", "radius"),
    [(5.0, 8.0, 7.0, 2.5), (0.0, 8.0, 1.0, 2.5), (3.0, 3.0, 2.0, 2.5), (0.0, 4.0, 2.5, 2.5)],
)
def test_share_of_steps_in_a_ball(low, high, distance, radius):
    rng = np.random.default_rng(5)
    ends = directions(rng, DRAWS) * rng.uniform(low, high, DRAWS)[:, None]
    inside = (((ends - [distance, 0.0, 0.0]) ** 2).sum(axis=1) < radius**2).mean()
    want = float(share_in_ball(low, high, distance, radius))
    assert abs(inside - want) < SIGMA * np.sqrt(want * (1 - want) / DRAWS)


def test_a_source_at_the_center_is_inside_until_the_radius():
    assert share_in_ball([1.0, 3.0], [1.0, 3.0], 0.0, 2.0).tolist() == [1.0, 0.0]
    assert float(share_in_ball(0.0, 4.0, 0.0, 2.0)) == pytest.approx(0.5, rel=1e-12, abs=0)


@pytest.mark.parametrize("step", [2.0, 4.0, 5.5])
def test_a_ball_in_itself_is_the_geometric_reduction(step):
    t, w = ball_distances(0.0, 3.0, split=3.0)
    got = float((w * share_in_ball(step, step, t, 3.0)).sum())
    # a step of one length bends the average at t = |step - R|, where no node is placed
    assert got == pytest.approx(float(geometric_reduction(step, 3.0)), rel=2e-3, abs=0)


@pytest.mark.parametrize("step", [3.5, 7.0, 9.5])
def test_from_ball_to_ball_is_their_covariance(step):
    """Points of a source ball summed, and the average over both at once: the same share."""
    t, w = ball_distances(7.0, 3.0)
    got = float((w * share_in_ball(step, step, t, 2.5)).sum())
    want = float(covariance(step, 3.0, 2.5, 7.0) / ball_volume(3.0))
    # steps of one length bend the average at t = |step - R| and step + R, where no node is placed
    assert got == pytest.approx(want, rel=1e-2, abs=0)
    got, want = share_in_ball(step, step, 8.0, 2.5), surface_share(step, 8.0, 2.5)
    assert got == pytest.approx(want, rel=1e-12, abs=0)


@pytest.mark.parametrize("rule", [ball_distances, surface_distances])
def test_distances_from_outside(rule):
    """Mean of 1/t over a ball or a sphere is 1/d outside (Newton), and weights sum to 1."""
    t, w = rule(9.0, 4.0)
    assert w.sum() == pytest.approx(1.0, rel=1e-12, abs=0)
    assert (w / t).sum() == pytest.approx(1 / 9, rel=1e-12, abs=0)
    again, _ = rule(0.0, 4.0)
    assert again.max() <= 4.0


def test_mean_squared_distance():
    """From outside d^2 + 3 R^2/5 for a ball, d^2 + R^2 for a surface."""
    t, w = ball_distances(9.0, 4.0)
    assert (w * t**2).sum() == pytest.approx(81 + 0.6 * 16, rel=1e-12, abs=0)
    t, w = surface_distances(9.0, 4.0)
    assert (w * t**2).sum() == pytest.approx(81 + 16, rel=1e-12, abs=0)
    t, w = ball_distances(0.0, 4.0)
    assert (w * t**2).sum() == pytest.approx(0.6 * 16, rel=1e-12, abs=0)


def test_refuses():
    with pytest.raises(PhysicsRangeError, match="radius is above 0, got 0"):
        share_in_ball(1.0, 2.0, 1.0, 0.0)
    with pytest.raises(PhysicsRangeError, match="lies within the ball of radius 4"):
        ball_distances(2.0, 4.0)
