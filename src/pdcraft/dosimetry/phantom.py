"""Bodies by name with their absorbed fractions; lesions in them, which are transported on the spot.

The fractions of the bodies themselves are shipped: only lesions load the transport.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pdcraft.anatomy import STYLISED, mouse_body, stylised_body, with_tumor
from pdcraft.anatomy.tumor_site import site_center_cm
from pdcraft.core.body import Body
from pdcraft.core.body_fractions import BodyFractions
from pdcraft.core.names import index_of, look_up
from pdcraft.data.body_fractions import body_fractions, mouse_fractions
from pdcraft.errors import DataError

__all__ = ["MOUSE", "PHANTOMS", "Lesion", "phantom", "with_lesions"]

MOUSE = "mouse"
MOUSE_MASS_g = 25.0
PHANTOMS = (*STYLISED, MOUSE)


@dataclass(frozen=True, slots=True)
class Lesion:
    """A spherical tumor.

    Parameters
    ----------
    name : str
        ``lesion:NAME``, or ``tumor`` in a mouse.
    mass_g : float
    place : str or tuple of three float
        A region that it lies in, or its center, cm, in the body's axes.
    may_protrude : bool
        Let it stick out of the body.
    """

    name: str
    mass_g: float
    place: str | tuple[float, float, float]
    may_protrude: bool = False


def phantom(name: str, body_mass_g: float | None = None) -> tuple[Body, BodyFractions]:
    """Body and shipped absorbed fractions by name.

    Parameters
    ----------
    name : str
        One of `PHANTOMS`.
    body_mass_g : float, optional
        Of a mouse, 20 to 35 g; 25 g without.

    Raises
    ------
    DataError
        For an unknown name, with near matches; for the mass of a human, or of another mouse.
    """
    found = look_up(
        "phantom", name, index_of((n, ()) for n in PHANTOMS), f"there are {', '.join(PHANTOMS)}"
    )
    if found == MOUSE:
        mass = MOUSE_MASS_g if body_mass_g is None else body_mass_g
        return mouse_body(mass), mouse_fractions(mass)
    if body_mass_g is not None:
        raise DataError(
            f"{found} has the size of its reference; only the mouse takes a body mass. Give the "
            "masses of organs instead"
        )
    return stylised_body(found), body_fractions(found)


def with_lesions(
    body: Body,
    fractions: BodyFractions,
    lesions: Sequence[Lesion],
    *,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> tuple[Body, BodyFractions]:
    """Put lesions into a body and run the transport from each.

    Parameters
    ----------
    body, fractions
        As `phantom` gives them.
    lesions : sequence of Lesion
    seed, threads, progress
        Of the transport.

    Raises
    ------
    DataError
        For a place outside the body, a name that is taken or none of a lesion, no mass.
    """
    if not lesions:
        return body, fractions
    from pdcraft.transport.lesion_fractions import lesion_fractions

    for one in lesions:
        center = (
            site_center_cm(body, one.place, one.mass_g) if isinstance(one.place, str) else one.place
        )
        body = with_tumor(body, center, one.mass_g, one.name, may_protrude=one.may_protrude)
    made = lesion_fractions(body, fractions, seed=seed, threads=threads, progress=progress)
    return body, made
