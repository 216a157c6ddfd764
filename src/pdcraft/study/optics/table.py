"""What a study file may say of optics: the scene, when to look, what stands for its regions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pdcraft.io.fields import Hours, Table, unit_field

__all__ = ["Culture", "Optics"]

Nanomolar = Annotated[float, unit_field("molar_concentration"), Field(gt=0)]
Volume = Annotated[float, unit_field("volume"), Field(gt=0)]
Times = Annotated[tuple[Hours, ...], Field(strict=False)]


class Culture(Table):
    """Cells in a well: how much they take up, and what plate reader and cytometer show of it.

    Cancer beside normal cells, with rafts as they are and with less cholesterol and sphingolipid.
    """

    medium: Annotated[tuple[Nanomolar, ...], Field(strict=False, min_length=1)]
    times: Annotated[tuple[Hours, ...], Field(strict=False, min_length=1)]
    cells: Annotated[float, Field(gt=0)] = 2e4
    volume: Volume = 0.1
    serum: Annotated[float, Field(ge=0, le=1)] = 0.1
    cholesterol: Annotated[float, Field(ge=0, le=2)] = 0.5
    sphingolipid: Annotated[float, Field(ge=0, le=2)] = 1.0


class Optics(Table):
    """The scene of a study, its times, and where its regions get their dye from.

    `regions` says for regions of the scene which region of the kinetics they are; those that bear
    the same name, and lesions, need no word. Kinetics, dye and autofluorescence are drawn as often
    as the study says; `draws` of tissue's absorption and scattering cost walks of light.
    """

    scene: str | None = None
    times: Times = ()
    regions: dict[str, str] = Field(default_factory=dict)
    molar_mass: Annotated[float, Field(gt=0)] | None = None
    density_g_per_mL: Annotated[float, Field(gt=0.5, lt=2)] = 1.05
    hematocrit: Annotated[float, Field(ge=0, lt=1)] = 0.45
    draws: Annotated[int, Field(ge=0, le=10_000)] = 0
    culture: Culture | None = None

    @model_validator(mode="after")
    def _something(self) -> Optics:
        if self.scene is None and self.culture is None:
            raise PydanticCustomError(
                "unit",
                "{said}",
                {"said": "says neither scene nor culture", "hint": 'scene = "scene.toml"'},
            )
        if self.times and self.scene is None:
            raise PydanticCustomError(
                "unit",
                "{said}",
                {"said": "times belong to a scene", "hint": "those of cells stand in culture"},
            )
        return self
