"""Density effect against ESTAR and its limits."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import collision, density_effect
from pdcraft.physics.electron import WATER_SHELLS, WATER_Z_OVER_A_mol_per_g

PLASMA_eV = density_effect.plasma_energy_eV(WATER_Z_OVER_A_mol_per_g, 1.0)
WATER = density_effect.oscillators(*WATER_SHELLS, 75.0, PLASMA_eV)


def test_plasma_energy_of_water():
    # Sternheimer, Berger, Seltzer (1984), table of liquid water: 21.47 eV, four digits
    assert pytest.approx(21.47, rel=3e-4, abs=0) == PLASMA_eV


@pytest.mark.parametrize(
    ("energy", "want"), [(800.0, 0.1267), (1000.0, 0.2428), (2000.0, 0.8218), (10000.0, 2.992)]
)
def test_delta_of_water_is_estars(energy, want):
    # ESTAR (I = 75 eV) prints four digits
    got = density_effect.delta(collision.momentum2(energy), WATER)
    assert got == pytest.approx(want, rel=6e-4, abs=0)


def test_no_effect_at_low_speed():
    got = density_effect.delta(collision.momentum2(np.array([0.5, 10.0, 300.0])), WATER)
    assert np.array_equal(got, np.zeros(3))


def test_fast_limit_depends_on_electron_density_alone():
    # delta -> ln(p² (plasma energy / I)²) - 1; corrections fall as ln(p)/p²
    p2 = 1e12
    want = np.log(p2) + 2.0 * np.log(PLASMA_eV / 75.0) - 1.0
    assert density_effect.delta(p2, WATER) == pytest.approx(want, rel=1e-6, abs=0)


def test_resonances_have_the_mean_excitation_energy():
    mean = np.exp(WATER.strength @ np.log(WATER.resonance_keV)) * 1e3
    assert mean == pytest.approx(75.0, rel=1e-10, abs=0)


def test_impossible_mean_excitation_is_refused():
    with pytest.raises(PhysicsRangeError, match=r"5 eV is too low for a plasma energy of 21\.47"):
        density_effect.oscillators(*WATER_SHELLS, 5.0, PLASMA_eV)
