"""Run PENELOPE in bodies of quadrics: ``python tests/penelope/run_body.py``, four minutes.

Photons in a body of three tissues (electrons end where they are set free, as in kerma scoring), and
electrons from contents to a wall. Sources are even over a region; a point outside is drawn again.
Geometry and materials are pdcraft's own files.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from penelope_run import write_water

PACKAGE = Path(__file__).parents[2] / "src" / "pdcraft"
CASES = PACKAGE / "validate" / "cases" / "organs"
PHOTON_SOURCES = ("liver", "lungs", "skeleton", "thyroid")
WALLED_SOURCES = ("urinary_bladder_contents", "urinary_bladder_wall")
ONLY_PHOTONS_eV, PHOTON_eV, ELECTRON_eV = 9e6, 1e3, 10e3
# geometry, particle, sources, energies in keV, histories
RUNS = (
    ("quadric_body", "gamma", PHOTON_SOURCES, (30.0, 100.0, 364.0), 2_000_000),
    ("walled_body", "electron", WALLED_SOURCES, (200.0, 500.0, 1000.0), 100_000),
)
SEPARATOR = "0" * 64 + "\n"

Part = dict[str, Any]


def parts_of(spec: dict[str, Any]) -> list[tuple[str, str, Part]]:
    """Region, material and solid of every body of the geometry, in order."""
    return [
        (r["name"], r["material"], {"holds": r.get("holds", False), **p})
        for r in spec["region"]
        for p in r["parts"]
    ]


def box_of(part: Part) -> tuple[list[float], list[float], float]:
    """Center and half sides of the box around a solid, and the solid's volume in cm³."""
    if part["kind"] == "ellipsoid":
        volume = 4.0 / 3.0 * np.pi * float(np.prod(part["semi"]))
        return part["center"], part["semi"], volume
    low, high = part["z"]
    volume = np.pi * float(np.prod(part["semi"])) * (high - low)
    return [*part["center"], 0.5 * (low + high)], [*part["semi"], 0.5 * (high - low)], volume


class Geometry:
    """Text of a PENGEOM file, with its surfaces counted."""

    def __init__(self) -> None:
        self.text = "X" * 64 + "\nBody of quadrics\n" + SEPARATOR
        self.surfaces = 0
        self.planes: dict[float, int] = {}

    def surface(self, indices: str, scale: list[float], shift: list[float]) -> int:
        """Add a surface of reduced form; return its number."""
        self.surfaces += 1
        self.text += f"SURFACE ({self.surfaces:4d})\nINDICES=({indices})\n"
        for what, values, none in (("SCALE", scale, 1.0), ("SHIFT", shift, 0.0)):
            for axis, value in zip("XYZ", values, strict=True):
                if value != none:
                    self.text += f"{axis}-{what}=({value:22.15E},   0)\n"
        self.text += SEPARATOR
        return self.surfaces

    def plane(self, z: float) -> int:
        """Add a horizontal plane, once."""
        if z not in self.planes:
            self.planes[z] = self.surface(" 0, 0, 0, 1, 0", [1.0, 1.0, 1.0], [0.0, 0.0, z])
        return self.planes[z]

    def sides(self, part: Part) -> list[tuple[int, int]]:
        """Add the surfaces of a solid; return number and side of each."""
        if part["kind"] == "ellipsoid":
            return [(self.surface(" 1, 1, 1, 0,-1", part["semi"], part["center"]), -1)]
        tube = self.surface(" 1, 1, 0, 0,-1", [*part["semi"], 1.0], [*part["center"], 0.0])
        low, high = part["z"]
        return [(tube, -1), (self.plane(low), 1), (self.plane(high), -1)]


def geometry_of(parts: list[tuple[str, str, Part]], materials: list[str]) -> str:
    """Text of the geometry: a body that holds others lists all before it."""
    out = Geometry()
    sides = [out.sides(part) for _, _, part in parts]
    text = out.text
    for n, (_, name, part) in enumerate(parts, 1):
        text += f"BODY    ({n:4d})\nMATERIAL({materials.index(name) + 1:4d})\n"
        text += "".join(f"SURFACE ({i:4d}), SIDE POINTER=({s:2d})\n" for i, s in sides[n - 1])
        if part["holds"]:
            text += "".join(f"BODY    ({i:4d})\n" for i in range(1, n))
        text += SEPARATOR
    return text + "END      " + "0" * 55 + "\n"


def configuration(
    parts: list[tuple[str, str, Part]],
    materials: list[str],
    particle: str,
    source: str,
    energy_keV: float,
    histories: int,
    seed: int,
) -> str:
    """Text of PenRed's configuration: one source per solid, histories by volume."""
    mine = [n for n, (region, _, _) in enumerate(parts) if region == source]
    volumes = [box_of(parts[n][2])[2] for n in mine]
    lines: list[str] = []
    for n, volume in zip(mine, volumes, strict=True):
        center, half, _ = box_of(parts[n][2])
        s = f"sources/generic/s{n}"
        lines += [
            f"{s}/nhist {round(histories * volume / sum(volumes))}",
            f'{s}/kpar "{particle}"',
            f'{s}/direction/type "SOLID_ANGLE"',
            f"{s}/direction/u 0",
            f"{s}/direction/v 0",
            f"{s}/direction/w 1.0",
            f"{s}/direction/theta0 0.0",
            f"{s}/direction/theta1 180.0",
            f"{s}/direction/phi0 0.0",
            f"{s}/direction/dphi 360.0",
            f'{s}/energy/type "MONOENERGETIC"',
            f"{s}/energy/energy {energy_keV * 1e3}",
            f'{s}/spatial/type "BOX"',
            *(f"{s}/spatial/size/d{a} {2.0 * h}" for a, h in zip("xyz", half, strict=True)),
            *(f"{s}/spatial/position/{a} {c}" for a, c in zip("xyz", center, strict=True)),
            f"{s}/source-body {n}",  # counted from 0, unlike in the geometry
        ]
    slowest, hard = ONLY_PHOTONS_eV, PHOTON_eV
    if particle == "electron":
        slowest = hard = ELECTRON_eV
        lines += [f"geometry/dsmax/{n + 1} 0.01" for n in range(len(parts))]
    for n in range(1, len(materials) + 1):
        m = f"materials/m{n}"
        lines += [
            f"{m}/number {n}",
            *(f"{m}/eabs/{p} {slowest}" for p in ("electron", "positron")),
            f"{m}/eabs/gamma {PHOTON_eV}",
            *(f"{m}/{c} 0.05" for c in ("C1", "C2")),
            *(f"{m}/{w} {hard}" for w in ("WCC", "WCR")),
            f'{m}/filename "m{n}.mat"',
        ]
    return "\n".join(
        [
            *lines,
            'tallies/body/type "EDEP_BODY"',
            f"tallies/body/nbody {len(parts)}",
            'geometry/type "PEN_QUADRIC"',
            'geometry/input-file "body.geo"',
            'geometry/processed-geo-file "report.geo"',
            "simulation/threads 1",
            f"simulation/seedPair {seed}",
            "simulation/ascii-results false",
            "simulation/finalDump false",
            "",
        ]
    )


def run(
    spec: dict[str, Any],
    particle: str,
    source: str,
    energy_keV: float,
    histories: int,
    seed: int,
) -> tuple[dict[str, tuple[float, float]], float]:
    """Absorbed fraction and its standard error by region, and seconds of processor time.

    Writes PenRed's files to the working directory.
    """
    from pyPenred import simulation

    parts = parts_of(spec)
    materials = list(dict.fromkeys(name for _, name, _ in parts))
    known = tomllib.loads((PACKAGE / "data" / "materials.toml").read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in known["material"]}
    for n, name in enumerate(materials, 1):
        if name == "water":
            write_water(simulation, f"m{n}.mat")
            continue
        fractions = rows[name]["mass_fractions"]
        total = sum(fractions.values())
        if not Path(f"m{n}.mat").exists():  # I by additivity: for photons, which do not ask for it
            composition = [(known["elements"][e]["z"], w / total) for e, w in fractions.items()]
            density = rows[name]["density_g_per_mL"]
            simulation.materials.create(f"m{n}", density, composition, f"m{n}.mat")
    Path("body.geo").write_text(geometry_of(parts, materials))
    simulation.setConfigurationLog("configuration.log")
    simulation.setSimulationLog("simulation.log")
    simulator = simulation.create()
    simulator.configFromString(
        configuration(parts, materials, particle, source, energy_keV, histories, seed)
    )
    start = time.process_time()
    simulator.simulate()
    spent = time.process_time() - start
    found = simulator.getResults()["body"]
    found = found[0] if isinstance(found, (list, tuple)) else found
    mean, sigma = (np.asarray(a, dtype=np.float64).ravel() for a in found.data()[:2])
    out: dict[str, tuple[float, float]] = {}
    for n, (region, _, _) in enumerate(parts):  # what follows is no body of the geometry
        value, error = mean[n] / (1e3 * energy_keV), sigma[n] / (1e3 * energy_keV)
        before, other = out.get(region, (0.0, 0.0))
        out[region] = float(before + value), float(np.hypot(other, error))
    return out, spent


def table(name: str, particle: str, sources: tuple[str, ...], energies: Any, n: int) -> str:
    """Run all sources and energies of one geometry; return the text of its table."""
    spec = tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))
    lines: list[str] = []
    spent = 0.0
    seeds = iter(range(1, 1000))
    for source in sources:
        for energy in energies:
            found, cpu = run(spec, particle, source, energy, n, next(seeds))
            spent += cpu
            for target, (value, sigma) in found.items():
                lines.append(f"{source},{target},{energy:g},{value:.6g},{sigma:.2g}")
            sys.stderr.write(f"{source} {energy:g} keV: {cpu:.0f} s\n")
    ends = "electrons end at birth" if particle == "gamma" else "electrons end at 10 keV"
    header = (
        f"# Absorbed fractions of {particle}s in {name}.toml: PENELOPE-2018 through pyPenred "
        f"{version('pyPenred')}, own computation.\n"
        f"# {n:,} histories per source and energy, {ends}, photons followed to 1 keV; "
        f"{spent:.0f} s; made by tests/penelope/run_body.py. Apache-2.0.\n"
        "# sigma: standard error\n"
        "source,target,energy_keV,absorbed_fraction,sigma\n"
    )
    return header + "\n".join(lines) + "\n"


def main() -> None:
    """Write a table for each geometry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[name for name, *_ in RUNS])
    parser.add_argument("--histories", type=int, default=0)
    parser.add_argument("--out", type=Path, default=CASES)
    options = parser.parse_args()
    out = options.out.resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, particle, sources, energies, histories in RUNS:
            if options.only in (None, name):
                text = table(name, particle, sources, energies, options.histories or histories)
                (out / f"penelope_{name}.csv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
