"""Absorption of tissue from its chromophores, and scattering by a power law.

Absorption adds up by volume: blood (two hemoglobins by saturation), water, fat, melanosomes.

References
----------
.. [Jacques13] S.L. Jacques, Phys. Med. Biol. 58, R37 (2013), doi:10.1088/0031-9155/58/11/R37,
   equations 1 and 3
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.data.optics.chromophores import HEMOGLOBIN_g_per_mol, chromophore
from pdcraft.errors import PhysicsRangeError
from pdcraft.optics.spectra import Spectrum
from pdcraft.physics.optics import (
    dye_absorption_per_mm,
    melanosome_absorption_per_mm,
    power_law_scattering_per_mm,
)

__all__ = ["FRACTIONS", "Chromophores", "PowerLaw", "blood_absorption_per_mm"]

FRACTIONS = ("blood_volume", "saturation", "water", "fat", "melanosome")
NM_PER_M = 1e9  # nmol in 1 mol


@cache
def _table(name: str) -> Spectrum:
    nm, value = chromophore(name)
    return Spectrum(nm, value, f"absorption of {name}", edge="stop")


def blood_absorption_per_mm(
    wavelength_nm: ArrayLike, saturation: float, hemoglobin_g_per_L: float = 150.0
) -> Floats:
    """Absorption coefficient of whole blood, 1/mm, from 380 to 1000 nm.

    Parameters
    ----------
    wavelength_nm : array_like
    saturation : float
        Share of hemoglobin that carries oxygen, 0 to 1.
    hemoglobin_g_per_L : float
        In blood.

    Raises
    ------
    PhysicsRangeError
        Outside the table.

    Examples
    --------
    >>> round(float(blood_absorption_per_mm(800.0, 1.0)), 3)
    0.437
    """
    oxy, deoxy = (
        _table("oxyhemoglobin").at(wavelength_nm),
        _table("deoxyhemoglobin").at(wavelength_nm),
    )
    mixed = saturation * oxy + (1.0 - saturation) * deoxy
    return dye_absorption_per_mm(mixed, hemoglobin_g_per_L / HEMOGLOBIN_g_per_mol * NM_PER_M)


@dataclass(frozen=True, slots=True)
class Chromophores:
    """Shares of a tissue's volume that absorb.

    Parameters
    ----------
    blood_volume, water, fat, melanosome : float
        Shares of the volume; blood may exceed 1 a little, where hemoglobin is higher than stated.
    saturation : float
        Of hemoglobin with oxygen.
    hemoglobin_g_per_L : float
        In blood.

    Raises
    ------
    PhysicsRangeError
        For a share that cannot be.
    """

    blood_volume: float
    saturation: float
    water: float
    fat: float
    melanosome: float = 0.0
    hemoglobin_g_per_L: float = 150.0

    def __post_init__(self) -> None:
        for name in FRACTIONS:
            value = float(getattr(self, name))
            most = 1.2 if name == "blood_volume" else 1.0
            if not 0.0 <= value <= most:
                raise PhysicsRangeError(f"{name} = {value:g}: a share lies between 0 and {most:g}")
        solid = self.water + self.fat + self.melanosome
        if solid > 1.0 + 1e-9:
            raise PhysicsRangeError(
                f"water, fat and melanosomes make {solid:g} of the volume; they cannot exceed 1"
            )

    def mua_per_mm(self, wavelength_nm: ArrayLike) -> Floats:
        """Absorption coefficient, 1/mm.

        Raises
        ------
        PhysicsRangeError
            Outside 380 to 1000 nm.
        """
        nm = np.asarray(wavelength_nm, dtype=np.float64)
        total = self.blood_volume * blood_absorption_per_mm(
            nm, self.saturation, self.hemoglobin_g_per_L
        )
        total = total + self.water * _table("water").at(nm) + self.fat * _table("fat").at(nm)
        if self.melanosome > 0.0:
            total = total + self.melanosome * melanosome_absorption_per_mm(nm)
        return np.asarray(total)

    def changed(self, **shares: float) -> Chromophores:
        """Return with other shares; water and fat give way where a draw would exceed the whole."""
        values: dict[str, Any] = {name: getattr(self, name) for name in FRACTIONS} | shares
        solid = values["water"] + values["fat"] + values["melanosome"]
        if solid > 1.0:
            room = (1.0 - values["melanosome"]) / (values["water"] + values["fat"])
            values["water"] *= room
            values["fat"] *= room
        return replace(self, **values)


@dataclass(frozen=True, slots=True)
class PowerLaw:
    """Reduced scattering that falls as a power of the wavelength."""

    at_500_nm_per_mm: float
    power: float

    def __post_init__(self) -> None:
        if not (np.isfinite(self.at_500_nm_per_mm) and self.at_500_nm_per_mm >= 0.0):
            raise PhysicsRangeError(
                f"scattering at 500 nm is {self.at_500_nm_per_mm:g} /mm; it is not negative"
            )

    def musp_per_mm(self, wavelength_nm: ArrayLike) -> Floats:
        """Reduced scattering coefficient, 1/mm."""
        nm = np.asarray(wavelength_nm, dtype=np.float64)
        return power_law_scattering_per_mm(nm, self.at_500_nm_per_mm, self.power)
