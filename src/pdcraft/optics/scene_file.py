"""What a scene file may say: the pydantic models of ``pdcraft.scene/1``.

Text with units becomes a float in the unit that the field's name in ``pdcraft.optics.scene`` says.
Imported only where a file is read: it loads pydantic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from pdcraft.errors import DataError
from pdcraft.io.fields import Length, Table, unit_fault, unit_field
from pdcraft.io.units import parse
from pdcraft.optics.scene import DomainKind, Lateral, Method, Output

__all__ = [
    "CameraTable",
    "DomainTable",
    "DyeTable",
    "IlluminationTable",
    "InclusionTable",
    "LayerTable",
    "MaterialTable",
    "RoiTable",
    "RunTable",
    "SceneFile",
    "SpreadTable",
]

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+: -]*$")]
Place = Annotated[float, unit_field("length")]
Nanomolar = Annotated[float, unit_field("molar_concentration"), Field(ge=0)]
Wavelength = Annotated[float, unit_field("wavelength"), Field(gt=0)]
Seconds = Annotated[float, unit_field("seconds"), Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Size3 = Annotated[tuple[Length, Length, Length], Field(strict=False)]
Place2 = Annotated[tuple[Place, Place], Field(strict=False)]
Place3 = Annotated[tuple[Place, Place, Place], Field(strict=False)]


def _fault(said: str, hint: str = "") -> PydanticCustomError:
    return PydanticCustomError("unit", "{said}", {"said": said, "hint": hint})


def _coefficient(value: Any) -> Any:
    """Read one coefficient, or a list of coefficients at wavelengths."""
    try:
        if not isinstance(value, list):
            number = parse(value, "per_length")
            if number < 0.0:
                raise _fault(f"'{value}' is negative", "a coefficient is 0 or more")
            return number
        rows: list[tuple[float, float]] = []
        for item in value:
            if not isinstance(item, Mapping) or set(item) != {"wavelength", "value"}:
                raise _fault(
                    "a list of coefficients holds wavelength and value in each entry",
                    '[{wavelength = "760 nm", value = "0.02 /mm"}, ...]',
                )
            rows.append(
                (parse(item["wavelength"], "wavelength"), parse(item["value"], "per_length"))
            )
    except DataError as error:
        raise unit_fault(error) from None
    if len(rows) < 2:
        raise _fault("a list of coefficients needs two wavelengths", "or give one value alone")
    if any(v < 0.0 for _, v in rows):
        raise _fault(f"'{min(v for _, v in rows):g} /mm' is negative", "a coefficient is 0 or more")
    if any(after[0] <= before[0] for before, after in pairwise(rows)):
        raise _fault("wavelengths must increase")
    return tuple(rows)


def _wavelength_or_file(value: Any) -> Any:
    """Read ``"517 nm"`` as a wavelength, ``"emission.csv"`` as a file's name."""
    if isinstance(value, str) and value.strip().lower().endswith((".csv", ".txt")):
        return value.strip()
    try:
        return parse(value, "wavelength")
    except DataError as error:
        raise unit_fault(error) from None


def _axis(value: Any) -> Any:
    named = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}
    if isinstance(value, str) and value in named:
        return named[value]
    fault = _fault(f"'{value}' is no axis", '"x", "y", "z", or three numbers')
    if not isinstance(value, list):
        raise fault
    numbers = [float(v) for v in value if isinstance(v, int | float) and not isinstance(v, bool)]
    length = math.hypot(*numbers)
    if len(numbers) != 3 or len(value) != 3 or not 0.0 < length < math.inf:
        raise fault
    return tuple(v / length for v in numbers)


def _label_map(value: Any) -> Any:
    """Read ``{1 = "brain", 2 = {material = "brain", name = "tumour"}}``."""
    if not isinstance(value, Mapping) or not value:
        raise _fault("a map names the material of each label", 'map = {1 = "brain"}')
    out: dict[int, tuple[str, str]] = {}
    for key, entry in value.items():
        if not str(key).isdigit() or int(key) == 0:
            raise _fault(f"'{key}' is no label", "labels are whole numbers from 1; 0 is outside")
        if isinstance(entry, str):
            out[int(key)] = (entry, entry)
        elif isinstance(entry, Mapping) and {"material"} <= set(entry) <= {"material", "name"}:
            out[int(key)] = (str(entry.get("name", entry["material"])), str(entry["material"]))
        else:
            raise _fault(
                f"label {key}: give a material",
                f'{key} = "brain", or {{material = "brain", name = "tumour"}}',
            )
    return out


def _number_or_file(value: Any) -> Any:
    """Read a share as a number, or the name of a file that gives it over wavelength."""
    if isinstance(value, str) and value.strip().lower().endswith((".csv", ".txt")):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _fault(f"'{value}' is not a number", 'a share of 0 to 1, or a file: "qe.csv"')
    if not 0.0 <= value <= 1.0:
        raise _fault(f"{value:g} is no share", "it lies between 0 and 1")
    return float(value)


Curve = Annotated[float | str, BeforeValidator(_number_or_file)]
Coefficient = Annotated[float | tuple[tuple[float, float], ...], BeforeValidator(_coefficient)]
Peak = Annotated[float | str, BeforeValidator(_wavelength_or_file)]
Axis = Annotated[tuple[float, float, float], BeforeValidator(_axis)]
LabelMap = Annotated[dict[int, tuple[str, str]], BeforeValidator(_label_map), Field(strict=False)]


class DomainTable(Table):
    """Where tissue is, and of what kind the scene is."""

    kind: DomainKind
    size: Size3 | None = None
    voxel: Length | None = None
    lateral: Lateral = "open"
    n_outside: Annotated[float, Field(ge=1, lt=5)] = 1.0
    file: str | None = None
    map: LabelMap | None = None
    mass: Annotated[float, unit_field("mass"), Field(gt=0)] | None = None
    view: Literal["dorsal", "ventral", "flank", "tray"] | None = None
    fur: bool | None = None
    food: Nanomolar | None = None
    control: bool | None = None
    format: Literal[6, 24, 96, 384] | None = None
    volume: Annotated[float, unit_field("volume"), Field(gt=0)] | None = None
    read: Literal["top", "bottom"] | None = None
    meniscus: Annotated[float, unit_field("angle"), Field(ge=0, le=180)] | None = None
    plate_autofluorescence: Nanomolar | None = None
    crosstalk: Share | None = None
    gain: Positive | None = None
    replicates: Annotated[int, Field(ge=1, le=384)] | None = None
    pipetting_cv: Share | None = None
    diameter: Length | None = None
    na: Annotated[float, Field(gt=0, lt=1.7)] | None = None
    magnification: Positive | None = None
    immersion: Annotated[float, Field(ge=1, lt=2)] | None = None
    cell_radius: Length | None = None
    membrane: Length | None = None
    cells: Annotated[int, Field(ge=1, le=100_000)] | None = None


class MaterialTable(Table):
    """Explicit optics, or a tissue with what differs from its row."""

    tissue: str | None = None
    mua: Coefficient | None = None
    mus: Coefficient | None = None
    musp: Coefficient | None = None
    g: Annotated[float, Field(gt=-1, lt=1)] | None = None
    n: Annotated[float, Field(ge=1, lt=5)] | None = None
    autofluorescence: Nanomolar | None = None
    blood_volume: Annotated[float, Field(ge=0, le=1.2)] | None = None
    saturation: Share | None = None
    water: Share | None = None
    fat: Share | None = None
    melanosome: Share | None = None


class LayerTable(Table):
    """A layer, top down."""

    material: str
    name: Name | None = None
    thickness: Length | None = None


class InclusionTable(Table):
    """A body: sphere, ellipsoid, cylinder or box."""

    name: Name
    material: str
    shape: Literal["sphere", "ellipsoid", "cylinder", "box"]
    centre: Place3
    radius: Length | None = None
    radii: Size3 | None = None
    axis: Axis | None = None
    length: Length | None = None
    size: Size3 | None = None
    priority: int = 0


class DyeTable(Table):
    """A dye of the catalogue, with overrides, or a custom one."""

    name: str
    epsilon: Annotated[float, unit_field("extinction"), Field(gt=0)] | None = None
    quantum_yield: Share | None = None
    excitation: Peak | None = None
    emission: Peak | None = None
    excitation_width: Wavelength | None = None
    emission_width: Wavelength | None = None
    quenching_per_uM: Annotated[float, Field(ge=0)] | None = None
    bleaching: Annotated[float, unit_field("radiant_exposure"), Field(gt=0)] | None = None


class IlluminationTable(Table):
    """The lamp."""

    kind: Literal["plane", "spot"] = "plane"
    wavelength: Wavelength | None = None
    spectrum: str | None = None
    fwhm: Wavelength | None = None
    irradiance: Annotated[float, unit_field("irradiance"), Field(gt=0)]
    incidence: Annotated[float, unit_field("angle"), Field(ge=0)] = 0.0
    distance: Place | None = None
    centre: Place2 | None = None
    diameter: Length | None = None
    lit_before: Seconds = 0.0


class CameraTable(Table):
    """A camera, or a preset with overrides."""

    preset: str | None = None
    projection: Literal["telecentric", "perspective"] | None = None
    pixels: Annotated[tuple[int, int], Field(strict=False)] | None = None
    field_of_view: Annotated[tuple[Length, Length], Field(strict=False)] | None = None
    focal_length: Length | None = None
    f_number: Positive | None = None
    working_distance: Place | None = None
    band: Annotated[tuple[Wavelength, Wavelength], Field(strict=False)] | None = None
    transmission: Curve | None = None
    out_of_band_od: Annotated[float, Field(ge=0)] | None = None
    qe: Curve | None = None
    read_noise: Annotated[float, unit_field("electrons"), Field(ge=0)] | None = None
    dark_current: Annotated[float, unit_field("electron_rate"), Field(ge=0)] | None = None
    full_well: Annotated[float, unit_field("electrons"), Field(gt=0)] | None = None
    bits: Annotated[int, Field(ge=1, le=32)] | None = None
    exposure: Annotated[float, unit_field("seconds"), Field(gt=0)] | None = None
    ambient: Annotated[float, unit_field("radiance"), Field(ge=0)] | None = None
    blur: Annotated[float, unit_field("length"), Field(ge=0)] | None = None
    diffraction: bool | None = None
    distortion: float | None = None
    vignetting: float | None = None
    prnu: Share | None = None
    dark_pattern: Annotated[float, Field(ge=0)] | None = None
    offset: Annotated[int, Field(ge=0, strict=False)] | None = None  # 64.0 is whole too
    gain_e_per_count: Positive | None = None
    edge: Annotated[float, unit_field("wavelength"), Field(ge=0)] | None = None
    effective_index: Annotated[float, Field(gt=1)] | None = None


class RoiTable(Table):
    """A region of interest in the image."""

    name: Name
    role: Literal["target", "background", "other"]
    shape: Literal["disc", "annulus", "mask"]
    centre: Place2 = (0.0, 0.0)
    radius: Length | None = None
    inner: Annotated[float, unit_field("length"), Field(ge=0)] | None = None
    outer: Length | None = None
    file: str | None = None


class RunTable(Table):
    """What to compute."""

    method: Method = "auto"
    outputs: Annotated[tuple[Output, ...], Field(strict=False)] = ("metrics", "image")
    target_rel_err: Annotated[float, Field(gt=0, le=1)] = 0.05
    max_time: Annotated[float, unit_field("seconds"), Field(gt=0)] = 60.0
    draws: Annotated[int, Field(ge=0, le=100_000)] = 0
    times: Annotated[
        tuple[Annotated[float, unit_field("time"), Field(ge=0)], ...], Field(strict=False)
    ] = ()
    seed: Annotated[int, Field(ge=0)] = 1


class SpreadTable(Table):
    """Coefficients of variation of what the scene states; standard deviations of g and n."""

    epsilon: Annotated[float, Field(ge=0, le=3)] = 0.0
    quantum_yield: Annotated[float, Field(ge=0, le=3)] = 0.0
    uptake: Annotated[float, Field(ge=0, le=3)] = 0.0
    mua: Annotated[float, Field(ge=0, le=3)] = 0.0
    mus: Annotated[float, Field(ge=0, le=3)] = 0.0
    autofluorescence: Annotated[float, Field(ge=0, le=10)] = 0.0
    g: Annotated[float, Field(ge=0, le=0.3)] = 0.0
    n: Annotated[float, Field(ge=0, le=0.3)] = 0.0


def _concentration(value: Any) -> Any:
    """Read regions with concentrations, or the file of a table."""
    if not isinstance(value, Mapping) or not value:
        raise _fault("says nothing", 'tumour = "1000 nM", or file = "c.csv"')
    if "file" in value:
        others = [str(k) for k in value if k != "file"]
        if others or not isinstance(value["file"], str):
            raise _fault("a table's file stands alone", 'file = "c.csv" and nothing else')
        return value["file"]
    return dict(value)


class SceneFile(Table):
    """A whole scene file."""

    schema_: Annotated[Literal["pdcraft.scene/1"], Field(alias="schema")]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    domain: DomainTable
    materials: dict[str, MaterialTable] = Field(default_factory=dict)
    layer: Annotated[tuple[LayerTable, ...], Field(strict=False)] = ()
    inclusion: Annotated[tuple[InclusionTable, ...], Field(strict=False)] = ()
    dye: DyeTable | None = None
    concentration: Annotated[dict[str, Any] | str | None, BeforeValidator(_concentration)] = None
    illumination: IlluminationTable
    camera: CameraTable | None = None
    roi: Annotated[tuple[RoiTable, ...], Field(strict=False)] = ()
    run: RunTable = RunTable()
    spread: SpreadTable | None = None
