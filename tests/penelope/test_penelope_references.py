"""The folding behind the PENELOPE references, their copies, and one case run again on request."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import publish_references
import pytest
from penelope_fold import merge_tallies, sphere_share, voxel_share

HERE = Path(__file__).parent
WALKS = 400_000  # steps sampled: shares to 0.0008 (one sigma)
FIVE_SIGMA = 0.004  # fails by chance once in two million; a share is off by more if a term is wrong


def random_steps(rng, length):
    unit = rng.normal(size=(WALKS, 3))
    return length * unit / np.linalg.norm(unit, axis=1)[:, None]


@pytest.mark.parametrize("length", [0.2, 0.7, 1.3, 1.9])
def test_share_of_a_sphere_is_what_sampling_finds(length):
    rng = np.random.default_rng(7)
    start = rng.uniform(-1.0, 1.0, size=(WALKS, 3))
    inside = (start**2).sum(axis=1) < 1.0
    end = start + random_steps(rng, length)
    found = ((end**2).sum(axis=1) < 1.0)[inside].mean()
    narrow = np.array([length - 1e-6, length + 1e-6])
    assert sphere_share(narrow, 1.0)[0] == pytest.approx(found, abs=FIVE_SIGMA)


def test_nothing_stays_beyond_the_diameter():
    assert sphere_share(np.array([2.0, 2.5, 9.0]), 1.0) == pytest.approx([0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("offset", [(0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 0, 0)])
@pytest.mark.parametrize("length", [0.4, 1.1, 1.8])
def test_share_of_a_voxel_is_what_sampling_finds(offset, length):
    rng = np.random.default_rng(11)
    end = rng.uniform(size=(WALKS, 3)) + random_steps(rng, length)
    found = np.all(np.floor(end) == offset, axis=1).mean()
    narrow = np.array([length - 1e-6, length + 1e-6])
    assert voxel_share(narrow, 1.0, offset)[0] == pytest.approx(found, abs=FIVE_SIGMA)


@pytest.mark.parametrize("r", [0.1, 0.5, 1.0])
def test_share_of_short_steps_from_a_cube_is_the_closed_form(r):
    narrow = np.array([r - 1e-7, r + 1e-7])
    same = 1.0 - 1.5 * r + 2.0 * r**2 / np.pi - r**3 / (4.0 * np.pi)  # means of |u|, |uv|, |uvw|
    beside = r / 4.0 - 2.0 * r**2 / (3.0 * np.pi) + r**3 / (8.0 * np.pi)
    assert voxel_share(narrow, 1.0, (0, 0, 0))[0] == pytest.approx(same, rel=1e-5, abs=0)
    assert voxel_share(narrow, 1.0, (1, 0, 0))[0] == pytest.approx(beside, rel=1e-5, abs=0)


def test_a_finer_tally_replaces_the_start_of_the_next():
    fine, coarse = np.full((2, 4), 1.0), np.full((2, 3), 4.0)
    edges, energy = merge_tallies([(1.0, fine), (3.0, coarse)])
    assert edges == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0, 2.0, 3.0])
    assert energy.sum(axis=1) == pytest.approx([12.0, 12.0])


def test_a_tally_that_ends_within_a_bin_of_the_next_is_refused():
    with pytest.raises(ValueError, match="inside a bin"):
        merge_tallies([(0.7, np.ones((1, 7))), (3.0, np.ones((1, 3)))])


def test_the_published_copies_are_what_the_outputs_say(tmp_path, monkeypatch):
    published = publish_references.CASES
    monkeypatch.setattr(publish_references, "CASES", tmp_path)
    publish_references.main()
    made = sorted(tmp_path.iterdir())
    assert len(made) == 5
    assert [p.name for p in made if p.read_text() != (published / p.name).read_text()] == []


def rows_of(path):
    with path.open() as file:
        table = csv.DictReader(line for line in file if not line.startswith("#"))
        return {(r["case"], r["radius_cm_or_offset"]): r for r in table}


def test_no_target_absorbs_more_than_is_emitted():
    for (case, _), row in rows_of(HERE / "outputs" / "absorbed.csv").items():
        pair_keV = 1022.0 if "positron" in case else 0.0
        assert 0.0 <= float(row["absorbed_keV"]) < float(row["emitted_keV"]) + pair_keV


@pytest.mark.penelope
def test_one_case_run_again_agrees(tmp_path):
    pytest.importorskip("pyPenred")
    options = ["--only", "electron 30 keV", "--histories", "2000", "--out", str(tmp_path)]
    subprocess.run([sys.executable, str(HERE / "run_penelope.py"), *options], check=True)
    committed = rows_of(HERE / "outputs" / "absorbed.csv")
    again = rows_of(tmp_path / "absorbed.csv")
    assert len(again) == 15
    for key, row in again.items():
        sigma = np.hypot(float(row["sigma_keV"]), float(committed[key]["sigma_keV"]))
        # ten batches: 6 sigma once in 10 000 (Student, 9 degrees); 1e-4 keV: rows that are 0
        expected = float(committed[key]["absorbed_keV"])
        assert float(row["absorbed_keV"]) == pytest.approx(expected, abs=6.0 * sigma + 1e-4)
