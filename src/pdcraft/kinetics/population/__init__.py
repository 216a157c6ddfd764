"""Population kinetics: non-linear mixed effects over all subjects together."""

from __future__ import annotations

from pdcraft.kinetics.population.biodist import fit_biodist
from pdcraft.kinetics.population.events import from_events
from pdcraft.kinetics.population.fit import fit
from pdcraft.kinetics.population.parameters import Covariate, Parameter, allometry
from pdcraft.kinetics.population.records import Records, from_observations
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.structure import Compartments, Exponentials, UptakeWashout

__all__ = [
    "Compartments",
    "Covariate",
    "Exponentials",
    "Parameter",
    "PopulationFit",
    "Records",
    "UptakeWashout",
    "allometry",
    "fit",
    "fit_biodist",
    "from_events",
    "from_observations",
]
