"""Backfill and expansion cohorts, and what is made of one trial."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.backfill import Backfill
from pdcraft.trial.boin import BoinRule, boin
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.expansion import Expansion
from pdcraft.trial.outcomes import PatientOutcomes, draw_outcomes
from pdcraft.trial.recommendation import recommend
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import Plan, run_trials, simulate

TARGET = 0.25
RULE = Backfill.beside_boin(BoinRule(TARGET), 2, 6)
A = Scenario.of("A", (0.05, 0.10, 0.20, 0.30, 0.45, 0.60))


def fixed(columns, patients=40):
    """One trial in which everybody reacts alike: `columns` says at which doses."""
    return PatientOutcomes(np.tile(np.array(columns, dtype=bool), (1, patients, 1)))


def test_backfill_goes_to_the_highest_open_dose_below_up_to_its_cap():
    plan = Plan(max_n=9, backfill=RULE)
    runs = run_trials(boin(3, TARGET), fixed([0, 0, 0]), plan)
    # cohorts at doses 1, 2, 3; two beside the second at dose 1, two beside the third at dose 2
    assert runs.n[0].tolist() == [5, 5, 3]
    capped = Plan(max_n=9, backfill=Backfill.beside_boin(BoinRule(TARGET), 2, 4))
    # dose 2 is full after one more; the other goes to dose 1, which is full after the cohort before
    assert run_trials(boin(3, TARGET), fixed([0, 0, 0]), capped).n[0].tolist() == [4, 4, 3]


def naive_next(n, tox, at, going, up, down):
    """The rule in words, one trial: the package's own decision `going` is the mildest allowed."""

    def kind(patients, toxic):
        if patients == 0 or toxic / patients <= up:
            return "low"
        return "high" if toxic / patients >= down else "middle"

    if going < 0:
        return going
    here = kind(n[at], tox[at])
    against = [
        d
        for d in range(at)
        if kind(n[d], tox[d]) == "high" or (here == "low" and kind(n[d], tox[d]) == "middle")
    ]
    if not against:
        return going
    first = max(against)
    whole = kind(sum(n[first : at + 1]), sum(tox[first : at + 1]))
    if whole == "low":
        return going
    if whole == "middle":
        return min(going, at)
    ends = range(first, at + 1)
    safe = [k for k in ends if kind(sum(n[first : k + 1]), sum(tox[first : k + 1])) != "high"]
    return min(going, max(safe) if safe else max(first - 1, 0))


@given(st.integers(0, 100_000))
def test_conflicts_are_settled_as_a_naive_second_implementation_does(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(1, 10, (40, 5))
    tox = rng.binomial(n, rng.random((40, 5)))
    at, going = rng.integers(0, 5, 40), rng.integers(-1, 5, 40)
    got = RULE.restrained(n, tox, at, going)
    for t in range(40):
        row = n[t].tolist(), tox[t].tolist(), int(at[t]), int(going[t])
        assert got[t] == naive_next(*row, RULE.low, RULE.high), row


def test_conflicts_by_hand():
    rule = Backfill(1, 9, 0.2, 0.3)
    at, going = np.array([1]), np.array([2])
    six = np.array([[6, 3, 0]])
    assert rule.restrained(six, np.array([[2, 1, 0]]), at, going).tolist() == [0]  # 3 of 9
    assert rule.restrained(six, np.array([[2, 0, 0]]), at, going).tolist() == [1]  # 2 of 9
    assert rule.restrained(six, np.array([[1, 0, 0]]), at, going).tolist() == [2]  # no conflict
    assert rule.restrained(six, np.array([[2, 1, 0]]), at, np.array([-1])).tolist() == [-1]
    half = Backfill(1, 9, 0.2, 0.5)  # 1 of 2 is at the limit, which is high
    assert half.restrained(np.array([[2, 2, 0]]), np.array([[1, 1, 0]]), at, going).tolist() == [0]


def test_a_dose_is_closed_if_it_or_one_below_is_unsafe():
    rule = Backfill(1, 9, 0.2, 0.3)
    at = np.array([3])
    n = np.array([[6, 6, 6, 3]])
    assert rule.open_doses(n, np.array([[0, 1, 1, 0]]), at).tolist() == [[True, True, True, False]]
    # 2 of 6 is high, but 2 of 12 with the next dose is not
    assert rule.open_doses(n, np.array([[0, 2, 0, 0]]), at).tolist() == [[True, True, True, False]]
    assert rule.open_doses(n, np.array([[0, 3, 1, 0]]), at).tolist() == [
        [True, False, False, False]
    ]
    assert not rule.open_doses(n + 3, np.array([[0, 0, 0, 0]]), at).any()  # the cap
    held_n, held_tox = np.array([[6, 3, 0]]), np.array([[3, 1, 0]])
    rule.treat(fixed([1, 1, 1]), 0, held_n, held_tox, np.array([0]), np.array([1]))
    assert held_n.tolist() == [[6, 3, 0]]  # nobody to a closed dose


def test_backfill_adds_patients_and_no_time():
    with_ = Plan(backfill=Backfill.beside_boin(BoinRule(TARGET), 2, 9), calendar=Calendar(3, 1))
    plain = Plan(calendar=Calendar(3, 1))
    more = simulate(boin(6, TARGET), A, TARGET, plan=with_, trials=2000)
    less = simulate(boin(6, TARGET), A, TARGET, plan=plain, trials=2000)
    assert more.total_n.value > less.total_n.value + 5
    assert more.duration_months.value < 1.05 * less.duration_months.value
    assert more.correct.value > less.correct.value - 3 * less.correct.std_err


def test_expansion_treats_its_patients_at_the_dose_chosen():
    plan = Plan(expansion=Expansion(12, TARGET))
    outcomes = draw_outcomes(A.true_rate, 300, plan.patients, seed=6)
    before = run_trials(boin(6, TARGET), outcomes)
    after = run_trials(boin(6, TARGET), outcomes, plan)
    extra = after.n - before.n
    kept = (before.selected >= 0) & (after.selected == before.selected)
    rows = np.flatnonzero(kept)
    assert np.all(extra[rows, before.selected[rows]] == 12)
    left = np.flatnonzero((before.selected >= 0) & ~kept)
    for t in left:
        dose = before.selected[t]
        n, tox = after.n[t, dose], after.tox[t, dose]
        assert stats.beta.sf(TARGET, tox + 1, n - tox + 1) > 0.95
        assert after.selected[t] < dose
        assert after.selected[t] == -1 or after.n[t, after.selected[t]] > 0


def test_expansion_leaves_a_dose_that_turns_out_toxic():
    toxic = np.zeros((1, 60, 2), dtype=bool)
    toxic[0, 30:, :] = True  # nobody in the escalation, everybody after it
    runs = run_trials(
        boin(2, TARGET), PatientOutcomes(toxic), Plan(expansion=Expansion(30, TARGET))
    )
    assert runs.selected[0] == 0
    assert 42 < runs.n[0, 1] < 57  # 15 of 42 are not enough, and not all were needed


def test_expansion_takes_its_time():
    outcomes = draw_outcomes([0.0, 0.0], 500, 42, seed=1, late=0.5)
    gaps = np.full((42, 500), 0.5)
    plan = Plan(calendar=Calendar(2, 1), expansion=Expansion(12, TARGET))
    short = Plan(calendar=Calendar(2, 1))
    long = run_trials(boin(2, TARGET), outcomes, plan, gaps_months=gaps)
    base = run_trials(boin(2, TARGET), outcomes, short, gaps_months=gaps)
    np.testing.assert_allclose(long.months - base.months, 12 * 0.5 + 1, rtol=1e-12, atol=0)


def test_one_trial_and_the_limits_at_its_dose():
    found = recommend(boin(4, TARGET), [3, 6, 6, 0], [0, 1, 3, 0])
    assert (found.next_dose, found.recommended) == (1, 1)
    assert found.observed == pytest.approx(1 / 6)
    # Clopper and Pearson by the binomial law itself: both tails hold 2.5%
    assert stats.binom.sf(0, 6, found.low) == pytest.approx(0.025, rel=1e-9)
    assert stats.binom.cdf(1, 6, found.high) == pytest.approx(0.025, rel=1e-9)
    assert np.isnan(found.rates[3])
    # none of three at both doses: up next, but nothing is known there yet
    rising = recommend(boin(3, TARGET), [3, 3, 0], [0, 0, 0])
    assert (rising.next_dose, rising.recommended) == (2, 1)
    stopped = recommend(boin(2, TARGET), [3, 0], [3, 0])
    assert stopped.next_dose is stopped.recommended is stopped.low is None


@pytest.mark.parametrize(
    ("n", "tox", "at", "words"),
    [
        ([3, 0], [4, 0], None, "there are 0 to n"),
        ([3, -1], [0, 0], None, "there are 0 to n"),
        ([3], [0], None, "give one for each of 2 doses"),
        ([0, 0], [0, 0], None, "no patient was treated yet"),
        ([3, 0], [0, 0], 1, "no patient was treated there"),
    ],
)
def test_impossible_trials_are_refused(n, tox, at, words):
    with pytest.raises(DataError, match=words):
        recommend(boin(2, TARGET), n, tox, at)


def test_empty_cohorts_and_rates_out_of_range_are_refused():
    with pytest.raises(DataError, match="backfill of 0 patients"):
        Backfill(0, 6, 0.2, 0.3)
    with pytest.raises(PhysicsRangeError, match="must rise"):
        Backfill(1, 6, 0.3, 0.2)
    with pytest.raises(DataError, match="expansion of 0 patients"):
        Expansion(0, TARGET)
    with pytest.raises(PhysicsRangeError, match="expansion: target"):
        Expansion(12, 0.0)
