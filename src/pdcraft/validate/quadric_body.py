"""Photons in a body of ellipsoids and cylinders against PENELOPE-2018, region by region.

Three tissues, organs that do not meet: what is proven is transport in analytic surfaces, not an
anatomy. Part of the organs suite.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from itertools import groupby
from typing import Any

import numpy as np

from pdcraft.anatomy.shapes import Shape, Surface, above, below, cylinder, ellipsoid, solids_of
from pdcraft.core.body import Body
from pdcraft.data.materials import material
from pdcraft.transport.bodies import mono, prepare_body
from pdcraft.transport.settings import Settings
from pdcraft.transport.stack import PHOTON_PARTICLE
from pdcraft.transport.tally import PHOTON
from pdcraft.validate.case import Case
from pdcraft.validate.decide import decide
from pdcraft.validate.tables import reference_rows

__all__ = ["cases", "quadric_body"]

SUITE = "organs"
PENELOPE = (
    "PENELOPE-2018 through pyPenred 1.15.2.0, own computation; same geometry and materials, "
    "electrons end where they are set free"
)
WITHIN, WITHIN_OF_SMALL = 0.01, 0.03
SMALL = 0.01  # absorbed fractions below need more histories than a suite has
KNOWN = 0.05  # relative standard error up to which a reference counts in the sum
CROSS_SECTIONS = 0.003  # what the two codes' cross sections may do to any fraction
MOST = 1.6  # 60 terms of mean 1: above by chance once in a thousand
WHY = "photoelectric cross sections normalized, as there; what is left are cross sections"
HISTORIES, FULL_HISTORIES = 300_000, 1_000_000
LIKE_PENELOPE = Settings(0.1, 0.1, 10.0, 10.0, 10.0, 1.0, "normalized")


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


def quadric_body() -> Body:
    """Build the body of ``cases/organs/quadric_body.toml``; the last region holds all others."""
    file = resources.files("pdcraft.validate").joinpath("cases", "organs", "quadric_body.toml")
    rows = tomllib.loads(file.read_text(encoding="utf-8"))["region"]
    shapes = [Shape(row["name"], _surfaces(part)) for row in rows for part in row["parts"]]
    solids, regions = solids_of(shapes)
    volume = np.array([sum(map(_volume_cm3, row["parts"])) for row in rows])
    volume[-1] -= volume[:-1].sum()
    materials = tuple(str(row["material"]) for row in rows)
    return Body(
        name="body of quadrics",
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
    body = quadric_body()
    prepared = prepare_body(body)
    rows = reference_rows("organs", "penelope_body.csv")
    squares: list[float] = []
    for (source, text), group in groupby(rows, key=lambda r: (r["source"], r["energy_keV"])):
        energy = float(text)
        found = prepared.run(
            source,
            mono(PHOTON_PARTICLE, PHOTON, energy),
            histories=FULL_HISTORIES if full else HISTORIES,
            batches=20,
            settings=LIKE_PENELOPE,
        )
        for row in group:
            i = body.index(row["target"])
            value, error = found.energy_keV[i] / energy, found.std_err_keV[i] / energy
            want, sigma = float(row["absorbed_fraction"]), float(row["sigma"])
            if sigma > KNOWN * want:
                continue
            spread = np.hypot(np.hypot(error, sigma), CROSS_SECTIONS * want)
            squares.append(float(((value - want) / spread) ** 2))
            yield decide(
                SUITE,
                f"photons of {text} keV in {source}: fraction absorbed in {row['target']}",
                (value, error),
                (want, sigma),
                PENELOPE,
                rel=WITHIN if want >= SMALL else WITHIN_OF_SMALL,
                why=WHY,
            )
    mean = float(np.mean(squares))
    yield Case(
        SUITE,
        f"photons in a body of quadrics, {len(squares)} fractions: mean square of difference over "
        "standard error",
        mean,
        1.0,
        f"at most {MOST:g}: chance once in a thousand; errors of both and "
        f"{CROSS_SECTIONS:.1%} of cross sections",
        PENELOPE,
        mean <= MOST,
    )
