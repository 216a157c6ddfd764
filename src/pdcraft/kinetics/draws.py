"""Draws of a fitted model's parameters: from the curvature, or by fitting simulated data.

``laplace``: the information matrix at the best parameters gives a multivariate normal; where the
error was estimated from few values, a multivariate t with their degrees of freedom. It is cut at
the bounds of the parameters and resampled to the likelihood itself [R88]_, so that a skewed
likelihood gives skewed draws. Where the curvature is so poor a guide that few of its draws carry
the weight, an ensemble of Markov chains runs on the likelihood instead [TB06]_.
``bootstrap``: data are simulated from the fit with its error and fitted again.

Stated standard deviations that are too small for the scatter about the curve are widened by the
root of the scatter (the Birge ratio); they are never narrowed.

References
----------
.. [B32] R. T. Birge, Phys. Rev. 40, 207 (1932), doi:10.1103/PhysRev.40.207
.. [R88] D. B. Rubin, Using the SIR algorithm to simulate posterior distributions, in: Bayesian
   Statistics 3, Oxford University Press 1988, p. 395
.. [TB06] C. J. F. ter Braak, Stat. Comput. 16, 239 (2006), doi:10.1007/s11222-006-8769-1
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.likelihood import Likelihood
from pdcraft.kinetics.models import bounds, curve
from pdcraft.kinetics.single_fit import ModelFit, fit_batch

__all__ = ["DrawMethod", "draw_parameters"]

DrawMethod = Literal["laplace", "bootstrap"]

# Spread of a parameter that the data do not determine: amplitude in units of the largest value,
# rate as a factor e^3. Far outside what determined parameters have; keeps the normal proper.
_LOOSE_AMPLITUDE, _LOOSE_LOG_RATE = 10.0, 3.0
_PROPOSALS = 8  # per wanted draw
_ROUNDS = 20
_ENOUGH = 2.0  # effective proposals per wanted draw from which resampling them is enough
_FEWEST_CHAINS = 64
_EVOLUTIONS = 150


def draw_parameters(fit: ModelFit, n: int, method: DrawMethod, rng: np.random.Generator) -> Floats:
    """Draw parameter vectors of one fitted model.

    Parameters
    ----------
    fit : ModelFit
    n : int
    method : {"laplace", "bootstrap"}
    rng : numpy Generator

    Returns
    -------
    ndarray, shape (n, p)
    """
    if n == 0:
        return np.zeros((0, fit.theta.size))
    return _laplace(fit, n, rng) if method == "laplace" else _bootstrap(fit, n, rng)


def _spread(fit: ModelFit) -> float:
    """Error of the draws: unbiased where estimated, widened where stated and too small."""
    if fit.likelihood.error == "sd":
        return float(np.sqrt(max(1.0, fit.scatter))) if fit.degrees_of_freedom > 0 else 1.0
    known = int((~fit.likelihood.censored[0]).sum())
    return fit.sigma * float(np.sqrt(known / max(fit.degrees_of_freedom, 1)))


def _laplace(fit: ModelFit, n: int, rng: np.random.Generator) -> Floats:
    sigma, freedom = _spread(fit), None
    if fit.likelihood.error != "sd":
        freedom = max(fit.degrees_of_freedom, 1)
    precision = fit.likelihood.information(fit.model, fit.theta, sigma)
    loose = _loose(fit)
    precision += np.diag(loose**-2.0)
    count = max(n, _FEWEST_CHAINS)
    draws = _proposals(fit, precision, freedom, _PROPOSALS * count, rng)

    def log_target(theta: Floats) -> Floats:
        far = 0.5 * np.square((theta - fit.theta) / loose).sum(axis=1)
        return _log_target(fit, theta, sigma, freedom) - far

    log_weight = log_target(draws) - _log_proposal(draws - fit.theta, precision, freedom)
    weight = _normalized(log_weight)
    if 1.0 / np.square(weight).sum() >= _ENOUGH * count:
        return draws[_resampled(weight, n, rng)]
    # The curvature says little here: let chains that start from refits find the likelihood.
    return _evolved(_bootstrap(fit, count, rng), log_target, _limits(fit), rng)[:n]


def _loose(fit: ModelFit) -> Floats:
    q = fit.model.n_amplitudes
    loose = np.full(fit.theta.size, _LOOSE_LOG_RATE)
    loose[:q] = _LOOSE_AMPLITUDE
    return loose


def _normalized(log_weight: Floats) -> Floats:
    weight = np.exp(log_weight - log_weight.max())
    return weight / weight.sum()


def _resampled(weight: Floats, n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Systematic resampling, in random order."""
    points = (np.arange(n) + rng.uniform()) / n
    chosen = np.searchsorted(np.cumsum(weight), points).clip(0, weight.size - 1)
    return rng.permutation(chosen)


def _evolved(
    chains: Floats,
    log_target: Callable[[Floats], Floats],
    limits: tuple[Floats, Floats],
    rng: np.random.Generator,
) -> Floats:
    """Let an ensemble of chains settle on a target by differential evolution [TB06]_."""
    n, p = chains.shape
    now = log_target(chains)
    jitter = 1e-4 * chains.std(axis=0) + 1e-9
    for round_ in range(_EVOLUTIONS):
        reach = 1.0 if round_ % 10 == 9 else 2.38 / np.sqrt(2 * p) * rng.uniform(0.5, 1.0)
        # two partners, neither the chain itself
        one = (np.arange(n) + rng.integers(1, n, n)) % n
        two = (np.arange(n) + rng.integers(1, n, n)) % n
        trial = chains + reach * (chains[one] - chains[two])
        trial += jitter * rng.standard_normal((n, p))
        inside = np.all((trial >= limits[0]) & (trial <= limits[1]), axis=1)
        trial[~inside] = chains[~inside]
        new = log_target(trial)
        accept = inside & (np.log(rng.uniform(size=n)) < new - now)
        chains[accept], now[accept] = trial[accept], new[accept]
    return chains


def _limits(fit: ModelFit) -> tuple[Floats, Floats]:
    limit = bounds(fit.model, fit.likelihood.scale)
    return limit.lower, limit.upper


def _proposals(
    fit: ModelFit, precision: Floats, freedom: int | None, n: int, rng: np.random.Generator
) -> Floats:
    """Draw from a normal or t; what lies outside the bounds is drawn again, a few times."""
    root = np.linalg.inv(np.linalg.cholesky(precision)).T
    lower, upper = _limits(fit)
    draws = np.empty((n, fit.theta.size))
    missing = np.arange(n)
    for _ in range(_ROUNDS):
        step = rng.standard_normal((missing.size, fit.theta.size)) @ root.T
        if freedom is not None:
            step *= np.sqrt(freedom / rng.chisquare(freedom, missing.size))[:, None]
        draws[missing] = fit.theta + step
        bad = np.any((draws[missing] < lower) | (draws[missing] > upper), axis=1)
        missing = missing[bad]
        if missing.size == 0:
            break
    return np.clip(draws, lower, upper)


def _log_target(fit: ModelFit, theta: Floats, sigma: float, freedom: int | None) -> Floats:
    """Log-likelihood of the curve; with an estimated error, integrated over that error."""
    widths = np.full(theta.shape[0], sigma)
    like = fit.likelihood
    rows = np.arange(theta.shape[0])
    residual, _ = like.residuals(fit.model, theta, widths, rows)
    square = np.square(residual).sum(axis=1)
    if freedom is None or like.censored.any():  # with limits, the error is held where it was found
        return -0.5 * square
    return -0.5 * like.time_h.size * np.log(np.maximum(square, 1e-300))


def _log_proposal(step: Floats, precision: Floats, freedom: int | None) -> Floats:
    square = np.einsum("bp,pq,bq->b", step, precision, step)
    if freedom is None:
        return -0.5 * square
    return -0.5 * (freedom + step.shape[1]) * np.log1p(square / freedom)


def _bootstrap(fit: ModelFit, n: int, rng: np.random.Generator) -> Floats:
    like = fit.likelihood
    value = curve(fit.model, fit.theta, like.scale, like.time_h)
    noise = _spread(fit) * like.sd * rng.standard_normal((n, value.size))
    if like.is_log:
        simulated = value * np.exp(noise)
    else:
        simulated = value + noise
    # a simulated value below the limit of that time is censored as the measured one was
    limit = np.where(like.censored[0], like.value[0], -np.inf)
    below = simulated < limit
    replicas: Likelihood = replace(like, value=np.where(below, limit, simulated), censored=below)
    start = np.broadcast_to(fit.theta, (n, fit.theta.size)).copy()
    theta, *_ = fit_batch(fit.model, replicas, start, np.full(n, fit.sigma))
    return theta
