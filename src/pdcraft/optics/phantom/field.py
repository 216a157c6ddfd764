"""Evenness of the light over the field, depth of field, and how deep a wedge is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.metrics import CNR_DETECTED
from pdcraft.optics.roi import Mask

__all__ = ["Uniformity", "depth_of_field_mm", "uniformity", "wedge_depth_mm"]

SMOOTH = 5  # pixels: what noise does to one pixel is no unevenness


@dataclass(frozen=True, slots=True)
class Uniformity:
    """Of an evenly fluorescent plate.

    Parameters
    ----------
    lowest : float
        Darkest over brightest place, each a mean over 5 by 5 pixels.
    cv : float
        SD over mean of those means.
    covered_90 : float
        Share of the field with 90% or more of the brightest.
    """

    lowest: float
    cv: float
    covered_90: float


def uniformity(image: Floats) -> Uniformity:
    """Measure evenness; image (ny, nx) of 5 by 5 pixels or more, the dark level taken off."""
    values = np.asarray(image, dtype=np.float64)
    ny, nx = (n // SMOOTH for n in values.shape)
    if min(ny, nx) < 1:
        raise DataError(f"an image of {values.shape} is too small to measure its evenness")
    cut = values[: ny * SMOOTH, : nx * SMOOTH].reshape(ny, SMOOTH, nx, SMOOTH).mean(axis=(1, 3))
    top = float(cut.max())
    if not top > 0:
        raise DataError("the plate is dark; light it, or lengthen the exposure")
    share = float((cut >= 0.9 * top).mean())
    return Uniformity(float(cut.min()) / top, float(cut.std() / cut.mean()), share)


def depth_of_field_mm(defocus_mm: Floats, contrast: Floats) -> tuple[float | None, float | None]:
    """Nearest and farthest defocus at which the contrast is half the best or more.

    Parameters
    ----------
    defocus_mm, contrast : ndarray, shape (n,)
        Ascending places, and the contrast of a pattern (an MTF at one frequency) measured there.

    Returns
    -------
    tuple of two float or None
        By straight lines; None on a side where it does not fall so far.
    """
    z, c = np.asarray(defocus_mm, dtype=np.float64), np.asarray(contrast, dtype=np.float64)
    if z.size < 3 or z.shape != c.shape or np.any(np.diff(z) <= 0):
        raise DataError("a depth of field takes three ascending places or more")
    best = int(c.argmax())
    half = 0.5 * c[best]

    def side(path: range) -> float | None:
        for k, last in zip(path[1:], path[:-1], strict=True):
            if c[k] < half:
                share = (c[last] - half) / (c[last] - c[k])
                return float(z[last] + share * (z[k] - z[last]))
        return None

    return side(range(best, -1, -1)), side(range(best, z.size))


def wedge_depth_mm(
    image: Floats, strip: Mask, background: Mask, depth_of_column_mm: Floats
) -> float | None:
    """Greatest depth at which a wedge under tissue is still seen, at CNR 3.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
    strip : ndarray of bool, shape (ny, nx)
        Over the wedge.
    background : ndarray of bool, shape (ny, nx)
        Beside it.
    depth_of_column_mm : ndarray, shape (nx,)
        Of the wedge's top under each column, ascending.

    Returns
    -------
    float or None
        Depth at which the contrast of a square patch of the strip first falls below three SDs of
        the background's pixels, by straight lines between patches; 0 if the shallowest already
        has, None if none does.
    """
    values = np.asarray(image, dtype=np.float64)
    ground = values[background]
    sd = float(ground.std(ddof=1))
    wide = int(strip.any(axis=1).sum())
    kept = np.nonzero(strip.any(axis=0))[0]
    patches = [kept[k : k + wide] for k in range(0, kept.size - wide + 1, wide)]
    depth_mm = np.asarray(depth_of_column_mm, dtype=np.float64)
    if np.any(np.diff(depth_mm[kept]) <= 0) or not patches:
        raise DataError("the wedge's depth must grow from column to column of the strip")
    mean = np.array([values[:, p][strip[:, p]].mean() for p in patches])
    depth = np.array([depth_mm[p].mean() for p in patches])
    cnr = (mean - ground.mean()) / sd
    gone = np.nonzero(cnr < CNR_DETECTED)[0]
    if not gone.size:
        return None
    k = int(gone[0])
    if k == 0:
        return 0.0
    share = (cnr[k - 1] - CNR_DETECTED) / (cnr[k - 1] - cnr[k])
    return float(depth[k - 1] + share * (depth[k] - depth[k - 1]))
