"""Bodies and closed surfaces of a scene as the transport takes them: shapes and distances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.optics.scene import Scene
from pdcraft.transport.optical.shapes import Shape

__all__ = ["body_shapes", "smooth_level_mm"]

SMOOTHING_voxels = 1.0  # Gaussian over the distance to a surface made of voxels


def body_shapes(scene: Scene, lower_mm: float = 0.0) -> tuple[Shape, ...]:
    """Inclusions of a scene with the labels of their regions, `lower_mm` deeper than it says."""
    return tuple(
        Shape(
            "ellipsoid" if body.shape == "sphere" else body.shape,
            scene.region_index(body.name),
            (body.center_mm[0], body.center_mm[1], body.center_mm[2] + lower_mm),
            body.half_mm,
            body.axis,
            body.priority,
        )
        for body in scene.inclusions
    )


def smooth_level_mm(inside: NDArray[np.bool_], voxel_mm: Sequence[float]) -> Floats:
    """Distance to the surface of a body of voxels, positive inside, smoothed over one voxel.

    Parameters
    ----------
    inside : ndarray of bool, shape (nx, ny, nz)
    voxel_mm : sequence of 3 floats
    """
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    half = 0.5 * float(min(voxel_mm))
    within = np.asarray(distance_transform_edt(inside, sampling=voxel_mm))
    without = np.asarray(distance_transform_edt(~inside, sampling=voxel_mm))
    distance = np.where(inside, within - half, half - without)
    return np.asarray(gaussian_filter(distance, SMOOTHING_voxels, mode="nearest"))
