"""BOIN12 and the comparison of two doses: printed scores, and plain second ways."""

import itertools
from math import comb

import numpy as np
import pytest
from scipy import integrate, stats

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.models.efficacy_trials import efficacy_characteristics, run_efficacy_trials
from pdcraft.trial.models.two_doses import (
    TwoDoses,
    select_higher_probability,
    two_dose_design,
)
from pdcraft.trial.models.utility import Boin12
from pdcraft.trial.simulate import Plan
from pdcraft.validate.designs_model import SCORES

TOX, EFF = (0.05, 0.10, 0.20, 0.40), (0.10, 0.35, 0.45, 0.50)


def test_published_scores():
    held = {(s.n, s.tox, s.eff): s.rank for s in Boin12(5, 0.35, 0.25).table((0, 3, 6, 9))}
    for cell, want in SCORES.items():
        assert held[cell] == want, cell


def test_desirability_does_not_hang_on_who_had_both_if_utilities_add_up():
    design = Boin12(1, 0.35, 0.25)
    values = [design.desirability(*np.array([[9], [4], [5], [b]])).item() for b in range(5)]
    assert values == pytest.approx([values[0]] * 5, rel=1e-12, abs=0)
    other = Boin12(1, 0.35, 0.25, neither=50, both=55)
    a, b = (other.desirability(*np.array([[9], [4], [5], [k]])).item() for k in (0, 4))
    assert a != pytest.approx(b, rel=1e-3, abs=0)
    with pytest.raises(DataError, match="do not sum to 100"):
        other.table((3,))


def beta_above(x, a, b):
    """P(Beta(a, b) > x) by quadrature."""
    whole, _ = integrate.quad(lambda p: p ** (a - 1) * (1 - p) ** (b - 1), 0, 1, epsabs=0)
    upper, _ = integrate.quad(lambda p: p ** (a - 1) * (1 - p) ** (b - 1), x, 1, epsabs=0)
    return upper / whole


class Naive:
    """BOIN12 in words, one trial at a time."""

    def __init__(self, doses, phi_t, phi_e, u2, u3):
        self.doses, self.phi_t, self.phi_e, self.u2, self.u3 = doses, phi_t, phi_e, u2, u3
        low, high = 0.6 * phi_t, 1.4 * phi_t
        self.escalate = np.log((1 - low) / (1 - phi_t)) / np.log(
            phi_t * (1 - low) / (low * (1 - phi_t))
        )
        self.deescalate = np.log((1 - phi_t) / (1 - high)) / np.log(
            high * (1 - phi_t) / (phi_t * (1 - high))
        )
        worst = 100 * phi_e * (1 - phi_t) + u2 * (1 - phi_t) * (1 - phi_e) + u3 * phi_t * phi_e
        self.benchmark = (worst + (100 - worst) / 2) / 100
        self.data = [[] for _ in range(doses)]  # (toxicity, response) of each patient

    def score(self, k):
        worth = {(0, 1): 100, (0, 0): self.u2, (1, 1): self.u3, (1, 0): 0}
        x = sum(worth[patient] for patient in self.data[k]) / 100
        return beta_above(self.benchmark, 1 + x, 1 + len(self.data[k]) - x)

    def tolerable(self, k):
        n, y = len(self.data[k]), sum(t for t, _ in self.data[k])
        return beta_above(self.phi_t, 1 + y, 1 + n - y) < 0.95

    def allowed(self, k):
        n, y = len(self.data[k]), sum(e for _, e in self.data[k])
        works = 1 - beta_above(self.phi_e, 1 + y, 1 + n - y) < 0.90
        return works and all(self.tolerable(j) for j in range(k + 1))

    def following(self, at):
        n = len(self.data[at])
        rate = sum(t for t, _ in self.data[at]) / n
        if n > 8 and rate < self.deescalate and at + 1 < self.doses:
            if not self.data[at + 1] and self.allowed(at + 1):
                return at + 1
        if rate >= self.deescalate:
            options = [max(at - 1, 0)]
        elif rate > self.escalate and n >= 6:
            options = [at - 1, at]
        else:
            options = [at - 1, at, at + 1]
        options = [k for k in options if 0 <= k < self.doses and self.allowed(k)]
        if not options:
            lower = [k for k in range(at) if self.allowed(k)]
            return max(lower) if lower else None
        best = max(self.score(k) for k in options)
        return max(k for k in options if self.score(k) > best - 1e-9)


@pytest.mark.parametrize(("u2", "u3"), [(40, 60), (30, 50)])
@pytest.mark.parametrize("toxic", [TOX, (0.45, 0.55, 0.65, 0.7)])
def test_every_decision_of_trials_as_a_naive_second_way(u2, u3, toxic):
    runs = run_efficacy_trials(
        CheckedBoin12(Boin12(4, 0.35, 0.25, u2, u3)), toxic, EFF, Plan(24, 3), trials=25, seed=9
    )
    assert runs.n.sum() > 25 * 3


class CheckedBoin12:
    """Checks every decision of a run against the naive rules."""

    def __init__(self, design):
        self.design = design

    def __getattr__(self, name):
        return getattr(self.design, name)

    def decide(self, n, tox, eff, tox_eff, at):
        got = self.design.decide(n, tox, eff, tox_eff, at)
        for t in range(len(at)):
            naive = Naive(
                self.design.doses,
                self.design.tox_limit,
                self.design.eff_limit,
                self.design.neither,
                self.design.both,
            )
            for k in range(self.design.doses):
                both = tox_eff[t, k]
                naive.data[k] = (
                    [(1, 1)] * both
                    + [(1, 0)] * (tox[t, k] - both)
                    + [(0, 1)] * (eff[t, k] - both)
                    + [(0, 0)] * (n[t, k] - tox[t, k] - eff[t, k] + both)
                )
            want = naive.following(int(at[t]))
            assert got[t] == (-1 if want is None else want), (n[t], tox[t], eff[t], at[t])
        return got


def test_no_inadmissible_dose_is_recommended():
    design = Boin12(4, 0.35, 0.25)
    runs = run_efficacy_trials(design, (0.3, 0.5, 0.6, 0.7), EFF, trials=500)
    rows = np.flatnonzero(runs.selected >= 0)
    k = runs.selected[rows]
    assert 50 < rows.size < 450
    assert np.all(design.admissible(runs.n, runs.tox, runs.eff)[rows, k])
    assert np.all(runs.n[rows, k] > 0)
    assert np.all(runs.selected[runs.stopped == 1] == -1)


def test_a_stop_after_the_last_patient_is_not_early():
    """Toxic doses, six patients: trials end by a stop after the first or after the last cohort."""
    runs = run_efficacy_trials(
        Boin12(2, 0.35, 0.25), (0.7, 0.8), (0.3, 0.3), Plan(6, 3), trials=200
    )
    ended = runs.selected == -1
    full = runs.n.sum(axis=1) == 6
    assert np.any(ended & full)
    assert np.any(ended & ~full)
    assert np.array_equal(runs.stopped, ended & ~full)


def test_toxicity_of_a_dose_closes_the_higher_ones():
    design = Boin12(3, 0.35, 0.25)
    n, tox = np.array([[3, 9, 3]]), np.array([[0, 8, 0]])
    eff = np.array([[0, 3, 3]])
    assert design.select(n, tox, eff, np.zeros_like(n)).tolist() == [0]


def test_correlation_leaves_the_rates_alone():
    """Every patient at one dose: shares of both outcomes against the rates, 4 errors each."""
    design = Boin12(1, 0.65, 0.01)
    runs = run_efficacy_trials(
        design, [0.3], [0.4], Plan(30, 30), trials=2000, correlation=0.8, seed=3
    )
    size = 60_000
    for got, rate in ((runs.tox, 0.3), (runs.eff, 0.4)):
        assert abs(got.sum() / size - rate) < 4 * np.sqrt(rate * (1 - rate) / size)
    assert runs.tox_eff.sum() / size > 0.2  # 0.12 if independent


def test_operating_characteristics():
    def simulated():
        runs = run_efficacy_trials(Boin12(4, 0.35, 0.25), TOX, EFF, trials=2000)
        return efficacy_characteristics(runs)

    found = simulated()
    total = sum(f.value for f in found.select) + found.select_none.value
    assert total == pytest.approx(1.0, rel=1e-12, abs=0)
    # utilities 44, 57, 59, 54: the second and third are best
    assert found.select[1].value + found.select[2].value > 0.7
    assert simulated() == found


def plain_higher(n, margin, lower, higher):
    """P(more than `margin` more responses at the higher dose), outcome by outcome."""
    out = 0.0
    for a, b in itertools.product(range(n + 1), repeat=2):
        if b - a > margin:
            out += (
                comb(n, a) * lower**a * (1 - lower) ** (n - a)
                * comb(n, b) * higher**b * (1 - higher) ** (n - b)
            )  # fmt: skip
    return out


@pytest.mark.parametrize(("rate", "delta"), [(0.3, 0.15), (0.5, 0.2)])
def test_two_doses_outcome_by_outcome(rate, delta):
    made = two_dose_design(rate, delta, lower_wanted=0.65, higher_wanted=0.65)
    stay = 1 - plain_higher(made.n, made.margin, rate, rate)
    move = plain_higher(made.n, made.margin, rate - delta, rate)
    assert made.lower_correct == pytest.approx(stay, rel=1e-12, abs=0)
    assert made.higher_correct == pytest.approx(move, rel=1e-12, abs=0)
    assert min(stay, move) >= 0.65
    for n in range(1, made.n):  # no smaller design does
        for margin in range(n + 1):
            assert (
                1 - plain_higher(n, margin, rate, rate) < 0.65
                or plain_higher(n, margin, rate - delta, rate) < 0.65
            )


def test_large_designs_approach_the_normal_approximation():
    # n = [z sqrt(2 pq) + z sqrt(pq + p'q')]^2 / delta^2; a response more or less moves n by a tenth
    for rate, delta in ((0.4, 0.12), (0.5, 0.1), (0.3, 0.1)):
        made = two_dose_design(rate, delta, lower_wanted=0.85, higher_wanted=0.85)
        z, low = stats.norm.ppf(0.85), rate - delta
        same = np.sqrt(2 * rate * (1 - rate))
        apart = np.sqrt(rate * (1 - rate) + low * (1 - low))
        want = (z * (same + apart) / delta) ** 2
        assert made.n == pytest.approx(want, rel=0.1, abs=0)
        assert made.margin / made.n == pytest.approx(delta / 2, rel=0.15, abs=0)


def test_selection_of_two_doses():
    made = TwoDoses(20, 2, 0.7, 0.7)
    assert [made.select(5, k) for k in (4, 7, 8)] == [0, 0, 1]
    assert select_higher_probability(20, 20, 0.1, 0.9) == 0.0
    with pytest.raises(DataError, match="responses 21 and 3 of 20 patients"):
        made.select(21, 3)


def test_bad_input():
    with pytest.raises(PhysicsRangeError, match="toxicity limit is 0; it must"):
        Boin12(3, 0.0, 0.2)
    with pytest.raises(PhysicsRangeError, match="utility 120 of both outcome"):
        Boin12(3, 0.3, 0.2, both=120)
    with pytest.raises(PhysicsRangeError, match=r"target 0\.8, p_tox 1\.12 must rise"):
        Boin12(3, 0.8, 0.2)
    with pytest.raises(DataError, match="0 doses; a trial has 1 or more"):
        Boin12(0, 0.3, 0.2)
    with pytest.raises(DataError, match="4 toxicity and 3 response rates for 4 doses"):
        run_efficacy_trials(Boin12(4, 0.3, 0.2), TOX, EFF[:3], trials=5)
    with pytest.raises(PhysicsRangeError, match="correlation 1 must lie"):
        run_efficacy_trials(Boin12(4, 0.3, 0.2), TOX, EFF, trials=5, correlation=1.0)
    with pytest.raises(PhysicsRangeError, match=r"0\.4 must lie between 0 and the rate 0\.3"):
        two_dose_design(0.3, 0.4)
    with pytest.raises(DataError, match="no design of 500 patients"):
        two_dose_design(0.5, 0.01, lower_wanted=0.9, higher_wanted=0.9)


def test_a_first_dose_that_there_is_not_is_refused():
    with pytest.raises(DataError, match="first cohort at dose 4: there are doses 1 to 2"):
        run_efficacy_trials(Boin12(2, 0.35, 0.25), [0.1, 0.2], [0.3, 0.4], Plan(6, 3, 3), trials=5)
