"""Annihilation in flight: limits, integral, kinematics."""

import numpy as np
import pytest
from scipy import constants, integrate

from pdcraft.physics import annihilation
from pdcraft.physics.constants import ELECTRON_REST_keV


def test_slow_limit_is_diracs():
    # sigma -> pi r_e² / beta (Dirac 1930); corrections of the order beta² = 4e-4
    energy = 0.1
    beta = np.sqrt(1.0 - (1.0 + energy / ELECTRON_REST_keV) ** -2)
    want = np.pi * constants.value("classical electron radius") ** 2 * 1e28 / beta
    assert annihilation.total_b(energy) == pytest.approx(want, rel=1e-3, abs=0)


def test_fast_limit():
    # Heitler: pi r_e² / gamma (ln 2 gamma - 1); the next term is of order ln(gamma)/gamma
    gamma = 1e5
    want = np.pi * constants.value("classical electron radius") ** 2 * 1e28
    want *= (np.log(2 * gamma) - 1.0) / gamma
    energy = (gamma - 1.0) * ELECTRON_REST_keV
    assert annihilation.total_b(energy) == pytest.approx(want, rel=1e-3, abs=0)


@pytest.mark.parametrize("energy", [1.0, 100.0, 3000.0])
def test_density_integrates_to_the_total(energy):
    least = annihilation.least_share(energy)
    total, _ = integrate.quad(
        lambda z: annihilation.differential_b(energy, z), least, 1 - least, epsabs=0, epsrel=1e-11
    )
    assert total == pytest.approx(annihilation.total_b(energy), rel=1e-9, abs=0)


@pytest.mark.parametrize("energy", [1.0, 100.0, 3000.0])
def test_photons_carry_the_momentum(energy):
    share = np.array([annihilation.least_share(energy), 0.3, 0.5])
    whole = energy + 2.0 * ELECTRON_REST_keV
    momentum = np.sqrt(energy * (energy + 2.0 * ELECTRON_REST_keV))
    share = np.maximum(share, annihilation.least_share(energy))
    one = annihilation.photon_cosine(energy, share)
    two = annihilation.photon_cosine(energy, 1.0 - share)
    along = whole * (share * one + (1.0 - share) * two)
    assert along == pytest.approx(momentum, rel=1e-9, abs=0)
    # the softest photon goes straight back
    assert one[0] == pytest.approx(-1.0, rel=1e-9, abs=0)
