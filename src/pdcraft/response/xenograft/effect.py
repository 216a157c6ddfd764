r"""Dose and its quadratic part in steps of time, per unit of uptake and of sensitivity.

With uptake :math:`f`, the linear-quadratic effect with incomplete repair between two times is

.. math:: \Delta E = \alpha f\, \Delta D + \frac{\alpha f^2}{\alpha/\beta}\, \Delta Q, \qquad
          \Delta Q = 2 \int \dot D q \, dt, \qquad
          q = \int_0^t \dot D(s)\, e^{-\mu (t - s)} ds :

the kill rate of `pdcraft.response.tumor_growth`, integrated. D and Q belong to the tracer and the
repair alone, so that animals with their own uptake and sensitivity share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.core.dose_rate import DoseRate
from pdcraft.errors import PhysicsRangeError

__all__ = ["DoseInSteps", "DoseSteps"]

HOURS = 24.0
NODES = 4  # of Gauss and Legendre in each piece
EQUAL = 1e-6  # rates of repair and decay that differ by less, relatively, are moved apart
#: A step is cut at these shares of itself: dose that waits for repair rises within hours.
CUTS = (0.0, 0.15, 1.0)


@dataclass(frozen=True, slots=True)
class DoseSteps:
    """Dose in steps.

    Parameters
    ----------
    dose_Gy, quadratic_Gy2 : ndarray, shape (..., steps)
    """

    dose_Gy: Floats
    quadratic_Gy2: Floats

    def effect(self, alpha_per_Gy: Floats, alpha_beta_Gy: Floats, uptake: Floats) -> Floats:
        """Negative logarithm of survival in each step, shape (steps, ...).

        Parameters
        ----------
        alpha_per_Gy, alpha_beta_Gy, uptake : ndarray, shape (draws, animals) or broadcast to it
        """
        dose = np.moveaxis(self.dose_Gy, -1, 0)[..., None]
        square = np.moveaxis(self.quadratic_Gy2, -1, 0)[..., None]
        linear = alpha_per_Gy * uptake
        return linear * dose + linear * uptake / alpha_beta_Gy * square


class DoseInSteps:
    """A dose rate of terms laid out in steps once, for tumors that repair at different rates.

    Parameters
    ----------
    rate : DoseRate
        Of terms, leading axes (draws,) or none.
    time_d : array_like, shape (steps + 1,)
        Increasing from 0. Administrations within a step count from their own time.

    Raises
    ------
    PhysicsRangeError
        For times that do not increase from 0.
    """

    def __init__(self, rate: DoseRate, time_d: ArrayLike) -> None:
        grid = np.asarray(time_d, dtype=float) * HOURS
        if grid[0] != 0 or np.any(np.diff(grid) <= 0):
            raise PhysicsRangeError("steps of dose: days increase from 0")
        self.dose_Gy = np.diff(rate.over(grid), axis=-1)
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        share = np.concatenate([a + (b - a) * 0.5 * (nodes + 1.0) for a, b in pairwise(CUTS)])
        part = np.concatenate([(b - a) * 0.5 * weights for a, b in pairwise(CUTS)])
        step = np.diff(grid)
        at_h = (grid[:-1, None] + step[:, None] * share).ravel()
        self._weight = 2.0 * (step[:, None] * part).ravel() * rate.at(at_h)
        self._steps, self._nodes = step.size, share.size
        amplitude, decay, start, amount = rate.terms
        self._amplitude, self._decay = amplitude, decay
        self._since: list[tuple[Floats, Floats, Floats]] = []
        for n in range(start.shape[-1]):
            since = at_h - start[..., n, None]
            late = np.maximum(since, 0.0)
            given = np.where(since > 0, amount[..., n, None], 0.0)
            fall = np.exp(-decay[..., None] * late[..., None, :])
            self._since.append((late, given, fall))

    def steps(self, repair_per_h: ArrayLike) -> DoseSteps:
        """Dose and its quadratic part in each step.

        Parameters
        ----------
        repair_per_h : array_like
            Broadcasts with the dose rate's leading axes; above zero.

        Raises
        ------
        PhysicsRangeError
            For a repair rate of zero or less.
        """
        mu = np.asarray(repair_per_h, dtype=float)
        if not np.all(mu > 0):
            raise PhysicsRangeError(f"repair rate {mu.min():g} per h; above zero")
        near = np.abs(mu[..., None] - self._decay).min(axis=-1) < EQUAL * mu
        mu = np.where(near, mu * (1.0 + 2.0 * EQUAL), mu)
        gap = mu[..., None] - self._decay
        each = self._amplitude / gap
        waiting = np.zeros(1)
        for late, given, fall in self._since:
            rise = np.einsum("...k,...kt->...t", each, fall)
            rise = rise - each.sum(axis=-1)[..., None] * np.exp(-mu[..., None] * late)
            waiting = waiting + given * rise
        square = (self._weight * waiting).reshape(*np.shape(waiting)[:-1], self._steps, self._nodes)
        return DoseSteps(self.dose_Gy, square.sum(axis=-1))
