"""Compute the point kernels that the package ships: ``python -m`` this module.

A point source in unbounded water of 1 g/mL, mean excitation energy 78 eV. Electrons up to 40 keV
are followed collision by collision (`transport.slow_electron`), faster ones and positrons in
condensed histories (`transport.point`), one full run and some that thin what is far away; photons
with all their electrons.

Takes some minutes of one processor. The same versions and machine give the same numbers.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pdcraft
from pdcraft.data.materials import material
from pdcraft.data.point_kernels import GROUPS, SCALE, SCALED_DISTANCE, DISTANCE_mm
from pdcraft.physics.slow_electron import SlowModel, range_g_per_cm2
from pdcraft.transport.emissions import mono
from pdcraft.transport.point import PointKernel, point_kernel
from pdcraft.transport.settings import Settings, signed_text
from pdcraft.transport.slow_data import slow_data
from pdcraft.transport.slow_electron import slow_point_kernel
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON, POSITRON

__all__ = ["fast_row", "main", "photon_row", "slow_row"]

Floats = NDArray[np.float64]

SLOW_keV = (
    0.1, 0.13, 0.17, 0.22, 0.3, 0.4, 0.55, 0.75, 1.0, 1.4, 2.0, 2.8, 4.0, 5.5, 7.5, 10.0, 13.0,
    17.0, 22.0, 30.0, 40.0,
)  # fmt: skip
FAST_keV = (
    55.0, 75.0, 100.0, 140.0, 200.0, 280.0, 400.0, 550.0, 750.0, 1000.0, 1400.0, 1900.0, 2500.0,
    3000.0,
)  # fmt: skip
MODELS_UP_TO_keV = 30.0
POSITRON_keV = (20.0, 40.0, 75.0, 140.0, 280.0, 550.0, 1000.0, 1900.0, 3000.0)
PHOTON_keV = (
    1.001, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0,
    60.0, 80.0, 100.0, 120.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0,
    1300.0, 1600.0, 2000.0, 2500.0, 3000.0,
)  # fmt: skip
SEED = 20261121
BATCHES = 4 * GROUPS
SETTINGS = Settings(electron_cutoff_keV=0.5)
PHOTON_SETTINGS = Settings(deflection=0.1, loss=0.1, electron_cutoff_keV=0.5)
SLOW_HISTORIES = 120_000  # of 1 keV; fewer of faster ones, in proportion to their collisions
LEAST_SLOW = 12_000
RUNS = ((0.0, 8_000), (0.15, 16_000), (0.015, 64_000))  # thinned beyond this share of the range
FULL_keV, COST_POWER, MOST = 300.0, 0.7, 4.0
PHOTON_HISTORIES = 6_000
LOWEST_mm = 1e-7
NEIGHBORS = 5  # shells whose variances count together when runs are combined


def _grouped(batches: Floats) -> Floats:
    """Mean of the batches of each group, the first axis."""
    return batches.reshape(GROUPS, -1, *batches.shape[1:]).mean(axis=1)


def _range_mm(energy_keV: float) -> float:
    return 10.0 * float(range_g_per_cm2(energy_keV))


def slow_row(
    energy_keV: float, model: SlowModel = "oscillator", elastic_factor: float = 1.0
) -> Floats:
    """Share of a slow electron's energy in shells of `SCALED_DISTANCE`, shape (groups, shells)."""
    edges = np.concatenate([[0.0], SCALED_DISTANCE * _range_mm(energy_keV), [np.inf]])
    batches = slow_point_kernel(
        slow_data(model, 78.0, elastic_factor),
        energy_keV,
        edges,
        histories=max(LEAST_SLOW, int(SLOW_HISTORIES / max(1.0, energy_keV))),
        batches=BATCHES,
        seed=SEED,
        threads=1,
    )
    return _grouped(batches)[:, :-1] / energy_keV


def fast_row(energy_keV: float, particle: int = ELECTRON) -> Floats:
    """Share of an electron's or positron's energy in shells of `SCALED_DISTANCE`."""
    row = POSITRON if particle == POSITRON_PARTICLE else BETA
    range_mm = _range_mm(energy_keV)
    more = min(MOST, max(1.0, (FULL_keV / energy_keV) ** COST_POWER))
    runs: list[Floats] = []
    for thin, histories in RUNS:
        run = point_kernel(
            mono(particle, row, energy_keV),
            material("water"),
            histories=int(histories * more),
            batches=BATCHES,
            settings=SETTINGS,
            seed=SEED,
            threads=1,
            thin_mm=thin * range_mm,
            thin_most=1e9,
            lowest_mm=LOWEST_mm,
        )
        runs.append(_on(SCALED_DISTANCE * range_mm, run, row) / energy_keV)
    # all of an electron's energy; of a positron's what annihilation in flight leaves
    kept = runs[0].sum(axis=-1).mean() if particle == POSITRON_PARTICLE else 1.0
    shells = _grouped(_combined(runs))
    return shells * kept / shells.sum(axis=-1).mean()


def photon_row(energy_keV: float) -> Floats:
    """Share of a photon's energy in shells of `DISTANCE_mm`, shape (groups, shells)."""
    run = point_kernel(
        mono(PHOTON_PARTICLE, PHOTON, energy_keV),
        material("water"),
        histories=PHOTON_HISTORIES,
        batches=BATCHES,
        settings=PHOTON_SETTINGS,
        seed=SEED,
        threads=1,
        lowest_mm=LOWEST_mm,
    )
    whole = run.energy_keV[:, PHOTON].sum(axis=1).mean()  # the energy, but for stretched flights
    return _grouped(_on(DISTANCE_mm, run, PHOTON)) / whole


def _on(edges_mm: Floats, run: PointKernel, row: int) -> Floats:
    """Bring a run's shells to other ones, shape (batches, shells): cumulative, in ln r."""
    cumulative = np.cumsum(run.energy_keV[:, row], axis=1)[:, :-1]
    log_r, log_want = np.log(run.edges_mm[1:-1]), np.log(edges_mm)
    at = np.interp(log_want, log_r, np.arange(log_r.size))
    i = np.minimum(at.astype(int), log_r.size - 2)
    f = at - i
    within = cumulative[:, i] * (1.0 - f) + cumulative[:, i + 1] * f
    below = log_want < log_r[0]
    within[:, below] = cumulative[:, :1] * np.exp(log_want - log_r[0])[below]
    return np.diff(within, axis=1, prepend=0.0)


def _combined(runs: list[Floats]) -> Floats:
    """Weight runs in each shell by their inverse variance, smoothed over neighbors."""
    box = np.ones(NEIGHBORS)
    weights: list[Floats] = []
    for shells in runs:
        mean = np.convolve(shells.mean(axis=0), box, "same")
        variance = np.convolve(shells.var(axis=0, ddof=1), box, "same")
        with np.errstate(divide="ignore", invalid="ignore"):
            weights.append(np.where((mean > 0.0) & (variance > 0.0), mean**2 / variance, 0.0))
    total = np.maximum(np.sum(weights, axis=0), 1e-300)
    return np.sum([w / total * r for w, r in zip(weights, runs, strict=True)], axis=0)


def settings_text() -> str:
    """All that decides the numbers, as one line of JSON, with its own hash."""
    asked = {
        "pdcraft": pdcraft.__version__,
        "seed": SEED,
        "batches": BATCHES,
        "slow": (SLOW_HISTORIES, LEAST_SLOW),
        "runs": RUNS,
        "cheap": (FULL_keV, COST_POWER, MOST),
        "electrons": asdict(SETTINGS),
        "photons": asdict(PHOTON_SETTINGS),
        "photon_histories": PHOTON_HISTORIES,
        "water_I_eV": 78.0,
        "density_g_per_mL": 1.0,
    }
    return signed_text(asked)


def main(path: Path) -> None:
    """Compute and write all rows."""
    table: dict[str, Any] = {}

    def said(words: str) -> None:
        sys.stderr.write(words + "\n")

    def keep(name: str, energies: tuple[float, ...], rows: list[Floats]) -> None:
        table[f"{name} keV"] = np.array(energies, dtype=np.float32)
        table[f"{name} shells"] = (SCALE * np.stack(rows, axis=1)).astype(np.float16)
        said(f"{name}: {len(energies)} energies")

    slow = [slow_row(e) for e in SLOW_keV]
    keep("electron", SLOW_keV + FAST_keV, slow + [fast_row(e) for e in FAST_keV])
    below = tuple(e for e in SLOW_keV if e <= MODELS_UP_TO_keV)
    keep("electron dielectric", below, [slow_row(e, "dielectric") for e in below])
    keep("electron half elastic", below, [slow_row(e, elastic_factor=0.5) for e in below])
    keep("positron", POSITRON_keV, [fast_row(e, POSITRON_PARTICLE) for e in POSITRON_keV])
    keep("photon", PHOTON_keV, [photon_row(e) for e in PHOTON_keV])
    np.savez_compressed(path, settings=np.array(settings_text()), **table)


if __name__ == "__main__":
    main(Path(__file__).parents[1] / "data" / "point_kernels.npz")
