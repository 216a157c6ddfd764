"""Radiobiology and uptake of the family's indications, as prior distributions with their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError

__all__ = [
    "Indication",
    "IndicationSource",
    "Prior",
    "UptakeEvidence",
    "indication",
    "indication_source",
    "indications",
]

ORIGINS = ("published", "derived", "assumed")
LIMIT_SD = 1.959963984540054  # of the standard normal: 97.5%


@dataclass(frozen=True, slots=True)
class IndicationSource:
    """A cited text."""

    key: str
    text: str
    doi: str | None


@dataclass(frozen=True, slots=True)
class Prior:
    """A parameter's distribution: log-normal on each side of its median, through both limits.

    Parameters
    ----------
    name, unit : str
    value, low, high : float
        Median and 95% limits; all the same for a fixed value.
    origin : {"published", "derived", "assumed"}
    grade : str
        Of the source: A abstract, T table, P press; "assumed" where nothing usable was seen.
    sources : tuple of str
    text : str
        Where the figure comes from, or why it was assumed.
    by_default : bool
        Whether it stands for every entity about which nothing is known.
    """

    name: str
    unit: str
    value: float
    low: float
    high: float
    origin: str
    grade: str
    sources: tuple[str, ...]
    text: str
    by_default: bool

    def at(self, z: Floats) -> Floats:
        """Values at standard normal deviates: 0 is the median, ±1.96 the limits."""
        if self.low == self.high:
            return np.full(np.shape(z), self.value)
        below, above = np.log(self.value / self.low), np.log(self.high / self.value)
        return self.value * np.exp(np.where(z < 0, below, above) * z / LIMIT_SD)


@dataclass(frozen=True, slots=True)
class UptakeEvidence:
    """What is known about uptake of the family in an entity."""

    text: str
    grade: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Indication:
    """An entity with its parameters and what is known about its uptake."""

    name: str
    title: str
    group: str
    aliases: tuple[str, ...]
    priors: Mapping[str, Prior]
    uptake: tuple[UptakeEvidence, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of every source, in the order of their use."""
        keys = [key for prior in self.priors.values() for key in prior.sources]
        keys += [key for item in self.uptake for key in item.sources]
        return tuple(dict.fromkeys(keys))

    def draw(self, n: int, rng: np.random.Generator) -> dict[str, Floats]:
        """Draw parameters, independent of each other, shapes (n,).

        That they are independent is an assumption: α and α/β of one fit are not.
        """
        return {name: prior.at(rng.standard_normal(n)) for name, prior in self.priors.items()}


@cache
def _table() -> dict[str, Any]:
    return load_toml("response", "indications.toml")


@cache
def indications() -> Mapping[str, Indication]:
    """All indications by name."""
    return MappingProxyType({name: _indication(name) for name in _table()["indication"]})


def indication(name: str) -> Indication:
    """Look an indication up by name or alias.

    Raises
    ------
    DataError
        For an unknown one; near matches are named.

    Examples
    --------
    >>> indication("Waldenström").name
    'lpl_wm'
    """
    known = indications()
    index = index_of((one.name, (one.title, *one.aliases)) for one in known.values())
    return known[look_up("indication", name, index, "see pdcraft indications")]


def indication_source(key: str) -> IndicationSource:
    """Return a cited text."""
    row = _table()["source"][key]
    return IndicationSource(key, row["text"], row.get("doi"))


def _indication(name: str) -> Indication:
    row = _table()["indication"][name]
    units, default = _table()["unit"], _table()["default"]
    priors = {
        key: _prior(name, key, unit, row.get(key) or default.get(key), key not in row)
        for key, unit in units.items()
    }
    evidence = tuple(
        UptakeEvidence(item["text"], item["grade"], tuple(item["sources"]))
        for item in row.get("uptake", ())
    )
    out = Indication(
        name, row["title"], row["group"], tuple(row["aliases"]), MappingProxyType(priors), evidence
    )
    unknown = [key for key in out.sources if key not in _table()["source"]]
    if unknown:
        raise DataError(f"indications.toml: {name}: source '{unknown[0]}' is not in the table")
    return out


def _prior(name: str, key: str, unit: str, row: dict[str, Any] | None, by_default: bool) -> Prior:
    if row is None:
        raise DataError(f"indications.toml: {name} has no {key}, and no default has")
    prior = Prior(
        key,
        unit,
        float(row["value"]),
        float(row["low"]),
        float(row["high"]),
        row["origin"],
        row.get("grade", "assumed"),
        tuple(row.get("sources", ())),
        row["text"],
        by_default,
    )
    fixed = prior.low == prior.value == prior.high
    if not fixed and not 0 < prior.low < prior.value < prior.high:
        raise DataError(
            f"indications.toml: {name}: {key} is {prior.value:g} in {prior.low:g} to "
            f"{prior.high:g}; wanted 0 < low < value < high"
        )
    if prior.origin not in ORIGINS or (prior.origin == "assumed") != (prior.grade == "assumed"):
        raise DataError(
            f"indications.toml: {name}: {key}: origin '{prior.origin}' with grade '{prior.grade}'"
        )
    if prior.origin != "assumed" and not prior.sources:
        raise DataError(f"indications.toml: {name}: {key} is {prior.origin} without a source")
    return prior
