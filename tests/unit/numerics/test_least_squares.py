"""The batched fit against an independent solver, on its bounds and on hard starts."""

import numpy as np
import pytest
from scipy import optimize

from pdcraft.numerics.least_squares import least_squares

TIMES = np.linspace(0, 8, 12)


def decay(theta, _rows, data):
    value = theta[:, :1] * np.exp(-theta[:, 1:] * TIMES)
    by_rate = -TIMES * value
    jac = np.stack([value / theta[:, :1], by_rate], axis=2)
    return value - data, jac


def test_every_row_of_a_batch_finds_what_scipy_finds():
    rng = np.random.default_rng(5)
    data = 3.0 * np.exp(-0.4 * TIMES) + 0.05 * rng.standard_normal((6, TIMES.size))
    start = np.array([[1.0, 1.0], [9.0, 0.05], [0.3, 0.2], [1.0, 0.01], [5.0, 3.0], [2.0, 0.5]])
    lower, upper = np.array([1e-6, 0.0]), np.array([100.0, 20.0])
    found = least_squares(lambda t, rows: decay(t, rows, data[rows]), start, lower, upper)
    assert found.converged.all()
    for row, values in enumerate(data):
        want = optimize.least_squares(
            lambda p, y=values: p[0] * np.exp(-p[1] * TIMES) - y, [3.0, 0.4], xtol=1e-12, ftol=1e-12
        )
        # scipy stops at a relative step of 1e-12 with a difference Jacobian (1e-8)
        assert found.parameters[row] == pytest.approx(want.x, rel=1e-6, abs=0)
        assert found.cost[row] == pytest.approx(2 * want.cost, rel=1e-10, abs=0)


def test_a_parameter_is_held_on_its_bound_and_the_others_still_fit():
    data = np.full((1, TIMES.size), 2.0) + 0.1 * TIMES  # rises: the best decay rate is zero
    lower, upper = np.array([1e-6, 0.0]), np.array([100.0, 20.0])
    found = least_squares(
        lambda t, rows: decay(t, rows, data), np.array([[1.0, 1.0]]), lower, upper
    )
    assert found.parameters[0, 1] == 0.0
    # with the rate held at zero, the best constant is the mean; stops at a cost change of 1e-11
    assert found.parameters[0, 0] == pytest.approx(data.mean(), rel=1e-6, abs=0)


def test_a_parameter_without_effect_does_no_harm():
    def residuals(theta, _rows):
        jac = np.zeros((theta.shape[0], 3, 2))
        jac[:, :, 0] = 1.0
        return theta[:, :1] - np.array([[1.0, 2.0, 3.0]]), jac

    found = least_squares(residuals, np.array([[7.0, 0.5]]), np.zeros(2), np.full(2, 9.0))
    assert found.parameters[0] == pytest.approx([2.0, 0.5], rel=1e-9, abs=0)
