"""Mean dose to a cell, or its nucleus, per decay in another cell: a function of their distance.

Cells are balls with a concentric nucleus, all alike, in water of one density. The energies about a
point source are averaged over the source region and the target in closed form
(`pdcraft.physics.ball`).

Units: micrometers, Gy per decay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.dosimetry.radial_energy import RadialEnergy, gray_of
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.physics.ball import ball_distances, share_in_ball, surface_distances

__all__ = [
    "CellShape",
    "CellSource",
    "CellTarget",
    "PairDose",
    "PairModels",
    "pair_dose",
    "pair_models",
]

CellSource = Literal["cell", "nucleus", "cytoplasm", "cell_surface"]
CellTarget = Literal["nucleus", "cell", "point"]
SMALLEST_um, LARGEST_um = 0.5, 100.0
NODES_PER_FACTOR_E = 60.0
CHUNK = 16
JUST = 1e-6  # of a distance: rounding of cells that touch
POINT_radii = 0.05  # size of what stands for a point, in cell radii


@dataclass(frozen=True, slots=True)
class CellShape:
    """A ball with a concentric nucleus, radii in micrometers.

    Raises
    ------
    PhysicsRangeError
        For a nucleus that is not smaller than the cell, or radii of no cell.
    """

    radius_um: float = 5.0
    nucleus_um: float = 4.0

    def __post_init__(self) -> None:
        if not SMALLEST_um <= self.radius_um <= LARGEST_um:
            raise PhysicsRangeError(
                f"a cell of radius {self.radius_um:g} um; cells have {SMALLEST_um:g} to "
                f"{LARGEST_um:g} um; check the unit"
            )
        if not 0.0 < self.nucleus_um < self.radius_um:
            raise PhysicsRangeError(
                f"a nucleus of radius {self.nucleus_um:g} um in a cell of {self.radius_um:g} um; "
                "the nucleus is above 0 and smaller than its cell"
            )


@dataclass(frozen=True, slots=True)
class PairDose:
    """Mean dose to a target per decay in a cell: its own, and against the distance of centers.

    Parameters
    ----------
    distance_um : ndarray, shape (distances,)
        From touching cells on.
    self_by_group_Gy : ndarray, shape (groups,)
        Of the decaying cell itself, by groups of histories.
    cross_by_group_Gy : ndarray, shape (groups, distances)
    """

    distance_um: Floats
    self_by_group_Gy: Floats
    cross_by_group_Gy: Floats

    @property
    def self_Gy(self) -> float:
        """Dose of the decaying cell itself."""
        return float(self.self_by_group_Gy.mean())

    @property
    def cross_Gy(self) -> Floats:
        """Dose against the distance of centers, shape (distances,)."""
        return self.cross_by_group_Gy.mean(axis=0)

    def at(self, distance_um: Floats) -> Floats:
        """Dose between cells at distances within the table."""
        d = np.asarray(distance_um, dtype=np.float64)
        low, high = self.distance_um[0], self.distance_um[-1]
        if d.size and not (d.min() >= low * (1 - 1e-6) and d.max() <= high * (1 + 1e-6)):
            raise PhysicsRangeError(
                f"cells {d.min():.4g} to {d.max():.4g} um apart; this table reaches from {low:.4g} "
                f"to {high:.4g} um"
            )
        # with the square of the distance it bends least
        smooth = self.cross_Gy * self.distance_um**2
        return np.interp(np.log(d), np.log(self.distance_um), smooth) / d**2

    def weights_on_nodes(self, distance_um: Floats, weight: Floats) -> Floats:
        """Weights of the table's distances that give the sum of weight times dose over many."""
        nodes = np.log(self.distance_um)
        step = (nodes[-1] - nodes[0]) / (nodes.size - 1)  # the distances are a geometric series
        at = (np.log(distance_um) - nodes[0]) / step
        i = np.clip(at.astype(np.int64), 0, nodes.size - 2)
        part, value = at - i, weight / distance_um**2
        on_nodes = np.bincount(i, (1.0 - part) * value, nodes.size)
        on_nodes += np.bincount(i + 1, part * value, nodes.size)
        return on_nodes * self.distance_um**2


def pair_dose(
    energy: RadialEnergy,
    cell: CellShape,
    *,
    source: CellSource = "cell",
    target: CellTarget = "nucleus",
    farthest_um: float,
) -> PairDose:
    """Average a point source's energies over the source region and the target.

    Parameters
    ----------
    energy : RadialEnergy
    cell : CellShape
    source : {"cell", "nucleus", "cytoplasm", "cell_surface"}
        Where the decays are, evenly.
    target : {"nucleus", "cell", "point"}
        Whose mean dose; "point": a place outside the decaying cell, from its surface on.
    farthest_um : float
        Largest distance of two centers.

    Raises
    ------
    DataError
        For another source or target.
    """
    return _doses((energy,), cell, source, target, farthest_um)[0]


def _doses(
    energies: Sequence[RadialEnergy],
    cell: CellShape,
    source: CellSource,
    target: CellTarget,
    farthest_um: float,
) -> list[PairDose]:
    """Average energies in the same shells: the geometry is worked out once."""
    if source not in get_args(CellSource) or target not in get_args(CellTarget):
        raise DataError(
            f"cells: source '{source}' and target '{target}'; sources are "
            f"{', '.join(get_args(CellSource))}, targets {', '.join(get_args(CellTarget))}"
        )
    point = POINT_radii * cell.radius_um
    ball = {"nucleus": cell.nucleus_um, "cell": cell.radius_um, "point": point}[target]
    nearest = (1.0 if target == "point" else 2.0) * cell.radius_um * (1.0 - JUST)
    top = max(farthest_um, 1.1 * nearest)
    n = int(NODES_PER_FACTOR_E * np.log(top / nearest)) + 8
    d = np.geomspace(nearest, top, n)
    out: list[PairDose] = []
    edges = energies[0].edges_um
    own, cross = (_weights(edges, x, cell, source, ball) for x in (np.zeros(1), d))
    for energy in energies:
        if energy.edges_um.shape != edges.shape or not np.array_equal(energy.edges_um, edges):
            raise DataError(f"{energy.name}: its models have other shells; give the same to all")
        of_self, of_others = (gray_of(energy.energy_keV @ w, ball) for w in (own, cross))
        out.append(PairDose(d, of_self[:, 0], of_others))
    return out


@dataclass(frozen=True, slots=True)
class PairModels:
    """Doses between cells, and the same in the energies' other models, by family."""

    cell: CellShape
    source: CellSource
    target: CellTarget
    farthest_um: float
    dose: PairDose
    others: tuple[tuple[PairDose, ...], ...]


def pair_models(
    energy: RadialEnergy,
    cell: CellShape,
    *,
    source: CellSource = "cell",
    target: CellTarget = "nucleus",
    farthest_um: float,
) -> PairModels:
    """Average the energies of all models; parameters as of `pair_dose`."""
    flat = [one for family in energy.models for one in family]
    first, *rest = _doses((energy, *flat), cell, source, target, farthest_um)
    left = iter(rest)
    others = tuple(tuple(next(left) for _ in family) for family in energy.models)
    return PairModels(cell, source, target, farthest_um, first, others)


def _weights(
    edges: Floats, distance: Floats, cell: CellShape, source: CellSource, ball: float
) -> Floats:
    """Share of each shell's energy about a point of a source region that a ball gets.

    Returns
    -------
    ndarray, shape (shells, distances)
    """
    if source == "cytoplasm":
        whole, inner = cell.radius_um**3, cell.nucleus_um**3
        all_of_it = _weights(edges, distance, cell, "cell", ball)
        nucleus = _weights(edges, distance, cell, "nucleus", ball)
        return (whole * all_of_it - inner * nucleus) / (whole - inner)
    points: list[Floats] = []
    weights: list[Floats] = []
    for d in distance:
        if source == "cell_surface":
            t, w = surface_distances(float(d), cell.radius_um)
        else:
            radius = cell.nucleus_um if source == "nucleus" else cell.radius_um
            t, w = ball_distances(float(d), radius, split=ball)
        points.append(t)
        weights.append(w)
    out = np.zeros((edges.size - 1, distance.size))
    for i in range(0, distance.size, CHUNK):
        part = slice(i, i + CHUNK)
        t = np.concatenate(points[part])
        # steps that are shorter or longer never end in the ball
        low = max(int(np.searchsorted(edges, t.min() - ball)) - 1, 0)
        high = min(int(np.searchsorted(edges, t.max() + ball)), edges.size - 1)
        shells = slice(low, high)
        shares = share_in_ball(
            edges[shells, None], edges[low + 1 : high + 1, None], t[None, :], ball
        )
        starts = np.cumsum([0, *(p.size for p in points[part])])[:-1]
        out[shells, part] = np.add.reduceat(shares * np.concatenate(weights[part]), starts, axis=1)
    return out
