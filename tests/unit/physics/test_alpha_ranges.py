"""Ranges of alpha particles both ways, against NIST's ASTAR and a power law."""

import numpy as np
import pytest

from pdcraft.data.alpha_stopping import alpha_stopping, water_alpha_ranges
from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.alpha import RangeTable, recoil_keV


def test_astar_points_of_liquid_water():
    # ASTAR: range in g/cm2 and electronic stopping power in MeV cm2/g at 5, 5.5 and 8 MeV
    table = alpha_stopping()
    for energy, stopping, csda in ((5e3, 884.8, 3.759e-3), (5.5e3, 826.9, 4.344e-3)):
        at = table["energy_keV"] == energy
        assert table["electronic_MeV_cm2_per_g"][at] == stopping
        assert table["csda_range_g_per_cm2"][at] == csda
        # um of water; the cubic passes through the points
        found = water_alpha_ranges().range_of(energy)
        assert found == pytest.approx(1e4 * csda, rel=1e-12, abs=0)


def test_ranges_are_the_integral_of_the_stopping_power():
    table = alpha_stopping()
    energy = table["energy_keV"]
    total = table["electronic_MeV_cm2_per_g"] + table["nuclear_MeV_cm2_per_g"]
    fine = np.geomspace(100.0, 9500.0, 4000)
    stopping = np.exp(np.interp(np.log(fine), np.log(energy), np.log(total)))
    run = np.trapezoid(1e-3 / stopping, fine)  # MeV over MeV cm2/g
    table_range = table["csda_range_g_per_cm2"]
    expected = table_range[energy == 9500.0] - table_range[energy == 100.0]
    # ASTAR integrates a finer grid; four digits are printed
    assert run == pytest.approx(float(expected[0]), rel=1e-3, abs=0)


def test_stopping_is_one_over_the_slope_of_the_range():
    table = alpha_stopping()
    total = table["electronic_MeV_cm2_per_g"] + table["nuclear_MeV_cm2_per_g"]
    inside = (table["energy_keV"] > 50.0) & (table["energy_keV"] < 9e3)
    found = 10.0 * water_alpha_ranges().stopping(table["energy_keV"][inside])  # keV/um
    # slope of a cubic through points of four digits, 5% apart: up to 1.5%
    np.testing.assert_allclose(found, total[inside], rtol=0.015, atol=0)


def test_energy_of_what_is_left_of_a_range():
    ranges = water_alpha_ranges()
    energy = np.array([0.5, 1.0, 7.3, 333.0, 5869.0, 8785.0])
    # the inverse is a cubic through 2000 nodes
    np.testing.assert_allclose(ranges.energy_of(ranges.range_of(energy)), energy, rtol=1e-9, atol=0)
    assert ranges.energy_of(0.0) == ranges.energy_of(-5.0) == 0.0


def test_a_power_law_is_met_exactly():
    energy = np.geomspace(1.0, 1e4, 30)
    law = RangeTable(energy, 0.01 * energy**1.5)
    assert law.range_of(777.0) == pytest.approx(0.01 * 777.0**1.5, rel=1e-12, abs=0)
    assert law.energy_of(0.01 * 777.0**1.5) == pytest.approx(777.0, rel=1e-12, abs=0)
    assert law.stopping(777.0) == pytest.approx(1 / (0.015 * 777.0**0.5), rel=1e-9, abs=0)


def test_beyond_the_table_is_refused():
    with pytest.raises(PhysicsRangeError, match="table of ranges ends at 10000, got 12000"):
        water_alpha_ranges().range_of(12e3)


def test_recoil_of_polonium_210():
    # 103.1 keV, the textbook value: Q 5407.5 keV less the alpha particle's 5304.3 keV
    assert recoil_keV(5304.3, 210) == pytest.approx(103.1, abs=0.2)
