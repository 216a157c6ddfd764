r"""Proportional hazards regression of Cox, ties by Efron or Breslow.

References
----------
.. [C72] D. R. Cox, J. R. Stat. Soc. B 34, 187 (1972), doi:10.1111/j.2517-6161.1972.tb00899.x
.. [E77] B. Efron, J. Am. Stat. Assoc. 72, 557 (1977), doi:10.1080/01621459.1977.10480613
.. [B74] N. Breslow, Biometrics 30, 89 (1974), doi:10.2307/2529620
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import ConvergenceError, DataError
from pdcraft.trial.design import Ints
from pdcraft.trial.survival.kaplan_meier import Times

__all__ = ["Cox", "cox"]

TIES = ("efron", "breslow")
STEPS = 40
SETTLED = 1e-8  # last step, log hazard ratio per standard deviation
MOST_ALIKE = 1e10  # condition of the information
HALVINGS = 20
LARGEST = 15.0  # log hazard ratio per standard deviation: no estimate


@dataclass(frozen=True, slots=True)
class Cox:
    """Fit of proportional hazards.

    Parameters
    ----------
    names : tuple of str
    estimate, std_err : ndarray, shape (covariates,)
        Log hazard ratios per unit.
    log_likelihood, null_log_likelihood : float
        Partial.
    ties : str
    """

    names: tuple[str, ...]
    estimate: Floats
    std_err: Floats
    log_likelihood: float
    null_log_likelihood: float
    ties: str


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: Mapping[str, ArrayLike],
    *,
    ties: str = "efron",
) -> Cox:
    """Fit hazard ratios.

    Parameters
    ----------
    time, event : array_like, shape (patients,)
    covariates : mapping of str to array_like, shape (patients,)
        Complete: patients with a missing value are to be left out before.
    ties : str
        ``"efron"`` or ``"breslow"``.

    Raises
    ------
    DataError
        For data that make no model.
    ConvergenceError
        If a covariate separates events from the rest, so that no estimate is finite.

    Examples
    --------
    >>> fit = cox([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], {"control": [1, 0, 1, 0, 1, 0]})
    >>> round(float(fit.estimate[0]), 4)
    0.6321
    """
    if ties not in TIES:
        raise DataError(f"ties '{ties}': there are {', '.join(TIES)}")
    data = Times.of(time, event)
    if not covariates:
        raise DataError("no covariates: nothing to fit")
    x = np.column_stack([frozen(v, name) for name, v in covariates.items()])
    if x.shape[0] != data.time.size:
        raise DataError(f"{x.shape[0]} values of covariates for {data.time.size} patients")
    spread = x.std(axis=0)
    constant = [name for name, s in zip(covariates, spread, strict=True) if not s > 0]
    if constant or not data.event.any():
        what = f"'{constant[0]}' is the same for all" if constant else "there are no events"
        raise DataError(f"no hazard ratio: {what}")
    order = np.argsort(data.time, kind="stable")
    scaled = ((x - x.mean(axis=0)) / spread)[order]
    model = _Partial.of(data.time[order], data.event[order], scaled, ties)
    beta = np.zeros(x.shape[1])
    value, slope, curvature = model.at(beta)
    null = value
    if np.linalg.cond(curvature) > MOST_ALIKE:
        raise DataError("no hazard ratios: covariates are multiples of each other; leave one out")
    for _ in range(STEPS):
        if np.linalg.cond(curvature) > MOST_ALIKE or np.abs(beta).max() > LARGEST:
            break
        step = np.linalg.solve(curvature, slope)
        new = beta + step
        trial = model.at(new)
        for _ in range(HALVINGS):
            if trial[0] >= value - 1e-12 * abs(value):
                break
            step = 0.5 * step
            new = beta + step
            trial = model.at(new)
        settled = bool(np.abs(step).max() <= SETTLED)
        beta, (value, slope, curvature) = new, trial
        if settled:
            error = np.sqrt(np.diag(np.linalg.inv(curvature)))
            return Cox(
                tuple(covariates),
                frozen(beta / spread, "log hazard ratio"),
                frozen(error / spread, "standard error"),
                value,
                null,
                ties,
            )
    raise ConvergenceError(
        "Cox: no finite estimate; some covariate separates those with events from those without"
    )


@dataclass(frozen=True, slots=True)
class _Partial:
    """Partial likelihood: patients sorted by time; risk sets begin at `first`.

    An event of order l among d at its time sees the risk set less l/d (Efron) or 0 (Breslow) of
    those d.
    """

    x: Floats
    which: Ints  # index of each event
    first: Ints  # where its risk set begins
    group: Ints  # which of the times of events it has
    reduced: Floats  # share of those d that is taken away

    @classmethod
    def of(cls, time: Floats, event: Floats, x: Floats, ties: str) -> _Partial:
        which = np.flatnonzero(event > 0)
        first = np.searchsorted(time, time[which], side="left")
        _, group, count = np.unique(time[which], return_inverse=True, return_counts=True)
        begin = np.concatenate(([0], np.cumsum(count)[:-1]))
        order = np.arange(which.size) - begin[group]
        share = order / count[group] if ties == "efron" else np.zeros(which.size)
        return cls(x, which, first, group, share)

    def at(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Log-likelihood, its slope, and minus its curvature."""
        linear = self.x @ beta
        shift = linear.max()
        risk = np.exp(linear - shift)
        first = risk[:, None] * self.x
        second = first[:, :, None] * self.x[:, None, :]
        s0, s1, s2 = (self._sums(part) for part in (risk, first, second))
        mean = s1 / s0[:, None]
        value = float((linear[self.which] - shift - np.log(s0)).sum())
        slope = (self.x[self.which] - mean).sum(axis=0)
        curvature = (s2 / s0[:, None, None] - mean[:, :, None] * mean[:, None, :]).sum(axis=0)
        return value, slope, curvature

    def _sums(self, part: Floats) -> Floats:
        """Sum over each event's risk set, less its share of those tied with it."""
        below = np.cumsum(part[::-1], axis=0)[::-1][self.first]
        tied = np.zeros((int(self.group.max()) + 1, *part.shape[1:]))
        np.add.at(tied, self.group, part[self.which])
        shape = (-1,) + (1,) * (part.ndim - 1)
        return below - self.reduced.reshape(shape) * tied[self.group]
