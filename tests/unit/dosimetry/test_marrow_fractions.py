"""Marrow methods against the S coefficients and responses that they were made from, and others."""

import numpy as np
import pytest

from pdcraft.data.marrow import skeletal_electrons
from pdcraft.data.nuclides import nuclide
from pdcraft.dosimetry.fraction_folding import Emitted, emitted
from pdcraft.dosimetry.marrow_fractions import (
    DEFAULT_METHOD,
    ELECTRON_METHODS,
    SOURCES,
    TARGETS,
    marrow_electron_fraction,
    marrow_method,
    marrow_methods,
    marrow_photon_ratio,
)
from pdcraft.dosimetry.marrow_s import marrow_electron_S
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.beta import spectrum_nodes
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV

GRAY = 1e9  # mGy/(MBq s) per Gy/(Bq s)


@pytest.mark.parametrize("name", ["H-3", "C-14", "Ca-45", "Sr-90", "Y-90"])
@pytest.mark.parametrize("source", SOURCES)
def test_unfolded_fractions_give_the_published_S_back(name, source):
    table = skeletal_electrons()
    b = next(row for row in table.betas if row.nuclide == name)
    energy, number = spectrum_nodes(b.end_point_keV, b.daughter_z, b.a, "minus", b.shape)
    got = marrow_electron_S(Emitted(energy, number), source, table.mass_g["red_marrow"])
    key = "trabecular_surface" if source == "bone_surface" else source
    mass = np.array([table.mass_g[target] for target in TARGETS])
    unit = mass / (S_UNIT_mGy_g_per_MBq_s_keV * float(energy @ number))
    want = np.array([GRAY * b.gray[target][key] for target in TARGETS])
    # as absorbed fractions; the smoothing gives way by 0.02%, for those below 1e-4 by 1e-5
    assert unit * got == pytest.approx(unit * want, rel=5e-4, abs=1e-5)


def test_own_spectrum_of_yttrium_90_gives_published_S():
    # decay data of pdcraft, not the shape that was unfolded; ICRP 133's S for a man
    electrons = emitted(nuclide("Y-90", "none"))[1]
    got = marrow_electron_S(electrons, "red_marrow", 1394.0)
    assert got[0] == pytest.approx(GRAY * 4.07470179e-14, rel=0.005, abs=0)


def test_technetium_99_was_left_out_and_is_met():
    # S of ICRP 133: 6.913e-15 Gy/(Bq s), mean energy 101.0 keV; pdcraft's spectrum is softer
    # (86 keV), and of softer electrons marrow keeps more: 3.5%
    electrons = emitted(nuclide("Tc-99", "none"))[1]
    got = marrow_electron_S(electrons, "red_marrow", 1394.0)[0] / electrons.keV
    assert got == pytest.approx(GRAY * 6.91345768e-15 / 101.0, rel=0.05, abs=0)
    assert got > GRAY * 6.91345768e-15 / 101.0


def test_a_woman_has_the_same_fraction():
    # ICRP 133's woman, Sr-90: 1.5228e-14 Gy/(Bq s); her marrow with 4% of 4100 g of blood
    b = next(row for row in skeletal_electrons().betas if row.nuclide == "Sr-90")
    energy, number = spectrum_nodes(b.end_point_keV, b.daughter_z, b.a, "minus", b.shape)
    got = marrow_electron_S(Emitted(energy, number), "red_marrow", 900.0 + 0.04 * 4100.0)
    assert got[0] == pytest.approx(GRAY * 1.52282346e-14, rel=3e-3, abs=0)


def test_marrow_keeps_all_slow_electrons_and_loses_fast_ones():
    energy = np.geomspace(1.0, 2000.0, 60)
    own = marrow_electron_fraction("red_marrow", "red_marrow", energy)
    assert own[0] == pytest.approx(1.0, rel=1e-6, abs=0)
    assert np.all(np.diff(own) <= 0)
    assert own[-1] < 0.4
    bone = marrow_electron_fraction("red_marrow", "trabecular_bone", energy)
    assert bone[0] == pytest.approx(0.0, rel=0, abs=1e-6)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("method", list(ELECTRON_METHODS))
def test_fractions_are_fractions(target, source, method):
    energy = np.geomspace(0.1, 3000.0, 40)
    for cellularity in (None, 0.1, 1.0):
        got = marrow_electron_fraction(target, source, energy, cellularity, method)
        assert got.shape == energy.shape
        assert np.all((got >= 0.0) & (got <= 1.0))


def test_unity_bounds_the_self_dose():
    energy = np.geomspace(1.0, 2000.0, 20)
    published = marrow_electron_fraction("red_marrow", "red_marrow", energy)
    unity = marrow_electron_fraction("red_marrow", "red_marrow", energy, method="unity")
    assert np.all(unity >= published)


def test_cellularity():
    # the reference value changes nothing; less active marrow keeps less; slow electrons all stay
    energy = np.array([1.0, 100.0, 1000.0])
    args = ("red_marrow", "red_marrow", energy)
    reference = marrow_electron_fraction(*args)
    same = marrow_electron_fraction(*args, skeletal_electrons().cellularity)
    assert same == pytest.approx(reference, rel=1e-9, abs=0)
    low, high = (marrow_electron_fraction(*args, f) for f in (0.3, 0.9))
    assert np.all(low[1:] < reference[1:])
    assert np.all(high[1:] > reference[1:])
    assert low[0] == pytest.approx(1.0, rel=1e-6, abs=0)


def test_photon_ratio_is_one_at_equilibrium():
    # electrons of Compton events in bone and marrow: ICRP 116 itself equates the two above 200 keV
    red, surface = marrow_photon_ratio("icrp116", np.array([200.0, 364.5, 662.0, 1250.0, 3000.0]))
    assert red == pytest.approx(1.0, rel=0.015, abs=0)
    assert surface == pytest.approx(1.0, rel=0.015, abs=0)


def test_photoelectrons_from_bone_add_to_marrow_and_more_to_endosteum():
    energy = np.geomspace(10.0, 3000.0, 200)
    red, surface = marrow_photon_ratio("icrp116", energy)
    assert 40.0 < energy[np.argmax(red)] < 90.0
    assert 1.02 < red.max() < 1.12  # King and Spiers (1985): up to about a tenth
    assert 1.4 < surface.max() < 1.8
    assert 30.0 < energy[np.argmax(surface)] < 80.0
    plain = marrow_photon_ratio("kerma", energy)
    assert np.all(plain[0] == 1.0)
    assert np.all(plain[1] == 1.0)


def test_ratio_holds_outside_the_table():
    red, _ = marrow_photon_ratio("icrp116", np.array([1.0, 10.0, 3000.0, 9000.0]))
    assert red[0] == red[1]
    assert red[2] == red[3]


def test_names():
    assert DEFAULT_METHOD in marrow_methods()
    assert all("not verified" not in m.grade for m in marrow_method(DEFAULT_METHOD))
    with pytest.raises(DataError, match="did you mean 'icrp116"):
        marrow_method("icrp116+icrp33")
    with pytest.raises(DataError, match="no photon method"):
        marrow_photon_ratio("icrp", 100.0)
    with pytest.raises(DataError, match="no electron method"):
        marrow_electron_fraction("red_marrow", "red_marrow", 100.0, method="icrp")
    with pytest.raises(DataError, match="no source in the skeleton"):
        marrow_electron_fraction("red_marrow", "liver", 100.0)
    with pytest.raises(DataError, match="no target in the skeleton"):
        marrow_electron_fraction("skin", "red_marrow", 100.0)


def test_bad_numbers():
    with pytest.raises(PhysicsRangeError, match=r"write 40% as 0\.40"):
        marrow_electron_fraction("red_marrow", "red_marrow", 100.0, 40.0)
    with pytest.raises(PhysicsRangeError, match="above zero"):
        marrow_photon_ratio("icrp116", 0.0)
    with pytest.raises(PhysicsRangeError, match="above zero"):
        marrow_electron_fraction("red_marrow", "red_marrow", -1.0)
