"""Clusters of equal cells: where their centers are, and how densely they are packed.

A cluster of radius R holds as many cells as fill its volume at the packing fraction: the sites of a
lattice, or of a random packing, that are nearest to a point. What lies between the cells is fluid
of the same density.

Units: micrometers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import ConvergenceError, DataError, PhysicsRangeError

__all__ = ["DENSEST", "Cluster", "Packing", "cluster_of", "given_cluster"]

Packing = Literal["fcc", "hcp", "random"]
#: Packing fractions up to which cells can be placed: of lattices the densest there is.
DENSEST = {"fcc": float(np.pi / np.sqrt(18.0)), "hcp": float(np.pi / np.sqrt(18.0)), "random": 0.60}
DEFAULT = {"fcc": DENSEST["fcc"], "hcp": DENSEST["hcp"], "random": 0.58}
MOST_CELLS = 8_000_000
TILE_CELLS = 2000  # of the random packing, repeated in space
TOUCHING = 1e-6  # of the diameter: what counts as overlap
MARGIN_radii = 4.0
PUSHES = 20_000


@dataclass(frozen=True, slots=True)
class Cluster:
    """Centers of equal cells about the origin.

    Parameters
    ----------
    centers_um : ndarray, shape (cells, 3)
    cell_um : float
        Radius of every cell.
    radius_um : float
        Of the sphere with the volume of cells and the fluid between them.
    packing_fraction : float
        Share of that volume that cells fill.
    words : str
        How the cells are placed.
    beyond_um : ndarray, shape (sites, 3)
        Sites of the packing just outside: they bound the tissue that belongs to the cluster. None,
        where cells are placed by hand.
    """

    centers_um: Floats
    cell_um: float
    radius_um: float
    packing_fraction: float
    words: str
    beyond_um: Floats = field(default_factory=lambda: np.zeros((0, 3)))

    def __post_init__(self) -> None:
        for name in ("centers_um", "beyond_um"):
            object.__setattr__(self, name, frozen(getattr(self, name), "centers of cells"))

    @property
    def cells(self) -> int:
        """Their number."""
        return len(self.centers_um)


def cluster_of(
    radius_um: float,
    cell_um: float,
    *,
    packing: Packing = "fcc",
    packing_fraction: float | None = None,
    seed: int = 1,
) -> Cluster:
    """Pack equal cells into a ball.

    Parameters
    ----------
    radius_um : float
        Of the ball: the cell's radius or more.
    cell_um : float
        Radius of a cell.
    packing : {"fcc", "hcp", "random"}
        Cubic or hexagonal close packing, or a random one (2000 cells pushed apart in a periodic
        box, repeated in space).
    packing_fraction : float, optional
        Share of the volume that is cells; at most 0.7405 (lattices) or 0.60 (random). The densest
        lattice, or 0.58 at random, without it.
    seed : int
        Of the random packing, and of the point about which cells are taken.

    Raises
    ------
    DataError
        For another packing.
    PhysicsRangeError
        For radii or fractions outside their limits, or more than 8 million cells.

    Examples
    --------
    >>> cluster_of(50.0, 5.0).cells
    740
    """
    if packing not in get_args(Packing):
        raise DataError(f"packing '{packing}'; packings are {', '.join(get_args(Packing))}")
    share = DEFAULT[packing] if packing_fraction is None else packing_fraction
    if not 0.0 < share <= DENSEST[packing] * (1.0 + 1e-9):
        raise PhysicsRangeError(
            f"packing fraction {share:g}: equal balls fill above 0 and at most "
            f"{DENSEST[packing]:.4g} of space in the packing '{packing}'; denser cells overlap"
        )
    if not 0.0 < cell_um < np.inf or not cell_um <= radius_um < np.inf:
        raise PhysicsRangeError(
            f"a cluster of radius {radius_um:g} um of cells of {cell_um:g} um; cells are above 0 "
            "um, and the cluster is as large as a cell or larger"
        )
    wanted = max(1, round(share * (radius_um / cell_um) ** 3))
    if wanted > MOST_CELLS:
        raise PhysicsRangeError(
            f"a cluster of {wanted:,} cells; at most {MOST_CELLS:,} are computed one by one. Take "
            "larger cells, a smaller cluster, or the sphere of that radius (pdcraft sphere)"
        )
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(8, 1)))
    if packing == "random":
        sites = _random_sites(radius_um + MARGIN_radii * cell_um, cell_um, share, seed)
    else:
        sites = _lattice_sites(radius_um + MARGIN_radii * cell_um, cell_um, share, packing, rng)
    order = np.argsort((sites**2).sum(axis=1), kind="stable")
    words = f"{packing} packing, {100 * share:.3g}% of the volume is cells"
    inside, beyond = sites[order[:wanted]], sites[order[wanted:]]
    return Cluster(inside, cell_um, float(radius_um), share, words, beyond)


def given_cluster(centers_um: Floats, cell_um: float) -> Cluster:
    """Cluster of cells at given places.

    Parameters
    ----------
    centers_um : ndarray, shape (cells, 3)
    cell_um : float
        Radius of every cell.

    Raises
    ------
    DataError
        For overlapping cells, with their number and the worst pair, or places of another shape.
    """
    from scipy.spatial import KDTree

    centers = np.asarray(frozen(centers_um, "centers of cells"))
    if centers.ndim != 2 or centers.shape[1] != 3 or not len(centers):
        raise DataError(f"centers of cells have the shape {centers.shape}; wanted (cells, 3)")
    if not cell_um > 0.0:
        raise PhysicsRangeError(f"a cell of radius {cell_um:g} um; it is above 0")
    if len(centers) > 1:
        found: Any = KDTree(centers).query(centers, k=2)
        distance, other = found
        gap: Floats = distance[:, 1]
        close = gap < 2.0 * cell_um * (1.0 - TOUCHING)
        if close.any():
            i = int(np.argmin(gap))
            raise DataError(
                f"overlapping cells: {int(close.sum())} of {len(centers)} have a neighbor nearer "
                f"than two radii, {2 * cell_um:g} um; the worst are cells {i} and "
                f"{int(other[i, 1])}, {gap[i]:.4g} um apart. Move them, or give smaller cells"
            )
    middle = centers.mean(axis=0)
    around = float(np.sqrt(((centers - middle) ** 2).sum(axis=1)).max()) + cell_um
    share = len(centers) * (cell_um / around) ** 3
    return Cluster(
        centers - middle, cell_um, around, share, "places as given, in the sphere around them"
    )


def _lattice_sites(
    reach: float, cell: float, share: float, packing: str, rng: np.random.Generator
) -> Floats:
    """Sites within reach of a random point of the lattice, shape (sites, 3)."""
    d = 2.0 * cell * (DENSEST[packing] / share) ** (1.0 / 3.0)  # distance of neighbors
    rows, layers = d * np.sqrt(3.0) / 2.0, d * np.sqrt(2.0 / 3.0)
    shift = rng.random(3) * (d, 2.0 * rows, 6.0 * layers)
    k = np.arange(-int(reach / layers) - 9, int(reach / layers) + 10)
    j = np.arange(-int(reach / rows) - 4, int(reach / rows) + 5)
    i = np.arange(-int(reach / d) - 4, int(reach / d) + 5)
    kind = k % 3 if packing == "fcc" else k % 2  # layers A B C or A B
    out: list[Floats] = []
    for layer, which in zip(k, kind, strict=True):
        z = layer * layers - shift[2]
        if abs(z) > reach:
            continue
        y = j * rows + which * rows * 2.0 / 3.0 - shift[1]
        x = i[:, None] * d + ((j % 2) * 0.5 * d)[None, :] - shift[0]
        flat = np.stack([x.ravel(), np.broadcast_to(y, x.shape).ravel()], axis=1)
        flat = flat[(flat**2).sum(axis=1) <= reach**2 - z**2]
        out.append(np.column_stack([flat, np.full(len(flat), z)]))
    return np.concatenate(out)


def _random_sites(reach: float, cell: float, share: float, seed: int) -> Floats:
    """Sites of a random packing within reach of its middle, from one periodic tile."""
    tile = cell * _tile(share, seed)
    edge = (TILE_CELLS * 4.0 / 3.0 * np.pi * cell**3 / share) ** (1.0 / 3.0)
    n = int(np.ceil(reach / edge)) + 1
    steps = np.arange(-n, n) * edge
    out: list[Floats] = []
    for x in steps:
        for y in steps:
            for z in steps:
                corner = np.array([x, y, z])
                nearest = np.clip(0.0, corner, corner + edge)
                if (nearest**2).sum() > reach**2:
                    continue
                sites = tile + corner
                out.append(sites[(sites**2).sum(axis=1) <= reach**2])
    return np.concatenate(out)


@lru_cache(maxsize=4)
def _tile(share: float, seed: int) -> Floats:
    """Cells in a periodic box, pushed apart until none overlap; in radii, (TILE_CELLS, 3)."""
    from scipy.spatial import KDTree

    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(8, 4)))
    edge = (TILE_CELLS * 4.0 / 3.0 * np.pi / share) ** (1.0 / 3.0)  # in cell radii
    places = rng.random((TILE_CELLS, 3)) * edge
    goal = 2.0 * (1.0 + 2e-4)  # a hair more than touching: then the last pushes end
    for _ in range(PUSHES):
        pairs = KDTree(places, boxsize=edge).query_pairs(goal, output_type="ndarray")
        if len(pairs) == 0:
            break
        a, b = pairs[:, 0], pairs[:, 1]
        step = places[b] - places[a]
        step -= edge * np.round(step / edge)
        gap = np.sqrt((step**2).sum(axis=1))
        if gap.min() >= 2.0:
            break
        push = (0.5 * (goal * 1.0005 - gap) / np.maximum(gap, 1e-9))[:, None] * step
        for axis in range(3):
            places[:, axis] += np.bincount(b, push[:, axis], TILE_CELLS)
            places[:, axis] -= np.bincount(a, push[:, axis], TILE_CELLS)
        places %= edge
        places[places >= edge] = 0.0
    else:
        raise ConvergenceError(
            f"random packing: cells still overlap at the packing fraction {share:g}; give a lower "
            "one, or a lattice"
        )
    return frozen(places, "tile of a random packing")
