"""Growth fits, pooling, draws, entry, calipers, removal and endpoints of virtual xenografts."""

import numpy as np
import pytest

from pdcraft.data.xenografts import growth_records, member, members, xenograft_prior
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.xenograft.caliper import measured_mm3
from pdcraft.response.xenograft.draws import draw_animals, draw_model, pooled_growth
from pdcraft.response.xenograft.endpoints import (
    best_change,
    complete_response,
    group_median,
    survival_of,
)
from pdcraft.response.xenograft.entry import Entry, candidates_for, enter
from pdcraft.response.xenograft.growth_fit import fit_animals
from pdcraft.response.xenograft.pooling import pool
from pdcraft.response.xenograft.removal import REASONS, remove, weight_course
from pdcraft.trial.survival.kaplan_meier import kaplan_meier


def _volume(days, rate, switch, first):
    u = rate * days + np.log(first / switch)
    return switch * np.where(u < 0, np.exp(u), 1.0 + u)


def test_fit_finds_rates_and_the_turn_of_exact_curves():
    days = np.arange(0.0, 30.0, 3.0)
    rates = (0.1, 0.15, 0.2)
    fit = fit_animals([(days, _volume(days, r, 600.0, 90.0)) for r in rates])
    assert fit.switch_mm3 == 600.0
    # exact data: what is left is the optimizer's tolerance
    np.testing.assert_allclose(fit.lambda0_per_d, rates, rtol=1e-4)
    assert fit.residual_log_sd < 1e-4


def test_fit_stays_exponential_without_a_turn():
    days = np.arange(0.0, 12.0, 2.0)
    fit = fit_animals([(days, 50.0 * np.exp(0.2 * days))])
    assert fit.mean_per_d == pytest.approx(0.2, rel=1e-6, abs=0)
    assert np.isnan(fit.sd_ln)


@pytest.mark.parametrize(
    ("animals", "words"),
    [
        ([], "no animals"),
        ([([0, 1], [1.0, 2.0])], "3 or more"),
        ([([0, 1, 2], [1.0, 0.0, 2.0])], "above 0"),
        ([([0, 2, 1], [1.0, 1.0, 2.0])], "increase"),
    ],
)
def test_fit_refuses(animals, words):
    with pytest.raises(DataError, match=words):
        fit_animals(animals)


def test_pooled_spread_is_that_of_the_records():
    records = [r for r in growth_records() if r.sd_ln_lambda0 is not None]
    n = np.array([r.n_animals for r in records])
    sd = np.array([r.sd_ln_lambda0 for r in records])
    got = pool(growth_records())
    want = np.sqrt(((n - 1) * sd**2).sum() / (n - 1).sum())
    assert got.animal_sd == pytest.approx(want, rel=1e-12, abs=0)
    logs = np.log([r.lambda0_per_d for r in records])
    # between models is less than the scatter of their means, which holds the animals' too
    assert 0.5 * logs.std(ddof=1) < got.model_sd < logs.std(ddof=1) + 0.05
    assert got.records_with_spread == len(records)


def test_too_few_records_are_not_pooled():
    with pytest.raises(DataError, match="3 or more"):
        pool(growth_records()[:2])


def test_draws_of_a_measured_model_are_its_own_and_of_a_virtual_one_the_pool():
    measured = draw_model(member("LM2-4LUC"), 4000, 1)
    record = member("LM2-4LUC").growth
    # geometric mean of draws: 4000 draws of log SD 0.04, four standard errors
    assert np.log(measured.lambda0_per_d).mean() == pytest.approx(
        np.log(record.lambda0_per_d), rel=0, abs=4 * 0.05 / np.sqrt(4000)
    )
    virtual = draw_model(member("virtual-001"), 4000, 1)
    pooled = pooled_growth()
    spread = np.hypot(pooled.model_sd, np.hypot(pooled.log_rate_error, 0.2))
    assert np.log(virtual.lambda0_per_d).std() == pytest.approx(spread, rel=0.06, abs=0)


def test_draws_do_not_depend_on_other_models():
    first = draw_model(member("PC3"), 50, 9).alpha_per_Gy
    draw_model(member("U251"), 50, 9)
    np.testing.assert_array_equal(first, draw_model(member("PC3"), 50, 9).alpha_per_Gy)


def test_litter_mates_share_and_the_spread_stays():
    model = draw_model(member("virtual-002"), 3000, 2)
    animals = draw_animals(model, 24, litters=6, seed=2)
    z = np.log(animals.lambda0_per_d / model.lambda0_per_d[:, None])
    np.testing.assert_allclose(z.std(), pooled_growth().animal_sd, rtol=0.03)
    mates = np.mean(z[:, 0] * z[:, 6])  # animals are dealt to litters in turn
    others = np.mean(z[:, 0] * z[:, 1])
    litter = xenograft_prior("litter").log_sd
    error = 4 * pooled_growth().animal_sd ** 2 / np.sqrt(3000)
    assert abs(mates - litter**2) < error
    assert abs(others) < error
    with pytest.raises(PhysicsRangeError, match="one or more"):
        draw_animals(model, 0, litters=1, seed=1)


def test_entry_keeps_to_its_limits_and_groups_are_alike():
    entry = Entry(150.0, 100.0, 250.0, 3, 8)
    rng = np.random.default_rng(4)
    faster = rng.standard_normal((400, candidates_for(entry)))
    got = enter(faster, np.full(400, 0.95), entry, 0.0, rng)
    inside = got.outside == 0
    volume = 1000 * got.mass_g[inside]
    assert inside.mean() > 0.9
    assert volume.min() >= 100.0
    assert volume.max() <= 250.0
    # dealt by volume: means of groups differ less than chance would have it
    means = np.log(got.mass_g).mean(axis=2)
    by_chance = np.log(got.mass_g).std() / np.sqrt(8)
    assert means.std(axis=1).mean() < 0.5 * by_chance
    # each animal stands in one place
    flat = got.animal.reshape(400, -1)
    assert all(len(set(row)) == 24 for row in flat)


def test_simple_randomization_leaves_groups_as_chance_has_them():
    entry = Entry(150.0, 1.0, 1e6, 3, 8, "simple")
    rng = np.random.default_rng(5)
    faster = rng.standard_normal((600, candidates_for(entry)))
    got = enter(faster, np.ones(600), entry, 0.0, rng)
    means = np.log(got.mass_g).mean(axis=2)
    within = np.log(got.mass_g).std(axis=2, ddof=1).mean() / np.sqrt(8)
    assert means.std(axis=1, ddof=1).mean() == pytest.approx(within, rel=0.15, abs=0)


def test_takes_and_the_tie_of_volume_to_growth():
    entry = Entry(150.0, 1e-3, 1e9, 2, 10, "simple")
    rng = np.random.default_rng(6)
    faster = rng.standard_normal((1000, candidates_for(entry)))
    got = enter(faster, np.full(1000, 0.8), entry, 0.1, rng)
    # 46 candidates of 1000 draws; 4 standard errors
    assert abs(got.eligible_share.mean() - 0.8) < 4 * np.sqrt(0.16 / faster.size)
    chosen = np.take_along_axis(faster, got.animal.reshape(1000, -1), axis=1)
    tie = np.corrcoef(chosen.ravel(), np.log(got.mass_g).ravel())[0, 1]
    want = xenograft_prior("entry_correlation").value
    assert tie == pytest.approx(want, rel=0, abs=4 / np.sqrt(chosen.size))
    all_small = enter(faster, np.full(1000, 0.2), entry, 0.1, rng)
    assert np.all(all_small.outside + np.round(46 * all_small.eligible_share) >= 20)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((150.0, 100.0, 250.0, 0, 8), "0 groups"),
        ((150.0, 100.0, 250.0, 2, -1), "one or more"),
        ((50.0, 100.0, 250.0, 2, 8), "between the limits"),
    ],
)
def test_entry_refuses(arguments, words):
    with pytest.raises(DataError, match=words):
        Entry(*arguments)


def test_calipers_err_in_proportion_and_miss_the_small():
    rng = np.random.default_rng(1)
    seen = measured_mm3(np.full(20_000, 500.0), 0.2, 30.0, rng)
    assert np.log(seen).std() == pytest.approx(0.2, rel=0.03, abs=0)
    assert np.all(measured_mm3(np.array([29.9, 0.0]), 0.2, 30.0, rng) == 0.0)
    with pytest.raises(PhysicsRangeError, match="neither is negative"):
        measured_mm3(np.ones(1), -0.1, 0.0, rng)


def test_survival_is_kaplan_and_meiers():
    rng = np.random.default_rng(2)
    day = np.round(rng.exponential(40.0, (30, 9)), 0) + 1
    event = rng.random((30, 9)) < 0.7
    median, mean = survival_of(day, event, 100.0)
    for i in range(30):
        curve = kaplan_meier(day[i], event[i])
        below = np.flatnonzero(curve.survival <= 0.5 + 1e-12)
        want = curve.time[below[0]] if below.size else np.inf
        assert median[i] == want
        area, _ = curve.restricted_mean(100.0, carry_last=True)
        assert mean[i] == pytest.approx(area, rel=1e-9, abs=0)


def test_animals_leave_for_the_first_reason():
    time, visits = np.arange(0.0, 11.0), np.array([0.0, 5.0, 10.0])
    measured = np.array([[100.0] * 4, [2500.0, 100, 100, 100], [2500.0, 100, 100, 100]])
    mass = np.full((11, 4), 0.1)
    mass[:, 3] = 100.0
    weight = np.ones((11, 4))
    weight[3:, 1] = 0.79
    got = remove(measured, visits, 2000.0, mass, time, weight, np.array(0.004), np.full(4, 1.0))
    assert [REASONS[i] for i in got.reason] == [
        "volume", "weight", "end of study", "other humane endpoint",
    ]  # fmt: skip
    assert got.day.tolist() == [5.0, 3.0, 10.0, 3.0]  # hazard 0.4 a day: above 1 on day 3
    assert got.event.tolist() == [True, False, False, False]


def test_volume_counts_on_the_last_day_and_before_weight():
    time, visits = np.arange(0.0, 11.0), np.array([0.0, 10.0])
    measured, mass, weight = np.array([[100.0], [2500.0]]), np.zeros((11, 1)), np.ones((11, 1))
    weight[10] = 0.5
    got = remove(measured, visits, 2000.0, mass, time, weight, np.array(0.0), np.ones(1))
    assert got.day[0] == 10.0
    assert got.event[0]


def test_weight_falls_most_when_it_is_said_to():
    time = np.arange(0.0, 60.5, 0.5)
    dose = np.zeros((120, 1))
    dose[0] = 10.0
    zero, loss, peak = (np.full((1, 1), v) for v in (0.0, 0.01, 12.0))
    got = weight_course(time, dose, zero, loss, peak)[:, 0, 0]
    assert time[got.argmin()] == pytest.approx(12.0, rel=0, abs=0.5)
    assert got.min() == pytest.approx(0.9, rel=0, abs=0.003)  # steps of half a day in 12


def test_responses():
    seen = np.array([[100.0, 100.0, 100.0], [50.0, 0.0, 0.0], [60.0, 0.0, 40.0]])
    there = np.ones((3, 3), dtype=bool)
    np.testing.assert_allclose(best_change(seen, there), [-0.5, -1.0, -1.0])
    assert complete_response(seen, there).tolist() == [False, True, False]
    there[2, 1] = False
    assert not complete_response(seen, there)[1]
    assert np.isnan(group_median(seen, np.zeros((3, 3), dtype=bool))).all()


def test_virtual_models_carry_no_cell_lines_name_and_all_have_provenance():
    everyone = members()
    assert len(everyone) >= 80
    for one in everyone.values():
        assert one.virtual == one.name.startswith("virtual-")
        assert all(cell.origin for cell in one.provenance.values())
        if one.virtual:
            assert all(cell.origin != "measured" for cell in one.provenance.values())
