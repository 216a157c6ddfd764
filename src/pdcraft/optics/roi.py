"""Regions of an image, with the rule that made them: a contrast means little without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.camera.model import Camera

__all__ = ["Mask", "RegionSignal", "Roi", "Role", "pairs_of", "pixels_of", "region_signal"]

Mask = NDArray[np.bool_]
Role = Literal["target", "background", "other"]
Shape = Literal["disc", "annulus", "mask"]


@dataclass(frozen=True, slots=True)
class Roi:
    """A region of interest in the plane in focus.

    Parameters
    ----------
    name : str
    role : {"target", "background", "other"}
    shape : {"disc", "annulus", "mask"}
    center_mm : tuple of two float
        Of a disc or annulus, x and y.
    radius_mm : float, optional
        Of a disc.
    inner_mm, outer_mm : float, optional
        Radii of an annulus.
    mask : ndarray of bool, shape (ny, nx), optional
        Its pixels, for shape "mask".
    """

    name: str
    role: Role
    shape: Shape
    center_mm: tuple[float, float] = (0.0, 0.0)
    radius_mm: float | None = None
    inner_mm: float | None = None
    outer_mm: float | None = None
    mask: Mask | None = None

    def __post_init__(self) -> None:
        if self.shape == "disc":
            whole = self.radius_mm is not None and self.radius_mm > 0
            need = "a radius above 0"
        elif self.shape == "annulus":
            inner, outer = self.inner_mm, self.outer_mm
            whole = inner is not None and outer is not None and 0 <= inner < outer
            need = "inner and outer radii, the inner 0 or above and below the outer"
        elif self.shape == "mask":
            whole, need = self.mask is not None, "a mask of the image's shape"
        else:
            raise DataError(
                f"region '{self.name}': shape '{self.shape}'; it is disc, annulus or mask"
            )
        if not whole:
            raise DataError(f"region '{self.name}': a {self.shape} needs {need}")
        if self.mask is not None:
            fixed = np.array(self.mask, dtype=np.bool_)
            fixed.flags.writeable = False
            object.__setattr__(self, "mask", fixed)

    @property
    def rule(self) -> str:
        """How its pixels are chosen, in words."""
        if self.shape == "mask":
            return "mask"
        x, y = self.center_mm
        at = "" if x == y == 0 else f" at ({x:g}, {y:g}) mm"
        if self.shape == "disc":
            return f"disc r={self.radius_mm:g} mm{at}"
        return f"annulus r={self.inner_mm:g} to {self.outer_mm:g} mm{at}"


def pairs_of(rois: Sequence[Roi]) -> tuple[tuple[int, int], ...]:
    """Pair each target with each background, by index."""
    return tuple(
        (t, b)
        for t, target in enumerate(rois)
        if target.role == "target"
        for b, background in enumerate(rois)
        if background.role == "background"
    )


def pixels_of(roi: Roi, camera: Camera) -> Mask:
    """Pixels whose center lies in a region, its rim included; shape (ny, nx).

    Raises
    ------
    DataError
        If there are none, or the mask is of another shape.
    """
    if roi.mask is not None:
        inside = roi.mask
        if inside.shape != camera.shape:
            raise DataError(
                f"region '{roi.name}': its mask has shape {inside.shape}, the camera's images "
                f"{camera.shape} (rows, columns)"
            )
    else:
        x, y = camera.centers_mm()
        r = np.hypot(x[None, :] - roi.center_mm[0], y[:, None] - roi.center_mm[1])
        low = 0.0 if roi.inner_mm is None else roi.inner_mm
        high = roi.radius_mm if roi.shape == "disc" else roi.outer_mm
        slack = 1e-9 * min(camera.pixel_mm)  # a center on the rim is in, whatever its rounding
        inside = (r >= low - slack) & (r <= (high or 0.0) + slack)
    if not inside.any():
        size = " by ".join(f"{v:g}" for v in camera.field_of_view_mm)
        raise DataError(
            f"region '{roi.name}' ({roi.rule}) holds no pixel's center of a field of view of "
            f"{size} mm; move or widen it"
        )
    return inside


@dataclass(frozen=True, slots=True)
class RegionSignal:
    """Electrons of a region after the dark level was taken off, and how they were got.

    Parameters
    ----------
    name, role, rule
        Of the region.
    pixels : int
    offset_e : float
        Dark level that was taken off, electrons.
    mean_e, sd_e : float
        Over its pixels; the SD with n - 1.
    saturated_fraction : float
    """

    name: str
    role: Role
    rule: str
    pixels: int
    offset_e: float
    mean_e: float
    sd_e: float
    saturated_fraction: float


def region_signal(
    image_e: Floats,
    roi: Roi,
    camera: Camera,
    offset_e: float,
    saturated: Mask | None = None,
    noise_sd_e: Floats | None = None,
) -> RegionSignal:
    """Mean and spread of a region.

    Parameters
    ----------
    image_e : ndarray, shape (ny, nx)
        Electrons after the dark level was taken off: of a frame, or expected ones.
    roi, camera
    offset_e : float
        The dark level that was taken off.
    saturated : ndarray of bool, optional
    noise_sd_e : ndarray, shape (ny, nx), optional
        For expected electrons: SD of each pixel's noise, which a frame would add to the spread.
    """
    inside = pixels_of(roi, camera)
    values = np.asarray(image_e, dtype=np.float64)[inside]
    variance = float(values.var(ddof=1)) if values.size > 1 else 0.0
    if noise_sd_e is not None:
        variance += float(np.mean(np.square(np.asarray(noise_sd_e)[inside])))
    return RegionSignal(
        name=roi.name,
        role=roi.role,
        rule=roi.rule,
        pixels=int(inside.sum()),
        offset_e=float(offset_e),
        mean_e=float(values.mean()),
        sd_e=float(np.sqrt(variance)),
        saturated_fraction=0.0 if saturated is None else float(np.mean(saturated[inside])),
    )
