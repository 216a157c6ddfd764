r"""Sampling a density by importance, with proposals that adapt: also the evidence of a model.

Points have standard normal priors that end at `SUPPORT`. The likelihood is raised to a power that
climbs from 0 to 1 [DDJ06]_; at each power the proposal, a t distribution and a share of the prior
[HES95]_, is fitted to the weighted points before. The mean weight of the last points is the model's
evidence :math:`\int L(u)\, p(u)\, du`.

Unlike with walkers, all points of a round are evaluated at once, and models can be compared. It
needs a posterior of one region.

References
----------
.. [DDJ06] P. Del Moral, A. Doucet, A. Jasra, J. R. Stat. Soc. B 68, 411 (2006),
   doi:10.1111/j.1467-9868.2006.00553.x
.. [HES95] T. Hesterberg, Technometrics 37, 185 (1995), doi:10.1080/00401706.1995.10484303
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import ConvergenceError

__all__ = ["SUPPORT", "Weighted", "sample_by_importance"]

SUPPORT = 3.0  # prior SDs
FREEDOM = 6.0  # of the t distribution: its tails are wider than a posterior's
WIDER = 1.25  # covariance of the proposal over that of the points
PRIOR_SHARE = 0.1  # of a proposal
ENOUGH = 0.1  # effective share of the points that a step of the power leaves
MOST_ROUNDS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Weighted:
    """Points with weights.

    Parameters
    ----------
    points : ndarray, shape (n, dimensions)
    weight : ndarray, shape (n,)
        They sum to 1.
    log_evidence : float
    """

    points: Floats
    weight: Floats
    log_evidence: float

    def __post_init__(self) -> None:
        for name in ("points", "weight"):
            object.__setattr__(self, name, frozen(getattr(self, name), name))

    @property
    def effective_size(self) -> float:
        """Number of equally weighted points that these are worth."""
        return float(1.0 / np.sum(self.weight**2))

    @property
    def mean(self) -> Floats:
        """Mean of the points, shape (dimensions,)."""
        return self.weight @ self.points

    @property
    def variance(self) -> Floats:
        """Variance of the points, shape (dimensions,)."""
        return self.weight @ (self.points - self.mean) ** 2

    def resampled(self, n: int, rng: np.random.Generator) -> Floats:
        """Draw `n` points of equal weight: systematic resampling, in random order."""
        comb = (rng.random() + np.arange(n)) / n
        rows = np.minimum(np.searchsorted(self.weight.cumsum(), comb), len(self.weight) - 1)
        return self.points[rng.permutation(rows)]


def sample_by_importance(
    log_likelihood: Callable[[Floats], Floats],
    dimensions: int,
    *,
    size: int,
    last: int,
    seed: int,
    least: float = 500.0,
) -> Weighted:
    """Sample the posterior of standard normal priors.

    Parameters
    ----------
    log_likelihood : callable
        Of points of shape (n, dimensions), giving shape (n,).
    dimensions : int
    size, last : int
        Points of a round, and of the last one.
    seed : int
    least : float
        Effective size below which the result is refused.

    Raises
    ------
    ConvergenceError
        If the proposals do not find the posterior, or the last weights are too unequal.
    """
    rng = np.random.default_rng(seed)
    points = _prior(size, dimensions, rng)
    log_proposed = _log_prior(points)
    power, rounds = 0.0, 0
    while True:
        found = log_likelihood(points)
        flat = _log_prior(points) - log_proposed
        if power >= 1.0 and rounds > 1 and len(points) == last:
            break
        settled = power >= 1.0
        power = _next_power(found, flat, power)
        weight = _normalized(power * found + flat)
        mean = weight @ points
        covariance = np.cov(points.T, aweights=weight, ddof=0) * WIDER
        covariance += 1e-3 * np.eye(dimensions)
        n = last if settled and power >= 1.0 else size
        points, log_proposed = _proposed(n, mean, covariance, rng)
        rounds += 1
        if rounds > MOST_ROUNDS:
            raise ConvergenceError(
                f"importance sampling: the likelihood's power reached {power:.2g} in {rounds} "
                "rounds; give each more points"
            )
    raw = found + flat
    top = raw.max()
    result = Weighted(points, _normalized(raw), float(top + np.log(np.mean(np.exp(raw - top)))))
    if result.effective_size < least:
        raise ConvergenceError(
            f"importance sampling: {last} points are worth {result.effective_size:.0f}, below "
            f"{least:.0f}; take more, or look for a second region"
        )
    return result


def _next_power(found: Floats, flat: Floats, power: float) -> float:
    """Return the highest power, 1 at most, that leaves the weights `ENOUGH` alike."""

    def alike(trial: float) -> bool:
        return 1.0 / np.sum(_normalized(trial * found + flat) ** 2) >= ENOUGH * len(found)

    if alike(1.0):
        return 1.0
    low, high = power, 1.0
    for _ in range(30):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if alike(middle) else (low, middle)
    return low


def _normalized(log_weight: Floats) -> Floats:
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def _prior(n: int, dimensions: int, rng: np.random.Generator) -> Floats:
    """Draw standard normal points that end at `SUPPORT`."""
    from scipy.special import ndtr, ndtri

    low = ndtr(-SUPPORT)
    return ndtri(low + (1.0 - 2.0 * low) * rng.random((n, dimensions)))


def _log_prior(points: Floats) -> Floats:
    from scipy.special import ndtr

    inside = np.all(np.abs(points) <= SUPPORT, axis=-1)
    norm = points.shape[-1] * (0.5 * np.log(2 * np.pi) + np.log(1.0 - 2.0 * ndtr(-SUPPORT)))
    return np.where(inside, -0.5 * (points**2).sum(axis=-1) - norm, -np.inf)


def _proposed(
    n: int, mean: Floats, covariance: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Points inside the support, and the log density they were proposed with there."""
    from scipy.special import gammaln

    d = len(mean)
    root = np.linalg.cholesky(covariance * (FREEDOM - 2.0) / FREEDOM)
    norm = gammaln(0.5 * (FREEDOM + d)) - gammaln(0.5 * FREEDOM) - 0.5 * d * np.log(FREEDOM * np.pi)
    norm -= np.log(np.diag(root)).sum()
    drawn, kept, made = [], 0, 0
    while kept < n:  # those outside the support are drawn again; their share is a constant
        normal = rng.standard_normal((n, d)) @ root.T
        t = mean + normal / np.sqrt(rng.chisquare(FREEDOM, n) / FREEDOM)[:, None]
        inside = t[np.all(np.abs(t) <= SUPPORT, axis=-1)]
        drawn.append(inside)
        kept, made = kept + len(inside), made + n
    t = np.concatenate(drawn)[:n]
    from_prior = rng.random(n) < PRIOR_SHARE
    points = np.where(from_prior[:, None], _prior(n, d, rng), t)
    z = np.linalg.solve(root, (points - mean).T)
    log_t = norm - 0.5 * (FREEDOM + d) * np.log1p((z**2).sum(axis=0) / FREEDOM)
    log_t -= np.log(kept / made)
    share = np.log([1.0 - PRIOR_SHARE, PRIOR_SHARE])
    return points, np.logaddexp(share[0] + log_t, share[1] + _log_prior(points))
