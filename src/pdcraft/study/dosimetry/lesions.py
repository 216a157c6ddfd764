"""Where lesions lie: spheres in a region of the body, or transported as part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pdcraft.core.names import index_of, look_up
from pdcraft.errors import DataError, StudyError

if TYPE_CHECKING:
    from pdcraft.core.body import Body
    from pdcraft.core.body_fractions import BodyFractions
    from pdcraft.study.dosimetry.host_body import HostBody
    from pdcraft.study.model import Lesion, StudyFile

__all__ = ["pictured_lesions", "surroundings_of", "transported_lesions"]

SOFT = "remainder"  # tissue of no organ
FLANK = "flank"  # of a mouse, under its skin


def surroundings_of(region: str, study: StudyFile, host: HostBody) -> str:
    """Region of the body that surrounds one without a solid."""
    if not region.startswith("lesion:"):
        return SOFT  # the mouse's marrow too: bone gets more of its photons than marrow in it
    lesion = next((x for x in study.lesion if f"lesion:{x.name}" == region), None)
    if lesion is None or lesion.site in (None, FLANK):
        return SOFT
    return _site(lesion, host.body)


def _site(lesion: Lesion, body: Body) -> str:
    known = [*body.regions, *body.groups, *body.stands_for]
    way_out = f"sites are {', '.join(known)}" + (f", {FLANK}" if body.host == "mouse" else "")
    index = index_of((name, ()) for name in known)
    try:
        found = look_up(f"site of the lesion '{lesion.name}'", lesion.site or "", index, way_out)
    except DataError as error:
        raise StudyError(error.problems) from None
    return body.stands_for.get(found, found)


def transported_lesions(study: StudyFile, host: HostBody) -> tuple[Body, BodyFractions]:
    """Return the body and its fractions, with lesions in it if they are to be transported.

    Raises
    ------
    StudyError
        For a lesion without a place, or one that does not fit there.
    """
    if study.dosimetry is None or study.dosimetry.lesions == "tables" or not study.lesion:
        return host.body, host.fractions
    from pdcraft.dosimetry import phantom

    lesions = [
        phantom.Lesion(
            f"lesion:{one.name}", one.mass, _place(one, host.body), may_protrude=one.site == FLANK
        )
        for one in study.lesion
    ]
    try:
        return phantom.with_lesions(host.body, host.fractions, lesions, seed=study.seed)
    except DataError as error:
        raise StudyError(error.problems) from None


def pictured_lesions(study: StudyFile, body: Body) -> Body:
    """Return the body with the lesions that have a place and fit there, for a picture alone."""
    from pdcraft.anatomy.tumor import with_tumor
    from pdcraft.anatomy.tumor_site import site_center_cm

    for one in study.lesion:
        name = f"lesion:{one.name}"
        if name in body.regions or (one.site is None and one.center is None):
            continue
        try:
            place = _place(one, body)
            center = site_center_cm(body, place, one.mass) if isinstance(place, str) else place
            body = with_tumor(body, center, one.mass, name, may_protrude=one.site == FLANK)
        except DataError:  # too large for its site: the doses say what was taken
            continue
    return body


def _place(lesion: Lesion, body: Body) -> str | tuple[float, float, float]:
    """Center of a lesion, cm, or the region that it lies in."""
    if lesion.center is not None:
        x, y, z = (mm / 10.0 for mm in lesion.center)
        return x, y, z
    if lesion.site is None:
        raise StudyError(
            f"lesion '{lesion.name}': dosimetry.lesions = 'transported' needs a site or a center; "
            "or take 'tables'"
        )
    if lesion.site == FLANK:
        from pdcraft.anatomy.tumor import flank_center_cm

        return flank_center_cm(body, lesion.mass)
    return _site(lesion, body)
