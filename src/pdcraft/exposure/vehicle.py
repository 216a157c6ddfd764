r"""A vehicle that holds drug in plasma: micelles of Cremophor EL and paclitaxel.

.. math:: C = C_u (a + s V(t)), \qquad A_c = C_u (V_1 + V_p s V(t))

The vehicle's level V (uL in a mL of plasma) is of one compartment. It does not depend on the drug,
so the drug's kinetics are linear at a given dose of vehicle and not in the dose of the product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.exposure.course import DrugDose

__all__ = ["Vehicle"]


@dataclass(frozen=True, slots=True, eq=False)
class Vehicle:
    """A vehicle and what it binds.

    Parameters
    ----------
    uL_per_nmol : float
        Vehicle given with a nmol of drug.
    volume_mL : float
    infusion_h, clearance_mL_per_h : tuple of float
        Its clearance by the length of an infusion: between them by interpolation of logarithms,
        outside the nearest.
    plasma_mL : float
        In which it holds drug.
    per_vehicle_mL_per_uL : array_like, shape () or (draws,)
        s.
    """

    uL_per_nmol: float
    volume_mL: float
    infusion_h: tuple[float, ...]
    clearance_mL_per_h: tuple[float, ...]
    plasma_mL: float
    per_vehicle_mL_per_uL: ArrayLike

    def __post_init__(self) -> None:
        sizes = (self.uL_per_nmol, self.volume_mL, self.plasma_mL, *self.clearance_mL_per_h)
        if not all(size > 0 for size in sizes):
            raise PhysicsRangeError(f"vehicle: {min(sizes):g}; its amounts are above zero")
        if np.any(np.asarray(self.per_vehicle_mL_per_uL) < 0):
            raise PhysicsRangeError("vehicle: it does not set bound drug free; zero or more")

    def clearance(self, duration_h: float) -> float:
        """Clearance for an infusion, mL/h."""
        at = np.log(max(duration_h, self.infusion_h[0]))
        known = np.log(self.infusion_h), np.log(self.clearance_mL_per_h)
        return float(np.exp(np.interp(at, *known)))

    def level(self, doses: Sequence[DrugDose], time_h: ArrayLike) -> Floats:
        """Vehicle in plasma, uL/mL, shape of the times."""
        t = np.asarray(time_h, dtype=float)
        out = np.zeros(t.shape)
        for d in doses:
            clearance = self.clearance(d.duration_h)
            rate = clearance / self.volume_mL
            amount = d.payload_nmol * self.uL_per_nmol
            since = t - d.at_h
            after = np.maximum(since - d.duration_h, 0.0)
            if d.duration_h > 0:
                top = amount / d.duration_h / clearance
                rise = -np.expm1(-rate * np.clip(since, 0.0, d.duration_h))
            else:
                top, rise = amount / self.volume_mL, np.where(since >= 0, 1.0, 0.0)
            out = out + top * rise * np.exp(-rate * after)
        return out
