r"""Free drug: unbound kinetics, binding in plasma, and exchange with a tissue that binds it.

Plasma and tissue exchange unbound drug. Per gram of tissue, with the free concentration
:math:`T_f` and what is bound,

.. math::
    T = T_f (1 + b) + \frac{B\,T_f}{K_d + T_f}, \qquad
    \dot T = P (C_u - T_f) - E\,T_f + r,

P is diffusion, E what pumps carry out, r what a linker sets free. Read as
:math:`P (C_u + r/P - T_f) - E T_f` it says that release works as a plasma concentration higher by
:math:`r/P` would: this *plasma equivalent* gives the same free drug in the tissue whatever binds
it there, and of drug that comes by plasma alone it is the plasma concentration itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["FreeDrug", "TissueExchange", "refuse_implausible", "refuse_insoluble"]

LARGEST_SHARE = 0.01  # of the body's mass, as drug: ten grams a kilogram, more than any dose given

ABOVE_ZERO = ("central_mL", "clearance_mL_per_h", "tissue_mL", "total_per_unbound")


@dataclass(frozen=True, slots=True, eq=False)
class FreeDrug:
    """Unbound drug in two compartments, in draws; each number has shape () or (draws,).

    Parameters
    ----------
    name : str
    species : str
    molar_mass_g_per_mol : float
    central_mL, clearance_mL_per_h, exchange_mL_per_h, tissue_mL : array_like
        Of unbound drug: amounts are these volumes times unbound concentrations.
    total_per_unbound : array_like
        Total over unbound concentration in plasma, 1 or more.
    """

    name: str
    species: str
    molar_mass_g_per_mol: float
    central_mL: ArrayLike
    clearance_mL_per_h: ArrayLike
    exchange_mL_per_h: ArrayLike
    tissue_mL: ArrayLike
    total_per_unbound: ArrayLike

    def __post_init__(self) -> None:
        for name in (*ABOVE_ZERO, "exchange_mL_per_h"):
            value = frozen(getattr(self, name), f"{self.name}: {name}")
            wrong = value <= 0 if name in ABOVE_ZERO else value < 0
            if np.any(wrong):
                rule = "above zero" if name in ABOVE_ZERO else "zero or more"
                raise PhysicsRangeError(f"{self.name}: {name} is {value.min():g}; it is {rule}")
            object.__setattr__(self, name, value)
        if np.any(np.asarray(self.total_per_unbound) < 1):
            raise PhysicsRangeError(
                f"{self.name}: total over unbound {np.min(self.total_per_unbound):g}; 1 or more"
            )

    def total_ng_per_mL(self, unbound_uM: Floats) -> Floats:
        """Total concentration in plasma for an unbound one, shape (draws, times)."""
        ratio = np.asarray(self.total_per_unbound)
        ratio = ratio[..., None] if ratio.ndim else ratio
        return unbound_uM * ratio * self.molar_mass_g_per_mol  # g/mol is ng/nmol


@dataclass(frozen=True, slots=True, eq=False)
class TissueExchange:
    """Exchange of unbound drug with a tissue; each number has shape () or (draws,).

    Parameters
    ----------
    permeability_mL_per_g_h : array_like
        P, above zero.
    efflux_mL_per_g_h : array_like
        E, zero or more.
    bound_per_free : array_like
        b, zero or more.
    capacity_uM, half_at_uM : array_like
        B and K_d of binding that saturates; no capacity for none. A gram counts as a mL.
    """

    permeability_mL_per_g_h: ArrayLike
    efflux_mL_per_g_h: ArrayLike = 0.0
    bound_per_free: ArrayLike = 0.0
    capacity_uM: ArrayLike = 0.0
    half_at_uM: ArrayLike = 1.0

    def __post_init__(self) -> None:
        for name in (
            "permeability_mL_per_g_h",
            "efflux_mL_per_g_h",
            "bound_per_free",
            "capacity_uM",
            "half_at_uM",
        ):
            value = frozen(getattr(self, name), f"tissue: {name}")
            strict = name in ("permeability_mL_per_g_h", "half_at_uM")
            if np.any(value <= 0 if strict else value < 0):
                rule = "above zero" if strict else "zero or more"
                raise PhysicsRangeError(f"tissue: {name} is {value.min():g}; it is {rule}")
            object.__setattr__(self, name, value)

    @property
    def is_linear(self) -> bool:
        """Whether binding keeps its proportion."""
        return not np.any(np.asarray(self.capacity_uM) > 0)

    @property
    def out_per_h(self) -> Floats:
        """Rate constant of loss of the tissue's drug where binding is linear, 1/h."""
        out = np.asarray(self.permeability_mL_per_g_h) + np.asarray(self.efflux_mL_per_g_h)
        return out / (1.0 + np.asarray(self.bound_per_free))

    @property
    def free_share(self) -> Floats:
        """Free drug in the tissue over its plasma equivalent at balance: 1 without pumps."""
        p = np.asarray(self.permeability_mL_per_g_h)
        return p / (p + np.asarray(self.efflux_mL_per_g_h))

    def free_uM(self, total_uM: Floats) -> Floats:
        """Free concentration of a total one (the last axis is draws)."""
        one = 1.0 + np.asarray(self.bound_per_free)
        if self.is_linear:
            return total_uM / one
        cap, half = np.asarray(self.capacity_uM), np.asarray(self.half_at_uM)
        # one Tf^2 + (one K + B - T) Tf - K T = 0, in the form that does not cancel
        b = one * half + cap - total_uM
        root = np.sqrt(b * b + 4.0 * one * half * total_uM)
        return 2.0 * half * total_uM / (b + root)


def refuse_implausible(amount_mg: float, body_g: float, what: str = "dose") -> None:
    """Refuse more drug than a body could be given: a unit was mistaken.

    Raises
    ------
    DataError
        Above a hundredth of the body's mass.
    """
    if amount_mg > 1000.0 * LARGEST_SHARE * body_g:
        raise DataError(
            f"{what}: {amount_mg:g} mg of drug in a body of {body_g:g} g; more than "
            f"{100 * LARGEST_SHARE:g} % of its mass is no dose: check the unit"
        )


def refuse_insoluble(
    amount_umol: float, volume_mL: float, solubility_uM: float, what: str = "dose"
) -> None:
    """Refuse a dose that does not dissolve in the volume in which it is given.

    Raises
    ------
    DataError
        With the concentration, the solubility and the volume that would do.
    """
    if not volume_mL > 0 or not solubility_uM > 0:
        raise PhysicsRangeError(
            f"{what}: volume {volume_mL:g} mL, solubility {solubility_uM:g} umol/L; above zero"
        )
    given_uM = 1000.0 * amount_umol / volume_mL
    if given_uM > solubility_uM:
        enough = 1000.0 * amount_umol / solubility_uM
        raise DataError(
            f"{what}: {amount_umol:g} umol in {volume_mL:g} mL is {given_uM:g} umol/L, above the "
            f"solubility of {solubility_uM:g} umol/L; give {enough:.3g} mL or more, less drug, or "
            "another formulation with its own solubility"
        )
