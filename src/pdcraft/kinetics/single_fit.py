"""Fit one model to one curve: many starts, one batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.kinetics.likelihood import ErrorModel, Likelihood, aicc
from pdcraft.kinetics.models import Model, Scale, bounds, curve, starts, terms
from pdcraft.kinetics.observed import Observed
from pdcraft.kinetics.stated_errors import enough_stated, filled_sd
from pdcraft.numerics.least_squares import least_squares

__all__ = ["ErrorChoice", "ModelFit", "fit_batch", "fit_model", "likelihood_of", "refusal"]

ErrorChoice = Literal["auto", "constant", "proportional", "sd"]
CENSORED_ROUNDS = 40  # of fitting the curve and its error in turn


@dataclass(frozen=True, slots=True, eq=False)
class ModelFit:
    """A model at its most likely parameters for one curve.

    Parameters
    ----------
    model : Model
    likelihood : Likelihood
    theta : ndarray, shape (p,)
    sigma : float
        Most likely error (1 where the data state their standard deviations).
    aicc : float
    n : int
        Values, censored ones included.
    converged : bool
    """

    model: Model
    likelihood: Likelihood
    theta: Floats
    sigma: float
    aicc: float
    n: int
    converged: bool

    @property
    def terms(self) -> tuple[Floats, Floats]:
        """Coefficients and rates (1/h), slowest first, shape (terms,)."""
        return terms(self.model, self.theta, self.likelihood.scale)

    @property
    def degrees_of_freedom(self) -> int:
        """Quantified values less parameters of the curve."""
        return int((~self.likelihood.censored[0]).sum()) - self.model.n_parameters

    @property
    def scatter(self) -> float:
        """Residual variance per degree of freedom, in units of the stated or fitted error."""
        rows = np.zeros(1, dtype=np.intp)
        sigma = np.array([self.sigma])
        residual, _ = self.likelihood.residuals(self.model, self.theta[None], sigma, rows)
        return float(np.square(residual).sum() / max(self.degrees_of_freedom, 1))

    def at(self, time_h: Floats) -> Floats:
        """Values of the fitted curve."""
        return curve(self.model, self.theta, self.likelihood.scale, np.asarray(time_h))


def likelihood_of(data: Observed, error: ErrorChoice = "auto") -> Likelihood:
    """Set the error model up.

    ``auto`` takes the stated standard deviations where half of the quantified values or more have
    one (see `stated_errors`); otherwise a proportional error, or a constant one if a value is zero.

    Raises
    ------
    DataError
        If no value is quantified, or the chosen error model does not fit the data.
    """
    known = ~data.censored
    if not known.any():
        raise DataError(f"{data.region}: every value is below quantification; nothing to fit")
    has_sd = bool(np.any(data.sd[known] > 0))
    positive = bool(np.all(data.value > 0))
    if not np.any(data.value[known] > 0):
        raise DataError(f"{data.region}: every value is zero; nothing to fit")
    # A scatter between animals is seen in the values; the SD of one animal's measurement is less.
    use_sd = has_sd and enough_stated(data) and data.design != "destructive"
    chosen: ErrorModel = "sd" if use_sd else "proportional" if positive else "constant"
    if error != "auto":
        chosen = error
    if chosen == "sd" and not has_sd:
        raise DataError(
            f"{data.region}: the error model 'sd' needs sd, or sem with n; "
            "else use constant or proportional"
        )
    if chosen == "proportional" and not positive:
        raise DataError(
            f"{data.region}: a proportional error needs values above zero; use constant, or say "
            "the limit of quantification in lloq"
        )
    sd = filled_sd(data) if chosen == "sd" else np.ones_like(data.value)
    scale = Scale.of(data.time_h, data.value)
    n = data.animals if chosen == "sd" else data.value.size
    return Likelihood(chosen, data.time_h, data.value[None], data.censored[None], sd, scale, n)


def refusal(model: Model, likelihood: Likelihood) -> str | None:
    """Why a model cannot be judged on these data, or None."""
    n, k = likelihood.time_h.size, model.n_parameters + likelihood.n_errors
    if n - k - 1 <= 0:
        return f"{n} values for {k} parameters: n - k - 1 = {n - k - 1}"
    distinct = np.unique(likelihood.time_h).size
    if model.n_parameters > distinct:
        return f"{distinct} distinct times for {model.n_parameters} parameters"
    return None


def fit_batch(
    model: Model, likelihood: Likelihood, start: Floats, sigma: Floats | None = None
) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
    """Fit a batch: one data set from many starts, or as many replicates as starts.

    Parameters
    ----------
    start : ndarray, shape (B, p)
    sigma : ndarray, shape (B,), optional
        First guess of the error, where it is estimated.

    Returns
    -------
    theta : ndarray, shape (B, p)
    sigma : ndarray, shape (B,)
    minus_two_log : ndarray, shape (B,)
    converged : ndarray of bool, shape (B,)
    """
    limit = bounds(model, likelihood.scale)
    guess = 0.2 if likelihood.is_log else 0.1 * likelihood.scale.value
    if likelihood.error == "sd":
        guess = 1.0
    error = np.full(start.shape[0], guess) if sigma is None else sigma
    joint = likelihood.error != "sd" and bool(likelihood.censored.any())
    theta, converged = start, np.zeros(start.shape[0], dtype=np.bool_)
    for _ in range(CENSORED_ROUNDS if joint else 1):
        fixed = error

        def residuals(
            t: Floats, rows: NDArray[np.intp], fixed: Floats = fixed
        ) -> tuple[Floats, Floats]:
            return likelihood.residuals(model, t, fixed, rows)

        found = least_squares(residuals, theta, limit.lower, limit.upper)
        theta, converged = found.parameters, found.converged
        if likelihood.error == "sd":
            break
        error = likelihood.likeliest_sigma(model, theta, fixed)
        if np.all(np.abs(error / fixed - 1) < 1e-8):
            break
    return theta, error, likelihood.minus_two_log(model, theta, error), converged


def fit_model(model: Model, likelihood: Likelihood) -> ModelFit | None:
    """Fit one model from all its starts; None where AICc does not exist (see `refusal`)."""
    if refusal(model, likelihood) is not None:
        return None
    first = starts(model, likelihood.scale, likelihood.time_h, likelihood.value[0])
    theta, sigma, minus_two_log, converged = fit_batch(model, likelihood, first)
    best = int(np.nanargmin(minus_two_log))
    n = likelihood.time_h.size
    k = model.n_parameters + likelihood.n_errors
    criterion = aicc(float(minus_two_log[best]), likelihood.n_for_aicc, k)
    if criterion is None:
        return None
    return ModelFit(
        model, likelihood, theta[best], float(sigma[best]), criterion, n, bool(converged[best])
    )
