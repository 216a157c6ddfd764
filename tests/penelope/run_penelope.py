"""Run PENELOPE and write what spheres and voxels absorb: ``python tests/penelope/run_penelope.py``.

Needs ``pip install pypenred`` (AGPL; nothing of it is in this repository). Options:
``--only NAME ...`` runs the cases so named and keeps the other rows; ``--histories N`` sets the
histories per batch; ``--out`` the folder of the tables (default ``outputs`` beside this file).
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from penelope_cases import BATCHES, Case, cases
from penelope_fold import merge_tallies, sphere_share, voxel_share
from penelope_run import TALLIES, run_batches

Floats = NDArray[np.float64]

MASSES_g = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
RADII_cm = (0.002, 0.005, 0.01, 0.05)
VOXEL_cm = 0.3
PAIR_keV = 1021.998  # annihilation photons of a positron
OFFSETS = ((0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1), (2, 0, 0))
KERNEL_STEPS = 60  # rows of a point kernel, to 1.2 ranges or, for photons, as far as is tallied

SETTINGS = (
    "water I = 78 eV 1.000 g/cm3; C1 = C2 = 0.05; cutoffs, histories and seeds: penelope_cases.py"
)

ABSORBED = """\
# absorbed_keV per particle from a uniform source in the target or, for voxels of 3 mm, in the
# voxel at the origin (offset of the target); sigma: standard error of 10 batches
case,geometry,radius_cm_or_offset,mass_g,per_decay,emitted_keV,absorbed_keV,sigma_keV,histories,cpu_s
"""
KERNELS = """\
# energy per particle absorbed within a radius around a point source
case,radius_cm,absorbed_keV,sigma_keV
"""


def radius_cm(mass_g: float) -> float:
    """Radius of a sphere of unit density."""
    return float((3.0 * mass_g / (4.0 * np.pi)) ** (1.0 / 3.0))


def mean_and_sigma(batches: Floats) -> tuple[float, float]:
    """Mean and standard error of batches."""
    return float(batches.mean()), float(batches.std(ddof=1) / np.sqrt(len(batches)))


def targets() -> list[tuple[str, str, float]]:
    """Geometry, its label (radius in cm, or voxel offset) and mass in g."""
    spheres = sorted([*(radius_cm(m) for m in MASSES_g), *RADII_cm])
    rows = [("sphere", f"{r:.6g}", 4.0 / 3.0 * np.pi * r**3) for r in spheres]
    voxels = [("voxel", " ".join(map(str, o)), VOXEL_cm**3) for o in OFFSETS]
    return rows + voxels


@cache
def share(geometry: str, label: str) -> Floats:
    """Share of steps that start and end as the target says, per bin of the merged tallies."""
    none = [(outer, np.zeros((1, bins))) for outer, bins in TALLIES.values()]
    edges, _ = merge_tallies(none)
    if geometry == "sphere":
        return sphere_share(edges, float(label))
    reach = int(np.searchsorted(edges, VOXEL_cm * 4.0))  # beyond, no share of these offsets
    out = np.zeros(len(edges) - 1)
    i, j, k = map(int, label.split())
    out[:reach] = voxel_share(edges[: reach + 1], VOXEL_cm, (i, j, k))
    return out


def run(case: Case, histories: int) -> tuple[list[str], list[str]]:
    """Rows of the table of targets, and of the table of point kernels."""
    with tempfile.TemporaryDirectory() as folder:
        batches = run_batches(case.source, histories, BATCHES, case.seed, Path(folder))
    edges, energy = merge_tallies([(TALLIES[name][0], batches[name]) for name in TALLIES])
    emitted = float(np.average(case.source.energy_keV, weights=case.source.weight))
    if case.source.forcing == 1.0:  # all is absorbed: undo the chance in the energies drawn
        annihilation = PAIR_keV if case.source.particle == "positron" else 0.0
        energy = energy * ((emitted + annihilation) / batches["all"])[:, None]
    cpu_s, made = float(batches["cpu_s"]), histories * BATCHES
    rows: list[str] = []
    for geometry, label, mass_g in targets():
        absorbed, sigma = mean_and_sigma(energy @ share(geometry, label))
        rows.append(
            f"{case.name},{geometry},{label},{mass_g:.6g},{case.per_decay:.6g},{emitted:.6g},"
            f"{absorbed:.6g},{sigma:.2g},{made},{cpu_s:.1f}"
        )
    return rows, kernel_rows(case, edges, energy)


def kernel_rows(case: Case, edges: Floats, energy: Floats) -> list[str]:
    """Energy per history absorbed within radii around the point source."""
    within = np.cumsum(energy, axis=1)
    farthest = edges[-1]
    if case.source.particle != "gamma":
        farthest = min(1.2 * range_cm(max(case.source.energy_keV)), TALLIES["near"][0])
    rows: list[str] = []
    for n in np.unique(np.searchsorted(edges, np.linspace(0.0, farthest, KERNEL_STEPS + 1)[1:])):
        absorbed, sigma = mean_and_sigma(within[:, n - 1])
        rows.append(f"{case.name},{edges[n]:.6g},{absorbed:.6g},{sigma:.2g}")
    return rows


def range_cm(energy_keV: float) -> float:
    """Range of electrons in water, roughly (Katz and Penfold 1952), to place radii."""
    energy_MeV = energy_keV / 1e3
    return float(0.412 * energy_MeV ** (1.265 - 0.0954 * np.log(energy_MeV)))


def kept_rows(path: Path) -> dict[str, list[str]]:
    """Rows of a table that is there already, by case."""
    found: dict[str, list[str]] = {}
    if path.exists():
        for line in path.read_text().splitlines():
            if not line.startswith(("#", "case,")):
                found.setdefault(line.split(",")[0], []).append(line)
    return found


def main() -> None:
    """Run the cases asked for and write the two tables; rows of other cases stay."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--histories", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("outputs"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    code = f"PENELOPE-2018 through pyPenred {version('pyPenred')}, {platform.machine()}"
    tables = {"absorbed.csv": ABSORBED, "kernels.csv": KERNELS}
    rows = {name: kept_rows(options.out / name) for name in tables}
    for case in cases():
        if options.only and case.name not in options.only:
            continue
        made = run(case, options.histories or case.histories)
        for name, new in zip(tables, made, strict=True):
            rows[name][case.name] = new
            order = [c.name for c in cases() if c.name in rows[name]]
            text = "\n".join(line for c in order for line in rows[name][c])
            (options.out / name).write_text(f"# {code}; {SETTINGS}\n{tables[name]}{text}\n")
        sys.stderr.write(f"{made[0][0]}\n")


if __name__ == "__main__":
    main()
