"""A stylised mouse of any mass: ellipsoids of an atlas, isometrically scaled.

Axes, cm: x to the animal's left, y to its back, z to its head; the origin is its body's middle.
All lengths grow as the cube root of the body's mass, all masses of the geometry with it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from pdcraft.anatomy.masses import geometry_masses
from pdcraft.anatomy.shapes import (
    Shape,
    Surface,
    above,
    below,
    cylinder,
    ellipsoid,
    not_in,
    slabs,
    solids_of,
)
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body, BodyMasses
from pdcraft.data.files import load_toml
from pdcraft.data.masses import reference_masses
from pdcraft.data.materials import material
from pdcraft.errors import DataError

__all__ = ["ATLAS", "RADAR", "MASS_RANGE_g", "mouse_body", "mouse_shapes"]

ATLAS, RADAR = "atlas", "RADAR 30 g"
REMAINDER, SKELETON = "remainder", "skeleton"
MASS_RANGE_g = (20.0, 35.0)
RADAR_MOUSE_g = 30.0
REMARKS = (
    "ellipsoids stand for curved organs too (spleen, pancreas, lungs): shapes are not the atlas's",
    "skeleton and intestines: assumed shapes of known volume; heart and intestines count as walls",
    "no skin, tail, salivary glands, thyroid or marrow: no data at hand",
    "scaled with the body's mass, not measured: strains differ by up to 46 % in an organ",
)


def _ellipsoid(part: dict[str, Any], factor: float) -> Surface:
    x, y, z = part["center_cm"]
    a, b, c = (factor * s for s in part["semi_cm"])
    return ellipsoid((x, y, z), (a, b, c), part["axes"])


def mouse_shapes(table: dict[str, Any]) -> list[Shape]:
    """Shapes of the mouse of the atlas, organs before bones, in order of priority."""
    shapes: list[Shape] = []
    for organ in table["organ"]:
        name, factor = organ["region"], organ["factor"]
        if "wall_cm3" in organ:  # a similar ellipsoid inside holds the contents
            inner = factor * (1 - organ["wall_cm3"] / organ["volume_cm3"]) ** (1 / 3)
            shapes += [Shape(f"{name}_contents", (_ellipsoid(p, inner),)) for p in organ["parts"]]
            name = f"{name}_wall"
        shapes += [Shape(name, (_ellipsoid(p, factor),)) for p in organ["parts"]]
    shapes += _bones(table)
    a, b, c = (table["body"]["factor"] * s for s in table["body"]["semi_cm"])
    return [*shapes, Shape(REMAINDER, (ellipsoid((0, 0, 0), (a, b, c)),))]


def _bones(table: dict[str, Any]) -> list[Shape]:
    bones = table["skeleton"]
    brain = next(o for o in table["organ"] if o["region"] == "brain")
    part = brain["parts"][0]
    thick = bones["skull_cm"]
    skull = {**part, "semi_cm": [brain["factor"] * s + thick for s in part["semi_cm"]]}
    shapes = [Shape(SKELETON, (_ellipsoid(skull, 1.0),))]
    spine, ribs = bones["spine"], bones["ribs"]
    shapes.append(Shape(SKELETON, _tube(spine["center_cm"], spine["semi_cm"], spine["z_cm"])))
    inner = [s - ribs["thick_cm"] for s in ribs["semi_cm"]]
    cage = _tube(ribs["center_cm"], ribs["semi_cm"], ribs["z_cm"])
    hollow = not_in(_tube(ribs["center_cm"], inner, ribs["z_cm"])[0])
    shapes.append(Shape(SKELETON, (*cage, hollow, slabs(ribs["z_cm"][0], ribs["pitch_cm"]))))
    for limb in bones["limbs"]:
        radius = bones["radius_factor"] * limb["radius_cm"]
        shapes.append(Shape(SKELETON, _tube(limb["center_cm"], (radius, radius), limb["z_cm"])))
    return shapes


def _tube(center: Any, semi: Any, z: Any) -> tuple[Surface, ...]:
    return (
        cylinder((center[0], center[1]), (semi[0], semi[1])),
        above(2, z[0]),
        below(2, z[1]),
    )


def _material(region: str, table: dict[str, Any]) -> str:
    if region == SKELETON:
        return "skeleton, stylised body"
    found = {o["region"]: o["material"] for o in table["organ"]}
    return f"{found.get(region, 'soft tissue')}, stylised body"


@cache
def _atlas() -> tuple[dict[str, Any], Body]:
    table = load_toml("bodies", "mouse.toml")
    rows = table["volumes_cm3"]
    return table, _assembled(table, 1.0, np.array(list(rows.values())), tuple(rows))


def _assembled(
    table: dict[str, Any], length: float, volume: Floats, order: tuple[str, ...]
) -> Body:
    shapes = [s.stretched((length, length, length)) for s in mouse_shapes(table)]
    solids, regions = solids_of(shapes)
    if order != regions:
        raise DataError(f"mouse: volumes are of {order}, its regions are {regions}")
    materials = tuple(_material(r, table) for r in regions)
    density = np.array([material(m).density_g_per_mL for m in materials])
    region_g = dict(zip(regions, (volume * density).tolist(), strict=True))
    groups = {"total_body": regions}
    own = geometry_masses(region_g, groups, ATLAS, table["source"])
    return Body(
        name="mouse",
        host="mouse",
        solids=solids,
        regions=regions,
        materials=materials,
        density_g_per_mL=density,
        volume_cm3=volume,
        masses={RADAR: _radar(region_g, own.region_g["total_body"]), ATLAS: own},
        groups=groups,
        red_marrow={},
        stands_for={},
        remarks=REMARKS,
    )


def _radar(region_g: dict[str, float], body_g: float) -> BodyMasses:
    """Scale reference masses of the 30 g mouse, in proportion to the body's mass."""
    reference = reference_masses("mouse-30g")
    share = body_g / RADAR_MOUSE_g
    out = {r: reference.region_g.get(r, own / share) * share for r, own in region_g.items()}
    scaled = {
        r: "not in the table: mass of the geometry" for r in region_g if r not in reference.region_g
    }
    out[REMAINDER] = body_g - sum(m for r, m in out.items() if r != REMAINDER)
    scaled[REMAINDER] = "what the other regions leave of the body's mass"
    out["total_body"] = body_g
    scaled["total_body"] = "as stated"
    return BodyMasses(RADAR, out, f"{reference.source}; {reference.note}", scaled)


def mouse_body(mass_g: float = 25.0) -> Body:
    """Stylised mouse of a mass.

    Parameters
    ----------
    mass_g : float
        Of the body, 20 to 35 g.

    Returns
    -------
    Body
        Masses of the RADAR 30 g mouse in proportion to the body by default, those of the geometry
        as ``"atlas"``.

    Raises
    ------
    DataError
        For a mass outside 20 to 35 g.

    Examples
    --------
    >>> round(mouse_body(30.0).mass_table("atlas").mass_g("total_body"), 6)
    30.0
    """
    low, high = MASS_RANGE_g
    if not low <= mass_g <= high:
        raise DataError(
            f"mouse of {mass_g:g} g: the stylised mouse is for {low:g} to {high:g} g; a larger "
            "animal is not a scaled one"
        )
    table, atlas = _atlas()
    length = (mass_g / atlas.own_mass_g.sum()) ** (1 / 3)
    volume = atlas.volume_cm3 * length**3
    return _assembled(table, length, volume, atlas.regions)
