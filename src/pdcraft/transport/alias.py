"""Alias tables: draw from any discrete distribution with two random numbers (Walker, Vose)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.compile import kernel

__all__ = ["alias_table"]


@kernel
def _fill(
    scaled: NDArray[np.float64],
    alias: NDArray[np.int64],
    small: NDArray[np.int64],
    large: NDArray[np.int64],
) -> None:
    n = scaled.size
    n_small, n_large = 0, 0
    for i in range(n):
        alias[i] = i
        if scaled[i] < 1.0:
            small[n_small] = i
            n_small += 1
        else:
            large[n_large] = i
            n_large += 1
    while n_small > 0 and n_large > 0:
        n_small -= 1
        poor, rich = small[n_small], large[n_large - 1]
        alias[poor] = rich
        scaled[rich] -= 1.0 - scaled[poor]
        if scaled[rich] < 1.0:
            n_large -= 1
            small[n_small] = rich
            n_small += 1
    for i in range(n_large):
        scaled[large[i]] = 1.0
    for i in range(n_small):  # short of 1 by rounding alone
        scaled[small[i]] = 1.0


def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Share of each entry that is its own, and who has the rest [Vose91]_.

    Parameters
    ----------
    weights : ndarray, shape (n,)
        Not negative, with a positive sum.

    References
    ----------
    .. [Vose91] M.D. Vose, IEEE Trans. Softw. Eng. 17, 972 (1991), doi:10.1109/32.92917
    """
    scaled = np.array(weights, dtype=np.float64) * (len(weights) / np.sum(weights))
    alias = np.empty(len(weights), dtype=np.int64)
    _fill(scaled, alias, np.empty_like(alias), np.empty_like(alias))
    return scaled, alias
