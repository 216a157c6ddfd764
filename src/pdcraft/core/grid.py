"""Grids and fields: voxel arrays whose place in the body is said once.

A `Grid` is a shape and one 4×4 affine, voxel index to millimeters in RAS+ (x to the right,
y to the front, z to the head of the subject). Fields are compared by millimeters, never by index.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.notebook import Shown, Table, number, times
from pdcraft.core.quantity import Quantity, require_same_kind
from pdcraft.errors import DataError, KindError

__all__ = ["Field", "Grid"]


@dataclass(frozen=True, slots=True)
class Grid(Shown):
    """Shape and affine of a voxel array.

    Parameters
    ----------
    shape : tuple of three int
    affine : array_like, shape (4, 4)
        Voxel index to RAS+ mm, invertible, last row (0, 0, 0, 1).
    """

    shape: tuple[int, int, int]
    affine: Floats

    def __post_init__(self) -> None:
        affine = frozen(self.affine, "affine")
        if len(self.shape) != 3 or any(n < 1 for n in self.shape):
            raise DataError(f"grid shape {self.shape} must be three positive numbers")
        if affine.shape != (4, 4) or not np.array_equal(affine[3], [0, 0, 0, 1]):
            raise DataError("a grid's affine is 4x4 with the last row 0 0 0 1")
        if abs(np.linalg.det(affine[:3, :3])) < 1e-12:
            raise DataError("a grid's affine must be invertible: its voxels have no volume")
        object.__setattr__(self, "affine", affine)

    def _table(self) -> Table:
        first = ", ".join(f"{x:g}" for x in self.affine[:3, 3])
        columns = ("voxels", "voxel, mm", "middle of the first, RAS+ mm")
        return Table("grid", columns, [(*_words(self), first)])

    @property
    def voxel_mm(self) -> Floats:
        """Edge lengths of a voxel, mm, shape (3,)."""
        return np.sqrt((self.affine[:3, :3] ** 2).sum(axis=0))

    @property
    def voxel_mL(self) -> float:
        """Volume of a voxel, mL."""
        return float(abs(np.linalg.det(self.affine[:3, :3]))) / 1000.0

    def to_mm(self, index: Floats) -> Floats:
        """Map voxel indices (..., 3) to RAS+ mm (..., 3)."""
        return np.asarray(index) @ self.affine[:3, :3].T + self.affine[:3, 3]

    def to_index(self, mm: Floats) -> Floats:
        """Map RAS+ mm (..., 3) to fractional voxel indices (..., 3)."""
        inverse = np.linalg.inv(self.affine)
        return np.asarray(mm) @ inverse[:3, :3].T + inverse[:3, 3]

    def same_as(self, other: Grid, tolerance_mm: float = 1e-3) -> bool:
        """Whether two grids have the same voxels, their corners within `tolerance_mm`."""
        if self.shape != other.shape:
            return False
        corners = np.array([[0, 0, 0], *np.diag(self.shape), self.shape], dtype=float)
        return bool(np.abs(self.to_mm(corners) - other.to_mm(corners)).max() <= tolerance_mm)


@dataclass(frozen=True, slots=True, repr=False)
class Field(Shown):
    """A map of one kind of number on a grid, with its errors where they were computed.

    Parameters
    ----------
    grid : Grid
    values : ndarray, shape of the grid
        Mean over draws and histories.
    quantity : Quantity
    std_err : ndarray, optional
        Monte Carlo standard error per voxel.
    draw_sd : ndarray, optional
        Standard deviation over draws per voxel.
    """

    grid: Grid
    values: Floats
    quantity: Quantity
    std_err: Floats | None = None
    draw_sd: Floats | None = None

    def __post_init__(self) -> None:
        for name in ("values", "std_err", "draw_sd"):
            array = getattr(self, name)
            if array is None:
                continue
            array = frozen(array, f"field of {self.quantity.name}, {name}")
            if array.shape != self.grid.shape:
                raise DataError(
                    f"Field of {self.quantity.name}: {name} have shape {array.shape} but the "
                    f"grid is {self.grid.shape}"
                )
            object.__setattr__(self, name, array)

    def _table(self) -> Table:
        numbers = (number(float(f(self.values))) for f in (np.min, np.mean, np.max))
        title = f"field of {self.quantity.heading}"
        columns = ("voxels", "voxel, mm", "least", "mean", "greatest")
        return Table(title, columns, [(*_words(self.grid), *numbers)])

    def __add__(self, other: Field) -> Field:
        require_same_kind("add", self.quantity, other.quantity)
        if not self.grid.same_as(other.grid):
            raise KindError("fields on different grids do not add; resample one of them first")
        if self.draw_sd is not None or other.draw_sd is not None:
            raise KindError("SDs over draws do not add: sum the draws before making the field")
        err: Floats | None = None
        if self.std_err is not None and other.std_err is not None:
            err = np.hypot(self.std_err, other.std_err)
        elif self.std_err is not None or other.std_err is not None:
            err = self.std_err if self.std_err is not None else other.std_err
        return Field(self.grid, self.values + other.values, self.quantity, err)


def _words(grid: Grid) -> tuple[str, str]:
    return times(grid.shape), times(f"{edge:g}" for edge in grid.voxel_mm)
