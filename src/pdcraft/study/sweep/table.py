"""What a study file may say of a sweep: payloads of one carrier, its chain lengths, or agents."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.io.fields import Hours, Length, Table, unit_field
from pdcraft.study.exposure.table import ExposureLinker

__all__ = ["Sweep"]

Dose = Annotated[float, unit_field("absorbed_dose"), Field(gt=0)]
Payloads = Annotated[tuple[str, ...], Field(strict=False)]


class Sweep(Table):
    """Payloads of the carrier over sizes of tumor, members of a carrier series, or agents."""

    payloads: Payloads = ()
    radii: Annotated[tuple[Length, Length], Field(strict=False)] = (0.01, 10.0)
    points: Annotated[int, Field(ge=3, le=41)] = 13
    tumor_dose: Dose = 20.0
    marrow_doses: Annotated[tuple[Dose, ...], Field(strict=False, min_length=1)] = (2.0,)
    imaging_at: Hours = 48.0
    contrast: Annotated[float, Field(gt=1)] = 1.5
    pet_resolution: Length = 5.0
    tissue: str = "soft"
    depths: Annotated[tuple[Length, ...], Field(strict=False, min_length=1)] = (1.0,)
    dye_amount: Annotated[float, unit_field("amount"), Field(gt=0)] | None = None
    linker: ExposureLinker | None = None
    chain_lengths: Annotated[
        tuple[Annotated[int, Field(ge=1, le=40)], ...], Field(strict=False)
    ] = ()
    agents: Payloads = ()
    at: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None

    @model_validator(mode="after")
    def _something(self) -> Sweep:
        if not (self.payloads or self.chain_lengths or self.agents):
            raise PydanticCustomError(
                "sweep",
                "nothing to sweep over",
                {"hint": "give payloads, chain_lengths or agents, each a list"},
            )
        for name in ("payloads", "chain_lengths", "agents", "depths", "marrow_doses"):
            values = getattr(self, name)
            twice = next((v for i, v in enumerate(values) if v in values[:i]), None)
            if twice is not None:
                raise PydanticCustomError(
                    "sweep",
                    "{name} names {value} twice",
                    {"name": name, "value": twice, "hint": "leave one out"},
                )
        if not self.radii[0] < self.radii[1]:
            raise PydanticCustomError(
                "sweep",
                "radii run from {low} to {high} mm",
                {"low": self.radii[0], "high": self.radii[1], "hint": "the smaller one first"},
            )
        return self
