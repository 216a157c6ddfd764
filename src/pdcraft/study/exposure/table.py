"""What a study file may say of exposure: linker, drug, comparisons, and what the index aims at."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.errors import DataError
from pdcraft.io.fields import Table, unit_fault, unit_field
from pdcraft.io.units import parse_any

__all__ = ["Exposure", "ExposureDrug", "ExposureKill", "ExposureLinker"]

Clearance = Annotated[float, unit_field("clearance"), Field(gt=0)]
Volume = Annotated[float, unit_field("volume"), Field(gt=0)]
NONE_WORD = "none"


def _half_life(text: Any) -> Any:
    """Read a half-life; none is infinite."""
    if isinstance(text, str) and text.strip().casefold() == NONE_WORD:
        return float("inf")
    try:
        value = parse_any(text, ("time",))[1]
    except DataError as error:
        raise unit_fault(error) from None
    if not value > 0:
        said = f"'{text}': cleavage does not run backward; a half-life is more than zero"
        hint = f'leave cleavage out with "{NONE_WORD}"'
        raise PydanticCustomError("unit", "{said}", {"said": said, "hint": hint})
    return value


HalfLife = Annotated[float, BeforeValidator(_half_life, json_schema_input_type=str)]
Stated = str | list[str]  # as files have it


def _half_lives(text: Any) -> Any:
    """Take one half-life as a range of one; of a range, a lower and an upper."""
    found = tuple(text) if isinstance(text, list | tuple) else (text,)
    none = NONE_WORD in [str(f).strip().casefold() for f in found]
    if len(found) not in (1, 2) or (len(found) == 2 and none):
        said = f"one half-life, or the two ends of a range; here {len(found)}"
        raise PydanticCustomError("unit", "{said}", {"said": said, "hint": 'or "none" alone'})
    return found


class ExposureLinker(Table):
    """How fast the payload comes off: half-lives, each one or the ends of a range, or ``none``.

    An acid-labile or thiol-labile linker has one half-life, in tumor: the others follow from what
    it meets in plasma and normal tissue.
    """

    mechanism: Literal["half-lives", "acid", "thiol"] = "half-lives"
    plasma: (
        Annotated[tuple[HalfLife, ...], BeforeValidator(_half_lives, json_schema_input_type=Stated)]
        | None
    ) = None
    tissue: (
        Annotated[tuple[HalfLife, ...], BeforeValidator(_half_lives, json_schema_input_type=Stated)]
        | None
    ) = None
    tumor: Annotated[
        tuple[HalfLife, ...], BeforeValidator(_half_lives, json_schema_input_type=Stated)
    ]
    plasma_saturates_at: Annotated[float, unit_field("molar_concentration"), Field(gt=0)] | None = (
        None
    )

    @model_validator(mode="after")
    def _sites(self) -> ExposureLinker:
        said = [name for name in ("plasma", "tissue") if getattr(self, name) is not None]
        if self.mechanism == "half-lives" and len(said) < 2:
            missing = "tissue" if "plasma" in said else "plasma"
            raise PydanticCustomError(
                "unit",
                "{said}",
                {"said": f"{missing} is missing", "hint": f'{missing} = "24 h", or "none"'},
            )
        if self.mechanism != "half-lives" and said:
            raise PydanticCustomError(
                "unit",
                "{said}",
                {
                    "said": f"{said[0]} follows from the half-life in tumor for {self.mechanism}",
                    "hint": 'leave it out, or mechanism = "half-lives"',
                },
            )
        return self


class ConcentrationSaid(Table):
    """Which concentration a kill rate was estimated on."""

    drug: str
    species: str
    site: str
    binding: str
    unit: str


class ExposureKill(Table):
    """Kill of the tumor by a drug of one's own: nothing without its concentration tag."""

    slope_per_d: Annotated[float, Field(gt=0)]
    tag: ConcentrationSaid | None = None


class ExposureDrug(Table):
    """A payload by its parameters: unbound drug in two compartments and in a tumor."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+ -]*$")]
    molar_mass: Annotated[float, Field(gt=0)]
    central: Volume
    clearance: Clearance
    exchange: Annotated[float, unit_field("clearance"), Field(ge=0)] = 0.0
    tissue: Volume = 1.0
    total_per_unbound: Annotated[float, Field(ge=1)] = 1.0
    tumor_permeability: Annotated[float, Field(gt=0)]
    tumor_efflux: Annotated[float, Field(ge=0)] = 0.0
    tumor_bound_per_free: Annotated[float, Field(ge=0)] = 0.0
    kill: ExposureKill | None = None


class Exposure(Table):
    """Free drug from a conjugate, beside plain and albumin-bound drug, and what it does."""

    linker: ExposureLinker
    drug: ExposureDrug | None = None
    drug_per_carrier: Annotated[float, Field(gt=0, le=100)] = 1.0
    compare: Annotated[tuple[Literal["plain", "albumin-bound"], ...], Field(strict=False)] = (
        "plain",
        "albumin-bound",
    )
    constraint: Literal["none", "CLR 1603"] = "none"
    until: Annotated[float, unit_field("time"), Field(ge=24, le=100 * 24)] = 21 * 24.0
    volume: Volume | None = None
    solubility: Annotated[float, unit_field("molar_concentration"), Field(gt=0)] | None = None
    index: bool = True
    map: Annotated[int, Field(ge=0, le=15)] = 7
    map_draws: Annotated[int, Field(ge=10, le=1000)] = 40
    tumor_share: Annotated[float, Field(gt=0, lt=1)] | None = None
    tumor_day: Annotated[float, Field(gt=0, le=60)] | None = None
    nadir: Annotated[float, Field(gt=0)] | None = None
