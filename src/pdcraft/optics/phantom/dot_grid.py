"""Spatial distortion of an image, measured on a grid of dots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["GridDistortion", "dot_distortion"]


@dataclass(frozen=True, slots=True)
class GridDistortion:
    """How far dots lie from an even grid, scaled and placed by the nine in the middle.

    Parameters
    ----------
    off_axis_mm, shift : ndarray, shape (n,)
        Distance of each dot from the image's center where it should be, and its relative shift
        away from it.
    largest : float
        Shift of largest magnitude.
    outermost : float
        Shift of the dot farthest out.
    dots : int
    """

    off_axis_mm: Floats
    shift: Floats
    largest: float
    outermost: float
    dots: int


def dot_distortion(image: Floats, pixel_mm: float, spacing_mm: float) -> GridDistortion:
    """Measure distortion.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
        Bright dots on dark ground, a dot near the center.
    pixel_mm : float
        Square pixels.
    spacing_mm : float
        Of the dots' grid, along rows and columns.

    Raises
    ------
    DataError
        If the dots do not make a grid of 3 by 3 or more.
    """
    dots = _centers_mm(np.asarray(image, dtype=np.float64), pixel_mm)
    index = _indices(dots, spacing_mm)
    middle = np.array([k for k in index if max(abs(k[0]), abs(k[1])) <= 1])
    if len(middle) < 9:
        raise DataError(
            f"{len(dots)} dots were found, {len(middle)} of the nine in the middle; show a grid of "
            f"3 by 3 or more with {spacing_mm:g} mm between dots"
        )
    # an even grid through the nine: one scale, one turn, one place (least squares)
    got = np.array([dots[index[(int(a), int(b))]] for a, b in middle])
    ideal, measured = (v[:, 0] + 1j * v[:, 1] for v in (middle * spacing_mm, got))
    place = measured.mean()
    turn = np.vdot(ideal, measured - place) / np.vdot(ideal, ideal).real
    keys = np.array(list(index))
    want = place + turn * (keys[:, 0] + 1j * keys[:, 1]) * spacing_mm
    seen = np.array([complex(*dots[k]) for k in index.values()])
    far = np.abs(want) > 1.5 * spacing_mm
    off, shift = np.abs(want[far]), np.abs(seen[far]) / np.abs(want[far]) - 1.0
    if not off.size:
        off, shift = np.abs(want), np.zeros(want.size)
    return GridDistortion(
        off_axis_mm=off / np.abs(turn),
        shift=shift,
        largest=float(shift[np.abs(shift).argmax()]),
        outermost=float(shift[off.argmax()]),
        dots=len(dots),
    )


def _centers_mm(image: Floats, pixel_mm: float) -> Floats:
    """Centroids (x, y) of the dots that lie whole in the image, mm from its center."""
    from scipy.ndimage import label, maximum_filter

    low, high = (float(v) for v in np.percentile(image, [5.0, 99.5]))
    found, count = cast("tuple[NDArray[np.int32], int]", label(image > 0.5 * (low + high)))
    # two pixels more, or the dim pixels of the rim would be cut on one side only
    marks = np.asarray(maximum_filter(found, size=5), dtype=np.int64)
    ny, nx = image.shape
    weight = (image - low).ravel()
    row, column = (v.ravel() for v in np.indices(image.shape))
    total, x, y = (
        np.bincount(marks.ravel(), weight * v, minlength=count + 1)
        for v in (np.ones(weight.size), column - 0.5 * (nx - 1), row - 0.5 * (ny - 1))
    )
    rim = np.concatenate([marks[0], marks[-1], marks[:, 0], marks[:, -1]])
    whole = np.setdiff1d(np.arange(1, count + 1), rim)
    if not whole.size:
        raise DataError("no dots were found; show bright dots on dark ground")
    return np.stack([x[whole] / total[whole], y[whole] / total[whole]], axis=1) * pixel_mm


def _indices(dots: Floats, spacing_mm: float) -> dict[tuple[int, int], int]:
    """Place of each dot in the grid, walked from the middle by the steps seen so far."""
    first = int(np.hypot(dots[:, 0], dots[:, 1]).argmin())
    found: dict[tuple[int, int], int] = {(0, 0): first}
    steps = {(1, 0): np.array([spacing_mm, 0.0]), (0, 1): np.array([0.0, spacing_mm])}
    queue = [((0, 0), steps)]
    taken = {first}
    while queue:
        at, local = queue.pop(0)
        here = dots[found[at]]
        for axis, step in local.items():
            for sign in (1, -1):
                key = (at[0] + sign * axis[0], at[1] + sign * axis[1])
                if key in found:
                    continue
                away = np.hypot(*(dots - (here + sign * step)).T)
                near = int(away.argmin())
                if away[near] > 0.35 * spacing_mm or near in taken:
                    continue
                found[key] = near
                taken.add(near)
                queue.append((key, {**local, axis: sign * (dots[near] - here)}))
    return found
