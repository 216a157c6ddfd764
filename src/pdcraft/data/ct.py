"""From computed tomography numbers to density and composition (Schneider 2000).

References
----------
.. [SBS00] W. Schneider, T. Bortfeld, W. Schlegel, Phys. Med. Biol. 45, 459 (2000),
   doi:10.1088/0031-9155/45/2/314
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.material import Material
from pdcraft.data.files import load_toml
from pdcraft.data.materials import atomic_number, bragg_mean_excitation_eV, material
from pdcraft.errors import DataError

__all__ = ["SOURCE", "ct_materials", "from_hounsfield"]

SOURCE = "Schneider et al. 2000, doi:10.1088/0031-9155/45/2/314"


@cache
def _table() -> dict[str, Any]:
    return load_toml("ct.toml")


def _density(hounsfield: NDArray[np.floating[Any]]) -> Floats:
    """Straight between the nodes and on beyond the last; air's below the first."""
    at, density = np.array(_table()["density_HU"]), np.array(_table()["density_g_per_mL"])
    slope = (density[-1] - density[-2]) / (at[-1] - at[-2])
    beyond = np.maximum(hounsfield - at[-1], 0.0) * slope
    return np.interp(hounsfield, at, density) + beyond


@cache
def ct_materials() -> tuple[Material, ...]:
    """Give the 24 materials of CT numbers, lightest first: air, lung, soft tissues, bones.

    Nominal densities are those in the middle of each range of CT numbers, and air's own.
    """
    rows = _table()["bin"]
    ends = [row["from_HU"] for row in rows[1:]] + [_table()["density_HU"][-2]]
    out: list[Material] = []
    for row, end in zip(rows, ends, strict=True):
        parts = tuple((atomic_number(s), p / 100.0) for s, p in row["percent"].items())
        if row["name"] == "air":  # a gas: Bragg's rule for liquids and solids does not hold
            energy, whence = material("air").mean_excitation_eV, "ICRU Report 90 (2016)"
            density = material("air").density_g_per_mL
        else:
            energy = round(bragg_mean_excitation_eV(parts), 1)
            whence = "computed by Bragg additivity (ICRU Report 37)"
            density = float(_density(np.array([0.5 * (row["from_HU"] + end)]))[0])
        source = f"{SOURCE}; I-value: {whence}"
        out.append(Material(f"CT {row['name']}", parts, density, energy, source))
    return tuple(out)


def from_hounsfield(
    hounsfield: ArrayLike,
) -> tuple[NDArray[np.uint8], Floats, tuple[Material, ...]]:
    """Material and density of each voxel of a CT image [SBS00]_.

    Parameters
    ----------
    hounsfield : array_like, any shape
        CT numbers in HU, -1100 to 3100. Air from -1100 to -950; above 1600 HU the composition of
        the densest bone is assumed, as is the density's line to 2.8 g/mL at 3000 HU.

    Returns
    -------
    material_index : ndarray of uint8, same shape
        Into the materials.
    density_g_per_mL : ndarray, same shape
        Read-only, as the index.
    materials : tuple of Material, 24 of them

    Raises
    ------
    DataError
        For NaN, or CT numbers outside -1100 to 3100; how many, and what to do.

    Examples
    --------
    >>> index, density, materials = from_hounsfield([-800.0, 40.0, 700.0])
    >>> [materials[i].name for i in index]
    ['CT lung', 'CT soft tissue', 'CT marrow and bone 7']
    """
    values = np.asarray(hounsfield, dtype=np.float64)
    lowest, highest = _table()["lowest_HU"], _table()["highest_HU"]
    unknown = np.isnan(values)
    if np.any(unknown):
        raise DataError(
            f"CT image: {np.count_nonzero(unknown)} of {values.size} voxels are NaN; fill them, "
            "with -1000 for air outside the body"
        )
    outside = (values < lowest) | (values > highest)
    if np.any(outside):
        raise DataError(
            f"CT image: {np.count_nonzero(outside)} of {values.size} voxels lie outside "
            f"{lowest:g} to {highest:g} HU (from {values.min():g} to {values.max():g}); check "
            "rescale slope and intercept, set padding to -1000, and give metal its own material "
            "or cut it to 3100 yourself"
        )
    edges = np.array([row["from_HU"] for row in _table()["bin"]][1:])
    index = np.searchsorted(edges, values, side="right").astype(np.uint8)
    index.flags.writeable = False
    return index, frozen(_density(values), "CT densities"), ct_materials()
