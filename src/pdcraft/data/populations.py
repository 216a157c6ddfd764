"""Virtual patients' bodies, counts and disease, and baseline tables of trials, with sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, Problem

__all__ = [
    "Anthropometry",
    "Baseline",
    "Eligibility",
    "Marginal",
    "PopulationTable",
    "anthropometry",
    "correlations",
    "plausible",
    "population",
    "population_names",
    "read_population",
    "renal_by_age",
]

FILE = "populations.toml"
ORIGINS = ("published", "derived", "assumed")
PARTS = ("text", "like", "age_years", "female_share", "pretreated", "baseline", "eligible")


@dataclass(frozen=True, slots=True)
class Marginal:
    """Distribution of one attribute: log-normal, or logit-normal for a share.

    Parameters
    ----------
    name : str
        With its unit.
    median, sd : float
        The SD is of the logarithm, or of the logit where `is_share`.
    is_share : bool
    female_ratio : float
        Median of women over that of men.
    origin : {"published", "derived", "assumed"}
    source : tuple of str
    text : str
    """

    name: str
    median: float
    sd: float
    is_share: bool
    female_ratio: float
    origin: str
    source: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a baseline table prints of one attribute of its `n` patients.

    A share (of women), or a median with its range.
    """

    name: str
    n: int
    share: float | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    origin: str = "published"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """A limit that enrolled patients keep, either end open."""

    name: str
    least: float = -np.inf
    most: float = np.inf
    origin: str = "published"
    source: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class PopulationTable:
    """A population before matching, and what it is matched to.

    Parameters
    ----------
    age_years : tuple of float
        Ends of the ages that are proposed evenly.
    female_share : float
    pretreated : bool
        Marrow treated heavily before.
    marginals : mapping of str to Marginal
    baseline : tuple of Baseline
    eligible : tuple of Eligibility
    """

    name: str
    text: str
    age_years: tuple[float, float]
    female_share: float
    pretreated: bool
    marginals: Mapping[str, Marginal]
    baseline: tuple[Baseline, ...]
    eligible: tuple[Eligibility, ...]

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Sources of everything in it, and of heights, masses, kidneys and correlations."""
        table = load_toml("response", FILE)
        keys = [table["anthropometry"]["source"], table["renal"]["source"]]
        keys += [row["source"] for row in table["correlation"] if "source" in row]
        keys += [key for m in self.marginals.values() for key in m.source]
        keys += [row.source for row in (*self.baseline, *self.eligible) if row.source]
        rows = table["source"]
        return tuple(Citation(k, rows[k]["text"], rows[k].get("doi")) for k in dict.fromkeys(keys))


@dataclass(frozen=True, slots=True, eq=False)
class Anthropometry:
    """Percentiles of one measure by sex and age.

    Parameters
    ----------
    from_age : ndarray, shape (bands,)
    percent : tuple of tuple of ndarray
        ``percent[female][band]``, with `value` alike: lengths may differ.
    """

    from_age: Floats
    percent: tuple[tuple[Floats, ...], tuple[Floats, ...]]
    value: tuple[tuple[Floats, ...], tuple[Floats, ...]]


@cache
def anthropometry(name: str) -> Anthropometry:
    """Percentiles of ``height_cm`` or ``body_mass_kg``, of the cited survey."""
    table = load_toml("response", FILE)["anthropometry"]
    percent = np.array(table["percent"], dtype=float)
    rows = [[frozen(band, name) for band in table[name][sex]] for sex in ("male", "female")]
    if any(np.any(np.diff(band) <= 0) for sex in rows for band in sex):
        raise DataError(Problem(f"{name}: percentiles do not rise", FILE))
    male, female = (tuple(sex) for sex in rows)
    printed = tuple(tuple(percent[: b.size] for b in sex) for sex in (male, female))
    ages = frozen(table["from_age"], "ages")
    return Anthropometry(ages, (printed[0], printed[1]), (male, female))


@cache
def renal_by_age() -> tuple[Floats, Floats, float]:
    """First ages of the bands, mean filtration in them, SD of the logarithm."""
    row = load_toml("response", FILE)["renal"]
    return frozen(row["from_age"], "ages"), frozen(row["mean"], "filtration"), float(row["log_sd"])


@cache
def plausible() -> Mapping[str, tuple[float, float]]:
    """Limits by attribute, beyond which a number is taken for a slip."""
    rows = load_toml("response", FILE)["limit"]
    return MappingProxyType({name: (float(low), float(high)) for name, (low, high) in rows.items()})


@cache
def correlations(names: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Correlation matrices of normal scores, of men and of women.

    Raises
    ------
    DataError
        If one is no correlation matrix.
    """
    return read_correlations(names, load_toml("response", FILE)["correlation"])


def read_correlations(
    names: tuple[str, ...], rows: list[Mapping[str, Any]]
) -> tuple[Floats, Floats]:
    """Build the matrices; pairs that are not listed are independent."""
    out: list[Floats] = []
    for sex in ("male", "female"):
        matrix = np.eye(len(names))
        for row in rows:
            i, j = (names.index(n) for n in row["between"])
            matrix[i, j] = matrix[j, i] = row[sex]
        lowest = float(np.linalg.eigvalsh(matrix).min())
        if lowest <= 0 or np.any(np.abs(matrix) > 1):
            raise DataError(
                Problem(
                    f"correlations of {sex} patients contradict each other (eigenvalue "
                    f"{lowest:.3g}); weaken one of the pairs",
                    FILE,
                )
            )
        out.append(frozen(matrix, "correlations"))
    return out[0], out[1]


def population_names() -> tuple[str, ...]:
    """Names of the populations that pdcraft ships."""
    return tuple(load_toml("response", FILE)["population"])


@cache
def population(name: str) -> PopulationTable:
    """Return a population by name.

    Raises
    ------
    DataError
        For an unknown name, with near matches, or naming every fault of the table.
    """
    table = load_toml("response", FILE)
    names = index_of((n, ()) for n in table["population"])
    return read_population(look_up("population", name, names, "see populations.toml"), table)


def read_population(name: str, table: Mapping[str, Any]) -> PopulationTable:
    """Check a population of a table; what it is ``like`` gives what it does not say."""
    said: dict[str, Any] = dict(table["population"][name])
    while "like" in said:
        said = {**table["population"][said.pop("like")], **said}
    marginals = {k: _marginal(k, row) for k, row in said.items() if k not in PARTS}
    baseline = tuple(Baseline(k, **row) for k, row in said.get("baseline", {}).items())
    eligible = tuple(Eligibility(k, **row) for k, row in said.get("eligible", {}).items())
    low, high = (float(v) for v in said["age_years"])
    out = PopulationTable(
        name,
        said["text"],
        (low, high),
        float(said["female_share"]),
        bool(said["pretreated"]),
        MappingProxyType(marginals),
        baseline,
        eligible,
    )
    faults = _faults(out, table["source"])
    if faults:
        raise DataError([Problem(f"{name}: {fault}", FILE) for fault in faults])
    return out


def _marginal(name: str, row: Mapping[str, Any]) -> Marginal:
    is_share = "logit_sd" in row
    return Marginal(
        name,
        float(row["median"]),
        float(row["logit_sd" if is_share else "log_sd"]),
        is_share,
        float(row.get("female_ratio", 1.0)),
        row["origin"],
        tuple(row["source"]),
        row["text"],
    )


def _faults(said: PopulationTable, sources: Mapping[str, Any]) -> list[str]:
    out: list[str] = []
    if not 18 <= said.age_years[0] < said.age_years[1] or not 0 <= said.female_share <= 1:
        out.append(f"ages {said.age_years}, share of women {said.female_share}")
    for m in said.marginals.values():
        if not (m.sd > 0 and 0 < m.median and (m.median < 1 or not m.is_share)):
            out.append(
                f"{m.name}: median {m.median}, SD {m.sd}; both are positive, a share below 1"
            )
        if m.origin == "derived" and not m.source:
            out.append(f"{m.name}: derived from nothing; name the source")
        out += [f"{m.name}: source '{k}' is not in the table" for k in m.source if k not in sources]
    for row in said.baseline:
        ordered = row.median is not None and (row.low or 0) < row.median < (row.high or np.inf)
        if row.n < 2 or not (ordered or (row.share is not None and 0 < row.share < 1)):
            out.append(f"baseline of {row.name}: a share, or low < median < high, of 2 or more")
    for row in (*said.baseline, *said.eligible):
        if row.origin not in ORIGINS or (row.origin == "published" and row.source not in sources):
            out.append(f"{row.name}: origin {row.origin}, source '{row.source}'")
    return out
