"""The BLRM with overdose control as a design that trials are simulated with.

The next dose is the one with the highest probability of the target interval among those that
overdose control admits and that are at most one dose up; without an admissible dose the trial
stops. At the end the same choice is made among the doses that were given.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import NONE, STOP, Bools, Ints
from pdcraft.trial.models.blrm import Blrm
from pdcraft.trial.models.blrm_prior import EWOC
from pdcraft.trial.models.states import StateCache

__all__ = ["BlrmDesign"]


@dataclass(frozen=True, slots=True)
class BlrmDesign:
    """BLRM for simulation.

    Parameters
    ----------
    model : Blrm
    ewoc : float
        Highest probability of excessive or unacceptable toxicity that is allowed.
    most_increase : float, optional
        Largest ratio of the next dose to the present one, for instance 2; without it one dose up.

    Raises
    ------
    PhysicsRangeError
        For a probability outside (0, 1), or a ratio that is not above 1.
    """

    model: Blrm
    ewoc: float = EWOC
    most_increase: float | None = None
    states: StateCache = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_open("BLRM: limit of overdose control", self.ewoc)
        if self.most_increase is not None and not self.most_increase > 1:
            raise PhysicsRangeError(
                f"BLRM: largest increase {self.most_increase:g} is a ratio of doses above 1"
            )
        object.__setattr__(self, "states", StateCache(self._solve))

    @property
    def name(self) -> str:
        """Name."""
        return "BLRM with EWOC"

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.model.doses.size

    def _solve(self, n: Ints, tox: Ints) -> Floats:
        found = self.model.posterior(n, tox)
        return np.concatenate([found.intervals[..., 1], found.overdose], axis=1)

    def _target_and_admissible(self, n: Ints, tox: Ints) -> tuple[Floats, Bools]:
        found = self.states.answers(n, tox)
        return found[:, : self.doses], found[:, self.doses :] < self.ewoc

    def reachable(self, at: Ints) -> Bools:
        """Doses that may follow a dose as far as skipping goes, shape (trials, doses)."""
        level = np.arange(self.doses)
        out = level <= at[:, None] + 1
        if self.most_increase is not None:
            limit = self.model.doses[at][:, None] * self.most_increase * (1 + 1e-12)
            out = (self.model.doses <= limit) & out | (level <= at[:, None])
        return out

    def decide(self, n: Ints, tox: Ints, at: Ints) -> Ints:
        """Dose of the next cohort; see `Design.decide`."""
        target, allowed = self._target_and_admissible(n, tox)
        allowed = allowed & self.reachable(at)
        return np.where(allowed.any(axis=1), _best(target, allowed), STOP)

    def select(self, n: Ints, tox: Ints) -> Ints:
        """Dose recommended at the end: given to someone, and admitted by overdose control."""
        target, allowed = self._target_and_admissible(n, tox)
        allowed = allowed & (n > 0)
        return np.where(allowed.any(axis=1), _best(target, allowed), NONE)


def _best(target: Floats, allowed: Bools) -> Ints:
    return np.argmax(np.where(allowed, target, -1.0), axis=1)
