r"""Lindstrom and Bates' alternating algorithm, as R's nlme runs it.

1. Given the covariance over the residual variance, fixed effects and modes together minimize the
   penalized sum of squares.
2. The model linearized there is a linear mixed model; its likelihood, fixed effects and residual
   variance profiled out, gives a new covariance.

The two are repeated until nothing moves. The end is a fixed point, not the maximum of one
function: it differs from ``foce`` by what the linearization leaves out.

References
----------
.. [LB90] M. J. Lindstrom, D. M. Bates, Biometrics 46, 673 (1990), doi:10.2307/2532087
.. [PB00] J. C. Pinheiro, D. M. Bates, Mixed-Effects Models in S and S-PLUS, Springer 2000, 7.2
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ConvergenceError, DataError
from pdcraft.kinetics.population import omega
from pdcraft.kinetics.population.disposition import Array
from pdcraft.kinetics.population.objective import STEP, Joint, joint
from pdcraft.kinetics.population.statement import Statement, Values

__all__ = ["alternate"]

MOST_ROUNDS = 200
MOST_STEPS = 50
TOLERANCE = 1e-7  # of the vector, whose entries are logarithms or relative


@dataclass(frozen=True, slots=True, eq=False)
class Linearized:
    """The model linearized at fixed effects and modes, in units of the residual SD's scale.

    Parameters
    ----------
    working : ndarray, shape (subject, observation)
        Working response w = y - f + X beta + Z eta.
    fixed : ndarray, shape (subject, observation, fixed)
        X, to the vector's fixed effects.
    random : ndarray, shape (subject, observation, random)
        Z, to the random effects eta.
    used : ndarray, shape (subject, observation)
    """

    working: Floats
    fixed: Floats
    random: Floats
    used: Array

    def solve(self, factors: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Profile out fixed effects and residual variance.

        Parameters
        ----------
        factors : ndarray, shape (batch, random, random)
            Cholesky factors of the covariance over the residual variance.

        Returns
        -------
        tuple of ndarray
            -2 log L (batch,), fixed effects (batch, fixed), residual variance (batch,), random
            effects over their factor, u times the residual SD (batch, subject, random).
        """
        z = self.random @ factors[:, None]  # (batch, subject, observation, random)
        inner = np.einsum("bsmr,bsmc->bsrc", z, z) + np.eye(z.shape[-1])
        stacked = np.concatenate([self.fixed, self.working[..., None]], axis=-1)
        across = np.einsum("bsmr,smk->bsrk", z, stacked)
        shrunk = np.linalg.solve(inner, across)
        total = np.einsum("smk,sml->kl", stacked, stacked) - np.einsum(
            "bsrk,bsrl->bkl", across, shrunk
        )
        p = self.fixed.shape[-1]
        beta = np.linalg.solve(total[:, :p, :p], total[:, :p, p:])[..., 0]
        rest = total[:, p, p] - np.einsum("bk,bk->b", total[:, p, :p], beta)
        n = self.used.sum()
        variance = np.maximum(rest, 1e-300) / n
        log_det = np.linalg.slogdet(inner)[1].sum(axis=-1)
        objective = n * (np.log(2 * np.pi * variance) + 1) + log_det
        u = shrunk[..., p] - np.einsum("bsrk,bk->bsr", shrunk[..., :p], beta)
        return objective, beta, variance, u


def alternate(statement: Statement, vector: Floats) -> tuple[Floats, Floats, int]:
    """Run the algorithm from a vector.

    Returns
    -------
    tuple
        Vector, modes u of shape (1, subject, random), rounds.

    Raises
    ------
    DataError
        If the residual error is not additive.
    ConvergenceError
        If the rounds do not settle.
    """
    if statement.error != "additive":
        raise DataError(
            f"method 'lindstrom-bates' takes additive residual error, not {statement.error}; "
            "use method='foce'"
        )
    scales, kind, p = statement.random_sizes, statement.covariance, statement.n_fixed
    beta, log_sd = vector[:p], float(vector[-1])
    factor = omega.cholesky_of(vector[p:-1], scales, kind) / np.exp(log_sd)
    spread = omega.vector_of(factor, scales, kind)
    u = np.zeros((1, statement.records.n_subjects, scales.size))
    for count in range(1, MOST_ROUNDS + 1):
        before = np.concatenate([beta, spread, [log_sd]])
        beta, u, here = _penalized_least_squares(statement, beta, spread, u)
        spread = _likeliest_spread(here, spread, scales, kind)
        factor = omega.cholesky_of(spread, scales, kind)
        _, solved, variance, shrunk = here.solve(factor[None])
        beta, u, log_sd = solved[0], shrunk, 0.5 * float(np.log(variance[0]))
        if np.abs(np.concatenate([beta, spread, [log_sd]]) - before).max() < TOLERANCE:
            whole = omega.vector_of(factor * np.exp(log_sd), scales, kind)
            return np.concatenate([beta, whole, [log_sd]]), u / np.exp(log_sd), count
    raise ConvergenceError(
        f"Lindstrom-Bates did not settle in {MOST_ROUNDS} rounds; drop a random effect, give other "
        "starting values, or use method='foce'"
    )


def _penalized_least_squares(
    statement: Statement, beta: Floats, spread: Floats, u: Floats
) -> tuple[Floats, Floats, Linearized]:
    """Minimize the penalized squares over fixed effects and u; linearize there.

    Here the residual SD is 1, so u is in units of it.
    """

    def at(trial: Floats) -> Values:
        return statement.values(np.concatenate([trial, spread, [0.0]])[None])

    values = at(beta)
    here = joint(statement, values, u)
    for _ in range(MOST_STEPS):
        line = _linearized(statement, values, beta, u, here)
        _, solved, _, shrunk = line.solve(values.factor)
        step, turn, share = solved[0] - beta, shrunk - u, 1.0
        if max(np.abs(step).max(), np.abs(turn).max() * 1e-2) < TOLERANCE / 10:
            return beta, u, line
        while True:
            trial = at(beta + share * step)
            there = joint(statement, trial, u + share * turn)
            if there.cost.sum() <= here.cost.sum() * (1 + 1e-12) or share < 1e-4:
                break
            share /= 2
        beta, u, values, here = beta + share * step, u + share * turn, trial, there
    return beta, u, _linearized(statement, values, beta, u, here)


def _linearized(
    statement: Statement, values: Values, beta: Floats, u: Floats, here: Joint
) -> Linearized:
    used = statement.records.observed
    x = here.by_fixed[0] * statement.fixed_sizes
    eta = u[0] @ values.factor[0].T
    off = np.where(used, statement.records.value - here.prediction[0], 0.0)
    working = off + x @ beta + np.einsum("smr,sr->sm", here.by_eta[0], eta)
    return Linearized(working, x, here.by_eta[0], used)


def _likeliest_spread(
    line: Linearized, spread: Floats, scales: Floats, kind: omega.Covariance
) -> Floats:
    """Covariance over the residual variance with the highest likelihood of the linear model."""
    from scipy.optimize import minimize

    n = spread.size

    def objective(x: Floats) -> tuple[float, Floats]:
        moved = np.concatenate([x[None], x + STEP * np.eye(n), x - STEP * np.eye(n)])
        values = line.solve(omega.cholesky_of(moved, scales, kind))[0]
        return float(values[0]), (values[1 : n + 1] - values[n + 1 :]) / (2 * STEP)

    found = minimize(objective, spread, jac=True, method="BFGS", options={"gtol": 1e-6})
    return found.x
