"""Electron tables: what is split must add up again, whatever the settings."""

import numpy as np
import pytest

from pdcraft.core.material import Material
from pdcraft.data.electron_elements import electron_element
from pdcraft.errors import DataError
from pdcraft.physics import bhabha, elastic, moller
from pdcraft.transport.electron_data import (
    COARSE,
    SQRT_MU,
    ENERGY_keV,
    electron_data,
    electrons_mol_per_g,
)
from pdcraft.transport.electron_elastic import PER_GRAM, U_GRID, scattering
from pdcraft.transport.electron_radiation import radiation
from pdcraft.transport.settings import Settings

WATER = Material("water", ((1, 0.111894), (8, 0.888106)), 1.0, 75.0, "ICRU 37")
BONE = Material(
    "bone",
    ((1, 0.034), (6, 0.155), (7, 0.042), (8, 0.435), (12, 0.002), (15, 0.103), (20, 0.229)),
    1.92,
    112.0,
    "as ICRU 44",
)
MATERIALS = (WATER, BONE)
DATA = electron_data(MATERIALS, Settings())
ALL = np.arange(0, ENERGY_keV.size, 40)


def test_shapes_and_values():
    nodes, coarse = ENERGY_keV.size, ENERGY_keV[::COARSE].size
    assert DATA.coarse * (coarse - 1) == nodes - 1
    for name in ("stopping", "scatter", "cut", "csda_mm", "annihilation"):
        assert getattr(DATA, name).shape == (2, 2, nodes)
    assert DATA.acceptance.shape == (2, 2, coarse, SQRT_MU.size)
    assert DATA.photon_quantile.shape[:2] == (2, coarse)
    for value in DATA:
        if isinstance(value, np.ndarray):
            assert np.all(np.isfinite(value))
            assert np.all(value >= 0.0)
            assert value.flags.c_contiguous
            assert not value.flags.writeable
    i = 100
    node = DATA.lowest_keV * np.exp(i / DATA.nodes_per_log)
    assert node == pytest.approx(ENERGY_keV[i], rel=1e-12, abs=0)


@pytest.mark.parametrize("limits", [(0.5, 1.0), (2.0, 5.0), (50.0, 20.0)])
def test_losses_add_up_whatever_the_limits(limits):
    """Soft stopping + hard collisions + hard photons does not depend on where the limits are."""

    def whole(hard_loss, hard_photon, charge):
        data = electron_data(
            (WATER,), Settings(hard_loss_keV=hard_loss, hard_photon_keV=hard_photon)
        )
        hard = (bhabha if charge else moller).moments(ENERGY_keV, hard_loss)[1]
        # mean photon energy from the quantiles: midpoints of equal probabilities
        coarse = ENERGY_keV[::COARSE]
        ratio = np.maximum(coarse / hard_photon, 1.0)[:, None]
        photon = hard_photon * ratio ** data.photon_quantile[0]
        step = np.diff(np.log(photon), axis=1)
        # within a cell probability is even in ln k
        mean = np.where(step > 0, np.diff(photon, axis=1) / np.maximum(step, 1e-300), photon[:, 1:])
        total = data.stopping[charge, 0] + PER_GRAM * electrons_mol_per_g(WATER) * hard
        return total[::COARSE] + data.radiation[charge, 0, ::COARSE] * mean.mean(axis=1)

    for charge in (0, 1):
        want = whole(3000.0, 3000.0, charge)
        # photons above 3 MeV are hard in the reference too; 129 quantiles see the mean to 1%, of
        # radiative losses that are 2.5% of all at 3 MeV
        assert whole(*limits, charge) == pytest.approx(want, rel=4e-4, abs=0)


def test_range_is_the_integral_of_the_slowness():
    fine = np.geomspace(10.0, 1000.0, 20001)
    full = electron_data((WATER,), Settings(hard_loss_keV=3000.0, hard_photon_keV=3000.0))
    stopping = np.exp(np.interp(np.log(fine), np.log(ENERGY_keV), np.log(full.stopping[0, 0])))
    want = np.trapezoid(1.0 / stopping, fine)
    r10, r1000 = np.interp(np.log([10.0, 1000.0]), np.log(ENERGY_keV), DATA.csda_mm[0, 0])
    assert r1000 - r10 == pytest.approx(want, rel=2e-4, abs=0)


@pytest.mark.parametrize("deflection", [0.02, 0.1, 0.3])
@pytest.mark.parametrize("charge", [0, 1])
def test_hard_and_soft_deflections_add_up(deflection, charge):
    data = electron_data(MATERIALS, Settings(deflection=deflection))
    for m, material in enumerate(MATERIALS):
        scatter = data.scatter[charge, m]
        assert np.array_equal(scatter, DATA.scatter[charge, m])
        mean_K = data.hard_mean_K[charge, m]
        some = data.cut[charge, m] > 0.0
        assert mean_K[some] == pytest.approx(deflection, rel=1e-9, abs=0)
        assert np.all(mean_K[~some] >= deflection)
        sums = scattering(material, charge, ENERGY_keV[ALL])
        for j, i in enumerate(ALL):
            u = np.interp(data.cut[charge, m, i], sums.mu[j], U_GRID)
            hard1, hard2 = (
                s[j, -1] - np.interp(u, U_GRID, s[j]) for s in (sums.first, sums.second)
            )
            assert data.soft_first[charge, m, i] + hard1 / scatter[i] == pytest.approx(
                1.0, rel=1e-4, abs=0
            )
            assert hard2 < 3.0 * hard1
            assert data.soft_second[charge, m, i] <= 3.0 * data.soft_first[charge, m, i]


@pytest.mark.parametrize("charge", [0, 1])
def test_accepted_proposals_have_the_mean_of_the_cross_section(charge):
    """Mean deflection of hard collisions as the kernel draws them, at the default settings."""
    for m, material in enumerate(MATERIALS):
        sums = scattering(material, charge, ENERGY_keV[::COARSE])
        for j in range(0, sums.mu.shape[0], 4):
            i = j * COARSE
            a, cut = DATA.screening[charge, m, i], DATA.cut[charge, m, i]
            proposal = np.linspace(1.0 / (1.0 + a), 1.0 / (cut + a), 100_001)
            mu = np.clip(1.0 / proposal - a, cut, 1.0)
            accept = np.interp(np.sqrt(mu), SQRT_MU, DATA.acceptance[charge, m, j])
            assert accept.max() <= 1.0 + 1e-9
            u = np.interp(cut, sums.mu[j], U_GRID)
            first, total = (s[j, -1] - np.interp(u, U_GRID, s[j]) for s in (sums.first, sums.total))
            got = 2.0 * (accept @ mu) / accept.sum()
            # 129 nodes: 0.04% in water, 0.1% in bone at 1 to 5 keV
            assert got == pytest.approx(first / total, rel=2e-3, abs=0)


def test_density_and_cross_section_of_atoms_are_used_once():
    # inverse transport mean free path of water at 100 keV from PENELOPE-2018 (pyPenred 1.15),
    # cm²/g times 0.1; soft inelastic deflections come on top (10/66 and less)
    sums = scattering(WATER, 0, np.array([100.0]))
    at = np.interp(np.log(100.0), np.log(ENERGY_keV), DATA.scatter[0, 0])
    assert sums.first[0, -1] < at < sums.first[0, -1] * (1.0 + 10.0 / 66.0)


def test_slow_electrons_scatter_all_singly():
    assert DATA.cut[0, 0, 0] == 0.0
    sums = scattering(WATER, 0, ENERGY_keV[:1])
    want = DATA.scatter[0, 0, 0] / sums.total[0, -1]
    assert DATA.hard_mean_K[0, 0, 0] == pytest.approx(want, rel=1e-9, abs=0)


def test_straggling_grows_with_what_is_condensed():
    wide = electron_data((WATER,), Settings(hard_loss_keV=10.0))
    high = ENERGY_keV > 30.0
    assert np.all(wide.straggling[0, 0, high] > DATA.straggling[0, 0, high])


def test_only_positrons_annihilate():
    assert np.all(DATA.annihilation[0] == 0.0)
    assert np.all(DATA.annihilation[1] > 0.0)


def test_quantiles_run_from_the_limit_to_the_tip():
    hard = ENERGY_keV[::COARSE] > 1.01
    assert np.all(DATA.photon_quantile[:, hard, 0] == 0.0)
    assert np.all(DATA.photon_quantile[:, hard, -1] == 1.0)
    assert np.all(np.diff(DATA.photon_quantile[:, hard], axis=2) > 0.0)


def test_radiation_of_a_mixture_is_bragg():
    parts = [
        radiation(Material("x", ((z, 1.0),), 1.0, 80.0, ""), ENERGY_keV, 1.0, 3) for z in (1, 8)
    ]
    got = radiation(WATER, ENERGY_keV, 1.0, 3)
    want = 0.111894 * parts[0].rate + 0.888106 * parts[1].rate
    assert got.rate == pytest.approx(want, rel=1e-9, abs=0)


def test_no_material_and_no_data_are_refused():
    with pytest.raises(DataError, match="one material or more"):
        electron_data((), Settings())
    uranium = Material("uranium", ((92, 1.0),), 19.0, 890.0, "")
    with pytest.raises(DataError, match="Z = 92"):
        electron_data((uranium,), Settings())


def test_cross_sections_of_all_elements_are_near_the_formula():
    # far from screening, 400 keV and 60 degrees: partial waves over McKinley-Feshbach within
    # 2 (Z alpha)², the size of the next term
    for z in (1, 8, 20):
        element = Material("x", ((z, 1.0),), 1.0, 80.0, "")
        sums = scattering(element, 0, np.array([400.0]))
        j = int(np.searchsorted(sums.mu[0], 0.25))
        per_gram = PER_GRAM / electron_element(z).atomic_weight
        formula = elastic.screened_b(400.0, sums.mu[0, j], z, 0) * per_gram
        bound = 2.0 * (z / 137.0) ** 2 + 5e-3  # numerical noise of the series at large angles
        assert sums.density[0, j] == pytest.approx(formula, rel=bound, abs=0)
