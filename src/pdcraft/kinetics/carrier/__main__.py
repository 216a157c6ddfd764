"""Make the shipped draws anew: ``python -m pdcraft.kinetics.carrier fit`` (or ``ranks``)."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from pdcraft.kinetics.carrier.calibrate import SEED, calibrate, calibration_record
from pdcraft.kinetics.carrier.draws import write_draws
from pdcraft.kinetics.carrier.parameters import Species
from pdcraft.kinetics.carrier.predict import carrier_target
from pdcraft.kinetics.carrier.simulated import simulated_ranks

SPECIES: tuple[Species, ...] = ("mouse", "human")
BLOCK = 10  # repeats that one worker takes at a time


def fit(species: Species, out: Path) -> str:
    """Fit a species and write its draws and diagnostics."""
    found = calibrate(species)
    with (out / f"draws_{species}.npz").open("wb") as file:
        write_draws(found.draws, file)
    text = json.dumps(calibration_record(found), indent=1)
    (out / f"calibration_{species}.json").write_text(text + "\n", encoding="utf-8")
    return f"{species}: fitted"


def ranks(species: Species, repeats: range) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Rank the truth in simulated evidence."""
    return simulated_ranks(carrier_target(species), repeats, seed=SEED)


def main() -> None:
    """Parse the command line and work on two cores."""
    parser = argparse.ArgumentParser(prog="python -m pdcraft.kinetics.carrier", description=__doc__)
    parser.add_argument("task", choices=("fit", "ranks"))
    parser.add_argument("--out", type=Path, default=Path("out/carrier"), help="folder to write to")
    parser.add_argument("--repeats", type=int, default=200, help="of simulated evidence, a species")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(max_workers=2) as pool:
        if asked.task == "fit":
            for line in pool.map(fit, SPECIES, [asked.out] * len(SPECIES)):
                sys.stderr.write(line + "\n")
            return
        for species in SPECIES:
            blocks = [
                range(a, min(a + BLOCK, asked.repeats)) for a in range(0, asked.repeats, BLOCK)
            ]
            found = np.vstack(list(pool.map(ranks, [species] * len(blocks), blocks)))
            names = carrier_target(species).names
            with (asked.out / f"ranks_{species}.csv").open("w", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([names, *found.tolist()])
            sys.stderr.write(f"{species}: {len(found)} repeats ranked\n")


if __name__ == "__main__":
    main()
