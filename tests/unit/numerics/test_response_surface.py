"""Response surfaces: exact where the truth is a polynomial, honest where it is not."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.numerics.response_surface import design, fit_surface


def truth(x):
    return np.stack([1.0 + x[:, 0] - 2.0 * x[:, 1] ** 2, x[:, 0] * x[:, 1] + x[:, 1]], axis=1)


def test_a_polynomial_is_found_exactly():
    points = design(16, 2, seed=1)
    surface = fit_surface(points, truth(points))
    new = np.random.default_rng(2).uniform(size=(50, 2))
    assert np.abs(surface.predict(new) - truth(new)).max() < 1e-12
    assert surface.leave_one_out.max() < 1e-12


def test_leave_one_out_is_what_refits_give():
    points = design(20, 3, seed=3)
    values = np.exp(points @ [1.0, 0.5, -1.0])
    surface = fit_surface(points, values)
    misses = []
    for i in range(20):
        keep = np.arange(20) != i
        x = 2.0 * points - 1.0
        columns = [
            np.ones(20),
            *x.T,
            *(x.T**2),
            x[:, 0] * x[:, 1],
            x[:, 0] * x[:, 2],
            x[:, 1] * x[:, 2],
        ]
        matrix = np.stack(columns, axis=1)
        c = np.linalg.lstsq(matrix[keep], values[keep], rcond=None)[0]
        misses.append(values[i] - matrix[i] @ c)
    assert len(surface.terms) == 10
    want = np.sqrt(np.mean(np.square(misses)))
    assert float(surface.leave_one_out) == pytest.approx(want, rel=1e-9, abs=0)


def test_leave_one_out_tells_the_error_at_new_points():
    points = design(32, 2, seed=4)
    surface = fit_surface(points, np.sin(4.0 * points[:, 0]) + points[:, 1])
    new = np.random.default_rng(5).uniform(size=(500, 2))
    error = np.sqrt(np.mean((surface.predict(new) - np.sin(4.0 * new[:, 0]) - new[:, 1]) ** 2))
    assert 0.5 < error / float(surface.leave_one_out) < 1.3


def test_few_runs_bear_few_terms():
    points = design(16, 6, seed=6)
    assert len(fit_surface(points, points[:, 0]).terms) == 7


def test_refusals():
    with pytest.raises(DataError, match="15 runs; design at least 16"):
        design(15, 2, seed=1)
    with pytest.raises(DataError, match="no input varies"):
        design(16, 0, seed=1)
    with pytest.raises(DataError, match="one value"):
        fit_surface(np.zeros((16, 2)), np.zeros(15))
    with pytest.raises(DataError, match="16 runs of 20 inputs"):
        fit_surface(np.zeros((16, 20)), np.zeros(16))
