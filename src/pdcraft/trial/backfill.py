r"""Backfill: further patients at lower doses, while the escalation goes on.

After BF-BOIN [ZY24]_. A dose is *low*, *middle* or *high* by its observed rate y/n: at or below
:math:`\lambda_e`, between, at or above :math:`\lambda_d`; without patients it is low.

- Beside each cohort, patients are treated at the highest open dose below the current one. A dose
  is open if it has patients but less than a cap, and if it and every dose below it is safe: not
  high by itself, or not high together with the next dose.
- Their outcomes count in every decision. The current dose and a lower one are in conflict if the
  current one is low and the lower one is not, or the lower one is high. Then the patients of the
  highest such dose and of all doses from there to the current one are pooled. Low: the design's
  own decision stands. Middle: not up. High: down to the highest dose to which the pool is not
  high, or to the dose below the pool if there is none.
- The outcome is never milder than the design's own decision, so eliminated doses stay closed.

Not modeled: that a response must have been seen before a dose is backfilled.

References
----------
.. [ZY24] Y. Zhao, Y. Yuan, E. L. Korn, B. Freidlin, Clin. Cancer Res. 30, 673 (2024); not opened:
   rules as the R package bfboin 0.1 has them
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.boin import BoinRule
from pdcraft.trial.design import STOP, Bools, Ints
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
    low, high : float
        Observed DLT rates: the lambda_e and lambda_d of BOIN, see `beside_boin`.

    Raises
    ------
    DataError
        For no patients.
    PhysicsRangeError
        Unless 0 < low < high < 1.
    """

    per_cohort: int
    cap: int
    low: float
    high: float

    def __post_init__(self) -> None:
        if self.per_cohort < 1 or self.cap < 1:
            raise DataError(
                f"backfill of {self.per_cohort} patients a cohort to a cap of {self.cap}: both "
                "must be 1 or more; leave the backfill out for none"
            )
        if not 0 < self.low < self.high < 1:
            raise PhysicsRangeError(
                f"backfill: rates {self.low:g} and {self.high:g} must rise, between 0 and 1, for "
                "instance the lambda_e and lambda_d of BOIN"
            )

    @classmethod
    def beside_boin(cls, rule: BoinRule, per_cohort: int, cap: int) -> Backfill:
        """Make it with the boundaries of BOIN."""
        return cls(per_cohort, cap, rule.lambda_e, rule.lambda_d)

    def _is_low(self, n: Ints, tox: Ints) -> Bools:
        return tox <= n * self.low

    def _is_high(self, n: Ints, tox: Ints) -> Bools:
        return (n > 0) & (tox >= n * self.high)

    def open_doses(self, n: Ints, tox: Ints, at: Ints) -> Bools:
        """Doses that may be backfilled, shape (trials, doses)."""
        with_next_n, with_next_tox = n.copy(), tox.copy()
        with_next_n[:, :-1] += n[:, 1:]
        with_next_tox[:, :-1] += tox[:, 1:]
        unsafe = self._is_high(n, tox) & self._is_high(with_next_n, with_next_tox)
        below_all = np.cumsum(unsafe, axis=1) == 0
        return below_all & (np.arange(n.shape[1]) < at[:, None]) & (n > 0) & (n < self.cap)

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
        for patient in range(first, first + self.per_cohort):
            open_ = self.open_doses(n[rows], tox[rows], at)
            some = open_.any(axis=1)
            highest = cast("Ints", n.shape[1] - 1 - np.argmax(open_[:, ::-1], axis=1))
            into, where = rows[some], highest[some]
            toxic = outcomes.dlt(patient, 1, into, where)[0]
            n[into, where] += 1
            tox[into, where] += toxic

    def restrained(self, n: Ints, tox: Ints, at: Ints, going: Ints) -> Ints:
        """Next dose where the current dose and a lower one are in conflict.

        Parameters
        ----------
        n, tox : ndarray of int, shape (trials, doses)
        at, going : ndarray of int, shape (trials,)
            Current dose, and what the design decided.
        """
        rows, dose = np.arange(len(at)), np.arange(n.shape[1])
        low, high = self._is_low(n, tox), self._is_high(n, tox)
        against = np.where(low[rows, at][:, None], ~low, high) & (dose < at[:, None])
        conflict = against.any(axis=1) & (going != STOP)
        from_ = cast("Ints", n.shape[1] - 1 - np.argmax(against[:, ::-1], axis=1))
        pool = (dose >= from_[:, None]) & (dose <= at[:, None])
        pool_n, pool_tox = np.cumsum(n * pool, axis=1), np.cumsum(tox * pool, axis=1)
        safe = pool & ~self._is_high(pool_n, pool_tox)
        highest_safe = cast("Ints", n.shape[1] - 1 - np.argmax(safe[:, ::-1], axis=1))
        down = np.where(safe.any(axis=1), highest_safe, np.maximum(from_ - 1, 0))
        total_n, total_tox = pool_n[rows, at], pool_tox[rows, at]
        most = np.where(
            self._is_high(total_n, total_tox),
            down,
            np.where(self._is_low(total_n, total_tox), going, at),
        )
        return np.where(conflict, np.minimum(going, most), going)
