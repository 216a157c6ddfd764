"""NIfTI in and out: place, units, faults, bytes."""

import gzip
from pathlib import Path

import nibabel
import numpy as np
import pytest

from pdcraft.core.grid import Field, Grid
from pdcraft.core.quantity import quantity
from pdcraft.errors import DataError
from pdcraft.io.nifti import beside, read_image, write_field

AFFINE = np.array([[-2.0, 0, 0, 30], [0, -3.0, 0, 40], [0, 0, 4.0, -900], [0, 0, 0, 1]])
VALUES = np.arange(24, dtype=float).reshape(2, 3, 4)


def save(path, values=VALUES, affine=AFFINE, edit=None):
    image = nibabel.Nifti1Image(values, affine)
    image.set_qform(affine, code=1) if affine is AFFINE else None
    image.header.set_xyzt_units("mm")
    if edit:
        edit(image)
    nibabel.save(image, path)
    return path


def gray(values=VALUES, err=None):
    return Field(Grid(VALUES.shape, AFFINE), values, quantity("absorbed_dose"), err)


def test_place_and_values_are_those_of_another_reader(tmp_path):
    path = save(tmp_path / "a.nii.gz", VALUES.astype(np.int16))
    grid, values = read_image(path)
    other = nibabel.load(path)
    np.testing.assert_array_equal(values, np.asarray(other.dataobj))
    np.testing.assert_allclose(grid.affine, other.affine, rtol=1e-7, atol=0)
    np.testing.assert_allclose(grid.voxel_mm, [2, 3, 4], rtol=1e-7, atol=0)


def test_slope_and_intercept_are_applied(tmp_path):
    def scaled(image):
        image.header.set_slope_inter(2.0, -1024.0)

    path = save(tmp_path / "a.nii", VALUES.astype(np.int16), edit=scaled)
    np.testing.assert_array_equal(read_image(path)[1], 2.0 * VALUES - 1024.0)


def test_the_header_says_mm_whatever_its_length_unit(tmp_path):
    def in_meters(image):
        image.header.set_xyzt_units("meter")

    small = AFFINE.copy()
    small[:3] /= 1000
    grid, _ = read_image(save(tmp_path / "m.nii", affine=small, edit=in_meters))
    np.testing.assert_allclose(grid.affine, AFFINE, rtol=1e-6, atol=0)


def test_one_time_point_in_four_dimensions_is_three(tmp_path):
    assert read_image(save(tmp_path / "a.nii", VALUES[..., None]))[1].shape == (2, 3, 4)


def test_written_fields_come_back_with_errors_and_unit(tmp_path):
    path = tmp_path / "dose.nii.gz"
    written = write_field(path, gray(err=0.1 * VALUES))
    assert written == {"values": path, "std_err": tmp_path / "dose_std_err.nii.gz"}
    grid, values = read_image(path)
    np.testing.assert_array_equal(values, VALUES)  # small whole numbers are exact in float32
    np.testing.assert_array_equal(grid.affine, AFFINE)
    np.testing.assert_allclose(
        read_image(written["std_err"])[1], 0.1 * VALUES, rtol=1e-6, atol=0
    )  # float32
    said = bytes(nibabel.load(path).header["descrip"]).decode()
    assert said.startswith("absorbed dose, Gy; pdcraft")
    assert nibabel.load(path).header.get_xyzt_units()[0] == "mm"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["dose.nii.gz", "dose_std_err.nii.gz"]


def test_the_same_field_gives_the_same_bytes(tmp_path, monkeypatch):
    import time

    write_field(tmp_path / "a.nii.gz", gray())
    monkeypatch.setattr(time, "time", lambda: 2e9)
    write_field(tmp_path / "b.nii.gz", gray())
    first = (tmp_path / "a.nii.gz").read_bytes()
    assert first == (tmp_path / "b.nii.gz").read_bytes()
    assert first[4:8] == bytes(4)  # gzip's time stamp
    assert not first[3] & 8  # gzip's file name


def test_the_name_beside():
    assert beside(Path("x/d.nii.gz"), "std_err") == Path("x/d_std_err.nii.gz")
    assert beside(Path("d.v2.nii"), "beta") == Path("d.v2_beta.nii")


def cut(path):
    path.write_bytes(path.read_bytes()[:-200])
    return path


def sheared():
    affine = np.diag([2.0, 2.0, 2.0, 1.0])
    affine[0, 2] = 0.3
    return affine


def no_orientation(path):
    raw = bytearray(path.read_bytes())
    raw[252:256] = bytes(4)  # qform_code and sform_code of the NIfTI-1 header
    path.write_bytes(raw)
    return path


def other_zooms(image):
    image.header["pixdim"][1:4] = (1, 1, 1)


NOISE = np.random.default_rng(1).normal(size=(8, 8, 8))
HOLED = np.where(NOISE > 1.5, np.nan, NOISE)

FAULTS = {
    "missing": (lambda p: p / "no.nii", "there is no such file"),
    "cut short": (lambda p: cut(save(p / "a.nii", NOISE)), "cut short or damaged"),
    "cut short, zipped": (lambda p: cut(save(p / "a.nii.gz", NOISE)), "cut short or damaged"),
    "NaN": (
        lambda p: save(p / "a.nii", HOLED),
        f"{np.isnan(HOLED).sum()} of 512 voxels are NaN or infinite",
    ),
    "four dimensions": (lambda p: save(p / "a.nii", np.zeros((2, 2, 2, 3))), "three dimensions"),
    "two dimensions": (lambda p: save(p / "a.nii", np.zeros((4, 4))), "three dimensions"),
    "complex": (lambda p: save(p / "a.nii", VALUES.astype(complex)), "real numbers"),
    "sheared": (lambda p: save(p / "a.nii", affine=sheared()), r"apart instead of 90°"),
    "no orientation": (lambda p: no_orientation(save(p / "a.nii")), "codes are 0"),
    "huge voxels": (
        lambda p: save(p / "a.nii", affine=np.diag([4000.0, 4000.0, 4000.0, 1.0])),
        "edges must lie within",
    ),
    "two sizes": (lambda p: save(p / "a.nii", edit=other_zooms), "its header says 1×1×1 mm"),
}


@pytest.mark.parametrize(("make", "words"), FAULTS.values(), ids=list(FAULTS))
def test_faulty_images_are_refused(tmp_path, make, words):
    with pytest.raises(DataError, match=words):
        read_image(make(tmp_path))


def test_text_is_no_image(tmp_path):
    for name, content in (
        ("a.nii", b"hello"),
        ("b.nii.gz", gzip.compress(b"hello")),
        ("c.csv", b""),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(DataError, match=r"no readable NIfTI image|cut short"):
            read_image(tmp_path / name)


def test_nothing_is_left_where_writing_fails(tmp_path):
    with pytest.raises(DataError, match="must end in"):
        write_field(tmp_path / "dose.png", gray())
    with pytest.raises(DataError, match="cannot be written"):
        write_field(tmp_path / "nowhere" / "dose.nii", gray())
    assert list(tmp_path.iterdir()) == []


def test_half_written_files_are_taken_away(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(DataError, match="No space left"):
        write_field(tmp_path / "dose.nii.gz", gray(err=VALUES))
    assert list(tmp_path.iterdir()) == []
