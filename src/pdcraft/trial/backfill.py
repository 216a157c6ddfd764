"""Backfill: further patients at lower doses, while the escalation goes on.

Patients beyond the cohort are treated at the highest dose below the current one that is open: it
has patients, its observed DLT rate is below a limit, and it holds less than a cap. Their outcomes
count in every decision. If a lower dose comes to the limit, its patients and those of all doses
from it to the current one are pooled: a pooled rate at the limit or above brings the escalation
back to that dose; otherwise it goes on, but not up. Rules of this kind are those of [ZY24]_; the
form here is our own (assumed).

References
----------
.. [ZY24] Y. Zhao, Y. Yuan, E. L. Korn, B. Freidlin, Clin. Cancer Res. 30, 673 (2024)
   (not opened)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from pdcraft.errors import DataError
from pdcraft.trial.design import STOP, Bools, Ints, require_rate
from pdcraft.trial.outcomes import Outcomes

__all__ = ["Backfill"]


@dataclass(frozen=True, slots=True)
class Backfill:
    """Backfill at doses below the current one.

    Parameters
    ----------
    per_cohort : int
        Patients beside each cohort.
    cap : int
        Patients at one dose up to which it is backfilled.
    limit : float
        Observed DLT rate that closes a dose, for instance the lambda_d of BOIN.

    Raises
    ------
    DataError
        For no patients.
    PhysicsRangeError
        For a limit outside (0, 1).
    """

    per_cohort: int
    cap: int
    limit: float

    def __post_init__(self) -> None:
        if self.per_cohort < 1 or self.cap < 1:
            raise DataError(
                f"backfill of {self.per_cohort} patients a cohort to a cap of {self.cap}: both "
                "must be 1 or more; leave the backfill out for none"
            )
        require_rate(self.limit, "DLT rate that closes a dose to backfill")

    def _closed(self, n: Ints, tox: Ints) -> Bools:
        return (n > 0) & (tox >= n * self.limit)

    def treat(
        self, outcomes: Outcomes, first: int, n: Ints, tox: Ints, rows: Ints, at: Ints
    ) -> None:
        """Treat the patients beside one cohort; `n` and `tox` are updated in place.

        Parameters
        ----------
        outcomes : Outcomes
        first : int
            The first of these patients.
        n, tox : ndarray of int, shape (trials, doses)
        rows, at : ndarray of int, shape (k,)
            Trials that go on, and their current doses.
        """
        dose = np.arange(n.shape[1])
        for patient in range(first, first + self.per_cohort):
            held_n, held_tox = n[rows], tox[rows]
            open_ = (dose < at[:, None]) & (held_n > 0) & (held_n < self.cap)
            open_ &= ~self._closed(held_n, held_tox)
            some = open_.any(axis=1)
            highest = cast("Ints", n.shape[1] - 1 - np.argmax(open_[:, ::-1], axis=1))
            into, where = rows[some], highest[some]
            toxic = outcomes.dlt(patient, 1, into, where)[0]
            n[into, where] += 1
            tox[into, where] += toxic

    def restrained(self, n: Ints, tox: Ints, at: Ints, going: Ints) -> Ints:
        """Next dose, where a lower dose has come to the limit; shapes as in `Design.decide`."""
        dose = np.arange(n.shape[1])
        closed = self._closed(n, tox) & (dose < at[:, None])
        some = closed.any(axis=1) & (going != STOP)
        lowest = cast("Ints", np.argmax(closed, axis=1))
        pool = (dose >= lowest[:, None]) & (dose <= at[:, None])
        back = (tox * pool).sum(axis=1) >= self.limit * (n * pool).sum(axis=1)
        held = np.minimum(going, np.where(back, lowest, at))
        return np.where(some, held, going)
