"""Stopping and ranges of electrons in water, against NIST's ESTAR (I = 75 eV)."""

import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import electron

# ESTAR, liquid water: keV, collision stopping power MeV cm²/g, tolerance
STOPPING = [(10.0, 22.561, 5e-5), (100.0, 4.1153, 5e-5), (1000.0, 1.8491, 5e-5)]
# ESTAR, liquid water: keV, CSDA range g/cm²
RANGES = [(10.0, 2.515e-4), (100.0, 0.01431), (500.0, 0.1766), (1000.0, 0.4367), (2000.0, 0.9785)]


@pytest.mark.parametrize(("energy", "want", "rel"), STOPPING)
def test_stopping_power_is_estars(energy, want, rel):
    # half a unit of the last digit printed
    got = electron.water_stopping_MeV_cm2_per_g(energy, 75.0)
    assert got == pytest.approx(want, rel=rel, abs=0)


@pytest.mark.parametrize(("energy", "want"), RANGES)
def test_range_is_estars(energy, want):
    # no radiative loss (+0.7% at 2 MeV), the start below 0.5 keV (+0.9% at 10 keV)
    got = electron.csda_range_g_per_cm2(energy, 75.0)
    assert got == pytest.approx(want, rel=0.012, abs=0)
    assert got > want * 0.999


def test_more_bound_water_stops_less():
    assert electron.csda_range_g_per_cm2(100.0, 78.0) > electron.csda_range_g_per_cm2(100.0, 75.0)


def test_range_grows_from_zero():
    ranges = electron.csda_range_g_per_cm2([0.0, 0.1, 0.5, 0.6, 1.0, 100.0])
    assert ranges[0] == 0.0
    assert all(ranges[1:] > ranges[:-1])


def test_refuses_energies_out_of_range():
    with pytest.raises(PhysicsRangeError, match=r"0\.5 to 10000 keV, got 0\.1"):
        electron.water_stopping_MeV_cm2_per_g(0.1)
    with pytest.raises(PhysicsRangeError, match=r"0 to 10000 keV, got -1"):
        electron.csda_range_g_per_cm2(-1.0)
