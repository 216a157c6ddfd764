"""Simulate observations from a population model: the same design, new subjects and errors."""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.kinetics.population import residual
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.statement import Statement, Values

__all__ = ["replicates", "simulate"]

BATCH = 200  # replicates at a time: bounds the memory


def simulate(
    statement: Statement, values: Values, n: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw ``n`` studies of the statement's design.

    Parameters
    ----------
    statement : Statement
    values : Values
        Population values with a batch axis of 1.
    n : int
    rng : numpy.random.Generator

    Returns
    -------
    tuple of ndarray
        Observations, shape (n, subject, observation), 0 where unused; random effects, shape
        (n, subject, random).

    Raises
    ------
    DataError
        If ``n`` is below 1.
    """
    if n < 1:
        raise DataError(f"simulate {n} studies; give at least 1")
    records = statement.records
    observations: list[Floats] = []
    effects: list[Floats] = []
    for start in range(0, n, BATCH):
        size = (min(BATCH, n - start), records.n_subjects)
        eta = rng.standard_normal((*size, len(statement.random))) @ values.factor[0].T
        natural, _, _ = statement.individual(values, eta)
        curve = statement.model.predict(natural, records)
        spread, _ = residual.variance(curve, values.additive_sd, values.proportional_sd)
        noisy = curve + np.sqrt(spread) * rng.standard_normal(curve.shape)
        observations.append(np.where(records.observed, noisy, 0.0))
        effects.append(eta)
    return np.concatenate(observations), np.concatenate(effects)


def replicates(result: PopulationFit, n: int, seed: int) -> Floats:
    """``n`` studies simulated at the estimates, shape (n, subject, observation)."""
    return simulate(result.statement, result.values, n, np.random.default_rng(seed))[0]
