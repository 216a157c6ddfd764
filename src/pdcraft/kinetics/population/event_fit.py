"""Population fit of an event table by the name of its model, and the result as a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from pdcraft.io.event_table import EventTable
from pdcraft.kinetics.options import one_of
from pdcraft.kinetics.population.checks import diagnostics, fixed_effects, shrinkage
from pdcraft.kinetics.population.diagnostics import epsilon_shrinkage
from pdcraft.kinetics.population.events import from_events
from pdcraft.kinetics.population.fit import Method, fit
from pdcraft.kinetics.population.omega import Covariance
from pdcraft.kinetics.population.residual import Residual
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.starts import compartment_parameters, dose_guesses, pooled
from pdcraft.kinetics.population.structure import Compartments

__all__ = ["MODELS", "EventOptions", "document", "fit_events"]

MODELS: Mapping[str, Compartments] = {
    model.name: model
    for model in (
        *(Compartments(n, oral) for oral in (False, True) for n in (1, 2, 3)),
        Compartments(1, True, rates=True),
    )
}


@dataclass(frozen=True, slots=True)
class EventOptions:
    """How to fit an event table.

    Parameters
    ----------
    error : {"additive", "proportional", "combined"}
    covariance : {"diagonal", "full"}
    method : {"foce", "laplace", "lindstrom-bates"}
    random : tuple of str or None
        Parameters that differ between subjects; None for all.
    mass : {"none", "fixed", "estimated"}
        Allometry on the covariate ``WT``.
    reference_mass : float
        In the unit of ``WT``.
    """

    error: Residual = "combined"
    covariance: Covariance = "diagonal"
    method: Method = "foce"
    random: tuple[str, ...] | None = None
    mass: Literal["none", "fixed", "estimated"] = "none"
    reference_mass: float = 70.0


def fit_events(
    table: EventTable, model: str, options: EventOptions | None = None, *, file: str | None = None
) -> PopulationFit:
    """Fit a compartment model to an event table; starting values come from the data.

    One compartment with a depot has two solutions that give the same curve (flip-flop): the search
    starts where absorption is the faster process. An intravenous curve would tell; use `fit` with
    starting values of your own for the other one.

    Parameters
    ----------
    table : EventTable
        From `pdcraft.io.event_table.read_events`.
    model : str
        A key of ``MODELS``.
    options : EventOptions, optional
    file : str, optional
        Name used in errors.

    Raises
    ------
    DataError
        For an unknown model or option, or data that do not fit the model.
    ConvergenceError
        If the search does not settle.
    """
    options = options or EventOptions()
    one_of("model", model, list(MODELS))
    one_of("allometry", options.mass, ["none", "fixed", "estimated"])
    structure = MODELS[model]
    records = from_events(table, structure, file=file)
    start = _absorbed_faster(pooled(structure, dose_guesses(structure, records), records))
    parameters = compartment_parameters(
        structure,
        start,
        records,
        random=options.random,
        mass=options.mass,
        reference_mass=options.reference_mass,
    )
    return fit(
        structure,
        parameters,
        records,
        covariance=options.covariance,
        error=options.error,
        method=options.method,
    )


def _absorbed_faster(start: dict[str, float]) -> dict[str, float]:
    """Of the two equal curves of one compartment, take that absorbed faster than eliminated."""
    if set(start) == {"ka", "CL", "V"} and start["ka"] * start["V"] < start["CL"]:
        return {"ka": start["CL"] / start["V"], "CL": start["CL"], "V": start["CL"] / start["ka"]}
    if set(start) == {"ka", "CL", "ke"} and start["ka"] < start["ke"]:
        return {"ke": start["ka"], "ka": start["ke"], "CL": start["CL"]}
    return start


def document(result: PopulationFit, *, seed: int = 1) -> dict[str, Any]:
    """Give the JSON document ``pdcraft.fit-population/1`` of a fit; ``seed`` is that of NPDE."""
    statement = result.statement
    return {
        "schema": "pdcraft.fit-population/1",
        "model": statement.model.name,
        "method": result.method,
        "error_model": statement.error,
        "covariance": statement.covariance,
        "n_subjects": statement.records.n_subjects,
        "n_observations": statement.records.n_observations,
        "typical": result.typical,
        "fixed_effects": fixed_effects(result),
        "random": list(statement.random_names),
        "omega": result.omega.tolist(),
        "residual_sd": result.residual_sd,
        "minus_twice_log_likelihood": result.objective,
        "aic": result.aic,
        "aicc": result.aicc if np.isfinite(result.aicc) else None,
        "bic": result.bic,
        "eta_shrinkage": shrinkage(result),
        "epsilon_shrinkage": epsilon_shrinkage(result),
        "diagnostics": diagnostics(result, seed=seed),
    }
