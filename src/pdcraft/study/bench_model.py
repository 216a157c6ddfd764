"""What a bench study may say: the pydantic model of the ``[bench]`` part of ``pdcraft.study/1``.

Text with units becomes a float in the unit that the field's name says. Unknown keys are errors.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.io.fields import Hours, Length, Mass, Table, unit_field
from pdcraft.study.model import Administration, Label, Report

__all__ = [
    "Analysis",
    "Bench",
    "BenchFile",
    "BenchGroup",
    "Design",
    "Metastases",
    "OwnModel",
    "Release",
]

Volume = Annotated[float, unit_field("volume"), Field(gt=0)]  # mL; 1 mL is 1000 mm3
Later = Annotated[float, unit_field("time"), Field(gt=0)]  # h


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Design(Table):
    """How animals enter, are measured and leave."""

    per_group: Annotated[int, Field(ge=1, le=1000)] = 10
    start_volume: Volume = 0.15
    entry: Annotated[tuple[Volume, Volume], BeforeValidator(_pair)] = (0.1, 0.25)
    randomization: Literal["by volume", "simple"] = "by volume"
    litters: Annotated[int, Field(ge=1)] = 6
    until: Annotated[float, unit_field("time"), Field(ge=7 * 24, le=400 * 24)] = 120 * 24.0
    visits: Later = 7 * 24.0
    limit: Volume = 2.0
    palpable: Volume = 0.03
    caliper_log_sd: Annotated[float, Field(ge=0, le=1)] | None = None
    compare_at: Later = 21 * 24.0
    imaging: Annotated[tuple[Hours, ...], Field(strict=False)] = ()
    body_mass: Mass = 22.0


class Release(Table):
    """Half-lives of a linker: assumed, for no linker's were published."""

    plasma: Later
    tissue: Later
    tumor: Later


class BenchGroup(Table):
    """A group of animals: what it is given, if anything."""

    name: Label
    agent: str | None = None
    start_volume: Volume | None = None
    resection: Hours | None = None
    linker: Release | None = None
    administration: Annotated[tuple[Administration, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _treated(self) -> BenchGroup:
        if (self.agent is None) != (not self.administration):
            raise PydanticCustomError(
                "group",
                "an agent and its administrations belong together",
                {"hint": "give agent and [[bench.group.administration]], or neither for controls"},
            )
        return self


class Analysis(Table):
    """The planned analysis, and how its power is sought."""

    control: str | None = None
    test: Literal["log-rank", "volume"] = "log-rank"
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = 0.05
    power: Annotated[float, Field(gt=0.5, lt=1)] = 0.8
    sizes: Annotated[tuple[Annotated[int, Field(ge=2, le=1000)], ...], Field(strict=False)] = ()


class OwnModel(Table):
    """A user's own model: every figure with where it comes from."""

    name: Label
    indication: str
    doubling: Later
    spread: Annotated[float, Field(ge=0, le=2)]
    animals: Annotated[int, Field(ge=1)]
    source: Annotated[str, Field(min_length=3)]


class Metastases(Table):
    """Micrometastases that an animal carries on day 0."""

    number: Annotated[float, Field(gt=0, le=1000)]
    radius: Length
    log_sd: Annotated[float, Field(ge=0, le=1.5)] = 0.5
    detectable_diameter: Length = 2.0


class Bench(Table):
    """Models, groups and what is asked of them."""

    models: str | Annotated[tuple[str, ...], BeforeValidator(_pair)] = "all"
    leave_out: str | None = None
    design: Design = Design()
    group: Annotated[tuple[BenchGroup, ...], Field(strict=False)] = ()
    analysis: Analysis = Analysis()
    model: Annotated[tuple[OwnModel, ...], Field(strict=False)] = ()
    metastases: Metastases | None = None

    @model_validator(mode="after")
    def _groups(self) -> Bench:
        if not self.group:
            raise PydanticCustomError(
                "group", "a bench has no groups", {"hint": "add one or more [[bench.group]]"}
            )
        return self


class BenchFile(Table):
    """A whole bench study."""

    schema_: Annotated[Literal["pdcraft.study/1"], Field(alias="schema")]
    name: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    seed: Annotated[int, Field(ge=0)] = 1
    draws: Annotated[int, Field(ge=20, le=10_000)] = 200
    bench: Bench
    report: Report | None = None
