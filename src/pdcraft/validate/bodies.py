"""Stylised bodies: volumes against their equations and the report's masses, and what is unverified.

Part of the organs suite. What nothing independent supports is listed, not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pdcraft.anatomy.mouse import ATLAS, mouse_body
from pdcraft.anatomy.stylised import STYLISED, stylised_body
from pdcraft.anatomy.volumes import region_volumes_cm3
from pdcraft.core.body import Body
from pdcraft.data.files import load_toml
from pdcraft.data.stylised import reference_volumes, unverified_entries
from pdcraft.validate.case import Case, compare

__all__ = ["cases"]

SUITE = "organs"
REPORT = "ORNL/TM-8381 (1987), recalled: printed mass over density 1.04, 1.40 or 0.296 g/mL"
EQUATION = "quasi-Monte Carlo volume of the ORNL/TM-8381 equation (independent computation)"
DIGIMOUSE = "Digimouse label volume, Dogdas et al., Phys. Med. Biol. 52, 577 (2007)"
LOG2_POINTS = 14
SAMPLED = ("liver", "kidneys", "spleen", "stomach_contents", "pelvis", "lungs")
OTHER_FORM = "skin"  # printed for a head with a neck


def cases() -> Iterator[Case]:
    """Yield the cases of the bodies."""
    for name, kind in STYLISED.items():
        body = stylised_body(name, both_sexes=kind.reference is not None)
        yield from _volumes(body, kind.column, adult=kind.reference is not None)
    yield from _sampled(stylised_body("adult-male"))
    yield from _mouse()
    for column in ("AM", "15AF", "10", "05"):
        yield _unverified(column)


def _own_cm3(body: Body) -> dict[str, float]:
    own = dict(zip(body.regions, body.volume_cm3.tolist(), strict=True))
    for name, members in body.groups.items():
        own[name] = sum(own[r] for r in members)
    return own


def _volumes(body: Body, column: str, *, adult: bool) -> Iterator[Case]:
    own = _own_cm3(body)
    for ref in reference_volumes(column):
        if ref.region not in own:
            continue
        name = f"volume of {ref.region}, {body.name}, cm³"
        value = own[ref.region]
        if adult and ref.region != OTHER_FORM:
            yield compare(
                SUITE,
                f"{name}, by equation",
                value,
                ref.equation_cm3,
                EQUATION,
                rel=0.01,
                why="what the stated overlap of pelvis and colon takes, 0.7%, and both samplings",
            )
        if ref.reference_cm3 is not None:
            difference = f"{100 * (value / ref.reference_cm3 - 1):+.1f}%"
            basis = "mass agrees with the equation" if ref.verified else "NOT verified"
            note = f"; {ref.note}" if ref.note else ""
            yield Case(
                SUITE,
                f"{name}, by the report",
                value,
                ref.reference_cm3,
                f"not decided; difference {difference}: {basis}{note}",
                REPORT,
                None,
            )


def _sampled(body: Body) -> Iterator[Case]:
    """Sample some regions anew: the shipped volumes belong to the shipped solids."""
    index = np.array([body.index(r) for r in SAMPLED])
    for region, volume in zip(
        SAMPLED, region_volumes_cm3(body, LOG2_POINTS, index).tolist(), strict=True
    ):
        yield compare(
            SUITE,
            f"volume of {region}, {body.name}, cm³, sampled now",
            volume,
            float(body.volume_cm3[body.index(region)]),
            "pdcraft's shipped volume",
            rel=0.02,
            why=f"2^{LOG2_POINTS} Sobol points",
        )


def _mouse() -> Iterator[Case]:
    table = load_toml("bodies", "mouse.toml")
    body = mouse_body(25.0)
    scale = 25.0 / table["atlas_g"]
    own = body.mass_table(ATLAS).region_g
    for organ in table["organ"]:
        region = organ["region"]
        members = [region, f"{region}_wall", f"{region}_contents"]
        density = body.density_g_per_mL[body.index(next(m for m in members if m in own))]
        value = sum(own[m] for m in members if m in own)
        reference = organ["volume_cm3"] * scale * float(density)
        name = f"mass of {region}, 25 g mouse, g"
        if organ["verified"]:
            yield compare(
                SUITE,
                name,
                value,
                reference,
                DIGIMOUSE,
                rel=0.01,
                why="fit of the ellipsoid's size",
            )
        else:
            yield Case(
                SUITE, name, value, reference, "not decided; assumed place and shape", "RADAR", None
            )


def _unverified(column: str) -> Case:
    entries = unverified_entries(column)
    words = "; ".join(f"{region} {', '.join(names)}" for region, names in entries.items())
    return Case(
        SUITE,
        f"coefficients of column {column} without independent support, number",
        float(sum(map(len, entries.values()))),
        None,
        f"not decided; {words}; see the table for what is known",
        "pdcraft/data/bodies/coefficients.csv",
        None,
    )
