"""Alpha particles in spheres and cells: ASTAR, chord theorems, equilibrium, published S values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pdcraft.data.alpha_stopping import alpha_stopping, water_alpha_ranges
from pdcraft.data.nuclides import nuclide
from pdcraft.data.radiation import Line
from pdcraft.dosimetry.alpha_tracks import alpha_sphere_keV
from pdcraft.dosimetry.nucleus_hits import Source
from pdcraft.dosimetry.specific_energy import multi_event, single_event, survival
from pdcraft.physics.constants import J_per_keV
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "cells"
ASTAR = "NIST ASTAR (ICRU Report 49), liquid water"
GATE = (
    "GATE simulation of the Ac-225 chain, cell of 5 um and nucleus of 4 um radius: EJNMMI Phys. 10 "
    "(2023), doi:10.1186/s40658-023-00564-5 (abstract read)"
)
GATE_WHY = (
    "that abstract finds MIRDcell, with ranges as here, 2.7 to 8.7% above its own Geant4 stopping "
    "powers; electrons (1 to 2%) are left out here"
)
# Gy per decay of Ac-225 with all its progeny, dose of the nucleus
GATE_S: dict[Source, float] = {"cell_surface": 0.167, "cell": 0.364}
NUCLEUS_um, CELL_um = 4.0, 5.0
um3_TO_kg = 1e-15


def cases() -> Iterator[Case]:
    """Yield the cases of alpha particles."""
    yield from _ranges()
    yield from _chords()
    yield from _equilibrium()
    yield from _published()
    yield from _sums()


def _ranges() -> Iterator[Case]:
    table = alpha_stopping()
    total = table["electronic_MeV_cm2_per_g"] + table["nuclear_MeV_cm2_per_g"]
    for energy in (1e3, 3e3, 5e3, 8e3):
        at = int(np.searchsorted(table["energy_keV"], energy))
        yield compare(
            SUITE,
            f"stopping power of water for alpha particles of {energy / 1e3:g} MeV, MeV cm2/g",
            10.0 * float(water_alpha_ranges().stopping(energy)),
            float(total[at]),
            ASTAR,
            rel=0.01,
            why="slope of ranges printed with four digits, nodes 5 to 10% apart",
        )


def _chords() -> Iterator[Case]:
    # of a 9.9 MeV particle in a nucleus of 0.2 um: the stopping power hardly changes
    small, energy = 0.2, 9900.0
    source = replace(nuclide("Po-212"), alpha=(Line("alpha", energy, 1.0),), recoil_keV=0.0)
    per_um = float(water_alpha_ranges().stopping(energy - 10.0))
    per_kg = J_per_keV / (4.0 / 3.0 * np.pi * small**3 * um3_TO_kg)
    inside = single_event(source, small, 0.3, "nucleus")
    yield compare(
        SUITE,
        "mean path in a sphere from points within it, in radii",
        inside.mean_Gy / per_kg / per_um / small,
        0.75,
        "three eighths of the mean square chord over the mean chord: 3/4",
        rel=2e-3,
        why="stopping power rises by 0.2% on the way",
    )
    surface = single_event(source, small, 0.3, "cell_surface")
    yield compare(
        SUITE,
        "hits of a nucleus by alpha particles from a surface, per decay",
        surface.hits_per_decay,
        0.5 * (1.0 - float(np.sqrt(1.0 - (small / 0.3) ** 2))),
        "solid angle of a sphere",
        rel=1e-9,
        why="closed form",
    )


def _equilibrium() -> Iterator[Case]:
    for name in ("At-211", "Ac-225", "Pb-212"):
        source = nuclide(name, "equilibrium")
        cell_um3 = 4.0 / 3.0 * np.pi * CELL_um**3
        around = single_event(source, NUCLEUS_um, CELL_um, "medium").dose_per_decay_Gy
        inside = single_event(source, NUCLEUS_um, CELL_um, "cell").dose_per_decay_Gy
        yield compare(
            SUITE,
            f"{name} with progeny, uniform in cell and medium: dose of the nucleus, Gy um3",
            around + cell_um3 * inside,
            source.alpha_keV * J_per_keV / um3_TO_kg,
            "equilibrium: emitted energy per mass",
            rel=2e-4,
            why="quadrature",
        )
        bare = replace(source, recoil_keV=0.0)
        per_kg = J_per_keV / (4.0 / 3.0 * np.pi * NUCLEUS_um**3 * um3_TO_kg)
        yield compare(
            SUITE,
            f"{name} with progeny in the nucleus: its dose from alpha particles, Gy per decay",
            single_event(source, NUCLEUS_um, CELL_um, "nucleus").dose_per_decay_Gy,
            alpha_sphere_keV(bare, 1e-3 * NUCLEUS_um) * per_kg,
            "the other way: deposits by distance and the geometric reduction factor of the sphere",
            rel=5e-4,
            why="lines within 25 keV count as one there",
        )


def _published() -> Iterator[Case]:
    source = nuclide("Ac-225", "equilibrium")
    for place, reference in GATE_S.items():
        yield compare(
            SUITE,
            f"Ac-225 chain, from {place}: S of the nucleus from alpha particles, Gy/(Bq s)",
            single_event(source, NUCLEUS_um, CELL_um, place).dose_per_decay_Gy,
            reference,
            GATE,
            rel=0.09,
            why=GATE_WHY,
        )


def _sums() -> Iterator[Case]:
    single = single_event(nuclide("At-211"), NUCLEUS_um, CELL_um, "cell_surface")
    dose, z0 = 1.0, 1.0
    many = multi_event(single, dose)
    kept = float(single.probability @ np.exp(-single.z_Gy / z0))
    yield compare(
        SUITE,
        "At-211 on the surface, 1 Gy: variance of specific energy, Gy2",
        many.sd_Gy**2,
        dose * single.dose_mean_Gy,
        "Kellerer and Rossi: dose times the dose mean of single events",
        rel=1e-4,
        why="grid of 2000 values",
    )
    yield compare(
        SUITE,
        "At-211 on the surface, 1 Gy: surviving share with z0 = 1 Gy",
        survival(many, 1.0 / z0),
        float(np.exp(-many.mean_events * (1.0 - kept))),
        "Laplace transform of single events, no convolution",
        rel=1e-8,
        why="round-off",
    )
