"""The CRM as a design that trials are simulated with.

The dose of the model is restricted as in dfcrm [C05]_: never more than one dose up, and not up at
all after a cohort in which the share of DLTs was the target or more. At the end the model's dose
is recommended, but none above the highest dose that was given.

Maximum likelihood has no estimate before both outcomes were seen: without any DLT the next higher
dose is given, after nothing but DLTs the lowest.

References
----------
.. [C05] Y. K. Cheung, Biometrika 92, 863 (2005), doi:10.1093/biomet/92.4.863
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.numerics.indefinite import weights_below
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import NONE, STOP, Ints
from pdcraft.trial.models.crm import SCALE, Method, check_scale, nearest
from pdcraft.trial.models.curves import Curve
from pdcraft.trial.models.states import StateCache

__all__ = ["CrmDesign", "highest_tried", "prior_grid"]

REACH = 8.0  # prior SDs to both sides of the prior mean
STEP_IN_SD = 0.1  # trapezoid sums then agree with adaptive ones to 1e-9
LARGEST_STEP = 0.12  # half of what 30 patients say of b at best: an SD of 0.22
BISECTIONS = 45  # of an interval of 20: to 1e-12
COHORT_SHARE_TOLERANCE = 1e-12


def prior_grid(scale: float) -> Floats:
    """Values of b that posteriors are summed over, however wide the prior is."""
    step = min(STEP_IN_SD * scale, LARGEST_STEP)
    half = int(np.ceil(REACH * scale / step - 1e-9))
    return np.linspace(-REACH, REACH, 2 * half + 1) * scale


def highest_tried(n: Ints) -> Ints:
    """Highest dose with patients, shape (trials,); -1 without any."""
    tried = n > 0
    last = n.shape[1] - 1 - np.argmax(tried[:, ::-1], axis=1)
    return np.where(tried.any(axis=1), last, NONE)


@dataclass(frozen=True, slots=True)
class CrmDesign:
    """CRM for simulation.

    Parameters
    ----------
    curve : Curve
    target : float
        DLT rate wanted.
    method : {"bayes", "mle"}
    scale : float
        Prior SD of the parameter.
    restrict : bool
        No skipping, and no escalation after a toxic cohort.
    stop_certainty : float, optional
        The trial stops when P(rate of the lowest dose > target) is above it; Bayes only.
    tried_only : bool
        Recommend no dose above the highest that was given; dfcrm does not ask this.

    Raises
    ------
    PhysicsRangeError
        For a target or a certainty outside (0, 1), or a scale that is not positive.
    DataError
        For an unknown method, or a stopping rule without a posterior.
    """

    curve: Curve
    target: float
    method: Method = "bayes"
    scale: float = SCALE
    restrict: bool = True
    stop_certainty: float | None = None
    tried_only: bool = True
    states: StateCache = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_open("CRM: target DLT rate", self.target)
        if self.method not in ("bayes", "mle"):
            raise DataError(f"CRM method '{self.method}' is unknown; there are bayes and mle")
        check_scale(self.scale)
        if self.stop_certainty is not None:
            check_open("CRM: certainty of the stopping rule", self.stop_certainty)
            if self.method == "mle":
                raise DataError(
                    "CRM by maximum likelihood has no posterior to stop by; use method 'bayes'"
                )
        solve = self._bayes if self.method == "bayes" else self._likelihood
        object.__setattr__(self, "states", StateCache(solve))

    @property
    def name(self) -> str:
        """Name."""
        return "CRM" if self.method == "bayes" else "CRM (maximum likelihood)"

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.curve.doses

    def _bayes(self, n: Ints, tox: Ints) -> Floats:
        """Model dose, estimate and P(lowest dose too toxic) of states, shape (states, 3)."""
        b = prior_grid(self.scale)
        log_p, log_q = self.curve.log_rates(b)
        log = tox @ log_p.T + (n - tox) @ log_q.T - 0.5 * (b / self.scale) ** 2
        weight = np.exp(log - log.max(axis=1, keepdims=True))
        total = weight.sum(axis=1)
        estimate = weight @ b / total
        below = weights_below(b, self.curve.parameter_at(0, self.target))
        toxic = weight @ below / (total * (b[1] - b[0]))
        return self._answers(estimate, toxic)

    def _likelihood(self, n: Ints, tox: Ints) -> Floats:
        free = n - tox
        low, high = np.full(len(n), -10.0), np.full(len(n), 10.0)
        for _ in range(BISECTIONS):
            middle = 0.5 * (low + high)
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                of_p, of_q = self.curve.slopes(middle)
            score = np.where(tox > 0, tox * of_p, 0.0) + np.where(free > 0, free * of_q, 0.0)
            up = score.sum(axis=1) > 0
            low, high = np.where(up, middle, low), np.where(up, high, middle)
        return self._answers(0.5 * (low + high), np.zeros(len(n)))

    def _answers(self, estimate: Floats, toxic: Floats) -> Floats:
        dose = nearest(self.curve.rates(estimate), self.target)
        return np.stack([dose.astype(float), estimate, toxic], axis=1)

    def model_dose(self, n: Ints, tox: Ints) -> Ints:
        """Dose of the model without restriction, shape (trials,); `STOP` by the stopping rule."""
        found = self.states.answers(n, tox)
        dose = found[:, 0].astype(np.intp)
        if self.stop_certainty is None:
            return dose
        return np.where(found[:, 2] > self.stop_certainty, STOP, dose)

    def estimates(self, n: Ints, tox: Ints) -> Floats:
        """Estimate of the parameter, shape (trials,)."""
        return self.states.answers(n, tox)[:, 1]

    def decide(self, n: Ints, tox: Ints, at: Ints) -> Ints:
        """Dose of the next cohort, when the outcome of the last one alone is not known."""
        dose = self.model_dose(n, tox)
        return np.minimum(dose, at + 1) if self.restrict else dose

    def decide_after(self, n: Ints, tox: Ints, at: Ints, size: int, new_tox: Ints) -> Ints:
        """Dose of the next cohort; see `CohortDesign.decide_after`."""
        dose = self.decide(n, tox, at)
        if not self.restrict:
            return dose
        toxic = new_tox >= self.target * size - COHORT_SHARE_TOLERANCE
        return np.where(toxic, np.minimum(dose, at), dose)

    def select(self, n: Ints, tox: Ints) -> Ints:
        """Dose recommended at the end."""
        dose = self.model_dose(n, tox)
        return np.minimum(dose, highest_tried(n)) if self.tried_only else dose
