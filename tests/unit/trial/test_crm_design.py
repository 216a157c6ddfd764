"""The CRM and TITE-CRM in trials: rules, and trial by trial against naive second ways."""

import numpy as np
import pytest
from scipy import integrate

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.calendar import Calendar
from pdcraft.trial.design import STOP, CohortDesign, Design, TimedDesign
from pdcraft.trial.models.crm import fit_crm
from pdcraft.trial.models.crm_design import CrmDesign, highest_tried
from pdcraft.trial.models.curves import Curve
from pdcraft.trial.models.skeleton import indifference_skeleton
from pdcraft.trial.models.states import StateCache
from pdcraft.trial.models.tite_crm import TiteCrm
from pdcraft.trial.outcomes import draw_outcomes
from pdcraft.trial.pathways import pathways
from pdcraft.trial.scenarios import Scenario
from pdcraft.trial.simulate import Plan, run_trials, simulate
from pdcraft.trial.timed import run_timed, simulate_timed

TARGET = 0.25
SKELETON = indifference_skeleton(0.05, TARGET, 3, 6)
RATES = (0.05, 0.10, 0.20, 0.30, 0.45, 0.60)


def crm(**options):
    return CrmDesign(Curve(SKELETON), TARGET, **options)


def naive_dose(n, tox, weight=None):
    """Dose of the model by adaptive quadrature, one state; weight by patient list if given."""

    def likelihood(b):
        p = SKELETON ** np.exp(b)
        if weight is None:
            return np.prod(p**tox * (1 - p) ** (n - tox))
        return np.prod([p[k] if y else 1 - w * p[k] for k, y, w in weight])

    def moment(power):
        return integrate.quad(
            lambda b: b**power * np.exp(-b * b / 2.68) * likelihood(b),
            -9,
            9,
            epsabs=0,
            epsrel=1e-9,
            limit=200,
        )[0]

    rates = SKELETON ** np.exp(moment(1) / moment(0))
    return min(range(6), key=lambda k: (abs(rates[k] - TARGET), k))


def naive_trial(tolerance, cohort, max_n):
    """One trial, written out: the rules in words of the R package's manual."""
    n, tox, at = np.zeros(6, int), np.zeros(6, int), 0
    for first in range(0, max_n, cohort):
        new = sum(tolerance[i] < RATES[at] for i in range(first, first + cohort))
        n[at] += cohort
        tox[at] += new
        wanted = naive_dose(n, tox)
        if new / cohort >= TARGET:
            wanted = min(wanted, at)
        last, at = at, min(wanted, at + 1)
        assert at <= last + 1
    return n, tox, min(naive_dose(n, tox), np.flatnonzero(n)[-1])


@pytest.mark.parametrize(("cohort", "max_n"), [(3, 18), (1, 12)])
def test_trial_by_trial_as_a_naive_second_way(cohort, max_n):
    trials = 12
    outcomes = draw_outcomes(RATES, trials, max_n, seed=5)
    runs = run_trials(crm(), outcomes, Plan(max_n, cohort))
    for t in range(trials):
        n, tox, chosen = naive_trial(outcomes.tolerance[:, t], cohort, max_n)
        assert runs.n[t].tolist() == n.tolist()
        assert runs.tox[t].tolist() == tox.tolist()
        assert runs.selected[t] == chosen


def test_estimates_in_trials_are_those_of_a_fit():
    outcomes = draw_outcomes(RATES, 50, 30, seed=2)
    runs = run_trials(crm(), outcomes, Plan(30, 3))
    got = crm().estimates(runs.n, runs.tox)
    for t in range(50):
        level = np.repeat(np.arange(6), runs.n[t])
        tox = np.concatenate(
            [np.arange(n) < y for n, y in zip(runs.n[t], runs.tox[t], strict=True)]
        )
        fit = fit_crm(Curve(SKELETON), TARGET, level, tox.astype(int))
        # trapezoid sums of 161 and of 2001 nodes
        assert got[t] == pytest.approx(fit.estimate, rel=0, abs=1e-9)


@pytest.mark.parametrize("model", ["empiric", "logistic"])
def test_maximum_likelihood_in_trials_is_that_of_a_fit(model):
    curve = Curve(SKELETON, model)
    n = np.array([[3, 3, 6, 3, 0, 0], [3, 0, 0, 0, 0, 0], [3, 3, 3, 3, 3, 9]])
    tox = np.array([[0, 0, 1, 2, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 2]])
    got = CrmDesign(curve, TARGET, method="mle").estimates(n, tox)
    for k in range(3):
        level = np.repeat(np.arange(6), n[k])
        y = np.concatenate([np.arange(a) < b for a, b in zip(n[k], tox[k], strict=True)])
        fit = fit_crm(curve, TARGET, level, y.astype(int), method="mle", stop_at=1e-9)
        assert got[k] == pytest.approx(fit.estimate, rel=0, abs=1e-6)  # fminbound: sqrt of eps


def test_maximum_likelihood_before_both_outcomes():
    design = crm(method="mle")
    n = np.array([[3, 0, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0]])
    tox = np.array([[0, 0, 0, 0, 0, 0], [3, 0, 0, 0, 0, 0]])
    assert design.decide(n, tox, np.array([0, 0])).tolist() == [1, 0]
    assert design.select(n, tox).tolist() == [0, 0]


def test_no_skipping_and_no_escalation_after_a_toxic_cohort():
    n = np.array([[3, 0, 0, 0, 0, 0], [6, 9, 3, 0, 0, 0]])
    tox = np.array([[0, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]])
    at = np.array([0, 2])
    design = crm()
    assert crm(restrict=False).decide(n, tox, at)[0] > 1
    assert design.decide(n, tox, at)[0] == 1
    free = design.decide_after(n, tox, at, 3, np.array([0, 0]))
    held = design.decide_after(n, tox, at, 3, np.array([0, 1]))  # 1 of 3 is above 0.25
    assert free.tolist() == [1, 3]
    assert held.tolist() == [1, 2]
    # 1 of 4 is the target itself: no escalation; 1 of 5 is below it
    assert design.decide_after(n, tox, at, 4, np.array([0, 1]))[1] == 2
    assert design.decide_after(n, tox, at, 5, np.array([0, 1]))[1] == 3


def test_pathways_keep_coherence_and_probabilities():
    found = pathways(crm(), 3, cohort=3, true_rate=RATES)
    assert sum(p.probability for p in found) == pytest.approx(1.0, rel=1e-12, abs=0)
    for p in found:
        doses = [*p.doses, p.next_dose]
        for a, b, y in zip(doses, doses[1:], p.tox, strict=False):
            assert b <= a + 1
            assert not (y >= 1 and b > a)  # 1 DLT of 3 is above 0.25


def test_no_dose_above_those_given_is_recommended():
    n = np.array([[3, 3, 0, 0, 0, 0]])
    tox = np.zeros_like(n)
    assert crm().select(n, tox).tolist() == [1]
    assert crm(tried_only=False).select(n, tox)[0] > 1
    assert highest_tried(np.array([[0, 3, 0], [0, 0, 0]])).tolist() == [1, -1]


def test_a_toxic_lowest_dose_stops_the_trial():
    stopping = crm(stop_certainty=0.9)
    n, tox = np.array([[6, 0, 0, 0, 0, 0]]), np.array([[5, 0, 0, 0, 0, 0]])
    assert stopping.decide(n, tox, np.array([0])).tolist() == [STOP]
    assert stopping.select(n, tox).tolist() == [-1]
    assert crm().decide(n, tox, np.array([0])).tolist() == [0]
    found = simulate(stopping, Scenario.of("toxic", [0.7] * 6), TARGET, trials=300)
    assert found.select_none.value > 0.95
    assert found.stopped_early.value > 0.95


def test_states_are_computed_once():
    asked = []

    def solve(n, tox):
        asked.append(len(n))
        return (n * 100 + tox).sum(axis=1, keepdims=True).astype(float)

    cache = StateCache(solve)
    rng = np.random.default_rng(3)
    n = rng.integers(0, 40, (200, 9))  # 41^18 > 2^62: codes are numbered anew on the way
    tox = rng.integers(0, n + 1)
    n, tox = np.repeat(n, 3, axis=0), np.repeat(tox, 3, axis=0)
    want = (n * 100 + tox).sum(axis=1)
    assert cache.answers(n, tox)[:, 0].tolist() == want.tolist()
    assert sum(asked) == len(cache) == 200
    assert cache.answers(n[::-1], tox[::-1])[:, 0].tolist() == want[::-1].tolist()
    assert sum(asked) == 200


def test_states_that_differ_at_the_first_of_many_doses_are_told_apart():
    # most + 1 = 64 is a power of two: without numbering anew the first doses would fall off
    cache = StateCache(lambda n, tox: n[:, :1].astype(float))
    n = np.full((5, 9), 63)
    n[:, 0] = [1, 2, 3, 4, 63]
    assert cache.answers(n, np.zeros_like(n))[:, 0].tolist() == [1, 2, 3, 4, 63]


def test_protocols():
    assert isinstance(crm(), Design)
    assert isinstance(crm(), CohortDesign)
    assert isinstance(TiteCrm(crm()), TimedDesign)


def test_with_everyone_followed_the_tite_crm_is_the_crm():
    rng = np.random.default_rng(1)
    dose = rng.integers(0, 6, (40, 12))
    tox = rng.random((40, 12)) < 0.3
    at = dose[:, -1]
    each = dose[:, :, None] == np.arange(6)
    n, y = each.sum(axis=1), (each & tox[:, :, None]).sum(axis=1)
    tite = TiteCrm(crm())
    got = tite.decide_timed(dose, tox, np.ones((40, 12)), at)
    assert got.tolist() == crm().decide(n, y, at).tolist()


def test_tite_estimates_are_those_of_a_fit():
    rng = np.random.default_rng(4)
    dose = rng.integers(0, 6, (30, 10))
    tox = rng.random((30, 10)) < 0.25
    weight = np.where(rng.random((30, 10)) < 0.5, 1.0, rng.random((30, 10)))
    dose[:, 8:] = -1  # not enrolled
    got = TiteCrm(crm()).estimates(dose, tox & (dose >= 0), weight)
    for t in range(30):
        fit = fit_crm(Curve(SKELETON), TARGET, dose[t, :8], tox[t, :8].astype(int), weight[t, :8])
        assert got[t] == pytest.approx(fit.estimate, rel=0, abs=1e-9)


def test_tite_trial_by_trial_as_a_naive_second_way():
    trials, patients, window = 6, 8, 2.0
    outcomes = draw_outcomes(RATES, trials, patients, seed=8, late=0.5)
    plan = Plan(patients, 1, calendar=Calendar(2.0, window))
    gaps = plan.calendar.gaps_months(trials, patients, 8)
    runs = run_timed(TiteCrm(crm()), outcomes, plan, gaps)
    for t in range(trials):
        at, now = 0, 0.0
        treated = []
        for i in range(patients):
            now += gaps[i, t]
            if i:
                known = []
                for k, start, end, y in treated:
                    seen = y and end <= now
                    known.append((k, seen, 1.0 if seen else min((now - start) / window, 1.0)))
                at = min(naive_dose(None, None, known), at + 1)
            y = outcomes.tolerance[i, t] < RATES[at]
            end = now + window * (outcomes.share[i, t] if y else 1.0)
            treated.append((at, now, end, y))
        counts = np.bincount([k for k, *_ in treated], minlength=6)
        assert runs.n[t].tolist() == counts.tolist()


def test_the_tite_crm_is_faster_and_chooses_about_as_well():
    plan = Plan(24, 3, calendar=Calendar(2.0, 3.0))
    scenario = Scenario.of("A", RATES)
    timed = simulate_timed(TiteCrm(crm()), scenario, TARGET, plan=plan, trials=400)
    whole = simulate(crm(), scenario, TARGET, plan=plan, trials=400)
    assert timed.duration_months.value < 0.6 * whole.duration_months.value
    # 400 trials on the same patients; 0.1 is 3 errors of unpaired shares
    assert timed.correct.value == pytest.approx(whole.correct.value, rel=0, abs=0.1)


def test_bad_input():
    with pytest.raises(PhysicsRangeError, match=r"CRM: target DLT rate is 1\.2; it must"):
        CrmDesign(Curve(SKELETON), 1.2)
    with pytest.raises(PhysicsRangeError, match=r"prior SD 0 .* must be above 0"):
        crm(scale=0.0)
    with pytest.raises(DataError, match="no posterior to stop by; use method 'bayes'"):
        crm(method="mle", stop_certainty=0.9)
    with pytest.raises(DataError, match="'em' is unknown; there are bayes and mle"):
        crm(method="em")
    with pytest.raises(DataError, match="simulated with method 'bayes' only"):
        TiteCrm(crm(method="mle"))
    with pytest.raises(DataError, match="cohort of 0 patients: it is empty"):
        simulate(crm(), Scenario.of("A", RATES), TARGET, plan=Plan(30, 0))
    with pytest.raises(DataError, match="is for 6 doses, but the outcomes are of 4"):
        simulate(crm(), Scenario.of("A", RATES[:4]), TARGET)


@pytest.mark.parametrize("scale", [3.0, 10.0, 50.0])
def test_a_wide_prior_in_simulation_is_that_of_the_fit(scale):
    """With a step of a tenth of the prior SD the estimate was 0 at an SD of 30."""
    curve = Curve(np.array([0.05, 0.12, 0.25, 0.40, 0.55]))
    n, tox = np.array([6, 6, 12, 6, 0]), np.array([0, 1, 3, 3, 0])
    level = np.repeat(np.arange(5), n)
    toxic = np.concatenate([np.repeat([1, 0], [t, m - t]) for m, t in zip(n, tox, strict=True)])
    want = fit_crm(curve, 0.25, level, toxic, scale=scale).estimate
    got = CrmDesign(curve, 0.25, scale=scale).estimates(n[None], tox[None])[0]
    assert got == pytest.approx(want, rel=0, abs=1e-6)  # both sums are exponentially exact


def test_a_prior_beyond_every_rate_is_refused():
    curve = Curve(np.array([0.05, 0.12, 0.25]))
    with pytest.raises(PhysicsRangeError, match=r"prior SD 100 .* 50 at most"):
        CrmDesign(curve, 0.25, scale=100.0)
