"""Mouse and man disagree on how long the carrier stays in plasma; shown, not averaged away.

The published 822 h of man are of the stable carrier, over 1.2 half-lives of follow-up. The fourth
root of the mass ratio turns it into a half-life of about 110 h in the mouse, whose blood is said to
be cleared by 96 h.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.estimate import Summary, summarize
from pdcraft.data.evidence import EvidenceItem
from pdcraft.kinetics.carrier.draws import carrier_draws
from pdcraft.kinetics.carrier.observe import Observables, observe
from pdcraft.kinetics.carrier.parameters import Species, host
from pdcraft.kinetics.carrier.predict import INJECTED_MASS, fitted_items
from pdcraft.kinetics.carrier.scaling import TIME_EXPONENT

__all__ = ["PlasmaConflict", "plasma_conflict"]


@dataclass(frozen=True, slots=True)
class PlasmaConflict:
    """The two statements and what each means for the other.

    Parameters
    ----------
    slower : float
        Man over mouse, by the fourth root of the body masses.
    human_half_life_h, scaled_half_life_h : float
        As published, and in the mouse's time.
    cleared_by_h, cleared_below : float
        The mouse's statement: less than this share of the peak at this time.
    share_if_one_exponential : float
        What the scaled half-life alone would leave then.
    share_from_man : Summary
        What the human draws, which have a fast phase too, leave at the same time scaled.
    share_fitted, share_predicted : Summary
        What the mouse draws leave, with the statement and without its animals.
    mouse_half_life_h : Summary
        Of the mouse draws, over the human sampling window scaled.
    """

    slower: float
    human_half_life_h: float
    scaled_half_life_h: float
    cleared_by_h: float
    cleared_below: float
    share_if_one_exponential: float
    share_from_man: Summary
    share_fitted: Summary
    share_predicted: Summary
    mouse_half_life_h: Summary


def plasma_conflict() -> PlasmaConflict:
    """Compute from the evidence and the shipped draws."""
    half_life, cleared = (
        _item("human", "human-plasma-half-life"),
        _item("mouse", "clr125-blood-cleared"),
    )
    slower = (host("human").body_mass_g / host("mouse").body_mass_g) ** TIME_EXPONENT
    human_h, by_h = half_life.value or np.nan, cleared.time_h[0]
    scaled_h = human_h / slower
    fitted = _seen("mouse")
    window = [t / slower for t in half_life.time_h]
    return PlasmaConflict(
        slower=slower,
        human_half_life_h=human_h,
        scaled_half_life_h=scaled_h,
        cleared_by_h=by_h,
        cleared_below=cleared.value or np.nan,
        share_if_one_exponential=float(0.5 ** (by_h / scaled_h)),
        share_from_man=_share(_seen("human"), by_h * slower),
        share_fitted=_share(fitted, by_h),
        share_predicted=_share(_seen("mouse", cleared.subjects), by_h),
        mouse_half_life_h=summarize(fitted.plasma_half_life_h(window[0], window[1])),
    )


def _item(species: Species, name: str) -> EvidenceItem:
    return next(i for i in fitted_items(species) if i.id == name)


def _seen(species: Species, without: str | None = None) -> Observables:
    draws = carrier_draws(species).named(without)
    return observe(host(species), {k: v for k, v in draws.items() if k != INJECTED_MASS})


def _share(seen: Observables, time_h: float) -> Summary:
    return summarize(seen.retained_share("plasma", time_h)[:, 0])
