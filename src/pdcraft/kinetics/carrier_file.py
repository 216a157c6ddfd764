"""The carrier file: kinetic parameters of a conjugate, each with origin, source and spread.

It serves until a calibrated carrier model takes its place: what is published enters as published,
what is not is assumed, with a wide spread, and both are listed in the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.core.regions import region_name
from pdcraft.core.run import Assumption, Citation
from pdcraft.errors import DataError, StudyError
from pdcraft.io.fields import Hours, Mass, Table, read_table
from pdcraft.io.toml_lines import TomlFile, read_toml
from pdcraft.io.units import parse
from pdcraft.numerics.inputs import Uncertain, fixed, log_normal, log_uniform

__all__ = ["CarrierFile", "Parameter", "Plasma", "Tissue", "read_carrier_file"]


class Parameter(Table):
    """One uncertain number: a value with ``cv`` or ``factor``, or ``low`` and ``high``."""

    value: str | float | None = None
    cv: Annotated[float, Field(gt=0)] | None = None
    factor: Annotated[float, Field(gt=1)] | None = None
    low: str | float | None = None
    high: str | float | None = None
    origin: Literal["published", "derived", "assumed"]
    source: str | None = None
    text: str

    @model_validator(mode="after")
    def _form(self) -> Parameter:
        span = self.low is not None and self.high is not None
        half = (self.low is None) != (self.high is None)
        if half or span == (self.value is not None):
            raise PydanticCustomError("unit", "give value, or low and high", {"hint": ""})
        if self.cv is not None and self.factor is not None:
            raise PydanticCustomError("unit", "give cv or factor, not both", {"hint": ""})
        if span and (self.cv is not None or self.factor is not None):
            raise PydanticCustomError("unit", "low and high need no cv or factor", {"hint": ""})
        if self.origin != "assumed" and self.source is None:
            raise PydanticCustomError(
                "unit", "a {origin} number needs its source", {"origin": self.origin, "hint": ""}
            )
        return self

    def uncertain(self, name: str, field: str | None) -> Uncertain:
        """Make the named input; `field` is a key of ``units.FIELDS``, None for a pure number."""

        def number(text: str | float | None) -> float:
            if field is None:
                if not isinstance(text, int | float):
                    raise DataError(f"'{text}' must be a plain number: it has no unit")
                return float(text)
            return parse(text, field)

        if self.value is None:
            return log_uniform(name, number(self.low), number(self.high))
        if self.cv is None and self.factor is None:
            return fixed(name, number(self.value))
        return log_normal(name, number(self.value), cv=self.cv, factor=self.factor)

    @property
    def said(self) -> str:
        """The value as the file gives it, with its spread."""
        if self.value is None:
            return f"{self.low} to {self.high}, log-uniform"
        if self.cv is not None:
            return f"{self.value}, CV {100 * self.cv:g} %"
        if self.factor is not None:
            return f"{self.value}, 95 % within a factor {self.factor:g}"
        return f"{self.value}, fixed"


class Plasma(Table):
    """Bi-exponential plasma curve of the carrier's mass through Cmax, AUC and half-life."""

    terminal_half_life: Parameter
    fast_half_life: Parameter
    c_max: Parameter
    auc: Parameter
    auc_to: Hours
    initial_volume: Parameter


class Tissue(Table):
    """A tissue known from a time-integrated activity concentration in the mouse."""

    region: str
    mouse_integral: Parameter
    mouse_nuclide: str
    mouse_body_mass: Parameter
    retention_half_life: Parameter
    uptake_half_life: Parameter
    species_factor: Parameter


class WholeBody(Table):
    """Mono-exponential retention in the whole body."""

    retention_half_life: Parameter


class CitationEntry(Table):
    """A source."""

    key: str
    text: str
    doi: str | None = None


class CarrierFile(Table):
    """A whole carrier file."""

    schema_: Annotated[Literal["pdcraft.carrier/1"], Field(alias="schema")]
    host: Literal["human", "mouse"]
    body_mass: Mass
    plasma: Plasma
    whole_body: WholeBody
    tissue: Annotated[tuple[Tissue, ...], Field(strict=False)]
    citation: Annotated[tuple[CitationEntry, ...], Field(strict=False)]

    def parameters(self) -> Iterator[tuple[str, Parameter]]:
        """All parameters with the name under which they are drawn."""
        groups: list[tuple[str, Any]] = [("plasma", self.plasma), ("whole_body", self.whole_body)]
        groups += [(t.region, t) for t in self.tissue]
        for group, table in groups:
            for key in type(table).model_fields:
                value = getattr(table, key)
                if isinstance(value, Parameter):
                    yield f"kinetics.{group}.{key}", value

    def assumptions(self) -> tuple[Assumption, ...]:
        """Give every parameter that is not published for this agent and host, and every spread.

        A published value whose spread is not its source's own keeps its origin; the spread is
        listed as the assumption that it is.
        """
        out: list[Assumption] = []
        for name, p in self.parameters():
            sources = (p.source,) if p.source else ()
            published = p.origin == "published"
            if published and p.cv is None and p.factor is None:
                continue
            label = f"{name}.spread" if published else name
            out.append(Assumption(label, p.text, p.said, sources))
        return tuple(out)

    def citations(self) -> tuple[Citation, ...]:
        """Return the sources of the parameters."""
        used = {p.source for _, p in self.parameters() if p.source}
        return tuple(Citation(c.key, c.text, c.doi) for c in self.citation if c.key in used)


# The unit of each parameter; None is a pure number.
UNITS: dict[str, str | None] = {
    "terminal_half_life": "time",
    "fast_half_life": "time",
    "c_max": "mass_concentration",
    "auc": "auc",
    "initial_volume": "volume",
    "mouse_integral": "time_per_mass",
    "mouse_body_mass": "mass",
    "retention_half_life": "time",
    "uptake_half_life": "time",
    "species_factor": None,
}


def read_carrier_file(path: Path) -> CarrierFile:
    """Read and check a carrier file.

    Raises
    ------
    StudyError
        With every fault: unknown keys, units, regions, sources without a citation.
    """
    file = read_toml(path)
    carrier = read_table(file, CarrierFile)
    problems = [*_units(carrier, file), *_names(carrier, file)]
    if problems:
        raise StudyError(problems, file=file.name)
    return carrier


def _place(carrier: CarrierFile, name: str) -> tuple[str | int, ...]:
    _, group, key = name.split(".", 2)
    for i, tissue in enumerate(carrier.tissue):
        if tissue.region == group:
            return ("tissue", i, key)
    return (group, key)


def _units(carrier: CarrierFile, file: TomlFile) -> Iterator[Any]:
    known = {c.key for c in carrier.citation}
    for name, parameter in carrier.parameters():
        path = _place(carrier, name)
        try:
            parameter.uncertain(name, UNITS[str(path[-1])])
        except DataError as error:
            one = error.problems[0]
            yield file.problem(path, one.message, one.hint)
        if parameter.source and parameter.source not in known:
            yield file.problem(
                path, f"cites '{parameter.source}'", "add a [[citation]] table with that key"
            )


def _names(carrier: CarrierFile, file: TomlFile) -> Iterator[Any]:
    if not carrier.tissue:
        yield file.problem(("tissue",), "is empty", "give one [[tissue]] at least")
    for i, tissue in enumerate(carrier.tissue):
        if tissue.region in [earlier.region for earlier in carrier.tissue[:i]]:
            message = f"'{tissue.region}' stands twice"
            yield file.problem(("tissue", i, "region"), message, "keep one [[tissue]] of a region")
        if tissue.region == "lesion":
            continue
        try:
            name = region_name(tissue.region, carrier.host)
        except DataError as error:
            one = error.problems[0]
            yield file.problem(("tissue", i, "region"), one.message, one.hint)
        else:
            if name != tissue.region:
                yield file.problem(("tissue", i, "region"), f"write '{name}'")
