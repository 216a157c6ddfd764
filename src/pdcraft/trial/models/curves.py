r"""Working models of the CRM: DLT rate by dose with one parameter b.

- empiric: :math:`p_k = s_k^{\exp b}` with the skeleton s [OPF90]_;
- logistic: :math:`\mathrm{logit}\,p_k = a + e^b x_k` with fixed intercept a and
  :math:`x_k = \mathrm{logit}\,s_k - a`.

Both give the skeleton at b = 0 and rise with dose for every b; a larger b means less toxicity.

References
----------
.. [OPF90] J. O'Quigley, M. Pepe, L. Fisher, Biometrics 46, 33 (1990), doi:10.2307/2531628
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.models.skeleton import INTERCEPT, ModelName, checked_skeleton

__all__ = ["Curve"]


@dataclass(frozen=True, slots=True)
class Curve:
    """A working model with its skeleton.

    Parameters
    ----------
    skeleton : array_like, shape (doses,)
        Prior DLT rates, rising.
    model : {"empiric", "logistic"}
    intercept : float
        Of the logistic model.

    Raises
    ------
    DataError
        For an impossible skeleton or an unknown model.
    """

    skeleton: Floats
    model: ModelName = "empiric"
    intercept: float = INTERCEPT

    def __post_init__(self) -> None:
        if self.model not in ("empiric", "logistic"):
            raise DataError(f"CRM model '{self.model}' is unknown; there are empiric and logistic")
        checked = checked_skeleton(self.skeleton, self.model, self.intercept)
        object.__setattr__(self, "skeleton", checked)

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.skeleton.size

    @property
    def scaled(self) -> Floats:
        """Doses on the scale of the model: log s, or logit s less the intercept; all negative."""
        log = np.log(self.skeleton)
        return log if self.model == "empiric" else log - np.log1p(-self.skeleton) - self.intercept

    def log_rates(self, b: ArrayLike) -> tuple[Floats, Floats]:
        """Logarithms of p and of 1 - p, each of shape (..., doses)."""
        z = np.exp(np.asarray(b, dtype=float))[..., None] * self.scaled
        if self.model == "empiric":
            return z, np.log(-np.expm1(z))
        z = z + self.intercept
        return -np.logaddexp(0.0, -z), -np.logaddexp(0.0, z)

    def rates(self, b: ArrayLike) -> Floats:
        """DLT rates, shape (..., doses)."""
        return np.exp(self.log_rates(b)[0])

    def slopes(self, b: ArrayLike) -> tuple[Floats, Floats]:
        """Differentiate log p and log(1 - p) by b, each of shape (..., doses)."""
        log_p, log_q = self.log_rates(b)
        if self.model == "empiric":
            of_p = log_p
        else:
            of_p = np.exp(log_q) * np.exp(np.asarray(b, dtype=float))[..., None] * self.scaled
        return of_p, -np.exp(log_p - log_q) * of_p

    def parameter_at(self, dose: int, rate: float) -> float:
        """Value of b at which a dose (from 0) has a rate; the rate falls with b.

        For a rate that the logistic model only reaches in the limit, minus infinity.
        """
        if self.model == "empiric":
            wanted = np.log(rate)
        else:
            wanted = np.log(rate / (1 - rate)) - self.intercept
        ratio = wanted / self.scaled[dose]
        return float(np.log(ratio)) if ratio > 0 else -np.inf
