"""Specific absorbed fractions of a body: every source, every target, photons and electrons.

Photons score kerma, as the tables that this family of bodies is known by do. Where a pair of soft
tissues is known to worse than 2 %, its photon fraction is the mean of both directions (reciprocity:
the fraction per mass is nearly the same when source and target change places), each weighted by the
mass that it scores in.

References
----------
.. [Cri83] M. Cristy, Phys. Med. Biol. 28, 1289 (1983): reciprocity in a heterogeneous body.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.core.body_fractions import BodyFractions, Fractions, MarrowKerma
from pdcraft.transport.bodies import (
    MARROW,
    SKELETON,
    BodyTally,
    BodyTransport,
    marrow_bins_keV,
    prepare_body,
)
from pdcraft.transport.emissions import mono
from pdcraft.transport.history import Source
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON

__all__ = [
    "ELECTRON_keV",
    "Histories",
    "PHOTON_keV",
    "both_ways",
    "compute_fractions",
    "settings_of",
    "sources_of",
]

PHOTON_keV = (
    5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0, 500.0, 700.0,
    1000.0, 1500.0, 2000.0, 3000.0,
)  # fmt: skip
ELECTRON_keV = (
    10.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0, 500.0, 700.0, 1000.0, 1500.0, 2000.0,
    3000.0,
)  # fmt: skip
SOFT_PHOTON_keV = 18.0  # below, few photons leave a source, and all are done soon: more of them
RECIPROCAL_BEYOND = 0.02  # relative standard error
BATCHES = 20
Report = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Histories:
    """Histories per source and energy."""

    photon: int = 1_000_000
    soft_photon: int = 2_000_000
    electron: int = 60_000


def settings_of(body: Body) -> Settings:
    """Limits of the electrons: small beside the walls of a human's or a mouse's organs."""
    cutoff = 10.0 if body.host == "human" else 2.0
    return Settings(0.1, 0.1, cutoff, cutoff, cutoff, 1.0)


def sources_of(body: Body) -> tuple[str, ...]:
    """Name the sources that are run: regions, bones together, red marrow if its place is known."""
    bones = body.groups.get(SKELETON, ())
    names = [r for r in body.regions if r not in bones]
    if bones:
        names.append(SKELETON)
    if body.red_marrow:
        names.append(MARROW)
    return tuple(names)


def compute_fractions(
    body: Body,
    histories: Histories | None = None,
    *,
    sources: Iterable[str] | None = None,
    secondaries: bool = False,
    seed: int = 1,
    threads: int | None = None,
    progress: Report | None = None,
) -> BodyFractions:
    """Transport photons and electrons of all energies from all sources.

    Parameters
    ----------
    body : Body
    histories : Histories, optional
    sources : iterable of str, optional
        All of `sources_of` without it.
    secondaries : bool
        Transport the electrons that photons set free instead of scoring kerma.
    """
    histories = histories or Histories()
    names = tuple(sources) if sources is not None else sources_of(body)
    prepared = prepare_body(body, secondaries=secondaries)
    mass = body.own_mass_g
    shape = (len(names), len(body.regions))
    steps = len(names) * (len(PHOTON_keV) + len(ELECTRON_keV))
    done = 0

    def run(source: Source, name: str, particle: int, row: int, energy: float, n: int) -> BodyTally:
        nonlocal done
        tally = prepared.run(
            name,
            mono(particle, row, energy),
            histories=n,
            batches=BATCHES,
            source=source,
            settings=settings_of(body),
            seed=seed,
            threads=threads,
        )
        done += 1
        if progress:
            progress(done / steps, f"{body.name}: {name}, {energy:g} keV")
        return tally

    photon = np.zeros((2, len(PHOTON_keV), *shape))
    electron = np.zeros((2, len(ELECTRON_keV), *shape))
    bins = prepared.marrow.bins
    marrow = np.zeros((len(PHOTON_keV), len(names), bins))
    marrow_err = np.zeros((len(PHOTON_keV), len(names)))
    for i, name in enumerate(names):
        source = prepared.source(name)
        for k, energy in enumerate(PHOTON_keV):
            n = histories.photon if energy > SOFT_PHOTON_keV else histories.soft_photon
            tally = run(source, name, PHOTON_PARTICLE, PHOTON, energy, n)
            photon[:, k, i] = np.array([tally.energy_keV, tally.std_err_keV]) / (energy * mass)
            marrow[k, i] = tally.marrow_keV_per_g / energy
            marrow_err[k, i] = tally.marrow_std_err_keV_per_g / energy
        for k, energy in enumerate(ELECTRON_keV):
            tally = run(source, name, ELECTRON, BETA, energy, histories.electron)
            electron[:, k, i] = np.array([tally.energy_keV, tally.std_err_keV]) / (energy * mass)
    electron[0] = np.maximum(electron[0], 0.0)  # straggling can leave a stray negative deposit
    source_mass = np.array([_source_mass_g(prepared, name) for name in names])
    table = BodyFractions(
        body.name,
        names,
        body.regions,
        mass,
        source_mass,
        Fractions(np.array(PHOTON_keV), photon[0], photon[1]),
        Fractions(np.array(ELECTRON_keV), electron[0], electron[1]),
        MarrowKerma(marrow_bins_keV(), marrow, marrow_err) if bins else None,
        f"pdcraft.transport.body_fractions, {histories.photon} photons ({histories.soft_photon} "
        f"below {SOFT_PHOTON_keV:g} keV) and {histories.electron} electrons per source and energy, "
        f"seed {seed}",
    )
    return both_ways(table, body)


def _source_mass_g(prepared: BodyTransport, name: str) -> float:
    body = prepared.body
    if name == MARROW:
        members = tuple(body.index(region) for region in body.red_marrow)
    else:
        members = body.members(name)
    return float(body.own_mass_g[list(members)].sum())


def both_ways(table: BodyFractions, body: Body) -> BodyFractions:
    """Photon fractions of badly known pairs of soft tissue: the mean of both directions.

    Weights are the masses scored in, which do not depend on the outcome: no estimate is preferred
    for being low.
    """
    value = np.array(table.photon.per_g)
    error = np.array(table.photon.std_err_per_g)
    soft = body.materials[body.index("remainder")]
    pairs = [
        (i, j)
        for i, source in enumerate(table.sources)
        for j, target in enumerate(table.targets)
        if source != target
        and source in table.targets
        and target in table.sources
        and body.materials[body.index(source)] == body.materials[j] == soft
    ]
    for i, j in pairs:
        other = table.sources.index(table.targets[j]), table.targets.index(table.sources[i])
        there: Floats = table.photon.per_g[:, i, j]
        back: Floats = table.photon.per_g[:, other[0], other[1]]
        err_there = table.photon.std_err_per_g[:, i, j]
        err_back = table.photon.std_err_per_g[:, other[0], other[1]]
        a, b = table.target_mass_g[j], table.target_mass_g[other[1]]
        poor = err_there > RECIPROCAL_BEYOND * there
        poor |= there == 0.0
        value[poor, i, j] = ((a * there + b * back) / (a + b))[poor]
        error[poor, i, j] = (np.hypot(a * err_there, b * err_back) / (a + b))[poor]
    photon = Fractions(table.photon.energy_keV, value, error)
    return replace(table, photon=photon)
