r"""Does the model describe the data: shrinkage, weighted residuals, NPDE.

References
----------
.. [SK09] R. M. Savic, M. O. Karlsson, AAPS J. 11, 558 (2009), doi:10.1208/s12248-009-9133-0
.. [H07] A. C. Hooker et al., Pharm. Res. 24, 2187 (2007), doi:10.1007/s11095-007-9361-x
.. [B08] K. Brendel et al., Pharm. Res. 23, 2036 (2006), doi:10.1007/s11095-006-9067-5
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.simulate import replicates
from pdcraft.kinetics.population.uncertainty import marginal_variance

__all__ = ["cwres", "epsilon_shrinkage", "eta_shrinkage", "iwres", "npde"]


def _where_used(values: Floats, result: PopulationFit) -> Floats:
    return np.where(result.statement.records.quantified, values, np.nan)


def eta_shrinkage(result: PopulationFit) -> dict[str, float]:
    r"""Shrinkage :math:`1 - \mathrm{SD}(\hat\eta)/\omega` of every random effect [SK09]_.

    0: every subject's data decide its own parameter; 1: they say nothing and all modes are 0. NaN
    for a spread of 0.
    """
    omega = np.sqrt(np.diagonal(result.omega))
    with np.errstate(divide="ignore", invalid="ignore"):
        shrunk = 1 - np.sqrt((result.eta**2).mean(axis=0)) / omega
    return dict(zip(result.statement.random_names, shrunk.tolist(), strict=True))


def iwres(result: PopulationFit) -> Floats:
    """Individual residuals over their SD, shape (subject, observation); NaN where unused."""
    at = result.at_modes
    off = result.statement.records.value - at.prediction[0]
    return _where_used(off / np.sqrt(at.variance[0]), result)


def epsilon_shrinkage(result: PopulationFit) -> float:
    """Shrinkage of the residual error, 1 - SD(IWRES) [SK09]_."""
    return float(1 - np.sqrt(np.nanmean(iwres(result) ** 2)))


def cwres(result: PopulationFit) -> Floats:
    r"""Conditional weighted residuals :math:`V_i^{-1/2}(y - f(\hat\eta) + Z\hat\eta)` [H07]_.

    Returns
    -------
    ndarray, shape (subject, observation)
        About standard normal and independent for a right model; NaN where unused. The root is
        the symmetric one.
    """
    at, records = result.at_modes, result.statement.records
    centered = np.einsum("smr,sr->sm", at.by_u[0], result.u)
    off = np.where(records.quantified, records.value - at.prediction[0] + centered, 0.0)
    size, axis = np.linalg.eigh(marginal_variance(result))
    along = np.einsum("smk,sm->sk", axis, off) / np.sqrt(size)
    return _where_used(np.einsum("smk,sk->sm", axis, along), result)


def npde(result: PopulationFit, *, n: int = 1000, seed: int = 1) -> Floats:
    """Compute normalized prediction distribution errors by simulation [B08]_.

    Parameters
    ----------
    result : PopulationFit
    n : int
        Simulated studies; more than ten times the most observations of a subject.
    seed : int

    Returns
    -------
    ndarray, shape (subject, observation)
        Standard normal and uncorrelated within a subject for a right model; NaN where unused.
        Beyond every simulated value they stop at the quantile of 1/(2 n).

    Raises
    ------
    DataError
        For too few simulated studies.
    """
    from scipy.special import ndtri

    records = result.statement.records
    width = records.value.shape[1]
    if n < 10 * width:
        raise DataError(f"npde: {n} simulated studies for {width} observations; give {10 * width}")
    simulated = replicates(result, n, seed)
    mean = simulated.mean(axis=0)
    off = simulated - mean
    covariance = np.einsum("ksm,ksl->sml", off, off) / (n - 1)
    on = np.arange(width)
    used = records.quantified
    covariance = np.where(used[:, :, None] & used[:, None, :], covariance, 0.0)
    covariance[:, on, on] += ~used  # unused places: variance 1
    root = np.linalg.inv(np.linalg.cholesky(covariance))
    white = np.einsum("sml,ksl->ksm", root, off)
    seen = np.einsum("sml,sl->sm", root, np.where(used, records.value - mean, 0.0))
    below = (white < seen).mean(axis=0)
    return _where_used(ndtri(np.clip(below, 0.5 / n, 1 - 0.5 / n)), result)
