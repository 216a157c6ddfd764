"""What PENELOPE is asked: nuclides by kind of radiation, and mono-energetic sources."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from penelope_run import Source

__all__ = ["BATCHES", "Case", "cases", "emissions", "local_keV"]

EMISSIONS = Path(__file__).with_name("emissions.csv")
BATCHES = 10
PARTICLE = {"electron": "electron", "positron": "positron", "photon": "gamma"}

# nuclide, radiation, cutoff of electrons in keV, forcing, histories per batch
NUCLIDE_RUNS = (
    ("Lu-177", "electron", 2.0, 1.0, 20_000),
    ("Lu-177", "photon", 10.0, 4.0, 100_000),
    ("I-131", "electron", 2.0, 1.0, 20_000),
    ("I-131", "photon", 10.0, 7.0, 60_000),
    ("Y-90", "electron", 2.0, 1.0, 15_000),
    ("I-124", "electron", 2.0, 1.0, 80_000),
    ("I-124", "positron", 2.0, 1.0, 10_000),
    ("I-124", "photon", 10.0, 9.0, 60_000),
    ("I-125", "electron", 1.0, 1.0, 30_000),
    ("I-125", "photon", 1.0, 1.0, 160_000),
)
# particle, energy in keV, cutoff of electrons, forcing, photons local, histories per batch
ENERGY_RUNS = (
    ("photon", 15.0, 1.0, 1.0, False, 40_000),
    ("photon", 30.0, 1.0, 3.0, False, 120_000),
    ("photon", 60.0, 5.0, 3.0, False, 160_000),
    ("photon", 100.0, 10.0, 4.0, False, 100_000),
    ("photon", 200.0, 10.0, 6.0, False, 100_000),
    ("photon", 511.0, 10.0, 8.0, False, 75_000),
    ("photon", 1000.0, 10.0, 11.0, False, 60_000),
    ("photon", 2000.0, 10.0, 15.0, False, 70_000),
    ("positron", 200.0, 2.0, 1.0, False, 15_000),
    ("positron", 635.0, 2.0, 1.0, False, 8_000),
    ("positron", 1500.0, 2.0, 1.0, False, 6_000),
    ("positron", 200.0, 2.0, 1.0, True, 6_000),
    ("positron", 635.0, 2.0, 1.0, True, 5_000),
    ("positron", 1500.0, 2.0, 1.0, True, 5_000),
    ("electron", 30.0, 1.0, 1.0, False, 20_000),
    ("electron", 100.0, 1.0, 1.0, False, 12_000),
    ("electron", 500.0, 2.0, 1.0, False, 10_000),
    ("electron", 2000.0, 2.0, 1.0, False, 4_000),
    ("photon", 364.0, 10.0, 7.0, False, 30_000),  # EGSnrc has it too
)


@dataclass(frozen=True, slots=True)
class Case:
    """One run: its name, its source, number per decay (or 1), histories per batch and seed."""

    name: str
    source: Source
    per_decay: float
    histories: int
    seed: int


def emissions(nuclide: str, radiation: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Declared energies in keV and yields per decay."""
    with EMISSIONS.open(encoding="utf-8") as file:
        table = csv.DictReader(line for line in file if not line.startswith("#"))
        found = [
            (float(r["energy_keV"]), float(r["per_decay"]))
            for r in table
            if r["nuclide"] == nuclide and r["radiation"] == radiation
        ]
    return tuple(e for e, _ in found), tuple(n for _, n in found)


def local_keV(nuclide: str) -> float:
    """Energy per decay that is absorbed where it is born."""
    return sum(e * n for e, n in zip(*emissions(nuclide, "local"), strict=True))


def cases() -> list[Case]:
    """All runs; the seed is the place in the list."""
    out: list[Case] = []
    for nuclide, radiation, cutoff, forcing, histories in NUCLIDE_RUNS:
        energies, yields = emissions(nuclide, radiation)
        source = Source(PARTICLE[radiation], energies, yields, cutoff, forcing)
        name = f"{nuclide} {radiation}"
        out.append(Case(name, source, sum(yields), histories, len(out) + 1))
    for radiation, energy, cutoff, forcing, local, histories in ENERGY_RUNS:
        source = Source(PARTICLE[radiation], (energy,), (1.0,), cutoff, forcing, local)
        name = f"{radiation} {energy:g} keV" + (" photons local" if local else "")
        out.append(Case(name, source, 1.0, histories, len(out) + 1))
    return out
