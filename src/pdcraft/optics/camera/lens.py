r"""The lens: what it collects, how it falls off, where it puts a point.

A thin lens with its aperture of diameter ``focal length / f-number`` at the working distance from
the plane in focus. Telecentric: the same cone over every point, so no fall-off. Perspective: all
points look at one aperture.

References
----------
.. [Fit01] A. W. Fitzgibbon, CVPR 2001, doi:10.1109/CVPR.2001.990465: division model of distortion
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.camera.curve import Curve
from pdcraft.physics.radiometry import disc_projected_solid_angle_sr

__all__ = ["Lens", "Projection"]

Projection = Literal["telecentric", "perspective"]


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens and its place.

    Parameters
    ----------
    projection : {"telecentric", "perspective"}
    focal_length_mm, f_number, working_distance_mm : float
        The aperture is focal length / f-number wide and stands at the working distance.
    transmission : float or curve
        Of the glass and of the filter inside its band, 0 to 1.
    blur_mm : float
        Standard deviation of the blur of aberrations, in the plane in focus, mm.
    diffraction : bool
        Whether the aperture's diffraction blurs as well.
    distortion : float
        Relative shift away from the axis of a point at the image's corner; barrel below 0.
    vignetting : float
        Share of the light that the mount blocks at the image's corner, rising with the square of
        the distance from the axis.
    """

    projection: Projection
    focal_length_mm: float
    f_number: float
    working_distance_mm: float
    transmission: Curve = 1.0
    blur_mm: float = 0.0
    diffraction: bool = True
    distortion: float = 0.0
    vignetting: float = 0.0

    def __post_init__(self) -> None:
        if self.projection not in ("telecentric", "perspective"):
            raise DataError(
                f"camera projection '{self.projection}'; it is telecentric or perspective"
            )
        for name in ("focal_length_mm", "f_number", "working_distance_mm"):
            if not getattr(self, name) > 0:
                raise DataError(f"lens {name} is {getattr(self, name):g}; it must be above 0")
        if self.working_distance_mm <= self.focal_length_mm:
            raise DataError(
                f"a lens of {self.focal_length_mm:g} mm focal length has no real image of a plane "
                f"at {self.working_distance_mm:g} mm; put it farther away"
            )
        if self.blur_mm < 0:
            raise DataError(f"lens blur_mm is {self.blur_mm:g}; it must be 0 or above")
        if not -0.5 <= self.distortion <= 0.5:
            raise DataError(f"lens distortion is {self.distortion:g}; it lies from -0.5 to 0.5")
        if not 0 <= self.vignetting < 1:
            raise DataError(f"lens vignetting is {self.vignetting:g}; it lies from 0 to below 1")

    @property
    def aperture_mm(self) -> float:
        """Diameter of the aperture, mm."""
        return self.focal_length_mm / self.f_number

    @property
    def sin_cone(self) -> float:
        """Sine of the half-angle of the cone that an on-axis point sends into the aperture."""
        radius = 0.5 * self.aperture_mm
        return radius / float(np.hypot(radius, self.working_distance_mm))

    def collected_sr(self, off_axis_mm: Floats) -> Floats:
        """Projected solid angle of the aperture from points of the plane in focus, sr.

        Parameters
        ----------
        off_axis_mm : ndarray, any shape
            Distance of the points from the axis, mm.
        """
        aside = np.zeros_like(off_axis_mm) if self.projection == "telecentric" else off_axis_mm
        return disc_projected_solid_angle_sr(
            0.5 * self.aperture_mm, self.working_distance_mm, aside
        )

    def sin_ray(self, off_axis_mm: Floats) -> Floats:
        """Sine of the root mean square angle at which a point's light meets the front filter."""
        cone = 0.5 * self.sin_cone**2  # mean over an evenly filled pupil
        if self.projection == "telecentric":
            return np.full(np.shape(off_axis_mm), np.sqrt(cone))
        chief = np.square(off_axis_mm)
        chief = chief / (chief + self.working_distance_mm**2)
        return np.sqrt(np.minimum(chief + cone, 1.0))
