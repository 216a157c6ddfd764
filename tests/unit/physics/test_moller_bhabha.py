"""Collisions with free electrons: integrals, limits and kinematics."""

import numpy as np
import pytest
from scipy import constants, integrate

from pdcraft.physics import bhabha, moller
from pdcraft.physics.constants import ELECTRON_REST_keV

CASES = [(m, e) for m in (moller, bhabha) for e in (3.0, 50.0, 1000.0, 3000.0)]


@pytest.mark.parametrize(("model", "energy"), CASES)
def test_moments_are_integrals_of_the_density(model, energy):
    top = energy / 2 if model is moller else energy
    for power, got in enumerate(model.moments(energy, 1.0)):
        want, _ = integrate.quad(
            lambda w, n=power: w**n * model.differential_b_per_keV(energy, w),
            1.0,
            top,
            epsabs=0,
            epsrel=1e-11,
            limit=400,
        )
        assert got == pytest.approx(want, rel=1e-9, abs=0)  # quadrature 1e-11, cancellation 1e-13


def _invariant_b_per_keV(energy, loss, positron):
    """Give dsigma/dW from the invariant amplitudes.

    V.B. Berestetskii, E.M. Lifshitz, L.P. Pitaevskii, Quantum Electrodynamics, section 81; the
    annihilation channel by exchanging s and u.
    """
    m = ELECTRON_REST_keV
    r_e2_b = constants.value("classical electron radius") ** 2 * 1e28
    s, t = 4 * m**2 + 2 * m * energy, -2 * m * loss
    u = 4 * m**2 - s - t
    a, b = (u, s) if positron else (s, u)  # b: exchange or annihilation
    bracket = (
        ((a**2 + b**2) / 2 + 4 * m**2 * (t - m**2)) / t**2
        + ((a**2 + t**2) / 2 + 4 * m**2 * (b - m**2)) / b**2
        + 4 / (t * b) * (a / 2 - m**2) * (a / 2 - 3 * m**2)
    )
    return 4 * np.pi * r_e2_b * m**2 / (s * (s - 4 * m**2)) * bracket * 2 * m


@pytest.mark.parametrize("energy", [2.0, 100.0, 3000.0])
@pytest.mark.parametrize("part", [0.05, 0.3, 0.49])
def test_densities_are_those_of_the_invariant_amplitudes(energy, part):
    for positron, model in ((False, moller), (True, bhabha)):
        want = _invariant_b_per_keV(energy, part * energy, positron)
        got = model.differential_b_per_keV(energy, part * energy)
        assert got == pytest.approx(want, rel=1e-6, abs=0)  # the product of constants, 9 digits


@pytest.mark.parametrize("model", [moller, bhabha])
def test_soft_collisions_are_rutherfords(model):
    # dsigma/dW -> 2 pi r_e² mc² / (beta² W²); the next term is (2 gamma - 1)/gamma² W/E or less
    # than 2 W/E
    r_e2_b = constants.value("classical electron radius") ** 2 * 1e28
    energy, loss = 200.0, 1e-3
    gamma = 1.0 + energy / ELECTRON_REST_keV
    want = 2.0 * np.pi * r_e2_b * ELECTRON_REST_keV / (1.0 - gamma**-2) / loss**2
    assert model.differential_b_per_keV(energy, loss) == pytest.approx(want, rel=2e-5, abs=0)


def test_slow_electrons_scatter_as_identical_particles():
    # Mott's nonrelativistic formula with interference: 1/W² + 1/(E-W)² - 1/(W (E-W));
    # relativity adds terms of the order E/mc² = 2e-3
    energy, loss = 1.0, 0.3
    other = energy - loss
    shape = 1 / loss**2 + 1 / other**2 - 1 / (loss * other)
    got = moller.differential_b_per_keV(energy, loss) / moller.front_b_keV(energy)
    assert got == pytest.approx(shape, rel=1e-2, abs=0)


def test_no_hard_collision_below_the_limit():
    for energy in (0.5, 1.0, 2.0):
        assert moller.moments(energy, 1.0) == (0.0, 0.0, 0.0)
    for energy in (0.5, 1.0):
        assert bhabha.moments(energy, 1.0) == (0.0, 0.0, 0.0)


def test_positrons_lose_less_in_hard_collisions_of_fast_ones():
    # Bhabha / Møller at half the energy and 2 MeV: annihilation channel and no exchange
    # (Rohrlich and Carlson 1954: positrons' restricted loss is lower above 0.4 MeV)
    low, high = 20.0, 2000.0
    assert bhabha.differential_b_per_keV(low, low / 2) > 0.0
    ratio = bhabha.differential_b_per_keV(high, high / 4) / moller.differential_b_per_keV(
        high, high / 4
    )
    assert ratio < 1.0


@pytest.mark.parametrize("energy", [2.0, 100.0, 3000.0])
def test_cosines_conserve_momentum(energy):
    loss = 0.3 * energy

    def momentum(t):
        return np.sqrt(t * (t + 2.0 * ELECTRON_REST_keV))

    cos1 = moller.scattering_cosine(energy, energy - loss)
    cos2 = moller.scattering_cosine(energy, loss)
    along = momentum(energy - loss) * cos1 + momentum(loss) * cos2
    across = momentum(energy - loss) * np.sqrt(1 - cos1**2) - momentum(loss) * np.sqrt(1 - cos2**2)
    assert along == pytest.approx(momentum(energy), rel=1e-12, abs=0)
    assert across == pytest.approx(0.0, abs=1e-7 * momentum(energy))  # root of a rounding error
