"""Fit a population model: one verb, three methods.

References
----------
.. [LB90] M. J. Lindstrom, D. M. Bates, Biometrics 46, 673 (1990), doi:10.2307/2532087
.. [W07] Y. Wang, J. Pharmacokinet. Pharmacodyn. 34, 575 (2007), doi:10.1007/s10928-007-9060-6
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ApproximationWarning, ConvergenceError, DataError
from pdcraft.kinetics.options import one_of
from pdcraft.kinetics.population.lindstrom_bates import alternate
from pdcraft.kinetics.population.objective import Hessian, gradient, minus_twice_log_l
from pdcraft.kinetics.population.omega import Covariance
from pdcraft.kinetics.population.parameters import Parameter
from pdcraft.kinetics.population.records import Records
from pdcraft.kinetics.population.residual import Residual
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.statement import Statement
from pdcraft.kinetics.population.structure import StructuralModel

__all__ = ["Method", "fit"]

Method = Literal["foce", "laplace", "lindstrom-bates"]
GRADIENT_TOLERANCE = 2e-3  # of -2 log L per unit of a logarithm: far below 0.01 standard error
FLAT = 0.05  # a gradient this small at the end of the search moves nothing that is reported
SPREAD_GONE = 0.02  # squared effect over residual variance, summed over all data: unseen
WIDE_DECADES = 6.0  # no assay measures over more
PROPORTIONAL_SD = (0.05, 1.0)  # where the search for it may start


def fit(
    model: StructuralModel,
    parameters: Sequence[Parameter],
    records: Records,
    *,
    covariance: Covariance = "diagonal",
    error: Residual = "additive",
    method: Method = "foce",
    residual_sd: tuple[float, float] | None = None,
) -> PopulationFit:
    """Estimate typical values, their spread between subjects, and the residual error.

    Parameters
    ----------
    model : StructuralModel
    parameters : sequence of Parameter
        One for every parameter of the model, with starting values.
    records : Records
    covariance : {"diagonal", "full"}
        Of the random effects.
    error : {"additive", "proportional", "combined"}
        Variance ``a^2 + (b f)^2`` around the individual prediction f.
    method : {"foce", "laplace", "lindstrom-bates"}
        Values below quantification need ``laplace``. ``lindstrom-bates`` is the algorithm of R's
        nlme (additive error only).
    residual_sd : tuple of float, optional
        Where the search for the additive and the proportional SD starts.

    Returns
    -------
    PopulationFit

    Raises
    ------
    DataError
        For parameters that do not fit the model, fewer observations than free values, or a
        proportional error where the prediction is 0.
    ConvergenceError
        If the search ends where the objective still falls.
    """
    one_of("method", method, get_args(Method))
    one_of("covariance", covariance, get_args(Covariance))
    one_of("error", error, get_args(Residual))
    statement = Statement(model, tuple(parameters), records, covariance, error)
    _enough(statement)
    if records.below.any() and method != "laplace":
        raise DataError(
            f"{int(records.below.sum())} values are below quantification, which method '{method}' "
            "cannot use: their probability is not normal; use method='laplace'"
        )
    additive, proportional = residual_sd or _first_residual(statement)
    vector = statement.start(additive, proportional)
    u = np.zeros((1, records.n_subjects, len(statement.random)))
    hessian: Hessian = "laplace" if method == "laplace" else "foce"
    if method == "lindstrom-bates":
        vector, u, rounds = alternate(statement, vector)
    else:
        vector, u, rounds = _search(statement, vector, u, hessian)
    objective, u = minus_twice_log_l(statement, vector[None], u, hessian)
    result = PopulationFit(statement, method, vector, u[0], float(objective[0]), rounds)
    _warn_of_no_spread(result)
    return result


def _enough(statement: Statement) -> None:
    n, free, subjects = (
        statement.records.n_observations,
        statement.n_free,
        statement.records.n_subjects,
    )
    if n <= free or subjects < 2 or not statement.records.quantified.any():
        raise DataError(
            f"population fit: {n} observations of {subjects} subjects for {free} free values; it "
            "needs two subjects and more observations than values: fix some, or drop random effects"
        )


def _first_residual(statement: Statement) -> tuple[float, float]:
    """Start the additive SD at the scatter around each subject's own best curve, roughly."""
    values = statement.values(statement.start(1.0, PROPORTIONAL_SD[0])[None])
    natural, _, _ = statement.individual(
        values, np.zeros((1, statement.records.n_subjects, len(statement.random)))
    )
    curve = statement.model.predict(natural, statement.records)[0]
    used = statement.records.quantified
    if statement.error == "proportional" and np.any(curve[used] == 0):
        raise DataError(
            "proportional error: the prediction is 0 at some observation, where the error would "
            "be 0 too; use error='combined', or set MDV for what lies before the dose"
        )
    off = (statement.records.value - curve)[used]
    if not np.isfinite(off).all():
        raise DataError("the model gives no finite curve at the starting values; give other ones")
    scale = float(np.sqrt(np.mean(off**2))) / 2
    floor = 1e-6 * float(np.abs(statement.records.value).max()) or 1.0
    share = off[curve[used] != 0] / curve[used][curve[used] != 0]
    relative = float(np.median(np.abs(share))) if share.size else 0.0
    return max(scale, floor), float(np.clip(relative, *PROPORTIONAL_SD))


def _search(
    statement: Statement, vector: Floats, u: Floats, hessian: Hessian
) -> tuple[Floats, Floats, int]:
    """Minimize the objective by BFGS; the modes of the best point warm-start the next."""
    from scipy.optimize import minimize

    modes = u
    lowest = np.inf

    def objective(x: Floats) -> tuple[float, Floats]:
        nonlocal modes, lowest
        value, slope, _, found = gradient(statement, x, modes, hessian)
        if not (np.isfinite(value) and np.isfinite(slope).all()):
            return 1e10, np.zeros_like(x)
        if value < lowest:
            modes, lowest = found, value
        return value, slope

    _, _, curvature, modes = gradient(statement, vector, u, hessian, step=1e-2)
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(curvature) & (curvature > 1)
    first = np.diag(1 / np.where(usable, curvature, 10.0))
    options = {"gtol": GRADIENT_TOLERANCE, "maxiter": 200, "hess_inv0": first}
    found = minimize(objective, vector, jac=True, method="BFGS", options=options)
    rest = np.abs(objective(found.x)[1]).max()
    if not found.success and rest > FLAT:
        raise ConvergenceError(
            f"population fit ended at a slope of {rest:.3g} of -2 log L after {found.nit} steps "
            f"({found.message}); {_way_out(statement)}"
        )
    return found.x, modes, int(found.nit)


def _way_out(statement: Statement) -> str:
    """Say what to change where the search does not end, from what the data look like."""
    usual = "start closer, drop a random effect or use diagonal covariance"
    size = np.abs(statement.records.value[statement.records.quantified])
    size = size[size > 0]
    decades = float(np.log10(size.max() / size.min())) if size.size else 0.0
    if statement.error != "proportional" or decades < WIDE_DECADES:
        return usual
    return (
        f"the values span {decades:.0f} decades, of which a proportional error weighs the smallest "
        "like the largest: mark what lies below quantification (MDV 1 in an event table, lloq in a "
        f"biodistribution) or use a combined error; else {usual}"
    )


def _warn_of_no_spread(result: PopulationFit) -> None:
    """Warn of random effects whose spread moves the predictions by nothing that data could see."""
    at = result.at_modes
    variance = np.diagonal(result.omega)
    seen = (at.by_eta[0] ** 2 * variance / at.variance[0][..., None]).sum(axis=(0, 1))
    names = result.statement.random_names
    gone = [n for n, s in zip(names, seen, strict=True) if s < SPREAD_GONE]
    if gone:
        warnings.warn(
            f"no spread between subjects was found in {', '.join(gone)}; its variance is at 0, "
            "where standard errors mean little: refit with random=False",
            ApproximationWarning,
            stacklevel=3,
        )
