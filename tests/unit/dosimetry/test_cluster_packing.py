"""Packed cells: no overlap, the density that was asked for, and who takes up what."""

import numpy as np
import pytest
from scipy.spatial import KDTree

from pdcraft.dosimetry.cluster_packing import cluster_of, given_cluster
from pdcraft.dosimetry.cluster_uptake import Uptake
from pdcraft.errors import DataError, PhysicsRangeError


@pytest.mark.parametrize(
    ("packing", "share"),
    [("fcc", None), ("hcp", None), ("fcc", 0.5), ("hcp", 0.3), ("random", 0.4), ("random", None)],
)
def test_packed_as_asked(packing, share):
    cluster = cluster_of(100.0, 5.0, packing=packing, packing_fraction=share)
    places = np.asarray(cluster.centers_um)
    nearest = KDTree(places).query(places, k=2)[0][:, 1]
    assert nearest.min() >= 10.0 * (1 - 1e-12)
    assert cluster.cells == round(cluster.packing_fraction * 20.0**3)
    # a deeper ball holds the same share of centers: 1728 cells expected at 0.216 of the volume,
    # and a lattice's surface scatters by less than a Poisson's (2.4%)
    inner = (np.sqrt((places**2).sum(axis=1)) < 60.0).mean()
    assert inner == pytest.approx(0.216, rel=0.05, abs=0)
    beyond = np.sqrt((np.asarray(cluster.beyond_um) ** 2).sum(axis=1))
    assert beyond.min() >= np.sqrt((places**2).sum(axis=1)).max()


@pytest.mark.parametrize("packing", ["fcc", "hcp"])
def test_twelve_neighbors_and_the_next_shell(packing):
    """Neighbors at sqrt(2) diameters: 6 in both; at sqrt(8/3): 2 in hexagonal packing alone."""
    cluster = cluster_of(60.0, 5.0, packing=packing)
    tree = KDTree(np.asarray(cluster.centers_um))
    middle = tree.query([0.0, 0, 0])[1]
    d = tree.query(cluster.centers_um[middle], k=21)[0][1:]
    assert (d < 10.01).sum() == 12
    assert (abs(d - 14.142) < 0.01).sum() == 6
    assert (abs(d - 16.330) < 0.01).sum() == (2 if packing == "hcp" else 0)


def test_same_seed_same_cluster():
    a, b, c = (
        cluster_of(60.0, 5.0, packing="random", packing_fraction=0.3, seed=s) for s in (1, 1, 2)
    )
    assert a.centers_um.tolist() == b.centers_um.tolist() != c.centers_um.tolist()
    assert cluster_of(5.0, 5.0, packing_fraction=0.5).cells == 1  # one cell is a cluster too


def test_refused_packings():
    with pytest.raises(DataError, match="packing 'cubic'; packings are fcc, hcp, random"):
        cluster_of(100.0, 5.0, packing="cubic")
    with pytest.raises(PhysicsRangeError, match=r"at most 0\.7405 of space"):
        cluster_of(100.0, 5.0, packing_fraction=0.8)
    with pytest.raises(PhysicsRangeError, match=r"at most 0\.6 of space"):
        cluster_of(100.0, 5.0, packing="random", packing_fraction=0.64)
    with pytest.raises(PhysicsRangeError, match="as large as a cell or larger"):
        cluster_of(4.0, 5.0)
    with pytest.raises(PhysicsRangeError, match="computed one by one"):
        cluster_of(2000.0, 5.0)


def test_given_places():
    places = np.array([[0.0, 0, 0], [12.0, 0, 0], [0, 12.0, 0]])
    cluster = given_cluster(places, 6.0)
    assert cluster.cells == 3
    assert np.asarray(cluster.centers_um).mean(axis=0) == pytest.approx(0.0, abs=1e-12)  # um
    with pytest.raises(DataError, match=r"overlapping cells: 3 of 3 .* cells 0 and 1, 12 um apart"):
        given_cluster(places, 6.1)
    with pytest.raises(DataError, match="shape"):
        given_cluster(places[:, :2], 6.0)
    with pytest.raises(DataError, match="not a finite number"):
        given_cluster(np.array([[0.0, 0, np.nan]]), 6.0)


def test_uptake_weights():
    cluster = cluster_of(100.0, 5.0)
    assert set(Uptake().weights(cluster)) == {1.0}
    some = Uptake(labelled=0.25).weights(cluster)
    assert (some > 0).sum() == round(0.25 * cluster.cells)
    assert some.mean() == pytest.approx(1.0, rel=1e-12, abs=0)
    assert some.tolist() == Uptake(labelled=0.25).weights(cluster).tolist()
    assert some.tolist() != Uptake(labelled=0.25).weights(cluster, seed=2).tolist()
    assert not Uptake(labelled=0.0).weights(cluster).any()
    rim = Uptake(rim_um=20.0).weights(cluster)
    depth = 100.0 - np.sqrt((np.asarray(cluster.centers_um) ** 2).sum(axis=1))
    assert (depth[rim > 0] <= 20.0).all()
    assert (rim[depth <= 20.0] > 0).all()
    assert rim.mean() == pytest.approx(1.0, rel=1e-12, abs=0)
    spread = Uptake(spread=0.5).weights(cluster)
    # 5924 log-normal draws: 1.4% for the CV, whose own law is skew; 5 sigma
    assert spread.std() / spread.mean() == pytest.approx(0.5, rel=0.08, abs=0)
    assert np.log(spread).std() == pytest.approx(np.sqrt(np.log(1.25)), rel=0.05, abs=0)


def test_refused_uptake():
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(PhysicsRangeError, match=r"labelled fraction .* between 0 and 1"):
            Uptake(labelled=share)
    with pytest.raises(PhysicsRangeError, match="rim of 0 um"):
        Uptake(rim_um=0.0)
    with pytest.raises(PhysicsRangeError, match="relative standard deviation"):
        Uptake(spread=-1.0)
    with pytest.raises(PhysicsRangeError, match="no cell's center lies so near the surface"):
        Uptake(rim_um=1e-6).weights(cluster_of(50.0, 5.0))
