r"""Vessels that hold a liquid: wells of plates, dishes, and the height of what is in them.

A liquid that wets the wall stands as a spherical cap: at contact angle :math:`\theta` in a
cylinder of radius :math:`R` the surface has radius :math:`R/\cos\theta` and its middle lies
:math:`h = R(1-\sin\theta)/\cos\theta` below its rim, so that the liquid above the middle,
:math:`\pi R^2 h - \pi h^2 (3R/\cos\theta - h)/3`, is missing there. The cap holds where surface
tension outweighs gravity, radii below some 3 mm (water's capillary length is 2.7 mm); in wider
wells the middle is flat, and the cap is taken only as far as that length from the wall.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["Vessel", "dish", "plate_well", "well_neighbors"]

CAPILLARY_mm = 2.7  # of water at 20 C: sqrt(0.0728 N/m / (998 kg/m3 x 9.81 m/s2))


@dataclass(frozen=True, slots=True)
class Vessel:
    """A cylinder with a liquid in it.

    Parameters
    ----------
    name : str
    radius_mm, depth_mm : float
        Mean radius and inner depth.
    volume_uL : float
        Of the liquid.
    contact_deg : float
        Contact angle of its surface at the wall, 0 (wets) to 180; 90 is flat.
    """

    name: str
    radius_mm: float
    depth_mm: float
    volume_uL: float
    contact_deg: float = 90.0

    def __post_init__(self) -> None:
        capacity = math.pi * self.radius_mm**2 * self.depth_mm
        if not 0.0 < self.volume_uL <= capacity:
            raise PhysicsRangeError(
                f"{self.name}: {self.volume_uL:g} uL; it holds more than 0 and at most "
                f"{capacity:.0f} uL"
            )
        if not 0.0 <= self.contact_deg <= 180.0:
            raise PhysicsRangeError(
                f"{self.name}: contact angle {self.contact_deg:g} deg; it is 0 to 180"
            )
        lowest = float(self.height_mm(np.array([0.0]))[0])
        if lowest <= 0.0:
            raise PhysicsRangeError(
                f"{self.name}: {self.volume_uL:g} uL do not cover the bottom at a contact angle of "
                f"{self.contact_deg:g} deg; take more, or a contact angle nearer to 90"
            )

    @property
    def area_mm2(self) -> float:
        """Cross section."""
        return math.pi * self.radius_mm**2

    def height_mm(self, from_axis_mm: Floats) -> Floats:
        """Height of the liquid at distances from the axis, the same volume whatever its surface.

        Parameters
        ----------
        from_axis_mm : ndarray, any shape
            From 0 to the radius.
        """
        shape = self._surface_mm(np.asarray(from_axis_mm, dtype=np.float64))
        r, w = np.polynomial.legendre.leggauss(64)
        radii = 0.5 * self.radius_mm * (r + 1.0)
        mean = float(np.sum(w * radii * self._surface_mm(radii)) / np.sum(w * radii))
        return self.volume_uL / self.area_mm2 + shape - mean

    def _surface_mm(self, from_axis_mm: Floats) -> Floats:
        """Height of the surface over its middle: a cap, of the wall's neighborhood where wide."""
        reach = min(self.radius_mm, CAPILLARY_mm)
        inward = np.clip(from_axis_mm - (self.radius_mm - reach), 0.0, reach)
        angle = math.radians(self.contact_deg)
        cosine = math.cos(angle)
        if abs(cosine) < 1e-9:
            return np.zeros_like(inward)
        curvature = reach / cosine
        return np.sign(cosine) * (abs(curvature) - np.sqrt(curvature**2 - inward**2))


def plate_well(wells: int, volume_uL: float, contact_deg: float = 90.0) -> Vessel:
    """Return a well of a plate with a volume in it.

    Parameters
    ----------
    wells : int
        6, 24, 96 or 384.
    volume_uL, contact_deg : as in `Vessel`

    Raises
    ------
    DataError
        For another plate.
    PhysicsRangeError
        If the volume does not fit.
    """
    row = _row(wells)
    radius = math.sqrt(row["capacity_uL"] / row["depth_mm"] / math.pi)
    return Vessel(f"well of {wells}", radius, float(row["depth_mm"]), volume_uL, contact_deg)


def dish(diameter_mm: float, volume_uL: float, contact_deg: float = 90.0) -> Vessel:
    """Return a dish; its depth is taken as a third of its diameter."""
    if not diameter_mm > 0.0:
        raise PhysicsRangeError(f"a dish of {diameter_mm:g} mm; its diameter is above 0")
    return Vessel("dish", 0.5 * diameter_mm, diameter_mm / 3.0, volume_uL, contact_deg)


def well_neighbors(wells: int) -> dict[str, tuple[str, ...]]:
    """Wells that touch each well, up to four, by name: of all wells, row by row."""
    row = _row(wells)
    rows, columns = int(row["rows"]), int(row["columns"])

    def name(i: int, j: int) -> str:
        return f"{chr(ord('A') + i)}{j + 1}"

    steps = ((-1, 0), (1, 0), (0, -1), (0, 1))
    return {
        name(i, j): tuple(
            name(i + a, j + b) for a, b in steps if 0 <= i + a < rows and 0 <= j + b < columns
        )
        for i in range(rows)
        for j in range(columns)
    }


@cache
def _row(wells: int) -> dict[str, float]:
    table = load_toml("optics", "plates.toml")["plate"]
    if str(wells) not in table:
        known = ", ".join(table)
        raise DataError(f"a plate of {wells} wells is not in the table; there are {known}")
    return table[str(wells)]
