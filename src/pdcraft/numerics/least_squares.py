"""Many small bounded least-squares problems of one shape at once.

Multi-start fits and bootstrap replicates are batches of the same problem with other starts or
other data, so one Levenberg-Marquardt iteration serves all of them in a few array operations.
Bounds are kept by projection: a parameter on its bound whose gradient points outward is held.

References
----------
.. [M78] J. J. More, The Levenberg-Marquardt algorithm: implementation and theory, in: Numerical
   Analysis, Lecture Notes in Mathematics 630, 105 (1978), doi:10.1007/BFb0067700
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats

__all__ = ["Residuals", "Solutions", "least_squares"]

Residuals = Callable[[Floats, NDArray[np.intp]], tuple[Floats, Floats]]
"""Residuals (B, n) and Jacobian (B, n, p) of parameters (B, p); also the rows of the batch."""

_SHRINK, _GROW = 0.2, 4.0
_DAMPING_MAX = 1e14


@dataclass(frozen=True, slots=True, eq=False)
class Solutions:
    """Solutions of a batch.

    Parameters
    ----------
    parameters : ndarray, shape (B, p)
    cost : ndarray, shape (B,)
        Sum of squared residuals.
    converged : ndarray of bool, shape (B,)
    """

    parameters: Floats
    cost: Floats
    converged: NDArray[np.bool_]


def least_squares(
    residuals: Residuals,
    start: Floats,
    lower: Floats,
    upper: Floats,
    *,
    max_iterations: int = 200,
    tolerance: float = 1e-11,
) -> Solutions:
    """Minimize the sum of squared residuals of every problem of a batch [M78]_.

    Parameters
    ----------
    residuals : callable
        ``residuals(parameters (k, p), rows (k,))`` for the `rows` of the batch that still move.
    start : ndarray, shape (B, p)
    lower, upper : ndarray, shape (p,)
        Bounds, held exactly.
    max_iterations : int
        A problem that still moves then is not converged.
    tolerance : float
        A problem is done when an accepted step lowers its cost, or promises to lower it, by less
        than this share, or when no step lowers it at all.

    Returns
    -------
    Solutions
    """
    theta = np.clip(start, lower, upper)
    rows = np.arange(theta.shape[0])
    r, jac = residuals(theta, rows)
    cost = np.einsum("bi,bi->b", r, r)
    damping = np.full(rows.size, 1e-2)
    done = np.zeros(rows.size, dtype=np.bool_)
    for _ in range(max_iterations):
        live = np.flatnonzero(~done)
        if live.size == 0:
            break
        step, promised = _step(r[live], jac[live], theta[live], damping[live], lower, upper)
        trial = np.clip(theta[live] + step, lower, upper)
        r_new, jac_new = residuals(trial, live)
        cost_new = np.einsum("bi,bi->b", r_new, r_new)
        better = np.isfinite(cost_new) & (cost_new <= cost[live])
        gain = cost[live] - cost_new
        small = np.maximum(gain, promised) <= tolerance * cost[live]
        take = live[better]
        theta[take], r[take], jac[take] = trial[better], r_new[better], jac_new[better]
        cost[take] = cost_new[better]
        damping[live] *= np.where(better, _SHRINK, _GROW)
        damping[live] = np.maximum(damping[live], 1e-12)
        done[live] = (better & small) | (damping[live] > _DAMPING_MAX) | (cost[live] == 0)
    return Solutions(theta, cost, done)


def _step(
    r: Floats, jac: Floats, theta: Floats, damping: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, Floats]:
    """Damped Gauss-Newton step and the lower cost that the linear model promises for it."""
    normal = np.einsum("bip,biq->bpq", jac, jac)
    gradient = np.einsum("bip,bi->bp", jac, r)
    held = ((theta <= lower) & (gradient > 0)) | ((theta >= upper) & (gradient < 0))
    free = ~held
    normal = normal * (free[:, :, None] & free[:, None, :])
    gradient = np.where(held, 0.0, gradient)
    diagonal = np.einsum("bpp->bp", normal)
    scale = diagonal + 1e-12 * diagonal.max(axis=1, keepdims=True, initial=0.0) + 1e-300
    p = np.arange(theta.shape[1])
    damped = normal.copy()
    damped[:, p, p] += damping[:, None] * scale + held
    # scaled to a unit diagonal, so that a nearly empty column cannot make the solve singular
    unit = 1.0 / np.sqrt(damped[:, p, p])
    system = damped * unit[:, :, None] * unit[:, None, :]
    system[:, p, p] += 1e-14
    step = -unit * np.linalg.solve(system, (unit * gradient)[..., None])[..., 0]
    promised = -2 * np.einsum("bp,bp->b", step, gradient)
    promised -= np.einsum("bp,bpq,bq->b", step, normal, step)
    return step, promised
