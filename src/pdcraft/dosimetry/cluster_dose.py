"""Dose to every cell of a cluster: its own decays, and those of all others.

The energies about one decay are averaged over source region and target once
(`pdcraft.dosimetry.cell_pairs`) and summed over all pairs of cells
(`pdcraft.dosimetry.cluster_sums`). All matter is water of 1 g/mL, within the cluster and around it,
and there is no activity around it. Photons count as electrons do: their energy about the point,
with that of the electrons that they set free, is part of the sum.

A dose is the mean over the number of decays that a cell has; with few decays per cell, the dose of
one cell scatters about it.

Units: micrometers, Gy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.dosimetry.cell_pairs import (
    JUST,
    CellShape,
    CellSource,
    CellTarget,
    PairDose,
    PairModels,
    pair_dose,
    pair_models,
)
from pdcraft.dosimetry.cluster_packing import Cluster
from pdcraft.dosimetry.cluster_sums import REACH_radii, pair_sums
from pdcraft.dosimetry.cluster_uptake import Uptake
from pdcraft.dosimetry.radial_energy import RadialEnergy
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["ClusterDose", "cluster_dose", "farthest_um", "tissue_dose_Gy"]

FLUID_POINTS = 20_000
SAMPLED_PAIRS = 1_000_000
ALL_CELLS = Uptake()


@dataclass(frozen=True, slots=True)
class ClusterDose:
    """Dose of each cell, or of a sample of them, per mean number of decays in a cell.

    Parameters
    ----------
    name : str
        Nuclide.
    cluster : Cluster
    cell : CellShape
    weight : ndarray, shape (cells,)
        Decays of each cell over their mean.
    self_Gy, cross_Gy : ndarray, shape (cells,)
        From the cell's own decays and from those of the others.
    decays_per_cell : float
        Mean over all cells that the doses are of.
    rel_err : float
        Relative standard error of the mean dose, of the histories behind the energies.
    rel_model_err : float
        Relative change of the mean dose between models of electrons, Auger spectra and ranges.
    source, target : str
    words : tuple of str
        How it was made.
    """

    name: str
    cluster: Cluster
    cell: CellShape
    weight: Floats
    self_Gy: Floats
    cross_Gy: Floats
    decays_per_cell: float
    rel_err: float
    rel_model_err: float
    source: CellSource
    target: CellTarget
    words: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("weight", "self_Gy", "cross_Gy"):
            object.__setattr__(self, name, frozen(getattr(self, name), name))

    @property
    def dose_Gy(self) -> Floats:
        """Dose of each cell, shape (cells,)."""
        return self.self_Gy + self.cross_Gy

    @property
    def mean_Gy(self) -> float:
        """Mean over the cells."""
        return float(self.dose_Gy.mean())

    @property
    def median_Gy(self) -> float:
        """Median over the cells."""
        return float(np.median(self.dose_Gy))

    @property
    def self_share(self) -> float:
        """Share of the mean dose that the cells give themselves; 0 without dose."""
        return float(self.self_Gy.mean()) / self.mean_Gy if self.mean_Gy > 0.0 else 0.0

    def exceeded_by_Gy(self, share: Floats | float) -> Floats:
        """Dose that a share of the cells reaches or exceeds, such as 0.95 for D95.

        Raises
        ------
        PhysicsRangeError
            For shares outside 0 to 1.
        """
        part = np.asarray(share, dtype=np.float64)
        ok = (part >= 0.0) & (part <= 1.0)
        if not np.all(ok):
            raise PhysicsRangeError(f"share of cells {part[~ok][0]:g}; it lies between 0 and 1")
        return np.quantile(self.dose_Gy, 1.0 - part)

    def histogram(self, bins: int = 100) -> tuple[Floats, Floats]:
        """Cumulative dose-volume histogram of equal cells.

        Returns
        -------
        dose_Gy, share : ndarray, shape (bins + 1,)
            Doses from 0 to the largest, and the share of cells that get at least so much.
        """
        dose = np.linspace(0.0, float(self.dose_Gy.max()), bins + 1)
        ordered = np.sort(self.dose_Gy)
        return dose, 1.0 - np.searchsorted(ordered, dose * (1.0 - 1e-12)) / ordered.size

    def differential(self, bins: int = 200) -> tuple[Floats, Floats]:
        """Cells in groups of like dose, for response models: mean doses and shares of cells.

        Groups hold equal numbers; the coldest and the hottest cells make groups of their own.

        Returns
        -------
        dose_Gy, share : ndarray, shape (groups,)
            Shares sum to 1; the mean dose is kept.
        """
        ordered = np.sort(self.dose_Gy)
        n = ordered.size
        edge = np.unique(np.geomspace(1, n, 40).astype(int))  # fine where the coldest are
        cuts = np.unique(np.concatenate([[0], edge, np.linspace(0, n, bins + 1).astype(int)]))
        sums = np.add.reduceat(ordered, cuts[:-1])
        count = np.diff(cuts)
        return sums / count, count / n


def cluster_dose(
    energy: RadialEnergy,
    cluster: Cluster,
    cell: CellShape,
    *,
    uptake: Uptake = ALL_CELLS,
    source: CellSource = "cell",
    target: CellTarget = "nucleus",
    decays_per_cell: float = 1.0,
    sample: int | None = None,
    tables: PairModels | None = None,
    seed: int = 1,
    threads: int | None = None,
) -> ClusterDose:
    """Dose of each cell of a cluster.

    Parameters
    ----------
    energy : RadialEnergy
        About one decay.
    cluster : Cluster
    cell : CellShape
        Its radius is the one that the cluster was packed with.
    uptake : Uptake
    source, target
        As in `pdcraft.dosimetry.cell_pairs.pair_dose`.
    decays_per_cell : float
        Mean over all cells, labelled or not.
    sample : int, optional
        So many cells, chosen at random, whose dose is wanted; all decay. All cells without it.
    tables : PairModels, optional
        Of these energies, this cell, source and target, to a distance that suffices
        (`farthest_um`): made once for several clusters.
    seed : int
        Of the choice of labelled cells, of the spread of uptake and of the sample.
    threads : int, optional

    Raises
    ------
    DataError
        If cell and cluster have different radii.
    PhysicsRangeError
        For decays that are negative or not finite.
    """
    _check(cluster, cell, decays_per_cell)
    weight = uptake.weights(cluster, seed)
    made = tables or pair_models(
        energy, cell, source=source, target=target, farthest_um=farthest_um(cluster)
    )
    if (made.cell, made.source, made.target) != (cell, source, target):
        raise DataError("the tables of doses between cells are of another cell, source or target")
    pairs = made.dose
    wanted, own_weight = cluster.centers_um, weight
    if sample is not None and sample < cluster.cells:
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(8, 3)))
        which = np.sort(rng.permutation(cluster.cells)[: max(sample, 1)])
        wanted, own_weight = wanted[which], weight[which]
    cross = _sums(pairs, wanted, cluster, weight, threads, own_weight)
    mean = _MeanDose.of(cluster, weight, pairs)
    return ClusterDose(
        name=energy.name,
        cluster=cluster,
        cell=cell,
        weight=own_weight,
        self_Gy=decays_per_cell * (own_weight * pairs.self_Gy),
        cross_Gy=decays_per_cell * cross,
        decays_per_cell=decays_per_cell,
        rel_err=mean.rel_err(pairs),
        rel_model_err=mean.rel_model_err(made),
        source=source,
        target=target,
        words=(cluster.words, uptake.words, energy.words),
    )


def tissue_dose_Gy(
    energy: RadialEnergy,
    cluster: Cluster,
    cell: CellShape,
    *,
    uptake: Uptake = ALL_CELLS,
    source: CellSource = "cell",
    decays_per_cell: float = 1.0,
    seed: int = 1,
    threads: int | None = None,
) -> tuple[float, float]:
    """Mean dose of the cluster's tissue: cells and the fluid between them.

    What the S value of a sphere is of, other than the mean over the cells alone, where short tracks
    leave more. Fluid is looked at in random points that are nearer to a cell of the cluster than to
    a site outside.

    Returns
    -------
    mean, std_err : float
        The standard error is that of the random points.

    Raises
    ------
    DataError
        For cells that are placed by hand: where their tissue ends is not known.
    """
    _check(cluster, cell, decays_per_cell)
    if not len(cluster.beyond_um):
        raise DataError("where the tissue of cells placed by hand ends is not known")
    cells = cluster_dose(
        energy, cluster, cell, uptake=uptake, source=source, target="cell",
        decays_per_cell=decays_per_cell, seed=seed, threads=threads,
    )  # fmt: skip
    points = _fluid_points(cluster, np.random.default_rng(np.random.SeedSequence(seed)))
    pairs = pair_dose(energy, cell, source=source, target="point", farthest_um=farthest_um(cluster))
    fluid = decays_per_cell * _sums(pairs, points, cluster, cells.weight, threads)
    share = cluster.packing_fraction
    mean = share * cells.mean_Gy + (1.0 - share) * float(fluid.mean())
    return mean, (1.0 - share) * float(fluid.std(ddof=1)) / np.sqrt(len(fluid))


@dataclass(frozen=True, slots=True)
class _MeanDose:
    """Mean dose of a sample of cells as weights of the table's distances: to give it its errors."""

    own: float
    on_nodes: Floats

    @classmethod
    def of(cls, cluster: Cluster, weight: Floats, pairs: PairDose) -> _MeanDose:
        centers = cluster.centers_um
        some = max(1, min(cluster.cells, SAMPLED_PAIRS // cluster.cells))
        which = np.linspace(0, cluster.cells - 1, some).astype(int)
        d = np.sqrt(((centers[which][:, None] - centers) ** 2).sum(axis=-1)).ravel()
        part = np.tile(weight / some, some)
        used = (d > 0.0) & (part > 0.0)
        return cls(float(weight.mean()), pairs.weights_on_nodes(d[used], part[used]))

    def by_group_Gy(self, pairs: PairDose) -> Floats:
        """Mean dose of the cells by groups of histories."""
        return self.own * pairs.self_by_group_Gy + pairs.cross_by_group_Gy @ self.on_nodes

    def rel_err(self, pairs: PairDose) -> float:
        groups = self.by_group_Gy(pairs)
        if len(groups) < 2 or not groups.mean() > 0.0:
            return 0.0
        return float(groups.std(ddof=1) / np.sqrt(len(groups)) / groups.mean())

    def rel_model_err(self, made: PairModels) -> float:
        mean = float(self.by_group_Gy(made.dose).mean())
        if not mean > 0.0:
            return 0.0
        change = [
            max(abs(float(self.by_group_Gy(one).mean()) - mean) for one in family)
            for family in made.others
        ]
        return float(np.sqrt(np.sum(np.square(change)))) / mean


def _check(cluster: Cluster, cell: CellShape, decays_per_cell: float) -> None:
    if abs(cell.radius_um / cluster.cell_um - 1.0) > JUST:
        raise DataError(
            f"the cluster is packed with cells of {cluster.cell_um:g} um, the cell has "
            f"{cell.radius_um:g} um; give one radius"
        )
    if not 0.0 <= decays_per_cell < np.inf:
        raise PhysicsRangeError(f"{decays_per_cell:g} decays per cell; 0 or more")


def farthest_um(cluster: Cluster) -> float:
    """Largest distance of two centers that a cluster's sums may ask for."""
    outermost = np.sqrt((cluster.centers_um**2).sum(axis=1).max())
    return float(2.1 * outermost + 6.0 * cluster.cell_um)


def _sums(
    pairs: PairDose,
    targets: Floats,
    cluster: Cluster,
    weight: Floats,
    threads: int | None,
    own_weight: Floats | None = None,
) -> Floats:
    return pair_sums(
        targets,
        cluster.centers_um,
        weight,
        pairs.at,
        nearest_um=float(pairs.distance_um[0]),
        reach_um=REACH_radii * cluster.cell_um,
        own_weight=own_weight,
        threads=threads,
    )


def _fluid_points(cluster: Cluster, rng: np.random.Generator) -> Floats:
    """Points of the fluid between the cells of the cluster, shape (about FLUID_POINTS, 3)."""
    from scipy.spatial import KDTree

    sites = np.concatenate([cluster.centers_um, cluster.beyond_um])
    tree = KDTree(sites)
    # twice the cell's share of the volume: no point of a site's own is farther
    reach = cluster.cell_um * 1.7 * cluster.packing_fraction ** (-1.0 / 3.0)
    found: list[Floats] = []
    count = 0
    while count < FLUID_POINTS:
        n = 8 * FLUID_POINTS
        chosen = rng.integers(cluster.cells, size=n)
        direction = rng.standard_normal((n, 3))
        direction /= np.sqrt((direction**2).sum(axis=1))[:, None]
        length = reach * rng.random(n) ** (1.0 / 3.0)
        outside = length > cluster.cell_um
        points = sites[chosen[outside]] + (direction * length[:, None])[outside]
        distance, nearest = tree.query(points)
        kept = points[(nearest == chosen[outside]) & (distance > cluster.cell_um)]
        found.append(kept)
        count += len(kept)
    return np.concatenate(found)[:FLUID_POINTS]
