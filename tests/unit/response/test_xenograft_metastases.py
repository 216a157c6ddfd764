"""Micrometastases and counts of mice."""

import numpy as np
import pytest

from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.xenograft.counts import mouse_nadirs
from pdcraft.response.xenograft.metastases import Micrometastases, relapse_day

DAYS = np.arange(0.0, 200.5, 0.5)


def relapse(clonogens, rate, detectable, effect=None, seed=1):
    """Relapse of animals, with an effect by day that is the same for all."""
    total = np.zeros(DAYS.size) if effect is None else effect
    return relapse_day(
        np.asarray(clonogens), np.asarray(rate), np.asarray(detectable), DAYS,
        lambda i: total[i], np.random.default_rng(seed),
    )  # fmt: skip


def test_untreated_metastasis_is_seen_when_exponential_growth_has_it():
    got = relapse([[1e7, 0.0]], [0.2], [1e9])
    assert got[0] == pytest.approx(np.log(100.0) / 0.2, rel=1e-9, abs=0)
    assert np.isinf(relapse([[0.0, 0.0]], [0.2], [1e9])[0])
    assert relapse([[1e9]], [0.2], [1e7])[0] == 0.0


def test_an_effect_delays_by_itself_over_the_rate():
    free = relapse([[1e9]], [0.1], [1e11])
    late = relapse([[1e9]], [0.1], [1e11], 2.0 * (DAYS >= 10.0))
    assert late[0] - free[0] == pytest.approx(20.0, rel=1e-6, abs=0)


def test_sterilized_share_is_poisson():
    """4,000 animals with one metastasis of mean 0.5 left: exp(-0.5) relapse never. 4 sigma."""
    n = 4000
    got = relapse(np.full((n, 1), 50.0), np.full(n, 0.1), 1e6, np.log(100.0) * (DAYS > 0), seed=2)
    # half a day of growth before the effect is whole: mean 0.5 e^0.05
    want = np.exp(-0.5 * np.exp(0.05))
    assert abs(np.isinf(got).mean() - want) < 4 * np.sqrt(want * (1 - want) / n)


def test_a_metastasis_was_there_on_day_0():
    """Of one clonogen on the average, not none: half killed, (e^-m - e^-1)/(1 - e^-1). 4 sigma."""
    n = 4000
    got = relapse(np.full((n, 1), 1.0), np.full(n, 0.1), 1e4, np.log(2.0) * (DAYS > 0), seed=5)
    left = 0.5 * np.exp(0.05)
    want = (np.exp(-left) - np.exp(-1.0)) / (1.0 - np.exp(-1.0))  # 0.35, not e^-m = 0.59
    assert abs(np.isinf(got).mean() - want) < 4 * np.sqrt(want * (1 - want) / n)


def test_what_comes_late_meets_more_clonogens():
    """The same effect three weeks later sterilizes by exp(-N e^(21 rate) S). 4 sigma of 4,000."""
    n, rate, left = 4000, 0.1, 0.2
    effect = np.log(50.0 / left) * (DAYS >= 21.0)
    got = relapse(np.full((n, 1), 50.0), np.full(n, rate), 1e6, effect, seed=3)
    want = np.exp(-left * np.exp(rate * 21.0))  # 0.19, where at once it would be 0.82
    assert abs(np.isinf(got).mean() - want) < 4 * np.sqrt(want * (1 - want) / n)


def test_slow_dose_competes_with_growth():
    """Effect at a rate k above growth: fewest on the last day of it, N exp(-(k - rate) T)."""
    n, rate, k, last = 4000, 0.1, 0.3, 20.0
    effect = k * np.minimum(DAYS, last)
    got = relapse(np.full((n, 1), 50.0), np.full(n, rate), 1e6, effect, seed=4)
    want = np.exp(-50.0 * np.exp(-(k - rate) * last))  # 0.40, where all of it at once leaves 0.88
    assert abs(np.isinf(got).mean() - want) < 4 * np.sqrt(want * (1 - want) / n)


def test_a_metastasis_seen_before_the_dose_has_relapsed():
    got = relapse([[1e8]], [0.1], [2e8], 1e3 * (DAYS >= 21.0))
    assert got[0] == pytest.approx(np.log(2.0) / 0.1, rel=1e-9, abs=0)


def test_numbers_of_metastases():
    radius = Micrometastases(3.0, 100.0, 0.0).draw((5000,), np.random.default_rng(3))
    assert set(np.unique(radius)) == {0.0, 100.0}
    assert (radius > 0).sum(axis=1).mean() == pytest.approx(3.0, rel=0.04, abs=0)
    with pytest.raises(PhysicsRangeError, match="above zero"):
        Micrometastases(3.0, -1.0, 0.1)


def test_counts_fall_with_the_dose_and_sooner_than_in_man():
    amplitude, decay = np.full((3, 1), 0.05), np.full((3, 1), 0.05)
    one = np.ones((3, 1))
    rates = [DoseRate.of_terms(f * amplitude, decay, 0 * one, one) for f in (0.2, 1.0)]
    found = mouse_nadirs(rates, 22.0, 1)
    lowest, day = found["platelets"]
    assert lowest.shape == (3, 2)
    assert np.all(lowest[:, 1] < lowest[:, 0])
    assert np.all(lowest <= 1.0)
    assert np.all(day < 21.0)  # in man the nadir after I-131 is in week 4 to 7
