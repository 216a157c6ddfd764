"""Analytic inclusions: exact membership at every point, whatever the voxels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pdcraft.errors import DataError

__all__ = ["Shape", "ShapeKind"]

ShapeKind = Literal["ellipsoid", "cylinder", "box"]
Point = tuple[float, float, float]

AXES: dict[str, Point] = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
UNBOUNDED_mm = 1e9


@dataclass(frozen=True, slots=True)
class Shape:
    """A body with one label inside the domain; make it with one of the functions below.

    Parameters
    ----------
    kind : {"ellipsoid", "cylinder", "box"}
    label : int
        Region label within, 1 or more.
    center_mm : tuple of 3 floats
    half_mm : tuple of 3 floats
        Semi-axes of the ellipsoid; half edges of the box; (radius, radius, half length) of the
        cylinder.
    axis : tuple of 3 floats
        Unit vector along the cylinder.
    priority : int
        Higher wins where shapes overlap; shapes always win over voxel labels.
    """

    kind: ShapeKind
    label: int
    center_mm: Point
    half_mm: Point
    axis: Point = AXES["z"]
    priority: int = 0

    def __post_init__(self) -> None:
        if self.label < 1:
            raise DataError(f"shape: label {self.label}; shapes take labels of 1 or more")
        if not all(math.isfinite(v) for v in (*self.center_mm, *self.half_mm, *self.axis)):
            raise DataError(f"shape with label {self.label}: a length is not a finite number")
        if min(self.half_mm) <= 0.0:
            raise DataError(
                f"shape with label {self.label}: half lengths {self.half_mm} mm must be above zero"
            )
        norm = math.sqrt(sum(a * a for a in self.axis))
        if norm == 0.0:
            raise DataError(f"shape with label {self.label}: its axis has no direction")
        object.__setattr__(self, "axis", tuple(a / norm for a in self.axis))

    @property
    def is_layer(self) -> bool:
        """Whether it goes on without lateral end."""
        return self.half_mm[0] >= UNBOUNDED_mm and self.half_mm[1] >= UNBOUNDED_mm

    @classmethod
    def sphere(cls, label: int, center_mm: Point, radius_mm: float, priority: int = 0) -> Shape:
        """Make a sphere."""
        return cls(
            "ellipsoid", label, center_mm, (radius_mm, radius_mm, radius_mm), priority=priority
        )

    @classmethod
    def ellipsoid(cls, label: int, center_mm: Point, radii_mm: Point, priority: int = 0) -> Shape:
        """Make an ellipsoid with semi-axes along x, y and z."""
        return cls("ellipsoid", label, center_mm, radii_mm, priority=priority)

    @classmethod
    def cylinder(
        cls,
        label: int,
        center_mm: Point,
        radius_mm: float,
        length_mm: float,
        axis: str | Point,
        priority: int = 0,
    ) -> Shape:
        """Make a cylinder along x, y, z or any direction; the center is its middle."""
        along = AXES[axis] if isinstance(axis, str) else axis
        half = (radius_mm, radius_mm, 0.5 * length_mm)
        return cls("cylinder", label, center_mm, half, along, priority)

    @classmethod
    def box(cls, label: int, center_mm: Point, size_mm: Point, priority: int = 0) -> Shape:
        """Make a box with edges along x, y and z."""
        half = (0.5 * size_mm[0], 0.5 * size_mm[1], 0.5 * size_mm[2])
        return cls("box", label, center_mm, half, priority=priority)

    @classmethod
    def layer(
        cls, label: int, top_mm: float, bottom_mm: float, priority: int = -1_000_000
    ) -> Shape:
        """Make a layer between two depths, without lateral end, below all other shapes."""
        center = (0.0, 0.0, 0.5 * (top_mm + bottom_mm))
        half = (UNBOUNDED_mm, UNBOUNDED_mm, 0.5 * (bottom_mm - top_mm))
        return cls("box", label, center, half, priority=priority)
