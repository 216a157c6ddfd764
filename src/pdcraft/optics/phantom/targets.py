"""Test targets as radiance over the plane in focus, and their image by a camera.

Each target is a function of x and y in mm, 0 to 1, that a camera four times finer looks at, whose
pixels are then summed: edges between pixels are rendered as a lens and a pixel would show them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera.expose import imaged_electrons
from pdcraft.optics.camera.model import Camera

__all__ = ["Target", "dot_grid", "flat", "image_of", "slanted_edge", "wells"]

Target: TypeAlias = Callable[[Floats, Floats], Floats]
FINER = 4


def image_of(
    camera: Camera,
    target: Target,
    radiance_uW_per_cm2_sr: float,
    wavelength_nm: float,
    defocus_mm: float = 0.0,
) -> Floats:
    """Take the expected image of a target: electrons, shape (ny, nx).

    Parameters
    ----------
    camera : Camera
    target : callable
        Share of the radiance at x (1, nx) and y (ny, 1).
    radiance_uW_per_cm2_sr : float
    wavelength_nm : float
    defocus_mm : float
    """
    nx, ny = camera.pixels
    fine = replace(camera, pixels=(nx * FINER, ny * FINER))
    x, y = fine.centers_mm()
    shown = np.broadcast_to(target(x[None, :], y[:, None]), fine.shape)
    light = radiance_uW_per_cm2_sr * shown
    image = imaged_electrons(fine, np.array([wavelength_nm]), light[None], defocus_mm)
    return np.maximum(image.reshape(ny, FINER, nx, FINER).sum(axis=(1, 3)), 0.0)


def flat(x: Floats, y: Floats) -> Floats:
    """Bright everywhere."""
    return np.ones(np.broadcast_shapes(x.shape, y.shape))


def slanted_edge(angle_deg: float = 5.0, dark: float = 0.1) -> Target:
    """Dark left, bright right of an edge through the center, `angle_deg` off the y axis."""
    lean = np.tan(np.radians(angle_deg))

    def target(x: Floats, y: Floats) -> Floats:
        return np.where(x - lean * y > 0, 1.0, dark)

    return target


def dot_grid(spacing_mm: float, diameter_mm: float) -> Target:
    """Bright dots on a square grid, one in the center."""

    def target(x: Floats, y: Floats) -> Floats:
        dx = x - spacing_mm * np.rint(x / spacing_mm)
        dy = y - spacing_mm * np.rint(y / spacing_mm)
        return np.where(dx * dx + dy * dy <= 0.25 * diameter_mm**2, 1.0, 0.0)

    return target


def wells(
    centers_mm: tuple[tuple[float, float], ...],
    diameter_mm: float,
    shares: tuple[float, ...],
    ground: float = 0.0,
) -> Target:
    """Round wells, each with its share of the radiance, on a ground."""

    def target(x: Floats, y: Floats) -> Floats:
        out = np.full(np.broadcast_shapes(x.shape, y.shape), ground)
        for (cx, cy), share in zip(centers_mm, shares, strict=True):
            out = np.where((x - cx) ** 2 + (y - cy) ** 2 <= 0.25 * diameter_mm**2, share, out)
        return out

    return target
