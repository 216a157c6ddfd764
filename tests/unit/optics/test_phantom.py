"""The nine phantom tests find on noisy frames what was put into the camera and the scene."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.optics.camera import camera
from pdcraft.optics.phantom import PhantomLight, guideline_phantom, targets
from pdcraft.optics.phantom.dot_grid import dot_distortion
from pdcraft.optics.phantom.field import depth_of_field_mm, uniformity, wedge_depth_mm
from pdcraft.optics.phantom.lamp import irradiance_mW_per_cm2, lamp_band
from pdcraft.optics.phantom.slanted_edge import slanted_edge_mtf

PX = 0.25
CAM = camera(
    "open-field",
    pixels=(96, 96),
    field_of_view_mm=(24.0, 24.0),
    blur_mm=0.2,
    exposure_s=0.05,
    ambient_uW_per_cm2_sr=1e-3,
    prnu=0.01,
)
LAMP_SD = 10.0


def lamp(nm):
    return 10.0 / np.sqrt(2 * np.pi) / LAMP_SD * np.exp(-0.5 * ((nm - 755.0) / LAMP_SD) ** 2)


LIGHT = PhantomLight(
    emission_nm=825.0,
    radiance_per_nM=1e-3,
    highest_nM=200.0,
    ground_uW_per_cm2_sr=0.02,
    depth_uW_per_cm2_sr=lambda z: 0.2 * np.exp(-z / 1.2),
    deepest_mm=15.0,
    lamp_mW_per_cm2_nm=lamp,
    lamp_nm=(700.0, 810.0),
    light=lambda x, y: 1.0 - 0.2 * (x * x + y * y) / 288.0,
)


@pytest.fixture(scope="module")
def found():
    return guideline_phantom(CAM, LIGHT, seed=3)


def edge_image(blur, angle, dark=0.1):
    cam = replace(CAM, lens=replace(CAM.lens, blur_mm=blur, diffraction=False))
    return targets.image_of(cam, targets.slanted_edge(angle, dark), 1.0, 825.0)[16:-16, 16:-16]


@pytest.mark.parametrize("blur", [0.1, 0.2])
@pytest.mark.parametrize("angle", [5.0, -8.0])
def test_slanted_edge_finds_blur_and_pixel(blur, angle):
    got = slanted_edge_mtf(edge_image(blur, angle), PX)
    assert got.angle_deg == pytest.approx(angle, rel=2e-3, abs=0)
    for f in (0.4, 0.8, 1.2, 1.6):  # per mm
        pixel = np.sinc(PX * f * np.cos(np.radians(angle))) * np.sinc(
            PX * f * np.sin(np.radians(angle))
        )
        want = np.exp(-2 * (np.pi * blur * f) ** 2) * pixel
        # a straight line through rows' centroids and 4 bins a pixel: some 1e-3
        assert got.at(f) == pytest.approx(want, rel=0, abs=4e-3)


def test_frequencies_are_across_the_edge():
    got = slanted_edge_mtf(edge_image(0.2, 15.0), PX)
    f = got.mtf50_per_mm
    t = np.radians(15.0)
    mtf = (
        np.exp(-2 * (np.pi * 0.2 * f) ** 2)
        * np.sinc(PX * f * np.cos(t))
        * np.sinc(PX * f * np.sin(t))
    )
    # along the rows frequencies would be 3.4% lower and this 0.52
    assert mtf == pytest.approx(0.5, rel=0.015, abs=0)


def test_slanted_edge_does_not_mind_its_direction():
    image = edge_image(0.2, 5.0)
    a, b = slanted_edge_mtf(image, PX), slanted_edge_mtf(image[:, ::-1], PX)
    assert a.mtf50_per_mm == pytest.approx(b.mtf50_per_mm, rel=1e-6, abs=0)


def test_edges_that_cannot_be_measured_are_refused():
    with pytest.raises(DataError, match="2 to 20° are needed"):
        slanted_edge_mtf(edge_image(0.2, 0.3), PX)
    with pytest.raises(DataError, match="does not rise"):
        slanted_edge_mtf(np.ones((40, 40)), PX)


@pytest.mark.parametrize("k", [-0.08, -0.02, 0.0, 0.05])
def test_dots_find_the_distortion(k):
    cam = replace(CAM, lens=replace(CAM.lens, distortion=k))
    image = targets.image_of(cam, targets.dot_grid(3.0, 1.2), 1.0, 825.0)
    got = dot_distortion(image, PX, 3.0)
    assert got.dots >= 49
    # r_d = r_u (1 + k (r_d/r_c)²); the nine dots that set the scale carry sum r⁴ / sum r² = 15 mm²
    for r_u, shift in zip(got.off_axis_mm, got.shift, strict=True):
        want = k * (((1 + shift) * r_u) ** 2 - 15.0) / cam.corner_mm**2
        assert shift == pytest.approx(want, rel=0, abs=5e-4)  # k², and a hundredth of a pixel


def test_dots_shifted_and_turned_are_still_a_grid():
    turn = np.radians(3.0)

    def target(x, y):
        u = np.cos(turn) * (x - 0.3) + np.sin(turn) * (y + 0.2)
        v = -np.sin(turn) * (x - 0.3) + np.cos(turn) * (y + 0.2)
        return targets.dot_grid(3.0, 1.2)(u, v)

    got = dot_distortion(targets.image_of(CAM, target, 1.0, 825.0), PX, 3.0)
    assert abs(got.largest) < 2e-3


def test_no_grid_is_refused():
    image = targets.image_of(CAM, targets.wells(((0, 0),), 2.0, (1.0,)), 1.0, 825.0)
    with pytest.raises(DataError, match="of the nine in the middle"):
        dot_distortion(image, PX, 3.0)
    with pytest.raises(DataError, match="no dots were found"):
        dot_distortion(np.zeros((50, 50)), PX, 3.0)


def test_uniformity_of_a_slope():
    image = np.tile(np.linspace(50, 100, 100), (100, 1))
    got = uniformity(image)
    # blocks of five: their means run from 51 to 99
    assert got.lowest == pytest.approx(51.01 / 98.99, rel=1e-3, abs=0)
    assert got.covered_90 == pytest.approx(0.2, rel=0, abs=0.05)
    assert got.cv == pytest.approx(50 / np.sqrt(12) / 75, rel=0.01, abs=0)
    with pytest.raises(DataError, match="the plate is dark"):
        uniformity(np.zeros((20, 20)))


def test_depth_of_field_by_hand():
    z = np.array([-3.0, -2, -1, 0, 1, 2, 3])
    near, far = depth_of_field_mm(z, 1.0 - np.abs(z) / 4)
    assert (near, far) == (-2.0, 2.0)
    assert depth_of_field_mm(z, 1.0 - np.abs(z) / 9) == (None, None)
    with pytest.raises(DataError, match="three ascending places"):
        depth_of_field_mm(z[::-1], z)


def test_wedge_ends_where_its_signal_meets_the_noise():
    rng = np.random.default_rng(8)
    image = 100.0 + rng.normal(0, 4.0, (100, 400))
    strip, beside = np.zeros((2, 100, 400), bool)
    strip[46:55] = True
    beside[:20] = beside[80:] = True
    depth = np.linspace(0, 10, 400)
    image[46:55] += 50.0 * np.exp(-depth / 1.5)
    # three SDs of a pixel: 12 e; 50 exp(-z/1.5) = 12 at 2.14 mm. A patch's mean has an SD of
    # 0.44 e on a slope of 8 e/mm: 0.06 mm; straight lines over patches of 0.23 mm cost less
    got = wedge_depth_mm(image, strip, beside, depth)
    assert got == pytest.approx(1.5 * np.log(50 / 12.0), rel=0, abs=0.2)
    assert wedge_depth_mm(image + 100.0 * strip, strip, beside, depth) is None
    dark = np.where(strip, 0.0, image)
    assert wedge_depth_mm(dark, strip, beside, depth) == 0.0


def test_lamp_of_a_known_band():
    nm = np.arange(700.0, 811.0, 1.0)
    got = lamp_band(nm, lamp(nm))
    assert got.fwhm_nm == pytest.approx(2.354820 * LAMP_SD, rel=1e-3, abs=0)  # lines of 1 nm
    assert got.center_nm == pytest.approx(755.0, rel=1e-6, abs=0)
    assert float(irradiance_mW_per_cm2(np.asarray(1e3 * 10 * 0.5 / np.pi), 0.5)) == pytest.approx(
        10.0, rel=1e-12, abs=0
    )
    with pytest.raises(DataError, match="sweep farther"):
        lamp_band(nm[:60], lamp(nm[:60]) + 1)


def test_all_nine_are_there(found):
    assert set(found) == {
        "resolution",
        "sensitivity",
        "depth",
        "depth_of_field",
        "illumination",
        "distortion",
        "sbr",
        "excitation_bands",
        "power",
    }


def test_resolution_is_that_of_blur_pixel_and_aperture(found):
    f = found["resolution"]["mtf50_per_mm"]
    cutoff = 2 * (6.25 / np.hypot(6.25, 200)) / 825e-6
    mtf = np.exp(-2 * (np.pi * 0.2 * f) ** 2) * np.sinc(PX * f) * (1 - 4 / np.pi * f / cutoff)
    assert mtf == pytest.approx(0.5, rel=0.03, abs=0)  # noise of 64 rows


def test_sensitivity_is_that_of_noise_and_slope(found):
    got = found["sensitivity"]
    assert got["r2"] > 0.999
    assert got["saturated_wells"] == 0
    # electrons per nM from radiometry by hand: L A pi sin² T QE t lambda/hc
    etendue = (PX * 0.1) ** 2 * np.pi * 6.25**2 / (6.25**2 + 200**2)
    slope = 1e-3 * 1e-6 * etendue * 0.42 * 0.35 * 0.05 * 825 / 1.98644586e-16
    ground = 20.0 * slope + slope
    sd = np.sqrt(ground + 4 + 0.05 + (30012 / 4095) ** 2 / 12 + (0.01 * ground) ** 2)
    assert got["lod_nM"] == pytest.approx(3 * sd / slope, rel=0.15, abs=0)
    assert got["loq_nM"] == pytest.approx(10 / 3 * got["lod_nM"], rel=1e-12, abs=0)


def test_depth_of_field_is_that_of_the_cone(found):
    got = found["depth_of_field"]
    # contrast halves where 2 J1(x)/x = 1/2, x = 2.2151, blur disc x / (pi f) of the cone
    disc = 2.2151 / np.pi / got["frequency_per_mm"]
    want = disc / 12.5 * 200.0
    assert got["far_mm"] == pytest.approx(
        want / (1 - disc / 12.5), rel=0.12, abs=0
    )  # places 10 mm apart
    assert got["near_mm"] == pytest.approx(-want / (1 + disc / 12.5), rel=0.12, abs=0)


def test_illumination_is_the_lamps(found):
    # corners of the outermost blocks lie at 11.4 mm: 1 - 0.2 * 2 * 11.4²/288, of the middle's 1
    assert found["illumination"]["lowest"] == pytest.approx(0.82, rel=0, abs=0.015)


def test_the_rooms_light_is_in_the_frames():
    lit = guideline_phantom(replace(CAM, ambient_uW_per_cm2_sr=0.2), LIGHT, seed=3)
    # the room lights evenly: (0.82 * 0.22 + 0.2) / (0.22 + 0.2)
    assert lit["illumination"]["lowest"] == pytest.approx(0.906, rel=0, abs=0.012)
    assert lit["sbr"]["sbr"] == pytest.approx(0.42 / 0.22, rel=0.01, abs=0)


def test_distortion_of_a_straight_lens_is_none(found):
    assert abs(found["distortion"]["largest"]) < 2e-3


def test_sbr_is_the_ratio_with_ambient(found):
    want = (0.2 + 0.02 + 1e-3) / (0.02 + 1e-3)
    assert found["sbr"]["sbr"] == pytest.approx(want, rel=0.01, abs=0)
    assert "annulus" in found["sbr"]["rule"]


def test_lamp_is_found_with_its_power(found):
    band, power = found["excitation_bands"], found["power"]
    # seen through 5 nm, sampled by 5 nm: variances 100 + 25/12; lines between samples widen 2%
    assert band["fwhm_nm"] == pytest.approx(2.35482 * np.sqrt(102.1), rel=0.03, abs=0)
    assert power["center_nm"] == pytest.approx(755.0, rel=0, abs=0.2)
    assert power["irradiance_mW_per_cm2"] == pytest.approx(10.0, rel=0.01, abs=0)


def test_a_converter_that_is_full_before_the_well_measures_the_same_lamp():
    sensor = CAM.sensor
    step_e = 0.25 * sensor.full_well_e / sensor.highest_dn
    early = replace(CAM, sensor=replace(sensor, gain_e_per_dn=step_e))
    power = guideline_phantom(early, LIGHT, seed=3)["power"]
    # exposed to a third of the well, all its readings would be the highest step
    assert power["irradiance_mW_per_cm2"] == pytest.approx(10.0, rel=0.01, abs=0)


def test_measured_not_echoed():
    """Change the camera, not the numbers asked for: the answers follow."""
    worse = replace(CAM, lens=replace(CAM.lens, blur_mm=0.35, distortion=-0.05))
    worse = replace(worse, sensor=replace(worse.sensor, read_noise_e=200.0))
    got = guideline_phantom(worse, LIGHT, seed=3)
    assert got["resolution"]["mtf50_per_mm"] < 0.6
    assert got["distortion"]["outermost"] < -0.015
    assert got["sensitivity"]["lod_nM"] > 5.0
    assert got["depth"]["greatest_depth_mm"] < 6.0


def test_small_images_are_refused():
    with pytest.raises(DataError, match="48 by 48 or more"):
        guideline_phantom(camera("open-field", pixels=(32, 32)), LIGHT)
