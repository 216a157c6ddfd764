"""Counter-based random numbers: a history's numbers depend on the seed and its own number only.

The generator is Squares (four rounds, 32 bits a draw). A stream is an array of two uint64: key and
counter. History h draws from counter ``h << 22`` on, so results depend neither on threads nor on
the order of histories, and a run goes on where another one ended.

References
----------
.. [Wid20] B. Widynski, Squares: a fast counter-based RNG, arXiv:2004.06278 (2020).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.compile import inlined

__all__ = ["DRAWS_PER_HISTORY", "exponential", "key_of", "pick", "start_history", "uniform"]

HISTORY_SHIFT = 22
DRAWS_PER_HISTORY = 1 << HISTORY_SHIFT  # far above the longest cascade
TO_UNIT = 2.0**-32


def key_of(seed: int, stream: int = 0) -> np.uint64:
    """Key of a seed: sixteen well mixed hexadecimal digits, odd, as [Wid20]_ asks."""
    if seed < 0:
        raise DataError(f"seed {seed}: a seed is a whole number of 0 or more")
    words = np.random.SeedSequence(seed, spawn_key=(stream,)).generate_state(1, np.uint64)
    return np.uint64(int(words[0]) | 1)


@inlined
def start_history(rng: NDArray[np.uint64], history: int) -> None:
    """Set the counter to the first draw of a history."""
    rng[1] = np.uint64(history) << np.uint64(HISTORY_SHIFT)


@inlined
def uniform(rng: NDArray[np.uint64]) -> float:
    """Draw from the open interval (0, 1), in steps of 2⁻³²."""
    key = rng[0]
    rng[1] += np.uint64(1)
    half = np.uint64(32)
    x = rng[1] * key
    y = x
    z = y + key
    x = x * x + y
    x = (x >> half) | (x << half)
    x = x * x + z
    x = (x >> half) | (x << half)
    x = x * x + y
    x = (x >> half) | (x << half)
    x = (x * x + z) >> half
    return (float(x) + 0.5) * TO_UNIT


@inlined
def exponential(rng: NDArray[np.uint64]) -> float:
    """Draw from the exponential distribution of mean 1."""
    return -math.log(uniform(rng))


@inlined
def pick(count: int, rng: NDArray[np.uint64]) -> int:
    """Draw a whole number below `count`: from two draws, so that millions are evenly likely."""
    q = (uniform(rng) + TO_UNIT * (uniform(rng) - 0.5)) * count
    return min(count - 1, max(0, int(q)))
