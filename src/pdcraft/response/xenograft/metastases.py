r"""Micrometastases under a dose: which are sterilized, and when the first of the rest is seen.

A metastasis of :math:`N` clonogens keeps a Poisson number with mean :math:`N e^{-E}`. One with
:math:`n` left reaches the detectable number :math:`M` after :math:`\ln(M/n)/\lambda`, while cells
of an untreated one need :math:`\ln(M/N)/\lambda`. Relapse is the earliest of an animal's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError

__all__ = ["Micrometastases", "relapse_day"]

EXACT = 1e6  # clonogens above which the Poisson number is its mean


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
    effect: Floats,
    rate_per_d: Floats,
    detectable: Floats,
    rng: np.random.Generator,
) -> Floats:
    """Day on which the first metastasis is seen, shape (...); infinite for none.

    Parameters
    ----------
    clonogens : ndarray, shape (..., metastases)
        0 where there is none.
    effect : ndarray, same shape or broadcast to it
        Negative logarithm of survival.
    rate_per_d : ndarray, shape (...)
        Of growth.
    detectable : ndarray, shape broadcasting to (...)
        Clonogens at which a metastasis is seen.
    rng : Generator
    """
    mean = clonogens * np.exp(-effect)
    left = np.where(mean > EXACT, mean, rng.poisson(np.minimum(mean, EXACT)))
    with np.errstate(divide="ignore"):
        day = np.log(detectable[..., None] / left) / rate_per_d[..., None]
    return np.where(left > 0, np.maximum(day, 0.0), np.inf).min(axis=-1)
