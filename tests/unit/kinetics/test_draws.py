"""Spreads of known size, edges that are respected, intervals that cover."""

import numpy as np
import pytest

from pdcraft.data.nuclides import half_life_h
from pdcraft.io.biodist import Biodistribution, RegionData
from pdcraft.kinetics.averaging import akaike_weights, choose_models, shared_aicc
from pdcraft.kinetics.draws import draw_parameters
from pdcraft.kinetics.fit import fit_biodistribution
from pdcraft.kinetics.models import MODELS, bounds
from pdcraft.kinetics.observed import Observed
from pdcraft.kinetics.region_fit import FitOptions
from pdcraft.kinetics.single_fit import fit_model, likelihood_of

TIMES = np.array([0.5, 1, 2, 4, 8, 24, 48, 72, 120])
DECAY = np.log(2) / half_life_h("I-131")
NONE = np.zeros(TIMES.size, bool)


def curve(value, sd=None, censored=NONE):
    spread = np.full(TIMES.size, np.nan) if sd is None else sd
    return Observed("liver", "", "amount_fraction", "single", TIMES, value, spread, censored, 9)


@pytest.mark.parametrize("method", ["laplace", "bootstrap"])
def test_a_linear_parameter_has_the_spread_of_weighted_least_squares(method):
    # retention: the rate sits on its bound and the amplitude is a weighted mean of equal values
    value = np.full(TIMES.size, 0.4)
    fit = fit_model(MODELS["exp1"], likelihood_of(curve(value, 0.02 * np.ones(TIMES.size))))
    theta = draw_parameters(fit, 4000, method, np.random.default_rng(1))
    # at the early times the curve is the amplitude; the late ones also turn the rate
    early = fit.likelihood.scale.value * theta[:, 0]
    lower = 0.02 / TIMES.size**0.5  # all nine values in one mean
    assert lower < early.std() < 2 * lower
    assert early.mean() == pytest.approx(0.4, rel=0.03)


def test_few_values_with_an_estimated_error_have_t_tails():
    rng = np.random.default_rng(2)
    value = 0.3 * np.exp(-0.03 * TIMES[:6]) * np.exp(0.1 * rng.standard_normal(6))
    data = Observed("liver", "", "amount_fraction", "single", TIMES[:6], value,
                    np.full(6, np.nan), NONE[:6], 6)  # fmt: skip
    fit = fit_model(MODELS["exp1"], likelihood_of(data))
    log = np.log(draw_parameters(fit, 20000, "laplace", np.random.default_rng(3))[:, 0])
    # t with 4 degrees of freedom: its 97.5% point over its quartile is 2.776 / 0.741 = 3.75,
    # a normal's 1.960 / 0.674 = 2.91; the amplitude is close to linear in the logarithm
    q = np.quantile(log, [0.025, 0.25, 0.75, 0.975])
    assert (q[3] - q[0]) / (q[2] - q[1]) == pytest.approx(3.75, rel=0.1)


def test_errors_that_are_stated_too_small_are_widened_by_the_scatter():
    rng = np.random.default_rng(4)
    value = 0.3 * np.exp(-0.03 * TIMES) * (1 + 0.15 * rng.standard_normal(TIMES.size))
    spreads = []
    for sd in (0.15, 0.015):
        fit = fit_model(MODELS["exp1"], likelihood_of(curve(value, sd * value)))
        theta = draw_parameters(fit, 4000, "laplace", np.random.default_rng(5))
        spreads.append(theta[:, 0].std())
        if sd == 0.015:
            assert fit.scatter > 20
    assert spreads[1] == pytest.approx(spreads[0], rel=0.3)


@pytest.mark.parametrize("method", ["laplace", "bootstrap"])
@pytest.mark.parametrize("name", MODELS)
def test_draws_stay_within_bounds_even_where_data_say_little(name, method):
    rng = np.random.default_rng(6)
    value = 0.3 * np.exp(-0.03 * TIMES) * (1 + 0.05 * rng.standard_normal(TIMES.size))
    fit = fit_model(MODELS[name], likelihood_of(curve(value, 0.05 * value)))
    theta = draw_parameters(fit, 300, method, np.random.default_rng(7))
    limit = bounds(fit.model, fit.likelihood.scale)
    assert theta.shape == (300, MODELS[name].n_parameters)
    assert np.all((theta >= limit.lower) & (theta <= limit.upper))
    assert draw_parameters(fit, 0, method, np.random.default_rng(7)).shape[0] == 0


def test_weights_and_the_models_of_draws():
    weights = akaike_weights({"exp1": 10.0, "exp2": 12.0, "exp3": 30.0})
    assert sum(weights.values()) == pytest.approx(1.0, rel=1e-15)
    # a difference of 2 is one unit of log-likelihood: a factor e
    assert weights["exp1"] / weights["exp2"] == pytest.approx(np.e, rel=1e-12, abs=0)
    chosen = choose_models(weights, 1000, np.random.default_rng(1))
    for i, weight in enumerate(weights.values()):
        assert abs((chosen == i).sum() - 1000 * weight) <= 1
    both = shared_aicc([{"exp1": 1.0, "exp2": 2.0}, {"exp1": 5.0}])
    assert both == {"exp1": 6.0}  # a subject refused exp2, so no subject has it
    assert shared_aicc([]) == {}


TRUTHS = {
    "two phases": ([20.0, 8.0], [0.6, 0.02]),
    "uptake": ([12.0, -12.0], [0.015, 0.3]),
    "one phase": ([30.0], [0.05]),
}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["laplace", "bootstrap"])
@pytest.mark.parametrize("truth", TRUTHS)
def test_intervals_cover_the_integral(truth, method):
    """95% limits of 120 simulated data sets (10% error, stated) hold the true integral.

    Of 200 data sets they held it in 94.5 to 96%. A procedure that covers 95% misses more than 14
    of 120 with probability 0.1%, 0.6% over the six; one that covers 83% is seen in 93%.
    """
    c, r = (np.array(part) for part in TRUTHS[truth])
    want = float((c / 100 / (r + DECAY)).sum())
    clean = np.exp(-np.outer(TIMES, r)) @ c
    hits = 0
    for seed in range(120):
        noise = np.random.default_rng(seed).standard_normal(TIMES.size)
        value = clean * (1 + 0.1 * noise)
        data = RegionData("liver", "%IA", True, None, ("",) * TIMES.size, TIMES, value,
                          0.1 * clean, np.ones(TIMES.size, int), NONE)  # fmt: skip
        options = FitOptions(draws=400, method=method, seed=seed)
        got = fit_biodistribution(Biodistribution("b", (data,)), "I-131", options=options)
        low, high = np.quantile(got.region("liver").tiac_h, [0.025, 0.975])
        hits += low <= want <= high
    assert hits >= 106
