"""What shines on a scene, and what looks at it: beams and views."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["Beam", "View"]


@dataclass(frozen=True, slots=True)
class Beam:
    """Light from above, with unit irradiance on a plane perpendicular to it at the origin.

    What a surface receives is that times the cosine of the local incidence, where no other part of
    the surface stands in the way.

    Parameters
    ----------
    kind : {"plane", "spot", "square", "diffuse"}
        Parallel light or a lamp over the whole domain, a disc or a square, or light from the upper
        hemisphere alike (Lambert).
    incidence_deg : float
        Angle to +z, 0 to below 90; the light travels towards +x as well.
    center_mm : tuple of 2 floats
        Where the spot's axis meets z = 0.
    diameter_mm : float
        Of the spot, or edge of the square, perpendicular to the beam.
    distance_mm : float
        From a point lamp to the origin (or the spot's center) along the axis: irradiance falls as
        1/distance² and rays diverge. Infinite means parallel light.
    """

    kind: Literal["plane", "spot", "square", "diffuse"] = "plane"
    incidence_deg: float = 0.0
    center_mm: tuple[float, float] = (0.0, 0.0)
    diameter_mm: float = math.inf
    distance_mm: float = math.inf

    def __post_init__(self) -> None:
        if self.kind not in ("plane", "spot", "square", "diffuse"):
            raise DataError(f"beam: kind {self.kind!r} is none of plane, spot, square, diffuse")
        if not 0.0 <= self.incidence_deg < 90.0:
            raise PhysicsRangeError(
                f"beam: incidence of {self.incidence_deg} deg; it must be 0 or more and below 90"
            )
        if self.kind in ("spot", "square") and not 0.0 < self.diameter_mm < math.inf:
            raise DataError(f"beam: a {self.kind} needs a diameter, not {self.diameter_mm} mm")
        if not self.distance_mm > 0.0:
            raise DataError(f"beam: distance {self.distance_mm} mm must be above zero")


@dataclass(frozen=True, slots=True)
class View:
    """Pixels of an image and the ray of each.

    Row i, column j of an image looks at
    ``x = center + ((j + 0.5)/columns - 0.5) width``, ``y`` likewise with rows, on the plane z = 0;
    arrays are (rows, columns).

    Parameters
    ----------
    columns, rows : int
    width_mm, height_mm : float
        Field of view on the plane z = 0.
    projection : {"telecentric", "perspective"}
        Rays parallel to z, or from one point above the field's center.
    working_distance_mm : float
        Height of that point above z = 0.
    center_mm : tuple of 2 floats
    """

    columns: int
    rows: int
    width_mm: float
    height_mm: float
    projection: Literal["telecentric", "perspective"] = "telecentric"
    working_distance_mm: float = math.inf
    center_mm: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        if self.columns < 1 or self.rows < 1:
            raise DataError(f"view: {self.columns} x {self.rows} pixels; give 1 or more of each")
        if not (0.0 < self.width_mm < math.inf and 0.0 < self.height_mm < math.inf):
            raise DataError(
                f"view: field of {self.width_mm} x {self.height_mm} mm must be above zero"
            )
        if self.projection not in ("telecentric", "perspective"):
            raise DataError(f"view: projection {self.projection!r} is not known")
        if self.projection == "perspective" and not 0.0 < self.working_distance_mm < math.inf:
            raise DataError(
                f"view: a perspective needs a working distance, not {self.working_distance_mm} mm"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of an image: rows, columns."""
        return self.rows, self.columns
