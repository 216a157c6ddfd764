r"""Bayesian logistic regression of DLTs on dose, with escalation under overdose control (EWOC).

.. math:: \mathrm{logit}\,p(d) = \log\alpha + \beta \log(d/d^*),

with a bivariate normal prior of :math:`(\log\alpha, \log\beta)` and a reference dose d*
[NBG08]_. Rates fall into under-dosing, target, excessive and unacceptable toxicity; a dose may be
given if the posterior probability of the last two is below a limit (EWOC, 0.25), and of those the
dose with the highest probability of the target interval is recommended.

The posterior is summed over a grid in the prior's standardized coordinates; probabilities of
intervals are sinc integrals along :math:`\log\alpha`, so that no grid point is on one side of a
limit or the other: the error falls exponentially with the step.

No prior is a default: it comes from the trial's own knowledge.

References
----------
.. [NBG08] B. Neuenschwander, M. Branson, T. Gsponer, Stat. Med. 27, 2420 (2008),
   doi:10.1002/sim.3230
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.indefinite import weights_below
from pdcraft.trial.design import Ints
from pdcraft.trial.models.blrm_prior import INTERVALS, BlrmPrior, checked_intervals

__all__ = ["NODES", "Blrm", "BlrmPosterior", "enough_nodes"]

REACH = 7.0  # prior SDs to both sides
NODES = 141
MOST_NODES = 1001
STEP_IN_SD = 1.2  # of a Gaussian: its trapezoid sum is good to 2e-6, one cut at a limit to 1e-3
LOGIT_REACH = 700.0  # quantiles are searched within these; beyond, a rate is 0 or 1 to any digit
AT_ONCE = 20_000_000  # grid points of all states that are held at a time


@dataclass(frozen=True, slots=True)
class BlrmPosterior:
    """Posterior at each dose.

    Parameters
    ----------
    mean, sd : ndarray, shape (states, doses)
        Of the DLT rate.
    intervals : ndarray, shape (states, doses, 4)
        Probabilities of under-dosing, target, excessive and unacceptable toxicity.
    parameters : ndarray, shape (states, 2)
        Posterior means of log alpha and log beta.
    variances : ndarray, shape (states, 2)
    """

    mean: Floats
    sd: Floats
    intervals: Floats
    parameters: Floats
    variances: Floats

    @property
    def overdose(self) -> Floats:
        """P(excessive or unacceptable toxicity), shape (states, doses)."""
        return self.intervals[..., 2] + self.intervals[..., 3]


def enough_nodes(prior: BlrmPrior, patients: int) -> int:
    """Nodes in either direction that resolve the posterior of so many patients.

    The more patients and the wider the prior, the narrower the posterior in prior SDs. Of n
    patients the SD of log alpha is 2/sqrt(n) or more, that of log beta is taken as half of it.

    Raises
    ------
    PhysicsRangeError
        For a prior so wide that the grid would have more than a million points.

    Examples
    --------
    >>> enough_nodes(BlrmPrior((-1.0, 0.0), (2.0, 1.0)), 30)
    65
    """
    root = max(patients, 1) ** 0.5
    widest = max(prior.sd[0] / 2.0, prior.sd[1]) * root
    found = int(np.ceil(2.0 * REACH * widest / STEP_IN_SD)) + 1
    if found > MOST_NODES:
        limit = (MOST_NODES - 1) * STEP_IN_SD / (2.0 * REACH * root)
        raise PhysicsRangeError(
            f"BLRM: prior SDs {prior.sd[0]:g} and {prior.sd[1]:g} of log alpha and log beta are "
            f"too wide for {patients} patients on a grid of {MOST_NODES} values; take at most "
            f"{2 * limit:.2g} and {limit:.2g}"
        )
    return found


def _check_counts(n: Ints, tox: Ints, doses: int) -> None:
    if n.ndim != 2 or n.shape != tox.shape or n.shape[1] != doses:
        raise DataError(
            f"counts of shapes {n.shape} and {tox.shape}: wanted (states, {doses}) of both"
        )
    if np.any(tox > n) or np.any(tox < 0):
        raise DataError("toxicities among patients: there are 0 to n at each dose")


@dataclass(frozen=True, slots=True)
class Blrm:
    """A two-parameter logistic model of doses.

    Parameters
    ----------
    doses : array_like, shape (doses,)
        Amounts, rising and above 0, in any one unit.
    reference : float
        Dose d* at which alpha is the odds, in that unit.
    prior : BlrmPrior
    ends : tuple of 3 float
        Of under-dosing, target and excessive toxicity.
    nodes : int
        Grid points in either direction.

    Raises
    ------
    DataError
        For doses that do not rise, or intervals that are none.
    PhysicsRangeError
        For doses or a reference that are not positive.
    """

    doses: Floats
    reference: float
    prior: BlrmPrior
    ends: tuple[float, float, float] = INTERVALS
    nodes: int = NODES
    _rates: Floats = field(init=False, repr=False, compare=False)
    _log_rates: tuple[Floats, Floats] = field(init=False, repr=False, compare=False)
    _below: Floats = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        held = np.array(self.doses, dtype=float)
        if held.ndim != 1 or held.size == 0:
            raise DataError("BLRM: no dose; give one or more")
        if not np.all((held > 0) & np.isfinite(held)) or not 0 < self.reference < np.inf:
            raise PhysicsRangeError(
                f"BLRM: doses {held.tolist()} and the reference {self.reference:g} must be above 0"
            )
        if np.any(np.diff(held) <= 0):
            raise DataError(f"BLRM: doses {held.tolist()} must rise, each given once")
        held.flags.writeable = False
        object.__setattr__(self, "doses", held)
        object.__setattr__(self, "ends", checked_intervals(self.ends))
        log_alpha, log_beta = self._grid()
        z = log_alpha[..., None] + np.exp(log_beta)[..., None] * self.log_dose
        flat = z.reshape(-1, held.size)
        logs = -np.logaddexp(0.0, -flat), -np.logaddexp(0.0, flat)
        object.__setattr__(self, "_log_rates", logs)
        object.__setattr__(self, "_rates", np.exp(logs[0]))
        limits = np.asarray(self.ends)
        below = self._weights(np.log(limits / (1 - limits)), self.log_dose)
        object.__setattr__(self, "_below", below)

    @property
    def log_dose(self) -> Floats:
        """Logarithm of dose over reference, shape (doses,)."""
        return np.log(self.doses / self.reference)

    @property
    def _nodes(self) -> Floats:
        return np.linspace(-REACH, REACH, self.nodes)

    def _grid(self) -> tuple[Floats, Floats]:
        """Values of log alpha and log beta, each of shape (nodes of log beta, nodes)."""
        v, u = np.meshgrid(self._nodes, self._nodes, indexing="ij")
        rho, (mean_a, mean_b), (sd_a, sd_b) = (
            self.prior.correlation,
            self.prior.mean,
            self.prior.sd,
        )
        return mean_a + sd_a * (rho * v + np.sqrt(1 - rho**2) * u), mean_b + sd_b * v

    def _weights(self, logit: Floats, log_dose: Floats) -> Floats:
        """Weights of P(logit rate < limits), shape (grid, doses, limits).

        For a given log beta the rate is below a limit where log alpha is below another.
        """
        rho, (mean_a, mean_b), (sd_a, sd_b) = (
            self.prior.correlation,
            self.prior.mean,
            self.prior.sd,
        )
        v = self._nodes
        shift = np.exp(mean_b + sd_b * v)[:, None, None] * log_dose[None, :, None]
        at_least = (mean_a + sd_a * rho * v)[:, None, None]
        limit = (logit - shift - at_least) / (sd_a * np.sqrt(1 - rho**2))
        weights = weights_below(v, limit) / (v[1] - v[0])
        return np.moveaxis(weights, -1, 1).reshape(v.size**2, log_dose.size, logit.size)

    def _mass(self, n: Ints, tox: Ints) -> Floats:
        """Posterior weight of each grid point, shape (states, grid); sums to 1."""
        v = self._nodes
        prior = -0.5 * (v[:, None] ** 2 + v**2).ravel()
        log_p, log_q = self._log_rates
        log = tox @ log_p.T + (n - tox) @ log_q.T + prior
        mass = np.exp(log - log.max(axis=1, keepdims=True))
        return mass / mass.sum(axis=1, keepdims=True)

    def _check_nodes(self, n: Ints) -> None:
        patients = int(n.sum(axis=1).max(initial=0))
        needed = enough_nodes(self.prior, patients)
        if needed > self.nodes:
            raise PhysicsRangeError(
                f"BLRM: a grid of {self.nodes} values does not resolve what {patients} patients "
                f"say with prior SDs {self.prior.sd[0]:g} and {self.prior.sd[1]:g}; make the model "
                f"with nodes={needed}, see enough_nodes()"
            )

    def posterior(self, n: ArrayLike, tox: ArrayLike) -> BlrmPosterior:
        """Posterior of states.

        Parameters
        ----------
        n, tox : array_like of int, shape (states, doses)
            Patients and toxicities; a dose without patients has 0.

        Raises
        ------
        DataError
            For counts that cannot be.
        PhysicsRangeError
            For more patients than the grid resolves.
        """
        held_n, held_tox = np.array(n, dtype=np.intp), np.array(tox, dtype=np.intp)
        _check_counts(held_n, held_tox, self.doses.size)
        self._check_nodes(held_n)
        parts: list[tuple[Floats, ...]] = []
        log_alpha, log_beta = (g.ravel() for g in self._grid())
        step = max(1, AT_ONCE // self.nodes**2)
        for first in range(0, len(held_n), step):
            part = slice(first, first + step)
            mass = self._mass(held_n[part], held_tox[part])
            mean, second = mass @ self._rates, mass @ self._rates**2
            below = np.tensordot(mass, self._below, axes=1)
            zero, one = np.zeros((*mean.shape, 1)), np.ones((*mean.shape, 1))
            intervals = np.diff(np.concatenate([zero, below, one], axis=-1), axis=-1)
            both = np.stack([log_alpha, log_beta], axis=1)
            at = mass @ both
            spread = mass @ both**2 - at**2
            sd = np.sqrt(np.maximum(second - mean**2, 0.0))
            parts.append((mean, sd, np.clip(intervals, 0.0, 1.0), at, spread))
        return BlrmPosterior(*(np.concatenate(p) for p in zip(*parts, strict=True)))

    def quantiles(self, n: ArrayLike, tox: ArrayLike, shares: ArrayLike) -> Floats:
        """Posterior quantiles of the DLT rates of one state, shape (doses, shares).

        Parameters
        ----------
        n, tox : array_like of int, shape (doses,)
        shares : array_like, shape (shares,)
            Between 0 and 1.
        """
        held_n, held_tox = np.array([n], dtype=np.intp), np.array([tox], dtype=np.intp)
        _check_counts(held_n, held_tox, self.doses.size)
        self._check_nodes(held_n)
        mass = self._mass(held_n, held_tox)[0]
        wanted = np.asarray(shares, dtype=float)
        from scipy.optimize import brentq

        out = np.empty((self.doses.size, wanted.size))
        for k, x in enumerate(self.log_dose):

            def share_below(logit: float, x: float = float(x)) -> float:
                weights = self._weights(np.array([logit]), np.array([x]))
                return float(mass @ weights[:, 0, 0])

            for j, share in enumerate(wanted):
                if share_below(-LOGIT_REACH) >= share or share_below(LOGIT_REACH) <= share:
                    out[k, j] = float(share_below(0.0) < share)
                    continue
                at = brentq(
                    lambda z, s=share: share_below(z) - s, -LOGIT_REACH, LOGIT_REACH, xtol=1e-6
                )
                out[k, j] = 1 / (1 + np.exp(-cast("float", at)))
        return out
