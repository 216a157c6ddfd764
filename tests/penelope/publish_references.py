"""Write what ``pdcraft validate transport`` reads, from the outputs of `run_penelope`.

``python tests/penelope/publish_references.py`` needs nothing but Python. S in mGy/(MBq s) and
absorbed fractions with one standard error, beside the emissions that belong to them.
"""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

HERE = Path(__file__).parent
CASES = HERE.parents[1] / "src" / "pdcraft" / "validate" / "cases" / "transport"
mGy_PER_MBq_s = 1.602176634e-4  # of 1 keV per decay in 1 g

SPHERES = """\
# S of a uniform source to its own sphere, water 1.000 g/cm3 in infinite water, by radiation.
# "positron" holds kinetic energy and annihilation photons; "local": emissions below 1 keV.
# Emissions: penelope_emissions.csv (the same list must be fed to compare).
nuclide,radiation,mass_g,radius_cm,S_mGy_per_MBq_s,sigma
"""
VOXELS = """\
# S between voxels of 3 mm, water 1.000 g/cm3, uniform source in voxel (0, 0, 0), by radiation.
# "positron" holds kinetic energy and annihilation photons; "local": emissions below 1 keV.
# Emissions: penelope_emissions.csv (the same list must be fed to compare).
nuclide,radiation,voxel_mm,i,j,k,S_mGy_per_MBq_s,sigma
"""
MONO = """\
# Absorbed fraction of a uniform source in its own sphere, water 1.000 g/cm3 in infinite water.
# Positrons: "total" is all energy absorbed (kinetic energy and annihilation photons, transported)
# over the kinetic energy; "photons local": the same, every photon absorbed where it is born, so
# that 1022 keV lie where positrons end. Electrons, photons: "total" over the emitted energy.
particle,energy_keV,scored,mass_g,radius_cm,absorbed_fraction,sigma
"""
KERNELS = """\
# Energy absorbed within a radius around a point source in infinite water, per particle.
# Positrons: kinetic energy and annihilation photons; "photons local" as in the mono file.
particle,energy_keV,scored,radius_cm,absorbed_keV,sigma
"""


def rows(path: Path) -> tuple[str, list[dict[str, str]]]:
    """First line (code, version, settings) and the rows of a table."""
    lines = path.read_text().splitlines()
    return lines[0] + "\n", list(csv.DictReader(x for x in lines if not x.startswith("#")))


def mono_name(case: str) -> tuple[str, str, str] | None:
    """Particle, energy and what is scored, of a mono-energetic case."""
    words = case.split()
    if len(words) < 3:
        return None
    return words[0], words[1], "photons local" if "local" in words else "total"


def local_rows(absorbed: list[dict[str, str]], nuclides: list[str]) -> list[dict[str, str]]:
    """Rows of the energy that is absorbed where it is born, for every target it can reach."""
    with (HERE / "emissions.csv").open() as file:
        table = list(csv.DictReader(x for x in file if not x.startswith("#")))
    out: list[dict[str, str]] = []
    for nuclide in nuclides:
        kept = next(r for r in table if (r["nuclide"], r["radiation"]) == (nuclide, "local"))
        first = next(r["case"] for r in absorbed if r["case"].startswith(nuclide))
        for r in absorbed:
            self_voxel = r["radius_cm_or_offset"] in ("0 0 0",) or r["geometry"] == "sphere"
            if r["case"] == first and self_voxel:
                energy = {"absorbed_keV": kept["energy_keV"], "sigma_keV": "0", "per_decay": "1"}
                out.append({**r, **energy, "case": f"{nuclide} local"})
    return out


def main() -> None:
    """Write the four tables and copy the emissions."""
    made, absorbed = rows(HERE / "outputs" / "absorbed.csv")
    nuclides = sorted({r["case"].split()[0] for r in absorbed if mono_name(r["case"]) is None})
    spheres, voxels, mono = made + SPHERES, made + VOXELS, made + MONO
    for r in absorbed + local_rows(absorbed, nuclides):
        value, sigma = float(r["absorbed_keV"]), float(r["sigma_keV"])
        target, mass = r["radius_cm_or_offset"], float(r["mass_g"])
        single = mono_name(r["case"])
        if single is None:
            nuclide, radiation = r["case"].split()
            to_S = float(r["per_decay"]) * mGy_PER_MBq_s / mass
            end = f"{value * to_S:.6g},{sigma * to_S:.2g}\n"
            if r["geometry"] == "sphere":
                spheres += f"{nuclide},{radiation},{mass:.6g},{target},{end}"
            else:
                voxels += f"{nuclide},{radiation},3,{target.replace(' ', ',')},{end}"
        elif r["geometry"] == "sphere":
            energy = float(single[1])
            end = f"{value / energy:.6g},{sigma / energy:.2g}\n"
            mono += f"{','.join(single)},{mass:.6g},{target},{end}"
    made, found = rows(HERE / "outputs" / "kernels.csv")
    kernels = made + KERNELS
    for r in found:
        single = mono_name(r["case"])
        if single is not None and single[0] != "photon":
            end = f"{r['radius_cm']},{r['absorbed_keV']},{r['sigma_keV']}\n"
            kernels += f"{','.join(single)},{end}"
    CASES.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("nuclide_spheres", spheres),
        ("nuclide_voxels", voxels),
        ("mono_spheres", mono),
        ("kernels", kernels),
    ):
        (CASES / f"penelope_{name}.csv").write_text(text)
    shutil.copy(HERE / "emissions.csv", CASES / "penelope_emissions.csv")


if __name__ == "__main__":
    main()
