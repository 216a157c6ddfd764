"""Error models, censored values and AICc against densities written out elsewhere."""

import numpy as np
import pytest
from scipy import stats

from pdcraft.kinetics.likelihood import Likelihood, aicc
from pdcraft.kinetics.models import MODELS, Scale

TIMES = np.array([0.0, 1.0, 2.0, 4.0, 8.0])
VALUES = np.array([1.0, 0.7, 0.45, 0.2, 0.08])
MODEL = MODELS["exp1"]
SCALE = Scale.of(TIMES, VALUES)
THETA = np.array([[1.05, np.log(0.38 * 8 + 0.1)]])  # 1.05 exp(-0.38 t)
CURVE = 1.05 * np.exp(-0.38 * TIMES)


def likelihood(error, censored=(), sd=None):
    mask = np.zeros((1, TIMES.size), dtype=bool)
    mask[0, list(censored)] = True
    width = np.ones(TIMES.size) if sd is None else sd
    return Likelihood(error, TIMES, VALUES[None], mask, width, SCALE, TIMES.size)


def test_each_error_model_is_its_density():
    sd = np.array([0.1, 0.05, 0.05, 0.02, 0.01])
    one = np.ones(1)
    cases = {
        "constant": (0.03, stats.norm.logpdf(VALUES, CURVE, 0.03)),
        "sd": (1.0, stats.norm.logpdf(VALUES, CURVE, sd)),
        "proportional": (0.15, stats.lognorm.logpdf(VALUES, 0.15, scale=CURVE)),
    }
    for error, (sigma, want) in cases.items():
        like = likelihood(error, sd=sd if error == "sd" else None)
        got = like.minus_two_log(MODEL, THETA, sigma * one)[0]
        assert got == pytest.approx(-2 * want.sum(), rel=1e-12, abs=0)


def test_a_censored_value_counts_the_probability_of_lying_below_its_limit():
    got = likelihood("constant", censored=[4]).minus_two_log(MODEL, THETA, np.array([0.03]))[0]
    want = stats.norm.logpdf(VALUES[:4], CURVE[:4], 0.03).sum()
    want += stats.norm.logcdf(VALUES[4], CURVE[4], 0.03)
    assert got == pytest.approx(-2 * want, rel=1e-12, abs=0)


@pytest.mark.parametrize("error", ["constant", "proportional", "sd"])
@pytest.mark.parametrize("sigma", [0.003, 0.05, 1.0])
def test_residuals_square_to_the_deviance_and_have_its_slope(error, sigma):
    like = likelihood(error, censored=[3, 4])
    rows = np.zeros(1, dtype=int)
    widths = np.array([sigma])
    residual, jac = like.residuals(MODEL, THETA, widths, rows)
    step = 1e-6
    for j in range(2):
        up, down = THETA.copy(), THETA.copy()
        up[0, j] += step
        down[0, j] -= step
        deviance = [like.minus_two_log(MODEL, t, widths)[0] for t in (up, down)]
        want = (deviance[0] - deviance[1]) / (2 * step)
        got = 2 * (residual * jac[:, :, j]).sum()
        # central differences: step^2 times the third derivative, and rounding over the step
        assert got == pytest.approx(want, rel=2e-6, abs=1e-6 * abs(deviance[0]))


def test_information_is_the_curvature_of_the_deviance_where_the_curve_is_right():
    # with values on the curve the second derivatives of the curve drop out
    like = Likelihood("constant", TIMES, CURVE[None], np.zeros((1, 5), bool), np.ones(5), SCALE, 5)
    sigma, step = 0.05, 1e-4
    information = like.information(MODEL, THETA[0], sigma)

    def deviance(a, b):
        return like.minus_two_log(MODEL, THETA + np.array([a, b]), np.array([sigma]))[0]

    curvature = (deviance(step, 0) - 2 * deviance(0, 0) + deviance(-step, 0)) / step**2
    assert 2 * information[0, 0] == pytest.approx(curvature, rel=1e-5, abs=0)
    mixed = deviance(step, step) - deviance(step, -step) - deviance(-step, step)
    mixed = (mixed + deviance(-step, -step)) / (4 * step**2)
    assert 2 * information[0, 1] == pytest.approx(mixed, rel=1e-4, abs=0)


@pytest.mark.parametrize("error", ["constant", "proportional"])
def test_the_likeliest_error_is_the_least_of_minus_two_log(error):
    like, sigma = likelihood(error, censored=[3, 4]), np.array([0.05])
    for _ in range(200):
        sigma = like.likeliest_sigma(MODEL, THETA, sigma)
    least, *beside = (like.minus_two_log(MODEL, THETA, sigma * by)[0] for by in (1.0, 0.99, 1.01))
    assert least < min(beside)


def test_far_censored_values_neither_overflow_nor_vanish():
    like = likelihood("constant", censored=[0, 4])
    for sigma in (1e-6, 1e6):  # the limit is 1e5 widths from the curve, and a millionth of one
        residual, jac = like.residuals(MODEL, THETA, np.array([sigma]), np.zeros(1, dtype=int))
        assert np.all(np.isfinite(residual))
        assert np.all(np.isfinite(jac))


def test_aicc_of_burnham_and_anderson():
    # their formula 2.4.2: AICc = AIC + 2 K (K + 1) / (n - K - 1)
    assert aicc(100.0, 13, 4) == pytest.approx(100 + 8 + 40 / 8, rel=1e-15, abs=0)
    assert aicc(100.0, 5, 4) is None
