"""Stylised adults and children of the ORNL/TM-8381 family, from their equations.

Axes as in the source, cm: x to the body's left, y to its back, z up from the base of the trunk.
Priority: organs, bones, intestines, breasts, soft tissue, skin. In the adults only the pelvis and
the descending colon meet (1 cm³, kept by the pelvis).

References
----------
M. Cristy, K.F. Eckerman, ORNL/TM-8381 vol. I (1987).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from pdcraft.anatomy import abdomen, chest_head, exterior, intestines
from pdcraft.anatomy.masses import GEOMETRY, geometry_masses, icrp89_masses
from pdcraft.anatomy.shapes import Shape, solids_of
from pdcraft.anatomy.skeleton import BONES, skeleton
from pdcraft.core.body import Body, BodyMasses
from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import csv_rows
from pdcraft.data.materials import material
from pdcraft.data.stylised import Column, column, red_marrow_shares

__all__ = ["STYLISED", "shapes_of", "stylised_body", "without_volumes"]

SOFT, BONE, LUNG = (f"{t}, stylised body" for t in ("soft tissue", "skeleton", "lung"))
SOURCE = "ORNL/TM-8381 (1987): volume of the equations times density 1.04, 1.40 or 0.296 g/mL"
ADULT_MARROW_g = 1120.0  # recalled for the adult of 1987

STANDS_FOR = {"small_intestine_wall": "small_intestine_contents", "muscle": "remainder"}

REMARKS = (
    "coefficients are recalled values of ORNL/TM-8381, checked by volumes and overlaps; the "
    "report itself was not read",
    "no salivary glands, eyes, prostate, lymph nodes or airways: the source has no equations",
    "the esophagus is its thoracic part; its lumen counts as soft tissue",
    "the small intestine is wall and contents in one, called small_intestine_contents",
    "soft tissue of no organ ('remainder') also stands for muscle",
)
CHILD = "child: not validated here against any published table; both sexes' gonads"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A body of the family: column, what it has, and its reference masses if there are any."""

    column: str
    male: bool
    female: bool
    breasts: bool
    reference: str | None


STYLISED: Mapping[str, _Kind] = {
    "adult-male": _Kind("AM", True, False, False, "adult-male"),
    "adult-female": _Kind("15AF", False, True, True, "adult-female"),
    "child-15y": _Kind("15AF", True, True, False, None),
    "child-10y": _Kind("10", True, True, False, None),
    "child-5y": _Kind("05", True, True, False, None),
}


def shapes_of(c: Column, *, male: bool, female: bool, breasts: bool) -> list[Shape]:
    """All shapes of a body in order of priority."""
    shapes = [
        *chest_head.brain(c),
        *chest_head.thyroid(c),
        *chest_head.thymus(c),
        *chest_head.heart(c),
        *chest_head.esophagus(c),
        *abdomen.adrenals(c),
        *abdomen.kidneys(c),
        *abdomen.spleen(c),
        *abdomen.pancreas(c),
        *abdomen.gallbladder(c),
        *abdomen.stomach(c),
        *abdomen.urinary_bladder(c),
        *chest_head.lungs(c),
        *abdomen.liver(c),
    ]
    if female:
        shapes += abdomen.ovaries(c)
        if c.has("uterus", "a"):
            shapes += abdomen.uterus(c)
    if male:
        shapes += abdomen.testes(c)
    shapes += skeleton(c)
    shapes += intestines.large_intestine(c)
    shapes += intestines.small_intestine(c)
    outside = exterior.sections(c, male=male)
    if not breasts:
        return shapes + outside
    glands, breast_skin = exterior.breasts(c)
    return shapes + glands + outside + breast_skin


def _material(region: str) -> str:
    if region == "lungs":
        return LUNG
    return BONE if region in BONES else SOFT


@cache
def _volumes() -> Mapping[str, Mapping[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for row in csv_rows("bodies", "region_volumes.csv"):
        out.setdefault(row["body"], {})[row["region"]] = float(row["volume_cm3"])
    return out


def without_volumes(name: str, *, both_sexes: bool = False) -> Body:
    """Build a stylised body whose volumes are all 1 cm³: for what computes them."""
    return _body(name, both_sexes, None)


@cache
def stylised_body(name: str, *, both_sexes: bool = False) -> Body:
    """Stylised body by name.

    Parameters
    ----------
    name : str
        ``adult-male``, ``adult-female``, ``child-15y``, ``child-10y``, ``child-5y``.
    both_sexes : bool
        Adults with breasts and the gonads of both sexes, as the source's tables have them: for
        comparison with these.

    Returns
    -------
    Body
        Adults: masses of ICRP 89 by default, those of the geometry as ``"TM-8381"``. Children:
        the geometry's only; nothing published was at hand to validate them with.

    Raises
    ------
    DataError
        For an unknown name, with near matches.

    Examples
    --------
    >>> body = stylised_body("adult-male")
    >>> body.mass_table().name, round(body.mass_table("TM-8381").mass_g("liver"))
    ('ICRP 89', 1906)
    """
    found = look_up(
        "stylised body",
        name,
        index_of((n, ()) for n in STYLISED),
        "there are " + ", ".join(STYLISED),
    )
    key = f"{found}-both-sexes" if both_sexes else found
    return _body(found, both_sexes, _volumes()[key])


def _body(name: str, both_sexes: bool, volumes: Mapping[str, float] | None) -> Body:
    kind = STYLISED[name]
    c = column(kind.column)
    adult = kind.reference is not None
    everything = both_sexes and adult
    solids, regions = solids_of(
        shapes_of(
            c,
            male=kind.male or everything,
            female=kind.female or everything,
            breasts=kind.breasts or everything,
        )
    )
    volume = np.array([volumes[r] if volumes else 1.0 for r in regions])
    materials = tuple(_material(r) for r in regions)
    density = np.array([material(m).density_g_per_mL for m in materials])
    region_g = dict(zip(regions, (volume * density).tolist(), strict=True))
    groups = {
        "skeleton": BONES,
        "spine": ("spine_upper", "spine_middle", "spine_lower"),
        "leg_bones": ("leg_bones_upper", "leg_bones_lower"),
        "arm_bones": ("arm_bones_upper", "arm_bones_lower"),
        "total_body": regions,
    }
    marrow_g = ADULT_MARROW_g if kind.column == "AM" else None
    tables: dict[str, BodyMasses] = {}
    if kind.reference is not None and volumes:
        reference = icrp89_masses(kind.reference, region_g, groups, STANDS_FOR)
        tables[reference.name] = reference
    tables[GEOMETRY] = geometry_masses(region_g, groups, GEOMETRY, SOURCE, marrow_g)
    body = Body(
        name=f"{name}-both-sexes" if everything else name,
        host="human",
        solids=solids,
        regions=regions,
        materials=materials,
        density_g_per_mL=density,
        volume_cm3=volume,
        masses=tables,
        groups=groups,
        red_marrow=red_marrow_shares() if adult else {},
        stands_for=STANDS_FOR,
        remarks=REMARKS,
    )
    return body if adult else replace(body, remarks=(*REMARKS, CHILD))
