"""Draws of a fitted model's parameters: from the curvature, or by fitting simulated data.

``laplace``: the information matrix at the best parameters gives a multivariate normal; where the
error was estimated from few values, a multivariate t with their degrees of freedom. It is cut at
the bounds of the parameters and reweighted to the likelihood itself (importance resampling), so
that a skewed likelihood gives skewed draws. ``bootstrap``: data are simulated from the fit with
its error and fitted again.

Stated standard deviations that are too small for the scatter about the curve are widened by the
root of the scatter (the Birge ratio); they are never narrowed.

References
----------
.. [B32] R. T. Birge, Phys. Rev. 40, 207 (1932), doi:10.1103/PhysRev.40.207
.. [R88] D. B. Rubin, Using the SIR algorithm to simulate posterior distributions, in: Bayesian
   Statistics 3, Oxford University Press 1988, p. 395
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

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
    like, p = fit.likelihood, fit.theta.size
    sigma = _spread(fit)
    q = fit.model.n_amplitudes
    loose = np.concatenate([np.full(q, _LOOSE_AMPLITUDE), np.full(p - q, _LOOSE_LOG_RATE)])
    precision = like.information(fit.model, fit.theta, sigma) + np.diag(loose**-2.0)
    freedom = max(fit.degrees_of_freedom, 1) if like.error != "sd" else None
    wanted = _PROPOSALS * n
    draws = np.clip(_proposals(fit, precision, freedom, wanted, rng), *_limits(fit))
    log_target = _log_target(fit, draws, sigma, freedom) - 0.5 * np.square(
        (draws - fit.theta) / loose
    ).sum(axis=1)
    log_weight = log_target - _log_proposal(draws - fit.theta, precision, freedom)
    weight = np.exp(log_weight - log_weight.max())
    # no proposal may stand for more than a fiftieth of the draws: a far tail is cut, not repeated
    weight = np.minimum(weight / weight.sum(), 0.02)
    points = (np.arange(n) + rng.uniform()) / n * weight.sum()
    return draws[rng.permutation(np.searchsorted(np.cumsum(weight), points).clip(0, wanted - 1))]


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
    return draws


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
