"""TOML files read with the line of every key, so that an error can point at it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from pdcraft.errors import DataError, Problem, StudyError, no_file

__all__ = ["TomlFile", "read_toml"]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)(?:\s*\.\s*[A-Za-z0-9_-]+)*)\s*=""")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed TOML file: its name as the user gave it, its text, content and lines of keys.

    `elsewhere` says of tables that another file holds where they are: faults are told of that file.
    """

    name: str
    path: Path
    text: str
    content: dict[str, Any]
    lines: dict[Path_, int]
    elsewhere: Mapping[str, tuple[TomlFile, Path_]] = field(
        default_factory=dict[str, tuple["TomlFile", Path_]]
    )

    def line_of(self, path: Sequence[str | int]) -> int | None:
        """Line of the key at `path`, or of the nearest table above it."""
        for n in range(len(path), 0, -1):
            if tuple(path[:n]) in self.lines:
                return self.lines[tuple(path[:n])]
        return None

    def problem(
        self, path: Sequence[str | int], message: str, hint: str | None = None, value: Any = None
    ) -> Problem:
        """Make a fault at a key of this file."""
        if path and path[0] in self.elsewhere:
            file, start = self.elsewhere[str(path[0])]
            return file.problem((*start, *path[1:]), message, hint, value)
        line = self.line_of(path)
        source = self.text.splitlines()[line - 1] if line else None
        key = ".".join(str(p) for p in path) or None
        said = None if value is None else str(value)
        return Problem(message, self.name, line, key, said, hint, source)

    def refused(
        self, path: Sequence[str | int], look: Callable[[Any], object], value: Any
    ) -> list[Problem]:
        """Faults of a value that a look-up refuses, told at its key."""
        try:
            look(value)
        except DataError as error:
            one = error.problems[0]
            return [self.problem(path, one.message, one.hint, value)]
        return []

    def beside(self, path: Sequence[str | int], name: str) -> list[Problem]:
        """Faults of a file named at a key: it lies in this file's folder, or below."""
        place = PurePath(name)
        if place.is_absolute() or ".." in place.parts:
            message = f"'{name}' lies outside the folder of {self.name}"
            return [self.problem(path, message, "put the file in that folder", name)]
        if not (self.path.parent / place).is_file():
            message = f"there is no file '{name}' beside {self.name}"
            return [self.problem(path, message, value=name)]
        return []


def _parts(dotted: str) -> list[str]:
    return [p.strip().strip("\"'") for p in dotted.split(".")]


def _lines(text: str) -> dict[Path_, int]:
    """Line of each key, table and item of an array; what an inline table holds counts as it."""
    out: dict[Path_, int] = {}
    counts: dict[Path_, int] = {}
    table: Path_ = ()
    value: Path_ = ()  # key whose array or inline table is open
    depth, item, in_string = 0, 0, False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.count('"""') % 2 or line.count("'''") % 2:
            in_string = not in_string
            if in_string and (key := _KEY.match(line)):
                out[(*table, *_parts(key.group(1)))] = number
            continue
        if in_string:
            continue
        header = _HEADER.match(line) if depth == 0 else None
        if header:
            table = ()
            names = _parts(header.group(2))
            for i, name in enumerate(names):
                table = (*table, name)
                last = i == len(names) - 1
                if header.group(1) == "[[" and last:
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                elif table in counts:
                    table = (*table, counts[table])
            out[table] = number
            continue
        bare = re.sub(r""""[^"]*"|'[^']*'|#.*""", _unquoted, line)
        if depth == 0 and (key := _KEY.match(line)):
            value, item = (*table, *_parts(key.group(1))), 0
            out.setdefault(value, number)
            bare = bare.partition("=")[2]
        for character in bare:
            if character in "]}":
                depth = max(0, depth - 1)
            elif character == "," and depth == 1:
                item += 1
            elif depth == 1 and not character.isspace():
                out.setdefault((*value, item), number)
            if character in "[{":
                depth += 1
    return out


def _unquoted(quoted: re.Match[str]) -> str:
    """Stand in for a text whose brackets and commas mean nothing; a comment is nothing at all."""
    return "" if quoted.group().startswith("#") else "_"


def read_toml(path: Path, name: str | None = None) -> TomlFile:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
    name : str, optional
        What to call the file in messages; its own name by default.

    Raises
    ------
    StudyError
        If the file is missing, is not text or is not TOML, with the line.
    """
    shown = name or path.name
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise StudyError(no_file(str(path), error)) from None
    except UnicodeDecodeError as error:
        raise StudyError(
            Problem(f"is not text (byte {error.start})", shown, hint="a study is a UTF-8 TOML file")
        ) from None
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"at line (\d+)", str(error))
        line = int(match.group(1)) if match else (text.count("\n") + 1)
        rows = text.splitlines()
        source = rows[line - 1] if 0 < line <= len(rows) else None
        message = re.sub(r" \(at .*\)$", "", str(error))
        raise StudyError(
            Problem(
                f"is not TOML: {message}", shown, line, source=source, hint="see https://toml.io"
            )
        ) from None
    return TomlFile(shown, path, text, content, _lines(text))
