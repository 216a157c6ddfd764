"""The TITE-CRM as a design that decides while outcomes are pending.

A patient free of DLT counts with the share of the window that was observed (linear weights); the
dose is that of the model, never more than one dose up [CC00]_. Accrual is not suspended.

References
----------
.. [CC00] Y. K. Cheung, R. Chappell, Biometrics 56, 1177 (2000),
   doi:10.1111/j.0006-341X.2000.01177.x
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.design import Bools, Ints
from pdcraft.trial.models.crm import nearest
from pdcraft.trial.models.crm_design import CrmDesign, prior_grid

__all__ = ["TiteCrm"]

AT_ONCE = 2000  # trials whose likelihood is held at a time


@dataclass(frozen=True, slots=True)
class TiteCrm:
    """TITE-CRM for simulation.

    Parameters
    ----------
    complete : CrmDesign
        What it is when nobody is pending: skeleton, target, prior; its stopping rule is not used.

    Raises
    ------
    DataError
        For a CRM by maximum likelihood, which has no estimate at the begin of a trial.
    """

    complete: CrmDesign

    def __post_init__(self) -> None:
        if self.complete.method != "bayes":
            raise DataError("TITE-CRM: simulated with method 'bayes' only")

    @property
    def name(self) -> str:
        """Name."""
        return "TITE-CRM"

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.complete.doses

    def decide_timed(self, dose: Ints, tox: Bools, weight: Floats, at: Ints) -> Ints:
        """Dose of the next patients; see `TimedDesign.decide_timed`."""
        crm = self.complete
        out = np.empty(len(at), dtype=np.intp)
        for first in range(0, len(at), AT_ONCE):
            part = slice(first, first + AT_ONCE)
            rates = crm.curve.rates(self.estimates(dose[part], tox[part], weight[part]))
            out[part] = nearest(rates, crm.target)
        return np.minimum(out, at + 1) if crm.restrict else out

    def estimates(self, dose: Ints, tox: Bools, weight: Floats) -> Floats:
        """Posterior mean of the parameter, shape (trials,)."""
        crm = self.complete
        b = prior_grid(crm.scale)
        log_p, log_q = crm.curve.log_rates(b)
        each = dose[:, :, None] == np.arange(self.doses)
        done = tox | (weight >= 1.0)
        toxic = (each & tox[:, :, None]).sum(axis=1)
        free = (each & (done & ~tox)[:, :, None]).sum(axis=1)
        log = toxic @ log_p.T + free @ log_q.T - 0.5 * (b / crm.scale) ** 2
        row, who = np.nonzero((dose >= 0) & ~done)
        if row.size:
            level, share = dose[row, who], weight[row, who][:, None]
            q, p = np.exp(log_q.T), np.exp(log_p.T)
            pending = np.log(q[level] + (1.0 - share) * p[level])
            starts = np.flatnonzero(np.diff(row, prepend=-1))
            log[row[starts]] += np.add.reduceat(pending, starts, axis=0)
        mass = np.exp(log - log.max(axis=1, keepdims=True))
        return mass @ b / mass.sum(axis=1)

    def select(self, n: Ints, tox: Ints) -> Ints:
        """Dose recommended at the end, as the CRM does."""
        return self.complete.select(n, tox)
