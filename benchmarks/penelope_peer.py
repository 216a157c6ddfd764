"""The peer of voxel transport: PENELOPE-2018 through pyPenred, one core, on the same phantom.

`measure` writes the phantom for PenRed, runs it in a process of its own and returns seconds per
decay and, per voxel, mean and variance. pyPenred (AGPL) is no dependency: the process runs the
interpreter named by ``PENRED_PYTHON`` (default: this one), which needs pyPenred and numpy only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Lines = tuple[Floats, Floats]  # energies in keV, yields per decay

BATCH_WAIT_s = 3600
DEFLECTION = 0.1  # C1 = C2, as pdcraft's default
DECAYS = 40_000  # of `main`
LEAST_keV = 1.0  # softer emissions are left out


@dataclass(frozen=True, slots=True)
class PeerResult:
    """What a peer needed and found.

    Parameters
    ----------
    mean_keV_per_g, sigma_keV_per_g : ndarray, shape of the phantom
        Per decay, with the standard error of the run; one decay has sigma² times ``decays``.
    cpu_s : float
        Of the transport alone, on one core.
    decays : int
    """

    mean_keV_per_g: Floats
    sigma_keV_per_g: Floats
    cpu_s: float
    decays: int


def measure(
    phantom: Any,
    compositions: list[tuple[float, list[tuple[int, float]]]],
    electrons: Lines,
    photons: Lines,
    decays: int,
    cutoff_keV: float = 1.0,
    seed: int = 1,
) -> PeerResult:
    """Run the peer.

    Parameters
    ----------
    phantom : benchmarks.phantom.Phantom
    compositions : list of (density in g/mL, list of (atomic number, mass fraction))
        One for each of the phantom's materials; PENELOPE takes I-values by additivity.
    electrons, photons : (energies in keV, yields per decay)
        Emitted independently of each other: a decay's own correlation is not in the variance.
    decays : int
    cutoff_keV : float
        Electrons and photons end there; harder collisions and bremsstrahlung are simulated.
    seed : int
        Number of a pair of seeds in PenRed's list, 0 to 1000.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        np.savez(
            folder / "phantom.npz",
            material=phantom.material,
            density=phantom.density_g_per_mL,
            source=phantom.source,
            voxel_cm=phantom.voxel_mm / 10.0,
        )
        job = {
            "compositions": compositions,
            "sources": {
                "electron": [list(map(float, part)) for part in electrons],
                "gamma": [list(map(float, part)) for part in photons],
            },
            "decays": decays,
            "cutoff_eV": cutoff_keV * 1e3,
            "seed": seed,
        }
        (folder / "job.json").write_text(json.dumps(job))
        python = os.environ.get("PENRED_PYTHON", sys.executable)
        command = [python, str(Path(__file__).resolve()), str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with np.load(folder / "result.npz") as found:
            mean, sigma, cpu_s = found["mean"], found["sigma"], float(found["cpu_s"])
    return PeerResult(mean, sigma, cpu_s, decays)


def available() -> bool:
    """Whether the peer's interpreter has pyPenred."""
    python = os.environ.get("PENRED_PYTHON", sys.executable)
    found = subprocess.run([python, "-c", "import pyPenred"], capture_output=True, check=False)
    return found.returncode == 0


def _run_job(folder: Path) -> None:
    """Run in the peer's process: read the job, simulate, write the result."""
    from pyPenred import data, simulation

    os.chdir(folder)
    job = json.loads(Path("job.json").read_text())
    with np.load("phantom.npz") as found:
        phantom = {key: found[key] for key in found.files}
    densities = [density for density, _ in job["compositions"]]
    for n, (density, parts) in enumerate(job["compositions"], 1):
        simulation.materials.create(f"m{n}", density, [tuple(p) for p in parts], f"m{n}.mat")
    _write_voxels(phantom, densities)
    _write_source(data, phantom)
    shape, voxel_cm = phantom["material"].shape, float(phantom["voxel_cm"])
    per_decay = {kind: sum(yields) for kind, (_, yields) in job["sources"].items()}
    lines = _settings(job, shape, voxel_cm)
    histories = {kind: round(job["decays"] * per_decay[kind]) for kind in per_decay}
    for kind, (energies_keV, yields) in job["sources"].items():
        lines += _source(kind, energies_keV, yields, histories[kind])
    simulation.setConfigurationLog("configuration.log")
    simulation.setSimulationLog("simulation.log")
    simulator = simulation.create()
    simulator.configFromString("\n".join(lines) + "\n")
    simulator.simulate(True, True)
    start = time.process_time()
    for kind, count in histories.items():
        ran = simulator.instructionSimulate(kind, float(count))
        if not simulator.instructionWait(ran, BATCH_WAIT_s):
            raise RuntimeError(f"PenRed did not finish within {BATCH_WAIT_s} s")
    cpu_s = time.process_time() - start
    simulator.instructionWait(simulator.instructionUpdateResults("dose"), BATCH_WAIT_s)
    result = simulator.getResults()["dose"]
    values, sigma = (result[0] if isinstance(result, (list, tuple)) else result).data()[:2]
    simulator.instructionEndAndWait(BATCH_WAIT_s)
    while simulator.isSimulating():
        time.sleep(0.05)
    # PenRed's bins run x fastest and hold eV/g per history; here keV/g per decay, [x, y, z]
    scale = sum(histories.values()) / job["decays"] / 1e3
    mean = np.asarray(values, dtype=np.float64).reshape(shape[::-1]).T * scale
    spread = np.asarray(sigma, dtype=np.float64).reshape(shape[::-1]).T * scale
    np.savez("result.npz", mean=mean, sigma=spread, cpu_s=cpu_s)


def _write_voxels(phantom: dict[str, Any], densities: list[float]) -> None:
    """PenRed's text file of voxels: material from 1, density as a factor; x runs fastest."""
    material = phantom["material"].T.ravel()
    factor = phantom["density"].T.ravel() / np.asarray(densities)[material]
    size = " ".join([f"{float(phantom['voxel_cm']):.8E}"] * 3)
    with Path("voxels.txt").open("w") as file:
        file.write(" ".join(map(str, phantom["material"].shape)) + f"\n{size}\n")
        np.savetxt(file, np.column_stack([material + 1, factor]), fmt="%d %.7E")


def _write_source(data: Any, phantom: dict[str, Any]) -> None:
    """Write the source map as a result file of PenRed, which takes arrays as [z, y, x].

    Only the box that holds activity: PenRed's alias table takes the square of the voxels in time.
    """
    voxel_cm = float(phantom["voxel_cm"])
    filled = [np.flatnonzero(phantom["source"].any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1))]
    low, high = [int(at[0]) for at in filled], [int(at[-1]) + 1 for at in filled]
    box = phantom["source"][low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    source = np.ascontiguousarray(box.T)
    table = data.results3D()
    limits = [(low[n] * voxel_cm, high[n] * voxel_cm, "xyz"[n]) for n in (2, 1, 0)]
    table.fill(source, np.zeros_like(source), limits)
    table.save("source.dat", 1, True, True, False)


def _source(kind: str, energies_keV: list[float], yields: list[float], count: int) -> list[str]:
    rows: list[str] = []
    for energy_keV, weight in sorted(zip(energies_keV, yields, strict=True)):
        if energy_keV >= LEAST_keV and weight > 0.0:
            rows += [f"{energy_keV * 1e3:.8e} {weight:.8e}", f"{energy_keV * 1e3:.8e} 0.0"]
    rows[-1] = rows[-1].replace(" 0.0", " -1.0")
    Path(f"{kind}.txt").write_text("\n".join(rows) + "\n")
    root = f"sources/generic/{kind}"
    return [
        f"{root}/nhist {count}",
        f'{root}/kpar "{kind}"',
        f'{root}/direction/type "SOLID_ANGLE"',
        f"{root}/direction/u 0.0",
        f"{root}/direction/v 0.0",
        f"{root}/direction/w 1.0",
        f"{root}/direction/theta0 0.0",
        f"{root}/direction/theta1 180.0",
        f"{root}/direction/phi0 0.0",
        f"{root}/direction/dphi 360.0",
        f'{root}/energy/type "FILE_SPECTRUM"',
        f'{root}/energy/filename "{kind}.txt"',
        f'{root}/spatial/type "3D_MEASURE"',
        f'{root}/spatial/filename "source.dat"',
    ]


def _settings(job: dict[str, Any], shape: tuple[int, ...], voxel_cm: float) -> list[str]:
    lines = [
        'geometry/type "VOXEL"',
        'geometry/filename "voxels.txt"',
        "geometry/ascii true",
        "geometry/enclosure-margin 0.1",
        "geometry/enclosure-material 1",
        'tallies/dose/type "SPATIAL_DOSE_DISTRIB"',
        "tallies/dose/print-xyz true",
        "simulation/threads 1",
        f"simulation/seedPair {job['seed']}",
        "simulation/ascii-results false",
        "simulation/finalDump false",
    ]
    for axis, n in zip("xyz", shape, strict=True):
        lines += [f"tallies/dose/{axis}min 0.0", f"tallies/dose/{axis}max {n * voxel_cm:.8g}"]
        lines += [f"tallies/dose/n{axis} {n}"]
    for n in range(1, len(job["compositions"]) + 1):
        lines += [
            f"geometry/dsmax/{n} {voxel_cm / 4.0:.6g}",
            f"materials/m{n}/number {n}",
            *(
                f"materials/m{n}/eabs/{kind} {job['cutoff_eV']}"
                for kind in ("electron", "positron", "gamma")
            ),
            f"materials/m{n}/C1 {DEFLECTION}",
            f"materials/m{n}/C2 {DEFLECTION}",
            f"materials/m{n}/WCC {job['cutoff_eV']}",
            f"materials/m{n}/WCR {job['cutoff_eV']}",
            f'materials/m{n}/filename "m{n}.mat"',
        ]
    return lines


def main() -> None:
    """Time the peer with iodine-131 on the phantom, where pyPenred is at hand."""
    if not available():
        print("pyPenred is not installed: pip install pypenred, or set PENRED_PYTHON")
        return
    from benchmarks._merit import figures_of_merit
    from benchmarks.phantom import build

    from pdcraft.data.emissions import electron_nodes, photon_lines
    from pdcraft.data.materials import material
    from pdcraft.data.nuclides import nuclide

    phantom, source = build(), nuclide("I-131")
    made_of = [material(name) for name in phantom.names]
    compositions = [(m.density_g_per_mL, list(m.mass_fractions)) for m in made_of]
    for cutoff_keV in (1.0, 10.0):
        found = measure(
            phantom, compositions, electron_nodes(source), photon_lines(source), DECAYS, cutoff_keV
        )
        inside = phantom.source > 0.0
        outside = ~inside & (phantom.material > 0)
        merits = [
            np.median(figures_of_merit(found.mean_keV_per_g, found.sigma_keV_per_g, found.cpu_s, r))
            for r in (inside, outside)
        ]
        print(
            f"PENELOPE, cutoff {cutoff_keV:g} keV: {found.decays / found.cpu_s:8.0f} decays per "
            f"CPU-s; median figure of merit in the source {merits[0]:.3g}, outside "
            f"{merits[1]:.3g} per CPU-s"
        )


if __name__ == "__main__":
    _run_job(Path(sys.argv[1]))
