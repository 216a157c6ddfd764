"""Bayesian monitoring: printed examples, every outcome counted one by one, the rules' own words."""

from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.phase2.bayes import BayesPhase2, Beta, Toxicity
from pdcraft.trial.phase2.bayes_characteristics import characteristics, joint_rates

SMALL = BayesPhase2(
    0.3, 6, (2, 4), 0.8, 0.15, 0.95, Beta(0.6, 1.4), Toxicity(0.3, 0.8, Beta(0.5, 0.5))
)


def test_predictive_probability_of_lee_and_liu():
    """Lee and Liu 2008, Table 1: 0.5656 (recalled from the paper; four digits)."""
    design = BayesPhase2(0.6, 40, (23,), 0.9, 0.05, 0.95, Beta(0.6, 0.4))
    assert design.predictive(16, 23) == pytest.approx(0.5656, abs=5e-5)


def test_continuous_monitoring_of_lee_and_liu():
    """Their design of 36 patients from the 10th on: 0.088, 0.906, 27.67 (recalled, as printed)."""
    design = BayesPhase2(0.2, 36, tuple(range(10, 36)), 0.9, 0.001, 1.0, Beta(0.2, 0.8))
    null, good = characteristics(design, 0.2), characteristics(design, 0.4)
    assert null.go == pytest.approx(0.088, abs=5e-4)
    assert good.go == pytest.approx(0.906, abs=5e-4)
    assert null.EN == pytest.approx(27.67, abs=5e-3)
    assert null.PET == pytest.approx(0.86, abs=5e-3)


@pytest.mark.parametrize("odds", [1.0, 0.3, 5.0])
def test_every_sequence_of_six_patients(odds):
    """4^6 courses, one by one, through the rules as a person would read them."""
    cells = joint_rates(0.4, 0.3, odds)
    flat = {(r, t): cells[r, t] for r in (0, 1) for t in (0, 1)}
    go = size = 0.0
    early = {"no-go": 0.0, "go": 0.0, "toxic": 0.0}
    for course in product(flat, repeat=6):
        chance = np.prod([flat[c] for c in course])
        end = None
        for n in (2, 4, 6):
            responses = sum(c[0] for c in course[:n])
            toxicities = sum(c[1] for c in course[:n])
            if stats.beta.sf(0.3, 0.5 + toxicities, 0.5 + n - toxicities) > 0.8:
                end = "toxic"
            elif n < 6:
                left = 6 - n
                predictive = sum(
                    stats.betabinom.pmf(k, left, 0.6 + responses, 1.4 + n - responses)
                    for k in range(left + 1)
                    if stats.beta.sf(0.3, 0.6 + responses + k, 1.4 + 6 - responses - k) >= 0.8
                )
                end = "no-go" if predictive < 0.15 else "go" if predictive > 0.95 else None
            else:
                good = stats.beta.sf(0.3, 0.6 + responses, 1.4 + 6 - responses) >= 0.8
                end = "go" if good else "no-go"
            if end:
                break
        size += chance * n
        go += chance * (end == "go")
        if n < 6:
            early[end] += chance
    found = characteristics(SMALL, 0.4, 0.3, odds)
    assert found.go == pytest.approx(go, rel=1e-10, abs=0)
    assert found.EN == pytest.approx(size, rel=1e-10, abs=0)
    assert found.toxic == pytest.approx(early["toxic"], rel=1e-10, abs=0)
    assert found.futile == pytest.approx(early["no-go"], rel=1e-10, abs=0)
    assert found.effective == pytest.approx(early["go"], rel=1e-10, abs=1e-15)
    assert found.PET == pytest.approx(sum(early.values()), rel=1e-10, abs=0)


def test_joint_rates_have_margins_and_odds():
    cells = joint_rates(0.35, 0.2, 4.0)
    assert cells[1].sum() == pytest.approx(0.35, rel=1e-12, abs=0)
    assert cells[:, 1].sum() == pytest.approx(0.2, rel=1e-12, abs=0)
    odds = cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0])
    assert odds == pytest.approx(4.0, rel=1e-10, abs=0)


def test_posterior_against_its_integral():
    prior = Beta(0.7, 1.3)
    area = [
        integrate.quad(lambda p: p**4.7 * (1 - p) ** 8.3, low, 1.0, epsabs=0)[0]
        for low in (0.35, 0.0)
    ]
    # betas of 0.7 + 5 and 1.3 + 8
    assert prior.above(0.35, 5, 13) == pytest.approx(area[0] / area[1], rel=1e-9, abs=0)
    low, high = prior.interval(5, 13, 0.9)
    assert prior.above(low, 5, 13) == pytest.approx(0.95, rel=1e-9, abs=0)
    assert prior.above(high, 5, 13) == pytest.approx(0.05, rel=1e-9, abs=0)


def test_boundaries_rise_with_patients_and_split_the_counts():
    design = BayesPhase2(0.2, 36, (12, 18, 24, 30), 0.9, 0.05, 0.95, Beta(0.2, 0.8))
    previous = -1
    for n in design.looks:
        low, high = design.boundaries(n)
        assert low is not None
        assert high is not None
        assert previous <= low < high
        assert all(
            design.decide(k, n) == ("no-go" if k <= low else "go" if k >= high else "on")
            for k in range(n + 1)
        )
        previous = low


def test_toxicity_stops_a_toxic_trial():
    rule = Toxicity(0.3, 0.9, Beta(0.6, 1.4))
    assert rule.boundary(1) is None  # one patient is not enough
    edges = [rule.boundary(n) for n in range(3, 20)]
    assert all(b is not None for b in edges)
    assert edges == sorted(edges)
    looks = tuple(range(3, 30, 3))
    design = BayesPhase2(0.2, 30, looks, 0.9, 0.0, 1.0, Beta(0.2, 0.8), rule)
    safe, toxic = (characteristics(design, 0.4, t) for t in (0.1, 0.6))
    assert safe.toxic < 0.02
    assert toxic.toxic > 0.95
    assert toxic.go < 0.02


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Beta(0.0, 1.0), "above 0"),
        (lambda: BayesPhase2(0.3, 10, (5, 5), 0.9, 0.1, 0.9, Beta(1, 1)), "rise from above 0"),
        (lambda: BayesPhase2(0.3, 10, (10,), 0.9, 0.1, 0.9, Beta(1, 1)), "stay below the end"),
        (lambda: BayesPhase2(0.3, 10, (5,), 0.9, 0.9, 0.1, Beta(1, 1)), "must be the smaller"),
        (lambda: BayesPhase2(0.95, 3, (), 0.99, 0.1, 0.9, Beta(1, 1)), "take more patients"),
        (lambda: Toxicity(0.0, 0.9, Beta(1, 1)), "toxicity limit is 0"),
        (lambda: SMALL.predictive(3, 2), "3 of 2"),
        (lambda: SMALL.predictive(3, 7), "the trial has 6"),
        (lambda: characteristics(SMALL, 1.2), "response rate is 1.2"),
        (lambda: characteristics(SMALL, 0.2, 0.2, 0.0), "odds ratio 0"),
    ],
)
def test_refuses_with_a_reason(call, said):
    with pytest.raises(PhysicsRangeError, match=said):
        call()
