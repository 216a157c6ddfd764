"""Tables of users' TOML files: fields that read text with a unit, and all faults at once.

Imported only where a file is read: it loads pydantic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from pdcraft.errors import DataError, Problem, StudyError, did_you_mean
from pdcraft.io.toml_lines import TomlFile
from pdcraft.io.units import parse

__all__ = [
    "Hours",
    "Length",
    "Mass",
    "Surface",
    "Table",
    "model_problems",
    "read_table",
    "unit_fault",
    "unit_field",
]

M = TypeVar("M", bound=BaseModel)


def unit_fault(error: DataError) -> PydanticCustomError:
    """Make a fault in text with a unit one that pydantic collects with the others."""
    one = error.problems[0]
    # braces in the user's text must not be read as a template
    return PydanticCustomError("unit", "{said}", {"said": one.message, "hint": one.hint or ""})


def unit_field(field: str) -> BeforeValidator:
    """Make a validator that reads text with a unit; `field` is a key of ``units.FIELDS``."""

    def read(text: Any) -> float:
        try:
            return parse(text, field)
        except DataError as error:
            raise unit_fault(error) from None

    return BeforeValidator(read, json_schema_input_type=str)


Mass = Annotated[float, unit_field("mass"), Field(gt=0)]
Length = Annotated[float, unit_field("length"), Field(gt=0)]
Surface = Annotated[float, unit_field("surface"), Field(gt=0)]
Hours = Annotated[float, unit_field("time"), Field(ge=0)]


class Table(BaseModel):
    """A table of a user's file: frozen, unknown keys refused, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _known_keys(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """Keys that the table at `path` may have."""
    here: Any = model
    named = False  # the next part is a name that the user chose: a key of a dict of tables
    for part in path:
        if isinstance(part, int) or named:
            named = False
            continue
        field = next((f for k, f in here.model_fields.items() if part in (k, f.alias)), None)
        kinds = [] if field is None else _models_in(field.annotation, BaseModel)
        if not kinds:
            return []
        here = kinds[0]
        named = field is not None and getattr(field.annotation, "__origin__", None) is dict
    return [f.alias or k for k, f in here.model_fields.items()]


def _models_in(annotation: Any, base: type) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, base):
        return [annotation]
    found: list[Any] = []
    for inner in getattr(annotation, "__args__", ()):
        found += _models_in(inner, base)
    return found


READERS = {
    "pdcraft.study/1": "pdcraft run",
    "pdcraft.scene/1": "pdcraft image",
    "pdcraft.trial/1": "pdcraft simulate-trial",
}


def model_problems(file: TomlFile, model: type[BaseModel], errors: Sequence[Any]) -> list[Problem]:
    """Turn pydantic's faults into ours: with line, spelling and unit suggestions.

    A file of another kind has that one fault, with the command that reads it.
    """
    out: list[Problem] = []
    for error in errors:
        reader = READERS.get(str(error.get("input")))
        if error["type"] == "literal_error" and error["loc"] == ("schema",) and reader:
            message = f"the file is '{error['input']}', which this command does not read"
            return [file.problem(("schema",), message, f"use '{reader} FILE'", error["input"])]
    for error in errors:
        path = tuple(p for p in error["loc"])
        context = error.get("ctx") or {}
        kind, value = error["type"], error.get("input")
        hint: str | None = context.get("hint") or None
        message: str = error["msg"]
        if kind == "extra_forbidden":
            known = _known_keys(model, path[:-1])
            message = "unknown key"
            hint = did_you_mean(str(path[-1]), known) or f"known here: {', '.join(known)}"
        elif kind == "missing":
            message = "is missing"
        elif kind == "literal_error":
            message = f"'{value}' is not one of {context.get('expected')}"
            hint = did_you_mean(str(value), str(context.get("expected")).split("'")) or None
        elif kind == "string_pattern_mismatch":
            message = f"'{value}' is no name here"
            hint = "use letters and digits of English, after the first also spaces . _ + -"
        elif kind in ("greater_than", "greater_than_equal", "less_than", "less_than_equal"):
            message = f"'{value}': {message.replace('Input', 'value')}"
        elif kind not in ("unit", "agent", "arm", "kinetics"):
            message = message.replace("Input", "value")
        shown = value if isinstance(value, str | int | float | bool) else None
        out.append(file.problem(path, message, hint, shown))
    return out


def read_table(file: TomlFile, model: type[M]) -> M:
    """Check a whole file against its model.

    Raises
    ------
    StudyError
        With every fault found.
    """
    try:
        return model.model_validate(file.content)
    except ValidationError as error:
        raise StudyError(model_problems(file, model, error.errors()), file=file.name) from None
