"""Curves that cannot go below zero; derivatives that are exact; rates that stay in order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcraft.kinetics.models import MODELS, Scale, bounds, curve, gradient, starts, terms

TIMES = np.array([0.0, 1.0, 3.0, 8.0, 24.0, 72.0])
SCALE = Scale(value=0.3, time_h=72.0, first_h=0.0, gap_h=1.0)


def inside(model, share):
    limit = bounds(model, SCALE)
    return limit.lower + share * (np.minimum(limit.upper, 5.0) - limit.lower)


@pytest.mark.parametrize("name", MODELS)
def test_jacobian_is_the_complex_step_derivative(name):
    model = MODELS[name]
    rng = np.random.default_rng(2)
    theta = inside(model, rng.uniform(0.05, 0.95, (20, model.n_parameters)))
    values, jac = gradient(model, theta, SCALE, TIMES)
    assert np.array_equal(values, curve(model, theta, SCALE, TIMES))
    for j in range(model.n_parameters):
        step = theta.astype(complex)
        step[:, j] += 1e-30j
        want = curve(model, step, SCALE, TIMES).imag / 1e-30
        # both are exact to rounding; near cancellation only the scale of the data is kept
        np.testing.assert_allclose(jac[:, :, j], want, rtol=1e-11, atol=1e-14 * SCALE.value)


@given(st.sampled_from(sorted(MODELS)), st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_no_curve_is_ever_below_zero_and_rates_rise_from_zero(name, shares):
    model = MODELS[name]
    theta = inside(model, np.array(shares[: model.n_parameters]))
    coefficients, rates = terms(model, theta, SCALE)
    fine = np.linspace(0, 300, 601)
    value = curve(model, theta, SCALE, fine)
    # rounding of terms that cancel
    assert value.min() >= -1e-13 * (1 + np.abs(coefficients).max())
    assert rates[0] >= -1e-16
    assert np.all(np.diff(rates) > 0)


def test_uptake_starts_at_zero_and_its_coefficient_is_negative():
    model = MODELS["uptake_exp2"]
    coefficients, _ = terms(model, inside(model, np.full(5, 0.5)), SCALE)
    assert coefficients[-1] < 0
    assert coefficients.sum() == pytest.approx(0.0, abs=1e-12)  # coefficients are of size 100
    from_f0 = MODELS["uptake_exp1_from_f0"]
    theta = inside(from_f0, np.full(4, 0.5))
    assert curve(from_f0, theta, SCALE, np.zeros(1))[0] == pytest.approx(
        SCALE.value * theta[1], rel=1e-12, abs=0
    )


@pytest.mark.parametrize("name", MODELS)
def test_starts_lie_within_bounds(name):
    model = MODELS[name]
    value = np.exp(-0.1 * TIMES) * (1 - 0.5 * np.exp(-TIMES))
    first = starts(model, SCALE, TIMES, value)
    limit = bounds(model, SCALE)
    assert first.shape[0] >= 7
    assert np.all((first >= limit.lower) & (first <= limit.upper))


def test_a_decay_cannot_hide_before_the_first_measurement():
    late = Scale(value=1.0, time_h=72.0, first_h=2.0, gap_h=2.0)
    for name, model in MODELS.items():
        _, rates = terms(model, bounds(model, late).upper, late)
        decays = rates[: model.n_rates - ("uptake" in name)]
        # e^-2 before the first time for every increment between rates
        assert decays[-1] == pytest.approx(2.0 / late.first_h * decays.size, rel=0.01)
        if "uptake" in name:
            assert rates[-1] > 10.0
