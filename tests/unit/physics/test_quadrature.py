"""Quadrature and splines against scipy's."""

import numpy as np
import pytest
from scipy import integrate, interpolate

from pdcraft.physics.quadrature import cumulative_simpson, spline_matrix


@pytest.mark.parametrize("n", [3, 4, 5, 8, 33])
def test_cumulative_simpson_is_scipys(n):
    values = np.random.default_rng(20261121).normal(size=(2, n))
    want = integrate.cumulative_simpson(values, dx=0.3, initial=0.0)
    np.testing.assert_allclose(cumulative_simpson(values, 0.3), want, rtol=0, atol=1e-14)


def test_spline_is_scipys():
    rng = np.random.default_rng(20261121)
    nodes, values = np.sort(rng.random(9)), rng.normal(size=9)
    points = np.linspace(nodes[0], nodes[-1], 50)
    want = interpolate.CubicSpline(nodes, values)(points)
    np.testing.assert_allclose(spline_matrix(nodes, points) @ values, want, rtol=0, atol=1e-12)
