"""Random numbers: Squares as published, uniform, and independent between histories and seeds.

Chi-square tests have fixed seeds and reject at P < 1e-6: over all of them a right generator would
fail for less than one seed in 100,000.
"""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from pdcraft.transport.rng import DRAWS_PER_HISTORY, exponential, key_of, start_history, uniform

DRAWS = 100_000
ALARM = 1e-6

# Squares with four rounds, key 0x548c9decbce65297, counters 0 to 7: output of Widynski's reference
# implementation (squaresrngv7), arXiv:2004.06278
KEY = 0x548C9DECBCE65297
PUBLISHED = (
    0x36D88366, 0x944716E0, 0xC8A8F4E0, 0x35CC666A, 0x7094EAB1, 0xA2A1B6F5, 0xD884957D, 0xE61F37B9,
)  # fmt: skip


def stream(seed, history=0):
    rng = np.array([key_of(seed), 0], dtype=np.uint64)
    start_history(rng, history)
    return rng


def draws(rng, count=DRAWS):
    return np.array([uniform(rng) for _ in range(count)])


def test_squares_as_published():
    # the counter steps before a draw
    rng = np.array([KEY, 2**64 - 1], dtype=np.uint64)
    words = [int((uniform(rng)) * 2**32) for _ in PUBLISHED]
    assert tuple(words) == PUBLISHED


def test_numbers_are_uniform_and_so_are_pairs():
    x = draws(stream(1))
    assert 0.0 < x.min() < x.max() < 1.0
    assert chisquare(np.histogram(x, 100, (0, 1))[0]).pvalue > ALARM
    pairs = np.histogram2d(x[::2], x[1::2], 20, ((0, 1), (0, 1)))[0].ravel()
    assert chisquare(pairs).pvalue > ALARM


def test_low_bits_are_uniform():
    words = np.floor(draws(stream(2)) * 2**32).astype(np.uint64)
    assert (
        chisquare(np.bincount((words & np.uint64(255)).astype(int), minlength=256)).pvalue > ALARM
    )


def test_histories_are_independent():
    """First draws of neighbouring histories: a Weyl sequence without squaring would fail."""
    first = np.array([uniform(stream(3, h)) for h in range(20_000)])
    assert chisquare(np.histogram(first, 50, (0, 1))[0]).pvalue > ALARM
    # 5 standard errors of a correlation of independent numbers
    assert abs(np.corrcoef(first[:-1], first[1:])[0, 1]) < 5.0 / np.sqrt(first.size)


def test_seeds_are_independent():
    a, b = draws(stream(4), 20_000), draws(stream(5), 20_000)
    assert abs(np.corrcoef(a, b)[0, 1]) < 5.0 / np.sqrt(a.size)


def test_history_has_its_own_numbers_whatever_ran_before():
    used = stream(6)
    draws(used, 17)
    start_history(used, 9)
    np.testing.assert_array_equal(draws(used, 5), draws(stream(6, 9), 5))
    last = stream(6, 8)
    last[1] += np.uint64(DRAWS_PER_HISTORY)
    assert uniform(last) == uniform(stream(6, 9))


@pytest.mark.parametrize("seeds", [range(2000)])
def test_keys_are_odd_and_mixed(seeds):
    keys = np.array([int(key_of(s)) for s in seeds], dtype=np.uint64)
    assert np.all(keys & np.uint64(1) == 1)
    assert len(set(keys.tolist())) == len(keys)
    bits = (keys[:, None] >> np.arange(1, 64, dtype=np.uint64)) & np.uint64(1)
    # each bit is set in half of the keys: 6 standard errors, 63 bits, P = 1e-7 for any
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 6.0 * 0.5 / np.sqrt(len(keys))
    assert key_of(1) != key_of(1, stream=1)


def test_exponential_has_mean_1():
    rng = stream(7)
    x = np.array([exponential(rng) for _ in range(DRAWS)])
    assert kstest(x, "expon").pvalue > ALARM
