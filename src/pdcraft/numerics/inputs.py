"""Named uncertain inputs: each has its own random stream, keyed by its meaning.

Draw *i* of an input depends only on the study's seed and the input's name, so adding an input or
changing the order of work moves no other number.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["Uncertain", "fixed", "log_normal", "log_uniform", "stream"]

Z975 = 1.959963984540054  # standard normal 97.5 % point


def stream(seed: int, name: str) -> np.random.Generator:
    """Random stream of a named input in a study with this seed."""
    key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(key,))))


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A positive input with its spread.

    Parameters
    ----------
    name : str
    log_low, log_scale : float
        Location and scale of the logarithm.
    shape : {"fixed", "log-normal", "log-uniform"}
    """

    name: str
    shape: str
    log_low: float
    log_scale: float

    def draw(self, seed: int, n: int) -> Floats:
        """Draw `n` values."""
        if self.shape == "fixed":
            return np.full(n, np.exp(self.log_low))
        rng = stream(seed, self.name)
        unit = rng.standard_normal(n) if self.shape == "log-normal" else rng.random(n)
        return np.exp(self.log_low + self.log_scale * unit)

    @property
    def typical(self) -> float:
        """Median."""
        middle = 0.5 * self.log_scale if self.shape == "log-uniform" else 0.0
        return float(np.exp(self.log_low + middle))


def _positive(name: str, *values: float) -> None:
    for value in values:
        if not 0 < value < np.inf:
            raise DataError(f"{name}: {value} must be positive and finite")


def fixed(name: str, value: float) -> Uncertain:
    """Make an input taken as known."""
    _positive(name, value)
    return Uncertain(name, "fixed", float(np.log(value)), 0.0)


def log_normal(
    name: str, median: float, *, cv: float | None = None, factor: float | None = None
) -> Uncertain:
    """Make an input with a log-normal spread.

    Parameters
    ----------
    median : float
    cv : float, optional
        Coefficient of variation, e.g. 0.3.
    factor : float, optional
        95 % of the draws lie between ``median / factor`` and ``median * factor``.
    """
    _positive(name, median)
    if (cv is None) == (factor is None):
        raise DataError(f"{name}: give cv or factor")
    if cv is not None:
        _positive(f"{name}.cv", cv)
        scale = float(np.sqrt(np.log1p(cv**2)))
    else:
        scale = float(np.log(factor or 1.0) / Z975)
        if scale <= 0:
            raise DataError(f"{name}: factor {factor} must be more than 1")
    return Uncertain(name, "log-normal", float(np.log(median)), scale)


def log_uniform(name: str, low: float, high: float) -> Uncertain:
    """Make an input of which only the order of magnitude is held to be known."""
    _positive(name, low, high)
    if not low < high:
        raise DataError(f"{name}: low {low:g} must be less than high {high:g}")
    return Uncertain(name, "log-uniform", float(np.log(low)), float(np.log(high / low)))
