"""Wells, plates, standard curves: against geometry and closed forms worked out apart."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.optics.camera import Camera, Filter, Lens, Sensor
from pdcraft.optics.dye import Dye, catalogue_dye
from pdcraft.optics.in_vitro.assay import assay_figures, fit_line, z_prime
from pdcraft.optics.in_vitro.plate import read_plate
from pdcraft.optics.in_vitro.vessel import dish, plate_well, well_neighbors
from pdcraft.optics.in_vitro.well import Reading, electrons_per_nM, inner_filter, well_electrons
from pdcraft.optics.spectra import Line, Spectrum

CAMERA = Camera(
    Lens("telecentric", 25.0, 2.0, 100.0, transmission=0.5),
    Filter((500.0, 560.0), 6.0),
    Sensor(0.8, 3.0, 1.0, 5e6, 22),
    (1, 1),
    (5.0, 5.0),
    0.05,
)
READING = Reading(Line(490.0), 1.0, 3.0, "top", CAMERA)
FLAT = plate_well(96, 100.0)


def two_line_dye(at_lamp, at_emission):
    """A dye that absorbs so much at 490 nm and at 520 nm, where it emits; L/(mol cm)."""
    nm = np.array([489.0, 491.0, 519.0, 521.0])
    absorption = Spectrum(nm, np.array([at_lamp, at_lamp, at_emission, at_emission]), "test dye")
    return Dye("test", absorption, Line(520.0), 0.5)


@pytest.mark.parametrize("a", [0.01, 0.1, 0.5, 1.0, 2.0])
def test_the_roll_off_is_the_inner_filters(a):
    """(1 - 10^-A)/(2.303 A) with A of the path at the lamp, to 0.5 %; here to rounding."""
    path_cm = 100.0 / FLAT.area_mm2 / 10.0
    conc_nM = a / (80_000.0 * path_cm) * 1e9
    got = inner_filter(two_line_dye(80_000.0, 0.0), np.array([conc_nM]), FLAT, READING)[0]
    assert got == pytest.approx((1 - 10**-a) / (math.log(10) * a), rel=1e-6, abs=0)


def test_reabsorption_adds_to_the_absorbance():
    path_cm = 100.0 / FLAT.area_mm2 / 10.0
    conc_nM = 0.5 / (80_000.0 * path_cm) * 1e9
    got = inner_filter(two_line_dye(80_000.0, 40_000.0), np.array([conc_nM]), FLAT, READING)[0]
    assert got == pytest.approx((1 - 10**-0.75) / (math.log(10) * 0.75), rel=1e-6, abs=0)


def test_electrons_of_a_thin_well_from_first_principles():
    """Photons of the lamp on the spot x absorbed share x yield x cone x losses, by hand."""
    dye = two_line_dye(80_000.0, 0.0)
    photons = 1e-3 * math.pi * 0.15**2 * 0.05 / (6.62607015e-34 * 299792458 / 490e-9)
    path_cm = 100.0 / FLAT.area_mm2 / 10.0
    absorbed = math.log(10) * 80_000.0 * 1e-9 * path_cm
    surface = 1 - (0.33 / 2.33) ** 2
    sine2 = 6.25**2 / (6.25**2 + 100.0**2)
    cone = math.pi * sine2 / (4 * math.pi * 1.33**2)
    expected = photons * surface * absorbed * 0.5 * cone * surface * 0.5 * 0.8
    assert electrons_per_nM(dye, FLAT, READING) == pytest.approx(expected, rel=1e-4, abs=0)


def test_catalogue_dyes_are_thin_at_a_nanomolar():
    """Of 1 nM, under 0.1 % is lost: A is of order 1e-4 in a well."""
    for name, lamp in (("CLR 1501", 490.0), ("CLR 1502", 760.0)):
        reading = replace(READING, light=Line(lamp))
        got = inner_filter(catalogue_dye(name), np.array([1.0]), FLAT, reading)[0]
        assert got == pytest.approx(1.0, rel=1e-3, abs=0)


@pytest.mark.parametrize("wells", [6, 24, 96, 384])
@pytest.mark.parametrize("contact_deg", [30.0, 60.0, 90.0, 130.0])
def test_a_surface_of_any_shape_holds_the_volume(wells, contact_deg):
    volume = {6: 3000.0, 24: 800.0, 96: 120.0, 384: 60.0}[wells]
    vessel = plate_well(wells, volume, contact_deg)
    r = np.linspace(0.0, vessel.radius_mm, 200_001)
    held = np.trapezoid(2 * math.pi * r * vessel.height_mm(r), r)
    assert held == pytest.approx(volume, rel=1e-4, abs=0)


def test_the_middle_of_a_cap_from_its_closed_form():
    """In 384 wells the surface is one cap: missing volume pi R2 h - pi h2 (3R/cos - h)/3."""
    vessel = plate_well(384, 50.0, 40.0)
    R, angle = vessel.radius_mm, math.radians(40.0)
    h = R * (1 - math.sin(angle)) / math.cos(angle)
    over = math.pi * R**2 * h - math.pi * h**2 * (3 * R / math.cos(angle) - h) / 3
    middle = (50.0 - over) / vessel.area_mm2
    assert vessel.height_mm(np.array([0.0]))[0] == pytest.approx(middle, rel=1e-4, abs=0)


def test_wells_that_cannot_be_are_refused():
    with pytest.raises(PhysicsRangeError, match="at most 360 uL"):
        plate_well(96, 400.0)
    with pytest.raises(PhysicsRangeError, match="do not cover the bottom"):
        plate_well(384, 4.0, 0.0)
    with pytest.raises(DataError, match="a plate of 100 wells"):
        plate_well(100, 10.0)
    with pytest.raises(PhysicsRangeError, match="diameter"):
        dish(0.0, 10.0)


def test_neighbors_touch():
    near = well_neighbors(96)
    assert len(near) == 96
    assert set(near["A1"]) == {"A2", "B1"}
    assert set(near["D5"]) == {"C5", "E5", "D4", "D6"}


def plate(conc, **more):
    return read_plate(
        catalogue_dye("CLR 1501"), conc, 96, FLAT, READING, seed=3, **{"replicates": 2, **more}
    )


def test_crosstalk_brings_the_stated_share():
    alone = plate({"A1": 100.0, "A2": 0.0, "C3": 0.0})
    mixed = plate({"A1": 100.0, "A2": 0.0, "C3": 0.0}, crosstalk=0.02)
    assert mixed.expected_rfu[1] == pytest.approx(0.02 * alone.expected_rfu[0], rel=1e-12, abs=0)
    assert mixed.expected_rfu[2] == 0.0  # does not touch A1


def test_the_plates_own_light_is_that_of_its_concentration():
    got = plate({"A1": 0.0}, plate_autofluorescence_nM=5.0)
    assert got.expected_rfu[0] == pytest.approx(plate({"A1": 5.0}).expected_rfu[0], rel=1e-3, abs=0)


def test_scatter_of_replicates_is_shot_noise_and_pipetting():
    """Of 2,000 plates: SD of electrons against sqrt(mean + read2) and the stated CV."""
    got = plate({"A1": 50.0}, replicates=2000, pipetting_cv=0.04, gain_rfu_per_e=1.0)
    mean = got.expected_rfu[0]
    expected = math.sqrt(mean + 9.0 + 0.05 + (0.04 * mean) ** 2)
    assert got.rfu.std(ddof=1) == pytest.approx(expected, rel=0.05, abs=0)  # 3 x 1/sqrt(2 x 2000)
    assert got.rfu.mean() == pytest.approx(mean, rel=3 * 0.04 / math.sqrt(2000), abs=0)


def test_pipetting_errors_keep_the_mean():
    got = plate({"A1": 50.0}, replicates=4000, pipetting_cv=0.5, gain_rfu_per_e=1.0)
    bound = 3 * 0.5 / math.sqrt(4000)
    assert got.rfu.mean() == pytest.approx(got.expected_rfu[0], rel=bound, abs=0)


def test_the_dark_current_is_subtracted_and_leaves_its_noise():
    dark = replace(CAMERA, sensor=replace(CAMERA.sensor, dark_current_e_per_s=2e5))
    reading = replace(READING, camera=dark)
    got = read_plate(
        catalogue_dye("CLR 1501"), {"A1": 0.0}, 96, FLAT, reading, seed=3, replicates=2000,
        gain_rfu_per_e=1.0,
    )  # fmt: skip
    assert abs(got.rfu.mean()) < 3 * 100 / math.sqrt(2000)
    assert got.rfu.std(ddof=1) == pytest.approx(math.hypot(100.0, 3.0), rel=0.05, abs=0)


def test_standards_that_the_inner_filter_bends_are_no_part_of_the_line():
    dye = two_line_dye(80_000.0, 0.0)
    conc = {f"A{i + 1}": c for i, c in enumerate((0.0, 10.0, 100.0, 1e3, 1e4, 3e4))}
    dim = replace(READING, irradiance_mW_per_cm2=1e-3)  # no well fills the detector
    got = read_plate(dye, conc, 96, FLAT, dim, seed=3, replicates=50, gain_rfu_per_e=1.0)
    assert not got.saturated.any()
    assert got.inner_filter[-1] < 0.6
    figures = assay_figures(got.conc_nM, got.rfu, got.inner_filter, got.saturated)
    assert figures.curve.points == 4


def test_a_full_reader_says_so():
    got = plate({"A1": 1e5, "H12": 1.0})
    assert got.saturated.tolist() == [True, False]


def test_the_line_of_known_points():
    """numpy's polyfit with the same weights."""
    x, y, sd = np.array([0, 1, 2, 4.0]), np.array([1.0, 3.2, 4.9, 9.1]), np.array([1, 2, 1, 3.0])
    slope, intercept = np.polyfit(x, y, 1, w=1 / sd)
    got = fit_line(x, y, sd)
    assert (got.slope, got.intercept) == pytest.approx((slope, intercept), rel=1e-12, abs=0)
    assert fit_line(x, 2 * x + 1, sd).r2 == pytest.approx(1.0, rel=1e-12, abs=0)


def test_z_prime_by_hand():
    positive, negative = np.array([99.0, 100.0, 101.0]), np.array([9.0, 10.0, 11.0])
    assert z_prime(positive, negative) == pytest.approx(1 - 3 * 2 / 90, rel=1e-12, abs=0)
    with pytest.raises(DataError, match="two or more"):
        z_prime(positive[:1], negative)


def test_figures_of_a_dilution_series():
    """The slope is that of the dilute dye; what the inner filter bends is left out of the line."""
    series = [*(3e5 / 4.0 ** np.arange(9)), 0.0]
    conc = {f"A{i + 1}": float(c) for i, c in enumerate(series)}
    got = plate(conc, replicates=200, gain_rfu_per_e=1.0)
    figures = assay_figures(got.conc_nM, got.rfu, got.inner_filter, got.saturated)
    slope = electrons_per_nM(catalogue_dye("CLR 1501"), FLAT, READING)
    assert figures.slope_rfu_per_nM == pytest.approx(slope, rel=0.01, abs=0)
    assert figures.curve.points < 10
    blank_sd = math.sqrt(9.0 + 0.05)
    assert figures.lod_nM == pytest.approx(3 * blank_sd / slope, rel=0.2, abs=0)  # 200 blanks
    assert figures.lloq_nM == pytest.approx(figures.lod_nM * 10 / 3, rel=1e-12, abs=0)
    assert figures.z_prime > 0.8


def test_a_plate_without_blanks_has_no_limits():
    got = plate({"A1": 10.0, "A2": 100.0}, replicates=3)
    figures = assay_figures(got.conc_nM, got.rfu, got.inner_filter, got.saturated)
    assert (figures.lod_nM, figures.z_prime) == (None, None)
    assert figures.slope_rfu_per_nM > 0


@pytest.mark.parametrize(
    ("conc", "more", "words"),
    [
        ({"Z9": 1.0}, {}, "no well 'Z9'"),
        ({}, {}, "without wells"),
        ({"A1": -1.0}, {}, "holds -1 nM"),
        ({"A1": float("nan")}, {}, "holds nan"),
        ({"A1": 1.0}, {"crosstalk": 0.5}, "crosstalk"),
        ({"A1": 1.0}, {"replicates": 0}, "replicates"),
        ({"A1": 1.0}, {"pipetting_cv": -0.1}, "pipetting"),
    ],
)
def test_bad_plates_are_refused(conc, more, words):
    with pytest.raises((DataError, PhysicsRangeError), match=words):
        plate(conc, **more)


def test_quenching_lowers_the_signal_by_its_form():
    quenched = replace(two_line_dye(80_000.0, 0.0), quenching_per_uM=2.0)
    plain = well_electrons(two_line_dye(80_000.0, 0.0), np.array([500.0]), FLAT, READING)
    assert well_electrons(quenched, np.array([500.0]), FLAT, READING) == pytest.approx(
        plain / 2.0, rel=1e-12, abs=0
    )
