"""Elements as electrons meet them: atomic weight, shells, radiative stopping power."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError
from pdcraft.physics.quadrature import spline_matrix

__all__ = ["ElectronElement", "electron_element", "electron_elements"]


@dataclass(frozen=True, slots=True)
class ElectronElement:
    """One element of ``electron_elements.toml``.

    Parameters
    ----------
    z : int
    symbol : str
    atomic_weight : float
    shell_electrons, binding_eV : ndarray, shape (shells,)
    energies_keV, radiative_MeV_cm2_per_g : ndarray, shape (25,)
        Radiative stopping power of electrons, 1 keV to 10 MeV.
    """

    z: int
    symbol: str
    atomic_weight: float
    shell_electrons: Floats
    binding_eV: Floats
    energies_keV: Floats
    radiative_MeV_cm2_per_g: Floats

    def radiative(self, energy_keV: ArrayLike) -> Floats:
        """Radiative stopping power, MeV cm²/g: cubic in logarithms (0.1%); flat below 1 keV."""
        x = np.log(np.maximum(energy_keV, self.energies_keV[0]))
        at = spline_matrix(np.log(self.energies_keV), np.atleast_1d(x))
        return np.exp(at @ np.log(self.radiative_MeV_cm2_per_g)).reshape(x.shape)


@cache
def electron_elements() -> dict[int, ElectronElement]:
    """All elements that have electron data, by atomic number."""
    table = load_toml("electron_elements.toml")
    energies = frozen(table.pop("energies_keV"), "energies")
    return {
        row["z"]: ElectronElement(
            row["z"],
            symbol,
            row["atomic_weight"],
            frozen(row["shell_electrons"], f"shells of {symbol}"),
            frozen(row["binding_eV"], f"binding energies of {symbol}"),
            energies,
            frozen(row["radiative_MeV_cm2_per_g"], f"radiative stopping of {symbol}"),
        )
        for symbol, row in table.items()
    }


def electron_element(z: int) -> ElectronElement:
    """Give the data of one element.

    Raises
    ------
    DataError
        If the table has no such element; those that it has are named.
    """
    table = electron_elements()
    if z not in table:
        known = ", ".join(f"{e.symbol} {n}" for n, e in sorted(table.items()))
        raise DataError(
            f"no electron data for the element Z = {z}; there are {known}; "
            "leave it out of the material or add it to electron_elements.toml"
        )
    return table[z]
