"""Baskets: quadrature against sampling and grids, limits of the models, what borrowing does."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.phase2.basket import MODELS, BasketModel, tables
from pdcraft.trial.phase2.basket_characteristics import (
    BasketTrial,
    cutoff_for,
    simulate_baskets,
)

P0, N, Y = np.array([0.2, 0.2, 0.1, 0.3]), np.array([12, 25, 6, 20]), np.array([6, 5, 0, 11])


@pytest.mark.parametrize("kind", ["hierarchical", "exnex"])
def test_posterior_against_importance_sampling(kind):
    """1e6 draws of the prior, weighted by the likelihood; 4 errors of each number, 1 in 1400."""
    model = BasketModel(kind)
    rng = np.random.default_rng(20)
    size = 1_000_000
    mu = rng.normal(0.0, 2.0, size)
    tau = np.abs(rng.normal(0.0, 1.0, size))
    theta = mu[:, None] + tau[:, None] * rng.standard_normal((size, 4))
    if kind == "exnex":
        alone = rng.random((size, 4)) < 0.5
        theta = np.where(alone, 2.5 * rng.standard_normal((size, 4)), theta)
    rate = expit(logit(P0) + theta)
    weight = np.exp(stats.binom.logpmf(Y, N, rate).sum(axis=1))
    weight /= weight.sum()
    found = tables(model, P0, N).posterior(Y)
    for k in range(4):
        for got, values in ((found.above[0, k], theta[:, k] > 0), (found.mean[0, k], rate[:, k])):
            mean = (weight * values).sum()
            error = np.sqrt((weight**2 * (values - mean) ** 2).sum())
            assert got == pytest.approx(mean, abs=4 * error + 1e-5)
        if kind == "exnex":
            shared = (weight * ~alone[:, k]).sum()
            assert found.exchangeable[0, k] == pytest.approx(shared, abs=0.01)


def test_a_basket_for_itself_against_a_grid():
    found = tables(BasketModel("independent"), P0, N).posterior(Y)
    theta = np.linspace(-15, 15, 300_001)
    for k in range(4):
        rate = expit(logit(P0[k]) + theta)
        density = stats.norm.pdf(theta, 0, 2.5) * stats.binom.pmf(Y[k], N[k], rate)
        want = density[theta > 0].sum() / density.sum()
        # the prior is cut at 5 standard deviations, the grid at its own step
        assert found.above[0, k] == pytest.approx(want, abs=1e-4)
        mean = (rate * density).sum() / density.sum()
        assert found.mean[0, k] == pytest.approx(mean, abs=1e-4)


@pytest.mark.parametrize("n", [100, 400])
def test_large_baskets_pooled_against_a_grid(n):
    """Of so many patients the likelihood is below the smallest number at far nodes."""
    responses = [round(0.28 * n), round(0.18 * n)]
    found = tables(BasketModel("pooled"), [0.2, 0.2], [n, n]).posterior(responses)
    theta = np.linspace(-10, 10, 400_001)
    rate = expit(logit(0.2) + theta)
    log = stats.norm.logpdf(theta, 0, 2) + stats.binom.logpmf(sum(responses), 2 * n, rate)
    density = np.exp(log - log.max())
    want = density[theta > 0].sum() / density.sum()
    assert found.above[0] == pytest.approx([want, want], abs=1e-4)
    mean = (rate * density).sum() / density.sum()
    assert found.mean[0] == pytest.approx([mean, mean], abs=1e-4)


@pytest.mark.parametrize("kind", MODELS)
def test_baskets_that_contradict_each_other_have_numbers(kind):
    found = tables(BasketModel(kind), [0.2, 0.2], [150, 150]).posterior([150, 0])
    assert np.all(np.isfinite(found.above))
    if kind != "pooled":
        assert found.mean[0, 0] > 0.9
        assert found.mean[0, 1] < 0.05


def test_models_meet_at_their_limits():
    none = tables(BasketModel("exnex", exchangeable=0.0), P0, N).posterior(Y)
    alone = tables(BasketModel("independent"), P0, N).posterior(Y)
    assert none.above == pytest.approx(alone.above, abs=1e-9)
    full = tables(BasketModel("exnex", exchangeable=1.0), P0, N).posterior(Y)
    shared = tables(BasketModel("hierarchical"), P0, N).posterior(Y)
    assert full.above == pytest.approx(shared.above, abs=1e-9)
    tight = tables(BasketModel("hierarchical", tau_scale=1e-4), P0, N).posterior(Y)
    pooled = tables(BasketModel("pooled"), P0, N).posterior(Y)
    assert tight.mean == pytest.approx(pooled.mean, abs=1e-4)
    # one rate for all lies on one side of p0 for all
    assert np.ptp(pooled.above) == pytest.approx(0.0, abs=1e-9)


def test_an_empty_basket_only_borrows():
    with_it = tables(BasketModel("hierarchical"), [0.2] * 3, [12, 12, 0]).posterior([6, 5, 0])
    without = tables(BasketModel("hierarchical"), [0.2] * 2, [12, 12]).posterior([6, 5])
    assert with_it.above[0, :2] == pytest.approx(without.above[0], abs=1e-9)
    assert 0.5 < with_it.above[0, 2] < with_it.above[0, 1]


def test_more_responses_elsewhere_raise_a_basket_only_if_it_borrows():
    for kind in MODELS:
        table = tables(BasketModel(kind), [0.2] * 3, [15] * 3)
        low, high = table.posterior([[4, 2, 2], [4, 8, 8]]).above[:, 0]
        if kind == "independent":
            assert low == pytest.approx(high, abs=1e-12)
        else:
            assert high > low + 0.01


def test_borrowing_at_the_same_error():
    """2000 trials: standard errors near 0.01. Power rises where all are active; error where not."""
    start = BasketTrial(BasketModel("independent"), (0.2,) * 4, (18,) * 4, 0.9)
    found = {}
    for kind in ("independent", "exnex", "hierarchical"):
        trial = replace(start, model=BasketModel(kind))
        trial = replace(trial, cutoff=cutoff_for(trial, 0.1, 2000, seed=1))
        null = simulate_baskets(trial, (0.2,) * 4, 2000, seed=2)
        assert (null.active < 0.1 + 4 * np.sqrt(2 * 0.1 * 0.9 / 2000)).all()
        every = simulate_baskets(trial, (0.45,) * 4, 2000, seed=3)
        mixed = simulate_baskets(trial, (0.45, 0.45, 0.45, 0.2), 2000, seed=4)
        found[kind] = (every.active.mean(), mixed.active[3])
        assert every.any_false == 0.0
        assert every.all_right <= every.active.min()
    assert found["hierarchical"][0] > found["exnex"][0] > found["independent"][0] + 0.02
    assert found["hierarchical"][1] > found["exnex"][1] > found["independent"][1]


def test_without_borrowing_the_error_is_binomial():
    trial = BasketTrial(BasketModel("independent"), (0.2, 0.3), (20, 15), 0.9)
    table = tables(trial.model, trial.p0, trial.n)
    found = simulate_baskets(trial, (0.2, 0.5), 4000, seed=6)
    for k, rate in enumerate((0.2, 0.5)):
        counts = np.arange(trial.n[k] + 1)
        both = np.zeros((counts.size, 2), dtype=int)
        both[:, k] = counts
        active = table.posterior(both).above[:, k] > 0.9
        exact = stats.binom.pmf(counts, trial.n[k], rate)[active].sum()
        assert abs(found.active[k] - exact) < 4 * np.sqrt(exact * (1 - exact) / 4000)


def test_interim_look_without_borrowing_is_a_sum_over_both_stages():
    """4 errors of 4000 trials; a stopped basket's later patients would move the mean by 0.05."""
    trial = BasketTrial(BasketModel("independent"), (0.2, 0.3), (20, 15), 0.9, (8, 6), 0.4)
    rates = (0.25, 0.4)
    found = simulate_baskets(trial, rates, 4000, seed=12)
    for k, rate in enumerate(rates):
        early, late = trial.interim[k], trial.n[k]

        def after(n, basket=k):
            table = tables(trial.model, trial.p0[basket : basket + 1], [n])
            return table.posterior(np.arange(n + 1)[:, None])

        first, last = after(early), after(late)
        active = mean = stopped = 0.0
        for y in range(early + 1):
            chance = stats.binom.pmf(y, early, rate)
            if first.above[y, 0] < trial.futility:
                stopped += chance
                mean += chance * first.mean[y, 0]
                continue
            more = stats.binom.pmf(np.arange(late - early + 1), late - early, rate) * chance
            ends = slice(y, y + late - early + 1)
            active += more @ (last.above[ends, 0] > trial.cutoff)
            mean += more @ last.mean[ends, 0]
        assert abs(found.active[k] - active) < 4 * np.sqrt(active * (1 - active) / 4000)
        assert abs(found.PET[k] - stopped) < 4 * np.sqrt(stopped * (1 - stopped) / 4000)
        assert abs(found.bias[k] - (mean - rate)) < 4 * found.rmse[k] / np.sqrt(4000)
        assert found.EN[k] == pytest.approx(late - (late - early) * found.PET[k], rel=1e-12)


def test_interim_look_saves_patients_and_keeps_their_data():
    plain = BasketTrial(BasketModel("exnex"), (0.2,) * 3, (20,) * 3, 0.9)
    looked = replace(plain, interim=(8,) * 3, futility=0.3)
    null = simulate_baskets(looked, (0.05,) * 3, 500, seed=8)
    assert (null.PET > 0.5).all()
    assert pytest.approx(20 - 12 * null.PET, rel=1e-12) == null.EN
    good = simulate_baskets(looked, (0.5,) * 3, 500, seed=8)
    unlooked = simulate_baskets(plain, (0.5,) * 3, 500, seed=8)
    assert (good.active <= unlooked.active + 0.03).all()


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: BasketModel("mem"), DataError, "there are independent"),
        (lambda: BasketModel(tau_scale=0.0), PhysicsRangeError, "tau_scale is 0"),
        (lambda: BasketModel(exchangeable=1.5), PhysicsRangeError, "1.5"),
        (lambda: tables(BasketModel(), [0.2], [3, 4]), DataError, "one of each"),
        (lambda: tables(BasketModel(), [0.0], [3]), PhysicsRangeError, "p0 of a basket is 0"),
        (lambda: tables(BasketModel(), [0.2], [0]), PhysicsRangeError, "not all 0"),
        (lambda: tables(BasketModel(), [0.2], [3]).posterior([4]), PhysicsRangeError, "4 of 3"),
        (lambda: tables(BasketModel(), [0.2], [3]).posterior([1, 1]), DataError, "there are 1"),
        (
            lambda: BasketTrial(BasketModel(), (0.2,), (10,), 0.9, (10,)),
            PhysicsRangeError,
            "below its size",
        ),
        (
            lambda: simulate_baskets(BasketTrial(BasketModel(), (0.2,), (9,), 0.9), (0.2, 0.2), 9),
            DataError,
            "2 true rates for 1",
        ),
    ],
)
def test_refuses_with_a_reason(call, error, said):
    with pytest.raises(error, match=said):
        call()
