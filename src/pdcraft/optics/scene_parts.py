"""Tables of a scene file that are right in themselves, whatever the others are.

A fault in one table must not hide faults of others: each is checked alone, and those that hold go
on to the checks of meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from pdcraft.errors import Problem
from pdcraft.io.fields import Table, model_problems
from pdcraft.io.toml_lines import TomlFile
from pdcraft.optics.scene_file import (
    CameraTable,
    DomainTable,
    DyeTable,
    IlluminationTable,
    InclusionTable,
    LayerTable,
    MaterialTable,
    RoiTable,
    RunTable,
    SceneFile,
    SpreadTable,
)

__all__ = ["Parts", "read_parts"]

LISTS: Mapping[str, type[Table]] = {
    "layer": LayerTable,
    "inclusion": InclusionTable,
    "roi": RoiTable,
}

# what a number stands for that the model's bounds refuse
USUAL: Mapping[str, str] = {
    "g": "the mean cosine of scattering lies between -1 and 1; 0.9 is usual in tissue",
    "n": "nothing bends light less than empty space; 1.33 to 1.45 is usual in tissue",
    "n_outside": "nothing bends light less than empty space: 1.0 for air, 1.33 for water",
    "quantum_yield": "a dye gives at most one photon for each it absorbs: 0 to 1",
    "draws": "0 for nominal values, 200 for intervals",
    "target_rel_err": "a share of the contrast, e.g. 0.05",
    "max_time": 'e.g. "60 s"',
    "bits": "of the converter, e.g. 12",
    "method": "'auto' chooses",
    "blood_volume": "a share, e.g. 0.04",
    "saturation": "a share, e.g. 0.7",
    "water": "a share, e.g. 0.7",
    "fat": "a share, e.g. 0.1",
    "role": "of every pair one is 'target', one 'background'",
}


@dataclass(slots=True)
class Parts:
    """Tables that hold; None, or left out, where the file has a fault."""

    name: str | None = None
    domain: DomainTable | None = None
    materials: dict[str, MaterialTable | None] = field(default_factory=dict)
    layer: list[LayerTable | None] = field(default_factory=list)
    inclusion: list[InclusionTable | None] = field(default_factory=list)
    dye: DyeTable | None = None
    concentration: dict[str, Any] | str | None = None
    illumination: IlluminationTable | None = None
    camera: CameraTable | None = None
    roi: list[RoiTable | None] = field(default_factory=list)
    run: RunTable | None = None
    spread: SpreadTable | None = None


def read_parts(file: TomlFile, content: Mapping[str, Any]) -> tuple[Parts, list[Problem]]:
    """Check every table of a scene file.

    Parameters
    ----------
    file : TomlFile
    content : mapping
        Of the file, after options of a command stood in.

    Returns
    -------
    Parts
    list of Problem
        Everything wrong with a table in itself.
    """
    parts = Parts()
    try:
        whole = SceneFile.model_validate(content)
    except ValidationError as error:
        problems = [_with_way_out(p) for p in model_problems(file, SceneFile, error.errors())]
        for key, info in SceneFile.model_fields.items():
            if key not in content:
                continue
            if key in LISTS:
                _items(parts, key, content[key])
            elif key == "materials":
                _materials(parts, content[key])
            elif key != "schema_":
                setattr(parts, key, _alone(info.annotation, info.metadata, content[key]))
        if "run" not in content:
            parts.run = RunTable()
        return parts, problems
    for key in SceneFile.model_fields:
        if key != "schema_":
            value = getattr(whole, key)
            setattr(parts, key, list(value) if key in LISTS else value)
    return parts, []


def _with_way_out(problem: Problem) -> Problem:
    """Add to a number out of its bounds what it means and what is usual."""
    name = (problem.key or "").rsplit(".", 1)[-1]
    return replace(problem, hint=problem.hint or USUAL.get(name))


def _alone(annotation: Any, metadata: Sequence[Any], value: Any) -> Any:
    kind: Any = Annotated[(annotation, *metadata)] if metadata else annotation  # pyright: ignore[reportInvalidTypeForm]
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return None


def _items(parts: Parts, key: str, value: Any) -> None:
    rows = value if isinstance(value, list) else []
    setattr(parts, key, [_alone(LISTS[key], (), row) for row in rows])


def _materials(parts: Parts, value: Any) -> None:
    rows: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
    parts.materials = {name: _alone(MaterialTable, (), row) for name, row in rows.items()}
