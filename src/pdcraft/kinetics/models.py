r"""Sums of one to three exponentials, with and without uptake, that cannot go below zero.

Every model is :math:`f(t) = \sum_i c_i e^{-r_i t}` with :math:`c = a M`: amplitudes
:math:`a_j \ge 0` times a fixed mixing matrix. Each row of the matrix is a curve that is nowhere
negative (a decay, or an uptake :math:`e^{-rt} - e^{-r_a t}` with :math:`r_a > r`), so the sum is
nowhere negative either, while uptake terms have negative coefficients.

Rates are ordered by construction: the slowest from zero (retention) up, each next one above it.
The parameters are amplitudes in units of the data and logarithms of rates in units of the last
time T; the slowest rate is shifted, ``log(rate * T + 0.1)``, so that zero is a finite bound: rates
far below a tenth of 1/T cannot be told from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType
from typing import TypeVar

import numpy as np

from pdcraft.core.arrays import Floats, frozen

__all__ = ["MODELS", "Bounds", "Model", "Scale", "bounds", "curve", "gradient", "starts", "terms"]

RATE_SHIFT = 0.1  # in units of 1/T
LARGEST_AMPLITUDE = 1e3  # in units of the largest value: two terms may nearly cancel
SMALLEST_INCREMENT = 1e-2  # between neighboring rates, in units of 1/T
STEPS_PER_GAP = 20.0  # fastest rate: e^-20 within the shortest gap between two times
UNSEEN_FALL = 2.0  # a decay may fall by e^-2 before the first measurement: a spike that nobody saw

Number = TypeVar("Number", np.float64, np.complex128)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A family of curves.

    Parameters
    ----------
    name : str
    mixing : ndarray, shape (amplitudes, rates)
        Coefficient of each exponential per unit of each amplitude, slowest rate first.
    """

    name: str
    mixing: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "mixing", frozen(self.mixing, f"model {self.name}"))

    @property
    def n_amplitudes(self) -> int:
        """Number of amplitudes."""
        return self.mixing.shape[0]

    @property
    def n_rates(self) -> int:
        """Number of exponentials."""
        return self.mixing.shape[1]

    @property
    def n_parameters(self) -> int:
        """Number of free parameters of the curve."""
        return self.n_amplitudes + self.n_rates


MODELS = MappingProxyType(
    {
        "exp1": Model("exp1", np.eye(1)),
        "exp2": Model("exp2", np.eye(2)),
        "exp3": Model("exp3", np.eye(3)),
        "uptake_exp1": Model("uptake_exp1", np.array([[1.0, -1.0]])),
        "uptake_exp1_from_f0": Model("uptake_exp1_from_f0", np.array([[1.0, -1.0], [1.0, 0.0]])),
        "uptake_exp2": Model("uptake_exp2", np.array([[1.0, 0.0, -1.0], [0.0, 1.0, -1.0]])),
    }
)
"""By name; ``uptake_`` models start at zero, ``uptake_exp1_from_f0`` at a free value above zero."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Natural sizes of one data set: largest value, last and first time, shortest gap (h)."""

    value: float
    time_h: float
    first_h: float
    gap_h: float

    @classmethod
    def of(cls, time_h: Floats, value: Floats) -> Scale:
        """Take the sizes from the data; time 0 counts as a time."""
        times = np.unique(np.append(time_h, 0.0))
        last = float(times[-1]) or 1.0
        gap = float(np.diff(times).min()) if times.size > 1 else last
        return cls(float(np.max(value)) or 1.0, last, float(np.min(time_h)), gap)


@dataclass(frozen=True, slots=True, eq=False)
class Bounds:
    """Lower and upper bounds of a model's parameters, shape (p,)."""

    lower: Floats
    upper: Floats


def bounds(model: Model, scale: Scale) -> Bounds:
    """Bounds: amplitudes and rates from zero up, rates that the times can resolve.

    An uptake may be over within the shortest gap between times. A decay that is over before the
    first measurement would be a spike of any height that no value speaks for: its rates end at
    two per first time.
    """
    fastest = STEPS_PER_GAP / scale.gap_h
    decay = min(UNSEEN_FALL / scale.first_h, fastest) if scale.first_h > 0 else fastest
    slow = [np.log(RATE_SHIFT)] + [np.log(SMALLEST_INCREMENT)] * (model.n_rates - 1)
    fast = np.full(model.n_rates, np.log(decay * scale.time_h + RATE_SHIFT))
    if np.any(model.mixing[:, -1] < 0):
        fast[-1] = np.log(fastest * scale.time_h)
    zeros = np.zeros(model.n_amplitudes)
    return Bounds(np.concatenate([zeros, slow]), np.concatenate([zeros + LARGEST_AMPLITUDE, fast]))


def terms(model: Model, theta: Floats, scale: Scale) -> tuple[Floats, Floats]:
    """Coefficients and rates (1/h), slowest first.

    Parameters
    ----------
    theta : ndarray, shape (..., p)

    Returns
    -------
    coefficients, rates_per_h : ndarray, shape (..., terms)
    """
    q = model.n_amplitudes
    coefficients = scale.value * theta[..., :q] @ model.mixing
    increments = np.exp(theta[..., q:])
    rates = np.cumsum(increments, axis=-1) - RATE_SHIFT
    return coefficients, rates / scale.time_h


def curve(model: Model, theta: Floats, scale: Scale, time_h: Floats) -> Floats:
    """Values of the model, shape (..., time)."""
    coefficients, rates = terms(model, theta, scale)
    return np.einsum("...i,...it->...t", coefficients, np.exp(-rates[..., None] * time_h))


def gradient(model: Model, theta: Floats, scale: Scale, time_h: Floats) -> tuple[Floats, Floats]:
    """Values and their exact derivatives by the parameters.

    Parameters
    ----------
    theta : ndarray, shape (B, p)
    time_h : ndarray, shape (n,)

    Returns
    -------
    values : ndarray, shape (B, n)
    jacobian : ndarray, shape (B, n, p)
    """
    q = model.n_amplitudes
    coefficients, rates = terms(model, theta, scale)
    decay = np.exp(-rates[..., None] * time_h)
    values = np.einsum("bi,bit->bt", coefficients, decay)
    by_amplitude = scale.value * np.einsum("ji,bit->btj", model.mixing, decay)
    by_rate = -time_h * coefficients[..., None] * decay  # (B, term, time)
    # an increment moves its own rate and all faster ones
    onward = np.flip(np.cumsum(np.flip(by_rate, 1), axis=1), 1)
    increments = np.exp(theta[..., q:]) / scale.time_h
    by_log = np.swapaxes(onward * increments[..., None], 1, 2)
    return values, np.concatenate([by_amplitude, by_log], axis=2)


def starts(model: Model, scale: Scale, time_h: Floats, value: Floats) -> Floats:
    """Choose starting points: a grid of ordered rates, amplitudes by linear least squares.

    Returns
    -------
    ndarray, shape (starts, p)
    """
    limit = bounds(model, scale)
    fastest = np.exp(limit.upper[-1])
    grid = np.geomspace(0.3, max(min(fastest, 3 * scale.time_h / scale.gap_h), 3.0), 7)
    chosen: list[Sequence[float]] = [*combinations(grid, model.n_rates)]
    if model.n_rates <= 2:  # retention, as a slowest rate of zero
        chosen += [(1e-3, *rest) for rest in combinations(grid, model.n_rates - 1)]
    rates = np.array(chosen)
    basis = np.einsum(
        "ji,bit->btj", model.mixing, np.exp(-rates[..., None] * time_h / scale.time_h)
    )
    amplitudes = (np.linalg.pinv(basis) @ (value / scale.value)[:, None])[..., 0]
    amplitudes = np.maximum(np.nan_to_num(amplitudes), 0.01)
    increments = np.diff(rates, axis=1, prepend=0.0)
    increments[:, 0] += RATE_SHIFT
    return np.clip(np.hstack([amplitudes, np.log(increments)]), limit.lower, limit.upper)
