"""Tumors in steps against controlled integration, and cures against Poisson counts."""

import numpy as np
import pytest

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.sensitivity import Repair, Sensitivity
from pdcraft.response.tumor_growth import TumorCells, TumorGrowth, grow
from pdcraft.response.xenograft.curves import PSI, ManyTumors, cured, grow_many
from pdcraft.response.xenograft.effect import DoseInSteps

DAYS = np.arange(0.0, 28.25, 0.5)


@pytest.mark.parametrize(
    ("rate", "switch", "alpha", "ratio", "repair"),
    [(0.1, 0.4, 0.1, 10.0, 1.5), (0.3, 0.9, 0.3, 3.0, 3.0)],
)
def test_irradiated_tumors_agree_with_the_controlled_integration(
    rate, switch, alpha, ratio, repair
):
    terms, decays, starts = [0.3, -0.25], [0.006, 0.15], [0.0, 24 * 14.0]
    dose = DoseRate.of_terms([terms], [decays], at_h=[starts], amount=[[1.0, 0.5]])
    steps = DoseInSteps(dose, DAYS).steps([np.log(2.0) / repair])
    one = np.ones((1, 1))
    effect = steps.effect(alpha * one, ratio * one, one)
    got = grow_many(0.15 * one, rate * one, switch * one, 0.5 * one, DAYS, effect)
    want = grow(
        TumorGrowth.of(0.15, rate, rate * switch, PSI, 0.5),
        [TumorCells(sensitivity=Sensitivity.of(alpha, ratio, Repair.of(repair)))],
        DAYS,
        dose_rate=DoseRate.of_terms(terms, decays, at_h=starts, amount=[1.0, 0.5]),
    )
    # splitting and Simpson-like steps of half a day: second order, measured 0.9 % at most
    np.testing.assert_allclose(got.mass_g[:, 0, 0], want.mass_g, rtol=0.02)


def test_quadratic_part_is_that_of_lea_and_catcheside():
    # one exponential with rate r and repair mu: G D^2 = D^2 r/(r + mu); Q here is 2 int R q = that
    r, mu = 0.01, 0.5
    dose = DoseRate.of_terms([[0.02]], [[r]])
    steps = DoseInSteps(dose, np.arange(0.0, 200.0, 0.5)).steps([mu])
    total = steps.dose_Gy.sum()
    # four Gauss nodes in two pieces of a step: the rise within hours of the start is sampled
    assert steps.quadratic_Gy2.sum() == pytest.approx(total**2 * r / (r + mu), rel=0.01, abs=0)
    assert total == pytest.approx(2.0, rel=1e-9, abs=0)


def test_uptake_is_the_same_as_more_activity():
    day, one = np.arange(0.0, 20.0, 0.5), np.ones((1, 1))
    single = DoseInSteps(DoseRate.of_terms([[0.2]], [[0.01]]), day).steps([0.5])
    triple = DoseInSteps(DoseRate.of_terms([[0.6]], [[0.01]]), day).steps([0.5])
    np.testing.assert_allclose(
        single.effect(0.2 * one, 4.0 * one, 3.0 * one),
        triple.effect(0.2 * one, 4.0 * one, one),
        rtol=1e-12,
    )


def test_equal_rates_of_repair_and_decay_are_no_division_by_zero():
    dose = DoseRate.of_terms([[0.02]], [[0.5]])
    day = np.arange(0.0, 20.0, 0.5)
    near = DoseInSteps(dose, day).steps([0.5 * (1 + 1e-3)]).quadratic_Gy2.sum()
    assert DoseInSteps(dose, day).steps([0.5]).quadratic_Gy2.sum() == pytest.approx(
        near, rel=2e-3, abs=0
    )


def test_untreated_growth_is_exponential_then_linear():
    one = np.ones((1,))
    got = grow_many(1e-3 * one, 0.2 * one, 0.5 * one, one, np.arange(0.0, 80.25, 0.5))
    early = got.mass_g[20, 0]
    assert early == pytest.approx(1e-3 * np.exp(2.0), rel=1e-3, abs=0)
    last = np.diff(got.mass_g[-5:, 0]) / 0.5
    np.testing.assert_allclose(last, 0.1, rtol=1e-3)  # lambda0 x switch, g/d


def test_cures_follow_poisson():
    """2,000 tumors with a mean of one clonogen left: exp(-1) are cured. 4 sigma: 6e-5."""
    living = np.tile(np.array([1.0, 1e-6, 1.0])[:, None], (1, 2000))
    tumors = ManyTumors(np.array([0.0, 1.0, 2.0]), living, living + 0.25)
    mass, gone = cured(tumors, np.array(1e6), np.random.default_rng(3))
    share = gone.mean()
    assert abs(share - np.exp(-1.0)) < 4 * np.sqrt(0.37 * 0.63 / 2000)
    assert np.all(mass[2, gone] == 0.25)
    assert np.all(mass[2, ~gone] == 1.25)
    assert np.all(mass[0] == 1.25)


def test_uneven_steps_are_refused():
    one = np.ones(1)
    with pytest.raises(PhysicsRangeError, match="even steps"):
        grow_many(one, one, one, one, [0.0, 1.0, 3.0])
    with pytest.raises(PhysicsRangeError, match="increase from 0"):
        DoseInSteps(DoseRate.of_terms([[1.0]], [[0.1]]), [1.0, 2.0])
    with pytest.raises(PhysicsRangeError, match="above zero"):
        DoseInSteps(DoseRate.of_terms([[1.0]], [[0.1]]), [0.0, 2.0]).steps([0.0])


def test_untreated_tumors_are_never_cured():
    living = np.tile(np.array([0.1, 0.2, 0.4])[:, None], (1, 500))
    tumors = ManyTumors(np.array([0.0, 1.0, 2.0]), living, living)
    _, gone = cured(tumors, np.array(3.0), np.random.default_rng(3))
    assert not gone.any()  # though a Poisson count of 0.3 clonogens is often 0
