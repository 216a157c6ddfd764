"""Patients computed once, that many trials take theirs from.

Each was computed at every dose in every draw of what is not known, so that a patient's outcomes at
several doses keep their correlation, and a trial can be run conditional on a draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.trial.design import Bools, Ints
from pdcraft.trial.outcomes import PatientOutcomes

__all__ = ["PatientPool"]

LEAST_EVALUABLE = 0.05  # share below which a trial would look for patients without end
SAMPLE = 5  # what the stream of random numbers is for


@dataclass(frozen=True, slots=True, eq=False)
class PatientPool:
    """Days of toxicity and of the end of follow-up.

    Parameters
    ----------
    dlt_day, end_day : ndarray, shape (draw, subject, dose)
        From the first administration; infinite for never.
    window_d : float
        Over which a patient is watched for a DLT.
    least_followed : float
        Share of the window that a patient without DLT must be followed to be evaluable.
    replace : bool
        Whether patients who are not evaluable are replaced; else they count as without DLT.
    """

    dlt_day: Floats
    end_day: Floats
    window_d: float
    least_followed: float = 1.0
    replace: bool = True

    def __post_init__(self) -> None:
        if self.dlt_day.ndim != 3 or self.dlt_day.shape != self.end_day.shape:
            raise DataError(
                f"pool of patients: days of DLTs {self.dlt_day.shape}, of the end of follow-up "
                f"{self.end_day.shape}; wanted (draw, subject, dose), both alike"
            )
        for name in ("dlt_day", "end_day"):
            held = np.array(getattr(self, name), dtype=float)
            held.flags.writeable = False
            object.__setattr__(self, name, held)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return self.dlt_day.shape[0]

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.dlt_day.shape[2]

    def toxic(self, window_d: float | None = None) -> Bools:
        """Whether patients have a DLT within a window; that of the trial by default."""
        return self.dlt_day <= (self.window_d if window_d is None else window_d)

    def evaluable(self, window_d: float | None = None) -> Bools:
        """Whether patients have a DLT or were followed long enough."""
        window = self.window_d if window_d is None else window_d
        return self.toxic(window) | (self.end_day >= self.least_followed * window)

    def rates(self, window_d: float | None = None) -> Floats:
        """DLT rate of the patients that count, shape (draw, dose).

        With a later window, fewer are followed to its end: rates are of those who are.
        """
        toxic = self.toxic(window_d)
        if not self.replace:
            return frozen(toxic.mean(axis=1), "rates")
        counted = self.evaluable(window_d)
        self._enough(counted)
        return frozen(toxic.sum(axis=1) / counted.sum(axis=1), "rates")

    def rates_std_err(self) -> Floats:
        """Monte Carlo error of the rates averaged over draws, shape (dose,).

        Draws and patients are both samples; a patient is the same person in every draw. A rate is a
        ratio, DLTs over the patients that count, so its error is that of the linearized ratio.
        """
        rates = self.rates()
        counted = self.evaluable() if self.replace else np.ones_like(self.toxic())
        off = (self.toxic() - rates[:, None] * counted) / counted.mean(axis=1, keepdims=True)
        of_draws = rates.var(axis=0, ddof=1) / self.draws
        of_patients = off.mean(axis=0).var(axis=0, ddof=1) / off.shape[1]
        return frozen(np.sqrt(of_draws + of_patients), "errors")

    def replaced_per_patient(self) -> Floats:
        """Patients replaced for each that is assessed, by dose; averaged over draws."""
        if not self.replace:
            return frozen(np.zeros(self.doses), "replaced")
        share = self.evaluable().mean(axis=1)
        return frozen(((1 - share) / share).mean(axis=0), "replaced")

    def _enough(self, counted: Bools) -> None:
        least = counted.mean(axis=1).min()
        if least < LEAST_EVALUABLE:
            raise DataError(
                f"only {least:.1%} of the patients can be assessed at some dose: dropout and "
                "competing events leave no trial; see the window and the rates of events"
            )

    def sampled(self, draw: Ints, patients: int, *, seed: int, block: int = 0) -> PatientOutcomes:
        """Take patients for trials, with replacement, one draw for each trial.

        Parameters
        ----------
        draw : ndarray of int, shape (trials,)
        patients : int
            At hand in each trial.
        seed : int
        block : int
            Number of this block of trials.

        Raises
        ------
        DataError
            If hardly any patient can be assessed.

        Notes
        -----
        A patient who is not evaluable at a dose gives the place there to the next one. The same
        patients stand in line at every dose and for every design.
        """
        key = np.random.SeedSequence(seed, spawn_key=(SAMPLE, block))
        rng = np.random.default_rng(key)
        toxic, share = self.toxic(), np.minimum(self.dlt_day / self.window_d, 1.0)
        held = self.evaluable() if self.replace else np.ones_like(toxic)
        self._enough(held)
        size = (len(draw), patients)
        got = np.zeros((*size, self.doses), dtype=bool)
        when = np.ones((*size, self.doses))
        waiting = np.ones((*size, self.doses), dtype=bool)
        while waiting.any():
            who = rng.integers(0, toxic.shape[1], size)
            rows = np.flatnonzero(waiting.any(axis=(1, 2)))
            at = (draw[rows, None], who[rows])
            taken = waiting[rows] & held[at]
            got[rows] |= taken & toxic[at]
            when[rows] = np.where(taken, share[at], when[rows])
            waiting[rows] &= ~held[at]
        return PatientOutcomes(got, when)
