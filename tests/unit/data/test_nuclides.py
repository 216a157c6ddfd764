"""Decay data, against what evaluations print elsewhere and against conservation of energy."""

import numpy as np
import pytest

from pdcraft.data import emissions
from pdcraft.data.nuclides import half_life_h, nuclide, nuclide_name, nuclide_names
from pdcraft.errors import DataError

# half-lives: DDEP in days; I-124 ENSDF
HALF_LIVES_d = {
    "I-131": (8.0233, 0.0019),
    "I-125": (59.388, 0.028),
    "Lu-177": (6.647, 0.004),
    "Y-90": (2.6684, 0.0013),
    "I-124": (4.1760, 0.0003),
}


@pytest.mark.parametrize("name", HALF_LIVES_d)
def test_half_lives_of_the_evaluations(name):
    days, uncertainty = HALF_LIVES_d[name]
    assert half_life_h(name) == pytest.approx(24 * days, rel=1e-12, abs=0)
    assert nuclide(name).half_life_unc_h == pytest.approx(24 * uncertainty, rel=1e-12, abs=0)


@pytest.mark.parametrize("text", ["I-131", "131I", "I131", "131-I", "i-131", " I-131 "])
def test_spellings_of_one_nuclide(text):
    assert nuclide_name(text) == "I-131"


def test_isomer_is_another_nuclide():
    assert nuclide_name("131mXe") == nuclide_name("xe-131m") == "Xe-131m"
    with pytest.raises(DataError):
        nuclide_name("Xe-131")


def test_unknown_nuclide_names_its_neighbors():
    with pytest.raises(DataError, match=r"nuclide 'I-132'; did you mean 'I-131'.*Lu-177"):
        nuclide("I-132")
    with pytest.raises(DataError, match="write it as 'I-131'"):
        half_life_h("iodine")


# Shares of the beta energy: level energies follow from Q less the end points. What reaches the
# levels leaves as gamma rays and conversion (with the atom's X-rays and Auger electrons).
@pytest.mark.parametrize(
    ("name", "q_keV", "held_keV", "rel"),
    [
        # Xe-131m holds back 0.01086 x 163.93 keV; 364 keV line known to 0.6%
        ("I-131", 970.8, 0.01086 * 163.93, 7e-3),
        # branches to excited levels known to 1-5%
        ("Lu-177", 498.3, 0.0, 2e-2),
    ],
)
def test_levels_release_what_feeds_them(name, q_keV, held_keV, rel):
    source = nuclide(name)
    fed = sum(b.per_decay * (q_keV - b.end_point_keV) for b in source.beta) - held_keV
    by_kind = emissions.energy_by_kind_keV(source)
    released = sum(v for k, v in by_kind.items() if not k.startswith("beta"))
    assert released == pytest.approx(fed, rel=rel, abs=0)


def test_iodine_125_releases_its_level_and_its_vacancies():
    # 35.4922 keV, and tellurium's K, L1, M1, N1 binding for each captured electron
    captured = 0.8011 * 31.8138 + 0.1561 * 4.9392 + 0.0349 * 1.006 + 0.0079 * 0.168
    source = nuclide("I-125")
    got = emissions.electron_keV(source) + emissions.photon_keV(source)
    # the gamma line and its conversion sum to 0.9998 of decays
    assert got == pytest.approx(35.4922 + captured, rel=1e-3, abs=0)


# Fluorescence yields of the K shell: M.O. Krause (1979) as in xraylib
@pytest.mark.parametrize(
    ("name", "omega_K"), [("I-131", 0.888), ("I-125", 0.875), ("Lu-177", 0.951), ("I-124", 0.875)]
)
def test_K_x_rays_and_auger_electrons_share_the_vacancies(name, omega_K):
    source = nuclide(name)
    binding = {"I-131": 34.5644, "I-125": 31.8138, "I-124": 31.8138, "Lu-177": 65.3508}[name]
    rays = sum(x.per_decay for x in source.photons if x.kind == "X" and x.energy_keV > binding / 2)
    auger = sum(
        x.per_decay
        for x in source.electrons
        if x.kind == "Auger electron" and x.energy_keV > binding / 2
    )
    # evaluations: Auger intensities to 4-30%; with the progeny's X-rays I-131 would still pass,
    # which the next test sees
    assert rays / (rays + auger) == pytest.approx(omega_K, rel=5e-3, abs=0)


def test_iodine_131_has_only_its_own_x_rays():
    # K vacancies are I_gamma x alpha_K: 80.2, 284, 364, 637 keV and the weak lines, DDEP
    vacancies = 0.02607 * 1.32 + 0.0614 * 0.0408 + 0.812 * 0.0190 + 0.0712 * 0.00401
    vacancies += 0.00277 * 0.187 + 0.00274 * 0.0288 + 0.01786 * 0.0039 + 0.00354 * 0.00748
    rays = [x.per_decay for x in nuclide("I-131").photons if x.kind == "X" and x.energy_keV > 20]
    # alpha_K of the 80 keV line is good to 2%; Xe-131m in equilibrium would add 12%
    assert sum(rays) == pytest.approx(0.888 * vacancies, rel=0.02, abs=0)


def test_beta_branches_sum_to_one_and_positrons_annihilate():
    for name in ("I-131", "Lu-177", "Y-90"):
        assert sum(b.per_decay for b in nuclide(name).beta) == pytest.approx(1, rel=1e-12, abs=0)
    source = nuclide("I-124")
    quanta = [x.per_decay for x in source.photons if x.kind == "annihilation"]
    assert sum(quanta) == pytest.approx(2 * 0.2269, rel=2e-3, abs=0)  # ENSDF: 22.7% positrons


def test_conversion_energy_is_ddeps():
    # DDEP sums: I-131 10.9 keV with Xe-131m, Lu-177 12.5, I-125 7.8; ours of Lu-177 counts the
    # M and higher shells by the total coefficient (0.6 keV more)
    got = emissions.energy_by_kind_keV(nuclide("I-131", "equilibrium"))["conversion electron"]
    assert got == pytest.approx(10.9, rel=6e-3, abs=0)
    got = emissions.energy_by_kind_keV(nuclide("I-125"))["conversion electron"]
    assert got == pytest.approx(7.8, rel=6e-3, abs=0)
    got = emissions.energy_by_kind_keV(nuclide("Lu-177"))["conversion electron"]
    assert 12.5 < got < 13.5


def test_equilibrium_adds_the_isomer_by_its_branch():
    alone, both = nuclide("I-131"), nuclide("I-131", "equilibrium")
    isomer = emissions.electron_keV(nuclide("Xe-131m"))
    added = emissions.electron_keV(both) - emissions.electron_keV(alone)
    assert added == pytest.approx(0.01086 * isomer, rel=1e-9, abs=0)
    assert both.includes == ("I-131", "Xe-131m")
    assert nuclide("I-131", "none") == alone


def test_progeny_must_be_known():
    with pytest.raises(DataError, match=r"'explicit' is several nuclides.*chain\(name\)"):
        nuclide("I-131", "explicit")
    with pytest.raises(DataError, match="'all' is not one of none, prompt, equilibrium"):
        nuclide("I-131", "all")


@pytest.mark.parametrize("name", ["I-131", "I-125", "I-124", "Lu-177", "Y-90", "Xe-131m"])
def test_electron_nodes_hold_the_electron_energy(name):
    source = nuclide(name)
    energy, per_decay = emissions.electron_nodes(source)
    total = float(np.sum(energy * per_decay)) + source.soft_keV
    assert total == pytest.approx(emissions.electron_keV(source), rel=1e-12, abs=0)
    assert 0 <= source.soft_keV < 3.0  # outer shells only


def test_all_tables_are_read():
    assert set(HALF_LIVES_d) <= set(nuclide_names())
