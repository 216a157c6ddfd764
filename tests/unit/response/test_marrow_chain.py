"""Chains of blood cells against scipy on the untransformed equations, limits and time scales."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.marrow.chain import Chain, relative_counts
from pdcraft.response.marrow.observation import nadir_and_recovery
from pdcraft.response.marrow.parameters import MarrowParameters
from pdcraft.response.marrow.simulate import simulate_blocks, simulate_counts

DAYS = np.arange(0.0, 141.0)
RATE_PER_D = np.log(2) * 24 / 156  # published effective half-life of CLR 131 in plasma, 156 h


def kill(effect, rate=RATE_PER_D):
    return lambda t: np.atleast_1d(effect) * -np.expm1(-rate * t)


def direct(transit, feedback, share, per_d, blood, effect, rate=RATE_PER_D):
    """The equations of the docstring as they stand, loss and all."""

    def slopes(t, y):
        s, p, *stages, c = y
        loss = effect * rate * np.exp(-rate * t)
        k = 4 / transit
        ahead = np.array([p, *stages])
        made = k * (share * s + (1 - share) * p) * c**-feedback
        return [
            per_d * s * (1 - s) - loss * s,
            made - k * p - loss * p,
            *(k * (ahead[:-1] - ahead[1:])),
            k * (stages[-1] - c) - blood * loss * c,
        ]

    found = solve_ivp(slopes, (0, 140), np.ones(6), "DOP853", t_eval=DAYS, rtol=1e-11, atol=1e-14)
    return found.y[-1]


#: transit, feedback, stem share, stem rate, radiosensitivity in blood; effect of the whole dose
CASES = [
    (10.0, 0.4, 0.0, 0.0, 0.0, 2.0),
    (5.0, 0.2, 0.4, 0.03, 0.0, 1.5),
    (6.0, 0.2, 0.3, 0.1, 1.0, 2.5),
]


@pytest.mark.parametrize("case", CASES)
def test_equations_are_solved_as_written(case):
    *parameters, effect = case
    found = relative_counts(Chain.of(*parameters), kill(effect), DAYS, rtol=1e-9)[:, 0]
    # both solvers at 1e-9 or better over a hundred steps
    np.testing.assert_allclose(found, direct(*case), rtol=1e-6, atol=0)


@pytest.mark.parametrize("case", [*CASES, (1.2, 0.3, 0.0, 0.0, 0.0, 3.0)])
def test_default_steps_keep_a_count_within_a_percent(case):
    *parameters, effect = case
    found = relative_counts(Chain.of(*parameters), kill(effect), DAYS)[:, 0]
    np.testing.assert_allclose(found, direct(*case), rtol=0.01, atol=0)


def test_without_dose_nothing_moves():
    chain = Chain.of([5.0, 20.0], 0.3, stem_share=0.3, stem_per_d=0.1, circulating_killed=1.0)
    counts = relative_counts(chain, lambda t: np.zeros(2), DAYS)
    np.testing.assert_allclose(counts, 1.0, rtol=1e-12, atol=0)  # rounding


def test_an_instant_dose_reaches_the_blood_one_transit_later():
    # a chain without feedback is a gamma filter of the loss: mean delay of three stages and blood
    chain = Chain.of(8.0, 0.0)
    counts = relative_counts(chain, lambda t: np.array([1.0 if t > 0 else 0.0]), DAYS)[:, 0]
    missing = 1.0 - counts
    assert missing[-1] == pytest.approx(1 - np.exp(-1.0), rel=1e-6, abs=0)  # nothing brings it back
    delay = np.trapezoid(missing[-1] - missing, DAYS) / missing[-1]
    assert delay == pytest.approx(8.0, rel=0.02, abs=0)  # trapezoids of a day


@pytest.mark.parametrize("feedback", [0.2, 0.4])
@pytest.mark.parametrize("effect", [1.0, 3.0])
def test_one_chain_reaches_day_49_only_with_a_transit_of_twenty_days_or_more(feedback, effect):
    transit = np.array([5.0, 10.0, 15.0, 25.0])
    counts = relative_counts(Chain.of(transit, feedback), kill(np.full(4, effect)), DAYS)
    day, _ = nadir_and_recovery(counts, 0.5)
    assert day[1] <= 25  # transit of 10 d
    assert day[2] <= 36
    assert 45 <= day[3] <= 58  # 25 d


def test_a_slow_stem_pool_works_against_a_recovery_of_16_days():
    share, per_d = np.array([0.0, 0.6, 0.6]), np.array([0.0, 0.3, 0.01])
    counts = relative_counts(Chain.of(20.0, 0.4, share, per_d), kill(np.full(3, 2.0)), DAYS)
    _, back = nadir_and_recovery(counts, 0.5)
    assert np.all(back[:2] <= 16)
    assert back[2] > 3 * 16


def test_feedback_from_the_analytic_limit_on_never_comes_to_rest():
    u = np.pi / 8  # an integrator and four lags: phase pi/2 + 4 u = pi at the limit
    limit = np.tan(u) / np.cos(u) ** 4
    long = np.arange(0.0, 1500.0)

    def swing(feedback):
        chain = Chain.of(5.0, feedback)
        counts = relative_counts(chain, lambda t: np.array([0.05 if t > 0 else 0.0]), long)[:, 0]
        return np.ptp(counts[1300:]) / np.ptp(counts[:200])

    assert swing(limit - 0.05) < 1e-3
    assert swing(limit - 0.0005) > 0.3
    with pytest.raises(PhysicsRangeError, match="oscillates for ever"):
        Chain.of(5.0, limit)


def test_a_high_dose_rate_needs_no_short_step():
    # 98 % killed within hours (half-life 4 h), less than a step; explicit loss would need 0.05 d
    chain = Chain.of(10.0, 0.3)
    fast = kill(4.0, rate=4.0)
    coarse = relative_counts(chain, fast, DAYS)
    fine = relative_counts(chain, fast, DAYS, step_d=0.02)
    np.testing.assert_allclose(coarse, fine, rtol=0.01, atol=0)
    assert coarse.min() > 0


def patients(n=5):
    rng = np.random.default_rng(3)
    return MarrowParameters.of(
        np.exp(rng.normal(0.5, 0.3, (2, n, 3))),
        [10.0, 5.0, 6.0],
        [0.4, 0.2, 0.2],
        [230.0, 4.5, 1.2],
        stem_share=[[0.0], [0.3]],
        stem_per_d=0.05,
    )


def terms(n=5):
    dose = np.linspace(0.2, 1.5, n)
    return DoseRate.of_terms(dose[:, None] * RATE_PER_D / 24, RATE_PER_D / 24, [0.0, 168.0], 0.5)


def test_blocks_give_the_same_counts(monkeypatch):
    whole = simulate_counts(patients(), terms(), DAYS, step_d=0.5)
    monkeypatch.setattr("pdcraft.response.marrow.simulate.BLOCK", 3)
    parts = [c for _, c in simulate_blocks(patients(), terms(), DAYS, step_d=0.5)]
    np.testing.assert_allclose(
        np.concatenate(parts).reshape(whole.shape), whole, rtol=1e-12, atol=0
    )


def test_counts_are_the_chain_of_dose_times_sensitivity():
    p, rate = patients(), terms()
    counts = simulate_counts(p, rate, DAYS, step_d=0.25)
    for draw, subject, lineage in [(0, 1, 0), (1, 4, 1), (1, 2, 2)]:
        alpha = p.radiosensitivity_per_Gy[draw, subject, lineage]
        at = draw, subject, lineage
        blood = p.circulating_killed[lineage]
        chain = Chain.of(p.transit_d[at], p.feedback[at], p.stem_share[at[:2]], 0.05, blood)
        one = relative_counts(
            chain, lambda t, a=alpha, s=subject: a * rate.over(24 * t)[[s]], DAYS, step_d=0.25
        )
        want = one[:, 0] * p.baseline_1e9_per_L[draw, subject, lineage]
        np.testing.assert_allclose(counts[draw, subject, lineage], want, rtol=1e-12, atol=0)


def test_a_sampled_dose_rate_gives_the_counts_of_its_terms():
    time_h = np.linspace(0.0, 3400.0, 6801)
    once = DoseRate.of_terms(0.004, RATE_PER_D / 24)
    sampled = DoseRate.sampled(time_h, once.at(time_h))
    a, b = (simulate_counts(patients(), r, DAYS) for r in (once, sampled))
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=0)  # trapezoids of half an hour: 2e-7 of dose


def test_pretreatment_is_more_dose():
    p = patients()
    twice = MarrowParameters.of(
        p.radiosensitivity_per_Gy, p.transit_d, p.feedback, p.baseline_1e9_per_L,
        stem_share=p.stem_share, stem_per_d=p.stem_per_d, pretreatment=2.0,
    )  # fmt: skip
    a = simulate_counts(twice, terms(), DAYS)
    b = simulate_counts(p, terms().scaled(2.0), DAYS)
    np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)


def test_values_out_of_range_are_refused():
    with pytest.raises(PhysicsRangeError, match="transit time 0 d"):
        Chain.of(0.0, 0.2)
    with pytest.raises(PhysicsRangeError, match="at most 1"):
        Chain.of(5.0, 0.2, stem_share=1.5)
    with pytest.raises(PhysicsRangeError, match=r"feedback -0\.1"):
        Chain.of(5.0, -0.1)
    with pytest.raises(PhysicsRangeError, match="radiosensitivity_per_Gy -1"):
        MarrowParameters.of(-1.0, 5.0, 0.2, 4.0)
    with pytest.raises(DataError, match="do not fit"):
        simulate_counts(patients(5), terms(4), DAYS)
