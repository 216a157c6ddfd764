"""The randomized trial: events expected against drawn patients, errors kept, known biases."""

from dataclasses import replace

import numpy as np
import pytest

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.survival.arms import Crossover, Patients, TwoArmPopulation
from pdcraft.trial.survival.boundaries import boundaries
from pdcraft.trial.survival.events import (
    Accrual,
    Enrollment,
    drift,
    events_needed,
    patients_needed,
)
from pdcraft.trial.survival.hazard import NEVER, Hazard
from pdcraft.trial.survival.simulate import _analysis, simulate_pfs
from pdcraft.trial.survival.visits import Visits, seen_survival, visit_bias

CONTROL = Hazard.of_median(6.0)
LATE = Hazard.of([0.0, 4.0], [1.0, 0.5])
BOUNDS = boundaries("spend:obrien-fleming", 3)
EVENTS = int(np.ceil(events_needed(BOUNDS, 0.6, 0.8)))
TRIAL = TwoArmPopulation(CONTROL, CONTROL.times(0.6), Accrual.even(190, 12.0))


def test_hazard_in_pieces():
    h = Hazard.of([0.0, 2.0, 5.0], [0.1, 0.0, 0.3])
    assert h.cumulative([1.0, 4.0, 7.0]) == pytest.approx([0.1, 0.2, 0.8], rel=1e-12, abs=0)
    assert h.inverse([0.1, 0.2, 0.8]) == pytest.approx([1.0, 2.0, 7.0], rel=1e-12, abs=0)
    assert Hazard.of([0.0, 1.0], [1.0, 0.0]).inverse(1.5) == np.inf
    assert NEVER.inverse(0.3) == np.inf
    assert CONTROL.times(LATE).at([1.0, 5.0]) == pytest.approx(
        CONTROL.per_month[0] * np.array([1.0, 0.5]), rel=1e-12, abs=0
    )


@pytest.mark.parametrize("month", [2.0, 8.0, 14.0, 30.0])
def test_events_in_calendar_time_against_drawn_patients(month):
    """z-test with 2e5 patients: 4 errors fail 1 in 16 000, for 4 times; sees 1.5 % at 30 months."""
    trial = Enrollment(
        Accrual((0.0, 3.0, 12.0), (5.0, 15.0)),
        CONTROL,
        CONTROL.times(LATE),
        0.6,
        Hazard.of([0.0], [0.02]),
    )
    rng = np.random.default_rng(3)
    size = 200_000
    entry = trial.accrual.entry(rng.random(size))
    treated = rng.random(size) < 0.6
    event = np.where(treated, trial.experimental.draw(size, rng), trial.control.draw(size, rng))
    seen = (event < rng.exponential(50.0, size)) & (entry + event < month)
    error = seen.std() / np.sqrt(size) * 150
    assert trial.events(month) == pytest.approx(seen.mean() * 150, abs=4 * error)


def test_calendar_inverts_and_patients_suffice():
    n = patients_needed(100.0, CONTROL, CONTROL.times(0.6), 12.0, 6.0)
    trial = Enrollment(Accrual.even(n, 12.0), CONTROL, CONTROL.times(0.6))
    assert trial.events(18.0) == pytest.approx(100.0, rel=1e-10, abs=0)
    assert trial.month_of(100.0) == pytest.approx(18.0, rel=1e-9, abs=0)


def test_unequal_allocation_needs_more():
    even, odd = (events_needed(BOUNDS, 0.6, 0.8, share) for share in (0.5, 2 / 3))
    assert odd / even == pytest.approx(0.25 / (2 / 9), rel=1e-9, abs=0)
    assert drift(0.6, even) == pytest.approx(drift(0.6, odd, 2 / 3), rel=1e-9, abs=0)


@pytest.mark.slow
def test_type_i_error_is_alpha():
    """Within 3 Monte Carlo errors; 4000 trials see an error of 0.0325 instead of 0.025."""
    found = simulate_pfs(TRIAL.null(), BOUNDS, EVENTS, 4000, seed=11)
    assert abs(found.reject - 0.025) < 3 * found.reject_err
    two = boundaries("pocock", 2, 0.05, sided=2)
    found = simulate_pfs(TRIAL.null(), two, EVENTS, 4000, seed=12)
    both, err = found.reject + found.against, np.hypot(found.reject_err, found.against_err)
    assert abs(both - 0.05) < 3 * err


def test_power_and_calendar_are_those_of_theory():
    """3 errors of 1500 trials: 0.031 of power. Schoenfeld's formula is itself good to 0.01 here."""
    found = simulate_pfs(TRIAL, BOUNDS, EVENTS, 1500, seed=5)
    assert abs(found.reject - 0.8) < 3 * found.reject_err + 0.01
    expected = Enrollment(TRIAL.accrual, TRIAL.control, TRIAL.experimental)
    months = [expected.month_of(np.ceil(EVENTS * t)) for t in BOUNDS.information]
    assert found.look_month == pytest.approx(months, abs=0.15)  # of a mean and an inverse of means
    assert found.hazard_ratio == pytest.approx(0.6, abs=0.02)
    assert found.reject_at.sum() == pytest.approx(found.reject, abs=1e-12)
    assert found.stop_at.sum() == pytest.approx(1.0, abs=1e-12)


def test_what_crossover_and_delay_do():
    """Differences of many errors: directions, and crossover at progression leaves PFS alone."""

    def run(**changes):
        return simulate_pfs(replace(TRIAL, **changes), BOUNDS, EVENTS, 500, seed=9)

    plain = run()
    delayed = run(experimental=CONTROL.times(Hazard.of([0.0, 3.0], [1.0, 0.5])))
    early = run(crossover=Crossover(Hazard.of([0.0], [0.06])))
    after = Hazard.of_median(12.0)
    alone = run(death_after_progression=after)
    later = run(death_after_progression=after, crossover=Crossover(NEVER, 0.7, 0.6))
    assert delayed.reject < plain.reject - 0.1
    assert early.reject < plain.reject - 0.05
    assert early.hazard_ratio > plain.hazard_ratio
    assert abs(later.reject - plain.reject) < 0.1
    assert later.overall_hazard_ratio > alone.overall_hazard_ratio + 0.05
    weighted = simulate_pfs(
        replace(TRIAL, experimental=CONTROL.times(Hazard.of([0.0, 3.0], [1.0, 0.5]))),
        BOUNDS,
        EVENTS,
        500,
        seed=9,
        gamma=1.0,
    )
    assert weighted.reject > delayed.reject  # weights on late events see a late effect better


def test_change_before_progression_has_its_law():
    """4 errors of 5e4 control patients at three times, 1 false alarm in 5000; sees 0.9 %."""
    own, new, change = CONTROL.per_month[0], 0.4 * CONTROL.per_month[0], 0.15
    people = replace(
        TRIAL,
        experimental=CONTROL.times(0.4),
        accrual=Accrual.even(1000, 12.0),
        crossover=Crossover(Hazard.of([0.0], [change])),
    )
    drawn = people.draw(100, np.random.default_rng(6))
    times = drawn.true_pfs_month[drawn.control]
    for t in (3.0, 8.0, 20.0):
        leave = own + change
        stayed = np.exp(-leave * t)
        moved = change * (np.exp(-new * t) - np.exp(-leave * t)) / (leave - new)
        want = stayed + moved
        error = np.sqrt(want * (1 - want) / times.size)
        assert (times > t).mean() == pytest.approx(want, abs=4 * error)
    assert (drawn.control.sum(axis=1) == 500).all()


def test_visits_delay_looks_and_unlike_visits_bias():
    plain = simulate_pfs(TRIAL, BOUNDS, EVENTS, 300, seed=2)
    seen = simulate_pfs(replace(TRIAL, visits=Visits.every(2.0)), BOUNDS, EVENTS, 300, seed=2)
    assert (seen.look_month > plain.look_month + 0.5).all()
    unlike = replace(TRIAL.null(), visits=Visits.every(2.0), experimental_visits=Visits.every(4.0))
    found = simulate_pfs(unlike, BOUNDS, EVENTS, 300, seed=2)
    assert found.hazard_ratio < 0.95  # no effect at all, but seen later
    assert found.reject > 0.025 + 3 * found.reject_err


def test_bias_of_visits_against_drawn_patients():
    progression, death = Hazard.of_median(5.0), Hazard.of([0.0, 6.0], [0.03, 0.08])
    for visits in (Visits.every(2.0), Visits(np.array([1.0, 2.5]), 3.0)):
        found = visit_bias(progression, visits, death)
        rng = np.random.default_rng(4)
        size = 400_000
        came, died = progression.draw(size, rng), death.draw(size, rng)
        # error of a median at half: 0.5/sqrt(n)/density, density above 0.02 per month
        assert found.true_median_month == pytest.approx(np.median(np.minimum(came, died)), abs=0.05)
        seen = np.median(np.minimum(visits.next(came), died))
        assert found.seen_median_month == pytest.approx(seen, abs=0.05)
        assert 0 <= found.bias_month < visits.then_every_month


def test_a_look_sees_who_is_at_risk():
    """Four patients at month 10: a death at 5, two censored at their last visit, one to come."""
    drawn = Patients(
        entry_month=np.array([[0.0, 4.1, 0.0, 11.0]]),
        control=np.array([[True, False, False, True]]),
        pfs_month=np.array([[5.0, 8.0, 14.0, 2.0]]),
        followed_month=np.full((1, 4), np.inf),
        true_pfs_month=np.array([[5.0, 7.0, 13.0, 1.5]]),
        death_month=np.full((1, 4), np.inf),
    )
    people = replace(TRIAL, visits=Visits.every(2.0))
    ranked, events = _analysis(people, drawn, np.array([10.0]))
    assert events.tolist() == [1]
    at = ranked.event[0] == 1
    # the second patient, of age 5.9, is known free until visit 4 only; the fourth has not entered
    assert ranked.at_risk[0, at].tolist() == [2.0]
    assert ranked.control_at_risk[0, at].tolist() == [1.0]


@pytest.mark.parametrize("month", [1.5, 3.9, 4.0, 9.3])
def test_curve_as_seen_at_visits(month):
    """2e5 patients: 4 errors of the share still free as seen, 1 false alarm in 4000."""
    progression, death = Hazard.of_median(5.0), Hazard.of([0.0], [0.04])
    visits = Visits(np.array([1.0, 4.0]), 2.5)
    rng = np.random.default_rng(13)
    size = 200_000
    seen = np.minimum(visits.next(progression.draw(size, rng)), death.draw(size, rng))
    want = float(seen_survival(month, progression, death, visits))
    error = np.sqrt(want * (1 - want) / size)
    assert (seen > month).mean() == pytest.approx(want, abs=4 * error)


def test_same_seed_same_numbers():
    a, b = (simulate_pfs(TRIAL, BOUNDS, EVENTS, 50, seed=1) for _ in range(2))
    assert a.reject == b.reject
    assert a.month == b.month


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: Hazard.of([1.0], [0.1]), DataError, "rise from 0"),
        (lambda: Hazard.of([0.0], [-0.1]), PhysicsRangeError, "not negative"),
        (lambda: Hazard.of([0.0, 1.0], [0.1]), DataError, "every piece has one"),
        (lambda: Hazard.of_median(0.0), PhysicsRangeError, "median 0"),
        (lambda: Accrual((0.0, 3.0), (1.0, 2.0)), PhysicsRangeError, "steps"),
        (lambda: Accrual.even(0, 12.0), PhysicsRangeError, "0 patients"),
        (lambda: Visits.every(0.0), PhysicsRangeError, "above 0"),
        (lambda: Crossover(at_progression=1.5), PhysicsRangeError, "1.5"),
        (lambda: drift(1.2, 100), PhysicsRangeError, "is to be better"),
        (lambda: simulate_pfs(TRIAL, BOUNDS, 191, 10), PhysicsRangeError, "more events than"),
        (lambda: simulate_pfs(TRIAL, BOUNDS, EVENTS, 0), PhysicsRangeError, "at least one"),
        (lambda: visit_bias(NEVER, Visits.every(2.0)), PhysicsRangeError, "no median"),
        (
            lambda: Enrollment(TRIAL.accrual, CONTROL, CONTROL).month_of(190.0),
            PhysicsRangeError,
            "enter more patients",
        ),
        (
            lambda: replace(TRIAL, experimental_visits=Visits.every(2.0)),
            PhysicsRangeError,
            "none of control",
        ),
    ],
)
def test_refuses_with_a_reason(call, error, said):
    with pytest.raises(error, match=said):
        call()
