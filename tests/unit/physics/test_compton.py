"""Klein-Nishina scattering, against closed forms and constants."""

import numpy as np
import pytest
from scipy import constants as codata
from scipy import integrate

from pdcraft.physics import compton, constants


@pytest.mark.parametrize("energy_keV", [10.0, 208.0, 1500.0])
def test_integral_is_klein_and_nishinas_closed_form(energy_keV):
    k = energy_keV / constants.ELECTRON_REST_keV
    log = np.log1p(2 * k)
    bracket = (
        (1 + k) / k**2 * (2 * (1 + k) / (1 + 2 * k) - log / k)
        + log / (2 * k)
        - (1 + 3 * k) / (1 + 2 * k) ** 2
    )
    want = 2 * np.pi * constants.CLASSICAL_ELECTRON_RADIUS_2_b * bracket

    def ring(c):
        return 2 * np.pi * compton.differential_b_per_sr(energy_keV, c)

    got, _ = integrate.quad(ring, -1, 1, epsrel=1e-11, epsabs=0)
    assert got == pytest.approx(want, rel=1e-9, abs=0)  # the closed form cancels to 1e-11 at 10 keV


def test_backscatter_keeps_what_kinematics_say():
    # 511 keV backward keeps a third
    assert compton.scattered_fraction(constants.ELECTRON_REST_keV, -1.0) == pytest.approx(
        1 / 3, rel=1e-15, abs=0
    )


def test_momentum_transfer_of_a_turn_back_is_one_over_the_wavelength():
    hc = codata.h * codata.c / codata.e * 1e-3 * 1e10  # keV angstrom
    got = compton.momentum_transfer_per_angstrom(hc, -1.0)  # wavelength 1 angstrom
    assert got == pytest.approx(1.0, rel=1e-9, abs=0)


def test_constants_match_codata():
    # identities cannot see a wrong constant: it scales both sides
    m_e = codata.value("electron mass energy equivalent in MeV") * 1e3
    r_e = codata.value("classical electron radius")
    # scipy may carry CODATA 2018 or 2022: they differ by 3e-10 and 5e-10
    assert constants.ELECTRON_REST_keV == pytest.approx(m_e, rel=1e-8, abs=0)
    assert constants.CLASSICAL_ELECTRON_RADIUS_2_b == pytest.approx(r_e**2 * 1e28, rel=1e-8, abs=0)
    assert constants.FINE_STRUCTURE == pytest.approx(codata.alpha, rel=1e-8, abs=0)
    assert constants.J_per_keV == pytest.approx(codata.e * 1e3, rel=1e-15, abs=0)
    assert constants.AVOGADRO_per_mol == codata.N_A


def test_s_unit_is_one_keV_in_one_gram():
    gray_per_decay = codata.e * 1e3 / 1e-3  # 1 keV in 1e-3 kg
    assert constants.S_UNIT_mGy_g_per_MBq_s_keV == pytest.approx(
        gray_per_decay * 1e3 * 1e6, rel=1e-14, abs=0
    )
