"""Draws and subjects never mix, kinds never add, Monte Carlo error never shrinks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pdcraft.core.estimate import Estimate, summarize
from pdcraft.core.quantity import QUANTITIES, quantity
from pdcraft.errors import DataError, KindError

DOSE = quantity("absorbed_dose_rate")  # a kind without an integration period
BED = quantity("biologically_effective_dose")


def both(values, draws="a"):
    return Estimate(values, ("draw", "subject"), DOSE, draws)


def test_spread_of_knowledge_and_population_are_kept_apart():
    # subject effects 0, 10; draw effects 0, 1: means over the other axis give each back exactly
    values = np.array([[0.0, 10.0], [1.0, 11.0], [2.0, 12.0]])
    e = both(values)
    assert e.spread_values("knowledge").tolist() == [5.0, 6.0, 7.0]
    assert e.spread_values("population").tolist() == [1.0, 11.0]
    assert e.spread_values("predictive").size == 6
    assert e.sd("knowledge") == pytest.approx(1.0, rel=1e-12, abs=0)
    assert e.sd("population") == pytest.approx(np.sqrt(50.0), rel=1e-12, abs=0)


def test_interval_of_a_normal_sample_is_the_textbook_one():
    # 400,000 draws: the 97.5 % point has standard error sqrt(.025*.975/n)/pdf(1.96) = 0.0042;
    # 5 of them: a right quantile fails for 1 seed in 2 million, a one-sided 90 % limit (1.28) fails
    draws = np.random.default_rng(1).standard_normal((400_000, 1))
    low, high = both(draws).interval(0.95)
    assert high == pytest.approx(1.959964, rel=0, abs=0.021)
    assert low == pytest.approx(-1.959964, rel=0, abs=0.021)


def test_prediction_for_a_new_study_narrows_with_its_size():
    rng = np.random.default_rng(2)
    e = both(rng.standard_normal((2000, 400)))
    one = np.subtract(*reversed(e.predict_mean_of(1, seed=3)))
    many = np.subtract(*reversed(e.predict_mean_of(25, seed=3)))
    # widths go as 1/sqrt(n); the limits of 2000 draws are good to about 5 %
    assert one / many == pytest.approx(5.0, rel=0.15, abs=0)


def test_kinds_do_not_add():
    a = Estimate.of_draws(np.ones(3), DOSE, "a")
    b = Estimate.of_draws(np.ones(3), BED, "a", period_h=np.inf)
    with pytest.raises(KindError, match=r"cannot add biologically effective dose .* convert"):
        _ = a + b


def test_draw_sets_do_not_mix():
    a = Estimate.of_draws(np.ones(3), DOSE, "a")
    with pytest.raises(KindError, match="draw i must be the same sample"):
        _ = a + Estimate.of_draws(np.ones(3), DOSE, "b")


def test_draws_combine_one_by_one_not_all_with_all():
    x = np.random.default_rng(4).standard_normal(1000)
    a, b = Estimate.of_draws(x, DOSE, "a"), Estimate.of_draws(-x, DOSE, "a")
    assert (a + b).values.tolist() == [0.0] * 1000  # perfectly correlated inputs cancel


def test_monte_carlo_error_is_not_averaged_away():
    err = np.array([0.5])
    e = Estimate(np.ones((1000, 1)), ("draw", "region"), DOSE, "a", ("liver",), std_err=err)
    assert e.region("liver").summary()["std_err"] == 0.5
    total = e + e
    assert total.std_err is not None
    assert total.std_err[0] == pytest.approx(np.hypot(0.5, 0.5), rel=1e-12, abs=0)


def test_values_are_read_only_copies():
    source = np.ones(3)
    e = Estimate.of_draws(source, DOSE, "a")
    source[0] = 7
    assert e.values[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        e.values[0] = 2


@pytest.mark.parametrize(
    ("axes", "values", "match"),
    [
        (("subject", "draw"), np.ones((2, 2)), "in the order"),
        (("draw",), np.ones((2, 2)), "2 dimensions"),
        (("draw", "region"), np.ones((2, 2)), "0 region labels for an axis of 2"),
        (("draw",), np.array([1.0, np.nan]), "index .1,. is not a finite number"),
    ],
)
def test_malformed_estimates_are_refused(axes, values, match):
    with pytest.raises(DataError, match=match):
        Estimate(values, axes, DOSE, "a")


def test_an_integrated_kind_needs_its_period():
    with pytest.raises(DataError, match=r"absorbed dose needs integration period.*math\.inf"):
        Estimate.of_draws(np.ones(3), quantity("absorbed_dose"), "a")


def test_unknown_quantity_has_near_match():
    with pytest.raises(DataError, match="did you mean 'absorbed_dose'"):
        quantity("absorbed_doze")


def test_every_quantity_has_one_unit_and_its_own_key():
    assert all(key == q.key and q.unit for key, q in QUANTITIES.items())


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=50))
def test_summary_is_ordered(values):
    s = summarize(np.array(values))
    assert s["low"] is not None
    assert s["high"] is not None
    assert s["low"] <= s["high"]
    assert min(values) <= s["low"]
    assert s["high"] <= max(values)


def test_summary_of_what_is_not_known_is_none_never_nan():
    assert summarize(np.array([]))["value"] is None
    assert summarize(np.array([1.0, np.nan]))["value"] is None
    assert summarize(np.array([2.0])) == {
        "value": 2.0,
        "sd": None,
        "low": None,
        "high": None,
        "std_err": None,
    }
