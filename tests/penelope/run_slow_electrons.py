"""Slow electrons with PENELOPE-2018, collision by collision: ``python run_slow_electrons.py``.

A point source of electrons in unbounded water (that of `penelope_run`), all elastic collisions one
by one (C1 = C2 = 0), losses above 10 eV one by one, electrons to 50 eV. Energy per shell of radius
is folded with the share of isotropic steps that stay in a sphere. Writes
``penelope_slow_electrons.csv``; some minutes of one core.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
from penelope_run import ISOTROPIC_POINT, Source, _first, _lines, write_water

# energy in keV, histories per batch, radius of the tally in um
RUNS = (
    (0.5, 40_000, 0.06),
    (1.5, 20_000, 0.25),
    (3.0, 10_000, 0.7),
    (5.0, 6_000, 1.6),
    (10.0, 3_000, 5.0),
    (20.0, 1_200, 16.0),
    (30.0, 800, 32.0),
)
BATCHES, BINS = 10, 800
RADII_um = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
CUTOFF_eV, LOSS_eV = 50.0, 10.0


def configuration(source: Source, histories: int, outer_cm: float) -> str:
    """Settings of one run: one ball of water."""
    return (
        "\n".join(
            [
                f"sources/generic/point/nhist {histories:d}",
                'sources/generic/point/kpar "electron"',
                *ISOTROPIC_POINT,
                'tallies/mat/type "EDEP_MAT"',
                "tallies/mat/nmat 1",
                'geometry/type "PEN_QUADRIC"',
                'geometry/input-file "ball.geo"',
                'geometry/processed-geo-file "report.geo"',
                "geometry/dsmax/1 1.0",
                "simulation/threads 1",
                "simulation/seedPair 7",
                "simulation/ascii-results false",
                "simulation/finalDump false",
                'tallies/near/type "SPHERICAL_DOSE_DISTRIB"',
                "tallies/near/print-xyz true",
                "tallies/near/rmin 0.0",
                f"tallies/near/rmax {outer_cm}",
                f"tallies/near/nr {BINS}",
                "materials/core/number 1",
                f"materials/core/eabs/electron {CUTOFF_eV}",
                f"materials/core/eabs/positron {CUTOFF_eV}",
                "materials/core/eabs/gamma 1e3",
                "materials/core/C1 0.0",
                "materials/core/C2 0.0",
                f"materials/core/WCC {LOSS_eV}",
                "materials/core/WCR 1e3",
                'materials/core/filename "water.mat"',
            ]
        )
        + "\n"
    )


def geometry() -> str:
    """One ball of water, 10 cm."""
    line = "0" * 64 + "\n"
    text = "X" * 64 + "\nA ball of water\n" + line
    text += "SURFACE (   1)\nINDICES=( 1, 1, 1, 0,-1)\n"
    text += "".join(f"{axis}-SCALE=({10.0:22.15E},   0)\n" for axis in "XYZ") + line
    text += "BODY    (   1)\nMATERIAL(   1)\nSURFACE (   1), SIDE POINTER=(-1)\n" + line
    return text + "END      " + "0" * 55 + "\n"


def run(energy_keV: float, histories: int, outer_um: float) -> np.ndarray:
    """Energy per shell and history, keV, shape (batches, bins)."""
    import time

    from pyPenred import simulation

    source = Source("electron", (energy_keV,), (1.0,))
    outer_cm = outer_um * 1e-4
    write_water(simulation)
    Path("ball.geo").write_text(geometry())
    Path("spectrum.txt").write_text(_lines(source))
    simulator = simulation.create()
    simulator.configFromString(configuration(source, histories, outer_cm))
    simulator.simulate(True, True)
    edges = np.linspace(0.0, outer_cm, BINS + 1)
    mass_g = 4.0 / 3.0 * np.pi * np.diff(edges**3)
    sums = []
    for n in range(BATCHES):
        simulator.instructionWait(simulator.instructionSimulate("point", float(histories)), 3600)
        for name in ("near", "mat"):
            updated = simulator.instructionUpdateResults(name)
        simulator.instructionWait(updated, 3600)
        dose = np.asarray(_first(simulator.getResults()["near"]).data()[0], dtype=float).ravel()
        sums.append((n + 1) * dose * mass_g / 1e3)
    simulator.instructionEndAndWait(3600)
    while simulator.isSimulating():
        time.sleep(0.05)
    shells = np.diff(np.stack(sums), axis=0, prepend=0.0)
    return shells * histories / (histories - 1)


def main(path: Path) -> None:
    """Run all energies and write the table."""
    rows = [
        "# PENELOPE-2018 through pyPenred 1.15.2.0: electrons in water, I = 78 eV, 1.000 g/cm3;",
        "# C1 = C2 = 0 (all elastic collisions one by one), WCC 10 eV, electrons to 50 eV;",
        "# run_slow_electrons.py. Absorbed fraction of a uniform source in its own sphere within",
        "# unbounded water; sigma: one of 10 batches.",
        "energy_keV,radius_um,absorbed_fraction,sigma",
    ]
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for energy, histories, outer in RUNS:
            shells = run(energy, histories, outer)
            edges = np.linspace(0.0, outer, BINS + 1)
            middle = 0.5 * (edges[1:] + edges[:-1])
            for radius in RADII_um:
                u = np.minimum(middle / radius, 2.0)
                share = 1.0 - 0.75 * u + u**3 / 16.0
                value = shells @ share / energy
                mean, sigma = value.mean(), value.std(ddof=1) / np.sqrt(BATCHES)
                if 0.02 < mean < 0.9999:
                    rows.append(f"{energy:g},{radius:g},{mean:.6g},{sigma:.2g}")
            sys.stderr.write(f"{energy:g} keV: {shells.sum(axis=1).mean() / energy:.4f} kept\n")
    os.chdir(home)
    path.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "penelope_slow_electrons.csv"))
