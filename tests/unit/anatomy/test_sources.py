"""Points of a source: evenly in its region, marrow by bone."""

import numpy as np
import pytest

from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.mouse import mouse_body
from pdcraft.anatomy.sources import points_in
from pdcraft.anatomy.stylised import stylised_body
from pdcraft.errors import DataError

N = 20_000


@pytest.fixture(scope="module")
def man():
    return stylised_body("adult-male")


def test_points_fill_an_ellipsoid_evenly(man):
    points = points_in(man, "spleen", N, np.random.default_rng(11))
    assert points.shape == (N, 3)
    assert np.all(region_of(man, points) == man.index("spleen"))
    # mean at the center, variance a²/5; errors a/sqrt(5 N), of the variance 0.9 %: five of them
    semi = np.array([3.5, 2.0, 6.0])
    off = (points.mean(axis=0) - [11.0, 3.0, 37.0]) / (semi / np.sqrt(5 * N))
    assert np.abs(off).max() < 5
    assert points.var(axis=0) == pytest.approx(semi**2 / 5, rel=0.045, abs=0)


def test_a_pair_has_half_its_points_on_either_side(man):
    x = points_in(man, "kidneys", N, np.random.default_rng(12))[:, 0]
    assert np.mean(x > 0) == pytest.approx(0.5, rel=5 / np.sqrt(N), abs=0)  # five errors


def test_marrow_lies_in_the_bones_by_their_shares(man):
    where = region_of(man, points_in(man, "red_marrow", N, np.random.default_rng(13)))
    for region, share in man.red_marrow.items():
        error = np.sqrt(share * (1 - share) / N)
        assert np.mean(where == man.index(region)) == pytest.approx(share, abs=5 * error)
    assert set(where) == {man.index(r) for r in man.red_marrow}


def test_groups_are_filled_by_volume_and_stand_ins_are_found(man):
    where = region_of(man, points_in(man, "spine", 2000, np.random.default_rng(14)))
    share = np.mean(where == man.index("spine_middle"))
    volumes = man.volume_cm3[[man.index(r) for r in man.groups["spine"]]]
    assert share == pytest.approx(volumes[1] / volumes.sum(), abs=5 * 0.5 / np.sqrt(2000))
    muscle = points_in(man, "muscle", 50, np.random.default_rng(15))
    assert np.all(region_of(man, muscle) == man.index("remainder"))


def test_what_is_not_there_is_refused(man):
    rng = np.random.default_rng(1)
    assert points_in(man, "liver", 0, rng).shape == (0, 3)
    with pytest.raises(DataError, match="no region 'ovaries'"):
        points_in(man, "ovaries", 5, rng)
    with pytest.raises(DataError, match="where its red marrow lies is not known"):
        points_in(mouse_body(), "red_marrow", 5, rng)
