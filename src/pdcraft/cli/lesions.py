"""Lesions as a command line states them: ``NAME=MASS@PLACE``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pdcraft.errors import DataError

if TYPE_CHECKING:
    from pdcraft.core.body import Body
    from pdcraft.dosimetry.phantom import Lesion

__all__ = ["lesion_of"]

_FORM = re.compile(r"(?P<name>[^=@]+)=(?P<mass>[^=@]+)@(?P<place>[^=@]+)\Z")
_POINT = re.compile(r"(?P<xyz>[^a-zA-Z]+,[^a-zA-Z]+,[^a-zA-Z]+?)\s*(?P<unit>[a-z]+)\Z")
FLANK = "flank"
MM_PER_CM = 10.0


def lesion_of(text: str, body: Body) -> Lesion:
    """Read one lesion.

    Parameters
    ----------
    text : str
        ``"NAME=10 g@PLACE"``; the place is a region, ``flank`` in a mouse, or ``x,y,z mm`` in the
        body's axes (x to its left, y to its back, z to its head).
    body : Body

    Raises
    ------
    DataError
        For another form, unknown regions or units.
    """
    from pdcraft.anatomy import flank_center_cm
    from pdcraft.core.regions import region_name
    from pdcraft.dosimetry.phantom import Lesion
    from pdcraft.io.units import parse

    found = _FORM.match(text.strip())
    if found is None:
        raise DataError(
            f"--lesion: '{text}' is not NAME=MASS@PLACE, for instance 'met=10 g@liver' or "
            "'met=10 g@80,-40,350 mm'"
        )
    name, place = found["name"].strip(), found["place"].strip()
    if not (name.startswith("lesion:") or (name == "tumor" and body.host == "mouse")):
        name = f"lesion:{name}"
    mass_g = parse(found["mass"].strip(), "mass")
    point = _POINT.match(place)
    if point is not None:
        x, y, z = (parse(f"{v} {point['unit']}", "length") for v in point["xyz"].split(","))
        return Lesion(name, mass_g, (x / MM_PER_CM, y / MM_PER_CM, z / MM_PER_CM))
    if place == FLANK:
        return Lesion(name, mass_g, flank_center_cm(body, mass_g), may_protrude=True)
    inside = body.groups.get(place) or place == "red_marrow" or place in body.regions
    return Lesion(name, mass_g, place if inside else region_name(place, body.host))
