r"""Compute the absorbed fractions that the package ships: ``python -m`` this module.

A point source in unbounded water of 1 g/mL (mean excitation energy 78 eV, photoelectric cross
sections of XCOM) gives spheres of every size (`pdcraft.transport.point`).

Electrons and positrons: one full run and some that thin what is far away, each radius taking from
each run what it knows. Photons: :math:`\varphi = k\,\varphi_0`, with :math:`\varphi_0` for
electrons that stay where they are set free, from many cheap histories that are corrected by what is
known of first collisions; and k, the effect of running electrons, from fewer histories beside the
same ones with electrons at rest.

Takes a quarter of an hour of one processor. The same versions and machine give the same numbers.
"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pdcraft
from pdcraft.core.material import Material
from pdcraft.data.absorbed_fractions import SCALED_RADIUS, RADIUS_mm
from pdcraft.data.materials import material
from pdcraft.physics.electron import csda_range_g_per_cm2
from pdcraft.physics.quadrature import gauss_legendre
from pdcraft.physics.sphere import geometric_reduction
from pdcraft.transport.batches import std_err
from pdcraft.transport.emissions import mono
from pdcraft.transport.engine import prepare_photons
from pdcraft.transport.point import PointKernel, point_kernel
from pdcraft.transport.settings import Settings, signed_text
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON, POSITRON

__all__ = ["electron_row", "main", "photon_row", "write"]

Floats = NDArray[np.float64]

ELECTRON_keV = (  # the first above the cut-off, below which energy stays where it is
    1.001, 1.5, 2.0, 3.0, 4.0, 5.5, 7.5, 10.0, 15.0, 20.0, 30.0, 40.0, 55.0, 75.0, 100.0, 150.0,
    200.0, 300.0, 400.0, 550.0, 750.0, 1000.0, 1400.0, 1800.0, 2300.0, 3000.0,
)  # fmt: skip
POSITRON_keV = (20.0, 50.0, 100.0, 200.0, 350.0, 550.0, 800.0, 1200.0, 1900.0, 3000.0)
PHOTON_keV = (
    1.001, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.5, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 50.0,
    60.0, 70.0, 80.0, 100.0, 120.0, 150.0, 200.0, 250.0, 300.0, 400.0, 500.0, 600.0, 800.0, 1000.0,
    1300.0, 1600.0, 2000.0, 2500.0, 3000.0,
)  # fmt: skip
SEED = 20261121
BATCHES = 50
SETTINGS = Settings()
PHOTON_SETTINGS = Settings(deflection=0.1, loss=0.1)
AT_REST = Settings(deflection=0.1, loss=0.1, electron_cutoff_keV=3000.0)
# electrons: thinned beyond this share of the range (0: not), and histories
ELECTRON_RUNS = ((0.0, 10_000), (0.15, 20_000), (0.015, 40_000), (0.001, 120_000))
PHOTON_LOCAL, PHOTON_FULL, PHOTON_THINNED = 600_000, 10_000, 100_000  # histories
# slow electrons take less time: that many times more histories, at most, towards lower energies
FULL_keV, COST_POWER = 300.0, 0.7
MOST_ELECTRONS, MOST_PHOTONS = 5.0, 2.0
STRETCHED = 28.0  # first flights are drawn with weights of about this times distance over path
POOR = 0.1  # relative standard error beyond which a limit of small spheres stands instead


def electron_row(energy_keV: float, particle: int, water: Material) -> tuple[Floats, Floats, float]:
    """Absorbed fractions of electrons or positrons on `SCALED_RADIUS` times their range.

    Returns
    -------
    fraction, rel_err : ndarray, shape (radii,)
    kept : float
        Share of the energy that is absorbed in unbounded water: less than 1 for positrons, part of
        which annihilate in flight.
    """
    row = POSITRON if particle == POSITRON_PARTICLE else BETA
    range_mm = 10.0 * float(csda_range_g_per_cm2(energy_keV, water.mean_excitation_eV))
    values: list[Floats] = []
    kept = 1.0
    more = 1.0 if particle == POSITRON_PARTICLE else max(1.0, _cheap(energy_keV, MOST_ELECTRONS))
    for thin, histories in ELECTRON_RUNS:
        run = point_kernel(
            mono(particle, row, energy_keV),
            water,
            histories=int(histories * more),
            batches=BATCHES,
            settings=SETTINGS,
            seed=SEED,
            threads=1,
            thin_mm=thin * range_mm,
            thin_most=1e9,
        )
        absorbed = run.absorbed_by_batch_keV(SCALED_RADIUS * range_mm)[:, row] / energy_keV
        values.append(absorbed)
        if thin == 0.0:
            kept = float(run.energy_keV[:, row].sum(axis=1).mean()) / energy_keV
    means = np.array([v.mean(axis=0) for v in values])
    errors = np.array([std_err(v) for v in values])
    fraction, rel_err = _combined(means, errors)
    return (*_small_spheres(fraction, rel_err, SCALED_RADIUS, 1.0), kept)


def photon_row(energy_keV: float, water: Material) -> tuple[Floats, Floats]:
    """Absorbed fractions of photons in spheres of `RADIUS_mm`, and their relative errors."""
    data = prepare_photons((water,))
    mu_per_mm = float(
        np.interp(np.log(energy_keV), data.log_energy, data.total[:, 0]) * water.density_g_per_mL
    )
    fewer = _cheap(energy_keV, MOST_PHOTONS)
    scattered = data.photo_compton_rayleigh - data.photo_compton
    absorbing = data._replace(
        photo=data.photo + scattered, photo_compton=data.photo_compton + scattered
    )

    def run(
        histories: float, settings: Settings, thin_mm: float = 0.0, first: bool = False
    ) -> Floats:
        kernel = point_kernel(
            mono(PHOTON_PARTICLE, PHOTON, energy_keV),
            water,
            histories=int(histories),
            batches=BATCHES,
            settings=settings,
            seed=SEED,
            threads=1,
            thin_mm=thin_mm,
            thin_most=1e9,
            photons=absorbing if first else None,
        )
        return _fractions(kernel, energy_keV)

    local = run(PHOTON_LOCAL, AT_REST)
    stop = Settings(
        deflection=0.1, loss=0.1, electron_cutoff_keV=3000.0,
        photon_cutoff_keV=max(1.0, energy_keV * (1.0 - 1e-9)),
    )  # fmt: skip
    first = run(PHOTON_LOCAL, stop, first=True) if energy_keV > 1.0 else local
    at_rest, rest_err = _controlled(local, first, first_collisions(mu_per_mm))
    ratios: list[Floats] = []
    errors: list[Floats] = []
    for histories, thin_mm in (
        (PHOTON_FULL * fewer, 0.0),
        (PHOTON_THINNED * fewer, 1.0 / (STRETCHED * mu_per_mm)),
    ):
        full = run(histories, PHOTON_SETTINGS, thin_mm)
        same = run(histories, AT_REST)
        ratio = full.mean(axis=0) / same.mean(axis=0)
        ratios.append(ratio)
        errors.append(std_err(full - ratio * same) / same.mean(axis=0))
    k, k_err = _combined(np.array(ratios), np.array(errors))
    rel_err = np.hypot(rest_err / at_rest, k_err)
    return _small_spheres(k * at_rest, rel_err, RADIUS_mm, 2.0)


def first_collisions(mu_per_mm: float) -> Floats:
    """Absorbed fractions if all energy stayed where photons first interact: closed integral."""
    x, weight = gauss_legendre(64)
    v = 0.5 * (x + 1.0)
    s = 2.0 * RADIUS_mm[:, None] * v**3
    step = 3.0 * RADIUS_mm[:, None] * v**2 * weight
    near = np.exp(-mu_per_mm * s) * geometric_reduction(s, RADIUS_mm[:, None])
    return np.sum(mu_per_mm * near * step, axis=1)


def _cheap(energy_keV: float, most: float) -> float:
    return min(most, (FULL_keV / energy_keV) ** COST_POWER)


def _fractions(kernel: PointKernel, energy_keV: float) -> Floats:
    return kernel.absorbed_by_batch_keV(RADIUS_mm).sum(axis=1) / energy_keV


def _controlled(batches: Floats, control: Floats, exact: Floats) -> tuple[Floats, Floats]:
    """Mean with a control variate of known expectation; returns it and its standard error."""
    centered = control - control.mean(axis=0)
    variance = np.maximum((centered**2).sum(axis=0), 1e-300)
    slope = (centered * (batches - batches.mean(axis=0))).sum(axis=0) / variance
    residual = batches - slope * control
    return residual.mean(axis=0) + slope * exact, std_err(residual)


def _combined(means: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Mean of runs by inverse variance; the variances are smoothed over neighboring radii.

    Returns the mean and its relative standard error.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(means > 0.0, errors / means, np.inf)
    neighbors = np.stack([np.roll(relative, k, axis=1) for k in (-2, -1, 0, 1, 2)])
    neighbors[0, :, -2:] = neighbors[1, :, -1:] = neighbors[3, :, :1] = neighbors[4, :, :2] = 0.0
    smooth = np.maximum(neighbors.max(axis=0), 1e-9)
    weight = smooth**-2.0
    weight = weight / np.maximum(weight.sum(axis=0), 1e-300)
    mean = (weight * means).sum(axis=0)
    err = np.sqrt((weight**2 * errors**2).sum(axis=0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return mean, np.where(mean > 0.0, err / mean, np.inf)


def _small_spheres(
    fraction: Floats, rel_err: Floats, radius: Floats, power: float
) -> tuple[Floats, Floats]:
    """Replace what is poorly known at the lower end by a power of the radius."""
    poor = np.flatnonzero((rel_err > POOR) | ~(fraction > 0.0))
    if poor.size:
        last = int(poor.max()) + 1
        fraction, rel_err = fraction.copy(), rel_err.copy()
        fraction[:last] = fraction[last] * (radius[:last] / radius[last]) ** power
        rel_err[:last] = POOR
    return np.minimum(fraction, 1.0), rel_err


def settings_text() -> str:
    """All that decides the numbers, as one line of JSON, with its own hash."""
    asked = {
        "pdcraft": pdcraft.__version__,
        "seed": SEED,
        "batches": BATCHES,
        "electrons": asdict(SETTINGS),
        "electron_runs": ELECTRON_RUNS,
        "cheap": (FULL_keV, COST_POWER, MOST_ELECTRONS, MOST_PHOTONS),
        "photons": asdict(PHOTON_SETTINGS),
        "photon_histories": (PHOTON_LOCAL, PHOTON_FULL, PHOTON_THINNED),
        "water_I_eV": 78.0,
        "density_g_per_mL": 1.0,
    }
    return signed_text(asked)


def write(
    path: Path,
    electrons: list[tuple[Floats, Floats, float]],
    positrons: list[tuple[Floats, Floats, float]],
    photons: list[tuple[Floats, Floats]],
) -> None:
    """Write rows of all energies as one file."""
    table: dict[str, Any] = {}
    for name, energies, rows in (
        ("electron", ELECTRON_keV, electrons),
        ("positron", POSITRON_keV, positrons),
        ("photon", PHOTON_keV, photons),
    ):
        table[f"{name}_keV"] = np.array(energies, dtype=np.float32)
        table[f"{name}_fraction"] = np.array([row[0] for row in rows], dtype=np.float32)
        table[f"{name}_rel_err"] = np.array([row[1] for row in rows], dtype=np.float32)
    table["positron_kept"] = np.array([row[2] for row in positrons], dtype=np.float32)
    np.savez_compressed(path, settings=np.array(settings_text()), **table)


def main(path: Path) -> None:
    """Compute and write all rows."""
    water = material("water")

    def said(words: str) -> None:
        sys.stderr.write(words + "\n")

    electrons: list[tuple[Floats, Floats, float]] = []
    positrons: list[tuple[Floats, Floats, float]] = []
    photons: list[tuple[Floats, Floats]] = []
    for energy in ELECTRON_keV:
        electrons.append(electron_row(energy, ELECTRON, water))
        said(f"electrons {energy:g} keV")
    for energy in POSITRON_keV:
        positrons.append(electron_row(energy, POSITRON_PARTICLE, water))
        said(f"positrons {energy:g} keV")
    for energy in PHOTON_keV:
        photons.append(photon_row(energy, water))
        said(f"photons {energy:g} keV")
    write(path, electrons, positrons, photons)


if __name__ == "__main__":
    main(Path(__file__).parents[1] / "data" / "absorbed_fractions.npz")
