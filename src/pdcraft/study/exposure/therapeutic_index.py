r"""Therapeutic index: the dose that man's marrow bears over the dose that his tumor needs.

1. :math:`D_m`, the dose that brings a xenograft to a stated share of its control on a stated day.
2. :math:`A^* = D_m a_m`, the area of the tumor's plasma equivalent (unbound drug) that it gives.
3. :math:`D_h = s A^* / a_h`, the dose that gives man's tumor that area: matched unbound exposure.
   The factor s is the species scaling, an uncertainty of its own.
4. :math:`D_t`, the dose that brings man's leukocytes to a stated nadir.

The index is :math:`D_t/D_h`. Everything but the effects is linear in dose, so that areas are of one
nmol. A dose is one bolus of drug on its carrier, or plain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.files import load_toml
from pdcraft.errors import PhysicsRangeError
from pdcraft.exposure.chain import LinearChain
from pdcraft.exposure.course import DrugDose
from pdcraft.exposure.drug import FreeDrug
from pdcraft.numerics.inputs import stream
from pdcraft.response.concentration import DrugExposure
from pdcraft.response.friberg import friberg, friberg_set
from pdcraft.response.tumor_simeoni import paclitaxel_a2780, simeoni
from pdcraft.study.exposure.drug_effect import equivalent_exposure, step_for_kill

__all__ = ["Goal", "Index", "dose_for_nadir", "dose_for_tumor", "scaling", "therapeutic_index"]

ONE_nmol = (DrugDose(1.0),)
STEP_d, NADIR_d = 0.25, 28.0
MOUSE_KNOTS, HUMAN_KNOTS = 24, 20
FIRST_EFFECT_h = 10.0  # inhibition times time of a first guess of a dose in man
STRIDE = float(np.log(4.0))
MOST_STRIDES = 12
HALVINGS = 30
UNREACHED = (
    "therapeutic index: in some draw no dose reaches the goal; the linker sets hardly anything "
    "free before that day, or the goal is out of reach"
)
TOLERANCE = 1e-4  # of a dose, or of the effect's logarithm


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be reached in the mouse and what is borne in man.

    Parameters
    ----------
    tumor_share : float
        Mass over the control's, above 0 and below 1.
    tumor_day : float
    nadir_1e9_per_L : float
        Of leukocytes.
    species_log_sd : float
        SD of the logarithm of the species scaling.
    """

    tumor_share: float
    tumor_day: float
    nadir_1e9_per_L: float
    species_log_sd: float

    @classmethod
    def shipped(cls) -> Goal:
        """Return the package's own convention."""
        row = load_toml("exposure", "index.toml")
        return cls(**{k: v for k, v in row.items() if k != "version"})

    def __post_init__(self) -> None:
        baseline = float(friberg_set("paclitaxel").baseline_1e9_per_L)
        if not 0 < self.tumor_share < 1 or not self.tumor_day > 0:
            raise PhysicsRangeError(
                f"goal: a tumor of {self.tumor_share:g} of its control on day {self.tumor_day:g}; "
                "a share lies between 0 and 1, a day after 0"
            )
        if not 0 < self.nadir_1e9_per_L < baseline or self.species_log_sd < 0:
            raise PhysicsRangeError(
                f"goal: nadir {self.nadir_1e9_per_L:g}, spread {self.species_log_sd:g}; a nadir "
                f"lies between 0 and the baseline of {baseline:g}, a spread is not negative"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Doses and index, each of shape (..., draws); nmol of drug."""

    mouse_nmol: Floats
    human_nmol: Floats
    tolerated_nmol: Floats
    matched_uM_h: Floats

    @property
    def index(self) -> Floats:
        """Dose that is borne over dose that is needed."""
        return self.tolerated_nmol / self.human_nmol


def scaling(goal: Goal, n: int, seed: int) -> Floats:
    """Draw the species scaling, median 1."""
    unit = stream(seed, "exposure.species_scaling").standard_normal(n)
    return np.exp(goal.species_log_sd * unit)


def therapeutic_index(
    mouse: LinearChain,
    mouse_reference: FreeDrug,
    human: LinearChain,
    human_reference: FreeDrug,
    goal: Goal,
    scale: Floats,
) -> Index:
    """Find the index of a drug or a conjugate.

    Parameters
    ----------
    mouse, human : LinearChain
        Of the same linker; batch axes (..., draws).
    mouse_reference, human_reference : FreeDrug
        Plain drug on which kill and marrow effect were estimated.
    goal : Goal
    scale : ndarray, shape (draws,)
        From `scaling`.
    """
    need = dose_for_tumor(mouse, mouse_reference, goal)
    area = need * mouse.area("tumor_equivalent")
    in_man = scale * area / human.area("tumor_equivalent")
    borne = dose_for_nadir(human, human_reference, goal)
    return Index(need, in_man, borne, area)


def dose_for_tumor(chain: LinearChain, reference: FreeDrug, goal: Goal) -> Floats:
    """Dose of one bolus in the mouse that reaches the goal, nmol, shape (..., draws)."""
    parameters = paclitaxel_a2780()
    until_h = 24.0 * goal.tumor_day
    unit = equivalent_exposure(
        chain, ONE_nmol, parameters.tag, reference, until_h, knots=MOUSE_KNOTS
    )
    days = [0.0, goal.tumor_day]
    control = simeoni(parameters, None, days).mass_g[..., -1]

    def missing(dose: Floats) -> Floats:
        """Positive while the dose is too small."""
        given = _times(unit, dose)
        step_d = step_for_kill(given, parameters.k2, STEP_d)
        curve = simeoni(parameters, given, days, step_d=step_d)
        return np.log(np.maximum(curve.mass_g[..., -1], 1e-300) / control / goal.tumor_share)

    # kill that takes the share off at once; growth and late kill ask for more
    first = -np.log(goal.tumor_share) / (parameters.k2 * _reached(unit) / 24.0)
    return _found(missing, first)


def dose_for_nadir(chain: LinearChain, reference: FreeDrug, goal: Goal) -> Floats:
    """Dose of one bolus in man whose leukocyte nadir is the goal's, nmol, shape (..., draws)."""
    parameters = friberg_set("paclitaxel")
    assert parameters.tag is not None
    unit = equivalent_exposure(
        chain, ONE_nmol, parameters.tag, reference, 24.0 * NADIR_d, of="marrow", knots=HUMAN_KNOTS
    )
    hours = np.linspace(0.0, 24.0 * NADIR_d, 57)

    def missing(dose: Floats) -> Floats:
        counts = friberg(parameters, _times(unit, dose), hours)
        return np.log(np.maximum(counts.min(axis=-1), 1e-12) / goal.nadir_1e9_per_L)

    assert parameters.slope is not None
    return _found(missing, FIRST_EFFECT_h / (parameters.slope * _reached(unit)))


def _reached(unit: DrugExposure) -> Floats:
    """Return the integral of a stepwise exposure, in its unit times h; refused where it is none."""
    area = -(unit.coefficient * unit.at_h).sum(axis=-1)
    if not np.all(area > 0):
        raise PhysicsRangeError(UNREACHED)
    return area


def _times(unit: DrugExposure, dose: Floats) -> DrugExposure:
    return DrugExposure(unit.tag, unit.coefficient * dose[..., None], unit.rate_per_h, unit.at_h)


def _found(missing: Callable[[Floats], Floats], first: Floats) -> Floats:
    """Dose at which nothing is missing, from a first guess; by false position on logarithms."""
    low = np.log(first)
    below = missing(first)
    for _ in range(MOST_STRIDES):  # down to where every dose is too small
        if not np.any(small := below < 0):
            break
        low = np.where(small, low - STRIDE, low)
        below = missing(np.exp(low))
    high, above = low.copy(), below.copy()
    for _ in range(MOST_STRIDES):  # up to where none is
        open_ = above >= 0
        if not np.any(open_):
            break
        low, below = np.where(open_, high, low), np.where(open_, above, below)
        high = np.where(open_, high + STRIDE, high)
        above = np.where(open_, missing(np.exp(high)), above)
    if np.any(below < 0) or np.any(above >= 0):
        raise PhysicsRangeError(UNREACHED)
    middle = high
    for turn in range(HALVINGS):
        secant = high - above * (high - low) / (above - below)
        middle = 0.5 * (low + high) if turn % 3 == 2 else secant
        now = missing(np.exp(middle))
        small = now >= 0
        low, below = np.where(small, middle, low), np.where(small, now, below)
        high, above = np.where(small, high, middle), np.where(small, above, now)
        if np.all((high - low < TOLERANCE) | (np.abs(now) < TOLERANCE)):
            break
    return np.exp(middle)
