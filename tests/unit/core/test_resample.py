"""Images on other images' voxels: by millimeters, averaged, or only reordered."""

import numpy as np
import pytest

from pdcraft.core.grid import Grid
from pdcraft.core.resample import on_same_voxels, voxel_means
from pdcraft.errors import DataError


def grid(shape, voxel=(1.0, 1.0, 1.0), first=(0.0, 0.0, 0.0), turn=None):
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) if turn is None else turn) @ np.diag(voxel)
    affine[:3, 3] = first
    return Grid(shape, affine)


def rotation(axis, degrees):
    axis = np.array(axis) / np.linalg.norm(axis)
    k = np.cross(np.eye(3), axis)
    a = np.radians(degrees)
    return np.eye(3) + np.sin(a) * k + (1 - np.cos(a)) * k @ k


def linear(g, slope, at0=10.0):
    """A field that is linear in millimeters: trilinear interpolation is exact in it."""
    index = np.stack(np.meshgrid(*map(np.arange, g.shape), indexing="ij"), axis=-1)
    return g.to_mm(index) @ np.asarray(slope) + at0


def test_four_fine_voxels_a_side_become_their_mean():
    # 4 mm over 1 mm voxels with common faces: the block mean, computed here by reshaping
    rng = np.random.default_rng(1)
    fine, coarse = grid((8, 12, 16)), grid((2, 3, 4), (4.0,) * 3, (1.5,) * 3)
    values = rng.normal(size=fine.shape)
    found = voxel_means(values, fine, coarse)
    assert found.samples == (4, 4, 4)
    blocks = values.reshape(2, 4, 3, 4, 4, 4).mean(axis=(1, 3, 5))
    np.testing.assert_allclose(found.values, blocks, rtol=0, atol=1e-12)  # rounding of values of 1
    assert not found.missing.any()


def test_one_bright_voxel_keeps_its_sum():
    # not a plain interpolation, which would see one voxel in 64 or none
    fine, coarse = grid((8, 8, 8)), grid((2, 2, 2), (4.0,) * 3, (1.5,) * 3)
    values = np.zeros(fine.shape)
    values[5, 2, 6] = 1.0
    found = voxel_means(values, fine, coarse).values
    assert found[1, 0, 1] == pytest.approx(1 / 64, rel=1e-12, abs=0)
    assert found.sum() * 64 == pytest.approx(1.0, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    "turn",
    [
        np.diag([-1.0, -1.0, 1.0]),  # stored to the left and back, as scanners do
        rotation((0, 0, 1), 90) @ np.diag([1.0, 1.0, -1.0]),
        rotation((1, 2, 3), 25),
    ],
    ids=["LPS", "turned", "oblique"],
)
def test_a_field_linear_in_mm_is_found_at_its_place(turn):
    # anisotropic voxels, another orientation: only millimeters can give this answer
    center = np.array([5.0, -7.0, 40.0])
    source_shape, source_voxel = np.array([40, 50, 30]), np.array([0.9, 1.1, 2.5])
    middle = turn @ ((source_shape - 1) / 2 * source_voxel)
    source = grid(tuple(source_shape), source_voxel, center - middle, turn)
    target = grid((6, 5, 4), (3.0, 2.0, 4.0), center - np.array([7.5, 4.0, 6.0]))
    slope = (2.0, -3.0, 0.5)
    found = voxel_means(linear(source, slope), source, target)
    assert not found.missing.any()
    np.testing.assert_allclose(found.values, linear(target, slope), rtol=0, atol=1e-9)


def test_points_are_spaced_by_the_voxels_that_they_cross():
    # target's x runs along the image's z: 6 mm over 3 mm voxels are 2 points, and so on
    source = grid((30, 30, 10), (1.0, 1.0, 3.0))
    turn = np.array([[0, 0, 1.0], [0, 1.0, 0], [1.0, 0, 0]])
    target = grid((2, 2, 2), (6.0, 2.0, 4.0), (8.0, 8.0, 8.0), turn)
    assert voxel_means(np.ones(source.shape), source, target).samples == (2, 2, 4)


def test_a_coarser_image_is_interpolated():
    coarse, fine = grid((5, 5, 5), (4.0,) * 3), grid((8, 8, 8), first=(4.0, 4.0, 4.0))
    found = voxel_means(linear(coarse, (1.0, 2.0, 3.0)), coarse, fine)
    assert found.samples == (1, 1, 1)
    np.testing.assert_allclose(found.values, linear(fine, (1.0, 2.0, 3.0)), rtol=0, atol=1e-12)


def test_voxels_whose_middle_is_outside_are_named():
    source = grid((10, 10, 10))  # faces at -0.5 and 9.5 mm
    target = grid((4, 1, 1), (3.0,) * 3, (-3.4, 5.0, 5.0))  # middles at -3.4, -0.4, 2.6, 5.6
    assert voxel_means(np.ones(source.shape), source, target).missing.ravel().tolist() == [
        True,
        False,
        False,
        False,
    ]
    beyond = grid((4, 1, 1), (3.0,) * 3, (0.6, 5.0, 5.0))  # 0.6, 3.6, 6.6, 9.6
    assert voxel_means(np.ones(source.shape), source, beyond).missing.ravel().tolist()[-1]


def test_labels_stored_in_another_order_are_reordered():
    labels = np.arange(24).reshape(2, 3, 4)
    target = grid((2, 3, 4), (1.0, 2.0, 3.0), (10.0, 20.0, 30.0))
    flipped = grid((2, 3, 4), (-1.0, -2.0, 3.0), (11.0, 24.0, 30.0))
    found = on_same_voxels(labels[::-1, ::-1], flipped, target, "it", "do")
    np.testing.assert_array_equal(found, labels)
    # z first, x last: the image's axes are (z, y, x)
    turned = np.zeros((4, 4))
    turned[0, 2], turned[1, 1], turned[2, 0], turned[3, 3] = 1.0, 2.0, 3.0, 1.0
    turned[:3, 3] = (10.0, 20.0, 30.0)
    permuted = Grid((4, 3, 2), turned)
    found = on_same_voxels(labels.transpose(2, 1, 0), permuted, target, "it", "do")
    np.testing.assert_array_equal(found, labels)
    # and (y, z, x), which is not its own inverse
    cyclic = np.zeros((4, 4))
    cyclic[1, 0], cyclic[2, 1], cyclic[0, 2], cyclic[3, 3] = 2.0, 3.0, 1.0, 1.0
    cyclic[:3, 3] = (10.0, 20.0, 30.0)
    found = on_same_voxels(labels.transpose(1, 2, 0), Grid((3, 4, 2), cyclic), target, "it", "do")
    np.testing.assert_array_equal(found, labels)


@pytest.mark.parametrize(
    "other",
    [
        grid((2, 3, 4), (1.0, 2.0, 3.0), (10.0, 20.0, 30.1)),  # shifted by 3% of a voxel
        grid((2, 3, 4), (1.0, 2.0, 3.3), (10.0, 20.0, 30.0)),
        grid((2, 3, 5), (1.0, 2.0, 3.0), (10.0, 20.0, 30.0)),
        grid((2, 3, 4), (1.0, 2.0, 3.0), (11.0, 20.0, 30.0)),  # by a whole voxel
        grid((2, 3, 4), (1.0, 2.0, 3.0), (10.0, 20.0, 30.0), rotation((0, 0, 1), 3)),
    ],
    ids=["shifted", "longer", "more", "beside", "turned"],
)
def test_labels_of_other_voxels_are_refused(other):
    target = grid((2, 3, 4), (1.0, 2.0, 3.0), (10.0, 20.0, 30.0))
    with pytest.raises(DataError, match=r"labels has other voxels .* than .*; the way out"):
        on_same_voxels(np.zeros(other.shape), other, target, "labels", "the way out")


def test_labels_with_an_affine_of_single_precision_are_the_same():
    turn = rotation((1, 2, 3), 20)
    target = grid((128, 128, 100), (3.9, 3.9, 4.4), (-250.0, -300.0, -900.0), turn)
    single = Grid(target.shape, target.affine.astype(np.float32))
    assert on_same_voxels(np.zeros(target.shape), single, target, "it", "do").shape == target.shape
