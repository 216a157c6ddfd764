r"""Sampling a density in a few dimensions by ensembles of walkers, and how well it went.

The moves are those of emcee [FM13]_: differential evolution [NM14]_ and some stretches [GW10]_. Its
snooker move is left out: in emcee 3.1.6 it narrows a Gaussian of 11 dimensions by 40% in variance.
Several independent ensembles start apart, so that the split :math:`\hat R` [GR92]_ can see one
that has not found the others.

References
----------
.. [FM13] D. Foreman-Mackey et al., PASP 125, 306 (2013), doi:10.1086/670067
.. [NM14] B. Nelson et al., ApJS 210, 11 (2014), doi:10.1088/0067-0049/210/1/11
.. [GW10] J. Goodman, J. Weare, Comm. App. Math. Comp. Sci. 5, 65 (2010)
.. [GR92] A. Gelman, D. Rubin, Stat. Sci. 7, 457 (1992), doi:10.1214/ss/1177011136
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError

__all__ = ["Chains", "sample"]


@dataclass(frozen=True, slots=True, eq=False)
class Chains:
    """What the walkers visited.

    Parameters
    ----------
    values : ndarray, shape (ensembles, steps, walkers, dimensions)
    acceptance : float
        Share of moves taken.
    """

    values: Floats
    acceptance: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", frozen(self.values, "chains"))

    @property
    def split_rhat(self) -> Floats:
        """Split R-hat of every dimension over the ensembles' halves; 1 is perfect.

        The walkers of an ensemble steer each other, so that an ensemble is one chain.
        """
        ensembles, steps, walkers, dimensions = self.values.shape
        half = steps // 2
        halves = self.values[:, : 2 * half].reshape(2 * ensembles, half * walkers, dimensions)
        within = halves.var(axis=1, ddof=1).mean(axis=0)
        between = halves.mean(axis=1).var(axis=0, ddof=1)
        return np.sqrt(1.0 - 1.0 / (half * walkers) + between / within)

    @property
    def effective_size(self) -> Floats:
        """Number of independent draws that every dimension is worth."""
        from emcee.autocorr import integrated_time

        ensembles, steps, walkers, _ = self.values.shape
        with np.errstate(invalid="ignore"):  # a walker that never moved: not a number, refused
            times = [integrated_time(e, tol=0, has_walkers=True) for e in self.values]
        return ensembles * steps * walkers / np.maximum(np.mean(times, axis=0), 1.0)

    def thinned(self, n: int) -> Floats:
        """Take `n` draws from all walkers, as far apart in time as they can be, (n, dimensions)."""
        flat = self.values.swapaxes(1, 2).reshape(-1, self.values.shape[-1])
        if n > len(flat):
            raise DataError(f"{n} draws asked of {len(flat)}; sample more steps")
        return flat[np.linspace(0, len(flat) - 1, n).round().astype(int)]


def sample(
    log_density: Callable[[Floats], Floats],
    start: Floats,
    *,
    steps: int,
    burn_in: int,
    seed: int,
) -> Chains:
    """Walk.

    Parameters
    ----------
    log_density : callable
        Of points of shape (n, dimensions), giving shape (n,); minus infinity where impossible.
    start : ndarray, shape (ensembles, walkers, dimensions)
        At least twice as many walkers as dimensions, all different.
    steps, burn_in : int
        Kept, and thrown away before.
    seed : int

    Raises
    ------
    DataError
        If a walker starts where the density is zero.
    """
    from emcee import EnsembleSampler
    from emcee.moves import DEMove, StretchMove

    ensembles, walkers, dimensions = start.shape
    if not np.all(np.isfinite(log_density(start.reshape(-1, dimensions)))):
        raise DataError("a walker starts where the density is zero; draw the starts from the prior")
    values = np.empty((ensembles, steps, walkers, dimensions))
    accepted = np.empty(ensembles)
    streams = np.random.SeedSequence(seed).generate_state(ensembles)
    for i in range(ensembles):
        walker = EnsembleSampler(
            walkers,
            dimensions,
            log_density,
            moves=[(DEMove(), 0.9), (StretchMove(), 0.1)],
            vectorize=True,
        )
        walker.random_state = np.random.RandomState(streams[i]).get_state()
        walker.run_mcmc(start[i], burn_in + steps, skip_initial_state_check=True)
        values[i] = walker.get_chain(discard=burn_in)
        accepted[i] = walker.acceptance_fraction.mean()
    return Chains(values, float(accepted.mean()))
