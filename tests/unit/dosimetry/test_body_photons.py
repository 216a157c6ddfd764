"""Photon dose of the rest of the body."""

import numpy as np
import pytest

from pdcraft.data.body_photons import body_photons
from pdcraft.dosimetry.body_photons import body_photon_dose_mGy_per_MBq
from pdcraft.dosimetry.spheres import sphere_S
from pdcraft.errors import PhysicsRangeError


def by_hand(photon_MeV, per_kg):
    """Give mGy per MBq·h: 1 MeV is 1.602e-13 J, 1 MBq·h is 3.6e9 decays."""
    return photon_MeV * 1.602177e-13 * per_kg * 3.6e9 * 1e3


def test_iodine_131_by_hand():
    # 0.3828 MeV of photons (ICRP 107), most at 284-637 keV, where the table says 0.0048-0.0049 /kg
    got = float(body_photon_dose_mGy_per_MBq("I-131", 1.0, 73_700.0))
    assert got == pytest.approx(by_hand(0.3828, 0.00483), rel=0.02, abs=0)


def test_iodine_125_by_hand():
    # 27-36 keV: the table falls from 0.011 (30 keV) to 0.0078 (50 keV); 4 % are soft L X rays
    got = float(body_photon_dose_mGy_per_MBq("I-125", 1.0, 73_700.0))
    assert got == pytest.approx(by_hand(0.0417, 0.0110), rel=0.04, abs=0)


def test_a_sphere_of_the_body_keeps_more():
    # the sphere is the body of least surface: an upper bound, by 10-50 % at 364 keV
    sphere = sphere_S("I-131", mass_g=73_700.0).photon * 3600
    body = float(body_photon_dose_mGy_per_MBq("I-131", 1.0, 73_700.0))
    assert 1.1 < sphere / body < 1.5


def test_marrow_has_its_own_row():
    # bone shields soft photons: 0.0054 against 0.011 /kg at 30 keV
    marrow = body_photon_dose_mGy_per_MBq("I-125", 1.0, 73_700.0, "red_marrow")
    body = body_photon_dose_mGy_per_MBq("I-125", 1.0, 73_700.0)
    assert 0.4 < float(marrow / body) < 0.6
    other = body_photon_dose_mGy_per_MBq("I-125", 1.0, 73_700.0, "lesion:index")
    assert float(other) == float(body)


def test_linear_in_the_activity_and_scaled_with_the_body():
    dose = body_photon_dose_mGy_per_MBq("I-131", np.array([0.0, 1.0, 3.0]), 73_700.0)
    assert dose[0] == 0
    assert dose[2] == pytest.approx(3 * dose[1], rel=1e-14, abs=0)
    small = body_photon_dose_mGy_per_MBq("I-131", 1.0, 50_000.0)
    assert float(small / dose[1]) == pytest.approx((73.7 / 50) ** (2 / 3), rel=1e-12, abs=0)


def test_absorbed_fractions_are_below_one():
    table = body_photons()
    assert np.all(table.target_per_kg["total_body"] * table.body_mass_g / 1000 < 1)
    assert all(row.size == table.energy_keV.size for row in table.target_per_kg.values())


@pytest.mark.parametrize(
    ("tiac", "mass", "words"),
    [(-1.0, 73_700.0, "more than the whole body"), (1.0, 73.0, "check the unit of the body mass")],
)
def test_refusals(tiac, mass, words):
    with pytest.raises(PhysicsRangeError, match=words):
        body_photon_dose_mGy_per_MBq("I-131", tiac, mass)
