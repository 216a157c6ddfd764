r"""Micrometastases under a dose: which are sterilized, and when the first of the rest is seen.

A metastasis of :math:`N` clonogens grows at :math:`\lambda` and is killed with the cumulative
effect :math:`E(t)`, so that :math:`N e^{x(t)}`, :math:`x = \lambda t - E`, are expected. Its fate
is decided where they are fewest: there it keeps a Poisson number, given that it was one at all on
day 0, and from there it grows as before. Dose that comes late meets more clonogens, and dose that
comes slowly competes with growth. Relapse is the first day on which a metastasis of the animal
reaches the detectable number :math:`M`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = ["Micrometastases", "relapse_day"]

EXACT = 1e6  # clonogens above which the Poisson number is its mean
TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Micrometastases:
    """Metastases of an animal.

    Parameters
    ----------
    mean_number : float
        Poisson, above zero.
    radius_um : float
        Median.
    log_sd : float
        Of the radius.
    """

    mean_number: float
    radius_um: float
    log_sd: float

    def __post_init__(self) -> None:
        if not (self.mean_number > 0 and self.radius_um > 0 and self.log_sd >= 0):
            raise PhysicsRangeError(
                f"metastases: {self.mean_number:g} of {self.radius_um:g} um, log SD "
                f"{self.log_sd:g}; number and radius above zero, spread not negative"
            )

    def draw(self, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
        """Radii, um, shape (..., most of any animal); 0 where an animal has fewer."""
        number = rng.poisson(self.mean_number, shape)
        most = int(number.max(initial=1))
        radius = self.radius_um * np.exp(self.log_sd * rng.standard_normal((*shape, most)))
        return np.where(np.arange(most) < number[..., None], radius, 0.0)


def relapse_day(
    clonogens: Floats,
    rate_per_d: Floats,
    detectable: Floats,
    time_d: Floats,
    effect: Callable[[int], Floats | float],
    rng: np.random.Generator,
) -> Floats:
    """Day on which the first metastasis is seen, shape (...); infinite for none by the last time.

    Parameters
    ----------
    clonogens : ndarray, shape (..., metastases)
        On day 0; 0 where there is none.
    rate_per_d : ndarray, shape (...)
        Of growth.
    detectable : ndarray, shape broadcasting to (...)
        Clonogens at which a metastasis is seen.
    time_d : ndarray, shape (times,)
        Increasing from 0.
    effect : callable
        Negative logarithm of survival from day 0 to the time of an index, broadcasting to the
        shape of `clonogens`.
    rng : Generator
    """
    rate = rate_per_d[..., None]
    fewest: Floats = np.zeros(clonogens.shape)
    when = np.zeros(clonogens.shape, dtype=int)
    for i in range(1, time_d.size):
        now = rate * time_d[i] - effect(i)
        lower = now < fewest
        fewest, when = np.where(lower, now, fewest), np.where(lower, i, when)
    left = _left(clonogens, clonogens * np.exp(fewest), rng)
    with np.errstate(divide="ignore"):
        start, after = np.log(clonogens), np.log(left) - fewest
    seen = np.log(detectable)[..., None]
    before: Floats = start
    day = np.where(before >= seen, 0.0, np.inf)
    for i in range(1, time_d.size):
        now = np.where(i < when, start, after) + rate * time_d[i] - effect(i)
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.clip((seen - before) / (now - before), 0.0, 1.0)
        crossed = time_d[i - 1] + np.where(np.isfinite(share), share, 1.0) * (
            time_d[i] - time_d[i - 1]
        )
        day = np.where((now >= seen) & np.isinf(day), crossed, day)
        before = now
    return day.min(axis=-1)


def _left(clonogens: Floats, mean: Floats, rng: np.random.Generator) -> Floats:
    """Clonogens that are left of Poisson numbers that were not 0 on day 0; untreated ones stay.

    A number that is not 0 is 1 and a Poisson number of what comes after the first.
    """
    none = np.exp(-clonogens)
    gone = (np.exp(-mean) - none) / np.maximum(1.0 - none, TINY)
    first = -np.log1p(rng.random(mean.shape) * np.expm1(-mean))
    few = 1.0 + rng.poisson(np.clip(mean - first, 0.0, EXACT))
    left = np.where((mean > EXACT) | (mean >= clonogens), mean, few)
    return np.where((clonogens > 0) & (rng.random(mean.shape) >= gone), left, 0.0)
