"""Trials of patients made by the chain: one person at every level, strategies, late toxicity."""

from dataclasses import replace

import numpy as np
import pytest
from fixed_trial import small_phase1

from pdcraft.errors import DataError
from pdcraft.numerics.inputs import stream
from pdcraft.response.ctcae import thresholds_1e9_per_L
from pdcraft.response.marrow.draws import marrow_draws
from pdcraft.response.marrow.parameters import LINEAGES
from pdcraft.response.population.patients import virtual_patients
from pdcraft.study.recipes import trial_patients
from pdcraft.study.recipes.population import Regimen, simulate_population
from pdcraft.study.recipes.trial import CHAIN, run_trial
from pdcraft.study.recipes.trial_patients import Ending, Protocol, treated_patients
from pdcraft.trial.dlt import parse_expression
from pdcraft.trial.estimand import EVENTS, Estimand
from pdcraft.trial.observed import Support, Visits

DRAWS, PEOPLE, SEED = 4, 60, 11
LOW, HIGH = Regimen((462.5,), (0.0,)), Regimen((1387.5,), (0.0,))
TOXIC = "platelets grade >= 4 for 7 d or neutrophils grade >= 4 for 7 d"


def estimand(**strategies):
    named = {name.replace("_", "-"): how for name, how in strategies.items()}
    words = ("DLT", "treated", "one infusion", "grade 4", "proportion")
    return Estimand(*words, strategies=dict.fromkeys(EVENTS, "hypothetical") | named)


PLAIN = Protocol(parse_expression(TOXIC, LINEAGES), estimand(), Visits(7, 84, 0, 0.0), {}, Ending())


@pytest.fixture(scope="module")
def people():
    return virtual_patients(PEOPLE, "clover1", seed=SEED).cohort


def treat(people, protocol, *levels):
    return treated_patients(people, levels, protocol, draws=DRAWS, seed=SEED)


@pytest.fixture(scope="module")
def plain(people):
    return treat(people, PLAIN, LOW, HIGH)


def test_counts_are_those_of_the_population_recipe(people, plain):
    """The same patients, without visits, by the other recipe: nadirs on the same days."""
    marrow = marrow_draws().averaged(DRAWS, seed=SEED)
    run = simulate_population(
        people, HIGH, draws=DRAWS, seed=SEED, marrow=marrow, time_d=np.arange(85.0)
    )
    nadir = run.cohort.outcomes["platelets_nadir_1e9_per_L"]
    # the spread left over from the dose is that of the highest level in both: the same numbers
    assert plain.nadir_1e9_per_L[..., 1] == pytest.approx(nadir, rel=1e-9, abs=0)
    assert plain.marrow_Gy[..., 1] == pytest.approx(run.cohort.outcomes["marrow_Gy"], rel=1e-9)


def test_daily_visits_see_every_lineage_s_own_nadir(people):
    daily = treat(people, replace(PLAIN, visits=Visits(1, 84, 0, 0.0)), HIGH)
    marrow = marrow_draws().averaged(DRAWS, seed=SEED)
    run = simulate_population(
        people, HIGH, draws=DRAWS, seed=SEED, marrow=marrow, time_d=np.arange(85.0)
    )
    for lineage in LINEAGES:
        nadir = run.cohort.outcomes[f"{lineage}_nadir_1e9_per_L"]
        seen = daily.lowest_seen_1e9_per_L[lineage][..., 0]
        assert seen == pytest.approx(nadir, rel=1e-9, abs=0)


def test_blocks_do_not_show(people, monkeypatch):
    """Patients keep their marrow, visits, errors and events whatever the blocks."""
    busy = replace(
        PLAIN,
        visits=Visits(7, 84, 3, 0.2),
        ending=Ending(0.3, 0.3, 0.1, 7.0),
        estimand=estimand(new_therapy="while-on-treatment"),
    )
    whole = treat(people, busy, LOW, HIGH)
    monkeypatch.setattr(trial_patients, "ROWS", 7 * DRAWS)
    parts = treat(people, busy, LOW, HIGH)
    assert np.array_equal(whole.end_day, parts.end_day)
    # a block's step follows its fastest chain: a count at a limit may fall on its other side
    assert np.mean(whole.dlt_day == parts.dlt_day) > 0.98
    for lineage in LINEAGES:
        once, again = (one.lowest_seen_1e9_per_L[lineage] for one in (whole, parts))
        assert again == pytest.approx(once, rel=0.02, abs=0)


def test_a_patient_is_one_person_at_both_levels(plain):
    """Three times the activity is three times the dose, and never a later or lesser toxicity."""
    ratio = plain.marrow_Gy[..., 1] / plain.marrow_Gy[..., 0]
    assert ratio == pytest.approx(np.full(ratio.shape, 3.0), rel=1e-9, abs=0)
    assert np.all(plain.nadir_1e9_per_L[..., 1] <= plain.nadir_1e9_per_L[..., 0])
    toxic = np.isfinite(plain.dlt_day)
    assert np.all(toxic[..., 0] <= toxic[..., 1])
    assert toxic[..., 1].mean() > toxic[..., 0].mean() + 0.1


def test_without_error_the_lowest_seen_count_is_at_a_visit(plain):
    seen = plain.lowest_seen_1e9_per_L["platelets"]
    assert np.all(seen >= plain.nadir_1e9_per_L * (1 - 1e-12))
    assert np.median(seen / plain.nadir_1e9_per_L) < 1.2  # visits are weekly, the nadir is flat


def test_grade4_from_counts_agrees_with_the_toxicity(plain):
    """Whoever has a DLT was seen at grade 4 in one of the two lineages."""
    low = np.zeros(plain.dlt_day.shape, dtype=bool)
    for lineage in ("platelets", "neutrophils"):
        low |= plain.lowest_seen_1e9_per_L[lineage] < thresholds_1e9_per_L(lineage)[3]
    assert np.all(low[np.isfinite(plain.dlt_day)])


def test_dropout_hides_what_comes_after_it(people, plain):
    found = treat(people, replace(PLAIN, ending=Ending(dropout_per_month=1.0)), LOW, HIGH)
    unit = stream(SEED, "study.trial.dropout").standard_exponential(PEOPLE)
    day = unit * 365.25 / 12
    assert found.end_day[0, :, 0] == pytest.approx(day, rel=1e-12, abs=0)
    seen = np.where(plain.dlt_day <= day[:, None], plain.dlt_day, np.inf)
    assert np.array_equal(found.dlt_day, seen)


def test_strategies_of_progression(people, plain):
    ending = Ending(progression_per_month=0.5, new_therapy_after_d=10.0)
    key = "progression-before-assessability"
    made = {
        how: treat(people, replace(PLAIN, ending=ending, estimand=estimand(**{key: how})), HIGH)
        for how in ("treatment-policy", "hypothetical", "composite", "while-on-treatment")
    }
    without = plain.dlt_day[..., 1:]
    day = made["composite"].event_day[key]
    assert np.array_equal(made["treatment-policy"].dlt_day, without)
    assert np.array_equal(made["hypothetical"].dlt_day, without)
    assert np.array_equal(made["composite"].dlt_day, np.minimum(without, day))
    cut = np.where(without <= day, without, np.inf)
    assert np.array_equal(made["while-on-treatment"].dlt_day, cut)
    assert made["composite"].event_day["new-therapy"] == pytest.approx(day + 10.0, rel=1e-12)


def test_transfusion_ends_a_run_of_low_counts_unless_hypothetical(people, plain):
    support = {"platelets": Support(10.0, 60.0, 5.0)}
    helped = replace(PLAIN, support=support, estimand=estimand(transfusion="treatment-policy"))
    policy = treat(people, helped, HIGH)
    imagined = treat(people, replace(PLAIN, support=support), HIGH)
    assert np.array_equal(imagined.dlt_day, plain.dlt_day[..., 1:])
    given = np.isfinite(policy.event_day["transfusion"])
    assert given.any()
    assert np.all(policy.dlt_day[~given] == plain.dlt_day[..., 1:][~given])
    assert np.isfinite(policy.dlt_day).sum() < np.isfinite(plain.dlt_day[..., 1]).sum()


def test_a_second_infusion_is_withheld_for_the_counts_of_its_day(people):
    twice = Regimen((700.0, 700.0), (0.0, 28.0))
    hold = parse_expression("platelets < 75", LINEAGES)
    strict = replace(PLAIN, withhold=hold, estimand=estimand(infusion_withheld="treatment-policy"))
    found = treat(people, strict, twice)
    once = treat(people, PLAIN, Regimen((700.0,), (0.0,)))
    both = treat(people, PLAIN, twice)
    held = np.isfinite(found.event_day["infusion-withheld"])
    assert 0.05 < held.mean() < 0.95
    assert set(found.event_day["infusion-withheld"][held]) == {28.0}
    nadir = found.nadir_1e9_per_L
    assert nadir[held] == pytest.approx(once.nadir_1e9_per_L[held], rel=1e-9, abs=0)
    assert nadir[~held] == pytest.approx(both.nadir_1e9_per_L[~held], rel=1e-9, abs=0)
    imagined = treat(people, replace(PLAIN, withhold=hold), twice)
    assert imagined.nadir_1e9_per_L == pytest.approx(both.nadir_1e9_per_L, rel=1e-9, abs=0)


# ---- the example, at a reduced size ----------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_phase1(tmp_path_factory.mktemp("trial"), 60, 5)


@pytest.fixture(scope="module")
def result(small):
    return run_trial(small, trials=500)


def test_example_runs_on_every_scenario_and_design(result):
    found = result.document()
    names = {s["name"] for s in found["scenarios"]}
    assert CHAIN in names
    assert len(names) >= 9  # 8 fixed ones at least, and the chain's patients
    for scenario in found["scenarios"]:
        assert sum(scenario["select"]) + scenario["select_none"] == pytest.approx(1.0, rel=1e-9)
        assert scenario["duration_months"] > 0
    assert {s["design"] for s in found["scenarios"]} == {"3+3 (confirm)", "BOIN", "TITE-BOIN"}


def test_a_short_window_misses_late_toxicity(result):
    late = result.document()["delayed"]
    assert late["window_d"][0] == 28.0
    rate = np.array(late["rate"])
    assert np.all(np.diff(rate, axis=0) >= 0)  # more is seen in a longer window
    assert np.all(np.diff(rate, axis=1) >= 0)  # and at a higher level
    # nadirs published for day 42 to 56: most DLTs come after 28 d
    assert late["missed"][0][-1] > 0.5
    assert 35 <= late["nadir_day"][-1][2] <= 60
    assert any("a window of 28 d misses" in words for words in result.warnings)


def test_rates_differ_between_draws_and_are_not_those_of_the_last(result):
    chain = next(s for s in result.scenarios if s["name"] == CHAIN)
    each = np.array(chain["by_draw"]["true_rate"])
    assert each.shape == (5, 5)
    assert chain["true_rate"] == pytest.approx(each.mean(axis=0).tolist(), rel=1e-12, abs=0)
    assert np.ptp(each[:, -1]) > 0.05


def test_the_same_seed_gives_the_same_document(small, result):
    assert run_trial(small, trials=500).document() == result.document()
    other = run_trial(small, trials=500, seed=2).document()
    assert other["scenarios"] != result.document()["scenarios"]


def test_draws_can_leave_a_study_out(small, result, tmp_path):
    """Late nadirs are CLOVER-1's: draws that never saw it put them earlier."""
    text = small.read_text(encoding="utf-8")
    path = tmp_path / "trial.toml"
    path.write_text(text.replace("draws = 5", 'draws = 5\nwithout = "clover1"'), encoding="utf-8")
    found = run_trial(path, trials=50).document()["delayed"]
    assert found["nadir_day"][-1][2] < result.document()["delayed"]["nadir_day"][-1][2] - 7
    path.write_text(text.replace("draws = 5", 'draws = 5\nwithout = "clover9"'), encoding="utf-8")
    with pytest.raises(DataError, match="clover1"):
        run_trial(path, trials=50)


def test_fewer_trials_than_draws_are_refused(small):
    with pytest.raises(DataError, match="3 trials for 5 draws: each draw needs one"):
        run_trial(small, trials=3)
