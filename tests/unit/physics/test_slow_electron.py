"""Stopping of slow electrons in water: sums, limits, PENELOPE's values, and where it is refused."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics import moller
from pdcraft.physics.electron import water_stopping_MeV_cm2_per_g
from pdcraft.physics.slow_electron import (
    PER_GRAM_MeV_cm2,
    dielectric_stopping_MeV_cm2_per_g,
    inelastic_b,
    oscillator_stopping_MeV_cm2_per_g,
    range_g_per_cm2,
    recoil_limits_keV,
    split_b,
    stopping_MeV_cm2_per_g,
)
from pdcraft.physics.water_response import (
    K_SHARE,
    PLASMA_eV,
    energy_loss_function,
    optical_oscillators,
)


@pytest.mark.parametrize("mean_excitation_eV", [75.0, 78.0])
def test_oscillators_keep_the_sum_rules(mean_excitation_eV):
    resonance, strength = optical_oscillators(mean_excitation_eV)
    assert strength.sum() == pytest.approx(1.0, rel=1e-12, abs=0)
    logarithm = float(strength @ np.log(resonance))
    assert np.exp(logarithm) == pytest.approx(mean_excitation_eV, rel=1e-12, abs=0)
    assert strength[-1] == K_SHARE
    assert resonance[-1] > 538.0  # above the K edge [Carlson]: most of its strength lies there


def test_valence_electrons_of_the_drude_set_are_eight_within_a_tenth():
    # f-sum rule: 2 / (pi Ep²) int W Im(-1/eps) dW is the share of ten electrons; thresholds cut it
    w = np.geomspace(1.0, 1e4, 40_001)
    share = 2.0 / (np.pi * PLASMA_eV**2) * np.trapezoid(w * energy_loss_function(w), w)
    assert share == pytest.approx(0.82, rel=0.1, abs=0)


def test_least_recoil_solves_the_kinematics():
    energy, w = 1.0, np.array([0.01, 0.1, 0.4])
    low, high = recoil_limits_keV(energy, w)
    # momentum before less momentum after is the momentum of the recoil
    assert np.sqrt(low) == pytest.approx(
        np.sqrt(energy) - np.sqrt(energy - w - low), rel=1e-9, abs=0
    )
    assert high == pytest.approx(0.5 * (energy - w), rel=1e-12, abs=0)
    closed, end = recoil_limits_keV(1.0, 0.6)  # nothing to excite with less than half the energy
    assert closed == end


def test_stopping_is_the_mean_loss_of_single_collisions():
    energy, w = 0.7, 1e-3 * optical_oscillators()[0][10]
    low, high = (float(v) for v in recoil_limits_keV(energy, w))

    def density(q):
        direct, other = 1.0 / (q * (q + w)), 1.0 / ((energy - q) * (energy - w - q))
        return direct + other - np.sqrt(direct * other)

    number, loss = inelastic_b(np.array([energy]))
    want = integrate.quad(lambda q: density(q) * (w + q), low, high, epsabs=0, epsrel=1e-10)[0]
    norm = integrate.quad(density, low, high, epsabs=0, epsrel=1e-10)[0]
    # 48 nodes in ln Q: 1e-9
    assert loss[0, 10] / number[0, 10] == pytest.approx(want / norm, rel=1e-7, abs=0)


@pytest.mark.parametrize(
    ("energy_keV", "want"),
    [(1.0, 120.249), (2.0, 74.2766), (5.0, 38.1293), (10.0, 22.4061), (30.0, 9.59411)],
)
def test_default_is_that_of_penelope(energy_keV, want):
    """PENELOPE-2018, water, I = 78 eV: the same model with its own shells; 1.2% at 1 keV."""
    assert float(stopping_MeV_cm2_per_g(energy_keV)) == pytest.approx(want, rel=0.012, abs=0)


def test_both_models_go_over_into_bethe():
    for model in (dielectric_stopping_MeV_cm2_per_g, oscillator_stopping_MeV_cm2_per_g):
        # no shell correction left at 12 keV but 0.4%; retardation 0.1%
        bethe = float(water_stopping_MeV_cm2_per_g(12.0))
        assert float(model(12.0)) == pytest.approx(bethe, rel=0.005, abs=0)
    e = np.geomspace(0.06, 100.0, 400)
    for model in ("oscillator", "dielectric"):
        s = stopping_MeV_cm2_per_g(e, model)
        assert np.all(np.abs(np.diff(np.log(s))) < 0.1)  # no step where they join


def test_models_differ_as_said():
    ratio = dielectric_stopping_MeV_cm2_per_g([0.1, 0.5, 1.0]) / oscillator_stopping_MeV_cm2_per_g(
        [0.1, 0.5, 1.0]
    )
    assert ratio == pytest.approx([0.53, 0.89, 0.936], rel=0.02, abs=0)  # as the module says


def test_shell_that_is_not_scaled_is_bethe_with_moller():
    # nonrelativistic Bethe for electrons: S = (2 pi e⁴/E') [2 ln(E/I) + 1 - ln 2]; at 40 keV the
    # neglected terms of the dielectric form are of order tau = 0.08 times 0.1
    e = 40.0
    assert float(dielectric_stopping_MeV_cm2_per_g(e)) == pytest.approx(
        float(water_stopping_MeV_cm2_per_g(e)), rel=0.006, abs=0
    )


def test_range_is_the_integral_of_slowness():
    low, high = 0.3, 20.0
    got = float(range_g_per_cm2(high) - range_g_per_cm2(low))
    want = integrate.quad(lambda e: 1e-3 / float(stopping_MeV_cm2_per_g(e)), low, high, limit=400)[
        0
    ]
    assert got == pytest.approx(want, rel=1e-4, abs=0)  # linear in logarithms between 801 nodes
    # ESTAR's range at 10 keV, I = 75 eV: 2.515e-4 g/cm²; it starts from half of E/S at 1 keV
    assert float(range_g_per_cm2(10.0, mean_excitation_eV=75.0)) == pytest.approx(
        2.515e-4, rel=0.02, abs=0
    )


def test_refuses_what_it_does_not_hold_for():
    with pytest.raises(PhysicsRangeError, match=r"0\.02 to 0\.02 keV asked.*on the spot"):
        stopping_MeV_cm2_per_g(0.02)
    with pytest.raises(PhysicsRangeError, match="'bethe' is not one of oscillator, dielectric"):
        stopping_MeV_cm2_per_g(1.0, "bethe")
    with pytest.raises(PhysicsRangeError, match="mean excitation energy of water is 60 eV"):
        optical_oscillators(60.0)
    with pytest.raises(PhysicsRangeError, match="ranges in water hold from 0"):
        range_g_per_cm2(-1.0)


@pytest.mark.parametrize("energy_keV", [0.3, 3.0, 30.0])
def test_distant_and_close_collisions_are_the_oscillator_model(energy_keV):
    """Forty optical oscillators in place of four shells: stopping within 5% at 0.3 keV, 0.5% above.

    Transverse parts of distant collisions and the density effect, 0.1% at 30 keV, are left out.
    """
    number, loss = split_b(np.array([energy_keV]))
    got = PER_GRAM_MeV_cm2 * loss.sum()
    want = float(oscillator_stopping_MeV_cm2_per_g(energy_keV))
    assert got == pytest.approx(want, rel=0.05 if energy_keV < 1 else 0.007, abs=0)
    w = 1e-3 * optical_oscillators()[0]
    distant, close = loss[0, : w.size], loss[0, w.size :]
    assert distant == pytest.approx(number[0, : w.size] * w, rel=1e-12, abs=0)
    assert np.all(close >= number[0, w.size :] * w)  # close ones lose the resonance or more


def test_close_collisions_are_moller():
    w = 1e-3 * optical_oscillators()[0][5]
    energy = 2.0
    number, loss = split_b(np.array([energy]))
    strength = optical_oscillators()[1][5]
    want = integrate.quad(
        lambda x: float(moller.differential_b_per_keV(energy, x)),
        w,
        energy / 2,
        epsabs=0,
        limit=200,
    )[0]
    at = optical_oscillators()[0].size + 5
    assert number[0, at] == pytest.approx(strength * want, rel=1e-6, abs=0)
    assert loss[0, at] / number[0, at] > w
