r"""Draws of a population's estimates that stay where the data can still be, down to a spread of 0.

A spread between subjects may be estimated at 0. Its logarithm is then free to fall without limit,
and a normal law of the logarithm has no meaning. The likelihood is smooth and even in the spread
itself, so SDs are drawn on their own scale, reflected at 0: the entries of the Cholesky factor L
in :math:`\Omega = L L^\top` and the residual SDs take either sign, which changes neither
:math:`\Omega` nor the error's variance.

References
----------
.. [PB00] J. C. Pinheiro, D. M. Bates, Mixed-Effects Models in S and S-PLUS, Springer 2000, 2.4
"""

from __future__ import annotations

from functools import partial

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.population.objective import curvature, minus_twice_log_l
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.statement import Statement

__all__ = ["draw_estimates"]

STEP = 0.05  # of each entry's size: the curvature is good to about 1e-3 of itself
WIDEST = 2.0  # SD of a direction that the curvature leaves open, in the entries' sizes
EXCLUDED = 1e-4  # of draws would lie further out than this if the likelihood were normal
SMALLEST = 1e-12  # SD over its size that stands for 0
BATCH = 200  # vectors at a time: bounds the memory
HALVINGS = 30


def draw_estimates(result: PopulationFit, n: int, rng: np.random.Generator) -> Floats:
    """Draw vectors of estimates from the likelihood's curvature.

    A draw that the data exclude (by likelihood ratio, 1 in 10 000) is moved halfway to the
    estimates until they do not: no draw is far off, however flat the curvature.

    Parameters
    ----------
    result : PopulationFit
    n : int
    rng : numpy Generator

    Returns
    -------
    ndarray, shape (n, n_free)
        In the statement's coordinates; finite.
    """
    from scipy.stats import chi2

    statement = result.statement
    best, size = _signed(statement, np.array(result.vector)), _sizes(result)
    off = size * (rng.standard_normal((n, best.size)) @ _root(result, best, size).T)
    allowed = result.objective + float(chi2.isf(EXCLUDED, best.size))
    outside = np.arange(n)
    for _ in range(HALVINGS):
        far = ~(_objective(result, best + off[outside]) <= allowed)
        outside = outside[far]
        if outside.size == 0:
            break
        off[outside] /= 2
    off[outside] = 0.0
    return _vectors(statement, best + off)


def _root(result: PopulationFit, best: Floats, size: Floats) -> Floats:
    """Root of the covariance in units of ``size``; open directions have an SD of ``WIDEST``."""
    curved = curvature(partial(_objective, result), best, STEP * size) / STEP**2
    along, axes = np.linalg.eigh(np.where(np.isfinite(curved), curved, 0.0))
    return axes * np.sqrt(2 / np.maximum(along, 2 / WIDEST**2))


def _objective(result: PopulationFit, signed: Floats) -> Floats:
    vectors = _vectors(result.statement, signed)
    out: list[Floats] = []
    for start in range(0, len(vectors), BATCH):
        some = vectors[start : start + BATCH]
        modes = np.broadcast_to(result.u, (len(some), *result.u.shape))
        with np.errstate(invalid="ignore"):
            out.append(minus_twice_log_l(result.statement, some, modes, result.hessian)[0])
    return np.concatenate(out) if out else np.zeros(0)


def _sizes(result: PopulationFit) -> Floats:
    """Size of a large change of each entry: 1 for a logarithm, for an SD what hides it.

    A spread hides behind the error with which one subject's data tell its effect.
    """
    statement, at = result.statement, result.at_modes
    used, variance = statement.records.observed, at.variance[0]
    tells = (at.by_eta[0] ** 2 / variance[..., None]).sum(axis=1).mean(axis=0)
    own = statement.random_sizes
    spread = np.sqrt(np.diagonal(result.omega)) / own
    blind = 1 / np.sqrt(np.maximum(tells, 1e-300)) / own
    spread = np.minimum(np.hypot(spread, blind), 1.0)
    sizes = [*np.ones(statement.n_fixed), *spread]
    if statement.covariance == "full":
        row = np.tril_indices(spread.size, -1)[0]
        sizes += [float(spread[i]) for i in row]
    curve = np.abs(at.prediction[0][used])
    seen = {
        "additive_sd": np.sqrt(np.median(variance[used])),
        "proportional_sd": np.sqrt(np.median(variance[used])) / max(np.median(curve), 1e-300),
    }
    sizes += [max(float(v), min(float(seen[n]), 1e3 * v)) for n, v in result.residual_sd.items()]
    return np.array(sizes)


def _places(statement: Statement) -> tuple[slice, slice, slice]:
    """Where the logarithms of the spreads, the rest of the factor, and the residual SDs stand."""
    p, r = statement.n_fixed, len(statement.random)
    end = statement.n_free - (2 if statement.error == "combined" else 1)
    return slice(p, p + r), slice(p + r, end), slice(end, statement.n_free)


def _signed(statement: Statement, vector: Floats) -> Floats:
    """SDs for their logarithms."""
    spread, _, residual = _places(statement)
    out = vector.copy()
    for part in (spread, residual):
        out[part] = np.exp(vector[part])
    return out


def _vectors(statement: Statement, signed: Floats) -> Floats:
    """Vectors of signed SDs, shape (batch, n_free): columns of L turned to a positive diagonal."""
    spread, below, residual = _places(statement)
    out = np.array(signed)
    if statement.covariance == "full":
        _, column = np.tril_indices(len(statement.random), -1)
        out[:, below] *= np.where(signed[:, spread] < 0, -1.0, 1.0)[:, column]
    for part in (spread, residual):
        out[:, part] = np.log(np.maximum(np.abs(signed[:, part]), SMALLEST))
    return out
