"""Noise of the sensor, against its variances; seeds fixed, so that nothing here is left to luck."""

import numpy as np
import pytest
from scipy import stats

from pdcraft.errors import DataError
from pdcraft.optics.camera import (
    camera,
    dark_subtracted,
    fixed_pattern,
    fixed_sd_electrons,
    noise_sd_electrons,
    sample_counts,
    saturated,
)

QUIET = {"read_noise_e": 0.0, "dark_current_e_per_s": 0.0, "gain_e_per_dn": 1.0, "offset_dn": 0}


def rng():
    return np.random.default_rng(20261121)


def test_shot_noise_alone_is_poisson():
    """Chi-square; fails a right sampler once in 1e6, sees a 5% fault of the variance."""
    cam = camera("open-field", bits=16, pixels=(300, 300), **QUIET)
    counts = sample_counts(cam, np.full(cam.shape, 20.0), rng()).ravel()
    edges = np.arange(8, 34)
    got = np.array([(counts == k).sum() for k in edges])
    want = stats.poisson.pmf(edges, 20.0) * counts.size
    assert stats.chi2.sf(((got - want) ** 2 / want).sum(), edges.size) > 1e-6


@pytest.mark.parametrize("light", [0.0, 50.0, 5000.0])
def test_spread_is_the_budget(light):
    cam = camera("open-field", dark_current_e_per_s=300.0, read_noise_e=4.0, pixels=(400, 400))
    image = np.full(cam.shape, light)
    frame = dark_subtracted(cam, sample_counts(cam, image, rng()))
    want = float(noise_sd_electrons(cam, image)[0, 0])
    # 160 000 pixels: SD of the SD 0.18%, of the mean 0.0025 SD; 4.5 of each
    assert frame.std() == pytest.approx(want, rel=4.5 / np.sqrt(2 * 160_000), abs=0)
    assert frame.mean() == pytest.approx(light, rel=0, abs=4.5 * want / 400)


def test_rounding_adds_a_twelfth_of_a_step():
    cam = camera("open-field", **{**QUIET, "gain_e_per_dn": 40.0}, bits=16)
    # shot noise of 10 000 e is 100 e, 2.5 steps: rounding is independent of it
    assert noise_sd_electrons(cam, np.array(1e4)) == pytest.approx(
        np.sqrt(1e4 + 1600 / 12), rel=1e-12, abs=0
    )


def test_a_dark_frame_takes_off_the_pixels_own_dark_current():
    cam = camera("open-field", dark_current_e_per_s=2000.0, dark_pattern=0.5)
    pattern = fixed_pattern(cam, seed=5)
    r = rng()
    nothing = np.zeros((200, *cam.shape))
    dark = sample_counts(cam, nothing, r, pattern)
    frame = sample_counts(cam, nothing[0], r, pattern)
    flat, own = dark_subtracted(cam, frame), dark_subtracted(cam, frame, dark)
    temporal = float(noise_sd_electrons(cam, np.array(0.0)))
    patterned = float(fixed_sd_electrons(cam, np.array(0.0)))
    assert patterned == pytest.approx(0.5 * 66.0, rel=1e-12, abs=0)
    # 4096 pixels: 5% is 4.5 SD of an SD; the lognormal's own sampling spread is 3%
    assert flat.std() == pytest.approx(np.hypot(temporal, patterned), rel=0.1, abs=0)
    assert own.std() == pytest.approx(temporal, rel=0.05, abs=0)


def test_fixed_pattern_stays_and_has_its_spread():
    cam = camera("open-field", prnu=0.02, dark_pattern=0.3, pixels=(300, 300))
    pattern = fixed_pattern(cam, 1)
    assert np.array_equal(pattern.response, fixed_pattern(cam, 1).response)
    assert not np.array_equal(pattern.response, fixed_pattern(cam, 2).response)
    assert pattern.response.std() == pytest.approx(0.02, rel=0.011, abs=0)  # 4.5 SD of 90 000
    assert pattern.dark.mean() == pytest.approx(1.0, rel=0.0045, abs=0)
    assert pattern.dark.std() == pytest.approx(0.3, rel=0.02, abs=0)


def test_a_full_well_is_flagged_and_cut():
    cam = camera("open-field")
    counts = sample_counts(cam, np.full(cam.shape, 40_000.0), rng())
    assert saturated(cam, counts).all()
    assert counts.max() <= 4095
    bright = sample_counts(cam, np.full(cam.shape, 25_000.0), rng())
    assert not saturated(cam, bright).any()


def test_a_short_converter_saturates_first():
    cam = camera("open-field", gain_e_per_dn=1.0, offset_dn=10)  # 4085 e of a well of 30 000
    counts = sample_counts(cam, np.full(cam.shape, 6000.0), rng())
    assert np.all(counts == 4095)
    assert saturated(cam, counts).all()


def test_default_offset_leaves_no_reading_cut_at_zero():
    for noise in (0.5, 2.0, 40.0):
        cam = camera("open-field", read_noise_e=noise, dark_current_e_per_s=0.0, pixels=(300, 300))
        counts = sample_counts(cam, np.zeros(cam.shape), rng())
        assert (counts == 0).mean() < 1e-4
        assert dark_subtracted(cam, counts).mean() == pytest.approx(
            0, rel=0, abs=4.5 * np.hypot(noise, cam.sensor.gain / 3) / 300
        )


def test_frames_of_another_shape_or_below_zero_are_refused():
    cam = camera("open-field")
    with pytest.raises(DataError, match="no pixel below 0"):
        sample_counts(cam, -np.ones(cam.shape), rng())
    with pytest.raises(DataError, match=r"the camera's images have \(64, 64\)"):
        sample_counts(cam, np.ones((3, 3)), rng())
