"""Mass tables of bodies: what the geometry weighs, and reference masses to report doses with.

Doses scale with the mass (self-dose of electrons as its inverse, of photons as its power -2/3,
doses from elsewhere not at all): the geometry is not changed for another mass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pdcraft.core.body import Body, BodyMasses
from pdcraft.data.masses import reference_masses
from pdcraft.errors import DataError

__all__ = ["GEOMETRY", "ICRP89", "geometry_masses", "icrp89_masses", "with_masses"]

GEOMETRY, ICRP89 = "TM-8381", "ICRP 89"
REMAINDER, MARROW, TOTAL = "remainder", "red_marrow", "total_body"
Groups = Mapping[str, tuple[str, ...]]


def _with_groups(region_g: Mapping[str, float], groups: Groups) -> dict[str, float]:
    sums = {name: sum(region_g[r] for r in members) for name, members in groups.items()}
    return {**region_g, **sums}


def geometry_masses(
    region_g: Mapping[str, float],
    groups: Groups,
    name: str,
    source: str,
    red_marrow_g: float | None = None,
) -> BodyMasses:
    """Volume times density of each region; marrow only if a figure for it is known."""
    masses = _with_groups(region_g, groups)
    scaled: dict[str, str] = {}
    if red_marrow_g is not None:
        masses["red_marrow"] = red_marrow_g
        scaled["red_marrow"] = "recalled for this body, not verified; it is part of the skeleton"
    return BodyMasses(name, masses, source, scaled)


def icrp89_masses(
    body: str,
    region_g: Mapping[str, float],
    groups: Groups,
    stands_for: Mapping[str, str],
) -> BodyMasses:
    """Return reference masses of ICRP 89 for the regions of a stylised adult.

    Parameters
    ----------
    body : {"adult-male", "adult-female"}
    region_g : mapping
        Masses of the geometry. What the table lacks keeps these; bones share the table's skeleton
        as they do there; the rest of the body is what is left of the table's total.
    groups, stands_for : mapping
        As of the body.
    """
    table = reference_masses(body)
    reference = table.region_g
    out: dict[str, float] = {}
    scaled: dict[str, str] = {}
    bones = groups["skeleton"]
    factor = reference["skeleton"] / sum(region_g[r] for r in bones)
    for region, own in region_g.items():
        parts = [p for p, host in stands_for.items() if host == region and p in reference]
        if region in bones:
            out[region] = own * factor
            scaled[region] = "share of the table's skeleton as in the geometry"
        elif region in reference:
            out[region] = reference[region] + sum(reference[p] for p in parts)
            if parts:
                scaled[region] = f"with {', '.join(parts)}, which the geometry does not part"
        elif region != REMAINDER:
            out[region] = own
            scaled[region] = "not in the table: mass of the geometry"
    rest = reference["total_body"] - sum(out.values())
    if rest <= 0:
        raise DataError(f"{body}: regions weigh more than the whole body, {rest:.0f} g are left")
    out[REMAINDER] = rest
    scaled[REMAINDER] = "what the other regions leave of the table's whole body"
    ordered = {region: out[region] for region in region_g}
    masses = {**_with_groups(ordered, groups), "red_marrow": reference["red_marrow"]}
    return BodyMasses(ICRP89, masses, f"{table.source}; {table.note}", scaled)


def with_masses(body: Body, changes_g: Mapping[str, float], source: str) -> Body:
    """Return a body whose default mass table has a user's own masses.

    Parameters
    ----------
    body : Body
    changes_g : mapping of str to float
        Mass by region, by group (``skeleton``: its regions keep their shares) or ``red_marrow``.
        Groups that contain a changed region, and the whole body, change with it.
    source : str
        Where these masses come from.

    Raises
    ------
    DataError
        For a region that the body does not have, the whole body, or a mass that is not above zero.
    """
    base = body.mass_table()
    region_g = {r: base.region_g[r] for r in body.regions}
    scaled = dict(base.scaled)
    marrow = {r: m for r, m in base.region_g.items() if r == MARROW}
    for name, mass in changes_g.items():
        if not 0 < mass < np.inf:
            raise DataError(f"mass of {name} is {mass} g; it must be above zero")
        if name == TOTAL:
            raise DataError(
                "the mass of the whole body is that of its regions; state theirs, or "
                f"'{REMAINDER}' for the tissue of no organ"
            )
        scaled[name] = f"own mass: {source}"
        if name == MARROW:
            marrow[name] = mass
            continue
        members = body.groups.get(name) or (body.regions[body.index(name)],)
        factor = mass / sum(region_g[r] for r in members)
        for region in members:
            region_g[region] *= factor
            scaled[region] = scaled[name]
    table = BodyMasses(
        f"{base.name}, own masses",
        {**_with_groups(region_g, body.groups), **marrow},
        base.source,
        scaled,
    )
    return replace(body, masses={table.name: table, **body.masses})
