"""Maps of a scene's volume, fluence rate and concentration, with their place for NIfTI.

The scene's x and y are the image's; its z points into tissue, so an image's z is minus it: viewers
then show the surface on top.
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.grid import Field, Grid
from pdcraft.core.quantity import quantity
from pdcraft.errors import DataError

__all__ = ["concentration_field", "fluence_field", "scene_grid"]


def scene_grid(shape: tuple[int, int, int], voxel_mm: float) -> Grid:
    """Voxels (nx, ny, nz) of a scene: x and y about 0, the surface at z = 0, depth downward."""
    affine = np.diag([voxel_mm, voxel_mm, -voxel_mm, 1.0])
    affine[:2, 3] = [-0.5 * (n - 1) * voxel_mm for n in shape[:2]]
    affine[2, 3] = -0.5 * voxel_mm
    return Grid(shape, affine)


def _field(values: Floats, voxel_mm: float, key: str, std_err: Floats | None) -> Field:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 3:
        raise DataError(f"a map of a scene has three dimensions, got shape {array.shape}")
    nx, ny, nz = array.shape
    return Field(scene_grid((nx, ny, nz), voxel_mm), array, quantity(key), std_err)


def fluence_field(
    fluence_mW_per_cm2: Floats, voxel_mm: float, std_err: Floats | None = None
) -> Field:
    """Fluence rate (nx, ny, nz) as a field, to be written by `pdcraft.io.nifti.write_field`."""
    return _field(fluence_mW_per_cm2, voxel_mm, "fluence_rate", std_err)


def concentration_field(conc_nM: Floats, voxel_mm: float) -> Field:
    """Concentration (nx, ny, nz) of the dye as a field."""
    return _field(conc_nM, voxel_mm, "molar_concentration", None)
