"""Linear compartments against closed forms, the stored 30-state body and the balance of matter."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from pdcraft.errors import ConvergenceError, DataError, PhysicsRangeError
from pdcraft.numerics.compartments import LinearSystem, Transfer
from pdcraft.validate.compartments import body30, cases

TIMES_H = np.array([0.0, 0.05, 0.3, 1.0, 4.0, 11.0, 30.0])


def one(rate_per_h=0.1):
    return LinearSystem.from_transfers(["plasma"], [Transfer("plasma", None, rate_per_h)])


def plasma_tissue(k10, k12, k21):
    return LinearSystem.from_transfers(
        ["plasma", "tissue"],
        [
            Transfer("plasma", None, k10),
            Transfer("plasma", "tissue", k12),
            Transfer("tissue", "plasma", k21),
        ],
    )


def with_excreta():
    return LinearSystem.from_transfers(
        ["plasma", "liver", "excreta"],
        [
            Transfer("plasma", "liver", 0.5),
            Transfer("liver", "plasma", 0.2),
            Transfer("liver", "excreta", 0.1),
        ],
    )


def chain(rate_per_h, length):
    names = [f"transit {i}" for i in range(length)]
    return LinearSystem.from_transfers(
        names,
        [Transfer(a, b, rate_per_h) for a, b in zip(names, [*names[1:], None], strict=True)],
    )


# ---- closed forms ------------------------------------------------------------------------------


def test_one_compartment_is_an_exponential():
    got = one(0.37).curves({"plasma": 2.0}, TIMES_H)[0]
    np.testing.assert_allclose(got, 2 * np.exp(-0.37 * TIMES_H), rtol=1e-14)
    assert one(0.37).integrals({"plasma": 2.0})[0] == pytest.approx(2 / 0.37, rel=1e-15, abs=0)


def test_two_compartments_follow_gibaldi_and_perrier():
    # Pharmacokinetics, 2nd ed., eq. 2.16: A = (alpha - k21)/(alpha - beta), B = (k21 - beta)/(...)
    k10, k12, k21 = 0.307, 0.238, 0.0307
    total = k10 + k12 + k21
    alpha = (total + np.sqrt(total**2 - 4 * k10 * k21)) / 2
    beta = k10 * k21 / alpha
    want = ((alpha - k21) * np.exp(-alpha * TIMES_H) + (k21 - beta) * np.exp(-beta * TIMES_H)) / (
        alpha - beta
    )
    system = plasma_tissue(k10, k12, k21)
    np.testing.assert_allclose(system.curves({"plasma": 1}, TIMES_H)[0], want, rtol=1e-13)
    # areas: 1/k10, and k12/k21 of it in the tissue
    np.testing.assert_allclose(
        system.integrals({"plasma": 1}), [1 / k10, k12 / k21 / k10], rtol=1e-14
    )


@pytest.mark.parametrize("relative_gap", [1.0, 1e-2, 1e-4, 1e-5, 1e-6, 1e-8, 1e-12, 0.0])
def test_bateman_holds_up_to_equal_rates(relative_gap):
    """From two modes to a defective matrix: k t exp(-k t) at equal rates."""
    k, slower = 0.4, 0.4 * (1 - relative_gap / 2)
    system = LinearSystem.from_transfers(
        ["gut", "plasma"], [Transfer("gut", "plasma", k), Transfer("plasma", None, slower)]
    )
    got = system.curves({"gut": 1.0}, TIMES_H)[1]
    x = (k - slower) * TIMES_H
    growth = np.where(x == 0, 1.0, np.expm1(x) / np.where(x == 0, 1.0, x))
    want = k * TIMES_H * np.exp(-k * TIMES_H) * growth
    # eigenvectors are given up at a condition of 1e6: 1e6 x 2e-16 of the largest value (0.37)
    np.testing.assert_allclose(got, want, rtol=0, atol=3e-10)


def test_equal_transit_rates_give_the_erlang_curve():
    k, length = 0.8, 6
    got = chain(k, length).curves({"transit 0": 1.0}, TIMES_H)
    want = [stats.gamma(i + 1, scale=1 / k).pdf(TIMES_H) / k for i in range(length)]
    np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-16)  # 5 steps up from zero amounts


def test_circulation_turns_as_its_complex_modes_say():
    # a ring of three equal rates: 1/3 + 2/3 exp(-3kt/2) cos(sqrt(3) k t/2), and matter is kept
    k = 1.7
    ring = LinearSystem.from_transfers(
        ["a", "b", "c"], [Transfer("a", "b", k), Transfer("b", "c", k), Transfer("c", "a", k)]
    )
    got = ring.curves({"a": 1.0}, TIMES_H)
    want = (1 + 2 * np.exp(-1.5 * k * TIMES_H) * np.cos(np.sqrt(0.75) * k * TIMES_H)) / 3
    np.testing.assert_allclose(got[0], want, rtol=1e-13)
    np.testing.assert_allclose(got.sum(axis=0), 1.0, rtol=1e-13)


def test_stiffness_of_a_million_keeps_the_slow_mode():
    k12 = k21 = 1e4
    k10 = 0.02
    total = k10 + k12 + k21
    fast = (total + np.sqrt(total**2 - 4 * k10 * k21)) / 2
    slow = k10 * k21 / fast
    want = ((fast - k21) * np.exp(-fast * TIMES_H) + (k21 - slow) * np.exp(-slow * TIMES_H)) / (
        fast - slow
    )
    system = plasma_tissue(k10, k12, k21)
    # rounding of the fast rate: 2e4 x 2e-16 x 30 h = 1.3e-10
    np.testing.assert_allclose(system.curves({"plasma": 1}, TIMES_H)[0], want, rtol=3e-10)
    assert system.integrals({"plasma": 1})[0] == pytest.approx(1 / k10, rel=1e-9, abs=0)


def test_exponential_terms_add_up_to_the_curves():
    system = LinearSystem.from_transfers(
        ["plasma", "tumor", "excreta"],
        [
            Transfer("plasma", "excreta", [[0.1], [0.3]]),  # draw, subject
            Transfer("plasma", "tumor", [0.2, 0.5, 0.7]),
            Transfer("tumor", "plasma", 0.05),
        ],
    )
    initial = {"plasma": [1.0, 2.0, 3.0]}
    coefficients, rates_per_h = system.exponentials(initial)
    assert np.all(rates_per_h >= 0)
    terms = np.exp(-rates_per_h[..., None, :] * TIMES_H[:, None])
    got = np.einsum("...sk,...tk->...st", coefficients, terms)
    np.testing.assert_allclose(got, system.curves(initial, TIMES_H), rtol=1e-12, atol=1e-15)


def test_a_curve_that_is_no_sum_of_exponentials_is_refused():
    with pytest.raises(PhysicsRangeError, match=r"rates are \(nearly\) equal; sample it"):
        chain(1.0, 2).exponentials({"transit 0": 1.0})
    ring = LinearSystem.from_matrix(np.roll(np.eye(3), 1, axis=0) - np.eye(3))
    with pytest.raises(PhysicsRangeError, match="it oscillates; sample it"):
        ring.exponentials([1.0, 0.0, 0.0])


# ---- the stored body ---------------------------------------------------------------------------


def test_30_states_match_the_stored_matrix_exponentials():
    found = list(cases())
    assert [case.passed for case in found] == [True, True]
    # measured 7e-12; the stored numbers themselves carry 5e-12. Ten times that is a regression
    assert found[0].value < 1e-10


def test_30_states_without_decay_give_the_same_once_decay_is_named():
    body = body30()
    i131_per_h = -body.matrix_per_h[0, 29, 29]  # excreta lose nothing else
    assert np.log(2) / i131_per_h == pytest.approx(192.6, rel=1e-3, abs=0)  # 8.02 d
    stable = LinearSystem.from_matrix(body.matrix_per_h + i131_per_h * np.eye(30))
    assert not np.any(stable.elimination_per_h)  # excreta and all: matter stays
    got = stable.curves(body.initial, body.time_h, decay_per_h=i131_per_h)
    largest = body.amount.max(axis=-1, keepdims=True)
    assert np.max(np.abs(got - body.amount) / largest) < 1e-9
    got = stable.integrals(body.initial, decay_per_h=i131_per_h)
    np.testing.assert_allclose(got, body.integral_h, rtol=1e-9)


def test_late_integrals_of_the_body_reach_those_to_infinity():
    body = body30()
    system = LinearSystem.from_matrix(body.matrix_per_h)
    late = system.integrals_until(body.initial, [1e5])[..., 0]  # 500 half-lives of I-131
    np.testing.assert_allclose(late, body.integral_h, rtol=1e-9)


# ---- balance of matter -------------------------------------------------------------------------


@st.composite
def networks(draw):
    n = draw(st.integers(2, 6))
    logs = draw(arrays(float, (n + 1, n), elements=st.floats(-3, 2)))
    present = draw(arrays(bool, (n + 1, n)))
    names = [f"s{i}" for i in range(n)]
    transfers = [
        Transfer(names[i], names[j] if j < n else None, 10 ** logs[j, i])
        for i in range(n)
        for j in range(n + 1)
        if i != j and present[j, i]
    ]
    initial = draw(arrays(float, n, elements=st.floats(0, 1)))
    return LinearSystem.from_transfers(names, transfers), initial


@settings(deadline=None, derandomize=True)
@given(networks(), st.floats(1e-3, 200))
def test_what_was_put_in_is_there_or_has_left(network, time_h):
    system, initial = network
    there = system.curves(initial, time_h)[:, 0]
    left = system.elimination_per_h @ system.integrals_until(initial, time_h)[:, 0]
    assert np.all(there >= 0)
    # condition of the modes up to 1e6: 1e6 x 2e-16 per unit put in, times up to 6 states
    assert there.sum() + left == pytest.approx(initial.sum(), rel=2e-9, abs=1e-12)


@settings(deadline=None, derandomize=True)
@given(networks(), st.floats(1e-3, 1.0))
def test_with_decay_all_matter_decays_or_leaves(network, decay_per_h):
    system, initial = network
    areas = system.integrals(initial, decay_per_h=decay_per_h)
    gone = ((system.elimination_per_h + decay_per_h) * areas).sum()
    # rates over 5 decades in the solve: 1e5 x 2e-16; abs: amounts at the end of the doubles
    assert gone == pytest.approx(initial.sum(), rel=1e-10, abs=1e-290)


def test_decay_multiplies_the_stable_curve():
    system = with_excreta()
    stable = system.curves({"plasma": 1.0}, TIMES_H)
    got = system.curves({"plasma": 1.0}, TIMES_H, decay_per_h=0.3)
    # at 30 h amounts are 1e-5 of the largest, whose rounding is 2e-16
    np.testing.assert_allclose(got, stable * np.exp(-0.3 * TIMES_H), rtol=1e-11, atol=1e-16)


# ---- what never empties ------------------------------------------------------------------------


def test_integral_of_a_state_that_never_empties_is_refused_by_name():
    with pytest.raises(
        PhysicsRangeError, match=r"state 'excreta' does not empty .* name the other"
    ):
        with_excreta().integrals({"plasma": 1.0})


def test_the_other_states_are_still_exact():
    # all leaves by the liver: area 1/0.1; plasma holds it up by (0.2 x 10 + 1)/0.5
    got = with_excreta().integrals({"plasma": 1.0}, of=["liver", "plasma"])
    np.testing.assert_allclose(got, [10.0, 6.0], rtol=1e-14)


def test_excreta_integrate_over_a_finite_time():
    # without loss the three integrals add up to the time
    got = with_excreta().integrals_until({"plasma": 1.0}, TIMES_H)
    np.testing.assert_allclose(got.sum(axis=0), TIMES_H, rtol=1e-13)


def test_a_trap_that_nothing_reaches_is_no_obstacle():
    both = LinearSystem.from_transfers(
        ["plasma", "store", "sink"], [Transfer("plasma", None, 0.5), Transfer("store", "sink", 1.0)]
    )
    np.testing.assert_array_equal(both.integrals({"plasma": 1.0}), [2.0, 0.0, 0.0])
    with pytest.raises(PhysicsRangeError, match="'sink' does not empty"):
        both.integrals({"store": 1.0})


def test_a_closed_circle_is_a_trap_of_several_states():
    system = LinearSystem.from_transfers(
        ["plasma", "a", "b"],
        [Transfer("plasma", "a", 0.25), Transfer("a", "b", 1.0), Transfer("b", "a", 2.0)],
    )
    with pytest.raises(PhysicsRangeError, match="states 'a', 'b' do not empty"):
        system.integrals({"plasma": 1.0})
    assert system.integrals({"plasma": 1.0}, of=["plasma"]) == pytest.approx(4.0, rel=1e-15, abs=0)


def test_a_long_closed_circle_is_a_trap_too():
    names = [f"bed {i}" for i in range(9)]
    ring = [Transfer(a, b, 1.0) for a, b in zip(names, [*names[1:], names[0]], strict=True)]
    system = LinearSystem.from_transfers(
        ["plasma", *names], [Transfer("plasma", "bed 0", 2), *ring]
    )
    with pytest.raises(PhysicsRangeError, match=r"'bed 0', 'bed 1', .* 'bed 8' do not empty"):
        system.integrals({"plasma": 1.0})


def test_traps_are_found_subject_by_subject():
    system = plasma_tissue(0.1, 0.2, np.array([0.3, 0.0]))  # the second never gives back
    got = system.integrals({"plasma": 1.0}, of=["plasma"])
    np.testing.assert_allclose(got[:, 0], [10.0, 1 / 0.3], rtol=1e-14)
    with pytest.raises(PhysicsRangeError, match="'tissue'"):
        system.integrals({"plasma": 1.0})
    decay_per_h = np.array([0.0, 0.05])  # and with decay it does empty
    got = system.integrals({"plasma": 1.0}, decay_per_h=decay_per_h)
    np.testing.assert_allclose(got[1], [1 / 0.35, 0.2 / 0.35 / 0.05], rtol=1e-14)


def test_matter_that_starts_in_a_trap_stays_out_of_the_balance():
    initial = {"plasma": 1.0, "excreta": 5.0}
    got = with_excreta().integrals(initial, of=["plasma", "liver"])
    np.testing.assert_allclose(got, [6.0, 10.0], rtol=1e-14)


def test_a_way_out_at_the_end_of_a_long_chain_is_found():
    np.testing.assert_allclose(chain(0.5, 12).integrals({"transit 0": 1.0}), 2.0, rtol=1e-14)


@pytest.mark.parametrize("k10", [1e-13, 1.3e-9])  # the first is lost wholly, the second by half
def test_a_way_out_lost_in_rounding_is_refused_not_guessed(k10):
    with pytest.raises(ConvergenceError, match="does not balance"):
        plasma_tissue(k10, 1.1e4, 1.3e4).integrals({"plasma": 1.0})


# ---- draws and subjects ------------------------------------------------------------------------


def test_draws_and_subjects_are_solved_as_if_alone():
    rng = np.random.default_rng(20261121)
    k10, k12, k21 = rng.lognormal(-1, 0.5, (3, 4, 3))  # draw, subject
    dose = rng.uniform(1, 2, (4, 1))
    system = plasma_tissue(k10, k12, k21[:, :1])
    assert system.batch == (4, 3)
    curves = system.curves({"plasma": dose}, TIMES_H)
    areas = system.integrals({"plasma": dose})
    assert curves.shape == (4, 3, 2, 7)
    for d, s in np.ndindex(4, 3):
        alone = plasma_tissue(k10[d, s], k12[d, s], k21[d, 0])
        want = alone.curves({"plasma": dose[d, 0]}, TIMES_H)
        np.testing.assert_allclose(curves[d, s], want, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(areas[d, s], alone.integrals({"plasma": dose[d, 0]}), rtol=1e-13)


def test_subjects_may_have_their_own_times():
    system = one(np.array([0.1, 0.2]))
    got = system.curves({"plasma": 1.0}, [[1.0, 2.0], [5.0, 3.0]])[:, 0]
    np.testing.assert_allclose(got, np.exp([[-0.1, -0.2], [-1.0, -0.6]]), rtol=1e-14)


def test_sound_and_defective_subjects_share_a_batch():
    fast = np.array([0.3, 0.4, 0.5])  # the middle one is as slow as it absorbs
    system = LinearSystem.from_transfers(
        ["gut", "plasma"], [Transfer("gut", "plasma", 0.4), Transfer("plasma", None, fast)]
    )
    got = system.curves({"gut": 1.0}, TIMES_H)[:, 1]
    for i in (0, 2):
        want = 0.4 / (0.4 - fast[i]) * (np.exp(-fast[i] * TIMES_H) - np.exp(-0.4 * TIMES_H))
        np.testing.assert_allclose(got[i], want, rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(got[1], 0.4 * TIMES_H * np.exp(-0.4 * TIMES_H), rtol=1e-13)


def test_a_network_takes_the_rates_of_a_population():
    typical = with_excreta()
    spread = np.random.default_rng(1).lognormal(0, 0.3, (5, 3))
    everyone = typical.with_rates(typical.rates_per_h * spread)
    assert everyone.links == typical.links
    plasma_h, liver_h = np.moveaxis(
        everyone.integrals({"plasma": 1.0}, of=["plasma", "liver"]), -1, 0
    )
    k_up, k_back, k_out = np.moveaxis(everyone.rates_per_h, -1, 0)
    np.testing.assert_allclose(liver_h, 1 / k_out, rtol=1e-13)  # all leaves by the liver
    np.testing.assert_allclose(plasma_h, (1 + k_back / k_out) / k_up, rtol=1e-13)
    with pytest.raises(DataError, match="last axis must be 3 transfers"):
        typical.with_rates([1.0, 2.0])


# ---- building ----------------------------------------------------------------------------------


def test_all_faulty_transfers_are_named_at_once():
    with pytest.raises(DataError) as error:
        LinearSystem.from_transfers(
            ["plasma", "liver"],
            [
                Transfer("plasma", "livr", 0.1),
                Transfer("liver", "liver", 0.1),
                Transfer("plasma", "liver", [0.2, -0.3]),
                Transfer("liver", None, np.nan),
            ],
        )
    lines = str(error.value).splitlines()
    assert lines[0] == "transfers: 4 problems"
    assert lines[1:] == [
        "  transfer plasma -> livr: unknown state 'livr'; did you mean 'liver'?",
        "  transfer liver -> liver: source and target are the same state",
        "  transfer plasma -> liver: rate -0.3 per h; a rate is finite and zero or more",
        "  transfer liver -> out: rate nan per h; a rate is finite and zero or more",
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LinearSystem.from_transfers(["a", "a"], []), "state 'a' is named twice"),
        (lambda: LinearSystem.from_transfers([], []), "at least one"),
        (lambda: plasma_tissue([1.0, 2.0], [1.0, 2.0, 3.0], 1.0), "do not broadcast"),
        (lambda: LinearSystem.from_matrix(np.zeros((2, 3))), r"shape \(2, 3\)"),
        (lambda: LinearSystem.from_matrix([[-1.0, -0.1], [1.0, 0.0]]), "a negative transfer"),
        (lambda: LinearSystem.from_matrix([[-1.0, 0.0], [1.1, 0.0]]), "a gain at index"),
        (lambda: LinearSystem.from_matrix([[np.nan]]), "not a finite number"),
        (lambda: LinearSystem.from_matrix([[-1.0]], ["a", "b"]), "2 state names"),
        (lambda: one().curves({"plasm": 1.0}, 1.0), "did you mean 'plasma'"),
        (lambda: one().curves([1.0, 2.0], 1.0), r"the last axis must be 1 states"),
        (lambda: one().integrals({"plasma": 1.0}, of=["tumor"]), "known: plasma"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(DataError, match=message):
        call()


def test_times_and_decay_below_zero_are_refused():
    with pytest.raises(PhysicsRangeError, match="time -1 h"):
        one().curves({"plasma": 1.0}, [0.0, -1.0])
    with pytest.raises(PhysicsRangeError, match=r"decay_per_h is -0\.1"):
        one().integrals({"plasma": 1.0}, decay_per_h=-0.1)


def test_a_matrix_gives_back_its_transfers():
    made = with_excreta()
    read = LinearSystem.from_matrix(made.matrix_per_h, made.states)
    assert set(read.links) == set(made.links)  # rounding in a column is no way out
    np.testing.assert_array_equal(read.elimination_per_h, 0.0)


def test_values_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        one().matrix_per_h[0, 0] = 1.0
