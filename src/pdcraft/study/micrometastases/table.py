"""What a study file may say of micrometastases: payloads beside each other, cells, settings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.io.fields import Length, Table, unit_field

__all__ = ["MetastasisSetting", "Micrometastases"]

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+ -]*$")]
Share = Annotated[float, Field(ge=0, le=1)]


class MetastasisSetting(Table):
    """Metastases of one setting: their mean number and the distribution of their radii.

    Radii are log-normal about a median, wide by a factor (one standard deviation), none above the
    largest.
    """

    name: Name
    number: Annotated[float, Field(gt=0, le=1e6)]
    radius: Length
    factor: Annotated[float, Field(ge=1, le=10)] = 1.0
    largest: Length | None = None

    @model_validator(mode="after")
    def _largest(self) -> MetastasisSetting:
        if self.largest is not None and self.largest < self.radius:
            raise PydanticCustomError(
                "setting",
                "the largest radius, {largest} mm, is below the median, {radius} mm",
                {"largest": self.largest, "radius": self.radius, "hint": "check the units"},
            )
        if self.factor > 1 and self.largest is None:
            raise PydanticCustomError(
                "setting",
                "a distribution of radii needs the largest",
                {"hint": 'for instance largest = "1 mm"'},
            )
        return self


class Micrometastases(Table):
    """Payloads of the study's carrier beside each other, at one dose of the red marrow."""

    payloads: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    marrow_dose: Annotated[float, unit_field("absorbed_dose"), Field(gt=0)]
    indication: str
    cell_radius: Length = 0.008
    nucleus_radius: Length = 0.006
    packing: Literal["fcc", "hcp", "random"] = "random"
    packing_fraction: Annotated[float, Field(gt=0, le=0.7405)] | None = None
    labelled: Share = 1.0
    rim: Length | None = None
    uptake_spread: Annotated[float, Field(ge=0, le=5)] = 0.0
    subjects: Annotated[int, Field(ge=2, le=1000)] = 20
    setting: Annotated[tuple[MetastasisSetting, ...], Field(strict=False, min_length=1)]

    @model_validator(mode="after")
    def _nucleus(self) -> Micrometastases:
        if not self.nucleus_radius < self.cell_radius:
            raise PydanticCustomError(
                "cell",
                "a nucleus of {nucleus} um in a cell of {cell} um",
                {
                    "nucleus": 1000 * self.nucleus_radius,
                    "cell": 1000 * self.cell_radius,
                    "hint": "the nucleus is smaller than its cell",
                },
            )
        return self
