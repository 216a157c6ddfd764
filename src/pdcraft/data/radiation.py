"""What one decay of a nuclide emits, as values: lines, beta branches, tabulated beta spectra.

Energies in keV, yields per decay of the parent, half-lives in hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pdcraft.physics.beta import Charge, Shape

__all__ = ["BetaBranch", "BetaTable", "Kind", "Line", "Nuclide"]

Kind = Literal["gamma", "X", "annihilation", "conversion electron", "Auger electron", "alpha"]


@dataclass(frozen=True, slots=True)
class Line:
    """Radiation of one energy: kind, energy in keV, number per decay and its uncertainty."""

    kind: Kind
    energy_keV: float
    per_decay: float
    unc: float | None = None


@dataclass(frozen=True, slots=True)
class BetaBranch:
    """One beta branch: sign, end point in keV, number per decay, shape, daughter's Z and A."""

    charge: Charge
    end_point_keV: float
    per_decay: float
    shape: Shape
    daughter_z: int
    a: int
    unc: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BetaTable:
    """A beta spectrum given as a table: linear between nodes, zero outside.

    Parameters
    ----------
    charge : {"minus", "plus"}
    energy_keV : ndarray, shape (nodes,)
        Ascending.
    per_keV : ndarray, shape (nodes,)
        Density with integral 1 (trapezoids).
    per_decay : float
    """

    charge: Charge
    energy_keV: NDArray[np.float64]
    per_keV: NDArray[np.float64]
    per_decay: float


@dataclass(frozen=True, slots=True)
class Nuclide:
    """A radionuclide and what one decay emits.

    Parameters
    ----------
    name : str
        ``"I-131"``.
    z, a, daughter_z : int
        ``daughter_z`` is that of the atom whose vacancies the X-rays and Auger electrons fill.
    half_life_h, half_life_unc_h : float
        Physical half-life and its standard uncertainty (NaN where the source gives none).
    beta : tuple of BetaBranch
    photons, electrons : tuple of Line
        Gamma, X and annihilation photons; conversion electrons and Auger groups.
    soft_keV : float
        Energy per decay of the electrons that are not listed (outermost shells).
    includes : tuple of str
        Nuclides whose emissions are counted, for instance ``("I-131",)``.
    progeny_note : str
        What happens to the daughter.
    sources : tuple of str
    beta_tables : tuple of BetaTable
        Beta spectra that come as tables instead of branches.
    notice : str
        Terms of the data that must travel with them; empty for the package's own.
    alpha : tuple of Line
        Alpha particles.
    recoil_keV : float
        Energy per decay of the nuclei that alpha particles leave behind.
    """

    name: str
    z: int
    a: int
    daughter_z: int
    half_life_h: float
    half_life_unc_h: float
    beta: tuple[BetaBranch, ...]
    photons: tuple[Line, ...]
    electrons: tuple[Line, ...]
    soft_keV: float
    includes: tuple[str, ...]
    progeny_note: str
    sources: tuple[str, ...]
    beta_tables: tuple[BetaTable, ...] = ()
    notice: str = ""
    alpha: tuple[Line, ...] = ()
    recoil_keV: float = 0.0

    @property
    def alpha_keV(self) -> float:
        """Energy per decay of the alpha particles."""
        return sum(x.energy_keV * x.per_decay for x in self.alpha)

    @property
    def local_keV(self) -> float:
        """Energy per decay that runs less than 0.1 mm: soft electrons, alpha particles, recoils."""
        return self.soft_keV + self.alpha_keV + self.recoil_keV
