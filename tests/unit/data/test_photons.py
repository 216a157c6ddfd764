"""Photon coefficients of water, against NIST's tables."""

import numpy as np
import pytest

from pdcraft.data.photons import WATER, mu_en_cm2_per_g, photon_coefficients
from pdcraft.errors import PhysicsRangeError

# J.H. Hubbell, S.M. Seltzer, NISTIR 5632: mu_en/rho of liquid water, cm²/g, by energy in keV
NIST_MU_EN = {
    10: 4.944, 15: 1.374, 20: 0.5503, 30: 0.1557, 40: 0.06947, 50: 0.04223, 60: 0.03190,
    80: 0.02597, 100: 0.02546, 150: 0.02764, 200: 0.02967, 300: 0.03192, 400: 0.03279,
    500: 0.03299, 600: 0.03284, 800: 0.03206, 1000: 0.03103, 1250: 0.02965, 1500: 0.02833,
    2000: 0.02608,
}  # fmt: skip
GRID_keV = np.geomspace(1.0, 3000.0, 161)
# XCOM, incoherent scattering in water, cm²/g
XCOM_INCOHERENT = {30: 0.182878, 100: 0.162614, 364.489: 0.109646, 1000: 0.0706600, 2000: 0.0490121}


def test_energy_absorption_is_nists():
    energy = np.array(list(NIST_MU_EN), dtype=float)
    got = mu_en_cm2_per_g(WATER, energy)
    # four printed digits (0.03%), XCOM against xraylib 0.1%, radiated share 0.5% at 2 MeV; the
    # library's own CS_Energy would be off by 37% at 30 keV
    np.testing.assert_allclose(got, list(NIST_MU_EN.values()), rtol=5e-3, atol=0)
    low = energy <= 400
    np.testing.assert_allclose(got[low], np.array(list(NIST_MU_EN.values()))[low], rtol=1e-3)


def test_compton_is_xcoms():
    got = photon_coefficients(WATER, list(XCOM_INCOHERENT)).compton
    # scattering functions integrate to XCOM within 0.3%
    np.testing.assert_allclose(got, list(XCOM_INCOHERENT.values()), rtol=4e-3, atol=0)


def test_directions_are_probabilities_and_no_photon_gains():
    scatter = photon_coefficients(WATER, GRID_keV).scatter
    np.testing.assert_allclose(scatter.probability.sum(axis=1), 1.0, rtol=1e-12, atol=0)
    assert np.all((scatter.kept > 0) & (scatter.kept <= 1))
    assert not scatter.kept.flags.writeable


def test_pairs_only_above_threshold():
    water = photon_coefficients(WATER, GRID_keV)
    assert np.all(water.pair[water.energy_keV < 1022] == 0)
    assert np.all(water.pair[water.energy_keV > 1030] > 0)


def test_one_number_in_one_number_out():
    assert mu_en_cm2_per_g(WATER, 100.0).shape == ()


@pytest.mark.parametrize("energy", [0.5, 5000.0])
def test_refuses_energies_out_of_range(energy):
    with pytest.raises(PhysicsRangeError, match="hold from 1 to 3000 keV"):
        mu_en_cm2_per_g(WATER, energy)
