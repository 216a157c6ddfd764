"""How well the estimates are known: covariance matrices and standard errors.

References
----------
.. [PB00] J. C. Pinheiro, D. M. Bates, Mixed-Effects Models in S and S-PLUS, Springer 2000, 7.2.2
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ConvergenceError
from pdcraft.kinetics.population.objective import curvature, minus_twice_log_l
from pdcraft.kinetics.population.result import PopulationFit

__all__ = [
    "hessian_covariance",
    "linearized_covariance",
    "marginal_variance",
    "standard_errors",
]

STEP = 1e-3  # of the vector's entries, logarithms or relative: curvature good to about 1e-5


def marginal_variance(result: PopulationFit) -> Floats:
    """Covariance of every subject's observations, linearized at its mode.

    Returns
    -------
    ndarray, shape (subject, observation, observation)
        Places without a measured value have variance 1 and no covariance.
    """
    at, used = result.at_modes, result.statement.records.quantified
    z, eye = np.where(used[..., None], at.by_u[0], 0.0), np.eye(used.shape[-1])
    return z @ np.swapaxes(z, -1, -2) + np.where(used, at.variance[0], 1.0)[..., None] * eye


def linearized_covariance(result: PopulationFit, *, small_sample: bool = True) -> Floats:
    r"""Covariance of the fixed effects of the model linearized at the modes [PB00]_.

    .. math:: \left(\sum_i X_i^\top V_i^{-1} X_i\right)^{-1}

    Parameters
    ----------
    result : PopulationFit
    small_sample : bool
        Times N/(N - p) for N observations and p fixed effects, as nlme's ``summary`` prints.

    Returns
    -------
    ndarray, shape (fixed, fixed)
        In the order of ``fixed_effects``.
    """
    used = result.statement.records.quantified
    x = np.where(used[..., None], result.at_modes.by_fixed[0], 0.0)
    information = np.einsum("smk,sml->kl", x, np.linalg.solve(marginal_variance(result), x))
    n, p = int(used.sum()), x.shape[-1]
    factor = n / (n - p) if small_sample else 1.0
    return np.asarray(np.linalg.inv(information) * factor, dtype=float)


def hessian_covariance(result: PopulationFit) -> Floats:
    """Covariance of the whole vector: twice the inverse Hessian of -2 log L.

    It knows that the spread and the residual error are estimated too. Taken at the end of
    ``lindstrom-bates``, it is the curvature of the ``foce`` likelihood there.

    Returns
    -------
    ndarray, shape (n_free, n_free)
        In the statement's coordinates: relative or logarithmic.

    Raises
    ------
    ConvergenceError
        If the objective is not curved upwards in every direction.
    """

    def objective(vectors: Floats) -> Floats:
        modes = np.broadcast_to(result.u, (len(vectors), *result.u.shape))
        return minus_twice_log_l(result.statement, vectors, modes, result.hessian)[0]

    vector = np.array(result.vector)
    curved = curvature(objective, vector, np.full(vector.size, STEP)) / STEP**2
    lowest = np.linalg.eigvalsh(curved)[0] if np.isfinite(curved).all() else np.nan
    if not lowest > 0:
        raise ConvergenceError(
            f"the likelihood is flat or a saddle here (lowest curvature {lowest:.3g}); a spread "
            "at 0 or a value the data do not speak of: fix it or drop its random effect"
        )
    return np.asarray(2 * np.linalg.inv(curved), dtype=float)


def standard_errors(result: PopulationFit, *, from_hessian: bool = False) -> dict[str, float]:
    """Give standard errors of the fixed effects by name, linearized or from the Hessian."""
    if from_hessian:
        p = result.statement.n_fixed
        covariance = hessian_covariance(result)[:p, :p]
        sd = np.sqrt(np.diagonal(covariance)) * result.statement.fixed_sizes
    else:
        sd = np.sqrt(np.diagonal(linearized_covariance(result)))
    return dict(zip(result.statement.fixed_names, sd.tolist(), strict=True))
