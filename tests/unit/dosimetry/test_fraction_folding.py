"""Folding a spectrum with a body's absorbed fractions: against closed forms and noise put in."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.core.body_fractions import Fractions
from pdcraft.data.nuclides import nuclide
from pdcraft.data.radiation import Line
from pdcraft.dosimetry.fraction_folding import (
    Emitted,
    absorbed_keV_per_g,
    emitted,
    interpolated,
)
from pdcraft.errors import PhysicsRangeError

NODES = np.array([10.0, 20.0, 50.0, 100.0, 500.0, 3000.0])


def table(values, rel_err=0.0):
    values = np.asarray(values, float).reshape(len(NODES), 1, -1)
    return Fractions(NODES, values, rel_err * values)


def test_a_power_of_the_energy_folds_as_its_closed_form():
    emission = Emitted(np.array([14.0, 140.0, 2500.0]), np.array([0.2, 0.9, 0.01]))
    value, _ = absorbed_keV_per_g(table(2.0 * NODES**-1.5), np.zeros((1, 1)), emission)
    want = 2.0 * np.sum(emission.per_decay * emission.energy_keV**-0.5)
    # a straight line in logarithms: rounding of logarithms and exponentials only
    assert value[0, 0] == pytest.approx(want, rel=1e-12, abs=0)


def test_what_is_softer_than_the_table_stays_where_it_starts():
    soft = Emitted(np.array([3.0, 9.9]), np.array([1.0, 2.0]), soft_keV=0.5)
    value, error = absorbed_keV_per_g(
        table(np.outer(np.ones(6), [7.0, 8.0])), np.array([[0.01, 0.0]]), soft
    )
    assert value.ravel() == pytest.approx([0.01 * (3.0 + 19.8 + 0.5), 0.0], rel=1e-14, abs=0)
    assert not error.any()


def test_energies_above_the_table_are_refused():
    with pytest.raises(PhysicsRangeError, match="reach from 10 to 3000 keV, asked for 20 to 3001"):
        interpolated(table(NODES), np.array([20.0, 3001.0]))


def test_beside_a_node_without_score_the_value_falls_to_zero_in_a_straight_line():
    values = interpolated(
        table([0.0, 0.0, 4.0, 8.0, 8.0, 8.0]), np.array([15.0, 20.0, 31.6228, 70.0])
    )
    # 31.6 keV lies half way between 20 and 50 in the logarithm
    assert values.ravel()[:3] == pytest.approx([0.0, 0.0, 2.0], rel=1e-5, abs=1e-12)
    assert 4.0 < values.ravel()[3] < 8.0


def test_no_energy_is_lost_between_a_decay_and_its_nodes():
    """With everything absorbed on the spot, what a decay emits comes out; I-124 has positrons."""
    for name in ("I-131", "I-124", "Y-90", "I-125"):
        source = nuclide(name)
        photons, electrons = emitted(source)
        from pdcraft.data.emissions import electron_keV, photon_keV

        # annihilation in flight moves energy from positrons to photons
        assert photons.keV + electrons.keV == pytest.approx(
            electron_keV(source) + photon_keV(source), rel=1e-12, abs=0
        )
    # mean energies of electrons of ICRP 107: 932.9 keV + conversion 0.2 keV; other end points of
    # the evaluations differ by 0.1 %
    assert emitted(nuclide("Y-90"))[1].keV == pytest.approx(933.1, rel=2e-3, abs=0)


def test_annihilation_in_flight_takes_from_positrons():
    source = nuclide("I-124")
    by_kind = source.photons
    photons, _ = emitted(source)
    extra = photons.keV - sum(p.energy_keV * p.per_decay for p in by_kind)
    # about 1.3 % of the kinetic energy at the 820 keV mean of I-124's positrons (192 keV a decay)
    assert 1.0 < extra < 4.0


def test_the_standard_error_is_that_of_noise_in_the_table():
    """Noise of 5 % in every entry: the fold of 400 noisy tables spreads as the error says.

    The spread of 400 is known to 3.5 %; with a fixed seed, 15 % is four of these. Wrong by a
    factor of 1.2 (errors added linearly, or lines taken as independent) is seen.
    """
    rng = np.random.default_rng(20261121)
    truth = np.array([3.0, 2.0, 1.5, 1.0, 0.7, 0.5])
    emission = Emitted(np.array([30.0, 40.0, 80.0, 300.0]), np.array([1.0, 1.0, 0.5, 0.3]))
    none = np.zeros((1, 1))
    _, error = absorbed_keV_per_g(table(truth, 0.05), none, emission)
    noisy = [
        absorbed_keV_per_g(table(truth * rng.normal(1.0, 0.05, 6)), none, emission)[0][0, 0]
        for _ in range(400)
    ]
    assert np.std(noisy) == pytest.approx(error[0, 0], rel=0.15, abs=0)


def test_a_nuclide_with_too_much_above_3_MeV_is_refused():
    hard = replace(nuclide("Y-90"), photons=(Line("gamma", 4000.0, 1.0),))
    with pytest.raises(PhysicsRangeError, match="lies above 3000 keV"):
        emitted(hard)
