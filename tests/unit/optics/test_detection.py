"""The observer against ideal observers in noise whose covariance is known."""

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import ndtr

from pdcraft.data.background_variability import BackgroundPrior, background_prior
from pdcraft.errors import DataError
from pdcraft.optics.camera import Exposure, camera
from pdcraft.optics.detection import (
    background_known,
    crossing,
    lumpy_field,
    make_trial,
    observe,
    sample_backgrounds,
)
from pdcraft.optics.detection.channels import laguerre_gauss, signal_width, sparse_dog
from pdcraft.optics.detection.observer import _d_prime, wilcoxon_auc

SHAPE = (24, 24)
CENTER = (11.5, 11.5)
ROW, COLUMN = np.indices(SHAPE)
SPOT = np.exp(-0.5 * ((ROW - 11.5) ** 2 + (COLUMN - 11.5) ** 2) / 2.5**2)


def rng(k=0):
    return np.random.default_rng([20261121, k])


def test_laguerre_gauss_channels_are_orthonormal():
    u = laguerre_gauss((161, 161), 30.0, (80.0, 80.0)).reshape(6, -1)
    # sampled finely and cut at 2.7 widths, where the highest channel has fallen to 1e-5
    np.testing.assert_allclose(u @ u.T, np.eye(6), rtol=0, atol=1e-5)


def test_the_first_channel_matches_a_gaussian_signal():
    width, center = signal_width(SPOT)
    assert width == pytest.approx(2.5, rel=1e-3, abs=0)  # the image cuts the tail at 4.6 SD
    assert center == pytest.approx(CENTER, rel=1e-12, abs=0)
    first = laguerre_gauss(SHAPE, np.sqrt(2 * np.pi) * 2.5, CENTER)[0]
    shape = first / first.max() * SPOT.max()
    np.testing.assert_allclose(shape, SPOT, rtol=1e-9, atol=0)


def test_sparse_channels_are_bands_of_octaves_about_the_center():
    u = sparse_dog((65, 65), (32.0, 32.0))
    assert [np.unravel_index(c.argmax(), c.shape) for c in u] == [(32, 32)] * 3
    power = np.abs(np.fft.fft2(u)[:, 0, :33])
    peaks = np.fft.rfftfreq(65)[power.argmax(axis=1)]
    # the difference of exp(-v²/8s²) and exp(-v²/2s²) peaks at s sqrt(8 ln 4 / 3) = 1.92 s
    np.testing.assert_allclose(peaks, 1.9227 * 0.03 * np.array([1, 2, 4]), rtol=0, atol=0.6 / 65)
    np.testing.assert_allclose(u.sum(axis=(1, 2)), 0, rtol=0, atol=1e-12)  # blind to a flat field


def test_white_noise_gives_the_ideal_observer():
    noise, ideal = 4.0, np.sqrt((SPOT**2).sum()) / 4.0
    n = 2000
    absent = noise * rng(1).standard_normal((n, *SHAPE))
    present = noise * rng(2).standard_normal((n, *SHAPE)) + SPOT
    got = observe(absent, present, laguerre_gauss(SHAPE, np.sqrt(2 * np.pi) * 2.5, CENTER))
    assert ideal == pytest.approx(1.11, rel=0.01, abs=0)
    assert got.d_prime.low < ideal < got.d_prime.high
    # SD of d' is about sqrt(2/n): 0.03; 4.5 of it
    assert got.d_prime.value == pytest.approx(ideal, rel=0, abs=0.15)
    assert got.auc.value == pytest.approx(ndtr(ideal / np.sqrt(2)), rel=0, abs=0.03)
    assert got.held_out_auc == pytest.approx(got.auc.value, rel=0, abs=5 * got.held_out_std_err)


def test_correlated_noise_gives_the_channels_own_limit():
    r2 = (ROW.ravel()[:, None] - ROW.ravel()) ** 2 + (COLUMN.ravel()[:, None] - COLUMN.ravel()) ** 2
    cov = 4.0 * np.exp(-0.5 * r2 / 3.0**2) + np.eye(r2.shape[0])
    root = np.linalg.cholesky(cov)
    channels = laguerre_gauss(SHAPE, np.sqrt(2 * np.pi) * 2.5, CENTER)
    u, s = channels.reshape(len(channels), -1), 3.0 * SPOT.ravel()
    by_channels = np.sqrt((u @ s) @ np.linalg.solve(u @ cov @ u.T, u @ s))
    ideal = np.sqrt(s @ np.linalg.solve(cov, s))
    matched = (s @ s) / np.sqrt(s @ cov @ s)
    assert matched < by_channels < ideal  # channels see the correlation, not all of it

    def images(k):
        return (rng(k).standard_normal((1500, root.shape[0])) @ root.T).reshape(-1, *SHAPE)

    got = observe(images(3), images(4) + s.reshape(SHAPE), channels)
    assert got.d_prime.low < by_channels < got.d_prime.high
    # relative SD of d' is about sqrt((2/d'² + 1/4)/n) < 3%; 4.5 of it
    assert got.d_prime.value == pytest.approx(by_channels, rel=0.13, abs=0)


@pytest.mark.parametrize("true", [0.0, 2.0, 6.0])
def test_limits_cover_and_the_square_is_unbiased(true):
    """Binomial, 300 runs: 95% ± 4 SD is 90 to 100%; sees limits 15% too narrow."""
    n, p, runs = 200, 6, 300
    r = rng(int(10 * true))
    hits, squares = 0, []
    for _ in range(runs):
        without, with_ = r.standard_normal((2, n, p))
        with_[:, 0] += true
        found = _d_prime(without, with_)
        hits += found.low <= true <= found.high
        # unbiased before the root: undo it where it is not cut at 0
        squares.append(found.value**2)
    assert 0.9 <= hits / runs <= 0.99
    if true >= 2.0:
        sd = np.std(squares) / np.sqrt(runs)
        assert np.mean(squares) == pytest.approx(true**2, rel=0, abs=4.5 * sd)


def test_wilcoxon_counts_pairs():
    without, with_ = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0])
    # pairs won: 2>1; 2=2 half; 4>1,2,3: (1 + 0.5 + 3) / 6
    assert wilcoxon_auc(without, with_)[0] == pytest.approx(0.75, rel=1e-12, abs=0)


def test_wilcoxon_scatters_as_its_error_says():
    r = rng(7)
    runs = [wilcoxon_auc(r.standard_normal(100), r.standard_normal(100) + 1) for _ in range(500)]
    auc, err = np.array(runs).T
    assert auc.std() == pytest.approx(np.sqrt((err**2).mean()), rel=0.15, abs=0)  # 4.5 SD
    assert auc.mean() == pytest.approx(ndtr(1 / np.sqrt(2)), rel=0, abs=4.5 * auc.std() / 22)


@pytest.mark.parametrize(("level", "height"), [(400.0, 30.0), (10.0, 30.0)])
def test_background_known_is_the_matched_filter_in_shot_noise(level, height):
    ground, signal = np.full(SHAPE, level), height * SPOT
    d_prime, auc = background_known(ground, signal, 9.0)
    r = rng(9)
    look = signal / (ground + 0.5 * signal + 9.0)
    score = [
        ((r.poisson(np.tile(mean, (4000, 1, 1))) + r.normal(0, 3, (4000, *SHAPE))) * look).sum(
            (1, 2)
        )
        for mean in (ground, ground + signal)
    ]
    seen = (score[1].mean() - score[0].mean()) / np.sqrt(0.5 * (score[0].var() + score[1].var()))
    assert d_prime == pytest.approx(seen, rel=0.03, abs=0)  # SD of d' 0.03 at d' 6
    assert auc == pytest.approx(ndtr(d_prime / np.sqrt(2)), rel=1e-12, abs=0)


def test_lumpy_fields_have_their_moments():
    fields = lumpy_field((64, 64), (0.25, 0.25), 0.3, 1.0, rng(11), 401)
    assert fields.shape == (401, 64, 64)
    assert np.all(fields > 0)
    # 41 independent lumps in an image: 16 000 in all; SDs of mean and SD 0.3%, 1%
    assert fields.mean() == pytest.approx(1.0, rel=0.012, abs=0)
    assert fields.std() == pytest.approx(0.3, rel=0.05, abs=0)
    log = np.log(fields)
    log = (log - log.mean()) / log.std()
    for lag in (4, 8):  # 1 and 2 mm
        seen = (log[:, :, lag:] * log[:, :, :-lag]).mean()
        along_y = (log[:, lag:] * log[:, :-lag]).mean()
        want = np.exp(-0.5 * (0.25 * lag) ** 2)
        assert seen == pytest.approx(want, rel=0, abs=0.03)
        assert along_y == pytest.approx(want, rel=0, abs=0.03)
    assert (fields[0::2][:200] * fields[1::2]).mean() == pytest.approx(1.0, rel=0.02, abs=0)
    # opposite edges are 16 mm apart, whatever the torus; 64 x 401 / 10 lumps: SD 0.02
    assert (log[:, :, 0] * log[:, :, -1]).mean() == pytest.approx(0.0, rel=0, abs=0.09)


CAM = camera("open-field", pixels=(48, 48), field_of_view_mm=(12.0, 12.0), prnu=0.01)


def exposure(fluorescence=2000.0, leak=200.0):
    one = np.ones(CAM.shape)
    return Exposure(fluorescence * one, 300.0 * one, leak * one, 100.0 * one)


def spot(amplitude, sd_mm):
    x, y = CAM.centers_mm()
    return amplitude * np.exp(-0.5 * (x[None, :] ** 2 + y[:, None] ** 2) / sd_mm**2)


def test_backgrounds_keep_their_mean_and_spread():
    prior = background_prior("brain")
    assert prior.assumed
    drawn = sample_backgrounds(CAM, exposure(), prior, 400, 3)
    middle = drawn.light_e[:, 24, 24]
    # variances add to first order: uptake, blood to the power 0.3, autofluorescence; light 0.5%
    share = 2000 / 2600
    want = np.hypot(share * 0.15, 0.3 * 0.2 * 2300 / 2600)
    assert middle.std() / middle.mean() == pytest.approx(want, rel=0.2, abs=0)
    assert drawn.light_e.mean() == pytest.approx(2600.0, rel=0.02, abs=0)


def test_more_blood_takes_light_away():
    bloody = BackgroundPrior(0.0, 1.0, 0.0, 1.0, 0.4, 1.0, 1.0, 0.0, 0.0)
    drawn = sample_backgrounds(CAM, exposure(leak=0.0), bloody, 300, 3)
    # the mean of 1/blood, lognormal of mean 1 and SD 0.4, is 1.16; of blood, 1. 14 000 lumps: 0.4%
    assert drawn.share.mean() == pytest.approx(1.16, rel=0.02, abs=0)
    assert drawn.light_e.mean() == pytest.approx(2300 * 1.16 + 100, rel=0.02, abs=0)


def test_leak_and_room_pass_the_blood_by():
    bloody = BackgroundPrior(0.0, 1.0, 0.0, 1.0, 0.4, 1.0, 1.0, 0.1, 0.1)
    one = np.ones(CAM.shape)
    drawn = sample_backgrounds(CAM, Exposure(0 * one, 0 * one, 500 * one, 100 * one), bloody, 3, 3)
    lamp = (drawn.light_e - 100.0) / 500.0
    assert lamp.mean() == pytest.approx(1.0, rel=1e-9, abs=0)
    assert lamp.std() < 0.03  # the lamp's fall, no lumps: blood's spread would be 0.4


def test_tumors_in_dim_light_send_less():
    uneven = BackgroundPrior(0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.6, 0.0)
    trial = make_trial(CAM, exposure(), uneven, seed=5)
    middle, rim = spot(40.0, 0.6), np.roll(spot(40.0, 0.6), (18, 18), axis=(0, 1))
    a, b = (trial.detect(s).detection.d_prime.value for s in (middle, rim))
    # signal and background fall alike, so d' goes as the root of the light: exp(-0.92 r²/r_c²)
    r2 = 2 * (18 * 0.25) ** 2 / (2 * 6.0**2)
    assert b / a == pytest.approx(np.sqrt(0.4**r2), rel=0.15, abs=0)


def test_both_classes_have_backgrounds_of_their_own():
    trial = make_trial(CAM, exposure(), background_prior("brain"), images=200, seed=5)
    both = np.concatenate([trial.absent.light_e, trial.present.light_e])
    assert both.shape[0] == 400
    assert np.unique(both[:, 10, 10]).size == 400


def test_few_images_are_not_flattered():
    r, squares = rng(77), []
    for _ in range(500):
        without, with_ = r.standard_normal((2, 30, 6))
        with_[:, 0] += 2.0
        squares.append(_d_prime(without, with_).value ** 2)
    # without its correction the square would be 4.4 times 58/51
    sd = np.std(squares) / np.sqrt(500)
    assert np.mean(squares) == pytest.approx(4.0, rel=0, abs=4.5 * sd)
    assert 4.5 * sd < 0.3


def test_variability_costs_what_shot_noise_alone_hides():
    trial = make_trial(CAM, exposure(), background_prior("brain"), seed=5)
    found = trial.detect(spot(400.0, 1.0))
    assert found.background_known_d_prime > 5 * found.detection.d_prime.value
    assert found.background_known_auc > 0.999
    assert 0.5 < found.detection.auc.low < found.detection.auc.value < found.detection.auc.high < 1
    assert found.detection.p_detect_at_fpr05.value == pytest.approx(
        ndtr(found.detection.d_prime.value - 1.6448536), rel=1e-6, abs=0
    )
    again = make_trial(CAM, exposure(), background_prior("brain"), seed=5).detect(spot(400.0, 1.0))
    assert again == found


def test_without_variability_the_observer_nears_the_known_background():
    still = BackgroundPrior(0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    trial = make_trial(CAM, exposure(), still, images=400, seed=2)
    found = trial.detect(spot(25.0, 0.6))
    known = found.background_known_d_prime
    assert found.detection.d_prime.low < known < found.detection.d_prime.high
    assert found.detection.d_prime.value == pytest.approx(known, rel=0.2, abs=0)


def test_people_look_through_fewer_channels():
    still = BackgroundPrior(0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    trial = make_trial(CAM, exposure(), still, seed=5)
    fit, human = trial.detect(spot(40.0, 0.8)), trial.detect(spot(40.0, 0.8), human=True)
    # in white noise the signal's own channel is ideal; blind to low frequencies one loses
    assert human.detection.d_prime.value < fit.detection.d_prime.low
    assert human.background_known_auc == fit.background_known_auc


def test_crossing_is_where_the_closed_form_has_it():
    still = BackgroundPrior(0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    trial = make_trial(CAM, exposure(), still, images=400, seed=4)
    needed = stats.norm.ppf(0.8) + stats.norm.ppf(0.95)
    per_electron = background_known(exposure().light, spot(1e-6, 0.8), 4.0)[0] / 1e-6
    found = crossing(trial, lambda d: spot(8.0 * d, 0.8), [1.0, 2.0, 4.0, 8.0])
    want = needed / (8.0 * per_electron)
    assert 1.0 < want < 8.0
    assert found.low < want < found.high
    assert found.value == pytest.approx(want, rel=0.15, abs=0)
    assert found.reason == "crossed"


def test_crossing_that_is_not_reached_says_so():
    trial = make_trial(CAM, exposure(), background_prior("brain"), seed=4)
    faint = crossing(trial, lambda d: spot(0.01 * d, 0.8), [1.0, 2.0])
    bright = crossing(trial, lambda d: spot(4000.0 * d, 0.8), [1.0, 2.0])
    assert faint.value is None
    assert "at none of 1 to 2" in faint.reason
    assert bright.value is None
    assert "at all of 1 to 2" in bright.reason


def test_faults_are_refused():
    with pytest.raises(DataError, match="200 or more of each"):
        observe(np.ones((10, 4, 4)), np.ones((10, 4, 4)), np.ones((1, 4, 4)))
    with pytest.raises(DataError, match="zero everywhere"):
        signal_width(np.zeros((3, 3)))
    with pytest.raises(DataError, match="at most a quarter of it can be drawn"):
        lumpy_field((8, 8), (1.0, 1.0), 0.1, 3.0, rng())
    with pytest.raises(DataError, match="did you mean 'brain'"):
        background_prior("brian")
    with pytest.raises(DataError, match="length 0 mm above 0"):
        BackgroundPrior(0.1, 0.0, 0.1, 1.0, 0.1, 1.0, 0.3, 0.1, 0.1)
    with pytest.raises(DataError, match="light_fall 1 lies"):
        BackgroundPrior(0.1, 1.0, 0.1, 1.0, 0.1, 1.0, 0.3, 1.0, 0.1)
    trial = make_trial(CAM, exposure(), background_prior("brain"), seed=4)
    with pytest.raises(DataError, match="more light away"):
        trial.detect(spot(-5000.0, 1.0))
    with pytest.raises(DataError, match="ascending values above 0"):
        crossing(trial, lambda d: spot(d, 1.0), [2.0, 1.0])


def test_sampled_field_variance_is_the_spectrums():
    # Parseval for the correlation used: its integral over the plane is 2 pi l²
    got, _ = integrate.dblquad(
        lambda x, y: np.exp(-0.5 * (x * x + y * y)), -9, 9, -9, 9, epsabs=1e-9, epsrel=1e-9
    )
    means = lumpy_field((64, 64), (0.25, 0.25), 0.05, 0.5, rng(21), 600).mean(axis=(1, 2))
    want = 0.05**2 * got * 0.5**2 / 16.0**2  # variance of the mean over a square much wider than l
    assert means.var() == pytest.approx(want, rel=0.3, abs=0)  # 600 means: 6%; edges 5%
