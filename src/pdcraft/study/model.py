"""What a study file may say: the pydantic model of ``pdcraft.study/1``.

Text with units becomes a float in the unit that the field's name says. Unknown keys are errors.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.errors import DataError
from pdcraft.io.fields import Hours, Length, Mass, Surface, Table, unit_fault, unit_field
from pdcraft.io.units import parse_any
from pdcraft.study.exposure.table import Exposure
from pdcraft.study.micrometastases.table import Micrometastases
from pdcraft.study.optics.table import Optics
from pdcraft.study.sweep.table import Sweep

__all__ = [
    "Administration",
    "Agent",
    "Amount",
    "Arm",
    "Dosimetry",
    "Exposure",
    "ExternalBeam",
    "Host",
    "Kinetics",
    "Lesion",
    "Micrometastases",
    "Optics",
    "Report",
    "Response",
    "StudyFile",
    "Sweep",
]


# Names that become parts of a result's id, which slashes divide.
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+ -]*$")]

FIRST_VOID_h, VOIDING_h = 2.0, 4.0  # after the administration, and from then on: six a day
Place = Annotated[float, unit_field("length")]  # a coordinate: of either sign
AMOUNT_FIELDS = ("activity", "activity_per_surface", "activity_per_mass", "amount", "drug_mass")


class Amount(BaseModel):
    """What is given: an activity (or one per surface or mass of the host) or a drug amount."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    text: str
    field: str
    value: Annotated[float, Field(gt=0)]


def _read_amount(text: Any) -> Any:
    if isinstance(text, Amount):
        return text
    try:
        field, value = parse_any(text, AMOUNT_FIELDS)
    except DataError as error:
        raise unit_fault(error) from None
    if not value > 0:
        raise PydanticCustomError(
            "unit", "{said}", {"said": f"'{text}' must be more than zero", "hint": ""}
        )
    return {"text": str(text), "field": field, "value": value}


def _one_or_two(text: Any) -> Any:
    """Take one value as a list of one; of a list, one or two."""
    if not isinstance(text, list | tuple):
        return (text,)
    if len(text) not in (1, 2):
        raise PydanticCustomError(
            "unit", "one value, or a lower and an upper one; here {n}", {"n": len(text), "hint": ""}
        )
    return tuple(text)


class Agent(Table):
    """The conjugate: a catalogue name, or its parts, or a SMILES, or a label with a payload."""

    name: str | None = None
    carrier: str | None = None
    linker: str | None = None
    payload: str | None = None
    smiles: str | None = None
    label: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Agent:
        ways = {
            "name": self.name is not None,
            "carrier and payload": self.carrier is not None,
            "smiles": self.smiles is not None,
            "label and payload": self.label is not None and self.smiles is None,
        }
        chosen = [way for way, said in ways.items() if said]
        if len(chosen) != 1:
            said = "none" if not chosen else " and ".join(chosen)
            raise PydanticCustomError(
                "agent",
                "say the agent in one way; here {said}",
                {
                    "said": said,
                    "hint": "one of: name; carrier, linker and payload; smiles; label and payload",
                },
            )
        if (self.carrier is not None or self.label is not None) and self.payload is None:
            raise PydanticCustomError(
                "agent", "payload is missing", {"hint": 'for instance payload = "I-131"'}
            )
        return self


class Host(Table):
    """Who receives it."""

    species: Literal["human", "mouse"]
    phantom: str | None = None
    body_mass: Mass | None = None
    height: Length | None = None
    body_surface: Surface | None = None
    masses: str | None = None


class Lesion(Table):
    """A tumor to which dose is computed.

    `site` is a region of the body, in a mouse also ``flank``; `center` states the place instead, in
    the axes of the body.
    """

    name: Label
    mass: Mass
    mass_sd: Mass | None = None
    site: str | None = None
    center: Annotated[tuple[Place, Place, Place], Field(strict=False)] | None = None
    indication: str | None = None


class Administration(Table):
    """One administration."""

    amount: Annotated[Amount, BeforeValidator(_read_amount, json_schema_input_type=str)]
    at: Hours = 0.0
    duration: Hours = 0.0


class Kinetics(Table):
    """Where the kinetics come from.

    With the calibrated carrier: factors on the lipids of membranes, and the state of the thyroid.
    """

    source: Literal["calibrated", "fit", "parameters"]
    data: str | None = None
    tail: Literal["fitted", "physical", "none"] = "fitted"
    cholesterol: Annotated[float, Field(ge=0, le=2)] = 1.0
    sphingolipid: Annotated[float, Field(ge=0, le=2)] = 1.0
    depleted: Literal["all", "tumor"] = "all"
    thyroid: Literal["open", "blocked"] = "open"

    @model_validator(mode="after")
    def _data(self) -> Kinetics:
        if self.source != "calibrated" and self.data is None:
            raise PydanticCustomError(
                "kinetics",
                "source = '{source}' needs data",
                {"source": self.source, "hint": 'data = "FILE", relative to the study file'},
            )
        carrier = {"cholesterol", "sphingolipid", "depleted", "thyroid"} & self.model_fields_set
        if self.source != "calibrated" and carrier:
            raise PydanticCustomError(
                "kinetics",
                "{said} belongs to the calibrated carrier model",
                {"said": ", ".join(sorted(carrier)), "hint": 'use source = "calibrated"'},
            )
        return self


class Arm(Table):
    """A group that differs from the study by what it overrides."""

    name: Label
    administration: Annotated[tuple[Administration, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _given(self) -> Arm:
        if not self.administration:
            raise PydanticCustomError(
                "arm", "has no administration", {"hint": "add [[arm.administration]] below it"}
            )
        return self


class Dosimetry(Table):
    """Absorbed dose of regions: of all sources in the host's body, or of each alone as a sphere."""

    method: Literal["organs", "spheres"] | None = None
    regions: Annotated[tuple[str, ...], Field(strict=False)] | None = None
    electrons: Literal["transported", "local"] = "transported"
    lesions: Literal["tables", "transported"] = "tables"
    marrow: str | None = None
    contents: Literal["transported", "half-contents"] = "transported"
    mass_table: str | None = None
    first_void: Hours = FIRST_VOID_h
    voiding: Hours = VOIDING_h


Dose = Annotated[float, unit_field("absorbed_dose"), Field(gt=0)]


class ExternalBeam(Table):
    """Fractions that complete the lesions' absorbed dose to a prescribed sum, or its limits."""

    total: Annotated[
        tuple[Dose, ...],
        BeforeValidator(_one_or_two, json_schema_input_type=str | list[str]),
        Field(strict=False),
    ]
    fraction: Dose = 2.0
    first: Hours = 0.0
    per_week: Annotated[int, Field(ge=1, le=7)] = 5
    arms: Annotated[tuple[str, ...], Field(strict=False)] | None = None


class Response(Table):
    """What the doses do to blood counts, lesions and patients."""

    subjects: Annotated[int, Field(ge=2, le=1000)] = 40
    until: Annotated[float, unit_field("time"), Field(ge=7 * 24, le=2 * 365 * 24)] = 112 * 24.0
    counts: bool = True
    pretreated: bool = False
    ctcae: Literal["5.0", "6.0"] = "5.0"
    marrow_dose: Literal["study", "as fitted"] = "study"
    patients: str | None = None
    uptake: Literal["as computed", "by indication"] = "as computed"
    indication: str | None = None
    external_beam: ExternalBeam | None = None


class Report(Table):
    """What the report says on top."""

    title: str | None = None
    summary: str | None = None


class StudyFile(Table):
    """A whole study."""

    schema_: Annotated[Literal["pdcraft.study/1"], Field(alias="schema")]
    name: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    seed: Annotated[int, Field(ge=0)] = 1
    draws: Annotated[int, Field(ge=50, le=100_000)] = 1000
    agent: Agent
    host: Host
    lesion: Annotated[tuple[Lesion, ...], Field(strict=False)] = ()
    administration: Annotated[tuple[Administration, ...], Field(strict=False)] = ()
    kinetics: Kinetics | None = None
    arm: Annotated[tuple[Arm, ...], Field(strict=False)] = ()
    dosimetry: Dosimetry | None = None
    exposure: Exposure | None = None
    micrometastases: Micrometastases | None = None
    optics: Optics | None = None
    response: Response | None = None
    sweep: Sweep | None = None
    report: Report | None = None

    @property
    def is_calibrated(self) -> bool:
        """Whether the curves are those of the fitted carrier."""
        return self.kinetics is not None and self.kinetics.source == "calibrated"

    @property
    def given(self) -> dict[str | None, tuple[Administration, ...]]:
        """Administrations by arm; by None where there are no arms, empty where nothing is given."""
        if self.administration:
            return {None: self.administration}
        return {arm.name: arm.administration for arm in self.arm}

    def administrations(self) -> list[tuple[tuple[str | int, ...], Administration]]:
        """All administrations, each with its place in the file."""
        out: list[tuple[tuple[str | int, ...], Administration]] = []
        out += [(("administration", i), one) for i, one in enumerate(self.administration)]
        for k, arm in enumerate(self.arm):
            out += [(("arm", k, "administration", i), a) for i, a in enumerate(arm.administration)]
        return out
