"""Myelosuppression by a drug: the chain of Friberg driven by the concentration it was fitted on.

References
----------
.. [F02] L. E. Friberg et al., J. Clin. Oncol. 20, 4713 (2002), doi:10.1200/JCO.2002.02.140
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.concentration import ConcentrationTag, DrugExposure, require_tag
from pdcraft.response.marrow.chain import Chain, relative_counts

__all__ = ["Friberg", "friberg", "friberg_drugs", "friberg_set", "shipped_exposure"]

HOURS = 24.0
RTOL = 1e-9  # local error: curves of the reference are printed to fifteen digits


@dataclass(frozen=True, slots=True, eq=False)
class Friberg:
    """Parameters of a drug's effect on one kind of blood cell, each a number or shape (...).

    Parameters
    ----------
    cells : str
        What was counted: leukocytes are not neutrophils.
    baseline_1e9_per_L, transit_h, feedback : ndarray
    slope : ndarray or None
        Effect per unit of concentration.
    largest_effect, half_effect_at : ndarray or None
        Saturating effect in place of a slope.
    tag : ConcentrationTag
        What the effect was estimated on: without it there is no model.
    """

    cells: str
    baseline_1e9_per_L: Floats
    transit_h: Floats
    feedback: Floats
    slope: Floats | None
    largest_effect: Floats | None
    half_effect_at: Floats | None
    tag: ConcentrationTag | None

    @classmethod
    def of(
        cls,
        cells: str,
        baseline_1e9_per_L: ArrayLike,
        transit_h: ArrayLike,
        feedback: ArrayLike,
        *,
        tag: ConcentrationTag | None,
        slope: ArrayLike | None = None,
        largest_effect: ArrayLike | None = None,
        half_effect_at: ArrayLike | None = None,
    ) -> Friberg:
        """Check and freeze.

        Raises
        ------
        DataError
            Unless there is either a slope or a saturating effect.
        PhysicsRangeError
            For a value out of range.
        """
        saturating = largest_effect is not None and half_effect_at is not None
        if saturating == (slope is not None):
            raise DataError(
                f"Friberg of {cells}: give a slope, or largest_effect with half_effect_at"
            )
        made = cls(
            cells,
            frozen(baseline_1e9_per_L, "baseline"),
            frozen(transit_h, "transit time"),
            frozen(feedback, "feedback"),
            None if slope is None else frozen(slope, "slope"),
            None if largest_effect is None else frozen(largest_effect, "largest effect"),
            None if half_effect_at is None else frozen(half_effect_at, "half effect"),
            tag,
        )
        for name, lowest in (("baseline_1e9_per_L", 0.0), ("slope", None), ("half_effect_at", 0.0)):
            value = getattr(made, name)
            if value is not None and np.any(value < 0 if lowest is None else value <= lowest):
                rule = "zero or more" if lowest is None else "above zero"
                raise PhysicsRangeError(f"Friberg: {name} {value.min():g}; it is {rule}")
        return made

    def effect(self, concentration: Floats) -> Floats:
        """Share of proliferation that a concentration in the tag's unit stops."""
        if self.slope is not None:
            return self.slope * concentration
        if self.largest_effect is None or self.half_effect_at is None:
            raise DataError(f"Friberg of {self.cells}: no effect is given")
        return self.largest_effect * concentration / (self.half_effect_at + concentration)


def friberg(parameters: Friberg, exposure: DrugExposure, time_h: ArrayLike) -> Floats:
    """Solve for counts while a drug acts.

    Parameters
    ----------
    parameters : Friberg
    exposure : DrugExposure
        Of the concentration that the parameters belong to.
    time_h : array_like, shape (times,)
        Increasing; the first is when counts are at baseline.

    Returns
    -------
    ndarray, shape (..., times)
        10^9 per liter.

    Raises
    ------
    DataError
        If either has no tag.
    KindError
        If the tags differ.
    """
    require_tag(parameters.tag, exposure.tag)
    p = parameters
    values = [v for v in (p.slope, p.largest_effect, p.half_effect_at) if v is not None]
    lead = np.broadcast_shapes(
        p.baseline_1e9_per_L.shape, p.transit_h.shape, p.feedback.shape, exposure.shape,
        *(v.shape for v in values),
    )  # fmt: skip

    def flat(value: Floats) -> Floats:
        return np.broadcast_to(value, lead).reshape(-1)

    chain = Chain.of(flat(p.transit_h) / HOURS, flat(p.feedback))
    counts = relative_counts(
        chain,
        None,
        np.asarray(time_h, dtype=float) / HOURS,
        inhibited=lambda t: flat(p.effect(exposure.at(HOURS * t))),
        breaks_d=exposure.breaks_h / HOURS,
        rtol=RTOL,
    )
    return (counts * flat(p.baseline_1e9_per_L)).T.reshape(*lead, -1)


def friberg_drugs() -> tuple[str, ...]:
    """Names of the shipped sets."""
    return tuple(_sets())


def friberg_set(drug: str) -> Friberg:
    """Return the typical patient's parameters of a shipped set.

    Raises
    ------
    DataError
        For an unknown drug, with near matches.

    Examples
    --------
    >>> friberg_set("paclitaxel").cells
    'leukocytes'
    """
    row = _row(drug)
    return Friberg.of(
        row["cells"],
        row["baseline_1e9_per_L"],
        row["transit_h"],
        row["feedback"],
        tag=ConcentrationTag(**row["tag"]),
        slope=row.get("slope"),
        largest_effect=row.get("largest_effect"),
        half_effect_at=row.get("half_effect_at"),
    )


def shipped_exposure(drug: str, dose_umol: ArrayLike, duration_h: float) -> DrugExposure:
    """Concentration of a dose with the kinetics that come with a set: two compartments.

    Parameters
    ----------
    drug : str
    dose_umol : array_like, shape (...)
        Zero or more.
    duration_h : float
        Of the infusion.

    Raises
    ------
    DataError
        If the set has no kinetics.
    """
    row = _row(drug)
    if "clearance_L_per_h" not in row:
        raise DataError(
            f"{drug}: no kinetics come with this set; make a DrugExposure of "
            f"{ConcentrationTag(**row['tag']).text}"
        )
    dose = np.asarray(dose_umol, dtype=float)
    if np.any(dose < 0):
        raise PhysicsRangeError(f"{drug}: dose {dose.min():g} umol; it is zero or more")
    volume = row["volume_L"]
    out, there = row["clearance_L_per_h"] / volume, row["exchange_L_per_h"] / volume
    back = row["exchange_L_per_h"] / row["tissue_L"]
    total = out + there + back
    root = np.sqrt(total**2 - 4.0 * out * back)
    fast, slow = 0.5 * (total + root), 0.5 * (total - root)
    shares = np.array([(fast - back) / (fast - slow), (back - slow) / (fast - slow)])
    return DrugExposure.infusion(
        ConcentrationTag(**row["tag"]),
        dose[..., None] / volume * shares,
        np.array([fast, slow]),
        0.0,
        duration_h,
    )


@cache
def _sets() -> Mapping[str, Any]:
    table = load_toml("response", "friberg.toml")
    return {name: row for name, row in table.items() if name not in ("version", "source")}


def _row(drug: str) -> Mapping[str, Any]:
    index = index_of((name, ()) for name in _sets())
    return _sets()[look_up("drug with a Friberg set", drug, index, "see friberg_drugs()")]
