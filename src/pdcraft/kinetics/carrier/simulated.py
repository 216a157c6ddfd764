"""Simulation-based calibration: the sampler must recover what made the evidence.

Parameters are drawn from the prior and evidence of the same design from them; the true value's
rank among draws fitted to that evidence is then uniform [T18]_. This proves the sampler and the
likelihood against the way in which figures are drawn; it says nothing about the model being right.

References
----------
.. [T18] S. Talts et al., arXiv:1804.06788 (2018)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.target import Target

__all__ = ["RANK_DRAWS", "rank_p_values", "simulated_ranks"]

RANK_DRAWS = 99  # ranks 0 to 99
BINS = 10


def simulated_ranks(
    target: Target, repeats: range, *, seed: int, steps: int = 250, burn_in: int = 160
) -> NDArray[np.int64]:
    """Ranks of the truth among posterior draws.

    Parameters
    ----------
    target : Target
    repeats : range
        Numbers of the repeats; each has its own stream, so that they can be shared out.
    seed, steps, burn_in : int

    Returns
    -------
    ndarray, shape (repeats, parameters)
        0 to `RANK_DRAWS`.
    """
    ranks = np.empty((len(repeats), len(target.names)), dtype=np.int64)
    for row, repeat in enumerate(repeats):
        rng = np.random.default_rng([seed, repeat])
        truth = target.prior(1, rng)
        figures = target.likelihood.simulate(target.predict(target.parameters(truth)), rng)[0]
        again = replace(target, observed=figures)
        posterior = again.sample(
            seed=int(rng.integers(2**31)), steps=steps, burn_in=burn_in, walkers=32, ensembles=1
        )
        visited = posterior.chains.values.reshape(-1, len(target.names))
        draws = visited[np.linspace(0, len(visited) - 1, RANK_DRAWS).round().astype(int)]
        ranks[row] = (draws < truth).sum(axis=0)
    return ranks


def rank_p_values(ranks: NDArray[np.int64]) -> Floats:
    """Chi-square p value of every parameter's ranks being uniform, in 10 bins."""
    from scipy.stats import chisquare

    edges = np.linspace(-0.5, RANK_DRAWS + 0.5, BINS + 1)
    counts = [np.histogram(column, edges)[0] for column in ranks.T]
    return np.array([float(chisquare(c).pvalue) for c in counts])
