r"""Patients of a randomized trial: progression, death, dropout, and a change of treatment.

Progression and death without it are competing hazards. Two ways to cross over from control:

- before progression, at a hazard: from then on the patient has the hazard of progression of the
  experimental arm at that time since randomization. It dilutes progression-free survival as
  analyzed by randomization;
- at progression, with a probability: the hazard of death after progression is multiplied. It leaves
  progression-free survival alone and dilutes overall survival.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.checks import check_open, check_probability
from pdcraft.trial.design import Bools
from pdcraft.trial.survival.events import Accrual
from pdcraft.trial.survival.hazard import NEVER, Hazard
from pdcraft.trial.survival.visits import Visits

__all__ = ["Crossover", "Patients", "TwoArmPopulation"]


@dataclass(frozen=True, slots=True)
class Crossover:
    """Change of control patients to the experimental treatment.

    Parameters
    ----------
    before_progression : Hazard
        Per month.
    at_progression : float
        Probability.
    death_ratio : float
        Of the hazard of death after progression in those that crossed over at progression.
    """

    before_progression: Hazard = NEVER
    at_progression: float = 0.0
    death_ratio: float = 1.0

    def __post_init__(self) -> None:
        check_probability("crossover at progression", self.at_progression)
        if not self.death_ratio > 0:
            raise PhysicsRangeError(f"crossover: ratio of deaths {self.death_ratio:g}; above 0")


@dataclass(frozen=True, slots=True)
class Patients:
    """Drawn trials; all arrays have the shape (trials, patients).

    Parameters
    ----------
    entry_month : ndarray
        Calendar time of randomization.
    control : ndarray of bool
    pfs_month : ndarray
        Progression as it is first seen, or death; infinite if never.
    followed_month : ndarray
        Last month in which the patient is followed, if no event comes.
    true_pfs_month : ndarray
        Progression itself, or death.
    death_month : ndarray
    """

    entry_month: Floats
    control: Bools
    pfs_month: Floats
    followed_month: Floats
    true_pfs_month: Floats
    death_month: Floats


@dataclass(frozen=True, slots=True)
class TwoArmPopulation:
    """What the two arms of a randomized trial are like.

    Parameters
    ----------
    control, experimental : Hazard
        Of progression.
    accrual : Accrual
    share : float
        Of patients in the experimental arm; allocation is exact.
    death : Hazard
        Without progression, in both arms.
    death_after_progression : Hazard
        By time since progression.
    dropout : Hazard
    crossover : Crossover
    visits : Visits, optional
        Of both arms; None sees every progression at once.
    experimental_visits : Visits, optional
        If the experimental arm is visited otherwise.
    """

    control: Hazard
    experimental: Hazard
    accrual: Accrual
    share: float = 0.5
    death: Hazard = NEVER
    death_after_progression: Hazard = NEVER
    dropout: Hazard = NEVER
    crossover: Crossover = field(default_factory=Crossover)
    visits: Visits | None = None
    experimental_visits: Visits | None = None

    def __post_init__(self) -> None:
        check_open("share of the experimental arm", self.share)
        if self.experimental_visits is not None and self.visits is None:
            raise PhysicsRangeError("visits of the experimental arm are given, but none of control")

    @property
    def patients(self) -> int:
        """Number of patients of a trial."""
        return round(self.accrual.patients)

    def null(self) -> TwoArmPopulation:
        """Return a population in which the experimental arm is like control."""
        return TwoArmPopulation(
            self.control,
            self.control,
            self.accrual,
            self.share,
            self.death,
            self.death_after_progression,
            self.dropout,
            self.crossover,
            self.visits,
            None,
        )

    def draw(self, trials: int, rng: np.random.Generator) -> Patients:
        """Draw trials."""
        n = self.patients
        treated = round(self.share * n)
        if not 0 < treated < n:
            raise PhysicsRangeError(f"{n} patients, {treated} of them experimental: none is left")
        shape = (trials, n)
        entry = self.accrual.entry(np.sort(rng.random(shape), axis=1))
        control = np.broadcast_to(np.arange(n) >= treated, shape)
        control = rng.permuted(control, axis=1)
        progression = self._progression(shape, control, rng)
        death_first = self.death.draw(shape, rng)
        true = np.minimum(progression, death_first)
        progressed = progression <= death_first
        survived = self._after_progression(shape, control, rng)
        with np.errstate(invalid="ignore"):
            death = np.where(progressed, progression + survived, death_first)
        seen = progression
        if self.visits is not None:
            seen = self.visits.next(progression)
            if self.experimental_visits is not None:
                seen = np.where(control, seen, self.experimental_visits.next(progression))
        dropout = self.dropout.draw(shape, rng)
        return Patients(entry, control, np.minimum(seen, death), dropout, true, death)

    def last_assessed(self, month: Floats, control: Bools) -> Floats:
        """Last visit until times since randomization: what a censored patient is known free to."""
        if self.visits is None:
            return month
        last = self.visits.last(month)
        if self.experimental_visits is not None:
            last = np.where(control, last, self.experimental_visits.last(month))
        return last

    def _progression(
        self, shape: tuple[int, int], control: Bools, rng: np.random.Generator
    ) -> Floats:
        level = rng.standard_exponential(shape)
        own = np.where(control, self.control.inverse(level), self.experimental.inverse(level))
        if not np.any(self.crossover.before_progression.per_month):
            return own
        change = self.crossover.before_progression.draw(shape, rng)
        moved = control & (change < own)
        at = np.where(moved, change, 0.0)
        left = level - self.control.cumulative(at) + self.experimental.cumulative(at)
        return np.where(moved, self.experimental.inverse(left), own)

    def _after_progression(
        self, shape: tuple[int, int], control: Bools, rng: np.random.Generator
    ) -> Floats:
        level = rng.standard_exponential(shape)
        if self.crossover.at_progression > 0:
            crossed = control & (rng.random(shape) < self.crossover.at_progression)
            level = np.where(crossed, level / self.crossover.death_ratio, level)
        return self.death_after_progression.inverse(level)
