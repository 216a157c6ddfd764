"""Photons and electrons in bodies of ellipsoids and cylinders against PENELOPE-2018, by region.

Photons in organs of three tissues that do not meet, electrons in contents and their wall: what is
proven is transport in analytic surfaces, not an anatomy. Part of the organs suite.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from pdcraft.anatomy.shapes import Shape, Surface, above, below, cylinder, ellipsoid, solids_of
from pdcraft.core.body import Body
from pdcraft.data.materials import material
from pdcraft.transport.bodies import prepare_body
from pdcraft.transport.emissions import mono
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import ELECTRON, PHOTON_PARTICLE
from pdcraft.transport.tally import BETA, PHOTON
from pdcraft.validate.case import Case
from pdcraft.validate.decide import decide
from pdcraft.validate.tables import reference_rows, reference_toml

__all__ = ["cases", "quadric_body"]

SUITE = "organs"
PENELOPE = "PENELOPE-2018 through pyPenred 1.15.2.0, own computation; same geometry and materials"
WITHIN, WITHIN_OF_SMALL = 0.01, 0.03
KNOWN = 0.05  # relative standard error up to which a reference counts in the sum
SIGMAS = 3.5  # of the mean of squares, whose standard deviation is sqrt(2/n)
#: Like PENELOPE: photoelectric cross sections, and what electrons end at.
LIKE_PENELOPE = Settings(0.1, 0.1, 10.0, 10.0, 10.0, 1.0, "normalized")


@dataclass(frozen=True, slots=True)
class Setup:
    """A geometry of ``cases/organs`` and what runs in it."""

    name: str
    particle: int
    tally: int
    words: str
    histories: int
    full_histories: int
    small: float  # absorbed fractions below need more histories than a suite has
    model: float  # what cross sections of the two codes may do to any fraction
    why: str


SETUPS = (
    Setup(
        "quadric_body",
        PHOTON_PARTICLE,
        PHOTON,
        "photons",
        300_000,
        1_000_000,
        0.01,
        0.003,
        "kerma on both sides, photoelectric cross sections normalized",
    ),
    Setup(
        "walled_body",
        ELECTRON,
        BETA,
        "electrons",
        60_000,
        300_000,
        0.5,
        0.015,
        "condensed histories on both sides, to 10 keV",
    ),
)


def _surfaces(part: dict[str, Any]) -> tuple[Surface, ...]:
    if part["kind"] == "ellipsoid":
        return (ellipsoid(tuple(part["center"]), tuple(part["semi"])),)
    low, high = part["z"]
    tube = cylinder(tuple(part["center"]), tuple(part["semi"]))
    return tube, above(2, low), below(2, high)


def _volume_cm3(part: dict[str, Any]) -> float:
    if part["kind"] == "ellipsoid":
        return 4.0 / 3.0 * np.pi * float(np.prod(part["semi"]))
    return np.pi * float(np.prod(part["semi"])) * (part["z"][1] - part["z"][0])


def quadric_body(name: str = "quadric_body") -> Body:
    """Build a body of ``cases/organs``; regions that hold others come after them."""
    rows = reference_toml("organs", f"{name}.toml")["region"]
    shapes = [Shape(row["name"], _surfaces(part)) for row in rows for part in row["parts"]]
    solids, regions = solids_of(shapes)
    volume = np.array([sum(map(_volume_cm3, row["parts"])) for row in rows])
    for i, row in enumerate(rows):
        if row.get("holds"):
            volume[i] -= volume[:i].sum()
    materials = tuple(str(row["material"]) for row in rows)
    return Body(
        name=name,
        host="human",
        solids=solids,
        regions=regions,
        materials=materials,
        density_g_per_mL=np.array([material(m).density_g_per_mL for m in materials]),
        volume_cm3=volume,
        masses={},
        groups={},
        red_marrow={},
        stands_for={},
    )


def cases(*, full: bool = False) -> Iterator[Case]:
    """Yield absorbed fractions of every source, energy and target, and all differences in one."""
    for setup in SETUPS:
        yield from _compare(setup, setup.full_histories if full else setup.histories)


def _compare(setup: Setup, histories: int) -> Iterator[Case]:
    body = quadric_body(setup.name)
    prepared = prepare_body(body)
    rows = reference_rows("organs", f"penelope_{setup.name}.csv")
    squares: list[float] = []
    for (source, text), group in groupby(rows, key=lambda r: (r["source"], r["energy_keV"])):
        energy = float(text)
        found = prepared.run(
            source,
            mono(setup.particle, setup.tally, energy),
            histories=histories,
            batches=20,
            settings=LIKE_PENELOPE,
        )
        for row in group:
            i = body.index(row["target"])
            value, error = found.energy_keV[i] / energy, found.std_err_keV[i] / energy
            want, sigma = float(row["absorbed_fraction"]), float(row["sigma"])
            if sigma > KNOWN * want:
                continue
            spread = np.hypot(np.hypot(error, sigma), setup.model * want)
            squares.append(float(((value - want) / spread) ** 2))
            yield decide(
                SUITE,
                f"{setup.words} of {text} keV in {source}: fraction absorbed in {row['target']}",
                (value, error),
                (want, sigma),
                PENELOPE,
                rel=WITHIN if want >= setup.small else WITHIN_OF_SMALL,
                why=setup.why,
            )
    mean, n = float(np.mean(squares)), len(squares)
    most = 1.0 + SIGMAS * (2.0 / n) ** 0.5
    yield Case(
        SUITE,
        f"{setup.words} in {setup.name}, {n} fractions: mean square of difference over standard "
        "error",
        mean,
        1.0,
        f"at most {most:.2g}: {SIGMAS:g} standard deviations of such a mean; errors of both and "
        f"{setup.model:.1%} of cross sections",
        PENELOPE,
        mean <= most,
    )
