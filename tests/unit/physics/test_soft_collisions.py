"""Soft collisions: the oscillators give back Bethe, their moments are integrals."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.physics import collision, density_effect, moller, soft_collisions
from pdcraft.physics.constants import AVOGADRO_per_mol, ELECTRON_REST_keV
from pdcraft.physics.electron import WATER_SHELLS, WATER_Z_OVER_A_mol_per_g

PLASMA_eV = density_effect.plasma_energy_eV(WATER_Z_OVER_A_mol_per_g, 1.0)
WATER = density_effect.oscillators(*WATER_SHELLS, 75.0, PLASMA_eV)
ENERGIES = np.array([20.0, 100.0, 1000.0, 3000.0])
DELTA = density_effect.delta(collision.momentum2(ENERGIES), WATER)


def test_distant_and_close_losses_add_up_to_bethe():
    # the sum rule of Liljequist's model; what it lacks is of order W/E: O's K shell, 1 keV, with
    # a fifth of the electrons, at 20 keV
    distant = soft_collisions.distant_logarithms(ENERGIES, WATER, DELTA)
    loss = moller.front_b_keV(ENERGIES) * (distant @ WATER.strength)
    for w, f in zip(WATER.resonance_keV, WATER.strength, strict=True):
        loss += f * moller.moments(ENERGIES, float(w))[1]
    electrons = AVOGADRO_per_mol * 1e-24 * WATER_Z_OVER_A_mol_per_g
    want = collision.stopping_MeV_cm2_per_g(ENERGIES, WATER_Z_OVER_A_mol_per_g, 75.0, DELTA)
    assert loss * electrons * 1e-3 == pytest.approx(want, rel=6e-3, abs=0)


def test_variance_of_close_collisions_grows_by_their_density():
    # from limit 2 keV to 4 keV only close collisions are added: 1/W² in 2 ... 4 keV
    soft = soft_collisions.variance_b_keV2
    got = soft(ENERGIES, WATER, DELTA, 4.0) - soft(ENERGIES, WATER, DELTA, 2.0)
    assert got == pytest.approx(moller.front_b_keV(ENERGIES) * 2.0, rel=1e-12, abs=0)


def test_deflections_of_close_collisions_are_those_of_free_ones():
    # 1 - cos of Møller kinematics, integrated over 1/W²; mu = m W / 2p² lacks W/E (2e-3 here)
    energy = np.array([3000.0])
    first = np.subtract(
        *(soft_collisions.deflection_moments_b(energy, WATER, w)[0] for w in (6.0, 3.0))
    )
    want, _ = integrate.quad(
        lambda w: (1.0 - moller.scattering_cosine(3000.0, 3000.0 - w)) / w**2, 3.0, 6.0, epsabs=0
    )
    assert first == pytest.approx(moller.front_b_keV(3000.0) * want, rel=4e-3, abs=0)


def test_second_moment_is_three_times_the_first_at_small_angles():
    first, second = soft_collisions.deflection_moments_b(ENERGIES, WATER, 1.0)
    assert second[1:] == pytest.approx(3.0 * first[1:], rel=2e-2, abs=0)


def test_total_deflection_has_fanos_size():
    # Fano 1954: inelastic over elastic first moments is about 1/Z for each atom, so electrons add
    # sum(Z)/sum(Z²) = 10/66 to water's elastic scattering, times a ratio of logarithms near 1
    energy = np.array([1000.0])
    first, _ = soft_collisions.deflection_moments_b(energy, WATER, 500.0)
    p2 = collision.momentum2(energy)
    coulomb = np.pi * 0.0794078765 / (p2**2 / (1.0 + p2)) * 2.0  # per Z² and logarithm
    elastic_per_electron = coulomb * 66.0 / 10.0 * 11.5
    assert 0.5 * 10 / 66 < first[0] / elastic_per_electron[0] < 1.5 * 10 / 66


def test_least_recoil_is_that_of_a_forward_collision():
    # Q- = sqrt((p - p')² + m²) - m, in plain arithmetic at an energy where nothing cancels
    energy, loss, m = 3.0, 1.0, ELECTRON_REST_keV
    p, q = (np.sqrt(t * (t + 2 * m)) for t in (energy, energy - loss))
    want = np.sqrt((p - q) ** 2 + m**2) - m
    got = soft_collisions.least_recoil_keV(np.array(energy), np.array(loss))
    assert got == pytest.approx(want, rel=1e-11, abs=0)
