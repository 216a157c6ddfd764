"""What a population fit found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.notebook import Shown, Table, counted, number
from pdcraft.kinetics.population import residual
from pdcraft.kinetics.population.objective import Hessian, Joint, joint
from pdcraft.kinetics.population.statement import Statement, Values

__all__ = ["PopulationFit"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PopulationFit(Shown):
    """A fitted population.

    Parameters
    ----------
    statement : Statement
        Model, data and what was free.
    method : str
    vector : ndarray, shape (n_free,)
        Estimates in the statement's coordinates.
    u : ndarray, shape (subject, random)
        Standardized random effects at their modes.
    objective : float
        Minus twice the log-likelihood, all constants included.
    rounds : int
        Steps of the search.
    """

    statement: Statement
    method: str
    vector: Floats
    u: Floats
    objective: float
    rounds: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "vector", frozen(self.vector, "estimates"))
        object.__setattr__(self, "u", frozen(self.u, "random effects"))

    def _table(self) -> Table:
        between = {name: float(np.sqrt(v)) for name, v in self.variances.items()}
        rows = [(n, number(v), number(between.get(n))) for n, v in self.typical.items()]
        rows += [(name, number(sd), "") for name, sd in self.residual_sd.items()]
        title = f"{self.statement.model.name}, {counted(len(self.u), 'subject')}, {self.method}"
        return Table(title, ("parameter", "typical", "SD between subjects"), rows)

    @property
    def hessian(self) -> Hessian:
        """Form of the objective: that of ``lindstrom-bates`` is ``foce`` at its end."""
        return "laplace" if self.method == "laplace" else "foce"

    @property
    def values(self) -> Values:
        """Population values, with a batch axis of 1."""
        return self.statement.values(self.vector[None])

    @property
    def fixed_effects(self) -> dict[str, float]:
        """Free fixed effects by name: logarithms for log-normal parameters, and exponents."""
        fixed = self.vector[: self.statement.n_fixed] * self.statement.fixed_sizes
        return dict(zip(self.statement.fixed_names, fixed.tolist(), strict=True))

    @property
    def typical(self) -> dict[str, float]:
        """Typical value of every parameter on the natural scale, at the reference covariates."""
        effect = self.values.effect[0]
        return {
            p.name: float(np.exp(m)) if p.logarithmic else float(m)
            for p, m in zip(self.statement.parameters, effect, strict=True)
        }

    @property
    def omega(self) -> Floats:
        """Covariance of the random effects, shape (random, random)."""
        factor = self.values.factor[0]
        return factor @ factor.T

    @property
    def variances(self) -> dict[str, float]:
        """Variances of the random effects by name."""
        return dict(zip(self.statement.random_names, np.diagonal(self.omega).tolist(), strict=True))

    @property
    def residual_sd(self) -> dict[str, float]:
        """Residual SDs by name."""
        own = self.values
        both = {"additive_sd": own.additive_sd, "proportional_sd": own.proportional_sd}
        return {name: float(both[name][0]) for name in residual.names(self.statement.error)}

    @property
    def eta(self) -> Floats:
        """Random effects at their modes, shape (subject, random)."""
        return self.u @ self.values.factor[0].T

    @property
    def individual(self) -> Floats:
        """Individual parameters at the modes, natural scale, shape (subject, parameter)."""
        return self.statement.individual(self.values, self.eta[None])[0][0]

    @property
    def at_modes(self) -> Joint:
        """The joint density at the modes, with a batch axis of 1."""
        return joint(self.statement, self.values, self.u[None])

    @property
    def individual_prediction(self) -> Floats:
        """Predictions of the individual parameters, shape (subject, observation)."""
        return self.at_modes.prediction[0]

    @property
    def population_prediction(self) -> Floats:
        """Predictions of the typical subject with each one's covariates and doses."""
        nobody = np.zeros_like(self.u)[None]
        return joint(self.statement, self.values, nobody).prediction[0]

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood by the method's approximation."""
        return -0.5 * self.objective

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return self.objective + 2 * self.statement.n_free

    @property
    def aicc(self) -> float:
        """Akaike's criterion with the correction for few observations; infinite for too few."""
        k, n = self.statement.n_free, self.statement.records.n_observations
        return self.aic + (2 * k * (k + 1) / (n - k - 1) if n > k + 1 else np.inf)

    @property
    def bic(self) -> float:
        """Schwarz's criterion, counted over observations."""
        n = self.statement.records.n_observations
        return self.objective + self.statement.n_free * float(np.log(n))
