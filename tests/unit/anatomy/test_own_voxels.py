"""A user's own voxel phantoms, from synthetic files."""

import nibabel
import numpy as np
import pytest

from pdcraft.anatomy.icrp110 import read_icrp110
from pdcraft.anatomy.labels import read_label_phantom
from pdcraft.errors import DataError

TABLE = """label,region,density_g_per_mL
1,Liver,1.05
2,left kidney,1.05
3,spine_lower,1.4
9,outside,
"""
ORGANS = """Synthetic list
Organ ID  Organ/tissue                 Tissue number  Density
  1   Adrenal, left                                      43   1.030
  2   Adrenal, right                                     43   1.030
  7   Liver                                              29   1.050
 12   Cranium, cortical                                   2   1.920
"""


@pytest.fixture
def image(tmp_path):
    labels = np.zeros((6, 5, 4), dtype=np.int16)
    labels[1:3], labels[3, 0], labels[4, 0], labels[5] = 1, 2, 3, 9
    path = tmp_path / "own.nii.gz"
    picture = nibabel.Nifti1Image(labels, np.diag([2.0, 2.0, 2.0, 1.0]))
    picture.set_sform(picture.affine, code=1)
    nibabel.save(picture, path)
    return path


def table(tmp_path, text):
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_become_regions_with_masses(tmp_path, image):
    found = read_label_phantom(image, table(tmp_path, TABLE), "human")
    assert dict(found.masses_g) == pytest.approx(
        {
            "liver": 40 * 0.008 * 1.05,
            "left_kidney": 4 * 0.008 * 1.05,
            "spine_lower": 4 * 0.008 * 1.4,
        },
        rel=1e-12,
        abs=0,
    )
    assert found.name == "own"
    assert found.label_names[0] == "outside"
    assert found.label_names[found.labels[3, 0, 2]] == "left_kidney"
    assert found.labels[5].max() == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (TABLE.replace("Liver", "Livr"), "did you mean 'liver'"),
        (TABLE.replace("Liver,1.05", "Liver,"), "no density"),
        (TABLE.replace("3,spine_lower,1.4\n", ""), "label 3 .* is not in own.csv"),
        (TABLE.replace("Liver", "Stomach"), "name the part"),
        ("label,region,density_g_per_mL\n0,outside,\n", "names no region"),
    ],
)
def test_bad_tables_are_refused(tmp_path, image, text, words):
    with pytest.raises(DataError, match=words):
        read_label_phantom(image, table(tmp_path, text), "human")


@pytest.fixture
def icrp(tmp_path):
    """Three columns, two rows, two slices: the adrenal is on the right, in front, at the feet."""
    (tmp_path / "toy_organs.dat").write_text(ORGANS, encoding="latin-1")
    numbers = np.array([2, 0, 1, 0, 7, 0, 141, 141, 141, 7, 7, 12])
    (tmp_path / "toy.dat").write_text(" ".join(map(str, numbers)) + "\n", encoding="ascii")
    return tmp_path


def test_the_format_of_icrp_110_is_laid_into_ras(icrp):
    found = read_icrp110(icrp / "toy.dat", icrp / "toy_organs.dat", (3, 2, 2), (2.0, 3.0, 5.0))
    names, labels, grid = found.label_names, found.labels, found.grid
    assert labels.shape == (3, 2, 2)
    assert names[labels[0, 0, 0]] == names[labels[2, 0, 0]] == "adrenals"
    right = grid.to_mm(np.array([0.0, 0.0, 0.0]))  # first column, row, slice: right, front, toes
    left = grid.to_mm(np.array([2.0, 1.0, 1.0]))
    assert right[0] > left[0]
    assert right[1] > left[1]
    assert right[2] < left[2]
    assert names[labels[2, 1, 1]] == "Cranium, cortical"
    assert labels[0, 0, 1] == 0  # the caps are left outside
    assert found.mass_g("liver") == pytest.approx(3 * 0.030 * 1.05, rel=1e-12, abs=0)
    assert found.mass_g("adrenals") == pytest.approx(2 * 0.030 * 1.03, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda f: (f / "toy.dat").write_text("1 2 3"), "holds 3 voxels, 3×2×2 are 12"),
        (lambda f: (f / "toy.dat").write_text("1 2 x " * 4), "more than whole numbers"),
        (lambda f: (f / "toy.dat").write_text("5 " * 12), "organ 5 is not in toy_organs.dat"),
        (lambda f: (f / "toy.dat").unlink(), "no such file"),
        (lambda f: (f / "toy_organs.dat").write_text("nothing"), "is it the list"),
        (lambda f: (f / "toy_organs.dat").write_text(ORGANS + ORGANS), "stands twice"),
    ],
)
def test_bad_files_are_refused(icrp, change, words):
    change(icrp)
    with pytest.raises(DataError, match=words):
        read_icrp110(icrp / "toy.dat", icrp / "toy_organs.dat", (3, 2, 2), (2.0, 3.0, 5.0))


def test_sizes_are_known_for_the_reference_adults_only(icrp):
    with pytest.raises(DataError, match="state columns, rows, slices"):
        read_icrp110(icrp / "toy.dat", icrp / "toy_organs.dat")
