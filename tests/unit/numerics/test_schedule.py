"""Schedules of doses against closed forms, an ODE solver and the superposition of their parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics import schedule
from pdcraft.numerics.compartments import LinearSystem, Transfer
from pdcraft.numerics.schedule import Dose, repeated, with_depot
from pdcraft.validate.compartments import body30

K = 0.25  # 1/h
TIMES_H = np.array([0.0, 0.5, 2.0, 2.5, 7.0, 24.0, 40.0])


def one(rate_per_h=K):
    return LinearSystem.from_transfers(["plasma"], [Transfer("plasma", None, rate_per_h)])


def plasma_tissue():
    return LinearSystem.from_transfers(
        ["plasma", "tissue"],
        [
            Transfer("plasma", None, 0.3),
            Transfer("plasma", "tissue", 0.9),
            Transfer("tissue", "plasma", 0.05),
        ],
    )


def bateman(ka, k, t):
    t = np.maximum(t, 0.0)
    return ka / (ka - k) * (np.exp(-k * t) - np.exp(-ka * t))


# ---- closed forms ------------------------------------------------------------------------------


def test_infusion_rises_and_falls_as_it_should():
    # Gibaldi and Perrier, ch. 1: R/k (1 - exp(-kt)) while it runs, then exponential
    got = schedule.curves(one(), [Dose(6.0, "plasma", duration_h=2.0)], TIMES_H)[0]
    entered = -np.expm1(-K * np.minimum(TIMES_H, 2.0))
    want = 3.0 / K * entered * np.exp(-K * np.maximum(TIMES_H - 2.0, 0.0))
    np.testing.assert_allclose(got, want, rtol=1e-14)


def test_infused_area_up_to_a_time():
    # integral of the two branches of the test above
    got = schedule.integrals_until(one(), [Dose(6.0, "plasma", duration_h=2.0)], TIMES_H)[0]
    on = np.minimum(TIMES_H, 2.0)
    while_on = 3.0 / K * (on + np.expm1(-K * on) / K)
    peak = 3.0 / K * -np.expm1(-K * on)
    want = while_on - peak * np.expm1(-K * np.maximum(TIMES_H - 2.0, 0.0)) / K
    np.testing.assert_allclose(got, want, rtol=1e-13)


@pytest.mark.parametrize("duration_h", [1e-3, 1e-6, 1e-9])
def test_a_short_infusion_is_a_bolus(duration_h):
    bolus = schedule.curves(plasma_tissue(), [Dose(1.0, "plasma")], TIMES_H[1:])
    short = [Dose(1.0, "plasma", duration_h=duration_h)]
    got = schedule.curves(plasma_tissue(), short, TIMES_H[1:])
    # first order: half the duration later, so 1.25/h x D/2 at most; rounding 1e-13
    np.testing.assert_allclose(got, bolus, rtol=1.25 * duration_h + 1e-13)


def test_absorption_follows_bateman_with_lag_and_bioavailability():
    system = with_depot(one(), "plasma", 1.1)
    dose = Dose(2.0, "depot", bioavailability=0.6, lag_h=0.5)
    got = schedule.curves(system, [dose], TIMES_H)
    np.testing.assert_allclose(got[0], 1.2 * bateman(1.1, K, TIMES_H - 0.5), rtol=1e-13, atol=1e-15)
    assert got[1, 0] == 0.0  # nothing lies in the depot before the lag
    assert got[1, 1] == pytest.approx(1.2, rel=1e-15, abs=0)  # and all of it at its end
    np.testing.assert_allclose(schedule.integrals(system, [dose]), [1.2 / K, 1.2 / 1.1], rtol=1e-14)


def test_absorption_as_fast_as_elimination_is_no_special_case():
    got = schedule.curves(with_depot(one(), "plasma", K), [Dose(1.0, "depot")], TIMES_H)[0]
    np.testing.assert_allclose(got, K * TIMES_H * np.exp(-K * TIMES_H), rtol=1e-13, atol=1e-16)


def test_repeated_doses_pile_up_as_a_geometric_series():
    doses = repeated(Dose(1.0, "plasma"), every_h=8.0, count=5)
    got = schedule.curves(one(), doses, [32.0])[0, 0]  # the fifth has just entered
    ratio = np.exp(-K * 8.0)
    assert got == pytest.approx((1 - ratio**5) / (1 - ratio), rel=1e-14, abs=0)
    assert schedule.integrals(one(), doses)[0] == pytest.approx(5 / K, rel=1e-14, abs=0)


# ---- superposition -----------------------------------------------------------------------------

doses_st = st.builds(
    Dose,
    st.floats(0, 5),
    st.sampled_from(["plasma", "tissue"]),
    start_h=st.floats(-3, 20),
    duration_h=st.one_of(st.just(0.0), st.floats(1e-3, 10)),
    bioavailability=st.floats(0, 1),
    lag_h=st.floats(0, 2),
)


@settings(deadline=None, derandomize=True)
@given(st.lists(doses_st, min_size=1, max_size=4), st.booleans())
def test_doses_add_up(doses, integrated):
    solve = schedule.integrals_until if integrated else schedule.curves
    together = solve(plasma_tissue(), doses, TIMES_H)
    apart = sum(solve(plasma_tissue(), [dose], TIMES_H) for dose in doses)
    np.testing.assert_allclose(together, apart, rtol=1e-11, atol=1e-14)
    assert np.all(together >= 0)


@settings(deadline=None, derandomize=True)
@given(st.lists(doses_st, min_size=1, max_size=3))
def test_late_area_is_the_area_to_infinity(doses):
    late = schedule.integrals_until(plasma_tissue(), doses, [5000.0])[:, 0]  # slowest 0.0121/h
    want = schedule.integrals(plasma_tissue(), doses)
    np.testing.assert_allclose(late, want, rtol=1e-10, atol=1e-13)


def test_an_ode_solver_draws_the_same_curve():
    doses = [
        Dose(2.0, "plasma", duration_h=1.5),
        Dose(1.0, "tissue", start_h=3.0),
        Dose(4.0, "plasma", start_h=5.0, duration_h=4.0, bioavailability=0.5, lag_h=0.5),
    ]
    decay_per_h = 0.04
    system = plasma_tissue()
    matrix = system.matrix_per_h - decay_per_h * np.eye(2)
    state, want = np.zeros(2), []
    stops = [
        (0, 1.5, 2 / 1.5),
        (1.5, 3, 0),
        (3, 5.5, 0),
        (5.5, 7, 0.5),
        (7, 9.5, 0.5),
        (9.5, 30, 0),
    ]
    for begin, end, rate in stops:
        if begin == 3:
            state = np.add(state, [0.0, 1.0])
        found = integrate.solve_ivp(
            lambda _, x, rate=rate: matrix @ x + [rate, 0],
            (begin, end),
            state,
            method="DOP853",
            rtol=1e-12,
            atol=1e-14,
        )
        state = found.y[:, -1]
        want.append(state)
    ends = [stop[1] for stop in stops]
    got = schedule.curves(system, doses, ends, decay_per_h=decay_per_h)
    got[1, 1] -= 1.0  # at 3 h the bolus has entered; the solver stopped just before
    # the solver's tolerance per step, 1e-12, over some tens of steps
    np.testing.assert_allclose(got.T, want, rtol=1e-10)


def test_rounding_leaves_no_negative_amounts():
    body = LinearSystem.from_matrix(body30().matrix_per_h)
    at_once = schedule.curves(body, [Dose(1.0, "0")], [0.0])  # 29 of 30 states are empty
    assert at_once.min() == 0.0


# ---- draws and subjects ------------------------------------------------------------------------


def test_amount_lag_and_absorption_differ_between_subjects():
    amount = np.array([[1.0], [2.0]])  # draw
    lag_h = np.array([0.0, 0.3, 0.6])  # subject
    ka = np.array([0.7, K, 2.0])
    system = with_depot(one(), "plasma", ka)
    got = schedule.curves(system, [Dose(amount, "depot", lag_h=lag_h)], TIMES_H)
    assert got.shape == (2, 3, 2, 7)
    for d, s in [(0, 0), (1, 2)]:
        want = amount[d, 0] * bateman(ka[s], K, TIMES_H - lag_h[s])
        np.testing.assert_allclose(got[d, s, 0], want, rtol=1e-13, atol=1e-15)
    shifted = np.maximum(TIMES_H - 0.3, 0.0)  # the subject with equal rates
    want = 2.0 * K * shifted * np.exp(-K * shifted)
    np.testing.assert_allclose(got[1, 1, 0], want, rtol=1e-13, atol=1e-16)


def test_decay_counts_from_the_time_a_dose_enters():
    doses = repeated(Dose(1.0, "plasma"), every_h=10.0, count=2)
    got = schedule.curves(one(), doses, [10.0], decay_per_h=0.1)[0, 0]
    assert got == pytest.approx(1.0 + np.exp(-(K + 0.1) * 10.0), rel=1e-14, abs=0)


# ---- bad input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"amount": -1.0}, "amount is -1; it must be zero or more"),
        ({"duration_h": -2.0}, "duration_h is -2"),
        ({"bioavailability": [0.5, 1.2]}, r"bioavailability is 1\.2; it must be from 0 to 1"),
        ({"lag_h": -0.1}, r"lag_h is -0\.1"),
        ({"start_h": np.inf}, "start_h is inf"),
    ],
)
def test_a_dose_outside_its_range_is_refused(values, message):
    with pytest.raises(PhysicsRangeError, match=message):
        Dose(**{"amount": 1.0, "into": "plasma", **values})


def test_schedules_that_cannot_be_are_refused():
    with pytest.raises(DataError, match="at least one dose"):
        schedule.curves(one(), [], TIMES_H)
    with pytest.raises(DataError, match="did you mean 'plasma'"):
        schedule.integrals(one(), [Dose(1.0, "plasm")])
    with pytest.raises(PhysicsRangeError, match="interval above 0 h"):
        repeated(Dose(1.0, "plasma"), every_h=0.0, count=3)
    with pytest.raises(DataError, match="there already"):
        with_depot(one(), "plasma", 1.0, depot="plasma")
    with pytest.raises(DataError, match="zero or more"):
        with_depot(one(), "plasma", -1.0)
