r"""Effects of free drug by the models of response, each on the concentration it was estimated on.

Kill of the tumor: a slope that was estimated on total drug in the plasma of mice given plain drug.
A conjugate drives it by its plasma equivalent: the plasma concentration of *plain* drug that would
have given the same free drug in tumor. Plain drug is its own equivalent, so that its arm is the
published curve to the last digit, and a conjugate differs by free drug in tumor and nothing else.
Marrow likewise, by unbound drug in the plasma of man.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import KindError
from pdcraft.exposure.chain import LinearChain
from pdcraft.exposure.course import DrugCourse, DrugDose
from pdcraft.exposure.drug import FreeDrug
from pdcraft.response.concentration import ConcentrationTag, DrugExposure

__all__ = [
    "EQUIVALENT",
    "equivalent_exposure",
    "knots_h",
    "sampled_exposure",
    "step_for_kill",
    "stepwise",
]

#: The concentration that stands for a tissue, by the site of what is affected.
EQUIVALENT = {"tumor": "tumor_equivalent", "marrow": "marrow_equivalent"}
KNOTS, FIRST_h = 48, 0.25
STABLE = 2.0  # kill times step; explicit steps hold below 2.7


def knots_h(until_h: float, doses: Sequence[DrugDose], count: int = KNOTS) -> Floats:
    """Return ends of intervals that are short after each start and end of a dose."""
    turns = sorted({e for d in doses for e in (d.at_h, d.at_h + d.duration_h) if e < until_h})
    parts = [np.asarray([0.0, until_h])]
    for a, b in zip(turns, [*turns[1:], until_h], strict=True):
        if b - a > FIRST_h:
            share = max(4, int(count / len(turns)))
            parts.append(a + np.geomspace(FIRST_h, b - a, share))
        parts.append(np.asarray([a, b]))
    return np.asarray(np.unique(np.round(np.concatenate(parts), 9)), dtype=float)


def stepwise(tag: ConcentrationTag, knots: ArrayLike, cumulative: Floats) -> DrugExposure:
    """Make an exposure that is steady between knots, with the exact area of each interval.

    Parameters
    ----------
    tag : ConcentrationTag
    knots : array_like, shape (knots,)
        Hours, increasing, the first at the first dose.
    cumulative : ndarray, shape (..., knots)
        Integral to each knot, in the tag's unit times h.
    """
    at = np.asarray(knots, dtype=float)
    level = np.diff(cumulative, axis=-1) / np.diff(at)
    ends = np.zeros((*level.shape[:-1], 1))
    change = np.diff(np.concatenate([ends, np.maximum(level, 0.0), ends], axis=-1), axis=-1)
    return DrugExposure(tag, change, np.zeros_like(change), at)


def equivalent_exposure(
    chain: LinearChain,
    doses: Sequence[DrugDose],
    tag: ConcentrationTag,
    reference: FreeDrug,
    until_h: float,
    *,
    of: str = "tumor",
    knots: int = KNOTS,
) -> DrugExposure:
    """Take what a chain gives to the concentration that an effect was estimated on.

    Parameters
    ----------
    chain : LinearChain
    doses : sequence of DrugDose
    tag : ConcentrationTag
        Of the effect's parameters: in plasma, total or unbound.
    reference : FreeDrug
        The plain drug of the study that they come from: its binding turns unbound into total.
    until_h : float
    of : {"tumor", "marrow"}
    knots : int
        Steps of the exposure.

    Raises
    ------
    KindError
        If the tag is of another drug, species or site.
    """
    at = knots_h(until_h, doses, knots)
    area = chain.area_until(EQUIVALENT[of], doses, at)
    return stepwise(tag, at, area * _per_unbound(tag, reference))


def step_for_kill(exposure: DrugExposure, slope_per_d: ArrayLike, longest_d: float) -> float:
    """Return a step, d, that a stepwise exposure's strongest kill leaves stable.

    Explicit steps hold while kill times step stays below 2.7; intervals shorter than that need no
    other step, since no step crosses an end.
    """
    level = np.cumsum(exposure.coefficient, axis=-1)[..., :-1]
    kill = level * np.max(np.asarray(slope_per_d, dtype=float))
    width_d = np.diff(exposure.at_h) / 24.0
    long = kill * width_d > STABLE
    if not np.any(long):
        return longest_d
    return min(longest_d, STABLE / float(kill[long].max()))


def sampled_exposure(
    course: DrugCourse, name: str, tag: ConcentrationTag, reference: FreeDrug
) -> DrugExposure:
    """Take one concentration of a sampled course to an exposure; its areas by trapezoids."""
    t, c = course.times_h, course.curve(name)
    steps = 0.5 * (c[..., 1:] + c[..., :-1]) * np.diff(t)
    zero = np.zeros((*c.shape[:-1], 1))
    area = np.concatenate([zero, np.cumsum(steps, axis=-1)], axis=-1)
    return stepwise(tag, t, area * _per_unbound(tag, reference))


def _per_unbound(tag: ConcentrationTag, reference: FreeDrug) -> Floats:
    """Tag's concentration for an unbound one of 1 umol/L in the reference, shape (draws, 1)."""
    said = (tag.drug, tag.species, tag.site)
    if said != (reference.name, reference.species, "plasma"):
        raise KindError(
            f"the effect belongs to {tag.text}; the plain drug here is {reference.name} in "
            f"{reference.species} plasma: give the drug on which the effect was estimated"
        )
    ratio = np.atleast_1d(np.asarray(reference.total_per_unbound, dtype=float))
    factor = ratio if tag.binding == "total" else np.ones_like(ratio)
    one = ConcentrationTag(tag.drug, tag.species, tag.site, tag.binding, "umol/L")
    unit = DrugExposure(one, np.ones(1), np.zeros(1), np.zeros(1))
    return (factor * unit.converted(tag.unit, reference.molar_mass_g_per_mol).at(0.0))[:, None]
