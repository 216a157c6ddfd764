r"""Progression and death of patients by hazards that hang on the best response.

From freedom from progression a patient leaves with the hazard :math:`h = h_{SD} R_c` of his best
response *c*; a share of these events is death. After progression death has its own hazard. All
hazards are constant:

.. math::
    S_{PFS}(t) = e^{-ht}, \qquad
    S_{OS}(t) = e^{-ht} + (1 - s)\,h\,\frac{e^{-dt} - e^{-ht}}{h - d}.

The response is known from the start here (no immortal time: it acts from time 0 on simulated
patients; do not compare it with responders of a trial from their response on).

All hazards are assumed until a trial has fitted them: ``data/response/patient_priors.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.patient_draws import patient_priors

__all__ = [
    "Hazards",
    "chance_alive",
    "chance_progression_free",
    "hazard_draws",
    "sample_months",
]


@dataclass(frozen=True, slots=True)
class Hazards:
    """Hazards by month.

    Parameters
    ----------
    event_per_month : ndarray, shape (draw, category)
        Of progression or death, by best response.
    death_share : ndarray, shape (draw, 1)
        Of these events, 0 to 1.
    after_per_month : ndarray, shape (draw, 1)
        Of death after progression, above zero.
    categories : tuple of str
    """

    event_per_month: Floats
    death_share: Floats
    after_per_month: Floats
    categories: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("event_per_month", "death_share", "after_per_month"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"hazards {name}"))
        if self.event_per_month.shape[-1] != len(self.categories):
            raise DataError(
                f"hazards: {self.event_per_month.shape} for {len(self.categories)} categories"
            )
        if np.any(self.event_per_month <= 0) or np.any(self.after_per_month <= 0):
            raise PhysicsRangeError("hazards: every hazard is above zero")
        if np.any(self.death_share < 0) or np.any(self.death_share > 1):
            raise PhysicsRangeError("hazards: the share of deaths is 0 to 1")


def hazard_draws(categories: tuple[str, ...], draws: int, seed: int = 11) -> Hazards:
    """Draw from the assumed hazards."""
    table = patient_priors()["hazards"]["default"]
    ratio = table["hazard_ratio"]
    unknown = [c for c in categories if c not in ratio]
    if unknown:
        raise DataError(f"no assumed hazard for a response of '{unknown[0]}'; add its ratio")
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    z = rng.standard_normal((3, draws, 1))

    def hazard(name: str, which: int) -> Floats:
        row = table[name]
        return np.log(2.0) / (row["median"] * np.exp(row["log_sd"] * z[which]))

    # one factor on the logarithm of all ratios: responses stay in order
    stretch = np.exp(ratio["log_sd"] * z[1])
    ratios = np.exp(stretch * np.log([ratio[c] for c in categories]))
    return Hazards(
        hazard("progression_median_months", 0) * ratios,
        np.full((draws, 1), table["death_share"]["value"]),
        hazard("after_progression_median_months", 2),
        categories,
    )


def chance_progression_free(hazards: Hazards, month: float) -> Floats:
    """Chance to be alive without progression, shape (draw, category)."""
    return np.exp(-hazards.event_per_month * _month(month))


def chance_alive(hazards: Hazards, month: float) -> Floats:
    """Chance to be alive, shape (draw, category)."""
    t = _month(month)
    h, d = hazards.event_per_month, hazards.after_per_month
    # (e^-dt - e^-ht)/(h - d), steady where both hazards meet
    gap = (h - d) * t
    tiny = np.abs(gap) < 1e-8
    ratio = np.where(tiny, 1.0, -np.expm1(-gap) / np.where(tiny, 1.0, gap))
    return np.exp(-h * t) + (1 - hazards.death_share) * h * t * np.exp(-d * t) * ratio


def sample_months(
    hazards: Hazards, codes: NDArray[np.intp], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Months to progression or death, and to death, of simulated patients.

    Parameters
    ----------
    hazards : Hazards
    codes : ndarray of int, shape (draw, subject)
        Best responses.
    rng : Generator

    Returns
    -------
    progression_free, overall : ndarray, shape (draw, subject)
    """
    event = np.take_along_axis(hazards.event_per_month, codes, axis=1)
    free = rng.exponential(1.0, codes.shape) / event
    died = rng.uniform(size=codes.shape) < hazards.death_share
    after = rng.exponential(1.0, codes.shape) / hazards.after_per_month
    return free, np.where(died, free, free + after)


def _month(month: ArrayLike) -> float:
    value = float(np.asarray(month))
    if not 0 <= value < np.inf:
        raise PhysicsRangeError(f"month {value:g}: zero or later")
    return value
