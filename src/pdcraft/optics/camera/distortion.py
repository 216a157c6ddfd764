r"""Distortion: where in the scene a pixel looks, and at how much of it.

The division model [Fit01]_: a pixel at the distance r from the image's center sees the point at
:math:`r / (1 + k (r/r_c)^2)`, with :math:`r_c` the image's corner; there the relative shift is k.

References
----------
.. [Fit01] A. W. Fitzgibbon, CVPR 2001, doi:10.1109/CVPR.2001.990465
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera.model import Camera

__all__ = ["distort", "seen_area"]


def _bend(camera: Camera) -> Floats:
    return camera.lens.distortion * np.square(camera.off_axis_mm() / camera.corner_mm)


def seen_area(camera: Camera) -> tuple[Floats, Floats]:
    """Give what a pixel sees: its distance from the axis, mm, and relative area; both (ny, nx)."""
    u = _bend(camera)
    # r_s = r / (1 + u), u ~ r²: dr_s/dr = (1 - u) / (1 + u)², and the area is (r_s/r) dr_s/dr
    return camera.off_axis_mm() / (1.0 + u), (1.0 - u) / (1.0 + u) ** 3


def distort(camera: Camera, image: Floats) -> Floats:
    """Image as the lens distorts it; beyond the edge the edge's value goes on.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
        Values at the pixels' centers of an undistorted view. Cubic splines between them.
    """
    if camera.lens.distortion == 0.0:
        return image
    from scipy.ndimage import map_coordinates

    scale = 1.0 / (1.0 + _bend(camera))
    ny, nx = camera.shape
    row = 0.5 * (ny - 1) + (np.arange(ny) - 0.5 * (ny - 1))[:, None] * scale
    column = 0.5 * (nx - 1) + (np.arange(nx) - 0.5 * (nx - 1))[None, :] * scale
    return np.asarray(map_coordinates(image, [row, column], order=3, mode="nearest"))
