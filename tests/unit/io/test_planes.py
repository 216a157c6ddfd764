"""Planes of numbers: values come back, anything else is refused."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from pdcraft.errors import DataError
from pdcraft.io.planes import read_plane


def test_a_tiff_comes_back_with_rows_and_columns(tmp_path):
    path = tmp_path / "h.tif"
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    tifffile.imwrite(path, values)
    np.testing.assert_array_equal(read_plane(path, "height map"), values)


def test_a_gray_png_comes_back(tmp_path):
    path = tmp_path / "mask.png"
    Image.fromarray(np.array([[0, 255], [255, 0]], dtype=np.uint8)).save(path)
    np.testing.assert_array_equal(read_plane(path, "mask") > 0, [[False, True], [True, False]])


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        ("no.tif", None, "there is no file 'no.tif'"),
        ("h.npy", b"x", "is no .tif, .tiff or .png"),
        ("h.tif", b"not an image", "cannot be read as an image"),
        ("h.png", b"not an image", "cannot be read as an image"),
        ("h.tif", np.zeros((2, 30, 40), dtype=np.float32), "one plane is wanted"),
        ("h.tif", np.array([[np.inf, 1.0]], dtype=np.float32), "not finite"),
    ],
)
def test_other_files_are_refused(tmp_path, name, make, message):
    path = tmp_path / name
    if isinstance(make, bytes):
        path.write_bytes(make)
    elif make is not None:
        tifffile.imwrite(path, make, photometric="minisblack")
    with pytest.raises(DataError, match=message):
        read_plane(path, "height map")
