"""The calendar of a trial: when patients come, and how long an assessment takes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.design import Bools

__all__ = ["Calendar"]

ARRIVAL = 4  # what the stream of random numbers is for


@dataclass(frozen=True, slots=True)
class Calendar:
    """Accrual and the assessment window.

    Patients come one by one with exponential times between them; whoever comes while the trial
    takes nobody goes elsewhere.

    Parameters
    ----------
    accrual_per_month : float
        Mean number of patients that come.
    window_months : float
        Time over which a patient is watched for a DLT.

    Raises
    ------
    PhysicsRangeError
        Unless both are above 0.
    """

    accrual_per_month: float
    window_months: float

    def __post_init__(self) -> None:
        for what, value in (
            ("accrual per month", self.accrual_per_month),
            ("assessment window", self.window_months),
        ):
            if not 0 < value < float("inf"):
                raise PhysicsRangeError(f"{what}: {value:g} must be above 0, and finite")

    def gaps_months(self, trials: int, patients: int, seed: int, block: int = 0) -> Floats:
        """Draw the times before each patient comes, shape (patients, trials)."""
        stream = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(ARRIVAL, block)))
        return stream.exponential(1.0 / self.accrual_per_month, (patients, trials))

    def cohort_months(self, gaps: Floats, toxic: Bools, onset: Floats) -> Floats:
        """Time from one decision to the next, shape (trials,).

        A patient is assessed at the DLT, or else when the window ends.

        Parameters
        ----------
        gaps, toxic, onset : ndarray, shape (cohort, trials)
            Times before each patient comes; who has a DLT, and at what share of the window.
        """
        enrolled = np.cumsum(gaps, axis=0)
        known = enrolled + np.where(toxic, onset, 1.0) * self.window_months
        return known.max(axis=0)
