"""Decay data, against what evaluations print elsewhere and against conservation of energy."""

import numpy as np
import pytest

from pdcraft.data import emissions
from pdcraft.data.files import load_toml
from pdcraft.data.nuclide_tables import relaxation_of
from pdcraft.data.nuclides import half_life_h, nuclide, nuclide_name, nuclide_names
from pdcraft.errors import DataError

# half-lives in days: DDEP; I-124, Y-86, Cu-67, Tb-161 ENSDF
HALF_LIVES_d = {
    "I-131": (8.0233, 0.0019),
    "I-125": (59.388, 0.028),
    "Lu-177": (6.647, 0.004),
    "Y-90": (2.6684, 0.0013),
    "I-124": (4.1760, 0.0003),
    "I-123": (13.2234 / 24, 0.0037 / 24),
    "Y-86": (14.74 / 24, 0.02 / 24),
    "Tc-99m": (6.0067 / 24, 0.0010 / 24),
    "F-18": (1.82890 / 24, 0.00023 / 24),
    "Ga-68": (67.83 / 1440, 0.20 / 1440),
    "Cu-64": (12.7004 / 24, 0.0020 / 24),
    "Cu-67": (61.83 / 24, 0.12 / 24),
    "Zr-89": (78.42 / 24, 0.13 / 24),
    "Tb-161": (6.89, 0.02),
    "In-111": (2.8049, 0.0004),
    "Ac-225": (10.0, 0.1),
    "Bi-213": (45.59 / 1440, 0.06 / 1440),
    "Pb-212": (10.64 / 24, 0.01 / 24),
    "At-211": (7.216 / 24, 0.007 / 24),
}


@pytest.mark.parametrize("name", HALF_LIVES_d)
def test_half_lives_of_the_evaluations(name):
    days, uncertainty = HALF_LIVES_d[name]
    # tables hold nine digits, of uncertainties three
    assert half_life_h(name) == pytest.approx(24 * days, rel=1e-8, abs=0)
    assert nuclide(name).half_life_unc_h == pytest.approx(24 * uncertainty, rel=5e-3, abs=0)


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


# What one decay gives away: Q values and level energies (DDEP; ENSDF for Y-86, Cu-67, Tb-161),
# shares of positrons and electrons, and the neutrinos' part from the mean of each branch.
@pytest.mark.parametrize(
    ("name", "expected_keV", "rel"),
    [
        # DDEP level energies by feeding (0.05 keV of weak levels), tellurium's binding by captures
        (
            "I-123",
            0.9718 * 158.99
            + 0.00419 * 440.0
            + 0.00349 * 505.34
            + 0.0140 * 687.95
            + 0.00419 * 697.52
            + 0.00146 * 783.6
            + 0.00074 * 894.74
            + 0.8532 * 31.814
            + 0.1164 * 4.939
            + 0.0248 * 1.006,
            1.5e-3,
        ),
        # level 142.683 keV; the evaluation's intensities balance to 6e-4
        ("Tc-99m", 142.683, 1e-3),
        # 416.6 keV and cadmium's binding
        ("In-111", 416.6 + 0.8518 * 26.711 + 0.1183 * 4.018 + 0.0299 * 0.77, 1e-3),
        # level 908.97 keV, nothing else
        ("Y-89m", 908.97, 1e-3),
        # levels fed by the betas: 0.57 x 184.58 + 0.22 x 93.31 + 0.011 x 393.5 over 1.001, and
        # the mean of the beta energies; branches are known to 50%, gammas to 1%
        ("Cu-67", 129.9 + 135.8, 2e-2),
    ],
)
def test_energy_of_a_decay_is_conserved(name, expected_keV, rel):
    source = nuclide(name, "none")
    got = emissions.electron_keV(source) + emissions.photon_keV(source)
    assert got == pytest.approx(expected_keV, rel=rel, abs=0)


@pytest.mark.parametrize(
    ("name", "positrons", "unc"),
    [
        # DDEP, per 100 decays; Y-86 ENSDF: 31.9 from its branches (ICRP 107 has 31.9)
        ("F-18", 0.9686, 0.0019),
        ("Ga-68", 0.8888, 0.0041),
        ("Cu-64", 0.1752, 0.0015),
        ("Zr-89", 0.228, 0.003),
        ("Y-86", 0.319, 0.001),
    ],
)
def test_positron_yields_and_their_annihilation(name, positrons, unc):
    source = nuclide(name)
    got = sum(b.per_decay for b in source.beta if b.charge == "plus")
    assert got == pytest.approx(positrons, abs=unc)
    quanta = sum(x.per_decay for x in source.photons if x.kind == "annihilation")
    assert quanta == pytest.approx(2 * got, rel=1e-12, abs=0)


def test_capture_fills_what_positrons_leave():
    # vacancies of capture plus positrons are all decays (Cu-64: plus 38.48% electrons); K to N
    # shares of DDEP sum to 1 within 0.3%
    for name, electrons in (("F-18", 0.0), ("Ga-68", 0.0), ("Zr-89", 0.0), ("Cu-64", 0.3848)):
        table = load_toml("nuclides", f"{name}.toml")
        captured = sum(table["capture_vacancies"].values())
        positrons = sum(row["per_decay"] for row in table["beta_plus"])
        assert captured + positrons + electrons == pytest.approx(1.0, abs=3e-3)


@pytest.mark.parametrize("name", [n for n in nuclide_names() if n != "Tc-99"])
def test_auger_rows_are_what_the_cascade_gives(name):
    table = load_toml("nuclides", f"{name}.toml")
    cascade = relaxation_of(name)
    rows = table.get("auger", [])  # none without vacancies
    assert [r["group"] for r in rows] == [g.name for g in cascade.electrons]
    for row, group in zip(rows, cascade.electrons, strict=True):
        # rows hold five digits; another release of xraylib may move them
        assert row["energy_keV"] == pytest.approx(group.energy_keV, rel=2e-3, abs=0)
        assert row["per_decay"] == pytest.approx(group.number, rel=2e-3, abs=0)


def test_prompt_progeny_of_zirconium_89():
    alone, both = nuclide("Zr-89", "none"), nuclide("Zr-89")
    lines = [x.per_decay for x in both.photons if abs(x.energy_keV - 909) < 1]
    assert lines == [pytest.approx(0.9903, rel=1e-4, abs=0)]  # DDEP: 99.03(2)%
    assert not [x for x in alone.photons if abs(x.energy_keV - 909) < 1]
    assert both.includes == ("Zr-89", "Y-89m")
    # DDEP K alpha 1 of both together: 27.01%
    alpha = sum(x.per_decay for x in both.photons if x.energy_keV == 14.9585)
    assert alpha == pytest.approx(0.2701, rel=1e-3, abs=0)


def test_a_daughter_that_outlives_everyone_is_not_in_equilibrium():
    assert nuclide("Tc-99m", "equilibrium") == nuclide("Tc-99m", "none")


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


@pytest.mark.parametrize("name", nuclide_names())
def test_electron_nodes_hold_the_electron_energy(name):
    source = nuclide(name)
    energy, per_decay = emissions.electron_nodes(source)
    total = float(np.sum(energy * per_decay)) + source.soft_keV
    assert total == pytest.approx(emissions.electron_keV(source), rel=1e-12, abs=0)
    # outermost shells only; of francium after Ac-225 they have many vacancies
    assert 0 <= source.soft_keV < (0.2 if source.daughter_z < 85 else 0.4)


def test_all_tables_are_read():
    assert set(HALF_LIVES_d) <= set(nuclide_names())
