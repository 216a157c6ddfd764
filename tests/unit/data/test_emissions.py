"""Beta spectra as densities, and what of the Auger electrons depends on the model."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.data import emissions
from pdcraft.data.nuclides import nuclide, nuclide_names
from pdcraft.data.radiation import BetaTable
from pdcraft.errors import DataError

BETA_EMITTERS = [n for n in nuclide_names() if nuclide(n, "none").beta]


@pytest.mark.parametrize("name", BETA_EMITTERS)
def test_spectra_hold_the_yield_and_the_energy(name):
    source = nuclide(name)
    mean = emissions.energy_by_kind_keV(source)
    for charge in ("minus", "plus"):
        energy, density = emissions.beta_spectrum(source, charge)
        expected = sum(b.per_decay for b in source.beta if b.charge == charge)
        if not expected:
            assert energy.size == density.size == 0
            continue
        assert energy.size >= 400
        assert np.all(np.diff(energy) > 0)
        assert np.all(density >= 0)
        assert np.trapezoid(density, energy) == pytest.approx(expected, rel=1e-12, abs=0)
        # trapezoids on 1000 nodes against Gauss-Legendre: second order, 1e-5
        got = np.trapezoid(density * energy, energy)
        assert got == pytest.approx(mean[f"beta {charge}"], rel=3e-5, abs=0)


def test_charges_are_apart_in_copper_64():
    # DDEP: 38.48% electrons to 579.4 keV, 17.52% positrons to 653.0 keV; slow positrons are
    # pushed out by the nucleus, slow electrons pulled in
    minus = emissions.beta_spectrum(nuclide("Cu-64"), "minus")
    plus = emissions.beta_spectrum(nuclide("Cu-64"), "plus")
    assert minus[0][-1] == pytest.approx(579.4, rel=1e-9, abs=0)
    assert plus[0][-1] == pytest.approx(653.0, rel=1e-4, abs=0)
    slow = [np.interp(10.0, *spectrum) / np.max(spectrum[1]) for spectrum in (minus, plus)]
    assert slow[0] > 0.5
    assert slow[1] < 0.1


def test_too_coarse_a_grid_is_refused():
    with pytest.raises(DataError, match="400 nodes or more, got 100"):
        emissions.beta_spectrum(nuclide("Y-90"), nodes=100)


def test_the_daughter_of_each_branch_shapes_its_spectrum():
    # Ga-68 and Cu-67 both leave zinc; Cu-64's two daughters are nickel and zinc
    assert {b.daughter_z for b in nuclide("Ga-68").beta} == {30}
    assert {(b.charge, b.daughter_z) for b in nuclide("Cu-64").beta} == {
        ("minus", 30),
        ("plus", 28),
    }


def test_tabulated_spectra_are_integrated_as_straight_lines():
    # a triangle from 0 to 300 keV with its top at 100: mean (0 + 100 + 300)/3 by geometry
    table = BetaTable("minus", np.array([0.0, 100.0, 300.0]), np.array([0.0, 1 / 150, 0.0]), 0.5)
    source = replace(nuclide("Y-90"), beta=(), electrons=(), soft_keV=0.0, beta_tables=(table,))
    assert emissions.electron_keV(source) == pytest.approx(0.5 * 400 / 3, rel=1e-12, abs=0)
    energy, per_decay = emissions.electron_nodes(source)
    assert np.sum(per_decay) == pytest.approx(0.5, rel=1e-12, abs=0)
    assert np.sum(energy * per_decay) == pytest.approx(0.5 * 400 / 3, rel=1e-12, abs=0)
    _, density = emissions.beta_spectrum(source)
    # 1001 nodes, one of them near the top of the triangle
    assert np.max(density) == pytest.approx(0.5 / 150, rel=2e-3, abs=0)


def test_electrons_below_200_eV_are_marked():
    lines = nuclide("I-125").electrons
    marked = [x for x in lines if emissions.model_dependent(x)]
    # 9.5 per decay by EADL, 17.7 by ICRP 107
    assert 9.5 < sum(x.per_decay for x in marked) < 17.8
    assert all(x.energy_keV < 0.2 and x.kind == "Auger electron" for x in marked)
    # they hold little energy: DDEP's Auger and conversion electrons are 20 keV
    assert sum(x.per_decay * x.energy_keV for x in marked) < 0.8
