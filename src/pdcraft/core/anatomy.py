"""The type of a body: named regions with mass, and either a label grid or a name for its surfaces.

Builders live in ``pdcraft.anatomy``; this is only what stages pass to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.grid import Grid
from pdcraft.core.notebook import Shown, Table, number, times
from pdcraft.errors import DataError

__all__ = ["Anatomy"]


@dataclass(frozen=True, slots=True, repr=False)
class Anatomy(Shown):
    """A body: what its regions are called and weigh, and where they are if that is known.

    Parameters
    ----------
    name : str
        e.g. ``"mouse"``, ``"adult-male"``.
    host : {"human", "mouse"}
    masses_g : mapping of str to float
        Mass of each region, g, positive.
    mass_source : str
        Where the masses come from.
    grid : Grid, optional
        Of `labels`.
    labels : ndarray of int, optional
        Index into `label_names` per voxel.
    label_names : tuple of str
    """

    name: str
    host: str
    masses_g: Mapping[str, float]
    mass_source: str
    grid: Grid | None = None
    labels: NDArray[np.int16] | None = None
    label_names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for region, mass in self.masses_g.items():
            if not 0 < mass < np.inf:
                raise DataError(f"mass of {region} is {mass} g; a mass is positive and finite")
        object.__setattr__(self, "masses_g", MappingProxyType(dict(self.masses_g)))
        if (self.grid is None) != (self.labels is None):
            raise DataError("an anatomy has both a grid and labels, or neither")
        if self.grid is not None and self.labels is not None:
            labels = np.array(self.labels, dtype=np.int16)
            labels.flags.writeable = False
            if labels.shape != self.grid.shape:
                raise DataError(f"labels {labels.shape} do not fit the grid {self.grid.shape}")
            if labels.min() < 0 or labels.max() >= len(self.label_names):
                raise DataError("a label has no name in label_names")
            object.__setattr__(self, "labels", labels)

    def _table(self) -> Table:
        voxels = "" if self.grid is None else f", {times(self.grid.shape)} voxels"
        rows = [(region, number(mass)) for region, mass in self.masses_g.items()]
        title = f"{self.name} ({self.host}){voxels}; masses: {self.mass_source}"
        return Table(title, ("region", "mass, g"), rows)

    def mass_g(self, region: str) -> float:
        """Mass of a region, g.

        Raises
        ------
        DataError
            If this anatomy does not have it.
        """
        try:
            return self.masses_g[region]
        except KeyError:
            known = ", ".join(self.masses_g)
            raise DataError(
                f"{self.name} has no mass for '{region}'; give it in a masses file, or use {known}"
            ) from None
