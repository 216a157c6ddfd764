"""Bodies and parameters of the carrier model, with their priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, Problem

__all__ = ["MOST_ESTIMATED", "Host", "Parameter", "Priors", "Species", "host", "priors"]

Species = Literal["mouse", "human"]
MOST_ESTIMATED = 8  # budget: parameters a species that the evidence is meant to inform


@dataclass(frozen=True, slots=True)
class Host:
    """A reference body.

    Parameters
    ----------
    species : str
    body_mass_g, plasma_mL, blood_mL : float
        The carrier of blood is in its plasma: assumed.
    region_g : mapping of str to float
        Masses of the regions that the model tells apart.
    """

    species: Species
    body_mass_g: float
    plasma_mL: float
    blood_mL: float
    region_g: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter and its log-normal prior; the meaning of each part stands at the table's head."""

    name: str
    unit: str
    role: Literal["estimated", "prior"]
    median: float
    log_sd: float
    origin: Literal["derived", "assumed"]
    text: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Priors:
    """Parameters of a species, all independent a priori."""

    species: Species
    parameters: tuple[Parameter, ...]
    citations: Mapping[str, Citation]

    @property
    def names(self) -> tuple[str, ...]:
        """All names, the estimated ones first."""
        return tuple(p.name for p in self.parameters)

    @property
    def estimated(self) -> tuple[str, ...]:
        """Names of those that the evidence is meant to inform."""
        return tuple(p.name for p in self.parameters if p.role == "estimated")

    @property
    def log_median(self) -> Floats:
        """Logarithms of the medians, shape (parameters,)."""
        return np.log([p.median for p in self.parameters])

    @property
    def log_sd(self) -> Floats:
        """SD of the logarithms, shape (parameters,)."""
        return np.array([p.log_sd for p in self.parameters])

    def typical(self) -> dict[str, Floats]:
        """Medians, each of shape (1,)."""
        return self.named(np.exp(self.log_median)[None])

    def draw(self, n: int, rng: np.random.Generator) -> dict[str, Floats]:
        """Draw from the prior, each of shape (n,)."""
        unit = rng.standard_normal((n, len(self.parameters)))
        return self.named(np.exp(self.log_median + self.log_sd * unit))

    def named(self, values: Floats) -> dict[str, Floats]:
        """Columns of an array of shape (n, parameters), by name."""
        values = frozen(values, f"{self.species} parameters")
        if values.ndim != 2 or values.shape[1] != len(self.parameters):
            raise DataError(
                f"{self.species}: parameters of shape {values.shape}; the model has "
                f"{len(self.parameters)}: {', '.join(self.names)}"
            )
        return {name: values[:, i] for i, name in enumerate(self.names)}


@cache
def host(species: Species) -> Host:
    """Return the reference body of a species: the mouse of 22 g or the reference adult male."""
    row = load_toml("carrier", "priors.toml")["host"][species]
    regions = MappingProxyType({k: float(v) for k, v in row["region_g"].items()})
    return Host(species, row["body_mass_g"], row["plasma_mL"], row["blood_mL"], regions)


@cache
def priors(species: Species) -> Priors:
    """Parameters of a species from ``priors.toml``.

    Raises
    ------
    DataError
        Naming every parameter that breaks a rule of the table.
    """
    table = load_toml("carrier", "priors.toml")
    return read_priors(species, table)


def read_priors(species: Species, table: Mapping[str, Any]) -> Priors:
    """Check and order the parameters of a species."""
    rows: list[Parameter] = [Parameter(**row) for row in table[species]]
    faults = [f"{species} {row.name}: {fault}" for row in rows for fault in _faults(row, table)]
    n_estimated = sum(row.role == "estimated" for row in rows)
    if n_estimated > MOST_ESTIMATED:
        faults.append(f"{species}: {n_estimated} estimated parameters; at most {MOST_ESTIMATED}")
    if faults:
        raise DataError([Problem(fault, file="priors.toml") for fault in faults])
    rows.sort(key=lambda row: row.role != "estimated")
    used = {row.source for row in rows} | set(table["host"][species]["sources"])
    sources = table["source"]
    citations = {
        key: Citation(key, sources[key]["text"], sources[key].get("doi"))
        for key in sorted(key for key in used if key is not None)
    }
    return Priors(species, tuple(rows), MappingProxyType(citations))


def _faults(row: Parameter, table: Mapping[str, Any]) -> list[str]:
    out: list[str] = []
    if not (0 < row.median < np.inf and 0 < row.log_sd < np.inf):
        out.append(f"median {row.median}, log_sd {row.log_sd}; both are positive")
    if row.origin == "derived" and row.source is None:
        out.append("derived from nothing; name the source")
    if row.source is not None and row.source not in table["source"]:
        out.append(f"source '{row.source}' is not in the table")
    return out
