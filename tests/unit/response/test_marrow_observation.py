"""What is reported of counts: sampling, errors, support that hides a nadir, days to recovery."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.response.marrow.observation import (
    Observation,
    log_reported_nadir,
    nadir_and_recovery,
    observe,
)

DAYS = np.arange(0.0, 99.0)
DIP = 200.0 * (1.0 - 0.9 * np.exp(-0.5 * ((DAYS - 50.0) / 4.0) ** 2))  # 20 on day 50


def test_weekly_counts_miss_some_of_the_nadir():
    found = observe(
        np.tile(DIP, (7000, 1)), "platelets", np.random.default_rng(1), Observation(7, 0.0)
    )
    # the seven possible weekdays, each as often: 5 SE of a mean of 7000
    possible = [DIP[first::7].min() for first in range(7)]
    assert found.nadir_1e9_per_L.mean() == pytest.approx(np.mean(possible), rel=0.03, abs=0)
    assert found.nadir_1e9_per_L.min() == pytest.approx(20.0, rel=1e-12, abs=0)
    assert np.abs(found.nadir_day - 50.0).max() <= 3


def test_the_mean_logarithm_is_that_of_simulated_reports():
    want = log_reported_nadir(DIP[:, None], Observation(7, 0.0))[0]
    assert want == pytest.approx(
        np.mean([np.log(DIP[first::7].min()) for first in range(7)]), abs=0
    )
    assert want > np.log(20.0)


def test_errors_of_many_counts_lower_the_reported_nadir():
    flat = np.full((2000, 99), 100.0)
    found = observe(flat, "platelets", np.random.default_rng(2), Observation(7, 0.1))
    # least of 14 normal values: 1.70 SD below their mean (Harter 1961); 5 SE are 0.008
    assert np.log(found.nadir_1e9_per_L / 100.0).mean() == pytest.approx(-0.170, rel=0, abs=0.01)


def test_support_hides_what_lies_below_its_trigger():
    rng = np.random.default_rng(3)
    low, high = observe(np.array([DIP / 3, DIP]), "platelets", rng, Observation(1, 0.0)).censored
    assert low
    assert not high
    assert not observe(np.array([DIP / 1e3]), "lymphocytes", rng, Observation(1, 0.0)).censored[0]


def test_nadir_and_recovery_of_a_known_curve():
    down = np.linspace(1.0, 0.2, 41)  # nadir 0.2 on day 40
    curve = np.concatenate([down, np.linspace(0.2, 1.0, 21)[1:]])  # 0.04 a day up again
    day, back = nadir_and_recovery(np.stack([curve, curve], axis=1), np.array([0.5, 0.75]))
    np.testing.assert_allclose(day, 40.0, rtol=0, atol=0)
    np.testing.assert_allclose(back, [10.0, 15.0], rtol=1e-9, atol=0)


def test_recovery_that_does_not_come_ends_with_the_curve():
    _, back = nadir_and_recovery(np.linspace(1.0, 0.5, 30)[:, None], 0.5)
    assert back[0] == 0.0  # the nadir is the last day
    curve = np.append(np.linspace(1.0, 0.5, 11), np.full(20, 0.55))
    assert nadir_and_recovery(curve[:, None], 0.5)[1][0] == 20.0


def test_a_sampling_plan_out_of_range_is_refused():
    with pytest.raises(PhysicsRangeError, match="whole and at least 1"):
        Observation(0, 0.1)
