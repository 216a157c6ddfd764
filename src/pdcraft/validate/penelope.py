"""Photons, positrons, electrons and nuclides in water against PENELOPE-2018 (pyPenred).

An opt-in suite: its runs take minutes. Inputs, seeds and outputs of the reference are committed
beside its tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

import numpy as np

from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV
from pdcraft.transport.emissions import Group
from pdcraft.transport.settings import settings_for
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE, POSITRON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON, POSITRON
from pdcraft.validate.case import Case
from pdcraft.validate.decide import decide
from pdcraft.validate.point_runs import COARSE, LIKE_EGSNRC, Reader, Run
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "penelope"
PENELOPE = "PENELOPE-2018 through pyPenred 1.15.2.0, I = 78 eV, 1.000 g/mL"
SAME = "the same emissions, I and density; photoelectric cross sections normalized, as there"
I_eV = 78.0
WITHIN = 0.01
VOXEL_NEAR, VOXEL_FAR = 0.01, 0.03
EVERY_mm = 1e9
FINE_mm = 0.3  # tracks of I-125, too, end well within their ranges
PARTICLE = {
    "electron": (ELECTRON, BETA),
    "positron": (POSITRON_PARTICLE, POSITRON),
    "photon": (PHOTON_PARTICLE, PHOTON),
}
#: attenuation of water by energy, 1/mm: how far the near runs of photons follow electrons
THIN_mm = {15.0: 0.2, 30.0: 0.9, 60.0: 1.6, 100.0: 1.9, 200.0: 2.4, 511.0: 3.4, 1000.0: 4.7,
           2000.0: 6.7}  # fmt: skip
FAR = Run(EVERY_mm, 4_000_000, 0.0, COARSE)
#: Every photon is absorbed where it is born.
PHOTONS_AT_REST = replace(LIKE_EGSNRC, photon_cutoff_keV=3000.0)


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield mono-energetic sources, then nuclides in spheres, then in voxels."""
    yield from _mono(full)
    yield from _nuclides(full)
    yield from _voxels(full)


def _runs(particle: str, scored: str, keV: float) -> tuple[Run, ...]:
    if particle == "photon":
        return (Run(1.0, 600_000, THIN_mm.get(keV, 1.0)), FAR)
    near = (Run(0.1, 120_000, 0.25), Run(1.0, 40_000, 2.0))
    if scored == "photons local":
        return tuple(replace(r, settings=PHOTONS_AT_REST) for r in (*near, Run(EVERY_mm, 10_000)))
    if particle == "positron":
        return (*near, Run(5.0, 20_000), Run(EVERY_mm, 200_000, 0.0, COARSE))
    return (*near, Run(EVERY_mm, 10_000))


def _line(particle: str, keV: float) -> tuple[Group, ...]:
    return (Group(*PARTICLE[particle], np.array([keV]), np.zeros(1), np.ones(1)),)


def _mono(full: bool) -> Iterator[Case]:
    def source(row: dict[str, str]) -> tuple[str, float, str]:
        return row["particle"], float(row["energy_keV"]), row["scored"]

    points = [
        (key, list(rows))
        for key, rows in groupby(reference_rows("transport", "penelope_kernels.csv"), key=source)
    ]
    kernels = dict(points)
    rows = reference_rows("transport", "penelope_mono_spheres.csv")
    for (particle, keV, scored), group in groupby(rows, key=source):
        runs = _runs(particle, scored, keV)
        read = Reader(_line(particle, keV), runs, I_eV, full)
        what = f"{particle}s of {keV:g} keV" + (", photons local" if scored != "total" else "")
        for row in group:
            radius = 10.0 * float(row["radius_cm"])
            found = read.absorbed_keV(radius)
            if found is not None:
                want = float(row["absorbed_fraction"]), float(row["sigma"])
                name = f"{what} in a sphere of {radius:g} mm: absorbed over emitted energy"
                yield _judge(name, (found[0] / keV, found[1] / keV), want)
        for row in kernels.get((particle, keV, scored), [])[5::6]:
            radius = 10.0 * float(row["radius_cm"])
            found = read.within_keV(radius)
            if found is not None:
                want = float(row["absorbed_keV"]), float(row["sigma"])
                yield _judge(f"{what} at a point: keV within {radius:g} mm", found, want)


def _judge(
    name: str, value: tuple[float, float], want: tuple[float, float], rel: float = WITHIN
) -> Case:
    return decide(SUITE, name, value, want, PENELOPE, rel=rel, why=SAME)


def _emitted(nuclide: str, radiation: str) -> tuple[tuple[Group, ...], float]:
    """One particle of a radiation, and their number per decay: no chance in how many there are."""
    mine = [
        row
        for row in reference_rows("transport", "penelope_emissions.csv")
        if (row["nuclide"], row["radiation"]) == (nuclide, radiation)
    ]
    energy = np.array([float(row["energy_keV"]) for row in mine])
    number = np.array([float(row["per_decay"]) for row in mine])
    total = float(number.sum())
    return (Group(*PARTICLE[radiation], energy, np.zeros_like(energy), number / total),), total


def _nuclides(full: bool) -> Iterator[Case]:
    rows = reference_rows("transport", "penelope_nuclide_spheres.csv")
    for (nuclide, radiation), group in groupby(rows, key=lambda r: (r["nuclide"], r["radiation"])):
        if radiation == "local":
            continue
        one, number = _emitted(nuclide, radiation)
        read = Reader(one, _runs(radiation, "total", 0.0), I_eV, full)
        for row in group:
            radius, to_S = 10.0 * float(row["radius_cm"]), S_UNIT_mGy_g_per_MBq_s_keV
            to_S *= number / float(row["mass_g"])
            found = read.absorbed_keV(radius)
            if found is not None:
                name = f"S of {nuclide}, {radiation}s, in a sphere of {radius:g} mm, mGy/(MBq s)"
                want = float(row["S_mGy_per_MBq_s"]), float(row["sigma"])
                yield _judge(name, (found[0] * to_S, found[1] * to_S), want)


def _voxels(full: bool) -> Iterator[Case]:
    from pdcraft.dosimetry.voxel_kernel import voxel_kernel_of_groups

    rows = reference_rows("transport", "penelope_nuclide_voxels.csv")
    for (nuclide, radiation), group in groupby(rows, key=lambda r: (r["nuclide"], r["radiation"])):
        if radiation == "local":
            continue
        one, number = _emitted(nuclide, radiation)
        found = voxel_kernel_of_groups(
            one,
            3.0,
            extent=2,
            water_I_eV=I_eV,
            precision=0.0024,
            max_histories=2_000_000 if full else 100_000,
            settings=replace(settings_for(FINE_mm), photoelectric="normalized"),
        )
        at = {offset: i for i, offset in enumerate(found.offsets)}
        for row in group:
            low, middle, high = sorted(int(row[axis]) for axis in "ijk")
            i = at[low, middle, high]
            value = number * float(found.S_mGy_per_MBq_s[i]), number * float(found.std_err[i])
            want = float(row["S_mGy_per_MBq_s"]), float(row["sigma"])
            name = f"S of {nuclide}, {radiation}s, 3 mm voxels, to ({high}, {middle}, {low})"
            near = (low, middle, high) in ((0, 0, 0), (0, 0, 1))
            yield _judge(name, value, want, VOXEL_NEAR if near else VOXEL_FAR)
