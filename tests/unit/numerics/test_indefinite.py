"""Integrals up to a limit against closed forms and adaptive quadrature."""

import numpy as np
import pytest
from scipy import integrate, special

from pdcraft.numerics.indefinite import weights_below

NODES = np.linspace(-9, 9, 91)  # a step of 0.2


@pytest.mark.parametrize("limit", [-3.1, -1.0, 0.0, 0.07, 2.5])
def test_the_normal_distribution_function(limit):
    density = np.exp(-NODES * NODES / 2) / np.sqrt(2 * np.pi)
    # the spectrum of the normal density beyond pi/step is exp(-123): rounding of 91 terms remains
    assert weights_below(NODES, limit) @ density == pytest.approx(
        special.ndtr(limit), rel=0, abs=1e-13
    )


def test_a_lopsided_density_against_adaptive_quadrature():
    def density(x):
        return np.exp(-x * x / 2) / (1 + np.exp(-3 * (x - 0.4))) ** 4

    # fourfold poles at pi/3 off the axis: the error is exp(-pi (pi/3) / step) times some factor,
    # which halving the step squares
    for step, allowed in ((0.2, 1e-6), (0.1, 1e-12)):
        nodes = np.arange(-9, 9 + step / 2, step)
        for limit in (-0.5, 0.6, 1.7):
            want, _ = integrate.quad(density, -9, limit, epsabs=0, epsrel=1e-12)
            got = weights_below(nodes, limit) @ density(nodes)
            assert got == pytest.approx(want, rel=0, abs=allowed)


def test_limits_far_outside_give_nothing_or_the_whole():
    density = np.exp(-NODES * NODES / 2)
    none, whole = weights_below(NODES, [-np.inf, np.inf]) @ density
    assert none == pytest.approx(0.0, abs=1e-8)  # Si reaches its limit as 1/z, z = 3e9
    assert whole == pytest.approx(np.sqrt(2 * np.pi), rel=1e-8, abs=0)
