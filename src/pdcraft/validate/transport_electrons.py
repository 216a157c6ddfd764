"""Electron and positron tables against NIST's ESTAR and PENELOPE-2018.

What is compared is what the transport kernels read, put together again: stopping below the limit
plus hard collisions and photons, range, scattering less its inelastic part.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.material import Material
from pdcraft.transport.electron_data import ENERGY_keV, electron_data
from pdcraft.transport.electron_elastic import scattering
from pdcraft.transport.settings import Settings
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_rows

__all__ = ["cases", "comparison_materials", "full_stopping_MeV_cm2_per_g"]

SUITE = "transport"
ESTAR = "NIST ESTAR, I = 75 eV"
PENELOPE = "PENELOPE-2018 through pyPenred 1.15"
PARTICLES = ("electrons", "positrons")
MeV_cm2_per_g = 0.01  # of 1 keV/mm per g/mL
CONDENSED = Settings(hard_loss_keV=3000.0, hard_photon_keV=3000.0)  # no loss below 3 MeV is hard


def cases() -> Iterator[Case]:
    """Yield all cases: stopping, radiative losses, ranges, transport mean free paths."""
    yield from _estar()
    yield from _stopping()
    yield from _elastic()


@cache
def comparison_materials() -> dict[str, Material]:
    """Mass fractions that the references were made for; lung and bone of ICRU Report 44."""
    lung = {1: 0.103, 6: 0.105, 7: 0.031, 8: 0.749, 11: 0.002, 15: 0.002, 16: 0.003, 17: 0.003}
    bone = {1: 0.034, 6: 0.155, 7: 0.042, 8: 0.435, 11: 0.001, 12: 0.002, 15: 0.103, 16: 0.003}
    parts = {
        "water": ({1: 0.111894, 8: 0.888106}, 1.0, 75.0),
        "lung": (lung | {19: 0.002}, 0.26, 75.2),
        "bone": (bone | {20: 0.225}, 1.92, 112.0),
    }
    return {
        name: Material(name, tuple(fractions.items()), density, mean, "of the reference")
        for name, (fractions, density, mean) in parts.items()
    }


def _water(mean_excitation_eV: float) -> Material:
    fractions = comparison_materials()["water"].mass_fractions
    return Material("water", fractions, 1.0, mean_excitation_eV, "of the reference")


@cache
def full_stopping_MeV_cm2_per_g(mean_excitation_eV: float) -> tuple[Floats, Floats]:
    """Collision and radiative stopping power of water on the tables' nodes, (charges, nodes)."""
    soft = electron_data((_water(mean_excitation_eV),), CONDENSED)
    total = soft.stopping[:, 0] * MeV_cm2_per_g
    radiative = np.array([_radiative(mean_excitation_eV, charge) for charge in (0, 1)])
    return total - radiative, radiative


def _radiative(mean_excitation_eV: float, charge: int) -> Floats:
    from pdcraft.transport.electron_radiation import radiation

    table = radiation(_water(mean_excitation_eV), ENERGY_keV, CONDENSED.hard_photon_keV, 2)
    return table.stopping[charge] * MeV_cm2_per_g


def _at(energy_keV: float, values: Floats) -> float:
    return float(np.interp(np.log(energy_keV), np.log(ENERGY_keV), values))


def _estar() -> Iterator[Case]:
    collision, radiative = full_stopping_MeV_cm2_per_g(75.0)
    water = electron_data((_water(75.0),), Settings())
    for row in reference_rows("transport", "estar_water.csv"):
        energy = float(row["energy_keV"])
        for name, values, key, rel, why in (
            ("collision stopping MeV cm²/g", collision[0], "collision", 0.005, "required"),
            ("radiative stopping MeV cm²/g", radiative[0], "radiative", 0.005, "interpolation"),
            ("CSDA range g/cm²", water.csda_mm[0, 0] / 10.0, "csda_range", 0.01, "required"),
        ):
            if row[key]:
                label = f"electrons of {energy:g} keV in water: {name}"
                got, want = _at(energy, values), float(row[key])
                yield compare(SUITE, label, got, want, ESTAR, rel=rel, why=why)


def _stopping() -> Iterator[Case]:
    collision, _ = full_stopping_MeV_cm2_per_g(78.0)
    for row in reference_rows("transport", "penelope_water_stopping.csv"):
        energy = float(row["energy_keV"])
        if energy < 10.0:
            continue  # shell structure, which PENELOPE has below: 2% at 1 keV
        for charge, key in enumerate(("electron_collision", "positron_collision")):
            label = f"{PARTICLES[charge]} of {energy:g} keV in water: collision stopping MeV cm²/g"
            got, want = _at(energy, collision[charge]), float(row[key])
            why = "another density effect and oscillator model"
            yield compare(SUITE, label, got, want, PENELOPE, rel=0.005, why=why)


def _elastic() -> Iterator[Case]:
    rows = reference_rows("transport", "penelope_elastic.csv")
    for name, material in comparison_materials().items():
        for charge in (0, 1):
            mine = [r for r in rows if r["material"] == name and int(r["charge"]) == charge]
            sums = scattering(material, charge, np.array([float(r["energy_keV"]) for r in mine]))
            for i, row in enumerate(mine):
                for order, values in ((1, sums.first), (2, sums.second)):
                    label = (
                        f"{PARTICLES[charge]} of {row['energy_keV']} keV in {name}: inverse "
                        f"transport mean free path of order {order}, 1/mm per g/mL"
                    )
                    want = float(row[f"inverse_lambda{order}"])
                    why = "densities fitted to form factors, against Dirac-Fock densities"
                    got = float(values[i, -1])
                    yield compare(SUITE, label, got, want, PENELOPE, rel=0.005, why=why)
