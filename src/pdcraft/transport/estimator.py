"""Which voxels score photons by track length, and which by transported electrons.

Track-length (kerma) scoring holds where the electrons that photons set free bring as much energy
into a voxel as they carry out: farther from any change of material or density than the longest of
them can run. Everywhere else they are transported. Each voxel has one estimator; electrons are set
free in all voxels from which one could reach a voxel that scores them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.geometry import MAKE_ELECTRONS, TRANSPORT

__all__ = ["SAME_DENSITY", "estimator_flags"]

SAME_DENSITY = 0.05  # relative; smaller steps of density are no boundary


def estimator_flags(
    material: NDArray[np.uint8],
    density_g_per_mL: NDArray[np.float64],
    voxel_mm: NDArray[np.float64],
    range_mm: NDArray[np.float64],
    *,
    open_border: bool = True,
    also: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Flag every voxel: ``TRANSPORT``, ``MAKE_ELECTRONS``, both or none.

    Parameters
    ----------
    material, density_g_per_mL : ndarray, shape (nx, ny, nz)
    voxel_mm : ndarray, shape (3,)
    range_mm : ndarray, shape (materials,)
        Range of the fastest secondary electron at 1 g/mL.
    open_border : bool
        Whether the grid ends in a vacuum, a boundary like any other.
    also : ndarray of bool, optional
        Further voxels to transport electrons in, for instance about a point-like source.

    Returns
    -------
    ndarray of uint8, shape (nx, ny, nz)
    """
    from scipy import ndimage

    low = ndimage.minimum_filter(density_g_per_mL, 3, mode="nearest")
    high = ndimage.maximum_filter(density_g_per_mL, 3, mode="nearest")
    mixed = high - low > SAME_DENSITY * np.maximum(density_g_per_mL, 1e-12)
    mixed |= ndimage.minimum_filter(material, 3) != ndimage.maximum_filter(material, 3)
    if open_border:
        for axis in range(3):
            edge = [slice(None)] * 3
            edge[axis] = slice(None, None, max(1, material.shape[axis] - 1))
            mixed[tuple(edge)] = True
    reach = range_mm[material] / np.maximum(density_g_per_mL, 1e-12)
    transport = mixed.copy()
    if mixed.any():
        # from a voxel's middle to the middle of the nearest voxel beside a boundary: the boundary
        # itself is no nearer to any point of the voxel
        transport |= _distance_mm(mixed, voxel_mm) <= reach
    if also is not None:
        transport |= also
    flags = np.where(transport, TRANSPORT | MAKE_ELECTRONS, 0).astype(np.uint8)
    if transport.any():
        near = _distance_mm(transport, voxel_mm) - np.linalg.norm(voxel_mm) <= reach
        flags[near & ~transport] = MAKE_ELECTRONS
    return flags


def _distance_mm(there: NDArray[np.bool_], voxel_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy import ndimage

    return np.asarray(ndimage.distance_transform_edt(~there, sampling=tuple(voxel_mm)))
