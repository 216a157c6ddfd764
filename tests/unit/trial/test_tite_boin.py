"""TITE-BOIN: a published table, BOIN without pending patients, a naive simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial_naive import tite_boin_letter, tite_boin_trial

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.boin import BoinRule, boin
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.outcomes import draw_outcomes
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import Plan, simulate
from pdcraft.trial.timed import run_timed, simulate_timed
from pdcraft.trial.tite_boin import TiteBoin
from pdcraft.validate.designs_interval import RATES
from pdcraft.validate.designs_timed import cases

PLAN = Plan(calendar=Calendar(2.0, 2.0))


def test_the_published_table():
    held = [c for c in cases() if c.passed is not None]
    assert len(held) == 7
    assert all(c.passed for c in held), [c.name for c in held if not c.passed]


def test_what_has_no_reference_says_so():
    undecided = [c for c in cases() if c.passed is None]
    assert all("no independent reference" in c.source for c in undecided)
    assert {c.name for c in undecided} == {"i3+3", "TITE-BOIN operating characteristics"}


@given(
    st.sampled_from([0.15, 0.2, 0.25, 0.3, 0.4]),
    st.integers(1, 30),
    st.data(),
)
def test_decisions_against_a_naive_second_implementation(target, n, data):
    tox = data.draw(st.integers(0, n))
    pending = data.draw(st.integers(0, n - tox))
    stft = data.draw(st.floats(0, max(pending, 1e-9)))
    design = TiteBoin(3, BoinRule(target))
    row = [np.array([k]) for k in (n, tox, pending)]
    got = int(design.decisions(*row, np.array([stft]))[0])
    if got == 3:
        assert boin(3, target).table.decisions[n, tox] == 3
    else:
        assert ("E", "S", "D", "", "wait")[got] == tite_boin_letter(n, tox, pending, stft, target)


@given(st.sampled_from([0.2, 0.25, 0.3]), st.integers(1, 24), st.data())
def test_nobody_pending_is_boin(target, n, data):
    tox = data.draw(st.integers(0, n))
    design = TiteBoin(3, BoinRule(target))
    got = design.decisions(np.array([n]), np.array([tox]), np.array([0]), np.array([0.0]))[0]
    assert got == boin(3, target).table.decisions[n, tox]


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("late", [0.5, 0.9])
def test_every_trial_is_that_of_a_naive_simulation(name, late):
    rates, trials = RATES[name], 60
    outcomes = draw_outcomes(rates, trials, 30, seed=9, late=late)
    gaps = PLAN.calendar.gaps_months(trials, 30, 9)
    runs = run_timed(TiteBoin(6, BoinRule(0.25)), outcomes, PLAN, gaps)
    for t in range(trials):

        def patient(i, dose, t=t):
            toxic = outcomes.tolerance[i, t] < rates[dose]
            return 2.0 * outcomes.share[i, t] if toxic else None

        n, tox, chosen, months = tite_boin_trial(
            patient, lambda i, t=t: gaps[i, t], 2.0, 6, 0.25, 30
        )
        assert runs.n[t].tolist() == n
        assert runs.tox[t].tolist() == tox
        assert runs.selected[t] == chosen
        assert runs.months[t] == pytest.approx(months, rel=1e-12, abs=0)


def test_it_is_faster_than_boin_and_as_good():
    scenario = Scenario.of("A", RATES["A"])
    timed = simulate_timed(TiteBoin(6, BoinRule(0.25)), scenario, 0.25, plan=PLAN, trials=2000)
    waits = simulate(boin(6, 0.25), scenario, 0.25, plan=PLAN, trials=2000)
    assert timed.duration_months.value < 0.7 * waits.duration_months.value
    assert abs(timed.correct.value - waits.correct.value) < 0.05


def test_with_slow_accrual_it_is_boin_trial_by_trial():
    """Patients three windows apart: nobody is ever pending when the next comes."""
    outcomes = draw_outcomes(RATES["A"], 300, 30, seed=3, late=0.5)
    from pdcraft.trial.simulate import run_trials

    gaps = np.full((30, 300), 6.0)
    timed = run_timed(TiteBoin(6, BoinRule(0.25)), outcomes, PLAN, gaps)
    waits = run_trials(boin(6, 0.25), outcomes)
    assert np.array_equal(timed.n, waits.n)
    assert np.array_equal(timed.selected, waits.selected)


def test_late_toxicity_comes_when_it_was_said_to():
    """Six comparisons at 4 errors of 30,000 draws: fails a right sampler for 1 seed in 2600."""
    outcomes = draw_outcomes(RATES["A"], 1000, 30, seed=1, late=0.9)
    share = outcomes.share
    assert share.min() >= 0
    assert share.max() <= 1
    assert np.mean(share > 0.5) == pytest.approx(0.9, abs=0.007)
    # uniform within each half: mean and spread of 3,000 and 27,000 draws
    assert share[share < 0.5].mean() == pytest.approx(0.25, abs=0.011)
    assert share[share > 0.5].mean() == pytest.approx(0.75, abs=0.0036)
    assert share[share < 0.5].std() == pytest.approx(np.sqrt(1 / 48), abs=0.006)
    # when a DLT comes says nothing of whether it comes; blocks have patients of their own
    assert abs(np.corrcoef(share.ravel(), outcomes.tolerance.ravel())[0, 1]) < 4 / np.sqrt(30_000)
    other = draw_outcomes(RATES["A"], 1000, 30, seed=1, late=0.9, block=1)
    together = np.corrcoef(other.tolerance.ravel(), outcomes.tolerance.ravel())[0, 1]
    assert abs(together) < 4 / np.sqrt(30_000)


class Stubborn:
    """A design that never stops waiting."""

    name, doses = "stubborn", 2

    def decide_timed(self, dose, tox, weight, at):
        return np.full(len(at), -2)

    def select(self, n, tox):
        return np.zeros(len(n), dtype=np.intp)


def test_what_is_refused():
    scenario = Scenario.of("x", [0.1, 0.2])
    two = TiteBoin(2, BoinRule(0.25))
    with pytest.raises(DataError, match="needs a calendar"):
        simulate_timed(two, scenario, 0.25, plan=Plan(), trials=5)
    plan = Plan(enough=9, calendar=Calendar(1, 1))
    with pytest.raises(DataError, match="leave them out"):
        simulate_timed(two, scenario, 0.25, plan=plan, trials=5)
    with pytest.raises(DataError, match="waits although every outcome is known"):
        simulate_timed(Stubborn(), scenario, 0.25, plan=PLAN, trials=5)
    with pytest.raises(PhysicsRangeError, match=r"share of pending patients 1\.5"):
        TiteBoin(2, BoinRule(0.25), most_pending=1.5)


@pytest.mark.parametrize("start", [-1, 3])
def test_a_first_dose_that_there_is_not(start):
    plan = Plan(6, 3, start, calendar=Calendar(3.0, 1.0))
    with pytest.raises(
        DataError, match=f"first cohort at dose {start + 1}: there are doses 1 to 3"
    ):
        simulate_timed(
            TiteBoin(3, BoinRule(0.25)),
            Scenario.of("A", [0.1, 0.2, 0.3]),
            0.25,
            plan=plan,
            trials=5,
        )
