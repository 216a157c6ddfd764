"""A camera: lens, filter, sensor, and where its pixels look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.camera.filters import Filter
from pdcraft.optics.camera.lens import Lens
from pdcraft.optics.camera.sensor import Sensor

__all__ = ["Camera"]


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera that looks along +z at the plane in focus.

    Parameters
    ----------
    lens, filter, sensor
    pixels : tuple of two int
        Along x and y. Images have shape (ny, nx), the first row at the smallest y.
    field_of_view_mm : tuple of two float
        Along x and y, in the plane in focus, before distortion.
    exposure_s : float
    ambient_uW_per_cm2_sr : float
        Radiance of the room's light from the scene, within the band.
    name : str
    sources, assumed : tuple of str
        Where its numbers come from, and which of them are assumed.
    """

    lens: Lens
    filter: Filter
    sensor: Sensor
    pixels: tuple[int, int]
    field_of_view_mm: tuple[float, float]
    exposure_s: float
    ambient_uW_per_cm2_sr: float = 0.0
    name: str = "custom"
    sources: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if min(self.pixels) < 1:
            raise DataError(f"camera pixels {self.pixels}; both counts are 1 or more")
        if min(self.field_of_view_mm) <= 0:
            raise DataError(f"camera field_of_view {self.field_of_view_mm} mm; both are above 0")
        if not self.exposure_s > 0:
            raise DataError(f"camera exposure is {self.exposure_s:g} s; it must be above 0")
        if self.ambient_uW_per_cm2_sr < 0:
            raise DataError(
                f"camera ambient is {self.ambient_uW_per_cm2_sr:g} uW/cm2/sr; it is 0 or above"
            )

    @property
    def dark_e(self) -> float:
        """Mean dark charge of a pixel in one exposure, electrons."""
        return self.sensor.dark_current_e_per_s * self.exposure_s

    @property
    def light_capacity_e(self) -> float:
        """Electrons of light that fill a pixel: what its dark charge leaves of the capacity."""
        return self.sensor.capacity_e - self.dark_e

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of its images: rows (y), columns (x)."""
        return self.pixels[1], self.pixels[0]

    @property
    def pixel_mm(self) -> tuple[float, float]:
        """Size of a pixel along x and y in the plane in focus, mm."""
        return (
            self.field_of_view_mm[0] / self.pixels[0],
            self.field_of_view_mm[1] / self.pixels[1],
        )

    def centers_mm(self) -> tuple[Floats, Floats]:
        """Centers of the pixels along x and along y, mm from the axis."""
        px, py = self.pixel_mm
        nx, ny = self.pixels
        x = np.arange(nx, dtype=np.float64) - 0.5 * (nx - 1)
        y = np.arange(ny, dtype=np.float64) - 0.5 * (ny - 1)
        return x * px, y * py

    def off_axis_mm(self) -> Floats:
        """Distance of the pixels' centers from the axis, shape (ny, nx), mm."""
        x, y = self.centers_mm()
        return np.hypot(x[None, :], y[:, None])

    @property
    def corner_mm(self) -> float:
        """Half the diagonal of the field of view, mm."""
        return 0.5 * float(np.hypot(*self.field_of_view_mm))
