"""Color: against the published white point, an independent fit of the observer, and hand values."""

import numpy as np
import pytest

from pdcraft.data.colorimetry import standard_observer
from pdcraft.errors import DataError
from pdcraft.optics.overlay import colored, overlay
from pdcraft.optics.rgb import srgb
from pdcraft.physics.color import D65_WHITE, adapted, linear_srgb, srgb_encoded

NM = np.linspace(400.0, 700.0, 16)


def wyman_multi_lobe(nm):
    """Wyman, Sloan, Shirley, J Comput Graph Tech 2(2), 1 (2013): piecewise Gaussian lobes."""

    def lobe(peak, left, right):
        return np.exp(-0.5 * ((nm - peak) * np.where(nm < peak, 1 / left, 1 / right)) ** 2)

    x = 1.056 * lobe(599.8, 37.9, 31.0) + 0.362 * lobe(442.0, 16.0, 26.7)
    x -= 0.065 * lobe(501.1, 20.4, 26.2)
    y = 0.821 * lobe(568.8, 46.9, 40.5) + 0.286 * lobe(530.9, 16.3, 31.1)
    z = 1.217 * lobe(437.0, 11.8, 36.0) + 0.681 * lobe(459.0, 26.0, 13.8)
    return np.array([x, y, z])


def test_the_table_is_the_observer():
    observer = standard_observer()
    fit = wyman_multi_lobe(observer.wavelength_nm)
    # the paper's fit is good to some percent of the peak; a slipped row would show by 10%
    np.testing.assert_allclose(observer.xyz, fit, rtol=0, atol=0.045)
    # equal energy: the three integrals agree by construction of the observer (CIE 15)
    sums = observer.xyz.sum(axis=1)
    np.testing.assert_allclose(sums / sums[1], 1.0, rtol=2e-4, atol=0)


def test_daylight_has_its_white_point():
    observer = standard_observer()
    xyz = observer.xyz @ observer.d65
    # published to 4 digits: x 0.3127, y 0.3290
    np.testing.assert_allclose(xyz[:2] / xyz.sum(), [0.3127, 0.3290], rtol=0, atol=6e-5)


def test_white_is_white_under_any_lamp():
    flat = np.ones((16, 2, 3))
    for lamp in (None, (np.array([380.0, 780.0]), np.array([0.2, 3.0]))):
        got = srgb(NM, flat, lamp)
        assert got.image.shape == (2, 3, 3)
        # the matrix is rounded to 4 digits
        np.testing.assert_allclose(got.image, 1.0, rtol=0, atol=1e-3)
        assert got.out_of_gamut == 0.0


def test_half_reflectance_is_half_the_light():
    got = srgb(NM, np.full((16, 1, 1), 0.5)).image[0, 0]
    np.testing.assert_allclose(got, srgb_encoded(0.5), rtol=2e-3, atol=0)  # as above
    assert srgb_encoded(0.5) == pytest.approx(0.735357, rel=1e-5, abs=0)  # IEC: 188/255


def test_hues_are_those_of_the_spectrum():
    def hue(low, high):
        part = ((NM >= low) & (NM <= high)).astype(float)[:, None, None]
        return srgb(NM, np.tile(part, (1, 1, 1))).image[0, 0]

    red, green, blue = hue(610, 700), hue(510, 560), hue(400, 480)
    assert red.argmax() == 0
    assert green.argmax() == 1
    assert blue.argmax() == 2


def test_colors_beyond_the_display_are_counted():
    narrow = (NM == 520.0).astype(float)[:, None, None] * np.ones((1, 1, 2))
    narrow[:, 0, 1] = 0.5
    got = srgb(NM, narrow)
    assert got.out_of_gamut == 0.5
    assert np.all((got.image >= 0) & (got.image <= 1))


def test_adaptation_maps_white_to_white():
    white = np.array([1.0985, 1.0, 0.3558])  # illuminant A, CIE 15
    np.testing.assert_allclose(adapted(white, white), D65_WHITE, rtol=1e-12, atol=0)
    # Lindbloom's A to D65 (Bradford), row X: 0.8446965 -0.1179225 0.3948108
    np.testing.assert_allclose(
        adapted(np.eye(3), white)[:, 0], [0.8446965, -0.1179225, 0.3948108], rtol=0, atol=2e-4
    )


def test_srgb_of_primaries():
    # IEC 61966-2-1: the red primary has X 0.4124, Y 0.2126, Z 0.0193; matrices rounded to 4 digits
    np.testing.assert_allclose(linear_srgb([0.4124, 0.2126, 0.0193]), [1, 0, 0], rtol=0, atol=2e-4)
    assert srgb_encoded(0.0031308) == pytest.approx(0.04045, rel=1e-3, abs=0)


def test_too_few_wavelengths_are_refused():
    with pytest.raises(DataError, match="a color image of 3 wavelengths; render 8 or more"):
        srgb(np.array([450.0, 550.0, 650.0]), np.ones((3, 1, 1)))
    with pytest.raises(DataError, match="cover 430 to 670 nm"):
        srgb(np.linspace(500, 600, 9), np.ones((9, 1, 1)))
    with pytest.raises(DataError, match="none below 0"):
        srgb(NM, np.full((16, 1, 1), -0.1))


def test_overlay_keeps_its_recipe_and_the_scene_below_threshold():
    rgb = srgb(NM, np.full((16, 1, 3), 0.5))
    got = overlay(rgb, np.array([[5.0, 50.0, 500.0]]), 10.0, (0.0, 100.0), "green", opacity=1.0)
    np.testing.assert_allclose(got.image[0, 0], rgb.image[0, 0], rtol=0, atol=0)
    np.testing.assert_allclose(got.image[0, 1:], [[0, 0.5, 0], [0, 1, 0]], rtol=0, atol=1e-12)
    assert (got.threshold_e, got.range_e, got.color_map) == (10.0, (0.0, 100.0), "green")
    assert got.outside_range == 0.5
    with pytest.raises(DataError, match="did you mean 'green'"):
        overlay(rgb, np.ones((1, 3)), 0.0, (0.0, 1.0), "gren")
    with pytest.raises(DataError, match="must be above the first"):
        colored(np.ones(2), 1.0, 1.0)
    with pytest.raises(DataError, match="opacity is 2"):
        overlay(rgb, np.ones((1, 3)), 0.0, (0.0, 1.0), opacity=2)
    with pytest.raises(DataError, match=r"overlay of \(2, 2\)"):
        overlay(rgb, np.ones((2, 2)), 0.0, (0.0, 1.0))
