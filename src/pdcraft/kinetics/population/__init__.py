"""Population kinetics: non-linear mixed effects over all subjects together.

`fit` takes a structural model, its parameters over the population, and records; the records come
from an event table (`from_events`) or from curves without doses (`from_observations`).
"""

from __future__ import annotations

from pdcraft.kinetics.population.biodist import BiodistPopulation, fit_biodist, fit_regions
from pdcraft.kinetics.population.checks import diagnostics, fixed_effects, residual_table
from pdcraft.kinetics.population.diagnostics import (
    cwres,
    epsilon_shrinkage,
    eta_shrinkage,
    iwres,
    npde,
)
from pdcraft.kinetics.population.event_fit import EventOptions, fit_events
from pdcraft.kinetics.population.events import from_events
from pdcraft.kinetics.population.fit import fit
from pdcraft.kinetics.population.parameters import Covariate, Parameter, allometry
from pdcraft.kinetics.population.records import Records, from_observations
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.structure import Compartments, Exponentials, UptakeWashout
from pdcraft.kinetics.population.uncertainty import standard_errors
from pdcraft.kinetics.population.vpc import PredictiveCheck, predictive_check

__all__ = [
    "BiodistPopulation",
    "Compartments",
    "Covariate",
    "EventOptions",
    "Exponentials",
    "Parameter",
    "PopulationFit",
    "PredictiveCheck",
    "Records",
    "UptakeWashout",
    "allometry",
    "cwres",
    "diagnostics",
    "epsilon_shrinkage",
    "eta_shrinkage",
    "fit",
    "fit_biodist",
    "fit_events",
    "fit_regions",
    "fixed_effects",
    "from_events",
    "from_observations",
    "iwres",
    "npde",
    "predictive_check",
    "residual_table",
    "standard_errors",
]
