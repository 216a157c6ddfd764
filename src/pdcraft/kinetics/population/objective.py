r"""Minus twice the log-likelihood by Laplace's method around each subject's mode.

With :math:`\eta = L u`, :math:`u \sim N(0, 1)`, the mode :math:`\hat u_i` minimizes

.. math:: J_i = \tfrac12 \sum_j (\ln 2\pi R_{ij} + r_{ij}^2 / R_{ij}) + \tfrac12 u^\top u

and :math:`-2 \ln L \approx \sum_i 2 J_i + \ln |H_i|`. In ``foce`` H is the expected (Gauss-Newton)
Hessian, with the interaction of random effects and residual error; for additive error this is the
likelihood of the model linearized at the modes [LB90]_, for combined error NONMEM's FOCEI [W07]_.
In ``laplace`` H is the Hessian itself. All subjects and all vectors run in one batch.

A value below its limit of quantification l enters by its probability,
:math:`-\ln \Phi((l - f)/\sqrt R)` instead of its term in the sum: method M3 [B01]_.

References
----------
.. [LB90] M. J. Lindstrom, D. M. Bates, Biometrics 46, 673 (1990), doi:10.2307/2532087
.. [W07] Y. Wang, J. Pharmacokinet. Pharmacodyn. 34, 575 (2007), doi:10.1007/s10928-007-9060-6
.. [B01] S. L. Beal, J. Pharmacokinet. Pharmacodyn. 28, 481 (2001), doi:10.1023/A:1012299115260
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.population import residual
from pdcraft.kinetics.population.statement import Statement, Values
from pdcraft.kinetics.population.structure import jacobian

__all__ = [
    "Hessian",
    "Joint",
    "conditional_modes",
    "curvature",
    "gradient",
    "joint",
    "minus_twice_log_l",
]

Hessian = Literal["foce", "laplace"]
MODE_TOLERANCE = 1e-8  # of u, whose scale is 1: 1e-5 of a slope by differences of STEP
MOST_STEPS = 200
STEP_U = 1e-4  # central difference of an exact gradient: error about 1e-8
STEP = 1e-3  # of the vector, whose entries are logarithms or relative: error about 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Joint:
    """The joint density of data and random effects at given u.

    Parameters
    ----------
    cost : ndarray, shape (batch, subject)
        J.
    slope : ndarray, shape (batch, subject, random)
        Derivative of J to u.
    expected : ndarray, shape (batch, subject, random, random)
        Gauss-Newton Hessian of J.
    prediction, variance : ndarray, shape (batch, subject, observation)
        Individual predictions and residual variance.
    by_u, by_eta : ndarray, shape (batch, subject, observation, random)
        Derivative of the predictions to u and to eta = L u.
    by_fixed : ndarray, shape (batch, subject, observation, fixed)
        Derivative of the predictions to the free fixed effects.
    """

    cost: Floats
    slope: Floats
    expected: Floats
    prediction: Floats
    variance: Floats
    by_u: Floats
    by_eta: Floats
    by_fixed: Floats


def joint(statement: Statement, values: Values, u: Floats) -> Joint:
    """Evaluate at ``u``, shape (batch, subject, random); impossible values cost infinity."""
    records = statement.records
    used = records.observed
    with np.errstate(all="ignore"):
        eta = np.einsum("brc,bsc->bsr", values.factor, u)
        natural, own, chain = statement.individual(values, eta)
        curve, slopes = jacobian(statement.model, natural, records)
        by_eta = np.where(used[..., None], slopes * own[..., None, :], 0.0)[..., statement.random]
        by_u = by_eta @ values.factor[:, None]
        by_fixed = np.where(used[..., None], slopes @ chain, 0.0)
        spread, spread_slope = residual.variance(curve, values.additive_sd, values.proportional_sd)
        spread = np.where(used, spread, 1.0)
        relative = np.where(used, spread_slope, 0.0) / spread
        off = np.where(used, records.value - curve, 0.0)
        z = off**2 / spread
        data = np.where(used, np.log(2 * np.pi * spread) + z, 0.0)
        force = -off / spread + 0.5 * relative * (1 - z)
        weight = 1 / spread + 0.5 * relative**2
        if records.below.any():
            parts = residual.below(off / np.sqrt(spread), spread, relative)
            data, force, weight = (
                np.where(records.below, new, old)
                for new, old in zip(parts, (data, force, weight), strict=True)
            )
        cost = 0.5 * (data.sum(axis=-1) + (u**2).sum(axis=-1))
        slope = u + np.einsum("bsmr,bsm->bsr", by_u, force)
        expected = np.einsum("bsmr,bsm,bsmc->bsrc", by_u, weight, by_u) + np.eye(u.shape[-1])
    bad = ~(np.isfinite(cost) & np.isfinite(expected).all(axis=(-1, -2)))
    cost = np.where(bad, np.inf, cost)
    slope = np.where(bad[..., None], 0.0, slope)
    expected = np.where(bad[..., None, None], np.eye(u.shape[-1]), expected)
    return Joint(cost, slope, expected, curve, spread, by_u, by_eta, by_fixed)


def conditional_modes(statement: Statement, values: Values, u: Floats) -> tuple[Floats, Joint]:
    """Most likely u of every subject, by damped Gauss-Newton steps from ``u``.

    Each subject has its own damping: a step that does not lower its cost is not taken.
    """
    here = joint(statement, values, u)
    damping = np.zeros(here.cost.shape)
    eye = np.eye(u.shape[-1])
    for _ in range(MOST_STEPS):
        lifted = here.expected * (1 + damping[..., None, None] * eye)
        step = -np.linalg.solve(lifted, here.slope[..., None])[..., 0]
        going = np.abs(step).max(axis=-1) > MODE_TOLERANCE
        if not going.any():
            break
        there = joint(statement, values, u + step)
        rounding = 1e-13 * np.abs(here.cost)
        better = going & (there.cost <= here.cost + rounding)
        u = np.where(better[..., None], u + step, u)
        here = Joint(*(_chosen(better, a, b) for a, b in _pairs(there, here)))
        damping = np.where(better, damping / 10, np.maximum(10 * damping, 1e-3))
        damping = np.where(damping < 1e-4, 0.0, np.minimum(damping, 1e12))
    return u, here


def _pairs(one: Joint, other: Joint) -> list[tuple[Floats, Floats]]:
    return [(getattr(one, n), getattr(other, n)) for n in Joint.__dataclass_fields__]


def _chosen(where: Floats, one: Floats, other: Floats) -> Floats:
    return np.where(where.reshape(where.shape + (1,) * (one.ndim - 2)), one, other)


def _hessian(statement: Statement, values: Values, u: Floats, at: Joint) -> Floats:
    """Hessian of J to u by central differences of its gradient; expected one if not positive."""
    columns: list[Floats] = []
    for k in range(u.shape[-1]):
        step = STEP_U * np.eye(u.shape[-1])[k]
        up, down = joint(statement, values, u + step), joint(statement, values, u - step)
        columns.append((up.slope - down.slope) / (2 * STEP_U))
    full = np.stack(columns, axis=-1)
    full = 0.5 * (full + np.swapaxes(full, -1, -2))
    positive = np.linalg.eigvalsh(full).min(axis=-1) > 0
    return np.where(positive[..., None, None], full, at.expected)


def minus_twice_log_l(
    statement: Statement, vectors: Floats, u: Floats, hessian: Hessian
) -> tuple[Floats, Floats]:
    """Objective of a batch of vectors and the modes found.

    Parameters
    ----------
    vectors : ndarray, shape (batch, n_free)
    u : ndarray, shape (batch, subject, random)
        Where the search for the modes starts.
    hessian : {"foce", "laplace"}

    Returns
    -------
    tuple of ndarray, shapes (batch,) and (batch, subject, random)
    """
    with np.errstate(over="ignore"):
        values = statement.values(vectors)
    u, at = conditional_modes(statement, values, u)
    curvature = at.expected if hessian == "foce" else _hessian(statement, values, u, at)
    each = 2 * at.cost + np.linalg.slogdet(curvature)[1]
    return each.sum(axis=-1), u


def gradient(
    statement: Statement, vector: Floats, u: Floats, hessian: Hessian, step: float = STEP
) -> tuple[float, Floats, Floats, Floats]:
    """Objective, gradient and curvatures by central differences in one batch, and the modes.

    The modes are found anew for every vector: the gradient is that of the whole objective.

    Returns
    -------
    tuple
        Objective; gradient and second derivatives, shape (n_free,); modes, (1, subject, random).
    """
    n = vector.size
    moved = np.concatenate([vector[None], vector + step * np.eye(n), vector - step * np.eye(n)])
    _, start = minus_twice_log_l(statement, vector[None], u, hessian)
    values, _ = minus_twice_log_l(
        statement, moved, np.broadcast_to(start, (2 * n + 1, *start.shape[1:])), hessian
    )
    up, down = values[1 : n + 1], values[n + 1 :]
    with np.errstate(invalid="ignore"):
        curvature = (up - 2 * values[0] + down) / step**2
        return float(values[0]), (up - down) / (2 * step), curvature, start


def curvature(objective: Callable[[Floats], Floats], center: Floats, steps: Floats) -> Floats:
    """Second derivatives by central differences, times both steps; NaN where not finite.

    Parameters
    ----------
    objective : callable
        Points of shape (batch, n) to values of shape (batch,).
    center, steps : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n, n)
    """
    n, step = center.size, np.diag(steps)
    corners = [(i, j) for i in range(n) for j in range(i, n)]
    signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
    moved = np.array([center + a * step[i] + b * step[j] for i, j in corners for a, b in signs])
    out = np.zeros((n, n))
    for (i, j), four in zip(corners, objective(moved).reshape(-1, 4), strict=True):
        value = four @ [1.0, -1.0, -1.0, 1.0] / 4 if np.isfinite(four).all() else np.nan
        out[i, j] = out[j, i] = value
    return out
