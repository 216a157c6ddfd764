"""Decay data: emission sums, half-lives, gamma lines, beta means and chains, against other sources.

Differences between evaluations that are larger than the rule are listed in the reference files with
their reason and their width; everything else must keep the rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from pdcraft.data.chains import decays_per_parent_decay
from pdcraft.data.emissions import electron_keV, photon_keV
from pdcraft.data.nuclides import nuclide
from pdcraft.physics.beta import mean_energy_keV
from pdcraft.physics.decay import chain_decays
from pdcraft.validate.case import Case, compare
from pdcraft.validate.tables import reference_toml

__all__ = ["cases"]

SUITE = "nuclides"
ICRP = "ICRP Publication 107, Ann. ICRP 38(3), 2008"
SECOND = "UKDD-12 (2012), as in actigamma 0.1.5"
CHAINS = "radioactivedecay 0.6.1, high-precision mode"
SUMS_WITHIN = 1.0  # per cent, of electrons and of photons
ALPHA_WITHIN = 0.3  # of alpha particles, whose energies are known to 0.1%
HALF_LIFE_WITHIN = 0.5
LINES_WITHIN = 2.0
MEANS_WITHIN = 0.5


def cases() -> Iterator[Case]:
    """Yield all cases of the suite."""
    yield from _sums()
    yield from _lines()
    yield from _means()
    yield from _chains()


def _judged(
    name: str,
    value: float,
    reference: float,
    source: str,
    rule_percent: float,
    listed: Mapping[str, Any] | None,
    why: str,
) -> Case:
    """Judge by the rule, or by the width of a listed difference between evaluations."""
    if listed:
        why = f"listed difference of evaluations ({100 * (value / reference - 1):+.1f}%): " + str(
            listed["why"]
        )
    percent: float = listed["within_percent"] if listed else rule_percent
    return compare(SUITE, name, value, reference, source, rel=percent / 100, why=why)


def _sums() -> Iterator[Case]:
    table = reference_toml("nuclides", "icrp107.toml")
    listed = {(d["name"], d["kind"]): d for d in table["difference"]}
    slower = {d["name"]: d for d in table["half_life_difference"]}
    for row in table["sums"]:
        name: str = row["name"]
        source = nuclide(name, row.get("progeny", "none"))
        sums = {
            "electron": electron_keV(source),
            "photon": photon_keV(source),
            "alpha": source.alpha_keV,
        }
        for kind, value in sums.items():
            reference: float = row.get(f"{kind}_keV", 0.0)
            label = f"{name} {kind}s, keV per decay"
            if reference:
                difference = listed.get((name, kind))
                why = "agreement of evaluations"
                within = ALPHA_WITHIN if kind == "alpha" else SUMS_WITHIN
                yield _judged(label, value, reference, ICRP, within, difference, why)
        yield _judged(
            f"{name} half-life, h",
            source.half_life_h,
            row["half_life_h"],
            ICRP,
            HALF_LIFE_WITHIN,
            slower.get(name),
            "measurements since 2008",
        )


def _lines() -> Iterator[Case]:
    for row in reference_toml("nuclides", "gamma_lines.toml")["lines"]:
        gammas = [x for x in nuclide(row["name"], "none").photons if x.kind == "gamma"]
        nearest = min(gammas, key=lambda x: abs(x.energy_keV - row["energy_keV"]))
        yield _judged(
            f"{row['name']} gamma {row['energy_keV']:.4g} keV, per decay",
            nearest.per_decay,
            row["per_decay"],
            SECOND,
            LINES_WITHIN,
            row if "why" in row else None,
            "spread of evaluations",
        )


def _means() -> Iterator[Case]:
    for row in reference_toml("nuclides", "beta_means.toml")["means"]:
        betas = [b for b in nuclide(row["name"], "none").beta if b.charge == row["charge"]]
        b = min(betas, key=lambda b: abs(b.end_point_keV - row["end_point_keV"]))
        yield _judged(
            f"{row['name']} beta {b.charge} to {b.end_point_keV:.5g} keV, mean, keV",
            mean_energy_keV(b.end_point_keV, b.daughter_z, b.a, b.charge, b.shape),
            row["mean_keV"],
            row["source"],
            MEANS_WITHIN,
            row if "why" in row else None,
            "end points and radii of the sources",
        )


def _chains() -> Iterator[Case]:
    for row in reference_toml("nuclides", "chains.toml")["chains"]:
        yield compare(
            SUITE,
            f"{row['members']}: decays of the last in {row['time_h']:g} h, per atom of the first",
            row["branching"] * float(chain_decays(row["half_life_h"], row["time_h"])),
            row["decays"],
            CHAINS,
            rel=1e-7,
            why="cancellation in Bateman's formula, printed digits",
        )
    for parent, daughter, branching in (("I-131", "Xe-131m", 0.01086), ("Zr-89", "Y-89m", 0.99873)):
        yield compare(
            SUITE,
            f"{daughter} per decay of {parent}, all decays",
            float(decays_per_parent_decay(parent, inf)[daughter]),
            branching,
            "DDEP: feeding of the level",
            rel=1e-4,
            why="digits of the table",
        )
