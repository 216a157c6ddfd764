r"""Log-rank test, plain or weighted, and the hazard ratio of two arms, for many trials at once.

.. math:: Z = \frac{\sum_j w_j (O_j - E_j)}{\sqrt{\sum_j w_j^2 V_j}}, \qquad
          w_j = \hat S(t_j^-)^\rho\,(1 - \hat S(t_j^-))^\gamma

summed over the times of events, O and E of the control arm: positive where the experimental arm
does better. V is hypergeometric. Weights [FH91]_: ``(0, 1)`` looks at late differences.

References
----------
.. [M66] N. Mantel, Cancer Chemother. Rep. 50, 163 (1966)
.. [FH91] T. R. Fleming, D. P. Harrington, Counting Processes and Survival Analysis, Wiley 1991
.. [C72] D. R. Cox, J. R. Stat. Soc. B 34, 187 (1972), doi:10.1111/j.2517-6161.1972.tb00899.x
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.design import Bools
from pdcraft.trial.survival.kaplan_meier import Times

__all__ = ["Ranked", "TwoArms", "log_rank", "rank"]

NEWTON_STEPS = 12
LARGEST_LOG_RATIO = 10.0  # an arm without events has no finite hazard ratio


@dataclass(frozen=True, slots=True)
class TwoArms:
    """Comparison of two arms.

    Parameters
    ----------
    z : float
        Positive where the experimental arm does better.
    chi_square, p_two_sided, p_one_sided : float
    observed, expected : float
        Events of the control arm, weighted.
    hazard_ratio, log_std_err : float or None
        Of the experimental arm (Cox, Breslow's ties), and of its logarithm; None where one arm has
        no event while the other is at risk, so that no estimate is finite.
    """

    z: float
    chi_square: float
    p_two_sided: float
    p_one_sided: float
    observed: float
    expected: float
    hazard_ratio: float | None
    log_std_err: float | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """Trials sorted by time: what every event sees.

    All arrays have the shape (trials, patients).

    Parameters
    ----------
    event : ndarray
        1 or 0.
    control : ndarray
        1 for patients of the control arm.
    at_risk, control_at_risk : ndarray
        At the time of each patient's event.
    tied : ndarray
        Events at that time.
    before : ndarray
        Pooled survival just before that time.
    """

    event: Floats
    control: Floats
    at_risk: Floats
    control_at_risk: Floats
    tied: Floats
    before: Floats

    def z(self, rho: float = 0.0, gamma: float = 0.0) -> Floats:
        """Log-rank statistic, shape (trials,); 0 where there is nothing to compare."""
        difference, variance, _ = self.sums(rho, gamma)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(variance > 0, difference / np.sqrt(variance), 0.0)

    def sums(self, rho: float = 0.0, gamma: float = 0.0) -> tuple[Floats, Floats, Floats]:
        """Return weighted O - E, its variance, and weighted O, each of shape (trials,)."""
        weight = self.event
        if rho:
            weight = weight * self.before**rho
        if gamma:
            weight = weight * (1.0 - self.before) ** gamma
        share = self.control_at_risk / self.at_risk
        observed = (weight * self.control).sum(axis=1)
        # a time with d events and n patients has the variance d p (1 - p) (n - d)/(n - 1)
        spare = (self.at_risk - self.tied) / np.maximum(self.at_risk - 1.0, 1.0)
        own = weight if not (rho or gamma) else weight**2
        variance = (own * share * (1.0 - share) * spare).sum(axis=1)
        return observed - (weight * share).sum(axis=1), variance, observed

    def log_hazard_ratio(self) -> tuple[Floats, Floats]:
        """Cox estimate of ln HR, experimental over control, and its standard error, (trials,).

        Ties as Breslow's. Infinite where one arm has no event while the other is at risk.
        """
        experimental = self.event * (1.0 - self.control)
        seen = experimental.sum(axis=1)
        other = self.at_risk - self.control_at_risk
        beta = np.zeros(seen.size)
        information = np.ones(seen.size)
        for _ in range(NEWTON_STEPS):
            risk = other * np.exp(beta)[:, None]
            share = risk / (risk + self.control_at_risk)
            information = (self.event * share * (1.0 - share)).sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = np.where(
                    information > 0, (seen - (self.event * share).sum(axis=1)) / information, 0.0
                )
            beta = np.clip(beta + np.clip(step, -1.0, 1.0), -LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
            if np.all(np.abs(step) < 1e-9):
                break
        # the slope at both ends: without a change of sign the likelihood has no maximum
        lowest = seen - (self.event * (self.control_at_risk == 0)).sum(axis=1)
        highest = seen - (self.event * (other > 0)).sum(axis=1)
        beta = np.where(lowest <= 0, -np.inf, np.where(highest >= 0, np.inf, beta))
        with np.errstate(divide="ignore"):
            return beta, np.where(np.isfinite(beta), 1.0 / np.sqrt(information), np.inf)


def rank(time: Floats, event: Bools, control: Bools) -> Ranked:
    """Sort trials by time.

    Parameters
    ----------
    time : ndarray, shape (trials, patients)
    event, control : ndarray of bool, same shape
    """
    order = np.argsort(time, axis=1)
    t = np.take_along_axis(time, order, axis=1)
    events = np.take_along_axis(event, order, axis=1).astype(float)
    arm = np.take_along_axis(control, order, axis=1).astype(float)
    n = t.shape[1]
    place = np.broadcast_to(np.arange(n), t.shape)
    new = np.ones(t.shape, dtype=bool)
    new[:, 1:] = t[:, 1:] > t[:, :-1]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    ends = np.ones(t.shape, dtype=bool)
    ends[:, :-1] = new[:, 1:]
    last = np.minimum.accumulate(np.where(ends, place, n)[:, ::-1], axis=1)[:, ::-1]
    left = arm[:, ::-1].cumsum(axis=1)[:, ::-1]  # control patients from here on
    counted = np.concatenate((np.zeros((t.shape[0], 1)), events.cumsum(axis=1)), axis=1)
    at_first = np.take_along_axis(counted, first, axis=1)
    tied = np.take_along_axis(counted, last + 1, axis=1) - at_first
    at_risk = (n - first).astype(float)
    with np.errstate(divide="ignore"):
        fall = np.where(new, np.log1p(-tied / at_risk), 0.0)
    product = np.concatenate((np.zeros((t.shape[0], 1)), fall.cumsum(axis=1)), axis=1)
    return Ranked(
        events,
        arm,
        at_risk,
        np.take_along_axis(left, first, axis=1),
        tied,
        np.exp(np.take_along_axis(product, first, axis=1)),
    )


def log_rank(
    time: ArrayLike,
    event: ArrayLike,
    control: ArrayLike,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
) -> TwoArms:
    """Compare two arms.

    Parameters
    ----------
    time : array_like, shape (patients,)
    event : array_like, shape (patients,)
        1 for the event, 0 for censoring.
    control : array_like, shape (patients,)
        True for patients of the control arm.
    rho, gamma : float
        Weights; 0 and 0 for the plain test.

    Raises
    ------
    DataError
        For arms that cannot be compared.

    Examples
    --------
    >>> found = log_rank([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0])
    >>> round(found.z, 3), round(found.p_one_sided, 4)
    (2.248, 0.0123)
    """
    from scipy.special import ndtr

    data = Times.of(time, event)
    arm = np.asarray(control, dtype=bool)
    if arm.shape != data.time.shape or arm.all() or not arm.any():
        raise DataError("log-rank: every patient has an arm, and both arms have patients")
    if not data.event.any():
        raise DataError("log-rank: no events, so nothing can be compared")
    ranked = rank(data.time[None, :], data.event[None, :] > 0, arm[None, :])
    difference, _, observed = (float(x[0]) for x in ranked.sums(rho, gamma))
    z = float(ranked.z(rho, gamma)[0])
    beta, error = (float(x[0]) for x in ranked.log_hazard_ratio())
    known = bool(np.isfinite(beta))
    return TwoArms(
        z,
        z**2,
        2.0 * float(ndtr(-abs(z))),
        float(ndtr(-z)),
        observed,
        observed - difference,
        float(np.exp(beta)) if known else None,
        error if known else None,
    )
