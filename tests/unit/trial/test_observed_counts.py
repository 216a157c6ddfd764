"""Visits and support: arithmetic on counts written by hand."""

import numpy as np
import pytest

from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.observed import Support, Visits, supported


def test_visits_keep_their_order_and_places():
    visits = Visits(7, 56, 3, 0.1)
    days = visits.days(4_000, np.random.default_rng(1))
    assert days.shape == (4_000, 8)
    assert np.all(np.diff(days, axis=1) >= 1)
    off = days - 7 * np.arange(1, 9)
    assert set(np.unique(off)) == set(range(-3, 4))
    assert days.max() <= visits.last_d
    # seven places, each 1/7: 5 standard errors of 32,000
    assert np.abs(np.mean(off == 0) - 1 / 7) < 5 * np.sqrt(6 / 49 / off.size)


def test_error_of_counts_has_its_spread():
    factor = Visits(7, 56, 0, 0.2).errors(5_000, 3, np.random.default_rng(2))
    # SD of 120,000 normal values is known to 0.2 %; five standard errors
    assert np.log(factor).std() == pytest.approx(0.2, rel=0.01, abs=0)


def test_transfusion_raises_later_counts_and_wears_off():
    raw = np.array([50.0, 8.0, 8.0, 8.0])
    day = np.array([7, 14, 17, 20])
    seen, first = supported(raw, day, Support(10.0, 24.0, 3.0))
    # seen before it is given; half is left after 3 days, a quarter after 6
    assert seen == pytest.approx([50.0, 8.0, 20.0, 14.0], rel=1e-12, abs=0)
    assert first == 14


def test_transfusions_add_up():
    seen, _ = supported(np.full(3, 5.0), np.array([0, 1, 2]), Support(10.0, 4.0, 1.0))
    # 5; then 5 + 2; again given: (4 / 2 + 4) / 2 = 3
    assert seen == pytest.approx([5.0, 7.0, 8.0], rel=1e-12, abs=0)


def test_nobody_low_gets_nothing():
    raw = np.array([[50.0, 30.0], [11.0, 10.0]])
    seen, first = supported(raw, np.array([7, 14]), Support(10.0, 24.0, 3.0))
    assert np.array_equal(seen, raw)
    assert np.all(np.isinf(first))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Visits(7, 6, 0, 0.1), "there must be one"),
        (lambda: Visits(7, 28, 4, 0.1), "change places"),
        (lambda: Visits(7, 28, 1, -0.1), "zero or more"),
        (lambda: Support(10.0, 20.0, 0.0), "half-life above 0"),
        (lambda: Support(-1.0, 20.0, 3.0), "zero or more"),
    ],
)
def test_refuses(make, words):
    with pytest.raises(PhysicsRangeError, match=words):
        make()
