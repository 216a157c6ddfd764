r"""Radiation types that kill more per dose: RBE-weighted dose, and its place in the BED.

The factor of each type multiplies the dose of that type only, and is named with its end point. In
the linear-quadratic model a type of higher ionization density has a higher α at the same β, so

.. math:: \mathrm{BED} = \sum_k R_k D_k + \frac{G D^2}{\alpha/\beta}, \quad D = \sum_k D_k

References
----------
.. [DaleJones99] R. G. Dale, B. Jones, Int J Radiat Oncol Biol Phys 43, 639 (1999),
   doi:10.1016/S0360-3016(98)00364-2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.quantity import QUANTITIES, Quantity
from pdcraft.data.radiation_effects import RadiationEffect, radiation_effect
from pdcraft.errors import DataError, KindError
from pdcraft.physics.linear_quadratic import check_dose
from pdcraft.response.bed import Bed

__all__ = ["RbeWeightedDose", "rbe_weighted_dose", "with_relative_effect"]


@dataclass(frozen=True, slots=True)
class RbeWeightedDose:
    """Dose weighted by radiation type, apart from the absorbed dose that it is made of.

    Parameters
    ----------
    absorbed_Gy : mapping of str to ndarray, shape (...)
        By radiation type.
    effects : mapping of str to RadiationEffect
    """

    absorbed_Gy: Mapping[str, Floats]
    effects: Mapping[str, RadiationEffect]

    @property
    def quantity(self) -> Quantity:
        """The kind of number."""
        return QUANTITIES["rbe_weighted_dose"]

    @property
    def value_Gy(self) -> Floats:
        """RBE-weighted dose, shape (...)."""
        total = np.zeros(())
        for name, dose in self.absorbed_Gy.items():
            total = total + self.effects[name].factor * dose
        return total

    @property
    def excess_Gy(self) -> Floats:
        """What the weighting adds to the absorbed dose, shape (...)."""
        total = np.zeros(())
        for name, dose in self.absorbed_Gy.items():
            total = total + (self.effects[name].factor - 1.0) * dose
        return total


def rbe_weighted_dose(
    absorbed_Gy: Mapping[str, ArrayLike],
    effects: Mapping[str, RadiationEffect] | None = None,
) -> RbeWeightedDose:
    """Weight doses by radiation type.

    Parameters
    ----------
    absorbed_Gy : mapping of str to array_like, shape (...)
        By the names of `pdcraft.data.radiation_effects`, or of `effects`.
    effects : mapping of str to RadiationEffect, optional
        Factors of one's own.

    Raises
    ------
    DataError
        Without doses, or for an unknown radiation.
    PhysicsRangeError
        For negative doses.

    Examples
    --------
    >>> dose = rbe_weighted_dose({"electrons": 2.0, "auger": 1.0})
    >>> float(dose.value_Gy), dose.quantity.name
    (3.0, 'RBE-weighted dose')
    """
    if not absorbed_Gy:
        raise DataError("RBE-weighted dose: no dose of any radiation is given")
    own = {} if effects is None else effects
    used = {name: own.get(name) or radiation_effect(name) for name in absorbed_Gy}
    doses = {
        name: frozen(check_dose(value, f"dose of {name}"), f"dose of {name}")
        for name, value in absorbed_Gy.items()
    }
    return RbeWeightedDose(MappingProxyType(doses), MappingProxyType(used))


def with_relative_effect(bed: Bed, dose: RbeWeightedDose) -> Bed:
    """BED whose linear part carries the effectiveness of each radiation type [DaleJones99]_.

    Raises
    ------
    KindError
        If the absorbed doses of the types do not sum to the dose of `bed`.
    """
    absorbed = sum((np.asarray(d) for d in dose.absorbed_Gy.values()), np.zeros(()))
    if not np.allclose(absorbed, bed.linear_Gy, rtol=1e-6, atol=0):
        raise KindError(
            f"doses by radiation type sum to {np.ravel(absorbed)[0]:g} Gy, the BED is that of "
            f"{np.ravel(bed.linear_Gy)[0]:g} Gy; give the parts of the same dose"
        )
    return replace(bed, linear_Gy=bed.linear_Gy + dose.excess_Gy)
