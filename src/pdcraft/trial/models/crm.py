r"""The continual reassessment method: estimate of the working model's parameter, and the dose.

With weights w of patients followed for part of the window (TITE-CRM [CC00]_; 1 in the CRM) the
likelihood is the product of :math:`p^y (1 - w p)^{1-y}` over patients. Bayes: b has a normal
prior of mean 0, its estimate is the posterior mean. Maximum likelihood: b maximizes the
likelihood. Rates are those at the estimate; the dose is the one whose rate is nearest the target,
the highest if all are at or below it, the lowest if all are at or above it.

Conventions of the R package dfcrm: scale :math:`\sqrt{1.34}`, limits at estimate ± z SD, the
search for the maximum ends at 1e-4 (so its estimates are off by some 1e-5), and the variance of
the maximum is the second moment around it of the likelihood under a prior of SD 500, integrated
over -100 to 100 and normalized over -10 to 10 by adaptive quadrature to 1.2e-4. For the logistic
model that moment does not converge with the range, and what the quadrature gives is a convention,
not a number of the model: `CrmFit.information_var` is the inverse of the observed information.

References
----------
.. [CC00] Y. K. Cheung, R. Chappell, Biometrics 56, 1177 (2000),
   doi:10.1111/j.0006-341X.2000.01177.x
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.indefinite import weights_below
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import Ints
from pdcraft.trial.models.curves import Curve

__all__ = ["LARGEST_SCALE", "SCALE", "CrmFit", "Method", "check_scale", "fit_crm", "nearest"]

Method = Literal["bayes", "mle"]

SCALE: Final = float(np.sqrt(1.34))  # prior SD of b
LARGEST_SCALE: Final = 50.0  # a rate at the ends of the prior is then still a number
REACH = 9.0  # prior SDs that the posterior is integrated over, to both sides
NODES = 2001
LARGEST_STEP = 0.02  # of b, however wide the prior is
SEARCH = 10.0  # the maximum is searched between -10 and 10
STOP_AT = 1e-4
DISPERSED_SD = 500.0
DISPERSED_REACH = 100.0


@dataclass(frozen=True, slots=True)
class CrmFit:
    """Fit of a working model; doses count from 0.

    Parameters
    ----------
    estimate : float
        Of the parameter b.
    post_var : float
        Its variance, as dfcrm computes it.
    information_var : float
        Inverse of the observed information at the estimate; of the posterior for Bayes.
    rates, lower, upper : ndarray, shape (doses,)
        DLT rates at the estimate, and at both limits of b.
    dose : int
        Dose of the model, without any restriction.
    too_toxic : float or None
        P(rate of the lowest dose > target); None for maximum likelihood.
    """

    estimate: float
    post_var: float
    information_var: float
    rates: Floats
    lower: Floats
    upper: Floats
    dose: int
    too_toxic: float | None

    def __post_init__(self) -> None:
        for held in (self.rates, self.lower, self.upper):
            held.flags.writeable = False


def check_scale(scale: float) -> None:
    """Refuse a prior SD of the parameter that is no number above 0, or too large for any rate.

    Raises
    ------
    PhysicsRangeError
    """
    if not 0 < scale <= LARGEST_SCALE:
        raise PhysicsRangeError(
            f"CRM: prior SD {scale:g} of the parameter; it must be above 0, and {LARGEST_SCALE:g} "
            "at most"
        )


def nearest(rates: Floats, target: float) -> Ints:
    """Dose of the rates nearest the target, shape (...,); of two as near, the lower.

    Parameters
    ----------
    rates : ndarray, shape (..., doses)
        Rising along the last axis.
    """
    dose = np.argmin(np.abs(rates - target), axis=-1)
    dose = np.where(np.all(rates <= target, axis=-1), rates.shape[-1] - 1, dose)
    return np.where(np.all(rates >= target, axis=-1), 0, dose)


def _patients(
    curve: Curve, dose: ArrayLike, tox: ArrayLike, weight: ArrayLike | None
) -> tuple[Ints, Floats, Floats]:
    level, toxic = np.array(dose, dtype=np.intp), np.array(tox, dtype=float)
    held = np.ones(level.shape) if weight is None else np.array(weight, dtype=float)
    if level.ndim != 1 or level.size == 0:
        raise DataError("no patient: the fit of the CRM needs one assessed patient or more")
    if toxic.shape != level.shape or held.shape != level.shape:
        raise DataError(
            f"{level.size} doses, {toxic.size} outcomes and {held.size} weights; give one of each "
            "for each patient"
        )
    if level.min() < 0 or level.max() >= curve.doses:
        wrong = level[(level < 0) | (level >= curve.doses)][0]
        raise DataError(f"dose level {wrong + 1}: the skeleton has doses 1 to {curve.doses}")
    if not np.all((toxic == 0) | (toxic == 1)):
        raise DataError("outcomes are 1 for a DLT and 0 for none; found another value")
    if not np.all((held >= 0) & (held <= 1)):
        raise PhysicsRangeError(f"weights {held.tolist()}: each is a share from 0 to 1")
    return level, toxic, held


def fit_crm(
    curve: Curve,
    target: float,
    dose: ArrayLike,
    tox: ArrayLike,
    weight: ArrayLike | None = None,
    *,
    method: Method = "bayes",
    scale: float = SCALE,
    confidence: float = 0.9,
    stop_at: float = STOP_AT,
) -> CrmFit:
    """Fit the CRM, or with weights the TITE-CRM.

    Parameters
    ----------
    curve : Curve
    target : float
        DLT rate wanted.
    dose : array_like of int, shape (patients,)
        Dose of each patient, from 0.
    tox : array_like, shape (patients,)
        1 for a DLT, 0 for none.
    weight : array_like, shape (patients,), optional
        Share of the window that a patient without DLT was followed; of no effect with a DLT.
    method : {"bayes", "mle"}
    scale : float
        Prior SD of b.
    confidence : float
        Of the limits.
    stop_at : float
        Where the search for the maximum ends; 1e-4 is that of dfcrm.

    Raises
    ------
    PhysicsRangeError
        For a target, weights or a confidence that are no shares, or a scale that is not positive.
    DataError
        Without patients, for outcomes or doses that cannot be, and for maximum likelihood when
        none or all patients had a DLT: there is no maximum.
    """
    check_open("target DLT rate", target)
    check_open("confidence of the limits", confidence)
    check_scale(scale)
    level, toxic, held = _patients(curve, dose, tox, weight)

    def log_likelihood(b: Floats) -> Floats:
        log_p, log_q = curve.log_rates(b)
        free = np.log(np.exp(log_q[..., level]) + (1.0 - held) * np.exp(log_p[..., level]))
        with np.errstate(invalid="ignore"):
            return np.where(toxic == 1, log_p[..., level], free).sum(axis=-1)

    if method == "bayes":
        limit = curve.parameter_at(0, target)
        estimate, post_var, too_toxic = _posterior(log_likelihood, scale, limit)
        information_var = post_var
    elif method == "mle":
        if toxic.all() or not toxic.any():
            which = "every" if toxic.all() else "no"
            raise DataError(
                f"maximum likelihood: {which} patient had a DLT, so there is no maximum; use "
                "method 'bayes' until both outcomes were seen"
            )
        estimate, post_var, information_var = _maximum(log_likelihood, stop_at)
        too_toxic = None
    else:
        raise DataError(f"CRM method '{method}' is unknown; there are bayes and mle")
    from scipy.special import ndtri

    reach = float(ndtri(0.5 + confidence / 2)) * np.sqrt(max(post_var, 0.0))
    rates = curve.rates(estimate)
    return CrmFit(
        estimate,
        post_var,
        information_var,
        rates,
        curve.rates(estimate + reach),
        curve.rates(estimate - reach),
        int(nearest(rates, target)),
        too_toxic,
    )


def _posterior(
    log_likelihood: Callable[[Floats], Floats], scale: float, limit: float
) -> tuple[float, float, float]:
    """Mean and variance of b, and the probability that it is below a limit."""
    nodes = max(NODES, 2 * int(np.ceil(REACH * scale / LARGEST_STEP)) + 1)
    b = np.linspace(-REACH, REACH, nodes) * scale
    log = log_likelihood(b) - 0.5 * (b / scale) ** 2
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    mean = float(weight @ b)
    below = float(weight @ weights_below(b, limit)) / (b[1] - b[0])
    return mean, float(weight @ (b - mean) ** 2), min(max(below, 0.0), 1.0)


def _maximum(
    log_likelihood: Callable[[Floats], Floats], stop_at: float
) -> tuple[float, float, float]:
    from scipy.integrate import quad
    from scipy.optimize import fminbound

    def one(b: float) -> float:
        return float(log_likelihood(np.asarray(b, dtype=float)))

    with np.errstate(divide="ignore"):
        found = fminbound(lambda b: -one(b), -SEARCH, SEARCH, xtol=stop_at)
        at = float(cast("float", found))
        top = one(at)

        def moment(power: int, reach: float) -> float:
            def integrand(b: float) -> float:
                return float(np.exp(one(b) - top - 0.5 * (b / DISPERSED_SD) ** 2) * b**power)

            rel = float(np.finfo(float).eps ** 0.25)
            return quad(integrand, -reach, reach, epsabs=0.0, epsrel=rel, limit=100)[0]

        post_var = moment(2, DISPERSED_REACH) / moment(0, SEARCH) - at**2
    step = 1e-3
    curvature = (one(at + step) - 2 * top + one(at - step)) / step**2
    return at, post_var, float(-1.0 / curvature)
