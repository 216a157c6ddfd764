"""Bremsstrahlung shapes: their limits."""

import numpy as np
import pytest

from pdcraft.physics import bremsstrahlung
from pdcraft.physics.constants import (
    FINE_STRUCTURE,
    CLASSICAL_ELECTRON_RADIUS_2_b,
    ELECTRON_REST_keV,
)

FRONT_b = FINE_STRUCTURE * CLASSICAL_ELECTRON_RADIUS_2_b


def _momenta(energy, photon):
    gamma = 1.0 + np.array([energy, energy - photon]) / ELECTRON_REST_keV
    return np.sqrt(gamma**2 - 1.0)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_slow_limit_is_born(part):
    # 16/3 alpha r_e² / p0² ln((p0 + p)/(p0 - p)) (Koch and Motz 3BN(a)); next order E/mc² = 1e-3
    energy = 0.5
    p0, p = _momenta(energy, part * energy)
    want = FRONT_b * 16.0 / 3.0 / p0**2 * np.log((p0 + p) / (p0 - p))
    got = bremsstrahlung.koch_motz_3bn_b(energy, part * energy)
    assert got == pytest.approx(want, rel=5e-3, abs=0)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_fast_limit_is_bethe_and_heitler(part):
    # 4 alpha r_e² [1 + x² - 2x/3] [ln(2 E0 E / k) - 1/2] (3BN(b)); next order (mc²/E)²
    e0 = 2000.0
    energy = (e0 - 1.0) * ELECTRON_REST_keV
    k = part * energy / ELECTRON_REST_keV
    e = e0 - k
    x = e / e0
    want = 4.0 * FRONT_b * (1 + x**2 - 2 * x / 3) * (np.log(2 * e0 * e / k) - 0.5)
    got = bremsstrahlung.koch_motz_3bn_b(energy, part * energy)
    assert got == pytest.approx(want, rel=1e-4, abs=0)


def test_screening_of_slow_electrons_takes_distant_collisions_off():
    # what is left of ln(q+/q-) is 1/2 [ln((q²+b²)) + b²/(q²+b²)] between q- and q+, for any Z
    energy, photon, z = 0.5, 0.2, 8.0
    p0, p = _momenta(energy, photon)
    b2 = (z ** (1 / 3) / 111.0) ** 2
    q2 = np.array([p0 - p, p0 + p]) ** 2
    left = 0.5 * np.diff(np.log(q2 + b2) + b2 / (q2 + b2))[0]
    lost = np.log((p0 + p) / (p0 - p)) - left
    # the dipole's spread of q over directions is beta = 4% to either side; E/E0 is 1 here
    want = FRONT_b * 16.0 / 3.0 / p0**2 * lost
    got = bremsstrahlung.screening_loss_b(energy, photon, z)
    assert got == pytest.approx(want, rel=2e-2, abs=0)


def test_screening_of_fast_electrons_is_schiffs():
    # complete screening: ln(b/q) - 13/12 (from Koch and Motz 3BSe for soft photons); 5 nodes of the
    # angular integral leave 1%
    energy, photon, z = 1e6, 1e-3, 8.0
    e0 = 1.0 + energy / ELECTRON_REST_keV
    k = photon / ELECTRON_REST_keV
    q = k / (2.0 * e0 * (e0 - k))
    b = z ** (1 / 3) / 111.0
    want = FRONT_b * 16.0 / 3.0 * (np.log(b / q) - 13.0 / 12.0)
    got = bremsstrahlung.screening_loss_b(energy, photon, z)
    assert got == pytest.approx(want, rel=3e-3, abs=0)


def test_elwert_lifts_the_tip_only():
    assert bremsstrahlung.elwert_factor(100.0, 1e-6, 8) == pytest.approx(1.0, rel=1e-6, abs=0)
    assert bremsstrahlung.elwert_factor(100.0, 99.9, 1e-9) == pytest.approx(1.0, rel=1e-3, abs=0)
    tip = bremsstrahlung.koch_motz_3bn_b(100.0, 99.9999) * bremsstrahlung.elwert_factor(
        100.0, 99.9999, 8
    )
    near = bremsstrahlung.koch_motz_3bn_b(100.0, 99.0) * bremsstrahlung.elwert_factor(
        100.0, 99.0, 8
    )
    assert 0.8 < tip / near < 1.0  # finite where Born falls to zero


def test_positrons_radiate_less():
    # radiative stopping of positrons over electrons' in PENELOPE-2018 (pyPenred 1.15), 1 keV,
    # 100 keV and 3 MeV: the fit to Kim et al. as printed there, four digits
    energies = np.array([1.0, 100.0, 3000.0])
    for z, want in ((8, [0.2619, 0.7778, 0.9753]), (53, [0.0510, 0.3369, 0.7356])):
        got = bremsstrahlung.positron_share(energies, z)
        assert got == pytest.approx(want, rel=1e-3, abs=0)
