r"""TITE-BOIN: BOIN that decides while outcomes are pending.

Of n patients at the current dose r had a DLT, c are pending, and STFT is the pending patients'
follow-up summed and divided by the assessment window. A pending patient's DLT is imputed by its
expectation, so the rate that BOIN's boundaries are held against is [YL18]_

.. math::
    \hat p = \frac{1}{n}\left[r + \frac{\tilde p}{1-\tilde p}\,(c - \mathrm{STFT})\right],
    \qquad \tilde p = \frac{r + \phi/2}{n - c + 1}.

- More than half of the patients pending and r/n below :math:`\lambda_d`: accrual is suspended.
- Nobody pending: BOIN.
- r/n below the target: escalate if :math:`\hat p \le \lambda_e`, otherwise stay; above it:
  de-escalate if :math:`\hat p \ge \lambda_d`, otherwise stay; at it: stay.
- A dose is eliminated as in BOIN, with pending patients counted as free of toxicity so far.

With nobody pending these are the decisions of BOIN. The boundaries were checked against a
published trial's table (target 0.2), see the documentation of the designs.

References
----------
.. [YL18] Y. Yuan, R. Lin, D. Li, L. Nie, K. E. Warren, Clin. Cancer Res. 24, 4921 (2018),
   doi:10.1158/1078-0432.CCR-18-0246
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.boin import LONGEST, BoinRule, boin
from pdcraft.trial.design import DEESCALATE, ELIMINATE, ESCALATE, STAY, STOP, WAIT, Bools, Ints
from pdcraft.trial.table_design import STEP, ExtraSafe, TableDesign

__all__ = ["SUSPEND", "TimedCell", "TiteBoin"]

SUSPEND = 4  # beside E, S, D and DU
ROUNDING = 1e-12

TimedDecision = Literal["E", "S", "D", "DU", "suspend"]


@dataclass(frozen=True, slots=True)
class TimedCell:
    """What is done with n patients, tox of them toxic and so many pending.

    ``at_start`` is the decision if the pending have not been followed at all, ``at_end`` if they
    are about to complete the window; in between it changes where STFT passes `stft`, None if it
    does not.
    """

    n: int
    tox: int
    pending: int
    at_start: TimedDecision
    at_end: TimedDecision
    stft: float | None


_LETTERS: tuple[TimedDecision, ...] = ("E", "S", "D", "DU", "suspend")


@dataclass(frozen=True, slots=True)
class TiteBoin:
    """TITE-BOIN for a number of doses.

    Parameters
    ----------
    doses : int
    rule : BoinRule
        Its boundaries and its elimination.
    extra_safe : ExtraSafe, optional
    most_pending : float
        Share of patients at the current dose that may be pending without suspending accrual.
    max_n : int
        Most patients at a dose.

    Raises
    ------
    PhysicsRangeError
        For a share outside 0 to 1.
    """

    doses: int
    rule: BoinRule
    extra_safe: ExtraSafe | None = None
    most_pending: float = 0.5
    max_n: int = LONGEST
    complete: TableDesign = field(init=False)  # what it is when nobody is pending

    def __post_init__(self) -> None:
        if not 0 <= self.most_pending <= 1:
            raise PhysicsRangeError(
                f"TITE-BOIN: share of pending patients {self.most_pending:g} is not from 0 to 1"
            )
        rule = self.rule
        whole = boin(
            self.doses,
            rule.target,
            p_saf=rule.p_saf,
            p_tox=rule.p_tox,
            cutoff=rule.cutoff,
            extra_safe=self.extra_safe,
            max_n=self.max_n,
        )
        object.__setattr__(self, "complete", whole)

    @property
    def name(self) -> str:
        """Name."""
        return "TITE-BOIN"

    def imputed_rate(self, n: Ints, tox: Ints, pending: Ints, stft: Floats) -> Floats:
        """Rate at a dose with the expected toxicities of the pending; see the module."""
        p = (tox + 0.5 * self.rule.target) / (n - pending + 1.0)
        return (tox + p / (1.0 - p) * (pending - stft)) / n

    def decisions(self, n: Ints, tox: Ints, pending: Ints, stft: Floats) -> Ints:
        """Decide for arrays of counts: ESCALATE ... ELIMINATE, or `SUSPEND`.

        Parameters
        ----------
        n, tox, pending : ndarray of int
            Patients at the dose (1 or more), DLTs so far, and patients pending.
        stft : ndarray
            Follow-up of the pending, summed, in windows.
        """
        rule = self.rule
        whole = self.complete.table.look_up(n, tox)
        out = np.full(n.shape, STAY)
        target = n * rule.target
        imputed = self.imputed_rate(n, tox, pending, stft)
        out[imputed <= rule.lambda_e] = ESCALATE  # the rate seen is then below the target too
        out[(tox > target + ROUNDING) & (imputed >= rule.lambda_d)] = DEESCALATE
        out[(pending > self.most_pending * n) & (tox < n * rule.lambda_d)] = SUSPEND
        out[pending == 0] = whole[pending == 0]
        out[whole == ELIMINATE] = ELIMINATE
        return out

    def decide_timed(self, dose: Ints, tox: Bools, weight: Floats, at: Ints) -> Ints:
        """Dose of the next patients; see `TimedDesign.decide_timed`."""
        rows = np.arange(len(at))
        here = dose == at[:, None]
        waiting = here & ~tox & (weight < 1.0)
        pending = waiting.sum(axis=1)
        stft = np.where(waiting, weight, 0.0).sum(axis=1)
        all_n = (dose[:, :, None] == np.arange(self.doses)).sum(axis=1)
        all_tox = ((dose[:, :, None] == np.arange(self.doses)) & tox[:, :, None]).sum(axis=1)
        decision = self.decisions(all_n[rows, at], all_tox[rows, at], pending, stft)
        step = np.append(STEP, 0)[decision]
        wanted = np.clip(at + step, 0, self.doses - 1)
        ceiling = self.complete.ceiling(all_n, all_tox)
        # a dose at or above an eliminated one is left at once, whatever is pending
        waits = (decision == SUSPEND) & (at < ceiling)
        return np.where(ceiling > 0, np.where(waits, WAIT, np.minimum(wanted, ceiling - 1)), STOP)

    def select(self, n: Ints, tox: Ints) -> Ints:
        """Dose recommended at the end, as BOIN does."""
        return self.complete.select(n, tox)

    def cells(self, max_n: int, cohort: int = 1) -> Iterator[TimedCell]:
        """Yield the decision table, for multiples of a cohort."""
        for n in range(cohort, max_n + 1, cohort):
            for tox in range(n + 1):
                for pending in range(n - tox + 1):
                    yield self._cell(n, tox, pending)

    def _cell(self, n: int, tox: int, pending: int) -> TimedCell:
        ends = np.array([0.0, float(pending)])
        twice = np.full(2, n), np.full(2, tox), np.full(2, pending)
        start, end = (_LETTERS[d] for d in self.decisions(*twice, ends))
        stft = None
        if start != end:
            limit = self.rule.lambda_e if end == "E" else self.rule.lambda_d
            p = (tox + 0.5 * self.rule.target) / (n - pending + 1.0)
            stft = float(pending - (1.0 - p) / p * (n * limit - tox))
        return TimedCell(n, tox, pending, start, end, stft)
