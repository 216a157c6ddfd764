"""One run of PENELOPE-2018 through pyPenred: energy around a point source in liquid water.

Material: water of PENELOPE's list (number 278, I = 78 eV, ICRU 90) at 1.000 g/cm³. Three concentric
bodies: a core where everything is followed, a shell where electrons end at 50 keV (range 0.04 mm,
below its 0.05 mm bins), and an outside where only photons live, so that scattered ones can return.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["TALLIES", "Source", "run_batches", "write_water"]

Floats = NDArray[np.float64]

WATER = 278
CORE_cm, SHELL_cm, OUTSIDE_cm = 1.3, 7.0, 300.0
# outer radius in cm and bins; finest first, each radius an edge of the next
TALLIES = {"micro": (0.006, 600), "near": (CORE_cm, 2600), "far": (SHELL_cm, 1400)}
SHELL_ELECTRON_eV, SHELL_LOSS_eV = 50e3, 10e3
PHOTON_eV = 1e3
ONLY_PHOTONS_eV = 9e6
WAIT_s = 3600
COMPTON, PHOTOELECTRIC = 1, 2
#: A point at the origin that emits a spectrum of energies into all directions.
ISOTROPIC_POINT = (
    'sources/generic/point/direction/type "SOLID_ANGLE"',
    "sources/generic/point/direction/u 0",
    "sources/generic/point/direction/v 0",
    "sources/generic/point/direction/w 1.0",
    "sources/generic/point/direction/theta0 0.0",
    "sources/generic/point/direction/theta1 180.0",
    "sources/generic/point/direction/phi0 0.0",
    "sources/generic/point/direction/dphi 360.0",
    'sources/generic/point/energy/type "FILE_SPECTRUM"',
    'sources/generic/point/energy/filename "spectrum.txt"',
    'sources/generic/point/spatial/type "POINT"',
    *(f"sources/generic/point/spatial/position/{axis} 0.0" for axis in "xyz"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """Point source of one kind of particle.

    Parameters
    ----------
    particle : {"electron", "positron", "gamma"}
    energy_keV, weight : tuple of float
        Discrete energies and how often each is emitted (any scale).
    electron_cutoff_keV : float
        Electrons and positrons of the core end there; harder losses are simulated one by one.
    forcing : float
        How much more often photons of the core interact, with weights to match; 1: analog.
    photons_local : bool
        Photons are absorbed where they are born, annihilation photons too.
    """

    particle: str
    energy_keV: tuple[float, ...]
    weight: tuple[float, ...]
    electron_cutoff_keV: float = 2.0
    forcing: float = 1.0
    photons_local: bool = False


def run_batches(
    source: Source, histories: int, batches: int, seed: int, folder: Path
) -> dict[str, Floats]:
    """Run one source in batches that follow each other in one stream of random numbers.

    Parameters
    ----------
    histories : int
        Per batch. PenRed absorbs one fewer than it divides by; energies here are corrected for it.
    seed : int
        Number of a pair of seeds in PenRed's own list, 0 to 1000.
    folder : path
        Existing folder for PenRed's files.

    Returns
    -------
    dict
        Per tally of `TALLIES`, energy in keV per history, shape (batches, bins); ``all``: energy
        absorbed anywhere, shape (batches,); ``cpu_s``: processor time of the transport alone.
    """
    from pyPenred import simulation

    here = Path.cwd()
    os.chdir(folder)
    try:
        write_water(simulation)
        Path("water.geo").write_text(_geometry())
        Path("spectrum.txt").write_text(_lines(source))
        simulation.setConfigurationLog("configuration.log")
        simulation.setSimulationLog("simulation.log")
        simulator = simulation.create()
        simulator.configFromString(_configuration(source, histories, seed))
        simulator.simulate(True, True)  # in its own thread, on instruction
        start = time.process_time()
        sums = [_results(simulator, histories) for _ in range(batches)]
        spent = time.process_time() - start
        simulator.instructionEndAndWait(WAIT_s)
        while simulator.isSimulating():  # freeing it earlier frees memory in use
            time.sleep(0.05)
    finally:
        os.chdir(here)
    out = {"cpu_s": np.array(spent)}
    for name in sums[0]:  # PenRed's results are means of all batches so far
        total = np.stack([(n + 1) * result[name] for n, result in enumerate(sums)])
        out[name] = np.diff(total, axis=0, prepend=0.0) * histories / (histories - 1)
    return out


def _results(simulator, histories: int) -> dict[str, Floats]:  # type: ignore[no-untyped-def]
    ran = simulator.instructionSimulate("point", float(histories))
    if not simulator.instructionWait(ran, WAIT_s):
        raise RuntimeError(f"PenRed did not finish a batch within {WAIT_s} s")
    for name in (*TALLIES, "mat"):
        updated = simulator.instructionUpdateResults(name)
    if not simulator.instructionWait(updated, WAIT_s):
        raise RuntimeError(f"PenRed did not return its tallies within {WAIT_s} s")
    results = simulator.getResults()
    out = {name: _shell_keV(results[name], *TALLIES[name]) for name in TALLIES}
    out["all"] = np.array(np.sum(_first(results["mat"]).data()[0]) / 1e3)
    return out


def _first(result):  # type: ignore[no-untyped-def]
    return result[0] if isinstance(result, (list, tuple)) else result


def _shell_keV(result, outer_cm: float, bins: int) -> Floats:  # type: ignore[no-untyped-def]
    dose_eV_per_g = np.asarray(_first(result).data()[0], dtype=np.float64).ravel()
    edges = np.linspace(0.0, outer_cm, bins + 1)
    mass_g = 4.0 / 3.0 * np.pi * np.diff(edges**3)  # at 1.000 g/cm³
    return dose_eV_per_g * mass_g / 1e3


def write_water(simulation, name: str = "water.mat") -> None:  # type: ignore[no-untyped-def]
    """Water of PENELOPE's list, its density of 20 °C set to 1: the table is per mass."""
    if Path(name).exists():
        return
    simulation.materials.createListed(WATER, "listed.mat")
    lines = Path("listed.mat").read_text().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if "Mass density" in line)
    lines[at] = " Mass density = 1.00000000E+00 g/cm**3\n"
    Path(name).write_text("".join(lines))


def _geometry() -> str:
    line = "0" * 64 + "\n"
    text = "X" * 64 + "\nConcentric spheres of water\n" + line
    for n, radius in enumerate((CORE_cm, SHELL_cm, OUTSIDE_cm), 1):
        text += f"SURFACE ({n:4d})\nINDICES=( 1, 1, 1, 0,-1)\n"
        text += "".join(f"{axis}-SCALE=({radius:22.15E},   0)\n" for axis in "XYZ") + line
    for n in (1, 2, 3):
        text += f"BODY    ({n:4d})\nMATERIAL({n:4d})\nSURFACE ({n:4d}), SIDE POINTER=(-1)\n"
        text += f"BODY    ({n - 1:4d})\n" if n > 1 else ""
        text += line
    return text + "END      " + "0" * 55 + "\n"


def _lines(source: Source) -> str:
    """Spectrum file of discrete energies: bins of no width, with nothing between them."""
    rows: list[str] = []
    for energy_keV, weight in sorted(zip(source.energy_keV, source.weight, strict=True)):
        rows += [f"{energy_keV * 1e3:.8e} {weight:.8e}", f"{energy_keV * 1e3:.8e} 0.0"]
    rows[-1] = rows[-1].replace(" 0.0", " -1.0")  # the end of the list
    return "\n".join(rows) + "\n"


def _configuration(source: Source, histories: int, seed: int) -> str:
    cutoff_eV = source.electron_cutoff_keV * 1e3
    lines = [
        f"sources/generic/point/nhist {histories:d}",
        f'sources/generic/point/kpar "{source.particle}"',
        *ISOTROPIC_POINT,
        'tallies/mat/type "EDEP_MAT"',
        "tallies/mat/nmat 3",
        'geometry/type "PEN_QUADRIC"',
        'geometry/input-file "water.geo"',
        'geometry/processed-geo-file "report.geo"',
        "geometry/dsmax/1 0.01",
        "simulation/threads 1",
        f"simulation/seedPair {seed}",
        "simulation/ascii-results false",
        "simulation/finalDump false",
    ]
    for name, (outer_cm, bins) in TALLIES.items():
        lines += [
            f'tallies/{name}/type "SPHERICAL_DOSE_DISTRIB"',
            f"tallies/{name}/print-xyz true",
            f"tallies/{name}/rmin 0.0",
            f"tallies/{name}/rmax {outer_cm}",
            f"tallies/{name}/nr {bins}",
        ]
    for name, number, electron_eV, loss_eV in (
        ("core", 1, cutoff_eV, cutoff_eV),
        ("shell", 2, SHELL_ELECTRON_eV, SHELL_LOSS_eV),
        ("outside", 3, ONLY_PHOTONS_eV, SHELL_LOSS_eV),
    ):
        lines += [
            f"materials/{name}/number {number}",
            f"materials/{name}/eabs/electron {electron_eV}",
            f"materials/{name}/eabs/positron {electron_eV}",
            f"materials/{name}/eabs/gamma {ONLY_PHOTONS_eV if source.photons_local else PHOTON_eV}",
            f"materials/{name}/C1 0.05",
            f"materials/{name}/C2 0.05",
            f"materials/{name}/WCC {loss_eV}",
            f"materials/{name}/WCR {loss_eV}",
            f'materials/{name}/filename "water.mat"',
        ]
    if source.forcing > 1.0:
        for name, interaction in (("compton", COMPTON), ("photoelectric", PHOTOELECTRIC)):
            lines += [
                f'VR/IForcing/{name}/particle "gamma"',
                f"VR/IForcing/{name}/interaction {interaction}",
                f"VR/IForcing/{name}/factor {source.forcing}",
                f"VR/IForcing/{name}/min-weight 0.9",
                f"VR/IForcing/{name}/max-weight 2",
                f"VR/IForcing/{name}/bodies/1 true",
            ]
    return "\n".join(lines) + "\n"
