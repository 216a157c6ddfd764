"""The photon kernel, against problems of transport with a closed answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcraft.physics import photon_kernel

GRID = np.geomspace(10.0, 100.0, 5)
MU = np.array([5.0, 3.0, 2.0, 1.0, 0.5])


def test_pure_absorber_is_case_de_hoffmann_and_placzeks_escape():
    # K.M. Case, F. de Hoffmann, G. Placzek, Introduction to the Theory of Neutron Diffusion (1953)
    zero = np.zeros_like(MU)
    for radius in (0.05, 0.7, 4.0):
        x = MU * radius
        escape = 3 / (8 * x**3) * (2 * x**2 - 1 + (1 + 2 * x) * np.exp(-2 * x))
        got = photon_kernel.absorbed_fractions(MU, MU, (zero, zero, MU), radius)
        # the closed form cancels to 1e-11 at x = 0.025
        np.testing.assert_allclose(got, 1 - escape, rtol=1e-9, atol=0)


@given(st.floats(0.0, 0.95), st.floats(-0.9, 0.9))
def test_moments_of_one_speed_random_walks(scatter, g):
    # free paths of mean square 2/mu² and mean 1/mu, survival c, mean cosine g:
    # <r²> = 2 / (mu² (1 - c) (1 - c g))
    onward = [np.diag(MU * scatter * share) for share in (1.0, g, 0.3)]
    one, square = photon_kernel.radial_moments(MU, onward, 2)
    np.testing.assert_allclose(one, 1.0, rtol=1e-12, atol=0)
    want = 2 / (MU**2 * (1 - scatter) * (1 - scatter * g))
    np.testing.assert_allclose(square, want, rtol=1e-11, atol=0)


def test_isotropic_scatter_starts_with_slope_pi_squared_over_four():
    cosine, weight = np.polynomial.legendre.leggauss(200)
    got = photon_kernel.single_scatter_slope(cosine, 0.5 * weight[None, :])
    # theta/sin(theta) is singular at -1: the nodes near it cost 1e-3
    assert got[0] == pytest.approx(np.pi**2 / 4, rel=3e-3, abs=0)


def test_onward_energy_is_kept_and_goes_down():
    energy = GRID[:, None] * np.array([1.0, 0.7, 0.3, 0.05])
    weight = np.full(energy.shape, 0.25)
    matrix = photon_kernel.onward_matrix(GRID, energy, weight)
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, rtol=1e-12, atol=0)
    assert np.all(np.triu(matrix, 1) == 0.0)


@pytest.mark.parametrize("slope_over_limit", [0.2, 0.9, 3.0])
def test_terms_give_back_energy_and_mean_square(slope_over_limit):
    mu, transfer = np.array([0.2]), np.array([0.03])
    energy, mean_square = 1 - 0.03 / 0.2, np.array([400.0])
    square = mean_square - 2 * transfer / mu**3
    slope = slope_over_limit * 6 * energy**2 / square
    s, b, nu = photon_kernel.kernel_terms(mu, transfer, slope, mean_square)
    assert s / nu**2 + 2 * b / nu**3 == pytest.approx(energy, rel=1e-12, abs=0)
    assert 6 * s / nu**4 + 24 * b / nu**5 == pytest.approx(square, rel=1e-12, abs=0)
    assert s == pytest.approx(min(slope_over_limit, 1.0) * 6 * energy**2 / square, rel=1e-12, abs=0)


def test_everything_stays_in_a_very_large_sphere():
    mu, transfer = np.array([0.2]), np.array([0.03])
    terms = photon_kernel.kernel_terms(mu, transfer, np.array([0.01]), np.array([400.0]))
    got = photon_kernel.absorbed_fractions(mu, transfer, terms, 2000.0)
    # the share that leaves is 3 <r> / (4 R), <r> about 15
    assert got[0] == pytest.approx(1.0, rel=0, abs=0.008)
    assert got[0] < 1.0
