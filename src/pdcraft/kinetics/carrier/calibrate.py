"""Calibrate the carrier: fit a species to all its evidence, and without each study in turn."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from pdcraft.data.files import text_of
from pdcraft.kinetics.carrier.draws import ALL, CarrierDraws
from pdcraft.kinetics.carrier.parameters import Species
from pdcraft.kinetics.carrier.predict import carrier_target
from pdcraft.kinetics.carrier.profile import Profile, profile_likelihood
from pdcraft.kinetics.carrier.target import Posterior, refuse_priors_that_exclude
from pdcraft.numerics.sampling import Chains

__all__ = ["NOT_INFORMED", "Calibration", "calibrate", "calibration_record", "tables_sha256"]

SEED = 20261121
STEPS, BURN_IN, WALKERS, ENSEMBLES = 1200, 300, 40, 4
DRAWS = 1000
TABLES = ("evidence.toml", "priors.toml", "likelihood.toml", "iodide.toml", "s_values.toml")
NOT_INFORMED = 0.2  # contraction below which a parameter is 'not informed by data'


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Posteriors of a species: of `ALL` evidence, and by the subjects left out."""

    species: Species
    posteriors: Mapping[str, Posterior]
    profiles: tuple[Profile, ...]

    @property
    def draws(self) -> CarrierDraws:
        """Draws to be shipped."""
        names = self.posteriors[ALL].target.names
        return CarrierDraws(names, {key: p.draws(DRAWS) for key, p in self.posteriors.items()})


def calibrate(species: Species, *, steps: int = STEPS, burn_in: int = BURN_IN) -> Calibration:
    """Fit a species.

    Parameters
    ----------
    species : {"mouse", "human"}
    steps, burn_in : int
        Of every walker, kept and thrown away before.

    Raises
    ------
    DataError
        If the priors exclude a row that they are to be fitted to.
    ConvergenceError
        If a posterior has not settled.
    """
    target = carrier_target(species)
    refuse_priors_that_exclude(target, np.random.default_rng(SEED))
    studies = dict.fromkeys(item.subjects for item in target.items)
    posteriors: dict[str, Posterior] = {}
    for i, key in enumerate((ALL, *studies)):
        part = target if key == ALL else target.without({key})
        posteriors[key] = part.sample(
            seed=SEED + i, steps=steps, burn_in=burn_in, walkers=WALKERS, ensembles=ENSEMBLES
        )
        posteriors[key].refuse_unconverged()
    best = _best(posteriors[ALL])
    profiles = tuple(profile_likelihood(target, name, best) for name in target.names)
    return Calibration(species, MappingProxyType(posteriors), profiles)


def _best(posterior: Posterior) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Draw of the highest likelihood, in units of the prior."""
    unit = posterior.chains.thinned(DRAWS)
    return unit[int(np.argmax(posterior.target.log_likelihood(unit)))]


def tables_sha256() -> dict[str, str]:
    """Hash the tables that the draws follow from: a draw is of these and no others."""
    return {name: hashlib.sha256(text_of("carrier", name).encode()).hexdigest() for name in TABLES}


def calibration_record(calibration: Calibration) -> dict[str, Any]:
    """Diagnostics as a document: convergence, contraction, correlations, profiles."""
    full = calibration.posteriors[ALL]
    names = full.target.names
    pairs = [
        {"between": [names[i], names[j]], "value": round(float(full.correlations[i, j]), 2)}
        for i in range(len(names))
        for j in range(i)
        if abs(full.correlations[i, j]) >= 0.5
    ]
    return {
        "schema": "pdcraft.carrier-calibration/1",
        "species": calibration.species,
        "seed": SEED,
        "tables_sha256": tables_sha256(),
        "sets": {key: _convergence(p.chains) for key, p in calibration.posteriors.items()},
        "parameters": {
            name: {
                "contraction": round(float(full.contraction[i]), 3),
                "informed": bool(full.contraction[i] >= NOT_INFORMED),
                "shift_prior_sd": round(float(full.shift[i]), 2),
                "profile": {
                    "values": [float(f"{v:.4g}") for v in profile.values],
                    "drop": [round(float(d), 3) for d in profile.drop],
                },
            }
            for i, (name, profile) in enumerate(zip(names, calibration.profiles, strict=True))
        },
        "correlations_of_half_or_more": pairs,
    }


def _convergence(chains: Chains) -> dict[str, float]:
    return {
        "largest_split_rhat": round(float(chains.split_rhat.max()), 4),
        "smallest_effective_size": round(float(chains.effective_size.min())),
        "acceptance": round(chains.acceptance, 3),
    }
