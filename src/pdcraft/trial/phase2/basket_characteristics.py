"""Operating characteristics of a basket trial, by simulation, with Monte Carlo standard errors.

At an interim look (optional) a basket whose posterior probability of a rate above p0 is low stops
entering patients; its data stay in the analysis. At the end a basket is called active if that
probability is above a cut-off. `cutoff_for` finds the cut-off that keeps the error of every basket
when no basket is active, so that models can be compared at the same error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.checks import check_open, check_probability
from pdcraft.trial.phase2.basket import BasketModel, Posterior, tables

__all__ = ["BasketTrial", "Characteristics", "cutoff_for", "simulate_baskets"]

_SAME = 1e-9  # posterior probabilities of the same data by another sum


@dataclass(frozen=True, slots=True)
class BasketTrial:
    """A trial of several diseases at once.

    Parameters
    ----------
    model : BasketModel
    p0 : tuple of float
        Rate that is not worth pursuing, of every basket.
    n : tuple of int
        Patients.
    cutoff : float
        Posterior probability of a rate above p0 beyond which a basket is active.
    interim : tuple of int
        Patients at the interim look; empty for none.
    futility : float
        Stop a basket there if that probability is below.
    """

    model: BasketModel
    p0: tuple[float, ...]
    n: tuple[int, ...]
    cutoff: float
    interim: tuple[int, ...] = ()
    futility: float = 0.0

    def __post_init__(self) -> None:
        check_open("cut-off", self.cutoff)
        check_probability("futility", self.futility)
        if len(self.p0) != len(self.n) or not self.n:
            raise DataError(f"{len(self.p0)} rates p0 for {len(self.n)} baskets; one of each")
        if min(self.n) < 1:
            raise PhysicsRangeError(f"baskets of {list(self.n)} patients: none is empty")
        if self.interim:
            within = len(self.interim) == len(self.n) and all(
                0 < early < n for early, n in zip(self.interim, self.n, strict=True)
            )
            if not within:
                raise PhysicsRangeError(
                    f"interim look at {list(self.interim)} of {list(self.n)} patients: one number "
                    "a basket, above 0 and below its size"
                )


@dataclass(frozen=True, slots=True)
class Characteristics:
    """What a basket trial does at true rates; arrays have the shape (baskets,).

    Parameters
    ----------
    rates : ndarray
        True.
    active, active_err : ndarray
        Probability to be called active: type I error where the rate is p0 or less, else power.
    PET : ndarray
        Probability to stop at the interim look.
    EN : ndarray
        Expected patients.
    bias, rmse : ndarray
        Of the posterior mean of the rate.
    any_false, any_false_err : float
        Probability that some inactive basket is called active.
    all_right, all_right_err : float
        Probability that every basket is called as it is.
    trials : int
    """

    rates: Floats
    active: Floats
    active_err: Floats
    PET: Floats
    EN: Floats
    bias: Floats
    rmse: Floats
    any_false: float
    any_false_err: float
    all_right: float
    all_right_err: float
    trials: int


def simulate_baskets(
    trial: BasketTrial, rates: ArrayLike, trials: int, seed: int = 1
) -> Characteristics:
    """Simulate a basket trial.

    Parameters
    ----------
    trial : BasketTrial
    rates : array_like, shape (baskets,)
    trials : int
    seed : int
        The same seed gives the same patients to every model.
    """
    true = _rates(trial, rates, trials)
    sizes, posterior = _run(trial, true, trials, seed)
    active = posterior.above > trial.cutoff
    worth = true > np.asarray(trial.p0)
    wrong = (active & ~worth).any(axis=1)
    right = (active == worth).all(axis=1)
    error = posterior.mean - true
    share = active.mean(axis=0)
    return Characteristics(
        frozen(true, "rates"),
        frozen(share, "active"),
        frozen(_standard_error(share, trials), "error"),
        frozen((sizes < np.asarray(trial.n)).mean(axis=0), "stops"),
        frozen(sizes.mean(axis=0), "patients"),
        frozen(error.mean(axis=0), "bias"),
        frozen(np.sqrt((error**2).mean(axis=0)), "error"),
        float(wrong.mean()),
        float(_standard_error(wrong.mean(), trials)),
        float(right.mean()),
        float(_standard_error(right.mean(), trials)),
        trials,
    )


def cutoff_for(trial: BasketTrial, alpha: float, trials: int, seed: int = 1) -> float:
    """Smallest cut-off with which no basket's error exceeds alpha when all rates are p0.

    By simulation: the share of `alpha` has a standard error of sqrt(alpha (1 - alpha)/trials).
    """
    check_open("alpha", alpha)
    true = _rates(trial, trial.p0, trials)
    above = _run(trial, true, trials, seed)[1].above
    found = np.quantile(above, 1.0 - alpha, axis=0, method="higher")
    return float(min(found.max() + _SAME, 1.0 - _SAME))


def _rates(trial: BasketTrial, rates: ArrayLike, trials: int) -> Floats:
    true = np.asarray(rates, dtype=float)
    if true.shape != (len(trial.n),):
        raise DataError(f"{true.size} true rates for {len(trial.n)} baskets")
    for rate in true:
        check_probability("true rate of a basket", float(rate))
    if trials < 1:
        raise PhysicsRangeError(f"{trials} trials; simulate at least one")
    return true


def _standard_error(share: ArrayLike, trials: int) -> Floats:
    p = np.asarray(share, dtype=float)
    return np.sqrt(p * (1.0 - p) / trials)


def _run(
    trial: BasketTrial, true: Floats, trials: int, seed: int
) -> tuple[NDArray[np.int_], Posterior]:
    """Patients of every basket, and the posterior at the end; shape (trials, baskets)."""
    rng = np.random.default_rng(seed)
    full = np.asarray(trial.n)
    early = np.asarray(trial.interim or trial.n)
    shape = (trials, full.size)
    first = rng.binomial(early, true, shape)
    rest = rng.binomial(full - early, true, shape)
    if not trial.interim:
        return np.broadcast_to(full, shape), tables(trial.model, trial.p0, full).posterior(first)
    goes_on = tables(trial.model, trial.p0, early).posterior(first).above >= trial.futility
    responses = first + np.where(goes_on, rest, 0)
    sizes = np.where(goes_on, full, early)
    out = np.empty((3, *shape))
    patterns, which = np.unique(goes_on, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = which.ravel() == number
        table = tables(trial.model, trial.p0, np.where(pattern, full, early))
        found = table.posterior(responses[rows])
        out[:, rows] = found.above, found.mean, found.exchangeable
    return sizes, Posterior(out[0], out[1], out[2])
