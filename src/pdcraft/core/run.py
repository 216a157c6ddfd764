"""The record of a run: result rows, series, assumptions, warnings, citations and named inputs.

These are the parts of ``results.json``; ``pdcraft.io.store`` writes them. A row's ``id`` is
``stage/quantity/region/agent/host/arm[/time_h]`` with empty parts as ``-``.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.estimate import Spread, Summary
from pdcraft.core.notebook import Shown, Table, number
from pdcraft.core.quantity import Quantity
from pdcraft.errors import DataError

__all__ = [
    "Assumption",
    "Citation",
    "Driver",
    "Origin",
    "ResultRow",
    "Run",
    "RunWarning",
    "Series",
    "Subject",
    "drivers_of",
]

Origin = Literal["measured", "published", "fitted", "predicted", "computed", "assumed"]


@dataclass(frozen=True, slots=True)
class Subject:
    """Of what a row speaks: agent, host, arm, region and time; unknown parts are None."""

    agent: str | None = None
    host: str | None = None
    arm: str | None = None
    region: str | None = None
    time_h: float | None = None

    def __post_init__(self) -> None:
        for part in (self.agent, self.host, self.arm, self.region):
            if part is not None and "/" in part:
                raise DataError(f"'{part}' holds a slash, which divides the parts of a result's id")

    def path(self, stage: str, quantity: Quantity) -> str:
        """Return the row's id."""
        parts = [stage, quantity.key, self.region, self.agent, self.host, self.arm]
        path = "/".join(part or "-" for part in parts)
        return path if self.time_h is None else f"{path}/{self.time_h:g}"


@dataclass(frozen=True, slots=True)
class Driver:
    """An input and its share of a result's variance over draws."""

    input: str
    share: float


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One number of a run with its interval, origin and drivers.

    ``computed`` and ``predicted`` rows must have limits; a published number without an interval
    has none.
    """

    stage: str
    quantity: Quantity
    subject: Subject
    origin: Origin
    summary: Summary
    spread: Spread = "knowledge"
    drivers: tuple[Driver, ...] = ()
    sources: tuple[str, ...] = ()
    compare_with: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        low, high = self.summary["low"], self.summary["high"]
        if self.origin in ("computed", "predicted") and (low is None or high is None):
            raise DataError(f"{self.id}: a {self.origin} number needs both limits")
        for key, value in self.summary.items():
            if value is not None and not math.isfinite(value):
                raise DataError(
                    f"{self.id}: {key} is {value}; unknown is None, never NaN or infinity"
                )

    @property
    def id(self) -> str:
        """Identity: unique within a run, stable between versions."""
        return self.subject.path(self.stage, self.quantity)


@dataclass(frozen=True, slots=True)
class Series:
    """A curve over time in draws: mean and limits, shape (times,)."""

    stage: str
    quantity: Quantity
    subject: Subject
    file: str
    times_h: Floats
    value: Floats
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        for name in ("times_h", "value", "low", "high"):
            array = frozen(getattr(self, name), f"{self.id}, {name}")
            object.__setattr__(self, name, array)

    @property
    def id(self) -> str:
        """Identity: unique within a run."""
        return self.subject.path(self.stage, self.quantity)


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken as so without a measurement of this agent in this host."""

    id: str
    text: str
    value: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunWarning:
    """What a reader must know before using a number."""

    code: str
    stage: str
    message: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that was used in this run."""

    key: str
    text: str
    doi: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Run(Shown):
    """Everything a study gave, before it is written."""

    name: str
    file: str
    sha256: str
    seed: int
    n_draws: int
    interval: float
    stages: tuple[str, ...]
    results: tuple[ResultRow, ...]
    series: tuple[Series, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[RunWarning, ...] = ()
    citations: tuple[Citation, ...] = ()
    inputs: Mapping[str, Floats] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for what, ids in (
            ("result", [r.id for r in self.results]),
            ("series", [s.id for s in self.series]),
            ("assumption", [a.id for a in self.assumptions]),
            ("citation", [c.key for c in self.citations]),
        ):
            twice = sorted(i for i, count in Counter(ids).items() if count > 1)
            if twice:
                raise DataError(f"two {what} entries share the id '{twice[0]}'")
        known = {c.key for c in self.citations}
        for row in self.results:
            missing = [key for key in row.sources if key not in known]
            if missing:
                raise DataError(f"{row.id} cites '{missing[0]}', which is not among the citations")
        frozen_inputs = {k: frozen(v, f"input {k}") for k, v in sorted(self.inputs.items())}
        object.__setattr__(self, "inputs", MappingProxyType(frozen_inputs))

    def _table(self) -> Table:
        rows = [
            (
                r.stage,
                r.quantity.name,
                r.subject.region or "",
                r.subject.arm or "",
                *(number(r.summary[key]) for key in ("value", "low", "high")),
                r.quantity.unit,
                r.origin,
            )
            for r in self.results
        ]
        columns = ("stage", "quantity", "region", "arm", "value", "low", "high", "unit", "origin")
        title = f"{self.name}: {len(self.results)} numbers, {self.n_draws} draws, seed {self.seed}"
        return Table(title, columns, rows)

    def row(self, row_id: str) -> ResultRow:
        """Return the row with this id."""
        for row in self.results:
            if row.id == row_id:
                return row
        raise DataError(f"no result is called '{row_id}'")


def _ranks(values: Floats) -> Floats:
    """Ranks about their mean; equal values share theirs, or the order of draws would correlate."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    below = np.cumsum(count) - count
    out = (below + 0.5 * (count - 1.0))[place]
    return out - out.mean()


def drivers_of(
    values: Floats, inputs: Mapping[str, Floats], at_least: float = 0.02
) -> tuple[Driver, ...]:
    r"""Rank the named inputs by their share of a result's variance over draws.

    The share is the squared rank correlation :math:`\rho_S^2` of result and input. For independent
    inputs that act monotonically these add to about one; where they add to more (correlated inputs)
    they are scaled to one. With n draws, chance alone gives about 1/n each, hence `at_least`.

    Parameters
    ----------
    values : ndarray, shape (draw,)
    inputs : mapping of str to ndarray, shape (draw,)
    at_least : float
        Shares below are left out.

    Returns
    -------
    tuple of Driver
        Largest first.
    """
    y = _ranks(np.asarray(values, dtype=float))
    if not np.ptp(values) > 0:
        return ()
    shares: dict[str, float] = {}
    for name, draws in inputs.items():
        if np.ptp(draws) > 0:
            x = _ranks(draws)
            shares[name] = float((x @ y) ** 2 / ((x @ x) * (y @ y)))
    total = max(1.0, sum(shares.values()))
    found = [Driver(k, round(v / total, 4)) for k, v in shares.items() if v / total >= at_least]
    return tuple(sorted(found, key=lambda d: (-d.share, d.input)))
