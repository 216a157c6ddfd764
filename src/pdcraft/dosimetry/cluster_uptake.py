"""Uptake of a cluster's cells: all alike, a labelled share of them, or an outer rim.

Weights are decays per cell over their mean over all cells of the cluster, labelled or not: so
patterns compare at the same activity of the whole cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.cluster_packing import Cluster
from pdcraft.errors import PhysicsRangeError

__all__ = ["Uptake"]


@dataclass(frozen=True, slots=True)
class Uptake:
    """Which cells take the agent up, and how unequally.

    Parameters
    ----------
    labelled : float
        Share of cells that take up, chosen at random, 0 to 1; above 0 that is one cell at least.
    rim_um : float or None
        Depth below the cluster's surface of the cells that are reached; all without it. With
        `labelled`, that share of the rim's cells.
    spread : float
        Relative standard deviation of the log-normal uptake from cell to cell, 0 or more.

    Raises
    ------
    PhysicsRangeError
        Outside these ranges.
    """

    labelled: float = 1.0
    rim_um: float | None = None
    spread: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.labelled <= 1.0:
            raise PhysicsRangeError(
                f"labelled fraction {self.labelled:g}; a share of the cells lies between 0 and 1"
            )
        if self.rim_um is not None and not self.rim_um > 0.0:
            raise PhysicsRangeError(f"rim of {self.rim_um:g} um; its depth is above 0 um")
        if not 0.0 <= self.spread < np.inf:
            raise PhysicsRangeError(
                f"spread {self.spread:g} of the uptake; a relative standard deviation is 0 or more"
            )

    def weights(self, cluster: Cluster, seed: int = 1) -> Floats:
        """Decays of each cell over the mean of all cells, shape (cells,); all 0 without label.

        Raises
        ------
        PhysicsRangeError
            Where no cell's center lies in the rim.
        """
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(8, 2)))
        reached = np.ones(cluster.cells, dtype=bool)
        if self.rim_um is not None:
            depth = cluster.radius_um - np.sqrt((cluster.centers_um**2).sum(axis=1))
            reached = depth <= self.rim_um
            if not reached.any():
                raise PhysicsRangeError(
                    f"rim of {self.rim_um:g} um: no cell's center lies so near the surface; the "
                    f"outermost is {depth.min():.3g} um below it"
                )
        index = np.flatnonzero(reached)
        number = round(self.labelled * index.size)
        if self.labelled > 0.0:
            number = max(number, 1)  # the cluster's activity is in some cell, however small it is
        chosen = rng.permutation(index)[:number]
        weight = np.zeros(cluster.cells)
        sigma = np.sqrt(np.log1p(self.spread**2))
        weight[chosen] = np.exp(sigma * rng.standard_normal(number))
        total = weight.sum()
        return weight * (cluster.cells / total) if total > 0.0 else weight

    @property
    def words(self) -> str:
        """What it assumes."""
        share = "all cells" if self.labelled == 1.0 else f"{100 * self.labelled:g}% of the cells"
        where = "" if self.rim_um is None else f" within {self.rim_um:g} um of the surface"
        how = "evenly" if not self.spread else f"log-normally, CV {self.spread:g}"
        return f"{share}{where}, {how}"
