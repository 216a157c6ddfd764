"""Man from the mouse alone: the calibrated mouse scaled in five ways, and their average.

It stands beside the model of man, whose liver no human figure informs. The average over the methods
has equal prior weights; the one human organ figure, the marrow dose, may score them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.model import Label
from pdcraft.kinetics.carrier.observe import observe
from pdcraft.kinetics.carrier.parameters import host
from pdcraft.kinetics.carrier.scaling import (
    EQUAL_WEIGHTS,
    Masses,
    Method,
    average,
    posterior_weights,
    scale,
)
from pdcraft.numerics.inputs import stream

__all__ = ["FromMouse", "from_mouse"]

LN2 = float(np.log(2))
REGIONS = ("liver", "red_marrow")  # organs that the mouse was fitted in


@dataclass(frozen=True, slots=True, eq=False)
class FromMouse:
    """Time-integrated activity coefficients in man, h, from mouse draws.

    Parameters
    ----------
    by_method : mapping of region to mapping of method to ndarray, shape (n,)
    weights : mapping of method to float
    seed : int
    """

    by_method: Mapping[str, Mapping[Method, Floats]]
    weights: Mapping[Method, float]
    seed: int

    def averaged(self, region: str) -> Floats:
        """Mixture of the methods by their weights, shape (n,)."""
        rng = stream(self.seed, "kinetics.scaling.method")  # one method per draw for all regions
        return average(self.by_method[region], self.weights, rng)

    def scored(self, marrow_h: float, log_sd: float) -> FromMouse:
        """Weigh the methods by a human figure of marrow.

        Parameters
        ----------
        marrow_h : float
            Observed time-integrated activity coefficient of red marrow, h.
        log_sd : float
            Error of its logarithm.
        """
        weights = posterior_weights(self.by_method["red_marrow"], self.weights, marrow_h, log_sd)
        return FromMouse(self.by_method, weights, self.seed)


def from_mouse(
    mouse: Mapping[str, Floats],
    half_life_h: float,
    *,
    label: Label = "iodine",
    seed: int = 1,
    weights: Mapping[Method, float] = EQUAL_WEIGHTS,
) -> FromMouse:
    """Scale the organs of the mouse to man.

    Parameters
    ----------
    mouse : mapping of str to ndarray, shape (n,)
        Draws of the mouse's parameters.
    half_life_h : float
        Physical half-life; it is not scaled.
    label : {"iodine", "metal"}
    seed : int
    weights : mapping of method to float
        Prior weights.
    """
    animal, man = host("mouse"), host("human")
    seen = observe(animal, mouse, label=label)
    decay = LN2 / half_life_h
    out: dict[str, dict[Method, Floats]] = {}
    for region in REGIONS:
        masses = Masses(
            animal.region_g[region], animal.body_mass_g, man.region_g[region], man.body_mass_g
        )
        fraction = seen.terms(region) * masses.mouse_region
        out[region] = {}
        for method in get_args(Method):
            c, r = scale(fraction, seen.rates_per_h, method, masses)
            out[region][method] = (c / (r + decay)).sum(axis=-1)
    return FromMouse(out, weights, seed)
