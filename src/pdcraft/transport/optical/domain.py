"""Geometry of a scene: region labels, analytic shapes, surface, lateral faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.transport.optical.shapes import Shape

__all__ = ["MOST_LABELS", "Lateral", "OpticalDomain", "slab"]

Floats = NDArray[np.float64]
Lateral = Literal["open", "periodic", "mirror"]

MOST_LABELS = 1 << 14


@dataclass(frozen=True, slots=True)
class OpticalDomain:
    """Where which region is; one for all wavelengths.

    Parameters
    ----------
    labels : array_like of int, shape (nx, ny, nz)
        Region of each voxel. In curved scenes 0 is the outside; elsewhere labels are 1 or more.
    voxel_mm : float or three floats
        Edges of a voxel.
    shapes : tuple of Shape
        Analytic inclusions; they win over the voxels' labels, exactly, at every point.
    lateral : {"open", "periodic", "mirror"}
        What happens at the four side faces: light leaves for good, comes back on the other side,
        is reflected.
    n_outside : float
        Refractive index above the surface.
    n_below : float, optional
        Refractive index under the bottom; without it that of the outside.
    height_mm : array_like, shape (nx, ny), optional
        z of the surface over the centers of the columns; bilinear between them. Tissue is below.
    level_mm : array_like, shape (nx, ny, nz), optional
        Signed distance to the surface of a closed body at the voxels' centers, positive inside;
        trilinear between them.

    Raises
    ------
    DataError
        For shapes that do not match, labels out of range, edges that are not positive.
    PhysicsRangeError
        For refractive indices below 1.
    """

    labels: NDArray[np.uint16]
    voxel_mm: tuple[float, float, float]
    shapes: tuple[Shape, ...] = ()
    lateral: Lateral = "open"
    n_outside: float = 1.0
    n_below: float | None = None
    height_mm: Floats | None = None
    level_mm: Floats | None = None

    def __post_init__(self) -> None:
        labels = np.asarray(self.labels)
        if labels.ndim != 3 or not labels.size or not np.issubdtype(labels.dtype, np.integer):
            raise DataError(
                f"optical domain: labels have shape {labels.shape} and type {labels.dtype}; give "
                "whole numbers on a grid (nx, ny, nz)"
            )
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= MOST_LABELS:
            raise DataError(
                f"optical domain: labels run from {low} to {high}; they must lie within 0 and "
                f"{MOST_LABELS - 1}"
            )
        if low == 0 and not self.curved:
            raise DataError(
                "optical domain: label 0 is the outside of curved scenes, but this one has neither "
                "a height map nor a level; label its tissue from 1"
            )
        if self.height_mm is not None and self.level_mm is not None:
            raise DataError("optical domain: give a height map or a level, not both")
        edges = np.broadcast_to(np.asarray(self.voxel_mm, dtype=np.float64), (3,))
        if not np.all((edges > 0.0) & np.isfinite(edges)):
            raise DataError(f"optical domain: voxel edges {edges} mm must be above zero")
        if self.lateral not in ("open", "periodic", "mirror"):
            raise DataError(
                f"optical domain: lateral {self.lateral!r} is none of open, periodic, mirror"
            )
        for name in ("n_outside", "n_below"):
            n = getattr(self, name)
            if n is not None and not 1.0 <= n < 10.0:
                raise PhysicsRangeError(
                    f"optical domain: {name} is {n}; it must be 1 or more and below 10"
                )
        labels = labels.astype(np.uint16)
        labels.flags.writeable = False
        object.__setattr__(self, "labels", labels)
        object.__setattr__(self, "voxel_mm", (float(edges[0]), float(edges[1]), float(edges[2])))
        object.__setattr__(self, "shapes", tuple(self.shapes))
        for name, shape in (("height_mm", labels.shape[:2]), ("level_mm", labels.shape)):
            given = getattr(self, name)
            if given is None:
                continue
            values = frozen(given, f"optical domain: {name}")
            if values.shape != shape:
                raise DataError(
                    f"optical domain: {name} has shape {values.shape}, the voxels ask for {shape}"
                )
            object.__setattr__(self, name, values)

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Edges of the whole domain."""
        n = self.labels.shape
        return tuple(count * edge for count, edge in zip(n, self.voxel_mm, strict=True))  # pyright: ignore[reportReturnType]

    @property
    def voxel_mm3(self) -> float:
        """Volume of a voxel."""
        return self.voxel_mm[0] * self.voxel_mm[1] * self.voxel_mm[2]

    @property
    def curved(self) -> bool:
        """Whether the surface is a height map or a closed body."""
        return self.height_mm is not None or self.level_mm is not None

    @property
    def largest_label(self) -> int:
        """Largest label of voxels and shapes."""
        return max(int(self.labels.max()), *(s.label for s in self.shapes), 0)


def slab(
    size_mm: tuple[float, float, float],
    voxel_mm: float | tuple[float, float, float],
    layers_mm: tuple[float, ...] = (),
    shapes: tuple[Shape, ...] = (),
    lateral: Lateral = "open",
    n_outside: float = 1.0,
    n_below: float | None = None,
) -> OpticalDomain:
    """Flat layers, top down, with labels 1, 2 ...: thicknesses of all but the last.

    Interfaces need not lie between voxels.

    Raises
    ------
    DataError
        If the size is no whole number of voxels, or the layers are deeper than the domain.
    """
    edges = np.broadcast_to(np.asarray(voxel_mm, dtype=np.float64), (3,))
    counts = np.rint(np.asarray(size_mm) / edges).astype(int)
    if np.any(np.abs(counts * edges - size_mm) > 1e-6 * np.asarray(size_mm)) or np.any(counts < 1):
        raise DataError(
            f"optical domain: {size_mm} mm is no whole number of voxels of {tuple(edges)} mm; "
            "choose a voxel that divides the size"
        )
    labels = np.ones(tuple(counts), dtype=np.uint16)
    bounds = np.concatenate(([0.0], np.cumsum(layers_mm), [size_mm[2]]))
    if np.any(np.diff(bounds) <= 0.0):
        raise DataError(
            f"optical domain: layers of {layers_mm} mm leave nothing of a depth of {size_mm[2]} mm"
        )
    layers: list[Shape] = []
    centers = (np.arange(counts[2]) + 0.5) * edges[2]
    for i in range(1, len(bounds) - 1):
        labels[:, :, centers >= bounds[i]] = i + 1
    if len(bounds) > 2:
        layers = [Shape.layer(i + 1, bounds[i], bounds[i + 1]) for i in range(len(bounds) - 1)]
    voxel = (float(edges[0]), float(edges[1]), float(edges[2]))
    return OpticalDomain(labels, voxel, (*layers, *shapes), lateral, n_outside, n_below)
