"""Many systems at once, each against scipy, a closed form or the order of the method."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from pdcraft.errors import ConvergenceError, PhysicsRangeError
from pdcraft.numerics.ode import dormand_prince, rk4, step_times

TIMES = np.linspace(0.0, 20.0, 21)


def predator(time, state, out):
    """Lotka and Volterra, with a rate that differs by system and one that varies in time."""
    x, y = state
    growth = np.array([1.0, 0.7, 1.3]) * (1.0 + 0.2 * np.sin(time))
    out[0] = growth * x - x * y
    out[1] = 0.5 * x * y - 0.8 * y


def by_scipy(start):
    def flat(t, s):
        out = np.empty((2, 3))
        predator(t, s.reshape(2, 3), out)
        return out.ravel()

    found = solve_ivp(
        flat, (0.0, 20.0), start.ravel(), "DOP853", t_eval=TIMES, rtol=1e-12, atol=1e-14
    )
    return found.y.T.reshape(-1, 2, 3)


@pytest.fixture(scope="module")
def start():
    return np.array([[1.0, 2.0, 0.5], [1.0, 0.3, 0.8]])


def test_adaptive_steps_agree_with_scipy(start):
    found = dormand_prince(predator, start, TIMES, rtol=1e-9, atol=1e-12)
    # local errors of 1e-9 over some hundred steps of an oscillation
    np.testing.assert_allclose(found, by_scipy(start), rtol=2e-7, atol=0)


def test_fixed_steps_are_of_order_four(start):
    want = by_scipy(start)
    coarse, fine = (np.abs(rk4(predator, start, TIMES, step=h) - want).max() for h in (0.05, 0.025))
    assert coarse / fine == pytest.approx(16.0, rel=0.1, abs=0)  # 2**4; the next order is 5 %


def infusion(time, state, out):
    out[:] = (1.0 if time >= 0.37 else 0.0) - state


@pytest.mark.parametrize("integrate", [dormand_prince, lambda *a, **k: rk4(*a, step=0.05, **k)])
def test_a_jump_that_is_given_costs_no_accuracy(integrate):
    want = -np.expm1(-(1.0 - 0.37))
    smooth = integrate(infusion, np.zeros((1, 1)), [0.0, 1.0], breaks=[0.37])[-1, 0, 0]
    assert smooth == pytest.approx(want, rel=1e-6, abs=0)  # step**4/120 of rk4 is 5e-8


def test_a_jump_that_is_not_given_costs_accuracy():
    got = rk4(infusion, np.zeros((1, 1)), [0.0, 1.0], step=0.5)[-1, 0, 0]
    assert abs(got / -np.expm1(-(1.0 - 0.37)) - 1) > 0.01


def test_a_jump_at_a_step_end_counts_from_there_on():
    got = rk4(
        lambda t, s, out: out.fill(float(t >= 1.0)), np.zeros((1, 1)), [0.0, 1.0, 2.0], step=1.0
    )
    np.testing.assert_allclose(got[:, 0, 0], [0.0, 0.0, 1.0], rtol=0, atol=1e-12)


def test_steps_land_on_times_and_breaks():
    ends = step_times([0.0, 1.0, 2.5], 0.4, breaks=[1.2, 9.0])
    assert {0.0, 1.0, 1.2, 2.5} <= set(ends.tolist())
    assert 9.0 not in ends
    assert np.diff(ends).max() <= 0.4


def test_bad_times_steps_and_runaways_are_refused():
    with pytest.raises(PhysicsRangeError, match="each above the one before"):
        rk4(infusion, np.zeros((1, 1)), [0.0, 0.0], step=0.1)
    with pytest.raises(PhysicsRangeError, match="positive"):
        rk4(infusion, np.zeros((1, 1)), [0.0, 1.0], step=0.0)
    with np.errstate(all="ignore"), pytest.raises(ConvergenceError, match="runs away"):
        rk4(lambda t, s, out: np.square(s, out=out), np.ones((1, 1)), [0.0, 9.0], step=0.1)
    with np.errstate(all="ignore"), pytest.raises(ConvergenceError, match="runs away"):
        dormand_prince(lambda t, s, out: np.square(s, out=out), np.ones((1, 1)), [0.0, 9.0])
