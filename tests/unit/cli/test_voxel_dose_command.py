"""``pdcraft voxel-dose``: images in, images and one document out, nothing written on bad input.

The engine is replaced by one that absorbs every decay on the spot; it is tested on its own.
"""

import json
from importlib.resources import files

import jsonschema
import nibabel
import numpy as np
import pytest

from pdcraft.cli import run_app

SHAPE, VOXEL = (6, 5, 4), (4.0, 4.0, 5.0)
GY_PER_MBq_H_PER_G = 0.05767836  # of 100 keV a decay, see the test of dosimetry.voxels


def local(phantom, _groups, source, *, regions, seed, resume, progress, **options):
    from pdcraft.transport.voxels import VoxelTally

    progress(1.0, "decays")
    keV = 100.0 * source / source.sum()
    return VoxelTally(
        histories=1000 + (resume.histories if resume else 0),
        batches=10,
        seed=seed,
        energy_keV={"beta": keV},
        std_err_keV=0.005 * keV,
        region_keV={n: (keV[m].sum(), 0.005 * keV[m].sum()) for n, m in regions.items()},
        emitted_keV=100.0,
        escaped_keV=0.0,
        estimator=np.zeros(keV.shape, np.uint8),
        warnings=(),
    )


@pytest.fixture(autouse=True)
def engine(monkeypatch):
    monkeypatch.setattr("pdcraft.transport.voxels.transport_voxels", local)


def save(path, values, voxel=VOXEL, flip=(1, 1, 1), first=None):
    """Write an image whose first voxel, stored from the other end where flip is -1, is at 0."""
    n = np.array(values.shape)
    first = np.zeros(3) if first is None else np.array(first, float)
    signs = np.array(flip)
    affine = np.diag([*(signs * voxel), 1.0])
    affine[:3, 3] = first + np.where(signs < 0, (n - 1) * np.array(voxel), 0.0)
    stored = values[tuple(slice(None, None, s) for s in flip)]
    image = nibabel.Nifti1Image(np.asarray(stored, np.float32), affine)
    image.header.set_xyzt_units("mm")
    nibabel.save(image, path)


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Files of a box of soft tissue beside air, 60% of its decays in a lesion."""
    monkeypatch.chdir(tmp_path)
    tia = np.zeros(SHAPE)
    tia[2:5] = 0.1
    tia[3, 2, 2] = 8.0
    save("tia.nii.gz", tia)
    hu = np.full((24, 20, 20), -1000.0)
    hu[8:] = 40.0
    save("ct.nii.gz", hu, (1.0, 1.0, 1.0), first=(-1.5, -1.5, -2.0))
    save("materials.nii.gz", np.broadcast_to([[[0]]] * 2 + [[[1]]] * 4, SHAPE))
    regions = np.zeros(SHAPE)
    regions[2:5], regions[3, 2, 2] = 1, 2
    save("regions.nii.gz", regions)
    (tmp_path / "names.csv").write_text("label,name\n1,liver\n2,lesion:one\n")
    (tmp_path / "map.csv").write_text("label,material,density_g_per_mL\n0,air,\n1,liver,1.1\n")
    return tmp_path


BASE = ("--tia", "tia.nii.gz", "--nuclide", "I-131", "--out", "dose.nii.gz")


def document(capsys, *arguments, status=0):
    assert run_app(["voxel-dose", *arguments, "--json"]) == status
    found = json.loads(capsys.readouterr().out)
    name = "voxel-dose" if status == 0 else "error"
    text = files("pdcraft.data").joinpath("schema", f"{name}.schema.json").read_text()
    jsonschema.validate(found, json.loads(text))
    return found


def test_images_in_dose_out(capsys, study):
    found = document(
        capsys, *BASE, "--ct", "ct.nii.gz", "--regions", "regions.nii.gz",
        "--region-names", "names.csv",
    )  # fmt: skip
    assert found["tia_in_MBq_h"] == pytest.approx((8 + 59 * 0.1) * 0.08, rel=1e-6, abs=0)
    lesion = found["regions"]["lesion:one"]
    dose = nibabel.load("dose.nii.gz")
    values = dose.get_fdata()
    assert lesion["voxels"] == 1
    assert lesion["mean_Gy"]["value"] == pytest.approx(values[3, 2, 2], rel=1e-6, abs=0)
    # 8 MBq·h/mL of 100 keV in soft tissue; its density by the CT's own curve, here 1.02 to 1.06
    assert 1.02 < 8 * GY_PER_MBq_H_PER_G / values[3, 2, 2] < 1.06
    assert lesion["mean_Gy"]["std_err"] == pytest.approx(0.005 * values[3, 2, 2], rel=1e-6, abs=0)
    assert {lesion["mean_Gy"][k] for k in ("sd", "low", "high")} == {None}
    np.testing.assert_array_equal(dose.affine, nibabel.load("tia.nii.gz").affine)
    err = nibabel.load(found["std_err"]).get_fdata()
    np.testing.assert_allclose(err, 0.005 * values, rtol=1e-6, atol=0)  # float32
    assert (found["progeny"], found["spectra"]) == ("prompt", "own")
    assert found["ct_points_per_voxel"] == 4 * 4 * 5
    assert found["voxels_outside_ct"] == 0
    assert found["materials"] == {"CT air": 40, "CT soft tissue": 80}
    assert found["by_type"] is None


@pytest.mark.parametrize("flip", [(-1, -1, 1), (1, -1, -1)], ids=str)
def test_images_stored_in_other_directions_give_the_same_dose(capsys, study, flip):
    rest = ("--ct", "ct.nii.gz", "--regions", "regions.nii.gz")
    straight = document(capsys, *BASE, *rest)["regions"]
    values = nibabel.load("dose.nii.gz").get_fdata()
    tia = nibabel.load("tia.nii.gz").get_fdata()
    save("tia.nii.gz", tia, flip=flip)  # the CT and the regions stay as they were
    turned = document(capsys, *BASE, *rest)["regions"]
    dose = nibabel.load("dose.nii.gz").get_fdata()
    np.testing.assert_allclose(
        dose[tuple(slice(None, None, s) for s in flip)], values, rtol=1e-6, atol=0
    )
    for name, region in straight.items():
        assert turned[name]["mean_Gy"]["value"] == pytest.approx(
            region["mean_Gy"]["value"], rel=1e-6, abs=0
        )


def test_material_labels_with_a_map(capsys, study):
    found = document(
        capsys, *BASE, "--materials", "materials.nii.gz", "--material-map", "map.csv", "--by-type"
    )
    assert found["materials"] == {"air": 40, "liver": 80}
    assert found["ct_points_per_voxel"] is None
    dose = nibabel.load("dose.nii.gz").get_fdata()
    assert dose[3, 2, 2] == pytest.approx(8 * GY_PER_MBq_H_PER_G / 1.1, rel=1e-6, abs=0)
    np.testing.assert_array_equal(nibabel.load(found["by_type"]["beta"]).get_fdata(), dose)
    assert found["regions"] == {}


def test_a_second_run_adds_decays_to_the_first(capsys, study):
    rest = ("--materials", "materials.nii.gz", "--resume", "scores.npz")
    first = document(capsys, *BASE, *rest)
    again = document(capsys, *BASE, *rest)
    assert (first["decays_simulated"], again["decays_simulated"]) == (1000, 2000)
    assert first["resume"] == "scores.npz"
    other = document(capsys, *BASE, *rest, "--seed", "2", status=2)
    assert "is of another run" in other["errors"][0]["message"]


def test_the_same_run_gives_the_same_bytes(capsys, study):
    document(capsys, *BASE, "--ct", "ct.nii.gz")
    first = (study / "dose.nii.gz").read_bytes(), (study / "dose_std_err.nii.gz").read_bytes()
    document(capsys, *BASE, "--ct", "ct.nii.gz")
    assert first == (
        (study / "dose.nii.gz").read_bytes(),
        (study / "dose_std_err.nii.gz").read_bytes(),
    )


def test_table_for_people(capsys, study):
    arguments = (*BASE, "--ct", "ct.nii.gz", "--regions", "regions.nii.gz")
    assert run_app(["voxel-dose", *arguments]) == 0
    out = capsys.readouterr().out
    assert "label 2" in out
    assert "written: dose_std_err.nii.gz" in out


CT = ("--ct", "ct.nii.gz")
BAD = {
    "unknown nuclide": ((*BASE[:2], "--nuclide", "I-132", *BASE[4:], *CT), "did you mean 'I-131'"),
    "neither": (BASE, "give either --ct IMAGE or --materials"),
    "both": ((*BASE, *CT, "--materials", "materials.nii.gz"), "one of the two"),
    "device": ((*BASE, *CT, "--device", "tpu"), "'tpu' is not one of cpu, cuda"),
    "explicit": (
        (*BASE, *CT, "--progeny", "explicit"),
        "run I-131 and Xe-131m with --progeny none",
    ),
    "no image name": ((*BASE[:4], "--out", "dose.png", *CT), "must end in .nii.gz or .nii"),
    "onto an input": ((*BASE[:4], "--out", "tia.nii.gz", *CT), "is an input of this run"),
    "onto the dose": ((*BASE, *CT, "--resume", "dose.nii.gz"), "give it another name"),
    "missing": ((*BASE, "--ct", "no.nii.gz"), "there is no such file"),
    "labels as CT": ((*BASE, "--ct", "small.nii.gz"), "does not cover"),
    "labels of another grid": ((*BASE, "--materials", "small.nii.gz"), "nearest neighbor"),
    "regions of another grid": ((*BASE, *CT, "--regions", "small.nii.gz"), "nearest neighbor"),
    "names without regions": ((*BASE, *CT, "--region-names", "names.csv"), "give --regions"),
    "map of a CT": ((*BASE, *CT, "--material-map", "map.csv"), "a CT has none"),
    "outside of labels": (
        (*BASE, "--materials", "materials.nii.gz", "--outside", "air"),
        "--outside is for a CT",
    ),
    "outside what": ((*BASE, *CT, "--outside", "water"), "'water' is not 'air'"),
    "no activity": (("--tia", "zero.nii.gz", *BASE[2:], *CT), "all voxels are 0"),
    "negative": (("--tia", "negative.nii.gz", *BASE[2:], *CT), "are negative"),
    "NaN": (("--tia", "nan.nii.gz", *BASE[2:], *CT), "are NaN or infinite"),
    "cut short": (("--tia", "cut.nii.gz", *BASE[2:], *CT), "cut short"),
    "precision": ((*BASE, *CT, "--precision", "0"), "precision 0"),
    "unknown material": (
        (*BASE, "--materials", "materials.nii.gz", "--material-map", "wrong.csv"),
        "no material is called 'livre'",
    ),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=list(BAD))
def test_bad_input_is_one_error_and_writes_nothing(capsys, study, arguments, words):
    tia = nibabel.load("tia.nii.gz").get_fdata()
    save("zero.nii.gz", 0 * tia)
    save("negative.nii.gz", tia - 1)
    save("nan.nii.gz", np.where(tia > 1, np.nan, tia))
    (study / "cut.nii.gz").write_bytes((study / "tia.nii.gz").read_bytes()[:-30])
    save("small.nii.gz", np.zeros((3, 3, 3)), first=(4, 4, 5))
    (study / "wrong.csv").write_text("label,material\n0,air\n1,livre\n")
    before = {p: p.read_bytes() for p in study.iterdir()}
    found = document(capsys, *arguments, status=2)
    assert words in found["errors"][0]["message"] + (found["errors"][0]["hint"] or "")
    assert {p: p.read_bytes() for p in study.iterdir()} == before


FAULTY_TABLES = {
    "columns": ("label,tissue\n0,air\n", "the first line is: label,material or label"),
    "no number": ("label,material\na,air\n", "whole number"),
    "twice": ("label,material\n0,air\n0,water\n", "label 0 stands twice"),
    "no name": ("label,material\n0,\n", "is empty"),
    "density": ("label,material,density_g_per_mL\n0,air,-1\n", "number above zero"),
    "too many": ("label,material\n0,soft tissue, four components\n", "3 cells for 2"),
    "nothing": ("label,material\n", "holds no labels"),
}


@pytest.mark.parametrize(("text", "words"), FAULTY_TABLES.values(), ids=list(FAULTY_TABLES))
def test_faulty_tables_name_the_line(capsys, study, text, words):
    (study / "map.csv").write_text("# mine\n" + text)
    rest = ("--materials", "materials.nii.gz", "--material-map", "map.csv")
    error = document(capsys, *BASE, *rest, status=2)["errors"][0]
    assert words in error["message"] + (error["hint"] or "")
    assert error["file"] == "map.csv"
    assert error["line"] in ({None} if words == "holds no labels" else {2, 3, 4})


def test_compiling_is_announced_once(tmp_path, monkeypatch):
    from pdcraft.cli.common import compiling

    monkeypatch.setattr("pdcraft.transport.compile.cache_folder", lambda: tmp_path)
    assert compiling().startswith("compiling once, about")
    (tmp_path / "voxels_1").mkdir()
    (tmp_path / "voxels_1" / "kernel.nbi").touch()
    assert compiling() == ""
    monkeypatch.setattr("pdcraft.transport.compile.cache_folder", lambda: None)
    assert compiling()
