r"""Materials by name: water, air, tissues of ICRU 44 and 46 and some of ICRP.

References
----------
.. [ICRU37] ICRU Report 37, Stopping Powers for Electrons and Positrons (1984): Bragg additivity.
.. [ICRU44] ICRU Report 44, Tissue Substitutes in Radiation Dosimetry and Measurement (1989).
.. [ICRU46] ICRU Report 46, Photon, Electron, Proton and Neutron Interaction Data for Body Tissues
   (1992).
.. [ICRU90] ICRU Report 90, Key Data for Ionizing-Radiation Dosimetry (2016): I of water, air,
   graphite.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from pdcraft.core.material import Material
from pdcraft.core.names import index_of, look_up
from pdcraft.data.electron_elements import electron_element
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

__all__ = ["atomic_number", "bragg_mean_excitation_eV", "material", "material_names"]


@cache
def _table() -> dict[str, Any]:
    return load_toml("materials.toml")


def atomic_number(symbol: str) -> int:
    """Atomic number of an element that materials are made of.

    Raises
    ------
    DataError
        If no material of the package holds the element.
    """
    elements = _table()["elements"]
    if symbol not in elements:
        raise DataError(f"no material data for element '{symbol}'; there are {', '.join(elements)}")
    return int(elements[symbol]["z"])


def bragg_mean_excitation_eV(mass_fractions: tuple[tuple[int, float], ...]) -> float:
    r"""I-value of a liquid or solid by Bragg additivity with ICRU 37's constituents [ICRU37]_.

    .. math:: \ln I = \sum_i w_i \frac{Z_i}{A_i} \ln I_i \Big/ \sum_i w_i \frac{Z_i}{A_i}

    Raises
    ------
    DataError
        For an element without I-value.

    Examples
    --------
    >>> lung = material("lung")  # ICRU 44: 75.2 eV
    >>> round(bragg_mean_excitation_eV(lung.mass_fractions), 1)
    75.2
    """
    own = {row["z"]: row["mean_excitation_eV"] for row in _table()["elements"].values()}
    unknown = [z for z, _ in mass_fractions if z not in own]
    if unknown:
        raise DataError(
            f"no mean excitation energy of element Z = {unknown[0]}; state that of the material"
        )
    electrons = {z: w * z / electron_element(z).atomic_weight for z, w in mass_fractions}
    logs = sum(n * np.log(own[z]) for z, n in electrons.items())
    return float(np.exp(logs / sum(electrons.values())))


def _material(row: Mapping[str, Any]) -> Material:
    fractions = tuple((atomic_number(s), float(w)) for s, w in row["mass_fractions"].items())
    if "mean_excitation_eV" in row:
        own, whence = float(row["mean_excitation_eV"]), row["mean_excitation_source"]
    else:
        own = round(bragg_mean_excitation_eV(fractions), 1)
        whence = "computed by Bragg additivity (ICRU Report 37)"
    source = f"{row['source']}; I-value: {whence}"
    return Material(row["name"], fractions, float(row["density_g_per_mL"]), own, source)


@cache
def _materials() -> Mapping[str, Material]:
    return MappingProxyType({row["name"]: _material(row) for row in _table()["material"]})


@cache
def _spellings() -> Mapping[str, str]:
    return index_of((row["name"], row.get("aliases", ())) for row in _table()["material"])


def material_names() -> tuple[str, ...]:
    """Names of all materials, water first."""
    return tuple(_materials())


def material(name: str, mean_excitation_eV: float | None = None) -> Material:
    """Material by name.

    Parameters
    ----------
    name : str
        One of `material_names` or an alias; case, spaces, commas and hyphens do not matter.
    mean_excitation_eV : float, optional
        Another I-value than the material's, as 75 for water in older codes.

    Raises
    ------
    DataError
        For an unknown name, with near matches, or an I-value that is not positive.

    Examples
    --------
    >>> material("Lung").density_g_per_mL
    0.26
    >>> material("water", mean_excitation_eV=75.0).mean_excitation_eV
    75.0
    """
    way_out = "materials: " + ", ".join(material_names())
    found = _materials()[look_up("material", name, _spellings(), way_out)]
    if mean_excitation_eV is None:
        return found
    source = f"{found.source.split('; I-value:')[0]}; I-value: stated by the caller"
    return replace(found, mean_excitation_eV=float(mean_excitation_eV), source=source)
