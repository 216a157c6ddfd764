"""The map of a scene's fluence rate, with its place for NIfTI.

The scene's x and y are the image's; its z points into tissue, so an image's z is minus it: viewers
then show the surface on top.
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.grid import Field, Grid
from pdcraft.core.quantity import quantity
from pdcraft.errors import DataError

__all__ = ["fluence_field", "scene_grid"]


def scene_grid(shape: tuple[int, int, int], voxel_mm: float) -> Grid:
    """Voxels (nx, ny, nz) of a scene: x and y about 0, the surface at z = 0, depth downward."""
    affine = np.diag([voxel_mm, voxel_mm, -voxel_mm, 1.0])
    affine[:2, 3] = [-0.5 * (n - 1) * voxel_mm for n in shape[:2]]
    affine[2, 3] = -0.5 * voxel_mm
    return Grid(shape, affine)


def fluence_field(
    fluence_mW_per_cm2: Floats, voxel_mm: float, std_err: Floats | None = None
) -> Field:
    """Fluence rate (nx, ny, nz) as a field, to be written by `pdcraft.io.nifti.write_field`."""
    values = np.asarray(fluence_mW_per_cm2, dtype=np.float64)
    if values.ndim != 3:
        raise DataError(f"a map of a scene has three dimensions, got shape {values.shape}")
    nx, ny, nz = values.shape
    return Field(scene_grid((nx, ny, nz), voxel_mm), values, quantity("fluence_rate"), std_err)
