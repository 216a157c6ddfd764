"""Regions and their contrasts, on images whose numbers are known by hand."""

import numpy as np
import pytest

from pdcraft.errors import DataError, KindError
from pdcraft.optics.camera import camera, noise_sd_electrons, sample_counts
from pdcraft.optics.camera.readout import dark_subtracted
from pdcraft.optics.metrics import (
    detection_limits,
    ex_vivo_ratio,
    in_vivo_contrast,
    ratio_of,
)
from pdcraft.optics.roi import RegionSignal, Roi, pixels_of, region_signal

CAM = camera("open-field")
TARGET = Roi("tumour", "target", "disc", radius_mm=1.5)
GROUND = Roi("bg", "background", "annulus", inner_mm=5.0, outer_mm=8.0)


def signal(role="target", mean=10.0, sd=2.0, full=0.0):
    return RegionSignal(role, role, "disc r=1 mm", 100, 5.0, mean, sd, full)


def test_pixels_are_those_whose_center_is_inside():
    x, y = CAM.centers_mm()
    inside = pixels_of(TARGET, CAM)
    want = sum(1 for a in x for b in y if a * a + b * b <= 2.25)
    assert inside.sum() == want
    assert inside.sum() * 0.25**2 == pytest.approx(np.pi * 2.25, rel=0.05, abs=0)


def test_columns_are_x():
    spot = Roi("right", "other", "disc", center_mm=(6.0, -4.0), radius_mm=0.3)
    rows, columns = np.nonzero(pixels_of(spot, CAM))
    x, y = CAM.centers_mm()
    assert x[columns].mean() == pytest.approx(6.0, rel=0, abs=0.13)  # half a pixel
    assert y[rows].mean() == pytest.approx(-4.0, rel=0, abs=0.13)


def test_rules_say_what_was_done():
    assert TARGET.rule == "disc r=1.5 mm"
    assert GROUND.rule == "annulus r=5 to 8 mm"
    assert Roi("a", "other", "disc", (1.0, -2.5), radius_mm=2).rule == "disc r=2 mm at (1, -2.5) mm"


def test_contrast_by_hand():
    image = np.full(CAM.shape, 100.0)
    image[pixels_of(TARGET, CAM)] = 150.0
    ground = pixels_of(GROUND, CAM)
    image[ground] = np.where(np.arange(ground.sum()) % 2, 90.0, 110.0)
    t, b = (region_signal(image, roi, CAM, offset_e=7.0) for roi in (TARGET, GROUND))
    got = in_vivo_contrast(t, b)
    n = ground.sum()
    assert n % 2 == 0
    assert (got.tbr, got.contrast) == (1.5, 0.5)
    assert got.cnr == pytest.approx(50 / (10 * np.sqrt(n / (n - 1))), rel=1e-12, abs=0)
    assert (b.pixels, b.rule, b.offset_e) == (n, "annulus r=5 to 8 mm", 7.0)


def test_contrast_keeps_its_digits_near_one():
    t, b = signal("target", 1 + 1e-9), signal("background", 1.0)
    assert in_vivo_contrast(t, b).contrast == pytest.approx(1e-9, rel=1e-6, abs=0)


def test_expected_spread_is_that_of_frames():
    light = np.full(CAM.shape, 400.0) + np.linspace(0, 60, 64)[None, :]
    expected = region_signal(light, GROUND, CAM, 0.0, noise_sd_e=noise_sd_electrons(CAM, light))
    rng = np.random.default_rng(20261121)
    frames = dark_subtracted(CAM, sample_counts(CAM, np.tile(light, (60, 1, 1)), rng))
    seen = np.sqrt(np.mean([region_signal(f, GROUND, CAM, 0.0).sd_e ** 2 for f in frames]))
    # 60 frames of 1956 pixels: SD of an SD 0.2%; 4.5 of it
    assert expected.sd_e == pytest.approx(seen, rel=0.01, abs=0)


def test_without_background_signal_there_is_no_ratio():
    got = in_vivo_contrast(signal(), signal("background", 0.0, 0.0))
    assert (got.tbr, got.contrast, got.cnr) == (None, None, None)


def test_ex_vivo_is_another_kind():
    inside = in_vivo_contrast(signal(), signal("background", 5.0))
    outside = ex_vivo_ratio(signal("other", 30.0), signal("other", 5.0))
    assert outside.tumor_to_normal == 6.0
    assert ratio_of(inside, inside) == 1.0
    assert ratio_of(outside, outside) == 1.0
    with pytest.raises(KindError, match="no target-to-background ratio in the body"):
        ratio_of(inside, outside)


def test_saturated_empty_and_misnamed_regions_are_refused():
    with pytest.raises(DataError, match="20% of its pixels are saturated, at most 1% may be"):
        in_vivo_contrast(signal(full=0.2), signal("background"))
    with pytest.raises(DataError, match="20% of its pixels are saturated"):
        ex_vivo_ratio(signal(), signal("other", full=0.2))
    with pytest.raises(DataError, match="it takes a target and a background"):
        in_vivo_contrast(signal(), signal("other"))
    with pytest.raises(DataError, match="holds no pixel's center of a field of view of 16 by 16"):
        pixels_of(Roi("far", "other", "disc", (30.0, 0.0), radius_mm=1.0), CAM)
    with pytest.raises(DataError, match="a disc needs a radius above 0"):
        Roi("a", "target", "disc")
    with pytest.raises(DataError, match="the inner 0 or above and below the outer"):
        Roi("a", "target", "annulus", inner_mm=3.0, outer_mm=2.0)
    with pytest.raises(DataError, match="a mask needs a mask"):
        Roi("a", "target", "mask")
    with pytest.raises(DataError, match="it is disc, annulus or mask"):
        Roi("a", "target", "square")
    with pytest.raises(DataError, match=r"its mask has shape \(2, 2\)"):
        pixels_of(Roi("a", "other", "mask", mask=np.ones((2, 2), bool)), CAM)


def test_limits_by_hand():
    got = detection_limits([0, 100, 200], [50, 250, 450], background_sd_e=4.0)
    assert got.slope_e_per_nM == pytest.approx(2.0, rel=1e-12, abs=0)
    assert got.intercept_e == pytest.approx(50.0, rel=1e-12, abs=0)
    assert got.lod_nM == pytest.approx(6.0, rel=1e-12, abs=0)
    assert got.loq_nM == pytest.approx(20.0, rel=1e-12, abs=0)
    assert got.r2 == pytest.approx(1.0, rel=1e-12, abs=0)


def test_limits_scatter_as_their_error_says():
    rng = np.random.default_rng(11)
    x = np.linspace(0, 500, 4)
    runs = [detection_limits(x, 3 * x + rng.normal(0, 30, 4), 5.0) for _ in range(600)]
    said = np.sqrt(np.mean([r.lod_std_err_nM**2 for r in runs]))
    # spread of an SD over 600 runs 3%, of the said errors 2%; 4.5 of both
    assert np.std([r.lod_nM for r in runs]) == pytest.approx(said, rel=0.15, abs=0)


def test_limits_need_a_rising_line():
    with pytest.raises(DataError, match="does not rise"):
        detection_limits([0, 1, 2], [3, 2, 1], 1.0)
    with pytest.raises(DataError, match="two concentrations or more"):
        detection_limits([1.0, 1.0], [2.0, 3.0], 1.0)
