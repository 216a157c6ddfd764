"""Tables of a scene file that are right in themselves, whatever the others are.

A fault in one table must not hide faults of others: each is checked alone, and those that hold go
on to the checks of meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
        problems = model_problems(file, SceneFile, error.errors())
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
