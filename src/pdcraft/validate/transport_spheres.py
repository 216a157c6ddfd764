"""Spheres of water in water against EGSnrc: absorbed fractions and S values of whole nuclides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import groupby

from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV
from pdcraft.transport.emissions import Group
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.validate.case import Case
from pdcraft.validate.decide import decide
from pdcraft.validate.egsnrc_emissions import (
    BINS_LACK_keV,
    SOFT_keV,
    beta_lines,
    conversion_and_auger,
    electron_bins,
    line,
    photons,
)
from pdcraft.validate.point_runs import COARSE, Reader, Run
from pdcraft.validate.tables import reference_rows

__all__ = ["cases"]

SUITE = "transport"
EGSNRC = "EGSnrc, I = 75 eV, 1.000 g/mL"
LIKE = "the same emissions, I and density; photoelectric cross sections normalized, as EGSnrc has"
WITHIN, WITHIN_SMALL_I125 = 0.01, 0.02
SMALL_mm = 0.02
EVERY_mm = 1e9
I_eV = 75.0

FRACTIONS: dict[tuple[str, float], tuple[Run, ...]] = {
    ("electron", 30.0): (Run(EVERY_mm, 20_000),),
    ("electron", 100.0): (Run(0.05, 60_000, 0.15), Run(EVERY_mm, 20_000)),
    ("electron", 500.0): (
        Run(0.1, 260_000, 0.2, full=True),
        Run(1.0, 50_000, 2.0, full=True),
        Run(EVERY_mm, 6_000),
    ),
    ("electron", 2000.0): (
        Run(0.2, 500_000, 0.4, full=True),
        Run(2.0, 20_000, 4.0, full=True),
        Run(EVERY_mm, 10_000, full=True),
    ),
    ("photon", 27.4): (
        Run(1.0, 3_000_000, 0.7, full=True),
        Run(EVERY_mm, 1_000_000, 0.0, COARSE),
    ),
    ("photon", 80.0): (
        Run(1.0, 3_200_000, 2.0, full=True),
        Run(EVERY_mm, 4_000_000, 0.0, COARSE, full=True),
    ),
    ("photon", 364.0): (
        Run(1.0, 2_500_000, 3.0, full=True),
        Run(EVERY_mm, 4_000_000, 0.0, COARSE, full=True),
    ),
}
PARTICLE = {"electron": ELECTRON, "photon": PHOTON_PARTICLE}


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield absorbed fractions, then S values."""
    yield from _fractions(full)
    yield from _s_values(full)


def _fractions(full: bool) -> Iterator[Case]:
    rows = reference_rows("transport", "egsnrc_sphere_fractions.csv")
    for (particle, MeV), group in groupby(rows, key=lambda r: (r["particle"], r["E_MeV"])):
        keV = round(1e3 * float(MeV), 6)
        read = Reader(line(PARTICLE[particle], keV), FRACTIONS[particle, keV], I_eV, full)
        for row in group:
            radius = 10.0 * float(row["radius_cm"])
            found = read.absorbed_keV(radius)
            if found is None:
                continue
            want = float(row["phi_self"])
            yield decide(
                SUITE,
                f"absorbed fraction, {particle}s of {keV:g} keV in a sphere of {radius:g} mm",
                (found[0] / keV, found[1] / keV),
                (want, 0.01 * float(row["rel_unc_pct"]) * want),
                EGSNRC,
                rel=WITHIN,
                why=LIKE if particle == "photon" else "the same I and density",
            )


ELECTRONS = (Run(0.1, 150_000, 0.2, full=True), Run(EVERY_mm, 140_000, full=True))
PHOTONS_FAR = Run(EVERY_mm, 4_000_000, 0.0, COARSE, full=True)
Part = tuple[str, Callable[[], tuple[Group, ...]], float, tuple[Run, ...]]
#: column of the reference, emissions, keV absorbed on the spot, runs
PARTS: dict[str, tuple[Part, ...]] = {
    "I-125": (
        (
            "S_electron",
            lambda: electron_bins("I-125"),
            SOFT_keV["I-125"] + BINS_LACK_keV["I-125"],
            (Run(EVERY_mm, 120_000),),
        ),
        (
            "S_photon",
            lambda: photons("I-125"),
            0.0,
            (Run(1.0, 1_500_000, 1.0, full=True), PHOTONS_FAR),
        ),
    ),
    "Y-90": (
        ("S_electron", lambda: electron_bins("Y-90"), 0.0, (Run(EVERY_mm, 70_000, full=True),)),
    ),
    "I-131": (
        ("S_beta", lambda: beta_lines("I-131"), 0.0, ELECTRONS),
        (
            "S_CE_Auger",
            lambda: conversion_and_auger("I-131"),
            SOFT_keV["I-131"],
            (Run(EVERY_mm, 60_000, full=True),),
        ),
        (
            "S_photon",
            lambda: photons("I-131"),
            0.0,
            (Run(1.0, 3_000_000, 3.0, full=True), PHOTONS_FAR),
        ),
    ),
}


def _s_values(full: bool) -> Iterator[Case]:
    for table in ("egsnrc_sphere_S.csv", "egsnrc_sphere_S_I-131.csv"):
        for nuclide, group in groupby(
            reference_rows("transport", table), key=lambda r: r["nuclide"]
        ):
            readers = {
                column: Reader(emitted(), runs, I_eV, full, soft)
                for column, emitted, soft, runs in PARTS[nuclide]
            }
            for row in group:
                yield from _s_of(nuclide, row, readers)


def _s_of(nuclide: str, row: dict[str, str], readers: dict[str, Reader]) -> Iterator[Case]:
    radius, mass = 10.0 * float(row["radius_cm"]), float(row["mass_g"])
    small = nuclide == "I-125" and radius <= SMALL_mm
    total = variance = 0.0
    whole = True
    for column, reader in readers.items():
        found = reader.absorbed_keV(radius)
        if found is None:
            whole = False
            continue
        total += found[0]
        variance += found[1] ** 2
        to_S = S_UNIT_mGy_g_per_MBq_s_keV / mass
        error = row.get(_error_of(column)) or row["unc_pct"]
        yield _judge(nuclide, column, radius, found, to_S, float(row[column]), float(error), small)
    if whole and len(readers) > 1:
        to_S = S_UNIT_mGy_g_per_MBq_s_keV / mass
        want, error = float(row["S_total_mGy_per_MBq_s"]), float(row["total_pct"])
        found = total, variance**0.5
        yield _judge(nuclide, "S_total", radius, found, to_S, want, error, small)


def _error_of(column: str) -> str:
    return f"{column[2:]}_pct"


def _judge(
    nuclide: str,
    column: str,
    radius_mm: float,
    found: tuple[float, float],
    to_S: float,
    want: float,
    error_pct: float,
    small: bool,
) -> Case:
    return decide(
        SUITE,
        f"{column.replace('_', ' ')} of {nuclide} in a sphere of {radius_mm:g} mm, mGy/(MBq s)",
        (found[0] * to_S, found[1] * to_S),
        (want, 0.01 * error_pct * want),
        EGSNRC,
        rel=WITHIN_SMALL_I125 if small else WITHIN,
        why=LIKE,
    )
