"""Response surfaces: few expensive runs at designed points stand in for many.

Values of designed runs are fitted with a polynomial in the inputs, each scaled to -1 ... 1: linear
terms, squares, and products of two as far as the runs allow. Each run is then predicted from all
others; the spread of these misses, the leave-one-out error, is what using the surface costs.

References
----------
.. [All74] D. M. Allen, Technometrics 16, 125 (1974): prediction error sum of squares
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["LEAST_RUNS", "ResponseSurface", "design", "fit_surface"]

LEAST_RUNS = 16
RUNS_PER_TERM = 2.0  # of runs for each coefficient, at least


def design(runs: int, inputs: int, seed: int) -> Floats:
    """Points in the unit cube, (runs, inputs): a scrambled Sobol sequence.

    Raises
    ------
    DataError
        For fewer than 16 runs.
    """
    from scipy.stats import qmc

    if runs < LEAST_RUNS:
        raise DataError(f"response surface: {runs} runs; design at least {LEAST_RUNS}")
    if inputs < 1:
        raise DataError("response surface: no input varies")
    power = int(np.ceil(np.log2(runs)))
    points = qmc.Sobol(inputs, rng=np.random.default_rng(seed)).random_base2(power)
    return np.asarray(points[:runs], dtype=np.float64)


def _terms(inputs: int, runs: int) -> list[tuple[int, ...]]:
    """Terms that so many runs can bear: constant, linear, squares, products."""
    terms: list[tuple[int, ...]] = [(), *((i,) for i in range(inputs))]
    squares = [(i, i) for i in range(inputs)]
    products = [(i, j) for i in range(inputs) for j in range(i + 1, inputs)]
    for more in (squares, products):
        if (len(terms) + len(more)) * RUNS_PER_TERM <= runs:
            terms += more
    return terms


def _columns(points: Floats, terms: tuple[tuple[int, ...], ...]) -> Floats:
    columns = [np.prod(points[:, list(t)], axis=1) if t else np.ones(len(points)) for t in terms]
    return np.stack(columns, axis=1)


@dataclass(frozen=True, slots=True)
class ResponseSurface:
    """A fitted polynomial.

    Parameters
    ----------
    terms : tuple of tuple of int
        Inputs that each coefficient multiplies.
    coefficients : ndarray, shape (terms, ...)
    leave_one_out : ndarray, shape (...)
        Root mean square miss of runs predicted from all others.
    """

    terms: tuple[tuple[int, ...], ...]
    coefficients: Floats
    leave_one_out: Floats

    def predict(self, points: ArrayLike) -> Floats:
        """Values at points of the unit cube, (points, inputs) to (points, ...)."""
        scaled = 2.0 * np.atleast_2d(np.asarray(points, dtype=np.float64)) - 1.0
        return np.tensordot(_columns(scaled, self.terms), self.coefficients, axes=1)


def fit_surface(points: ArrayLike, values: ArrayLike) -> ResponseSurface:
    """Fit values at designed points by least squares.

    Parameters
    ----------
    points : array_like, shape (runs, inputs)
        In the unit cube: ranks or probabilities of the inputs.
    values : array_like, shape (runs, ...)
        Take logarithms of what is positive and varies by factors.

    Raises
    ------
    DataError
        If shapes do not match, or the runs are fewer than 16 or than the linear terms need.
    """
    where = np.asarray(points, dtype=np.float64)
    what = np.asarray(values, dtype=np.float64)
    if where.ndim != 2 or len(where) != len(what):
        raise DataError(
            f"response surface: points have shape {where.shape}, values {what.shape}; give one "
            "value, or array of values, for each run"
        )
    runs, inputs = where.shape
    if runs < max(LEAST_RUNS, inputs + 2):
        raise DataError(
            f"response surface: {runs} runs of {inputs} inputs; it takes {LEAST_RUNS} or more, and "
            "two more than there are inputs"
        )
    terms = tuple(_terms(inputs, runs))
    matrix = _columns(2.0 * where - 1.0, terms)
    q, r = np.linalg.qr(matrix)
    flat = what.reshape(runs, -1)
    coefficients: Floats = np.asarray(np.linalg.solve(r, q.T @ flat), dtype=np.float64)
    leverage = np.sum(q * q, axis=1)
    if np.any(leverage > 1.0 - 1e-9):
        raise DataError("response surface: a run determines a term alone; design more runs")
    miss = (flat - matrix @ coefficients) / (1.0 - leverage)[:, None]  # [All74]
    loo = np.sqrt(np.mean(miss**2, axis=0)).reshape(what.shape[1:])
    return ResponseSurface(terms, coefficients.reshape(len(terms), *what.shape[1:]), loo)
