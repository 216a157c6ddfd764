"""Margins of shapes whose distances are known."""

import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.optics.margin import edge_margin, residual_volume_mm3, signed_distance_mm

PX = 0.1
AXIS = (np.arange(200) - 99.5) * PX
R = np.hypot(AXIS[None, :], AXIS[:, None])


@pytest.mark.parametrize("drawn", [3.0, 4.0, 5.5])
def test_concentric_discs_differ_by_their_radii(drawn):
    got = edge_margin(-R, -drawn, R <= 4.0, (PX, PX))
    # each edge is that of pixels: half a diagonal of 0.14 mm, the mean much less
    assert got.mean_mm == pytest.approx(drawn - 4.0, rel=0, abs=0.04)
    assert got.lowest_mm >= drawn - 4.0 - 0.15
    assert got.highest_mm <= drawn - 4.0 + 0.15
    assert got.missed_mm2 == pytest.approx(np.pi * max(16 - drawn**2, 0), rel=0.01, abs=0.01)
    assert got.excess_mm2 == pytest.approx(np.pi * max(drawn**2 - 16, 0), rel=0.01, abs=0.01)


def test_a_shifted_disc_has_margins_on_both_sides():
    shifted = np.hypot(AXIS[None, :] - 1.0, AXIS[:, None])
    got = edge_margin(-shifted, -4.0, R <= 4.0, (PX, PX))
    assert got.lowest_mm == pytest.approx(-1.0, rel=0, abs=0.1)
    assert got.highest_mm == pytest.approx(1.0, rel=0, abs=0.1)
    assert got.mean_mm == pytest.approx(0.0, rel=0, abs=0.08)  # (e²/4r) outward: 0.06


def test_distance_in_rectangular_pixels():
    inside = np.zeros((40, 60), bool)
    inside[10:30, 20:40] = True
    d = signed_distance_mm(inside, (0.5, 2.0))
    assert d[20, 45] == pytest.approx(6 * 0.5 - 0.625, rel=1e-12, abs=0)  # half the mean pixel
    assert d[5, 30] == pytest.approx(5 * 2.0 - 0.625, rel=1e-12, abs=0)
    assert d[20, 30] < 0


def test_nothing_drawn_misses_all():
    got = edge_margin(np.zeros(R.shape), 1.0, R <= 4.0, (PX, PX))
    assert got.mean_mm is None
    assert got.missed_mm2 == pytest.approx(np.pi * 16, rel=0.01, abs=0)
    assert got.excess_mm2 == 0.0


def test_residual_volume_counts_what_is_below_and_beside():
    tumor = np.zeros((20, 30, 10), bool)
    tumor[5:15, 10:20, 2:6] = True  # 10 x 10 x 4 voxels
    cut = np.zeros((30, 20), bool)
    cut[10:15, 5:15] = True  # half of it along y
    h = 0.5
    # cut to 2 mm: voxel centers at 0.25, 0.75, 1.25, 1.75 mm, so layers 2 and 3 of the tumor
    got = residual_volume_mm3(tumor, h, cut, 2.0)
    assert got == pytest.approx((400 - 5 * 10 * 2) * h**3, rel=1e-12, abs=0)
    assert residual_volume_mm3(tumor, h, np.ones((30, 20), bool), 5.0) == 0.0


def test_faults_are_refused():
    with pytest.raises(DataError, match="it is empty or fills the image"):
        edge_margin(np.ones((4, 4)), 0.5, np.zeros((4, 4), bool), (1, 1))
    with pytest.raises(DataError, match=r"\(ny, nx\) = \(5, 3\)"):
        residual_volume_mm3(np.ones((3, 5, 2), bool), 1.0, np.ones((3, 5), bool), 1.0)
    with pytest.raises(DataError, match=r"image of \(4, 4\) and tumor of \(3, 3\)"):
        edge_margin(np.ones((4, 4)), 0.5, np.ones((3, 3), bool), (1, 1))
