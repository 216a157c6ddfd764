"""What must hold for the shipped absorbed fractions, where no published table is at hand.

Slow electrons stay where they start, self-irradiation per gram falls as a child grows; and how far
the convention of half the contents' dose is from transported electrons. Part of the organs suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.body_fractions import BodyFractions
from pdcraft.data.body_fractions import body_fractions
from pdcraft.validate.case import Case
from pdcraft.validate.decide import show

__all__ = ["cases", "half_contents_ratio"]

SUITE = "organs"
OWN = "own transport; no published table"
GROWING = ("child-5y", "child-10y", "child-15y")
SLOW_keV, STAYS = 10.0, 0.99
ORGANS = ("adrenals", "brain", "kidneys", "liver", "lungs", "pancreas", "spleen", "thyroid")
ENERGIES_keV = (30.0, 100.0, 500.0)
CONTENTS = (
    "gallbladder", "stomach", "upper_large_intestine", "lower_large_intestine", "urinary_bladder",
    "heart",
)  # fmt: skip
BETA_keV = (50.0, 200.0, 500.0, 1000.0, 2000.0)


def cases() -> Iterator[Case]:
    """Yield slow electrons, growth of children, walls by energy."""
    yield _slow_electrons(body_fractions("adult-male"))
    yield from _growth()
    yield from _walls(body_fractions("adult-male"))


def _energy(table_keV: Floats, energy_keV: float) -> int:
    return int(np.argmin(np.abs(table_keV - energy_keV)))


def _self(table: BodyFractions, organ: str, energy_keV: float, *, electron: bool = False) -> float:
    particle = table.electron if electron else table.photon
    k = _energy(particle.energy_keV, energy_keV)
    return float(particle.per_g[k, table.sources.index(organ), table.targets.index(organ)])


def _slow_electrons(table: BodyFractions) -> Case:
    share = {
        organ: _self(table, organ, SLOW_keV, electron=True)
        * float(table.target_mass_g[table.targets.index(organ)])
        for organ in ORGANS
    }
    worst = min(share, key=lambda organ: share[organ])
    return Case(
        SUITE,
        f"electrons of {SLOW_keV:g} keV absorbed in their own organ, least of {len(share)}",
        share[worst],
        1.0,
        f"{STAYS:g} to 1: their range is 2.5 µm in tissue; least in {worst}",
        OWN,
        STAYS <= share[worst] <= 1.0 + 1e-3,
    )


def _growth() -> Iterator[Case]:
    tables = [body_fractions(name) for name in GROWING]
    for organ in ORGANS:
        falls = [
            _self(older, organ, energy) / _self(younger, organ, energy)
            for younger, older in pairwise(tables)
            for energy in ENERGIES_keV
        ]
        yield Case(
            SUITE,
            f"self-irradiation per gram of {organ} by photons, older child over younger, largest",
            max(falls),
            None,
            "below 1: an organ's mass grows faster than what it absorbs; children are not "
            "validated by any table",
            OWN,
            max(falls) < 1.0,
        )


def half_contents_ratio(table: BodyFractions, organ: str, energy_keV: float) -> float:
    """Electrons of an energy in the contents: mean dose to the wall over half the contents' own.

    The convention takes it as 1 where the contents' own dose is all they emit.
    """
    k = _energy(table.electron.energy_keV, energy_keV)
    source = table.sources.index(f"{organ}_contents")
    wall = float(table.electron.per_g[k, source, table.targets.index(f"{organ}_wall")])
    return wall * 2.0 * float(table.source_mass_g[source])


def _walls(table: BodyFractions) -> Iterator[Case]:
    for organ in CONTENTS:
        ratio = [half_contents_ratio(table, organ, energy) for energy in BETA_keV]
        yield show(
            SUITE,
            f"wall of {organ}: dose by its contents' electrons over half the contents' own dose, "
            "200 keV",
            ratio[BETA_keV.index(200.0)],
            1.0,
            "; ".join(f"{e:g} keV {r:.2g}" for e, r in zip(BETA_keV, ratio, strict=True))
            + ": transported to the whole wall; the convention is the dose at its inner surface",
            OWN,
        )
