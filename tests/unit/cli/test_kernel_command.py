"""``pdcraft kernel``: one document with every key, a table, a CSV; errors with a way out."""

import csv
import json

import pytest

from pdcraft.cli import run_app

FEW = ("--nuclide", "I-125", "--voxel", "1 mm", "--extent", "1", "--max-decays", "2000")


def _document(capsys, *arguments):
    code = run_app(["kernel", *arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_document_holds_the_offsets_in_order(capsys):
    code, document = _document(capsys, *FEW)
    assert code == 0
    rows = document["S_mGy_per_MBq_s"]
    assert [r[:3] for r in rows] == [[0, 0, 0], [0, 0, 1], [0, 1, 1], [1, 1, 1]]
    assert rows[0][3] > rows[1][3] > 0.0
    assert all(r[4] > 0.0 for r in rows)
    assert document["voxel_mm"] == 1.0
    assert document["decays_simulated"] == 2000
    assert document["precision_reached"] > 0.01
    assert set(document["by_type"]) == {"photon", "Auger", "beta"}
    # electrons of I-125, 0.0192 MeV per decay (ICRP 107), nearly all stay in 1 mg, and 2% of 42 keV
    # of photons: 0.0192 + 0.0009 MeV x 1.602e-13 J/MeV / 1e-6 kg in mGy/(MBq s)
    assert rows[0][3] == pytest.approx(0.0201 * 1.602177e-13 / 1e-6 * 1e9, rel=0.05, abs=0)


def test_the_same_in_a_table_and_a_file(capsys, tmp_path):
    path = tmp_path / "made" / "kernel.csv"
    assert run_app(["kernel", *FEW, "--csv", str(path)]) == 0
    out = capsys.readouterr().out
    assert "I-125 in voxels of 1 mm of water" in out
    assert "2,000 decays simulated" in out
    with path.open() as file:
        rows = list(csv.DictReader(file))
    _, document = _document(capsys, *FEW)
    for row, want in zip(rows, document["S_mGy_per_MBq_s"], strict=True):
        assert [float(x) for x in row.values()] == want


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nuclide", "I-132", "--voxel", "3 mm"), "did you mean 'I-131'"),
        (("--nuclide", "I-131", "--voxel", "3 g"), "length"),
        (("--nuclide", "I-131", "--voxel", "0 mm"), "kernels are made from"),
        (("--nuclide", "I-131", "--voxel", "3 mm", "--extent", "30"), "1 to 20 voxels"),
        (("--nuclide", "I-131", "--voxel", "3 mm", "--device", "cuda"), "cards run voxel-dose"),
        (("--nuclide", "I-131", "--voxel", "3 mm", "--water-I", "80"), "not one of 75"),
        (("--nuclide", "I-131", "--voxel", "3 mm", "--progeny", "explicit"), "I-131 and Xe-131m"),
        (("--nuclide", "I-131", "--voxel", "3 mm", "--precision", "2"), "precision 2"),
    ],
)
def test_bad_input_is_one_error_document(capsys, arguments, words):
    code, document = _document(capsys, *arguments)
    assert code == 2
    assert document["schema"] == "pdcraft.error/1"
    assert words in document["errors"][0]["message"]
