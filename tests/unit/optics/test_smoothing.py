"""Smoothing where the truth is known: it pays, it knows its bias, it leaves sharp images alone."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from pdcraft.errors import DataError
from pdcraft.optics.camera import camera
from pdcraft.optics.smoothing import WIDTHS_px, simulation_share, smooth_image

ROW, COLUMN = np.indices((64, 48))
TRUTH = 100.0 + 80.0 * np.exp(-0.5 * ((ROW - 30) ** 2 + (COLUMN - 20) ** 2) / 6.0**2)


def noisy(rel, seed=1, truth=TRUTH):
    err = rel * truth
    return truth + err * np.random.default_rng(seed).standard_normal(truth.shape), err


def test_it_comes_near_the_best_width():
    image, err = noisy(0.04)
    got = smooth_image(image, err)
    errors = [
        float(np.square((gaussian_filter(image, w) if w else image) - TRUTH).mean())
        for w in WIDTHS_px
    ]
    mine = float(np.square(got.image - TRUTH).mean())
    assert mine < 1.2 * min(errors)  # Stein's estimate has noise of its own
    assert mine < 0.1 * errors[0]


def test_its_errors_and_bias_are_the_real_ones():
    runs = [smooth_image(*noisy(0.04, seed=k)) for k in range(60)]
    same = [r for r in runs if r.width_px == runs[0].width_px]
    stack = np.array([r.image for r in same])
    assert len(same) > 15
    spread = np.sqrt(stack.var(axis=0, ddof=1).mean())
    said = np.sqrt(np.mean(same[0].std_err ** 2))
    assert said == pytest.approx(spread, rel=0.1, abs=0)
    clean = np.sqrt(np.square(gaussian_filter(TRUTH, same[0].width_px) - TRUTH).mean())
    found = np.sqrt(np.mean([r.bias**2 for r in same])) * TRUTH.mean()
    # some 60 runs, each good to a third of it
    assert found == pytest.approx(clean, rel=0.15, abs=0)


def test_a_sharp_image_of_little_noise_is_left_alone():
    edge = np.where(COLUMN < 20, 10.0, 100.0)
    image, err = noisy(0.001, truth=edge)
    got = smooth_image(image, err)
    assert got.width_px <= 0.4
    np.testing.assert_allclose(got.image, image, rtol=1e-3, atol=0.6)


def test_no_error_means_no_smoothing():
    got = smooth_image(TRUTH, np.zeros(TRUTH.shape))
    assert (got.width_px, got.bias) == (0.0, 0.0)
    np.testing.assert_array_equal(got.image, TRUTH)


def test_a_flat_image_stays_flat_and_keeps_its_light():
    flat = np.full((30, 40), 7.0)
    got = smooth_image(flat, np.full(flat.shape, 1.0))
    assert got.width_px == WIDTHS_px[-1]
    np.testing.assert_allclose(got.image, 7.0, rtol=1e-12, atol=0)
    assert got.bias < 0.05


def test_the_filter_is_scipys():
    image, err = noisy(0.04)
    got = smooth_image(image, err)
    want = gaussian_filter(image, got.width_px, mode="reflect", truncate=6.0)
    np.testing.assert_allclose(got.image, want, rtol=1e-3, atol=0)  # scipy cuts its kernel


def test_share_of_the_simulation_in_a_frame():
    cam = camera("open-field", dark_current_e_per_s=0.0, read_noise_e=0.0, gain_e_per_dn=1e-3)
    light = np.full(cam.shape, 400.0)
    assert simulation_share(cam, light, np.full(cam.shape, 20.0)) == pytest.approx(
        0.5, rel=1e-6, abs=0
    )
    assert simulation_share(cam, light, np.zeros(cam.shape)) == 0.0


def test_faults_are_refused():
    with pytest.raises(DataError, match=r"one shape \(ny, nx\)"):
        smooth_image(TRUTH, np.ones((3, 3)))
    with pytest.raises(DataError, match="below 0"):
        smooth_image(TRUTH, -np.ones(TRUTH.shape))
