"""A population model put to data: what is free, and what a vector of free values means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, did_you_mean
from pdcraft.kinetics.population import omega, residual
from pdcraft.kinetics.population.parameters import Parameter
from pdcraft.kinetics.population.records import Records
from pdcraft.kinetics.population.structure import StructuralModel

__all__ = ["Statement", "Values"]


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """Population values in a batch of vectors.

    Parameters
    ----------
    effect : ndarray, shape (batch, parameter)
        Fixed effects, log scale for log-normal parameters.
    exponent : ndarray, shape (batch, covariate effect)
    factor : ndarray, shape (batch, random, random)
        Cholesky factor of the covariance of the random effects.
    additive_sd, proportional_sd : ndarray, shape (batch,)
    """

    effect: Floats
    exponent: Floats
    factor: Floats
    additive_sd: Floats
    proportional_sd: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """Model, parameters, forms of the covariance and of the residual error, and the data.

    The vector of free values holds, in this order: free fixed effects over their size (see
    `Parameter.unit_size`), free exponents, the covariance's entries, logarithms of residual SDs.

    Parameters
    ----------
    model : StructuralModel
    parameters : tuple of Parameter
        In the model's order.
    records : Records
    covariance : {"diagonal", "full"}
    error : {"additive", "proportional", "combined"}

    Raises
    ------
    DataError
        For a parameter that the model does not have or lacks, or a covariate that is not there
        or not positive.
    """

    model: StructuralModel
    parameters: tuple[Parameter, ...]
    records: Records
    covariance: omega.Covariance = "diagonal"
    error: residual.Residual = "additive"

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", _in_order(self.model, tuple(self.parameters)))
        known = self.records.covariates
        for p in self.parameters:
            for c in p.covariates:
                if c.name not in known:
                    hint = did_you_mean(c.name, known) or f"there are {list(known)}"
                    raise DataError(f"parameter {p.name}: no covariate '{c.name}' in data; {hint}")
                if np.any(known[c.name] <= 0):
                    raise DataError(
                        f"covariate {c.name}: {known[c.name].min():g}; a power needs values above 0"
                    )

    # -- what is free ------------------------------------------------------------------------

    @property
    def free(self) -> tuple[int, ...]:
        """Parameters whose fixed effect is estimated."""
        return tuple(i for i, p in enumerate(self.parameters) if not p.fixed)

    @property
    def random(self) -> tuple[int, ...]:
        """Parameters with a random effect."""
        return tuple(i for i, p in enumerate(self.parameters) if p.random)

    @property
    def powers(self) -> tuple[tuple[int, int], ...]:
        """Covariate effects as (parameter, place in its covariates)."""
        return tuple(
            (i, j) for i, p in enumerate(self.parameters) for j in range(len(p.covariates))
        )

    @property
    def free_powers(self) -> tuple[int, ...]:
        """Places in `powers` that are estimated."""
        return tuple(
            k for k, (i, j) in enumerate(self.powers) if self.parameters[i].covariates[j].estimate
        )

    @property
    def fixed_names(self) -> tuple[str, ...]:
        """Names of the free fixed effects, exponents as ``CL~WT``."""
        own = [self.parameters[i].name for i in self.free]
        for k in self.free_powers:
            i, j = self.powers[k]
            own.append(f"{self.parameters[i].name}~{self.parameters[i].covariates[j].name}")
        return tuple(own)

    @property
    def random_names(self) -> tuple[str, ...]:
        """Names of the parameters with a random effect."""
        return tuple(self.parameters[i].name for i in self.random)

    @property
    def fixed_sizes(self) -> Floats:
        """What one unit of the vector is, for the free fixed effects."""
        sizes = [self.parameters[i].unit_size for i in self.free]
        return np.array(sizes + [1.0] * len(self.free_powers))

    @property
    def random_sizes(self) -> Floats:
        """Scale of each random effect, shape (random,)."""
        return np.array([self.parameters[i].unit_size for i in self.random])

    @property
    def n_fixed(self) -> int:
        """Number of free fixed effects."""
        return len(self.free) + len(self.free_powers)

    @property
    def n_free(self) -> int:
        """Length of the vector."""
        spread = omega.n_free(len(self.random), self.covariance)
        return self.n_fixed + spread + len(residual.names(self.error))

    def start(self, additive_sd: float, proportional_sd: float) -> Floats:
        """Vector where the search starts, given residual SDs."""
        effects = [self.parameters[i].start_effect for i in self.free]
        powers = [self.powers[k] for k in self.free_powers]
        effects += [self.parameters[i].covariates[j].exponent for i, j in powers]
        spread = np.diag([self.parameters[i].start_spread for i in self.random])
        sd = {"additive_sd": additive_sd, "proportional_sd": proportional_sd}
        return np.concatenate(
            [
                np.array(effects) / self.fixed_sizes,
                omega.vector_of(spread, self.random_sizes, self.covariance),
                np.log([sd[name] for name in residual.names(self.error)]),
            ]
        )

    # -- what a vector means -----------------------------------------------------------------

    def values(self, vectors: Floats) -> Values:
        """Give the population values of a batch of vectors, shape (batch, n_free)."""
        batch = vectors.shape[0]
        n, r = len(self.free), len(self.random)
        fixed = vectors[:, : self.n_fixed] * self.fixed_sizes
        effect = np.tile([p.start_effect for p in self.parameters], (batch, 1))
        effect[:, self.free] = fixed[:, :n]
        exponent = np.tile(
            np.array([self.parameters[i].covariates[j].exponent for i, j in self.powers]),
            (batch, 1),
        )
        if self.free_powers:
            exponent[:, self.free_powers] = fixed[:, n:]
        end = self.n_fixed + omega.n_free(r, self.covariance)
        factor = omega.cholesky_of(
            vectors[:, self.n_fixed : end], self.random_sizes, self.covariance
        )
        additive, proportional = residual.deviations(vectors[:, end:], self.error)
        return Values(effect, exponent, factor, additive, proportional)

    def log_ratio(self, power: int) -> Floats:
        """Logarithm of the covariate over its reference, shape (subject,)."""
        i, j = self.powers[power]
        covariate = self.parameters[i].covariates[j]
        return np.log(self.records.covariates[covariate.name] / covariate.reference)

    def individual(self, values: Values, eta: Floats) -> tuple[Floats, Floats, Floats]:
        """Individual parameters and their slopes.

        Parameters
        ----------
        values : Values
        eta : ndarray, shape (batch, subject, random)

        Returns
        -------
        tuple of ndarray
            Natural scale, shape (batch, subject, parameter); slope to the random effects, same
            shape; slope to the free fixed effects, shape (batch, subject, parameter, fixed).
        """
        batch, n_subjects = eta.shape[:2]
        shape = (batch, n_subjects, len(self.parameters))
        power = np.zeros(shape)
        for k, (i, _) in enumerate(self.powers):
            power[..., i] += values.exponent[:, k, None] * self.log_ratio(k)
        deviation = np.zeros(shape)
        deviation[..., self.random] = eta
        log = np.array([p.logarithmic for p in self.parameters])
        middle = values.effect[:, None, :]
        times = np.exp(power)
        natural = np.where(log, np.exp(np.where(log, middle + power + deviation, 0.0)), 0.0)
        natural = np.where(log, natural, middle * times + deviation)
        by_eta = np.where(log, natural, 1.0)
        by_fixed = np.zeros((*shape, self.n_fixed))
        for column, i in enumerate(self.free):
            by_fixed[..., i, column] = natural[..., i] if log[i] else times[..., i]
        for column, k in enumerate(self.free_powers, start=len(self.free)):
            i = self.powers[k][0]
            base = natural[..., i] if log[i] else (middle * times)[..., i]
            by_fixed[..., i, column] = base * self.log_ratio(k)
        return natural, by_eta, by_fixed


def _in_order(model: StructuralModel, given: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    by_name = {p.name: p for p in given}
    extra = [n for n in by_name if n not in model.parameters]
    missing = [n for n in model.parameters if n not in by_name]
    if extra or missing or len(by_name) != len(given):
        raise DataError(
            f"model {model.name} has the parameters {', '.join(model.parameters)}; given were "
            f"{', '.join(p.name for p in given)}"
        )
    if not any(p.random for p in given):
        raise DataError(f"model {model.name}: no parameter is random; give one random=True")
    return tuple(by_name[n] for n in model.parameters)
