"""Best response of simulated patients under a regimen, in draws and subjects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.patient_burden import diameter, killed, living, protein
from pdcraft.response.patient_criteria import assess, best_response
from pdcraft.response.patient_draws import PatientDraws, patient_priors
from pdcraft.response.patient_evidence import ResponseItem

__all__ = ["Regimen", "best_responses", "effect_given", "marker_course", "regimen_of"]

GBq_PER_mCi = 0.037
CHUNK = 200  # draws at a time
EARLY_d, EARLY_STEP_d, LATE_STEP_d = 98.0, 3.5, 14.0


@dataclass(frozen=True, slots=True)
class Regimen:
    """Administered activity, even between two limits over patients, in equal parts on some days.

    Parameters
    ----------
    GBq_low, GBq_high : float
        In all, above zero.
    at_d : tuple of float
    total_Gy_low, total_Gy_high : float or None
        Absorbed dose that external beam completes to, even between patients.
    """

    GBq_low: float
    GBq_high: float
    at_d: tuple[float, ...] = (0.0,)
    total_Gy_low: float | None = None
    total_Gy_high: float | None = None

    def __post_init__(self) -> None:
        if not 0 < self.GBq_low <= self.GBq_high:
            raise PhysicsRangeError(
                f"regimen: {self.GBq_low:g} to {self.GBq_high:g} GBq; above zero and in order"
            )
        if not self.at_d or min(self.at_d) < 0:
            raise PhysicsRangeError("regimen: one day or more, from day 0")
        if (self.total_Gy_low is None) != (self.total_Gy_high is None):
            raise DataError("regimen: a prescribed dose has two limits, or there is none")


def regimen_of(row: ResponseItem) -> Regimen:
    """Regimen of a published trial, with what of it is assumed."""
    if row.mCi_low is None or row.mCi_high is None:
        raise DataError(f"'{row.id}' has no activity: {row.reason}")
    low, high = row.mCi_low * GBq_PER_mCi, row.mCi_high * GBq_PER_mCi
    return Regimen(low, high, row.at_d, row.total_Gy_low, row.total_Gy_high)


def effect_given(who: PatientDraws, regimen: Regimen, time_d: Floats) -> Floats:
    """Effect given until each time, shape (draw, subject, times)."""
    activity = regimen.GBq_low + who.uniform * (regimen.GBq_high - regimen.GBq_low)
    rate_per_d = 24.0 * np.log(2.0) / who.effective_half_life_h[..., None]
    since = np.maximum(time_d - np.asarray(regimen.at_d)[:, None], 0.0)
    share = np.mean([-np.expm1(-rate_per_d * s) for s in since], axis=0)
    if regimen.total_Gy_low is None or regimen.total_Gy_high is None:
        if who.lesion_Gy_per_GBq is not None:
            raise DataError(
                f"{who.indication}: its link is per Gy of a prescribed dose; give total_Gy_low and "
                "total_Gy_high"
            )
        return (who.link * activity)[..., None] * share
    if who.lesion_Gy_per_GBq is None:
        raise DataError(f"{who.indication}: its link is per GBq; leave the prescribed dose out")
    total = regimen.total_Gy_low + who.uniform[:, ::-1] * (
        regimen.total_Gy_high - regimen.total_Gy_low
    )
    own = np.minimum(who.lesion_Gy_per_GBq * activity, total)
    row = patient_priors()["indication"][who.indication]
    days = np.maximum(time_d - row["beam_first_d"]["value"], 0.0)
    beam = np.minimum(days * row["beam_Gy_per_d"]["value"], (total - own)[..., None])
    return who.link[..., None] * (own[..., None] * share + beam)


def marker_course(who: PatientDraws, regimen: Regimen, time_d: Floats) -> Floats:
    """Size or protein, shape (draw, subject, times), in the unit of the criteria."""
    effect = effect_given(who, regimen, time_d)
    alive = living(time_d, effect, who.growth_per_d)
    if who.by_protein:
        return protein(time_d, alive, who.baseline, who.showing_d)
    rest = killed(time_d, effect, who.growth_per_d, np.log(2.0) / who.showing_d)
    return diameter(alive + rest, who.baseline)


def best_responses(who: PatientDraws, regimen: Regimen) -> NDArray[np.intp]:
    """Best response of every patient: codes of ``who.rules.categories``, shape (draw, subject)."""
    last = float(who.assessed_d[-1])
    days = np.concatenate(
        [
            np.arange(0.0, min(EARLY_d, last), EARLY_STEP_d),
            np.arange(EARLY_d, last, LATE_STEP_d),
            who.assessed_d,
        ]
    )
    days = np.unique(days)
    at = np.searchsorted(days, who.assessed_d)
    found: list[NDArray[np.intp]] = []
    for first in range(0, who.draws, CHUNK):
        some = who.taken(slice(first, first + CHUNK))
        marker = marker_course(some, regimen, days)[..., at]
        found.append(best_response(who.rules, assess(who.rules, marker, some.not_found_below)))
    return np.concatenate(found)
