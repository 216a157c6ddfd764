"""Time courses as dose takes them: whole regions from amounts per gram, and the remainder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.errors import DataError, KindError, PhysicsRangeError

__all__ = ["course_of_remainder", "course_of_whole_regions"]

WHOLE = {
    "amount_fraction_per_g": "amount_fraction",
    "activity_fraction_per_g": "activity_fraction",
}
LEAST = -1e-6  # remainder as a fraction of the administered amount: below is no rounding
TIMES = 60
TERMS_ONLY = "a remainder is taken between fractions given as exponential terms"


def course_of_whole_regions(course: TimeCourse, mass_g: Mapping[str, ArrayLike]) -> TimeCourse:
    """Multiply a time course per gram with the masses of regions.

    Parameters
    ----------
    course : TimeCourse
        Fractions per gram.
    mass_g : mapping of str to array_like, shape (draw, subject) or less
        Of the regions to keep, above zero; others of the course are left out.

    Raises
    ------
    KindError
        If the course is not per gram.
    DataError
        If a region is not in the course.
    PhysicsRangeError
        If a mass is not above zero.
    """
    if course.quantity.key not in WHOLE:
        raise KindError(
            f"masses turn fractions per gram into fractions, not {course.quantity.name}"
        )
    missing = [region for region in mass_g if region not in course.regions]
    if missing or not mass_g:
        raise DataError(
            f"no time course of {', '.join(missing) or 'any region'}; there are "
            f"{', '.join(course.regions)}"
        )
    for region, mass in mass_g.items():
        if not np.all(np.asarray(mass) > 0):
            raise PhysicsRangeError(f"mass of '{region}' is {np.min(mass):g} g; above 0 g only")
    masses = [np.asarray(mass, dtype=float) for mass in mass_g.values()]
    factor = np.stack(np.broadcast_arrays(*masses), axis=-1)[..., None]
    chosen = [course.regions.index(region) for region in mass_g]
    kind, names = QUANTITIES[WHOLE[course.quantity.key]], tuple(mass_g)
    if course.coefficients is not None and course.rates_per_h is not None:
        c = course.coefficients[:, :, chosen] * factor
        r = np.broadcast_to(course.rates_per_h[:, :, chosen], c.shape)
        return replace(course, regions=names, quantity=kind, coefficients=c, rates_per_h=r)
    if course.values is None:
        raise DataError("a time course needs coefficients or values")
    return replace(
        course, regions=names, quantity=kind, values=course.values[:, :, chosen] * factor
    )


def course_of_remainder(
    whole: TimeCourse, parts: Sequence[TimeCourse], region: str = "total_body"
) -> TimeCourse:
    """Time course of what a whole region holds outside the parts that are given.

    Parameters
    ----------
    whole : TimeCourse
        Fractions, as terms, with ``region`` in it.
    parts : sequence of TimeCourse
        Of the same kind; all their regions lie in the whole and apart from each other.
    region : str

    Returns
    -------
    TimeCourse
        One region, ``remainder``.

    Raises
    ------
    KindError
        For sampled curves, fractions per gram, or kinds, decay or draws that differ.
    PhysicsRangeError
        If the parts hold more than the whole.
    """
    for course in (whole, *parts):
        same = course.quantity.key == whole.quantity.key and course.draws == whole.draws
        if not same or course.half_life_h != whole.half_life_h:
            raise KindError(
                f"remainder of {whole.quantity.name} (draws '{whole.draws}'): a part is "
                f"{course.quantity.name} (draws '{course.draws}') or has decayed otherwise"
            )
        if course.quantity.key not in WHOLE.values():
            raise KindError(TERMS_ONLY)
    if region not in whole.regions:
        raise DataError(f"no time course of '{region}'; there are {', '.join(whole.regions)}")
    total = whole.regions.index(region)
    terms = [_all_terms(whole, [total])]
    for part in parts:
        coefficients, rates = _all_terms(part, range(len(part.regions)))
        terms.append((-coefficients, rates))
    shape = np.broadcast_shapes(*(c.shape[:2] for c, _ in terms))
    c, r = (
        np.concatenate([np.broadcast_to(x, (*shape, x.shape[2])) for x in xs], axis=-1)[:, :, None]
        for xs in zip(*terms, strict=True)
    )
    out = replace(whole, regions=("remainder",), coefficients=c, rates_per_h=r)
    used = r[r > 0]
    times = np.geomspace(1e-2 / used.max(), 10.0 / used.min(), TIMES) if used.size else [0.0]
    lowest = out.at(np.concatenate([[0.0], times])).min()
    if lowest < LEAST:
        raise PhysicsRangeError(
            f"remainder of '{region}' falls to {lowest:.3g} of the administered amount: its parts "
            "hold more than the whole; check for regions given twice or with their blood"
        )
    return out


def _all_terms(course: TimeCourse, regions: Sequence[int]) -> tuple[Floats, Floats]:
    if course.coefficients is None or course.rates_per_h is None:
        raise KindError(TERMS_ONLY)
    c, r = (x[:, :, list(regions)] for x in (course.coefficients, course.rates_per_h))
    return c.reshape(*c.shape[:2], -1), r.reshape(*r.shape[:2], -1)
