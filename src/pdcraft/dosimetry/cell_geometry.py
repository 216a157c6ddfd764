"""A cell as two balls of water, nucleus and cell: its regions, masses and shares of steps.

Lengths in micrometers at the edge, millimeters inside (as the kernels have them).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.physics.sphere_pairs import ball_volume, covariance, surface_share

__all__ = ["SOURCES", "TARGETS", "Cell", "Share"]

TARGETS = ("nucleus", "cytoplasm", "cell")
SOURCES = ("nucleus", "cytoplasm", "cell_surface", "cell")
LEAST_um, MOST_um = 0.1, 1000.0
MM = 1e-3  # per micrometer
KG_PER_MM3 = 1e-6  # of water of 1 g/mL

Share = Callable[[Floats], Floats]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell in unbounded water of 1 g/mL.

    Parameters
    ----------
    cell_radius_um, nucleus_radius_um : float
    nucleus_offset_um : float
        Between the centers.

    Raises
    ------
    DataError
        For radii that are not above zero, a nucleus as large as the cell or larger, or one that
        reaches out of it.
    """

    cell_radius_um: float
    nucleus_radius_um: float
    nucleus_offset_um: float = 0.0

    def __post_init__(self) -> None:
        cell, nucleus, offset = (
            self.cell_radius_um,
            self.nucleus_radius_um,
            self.nucleus_offset_um,
        )
        for what, radius in (("cell", cell), ("nucleus", nucleus)):
            if not (isfinite(radius) and LEAST_um <= radius <= MOST_um):
                raise DataError(
                    f"cell: a {what} radius of {radius:g} um is outside {LEAST_um:g} to "
                    f"{MOST_um:g} um; check the unit"
                )
        if nucleus >= cell:
            raise DataError(
                f"cell: a nucleus of radius {nucleus:g} um does not fit into a cell of radius "
                f"{cell:g} um; give a nucleus smaller than its cell"
            )
        if not (isfinite(offset) and 0.0 <= offset <= cell - nucleus):
            raise DataError(
                f"cell: a nucleus of radius {nucleus:g} um, {offset:g} um off the center, reaches "
                f"out of a cell of radius {cell:g} um; the offset may be 0 to {cell - nucleus:g} um"
            )

    def mass_kg(self, target: str) -> float:
        """Mass of a target region."""
        nucleus, cell = (
            float(ball_volume(r * MM)) * KG_PER_MM3
            for r in (self.nucleus_radius_um, self.cell_radius_um)
        )
        return {"nucleus": nucleus, "cytoplasm": cell - nucleus, "cell": cell}[target]

    def share(self, target: str, source: str) -> Share:
        """Chance that a step of a length (mm) from a uniform source ends in a target.

        Parameters
        ----------
        target : {"nucleus", "cytoplasm", "cell"}
        source : {"nucleus", "cytoplasm", "cell_surface", "cell"}
        """
        n, c = self.nucleus_radius_um * MM, self.cell_radius_um * MM
        offset = self.nucleus_offset_um * MM
        v_n, v_c = float(ball_volume(n)), float(ball_volume(c))

        def within(ball: str, d: Floats) -> Floats:
            """Share that ends in the whole ball of the nucleus, or of the cell."""
            if source == "cell_surface":
                inner = ball == "nucleus"
                return surface_share(d, c, n if inner else c, offset if inner else 0.0)
            crossed = covariance(d, n, c, offset)
            own = covariance(d, n, n) if ball == "nucleus" else covariance(d, c, c)
            if source == "nucleus":
                return (own if ball == "nucleus" else crossed) / v_n
            if source == "cell":
                return (crossed if ball == "nucleus" else own) / v_c
            rest = crossed - own if ball == "nucleus" else own - crossed
            return rest / (v_c - v_n)

        def share(d: Floats) -> Floats:
            if target == "cytoplasm":
                return within("cell", d) - within("nucleus", d)
            return within(target, d)

        return share
