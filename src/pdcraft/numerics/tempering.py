r"""Sampling a posterior by a population led to it from the prior; also a model's evidence.

Priors are standard normal and end at `SUPPORT`. The likelihood is raised to a power that climbs
from 0 to 1 [DDJ06]_: at each power the population is weighted, resampled and moved by Markov chains
that leave the tempered posterior as it is. Half of the moves are random walks along the
population's covariance, half are proposals from a t distribution fitted to it, which carry a point
far with one move. The product of the mean weights is the evidence :math:`\int L(u)\,p(u)\,du`.

Unlike with walkers, all points are evaluated at once, and models can be compared.

References
----------
.. [DDJ06] P. Del Moral, A. Doucet, A. Jasra, J. R. Stat. Soc. B 68, 411 (2006),
   doi:10.1111/j.1467-9868.2006.00553.x
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import ConvergenceError

__all__ = ["SUPPORT", "Population", "temper"]

SUPPORT = 3.0  # prior SDs
FREEDOM = 8.0  # of the t distribution: its tails are wider than a posterior's
KEPT = 0.5  # effective share of the points that a step of the power leaves
WALK = 2.38  # over the root of the dimensions: best scale of a random walk in a Gaussian
LEAST_MOVED = 0.05  # share of proposals taken, of the better kind of move
MOST_STEPS = 200


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Points of equal weight.

    Parameters
    ----------
    points : ndarray, shape (n, dimensions)
    log_evidence : float
    acceptance : (float, float)
        Share of proposals taken at power 1: random walks, and t distribution.
    steps : int
        Of the power.
    """

    points: Floats
    log_evidence: float
    acceptance: tuple[float, float]
    steps: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", frozen(self.points, "points"))


def temper(
    log_likelihood: Callable[[Floats], Floats],
    dimensions: int,
    *,
    size: int,
    moves: int,
    seed: int,
) -> Population:
    """Sample the posterior of standard normal priors.

    Parameters
    ----------
    log_likelihood : callable
        Of points of shape (n, dimensions), giving shape (n,); minus infinity where impossible.
    dimensions : int
    size : int
        Points; many times the dimensions, since their covariance steers the moves.
    moves : int
        At each power, of either kind; twice as many at the end.
    seed : int

    Raises
    ------
    ConvergenceError
        If hardly a move is taken, or the power does not climb.
    """
    rng = np.random.default_rng(seed)
    points = _prior(size, dimensions, rng)
    found = log_likelihood(points)
    power, log_evidence, steps = 0.0, 0.0, 0
    taken = (0.0, 0.0)
    while power < 1.0:
        step = _climb(found, 1.0 - power)
        raised = step * found
        top = raised.max()
        log_evidence += float(top + np.log(np.mean(np.exp(raised - top))))
        power = min(1.0, power + step)
        rows = _comb(_shares(raised), rng)
        points, found = points[rows], found[rows]
        for _ in range(2 if power >= 1.0 else 1):
            points, found, taken = _moved(log_likelihood, points, found, power, moves, rng)
        steps += 1
        if max(taken) < LEAST_MOVED or steps >= MOST_STEPS:
            raise ConvergenceError(
                f"tempering: at power {power:.2g} of the likelihood, after {steps} steps, "
                f"{max(taken):.1%} of the moves are taken; use more points or weaker data"
            )
    return Population(points, log_evidence, taken, steps)


def _climb(found: Floats, most: float) -> float:
    """Step of the power that leaves `KEPT` of the points alike."""

    def alike(step: float) -> bool:
        return 1.0 / np.sum(_shares(step * found) ** 2) >= KEPT * len(found)

    if alike(most):
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if alike(middle) else (low, middle)
    return max(low, 1e-9)


def _moved(
    log_likelihood: Callable[[Floats], Floats],
    points: Floats,
    found: Floats,
    power: float,
    moves: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, tuple[float, float]]:
    n, d = points.shape
    mean = points.mean(axis=0)
    covariance = np.cov(points.T) + 1e-6 * np.eye(d)
    root: Floats = np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    shares = [0.0, 0.0]
    for i in range(2 * moves):
        if i % 2:
            trial = _from_t(n, mean, root, rng)
            ahead = _log_t(points, mean, root) - _log_t(trial, mean, root)
        else:
            scale = WALK / np.sqrt(d) * np.exp(0.5 * rng.standard_normal((n, 1)))
            trial = points + scale * (rng.standard_normal((n, d)) @ root.T)
            ahead = np.zeros(n)
        inside = np.all(np.abs(trial) <= SUPPORT, axis=1)
        new = np.full(n, -np.inf)
        new[inside] = log_likelihood(trial[inside])
        gain = power * (new - found) + 0.5 * ((points**2).sum(axis=1) - (trial**2).sum(axis=1))
        take = np.log(rng.random(n)) < gain + ahead
        points = np.where(take[:, None], trial, points)
        found = np.where(take, new, found)
        shares[i % 2] += float(take.mean()) / moves
    return points, found, (shares[0], shares[1])


def _from_t(n: int, mean: Floats, root: Floats, rng: np.random.Generator) -> Floats:
    chi = np.sqrt(rng.chisquare(FREEDOM, n) / FREEDOM)[:, None]
    return mean + rng.standard_normal((n, len(mean))) @ root.T / chi


def _log_t(points: Floats, mean: Floats, root: Floats) -> Floats:
    """Log density of the t distribution but for a constant."""
    z = np.linalg.solve(root, (points - mean).T)
    return -0.5 * (FREEDOM + len(mean)) * np.log1p((z**2).sum(axis=0) / FREEDOM)


def _shares(log_weight: Floats) -> Floats:
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def _comb(share: Floats, rng: np.random.Generator) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Resample systematically."""
    n = len(share)
    return np.minimum(np.searchsorted(share.cumsum(), (rng.random() + np.arange(n)) / n), n - 1)


def _prior(n: int, dimensions: int, rng: np.random.Generator) -> Floats:
    """Draw standard normal points that end at `SUPPORT`."""
    from scipy.special import ndtr, ndtri

    low = ndtr(-SUPPORT)
    return ndtri(low + (1.0 - 2.0 * low) * rng.random((n, dimensions)))
