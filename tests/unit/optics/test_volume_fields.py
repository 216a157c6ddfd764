"""Maps of a scene written as NIfTI and read by nibabel: place, unit, numbers."""

import nibabel
import numpy as np
import pytest

from pdcraft.errors import DataError
from pdcraft.io.nifti import write_field
from pdcraft.optics.volume_fields import fluence_field


def test_fluence_comes_back_where_it_was(tmp_path):
    values = np.arange(24.0).reshape(4, 3, 2)
    files = write_field(tmp_path / "f.nii.gz", fluence_field(values, 0.5, 0.1 * values))
    image = nibabel.load(files["values"])
    np.testing.assert_allclose(np.asarray(image.dataobj), values, rtol=1e-6, atol=0)
    # the first voxel: x -0.75, y -0.5, 0.25 mm below the surface
    np.testing.assert_allclose(image.affine @ [0, 0, 0, 1], [-0.75, -0.5, -0.25, 1], atol=1e-7)
    np.testing.assert_allclose(image.affine @ [3, 2, 1, 1], [0.75, 0.5, -0.75, 1], atol=1e-7)
    assert b"mW/cm2" in bytes(image.header["descrip"])
    assert files["std_err"].exists()


def test_a_map_has_three_dimensions():
    with pytest.raises(DataError, match="three dimensions"):
        fluence_field(np.ones((2, 2)), 1.0)
