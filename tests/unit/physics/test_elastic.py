"""Elastic formulas: size, angles, spin."""

import numpy as np
import pytest
from scipy import constants

from pdcraft.physics import elastic


def test_rutherford_of_slow_electrons():
    # (e²/4 pi eps0 / 4E)² / sin⁴(theta/2) per sr at 1 keV; relativity is 3 tau/2 or 0.3%
    energy_keV, mu = 1.0, 0.3
    joule_m = constants.e**2 / (4 * np.pi * constants.epsilon_0)
    length = joule_m / (4 * energy_keV * 1e3 * constants.e)
    per_sr_b = (length / mu) ** 2 * 1e28
    got = elastic.rutherford_b(energy_keV, mu) / (4 * np.pi)
    assert got == pytest.approx(per_sr_b, rel=4e-3, abs=0)


def test_screening_unit_is_a_momentum_of_one_bohr():
    # k = sqrt(2 E) in atomic units for slow electrons: mu = 1 / 4k²; relativity is E/2mc² = 1e-3
    energy_hartree = 1e3 / 27.211386
    want = 1.0 / (8.0 * energy_hartree)
    assert elastic.screening_unit(1.0) == pytest.approx(want, rel=2e-3, abs=0)


@pytest.mark.parametrize("energy", [0.5, 100.0, 4000.0])
def test_angle_grid_spans_all_angles(energy):
    mu = elastic.angle_grid(energy, np.linspace(0.0, 1.0, 64))
    assert mu[0] == 0.0
    assert mu[-1] == pytest.approx(1.0, rel=1e-12, abs=0)
    assert np.all(np.diff(mu) > 0.0)


def test_spin_of_positrons_is_that_of_the_opposite_charge():
    mu = np.linspace(0.0, 1.0, 11)
    minus, plus = (elastic.mckinley_feshbach(500.0, mu, 20, charge) for charge in (0, 1))
    assert minus + plus == pytest.approx(2 * elastic.mckinley_feshbach(500.0, mu, 0), rel=1e-12)
    assert np.all(minus[1:-1] > plus[1:-1])


def test_mckinley_feshbach_is_close_to_the_exact_series():
    # aluminum, 90 degrees, 1.75 MeV: the published second-order ratio 1 - beta²/2 + ... of
    # McKinley and Feshbach with Z alpha = 0.095, in plain arithmetic
    gamma = 1.0 + 1750.0 / 510.99895
    beta = np.sqrt(1 - gamma**-2)
    s = np.sqrt(0.5)
    want = 1 - beta**2 * 0.5 + np.pi * 13 / 137.036 * beta * s * (1 - s)
    assert elastic.mckinley_feshbach(1750.0, 0.5, 13) == pytest.approx(want, rel=1e-6, abs=0)
