"""Which compartments never empty: the closed parts of a transfer network.

A state is *trapped* when nothing that reaches it can leave: from it no way leads to an
elimination, and every state that it feeds leads back to it (Markov chains call it recurrent).
Excreta without decay are the usual case. The integral to infinity of such a state does not
exist; that of every other state does, and is exact once the trapped states are taken out.

The question is one of the pattern of the network, not of the size of its rates, so it is
answered once per distinct pattern of a batch.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["reach", "trapped"]


def reach(flows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where matter can get to.

    Parameters
    ----------
    flows : ndarray of bool, shape (..., n, n)
        ``flows[..., j, i]``: matter goes from state i to state j.

    Returns
    -------
    ndarray of bool, shape (..., n, n)
        ``[..., j, i]``: state j can be reached from state i, itself included.
    """
    n = flows.shape[-1]
    out = flows | np.eye(n, dtype=bool)
    for _ in range(max(1, int(np.ceil(np.log2(n))))):  # each round doubles the length of the paths
        out = (out.astype(np.float32) @ out.astype(np.float32)) > 0
    return out


def trapped(
    flows: NDArray[np.bool_], leaks: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Find the states that keep for ever what reaches them.

    Parameters
    ----------
    flows : ndarray of bool, shape (..., n, n)
        ``flows[..., j, i]``: matter goes from state i to state j.
    leaks : ndarray of bool, shape (..., n)
        Whether a state loses matter out of the network (elimination or decay). Same batch axes.

    Returns
    -------
    traps : ndarray of bool, shape (..., n)
    feeds : ndarray of bool, shape (..., n, n)
        ``feeds[..., j, i]``: what starts in state i reaches the trapped state j.
    """
    n = flows.shape[-1]
    batch = flows.shape[:-2]
    pattern = np.concatenate([flows, leaks[..., None, :]], axis=-2).reshape(-1, n + 1, n)
    if (pattern == pattern[:1]).all():  # nearly always: one model, many subjects
        kinds, which = pattern[:1], np.zeros(len(pattern), dtype=np.intp)
    else:
        packed = np.packbits(pattern.reshape(len(pattern), -1), axis=1)
        _, first, which = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        kinds, which = pattern[first], which.ravel()
    path = reach(kinds[:, :n])
    leads_out = (path & np.expand_dims(kinds[:, n], -1)).any(axis=-2)
    returns = (~path | path.swapaxes(-1, -2)).all(axis=-2)
    traps = np.asarray(returns & ~leads_out)
    feeds = np.asarray(path & np.expand_dims(traps, -1))
    return traps[which].reshape(*batch, n), feeds[which].reshape(*batch, n, n)
