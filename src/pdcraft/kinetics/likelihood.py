r"""How far a curve is from data: error models, values below quantification, AICc.

- ``constant``: normal errors of one unknown standard deviation.
- ``proportional``: one unknown coefficient of variation, as normal errors of the logarithm; the
  values must be above zero.
- ``sd``: normal errors whose standard deviations the data state.

A value below its limit L contributes :math:`\Phi((L - f)/\sigma)`, the probability of lying below
(Beal's M3). It enters least squares as the deviance residual :math:`\sqrt{-2\ln\Phi}`, so the sum
of squares is minus twice the log-likelihood, up to what depends on :math:`\sigma` alone.

References
----------
.. [B01] S. L. Beal, J. Pharmacokinet. Pharmacodyn. 28, 481 (2001), doi:10.1023/A:1012299115260
.. [HT89] C. M. Hurvich, C.-L. Tsai, Biometrika 76, 297 (1989), doi:10.1093/biomet/76.2.297
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.models import Model, Scale, gradient
from pdcraft.kinetics.models import curve as model_curve

__all__ = ["ErrorModel", "Likelihood", "aicc"]

ErrorModel = Literal["constant", "proportional", "sd"]
_TINY = 1e-150
_STEPS, _SETTLED = 60, 1e-10  # of the error beside censored values, relative


def aicc(minus_two_log_likelihood: float, n: int, k: int) -> float | None:
    """Akaike's criterion with the correction for few values [HT89]_; None where it has none.

    Parameters
    ----------
    n, k : int
        Values and estimated parameters, an estimated error included.

    Returns
    -------
    float or None
        None if ``n - k - 1 <= 0``: such a model is refused, not chosen.

    Examples
    --------
    >>> aicc(10.0, 6, 2)
    18.0
    >>> aicc(10.0, 6, 5) is None
    True
    """
    if n - k - 1 <= 0:
        return None
    return minus_two_log_likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """One data set, or a batch of replicates at the same times, with its error model.

    Parameters
    ----------
    error : {"constant", "proportional", "sd"}
    time_h : ndarray, shape (n,)
    value : ndarray, shape (B, n)
        Values; where `censored`, their limits of quantification. B = 1 serves any batch.
    censored : ndarray of bool, shape (B, n)
    sd : ndarray, shape (n,)
        Stated standard deviations (``sd``), else ones.
    scale : Scale
    n_for_aicc : int
        Sample size in the small-sample term of AICc: the values, or, where stated errors of group
        means carry the scatter, the animals behind them. The likelihood of the animals differs
        from that of their means by a constant only, so means and animals choose alike.
    """

    error: ErrorModel
    time_h: Floats
    value: Floats
    censored: NDArray[np.bool_]
    sd: Floats
    scale: Scale
    n_for_aicc: int

    @property
    def is_log(self) -> bool:
        """Whether errors are of the logarithm."""
        return self.error == "proportional"

    @property
    def n_errors(self) -> int:
        """Number of estimated parameters of the error."""
        return 0 if self.error == "sd" else 1

    def _rows(self, rows: NDArray[np.intp]) -> tuple[Floats, NDArray[np.bool_]]:
        if self.value.shape[0] == 1:
            return self.value, self.censored
        return self.value[rows], self.censored[rows]

    def _deviation(self, fitted: Floats, rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Subtract curve from data on the scale of the error; also the curve's derivative there."""
        value, _ = self._rows(rows)
        if self.is_log:
            safe = np.maximum(fitted, 1e-12 * self.scale.value)
            return np.log(value) - np.log(safe), 1.0 / safe
        return value - fitted, np.ones_like(fitted)

    def residuals(
        self, model: Model, theta: Floats, sigma: Floats, rows: NDArray[np.intp]
    ) -> tuple[Floats, Floats]:
        """Deviance residuals and their derivatives; `sigma` per row, times `sd`."""
        fitted, jac = gradient(model, theta, self.scale, self.time_h)
        deviation, slope = self._deviation(fitted, rows)
        width = sigma[rows, None] * self.sd
        z = deviation / width
        _, censored = self._rows(rows)
        residual, by_z = _censored(z, np.broadcast_to(censored, z.shape))
        return residual, -(by_z * slope / width)[..., None] * jac

    def information(self, model: Model, theta: Floats, sigma: float) -> Floats:
        """Information matrix (expected curvature), shape (p, p), of one parameter vector."""
        rows = np.zeros(1, dtype=np.intp)
        fitted, jac = gradient(model, theta[None], self.scale, self.time_h)
        deviation, slope = self._deviation(fitted, rows)
        width = sigma * self.sd
        z = deviation / width
        _, censored = self._rows(rows)
        hazard = _hazard(z)
        weight = np.where(censored, hazard * (hazard + z), 1.0) * np.square(slope / width)
        return np.einsum("bi,bip,biq->pq", weight, jac, jac)

    def minus_two_log(self, model: Model, theta: Floats, sigma: Floats) -> Floats:
        """Minus twice the log-likelihood of the values as printed, shape (B,)."""
        rows = np.arange(theta.shape[0])
        fitted = model_curve(model, theta, self.scale, self.time_h)
        deviation, _ = self._deviation(fitted, rows)
        width = sigma[:, None] * self.sd
        value, censored = self._rows(rows)
        residual, _ = _censored(deviation / width, np.broadcast_to(censored, deviation.shape))
        constant = np.log(2 * np.pi * np.square(width))
        if self.is_log:  # the density of a value, not of its logarithm
            constant = constant + 2 * np.log(value)
        return (np.square(residual) + np.where(censored, 0.0, constant)).sum(axis=1)

    def likeliest_sigma(self, model: Model, theta: Floats, sigma: Floats) -> Floats:
        """Error that fits given curves best, shape (B,), from a guess `sigma`."""
        rows = np.arange(theta.shape[0])
        fitted = model_curve(model, theta, self.scale, self.time_h)
        deviation, _ = self._deviation(fitted, rows)
        censored = np.broadcast_to(self._rows(rows)[1], deviation.shape)
        square = np.where(censored, 0.0, np.square(deviation)).sum(axis=1)
        seen = (~censored).sum(axis=1)
        floor = 1e-10 if self.is_log else 1e-10 * self.scale.value
        if not censored.any():
            return np.maximum(np.sqrt(square / np.maximum(seen, 0.5)), floor)
        for _ in range(_STEPS):
            z = deviation / sigma[:, None]
            pull = np.where(censored, z * _hazard(z), 0.0).sum(axis=1)
            whole = np.maximum(np.sqrt(square / np.maximum(seen + pull, 0.5)), floor)
            moved = np.sqrt(whole / sigma)  # half way, in the logarithm: whole steps may swing
            sigma = sigma * moved
            if np.all(np.abs(moved - 1) < _SETTLED):
                break
        return sigma


def _hazard(z: Floats) -> Floats:
    """Density over probability below, without under- or overflow."""
    from scipy.special import log_ndtr

    return np.exp(-0.5 * np.square(z) - 0.5 * np.log(2 * np.pi) - log_ndtr(z))


def _censored(z: Floats, censored: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Deviance residual and its derivative by z: z itself where the value is known."""
    if not censored.any():
        return z, np.ones_like(z)
    from scipy.special import log_ndtr

    deviance = np.sqrt(np.maximum(-2 * log_ndtr(z), _TINY))
    residual = np.where(censored, deviance, z)
    return residual, np.where(censored, -_hazard(z) / deviance, 1.0)
