"""Voxels and sections: where they lie in RAS+ mm, and what they lose."""

import numpy as np
import pytest

from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.mouse import mouse_body
from pdcraft.anatomy.stylised import stylised_body
from pdcraft.anatomy.voxels import sections, to_body_cm, to_ras_mm, voxelize
from pdcraft.errors import ApproximationWarning, DataError


def test_axes_of_the_source_in_ras():
    # 1 cm to the left, 2 to the back, 3 up: -10 to the right, -20 to the front, 30 up
    assert to_ras_mm([1.0, 2.0, 3.0]).tolist() == [-10.0, -20.0, 30.0]
    assert to_body_cm(to_ras_mm([1.0, 2.0, 3.0])).tolist() == [1.0, 2.0, 3.0]


@pytest.fixture(scope="module")
def mouse_voxels():
    with pytest.warns(ApproximationWarning, match="adrenals"):
        return voxelize(mouse_body(25.0), 1.0)


def test_voxels_have_the_label_of_their_center(mouse_voxels):
    body, grid = mouse_body(25.0), mouse_voxels.grid
    index = np.random.default_rng(3).integers(0, grid.shape, (2000, 3))
    want = region_of(body, to_body_cm(grid.to_mm(index))) + 1
    assert np.array_equal(mouse_voxels.labels[tuple(index.T)], want)
    assert mouse_voxels.label_names == ("outside", *body.regions)
    assert np.array_equal(np.diag(grid.affine), [1, 1, 1, 1])  # right, front, head


def test_the_spleen_is_on_the_left_in_ras(mouse_voxels):
    label = mouse_voxels.label_names.index("spleen")
    where = mouse_voxels.grid.to_mm(np.argwhere(mouse_voxels.labels == label))
    assert where[:, 0].max() < 0


def test_voxels_weigh_what_the_body_weighs(mouse_voxels):
    body = mouse_body(25.0)
    assert sum(mouse_voxels.masses_g.values()) == pytest.approx(25.0, rel=0.01, abs=0)
    want = body.mass_table("atlas").mass_g("liver")
    assert mouse_voxels.mass_g("liver") == pytest.approx(want, rel=0.02, abs=0)  # 2000 voxels
    assert not np.any(mouse_voxels.labels[[0, -1]])
    assert not np.any(mouse_voxels.labels[:, :, 0])


def test_thin_walls_are_named_when_voxels_lose_them():
    with pytest.warns(ApproximationWarning, match=r"20 mm: .*gallbladder_wall [+-]\d+ %"):
        anatomy = voxelize(stylised_body("adult-male"), 20.0)
    assert anatomy.host == "human"
    assert "20 mm" in anatomy.mass_source


@pytest.mark.parametrize(("edge", "words"), [(0.0, "above zero"), (1e-3, "voxels at most")])
def test_bad_voxels_are_refused(edge, words):
    with pytest.raises(DataError, match=words):
        voxelize(mouse_body(), edge)


def test_sections_are_what_the_planes_cut():
    body = stylised_body("adult-female")
    at = (30.0, 20.0, 300.0)
    found = sections(body, at, 10.0)
    assert [s.plane for s in found] == ["sagittal", "coronal", "transverse"]
    coronal = found[1]
    x, z = coronal.across_mm[3], coronal.up_mm[40]
    assert coronal.region[40, 3] == region_of(body, to_body_cm(np.array([x, 20.0, z])))
    assert coronal.region.shape == (len(coronal.up_mm), len(coronal.across_mm))
    assert coronal.up_mm[0] == -775.0  # half a pixel above the soles, at -780 mm
    transverse = found[2]
    liver = body.index("liver")
    columns = np.nonzero((transverse.region == liver).any(axis=0))[0]
    assert transverse.across_mm[columns].mean() > 20  # the liver lies on the right


def test_sections_outside_are_refused():
    with pytest.raises(DataError, match="lies outside mouse"):
        sections(mouse_body(), (0.0, 0.0, 100.0), 1.0)
