"""What simulated trials came to, one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.trial.design import NONE, Bools, Ints

__all__ = ["TrialRuns"]


@dataclass(frozen=True, slots=True)
class TrialRuns:
    """Results of trials; all arrays are read-only.

    Parameters
    ----------
    design : str
    n, tox : ndarray of int, shape (trials, doses)
        Patients treated and toxicities seen.
    selected : ndarray of int, shape (trials,)
        Dose recommended; -1 for none.
    stopped : ndarray of bool, shape (trials,)
        Ended before the planned number of patients.
    months : ndarray, shape (trials,), optional
        Duration, to the last assessment.
    """

    design: str
    n: Ints
    tox: Ints
    selected: Ints
    stopped: Bools
    months: Floats | None = None

    def __post_init__(self) -> None:
        for held in (self.n, self.tox, self.selected, self.stopped, self.months):
            if held is not None:
                held.flags.writeable = False

    @classmethod
    def joined(cls, parts: Sequence[TrialRuns]) -> TrialRuns:
        """Join runs of one design, one after another."""
        months = [p.months for p in parts if p.months is not None]
        return cls(
            parts[0].design,
            np.concatenate([p.n for p in parts]),
            np.concatenate([p.tox for p in parts]),
            np.concatenate([p.selected for p in parts]),
            np.concatenate([p.stopped for p in parts]),
            np.concatenate(months) if months else None,
        )

    @property
    def trials(self) -> int:
        """Number of trials."""
        return self.n.shape[0]

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.n.shape[1]

    def chosen_among(self, doses: Bools) -> Bools:
        """Whether each trial recommended one of the doses marked, shape (trials,)."""
        return (self.selected != NONE) & doses[np.maximum(self.selected, 0)]
