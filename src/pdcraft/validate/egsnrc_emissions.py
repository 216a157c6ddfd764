"""The emissions that the EGSnrc references were made with, as groups for the transport."""

from __future__ import annotations

from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.transport.emissions import Group
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.transport.tally import AUGER, BETA, PHOTON
from pdcraft.validate.tables import reference_rows

__all__ = [
    "BINS_LACK_keV",
    "SOFT_keV",
    "beta_lines",
    "conversion_and_auger",
    "electron_bins",
    "line",
    "photons",
]

#: Electrons below 1 keV, per decay, absorbed on the spot. I-125: printed with the reference. I-131:
#: in proportion to the Auger electrons of 2 to 5 keV (2.363 per decay of I-125, 0.0593 of I-131).
SOFT_keV = {"I-125": 2.37, "I-131": 2.37 * 0.0593 / 2.363, "Y-90": 0.0}

#: What the middles of 1 keV bins are below the energies emitted, per decay: conversion electrons of
#: 3.68 keV lie in the bin of 3 to 4 keV. Told by the reference's sphere of 100 g, which absorbs all
#: electrons (19.946 keV); too short-ranged to matter where they are.
BINS_LACK_keV = {"I-125": 19.946 - 17.377 - 2.37}

LOWEST_BETA_keV = 6.0  # the program's own beta spectrum of I-131 begins there
NEIGHBORS, PEAK_SIGMA = 6, 5.0
DECAYS = {"I-131": 680_261}


def line(particle: int, energy_keV: float) -> tuple[Group, ...]:
    """One particle of one energy per decay."""
    row = PHOTON if particle == PHOTON_PARTICLE else BETA
    return (Group(particle, row, np.array([energy_keV]), np.zeros(1), np.ones(1)),)


@cache
def _rows(nuclide: str, kind: str) -> tuple[Floats, Floats]:
    rows = reference_rows("transport", f"egsnrc_emissions_{nuclide}.csv")
    mine = [row for row in rows if row["kind"] == kind]
    energy = np.array([1e3 * float(row["E_MeV"]) for row in mine])
    return energy, np.array([float(row["yield_per_decay"]) for row in mine])


def photons(nuclide: str) -> tuple[Group, ...]:
    """All photon lines."""
    energy, number = _rows(nuclide, "photon")
    return (Group(PHOTON_PARTICLE, PHOTON, energy, np.zeros_like(energy), number),)


def electron_bins(nuclide: str) -> tuple[Group, ...]:
    """All electrons, in bins of 1 keV."""
    return _bins(*_rows(nuclide, "electron_1keV_bin"), row=BETA)


def beta_lines(nuclide: str) -> tuple[Group, ...]:
    """Return the declared beta spectrum: one beta per decay on lines 1 keV apart."""
    rows = reference_rows("transport", f"egsnrc_beta_{nuclide}.csv")
    energy = np.array([1e3 * float(row["E_MeV"]) for row in rows])
    number = np.array([float(row["prob"]) for row in rows])
    return (Group(ELECTRON, BETA, energy, np.zeros_like(energy), number),)


def conversion_and_auger(nuclide: str) -> tuple[Group, ...]:
    """Conversion and Auger electrons: the peaks of the sampled spectrum above its continuum."""
    energy, number = _rows(nuclide, "electron_1keV_bin")
    around = np.array(
        [np.median(number[max(0, i - NEIGHBORS) : i + NEIGHBORS + 1]) for i in range(len(number))]
    )
    around[energy < LOWEST_BETA_keV] = 0.0
    noise = np.sqrt(np.maximum(around, 1.0 / DECAYS[nuclide]) / DECAYS[nuclide])
    peak = number - around > PEAK_SIGMA * noise
    return _bins(energy[peak], (number - around)[peak], row=AUGER)


def _bins(middle_keV: Floats, number: Floats, row: int) -> tuple[Group, ...]:
    return (Group(ELECTRON, row, middle_keV - 0.5, np.ones_like(middle_keV), number),)
