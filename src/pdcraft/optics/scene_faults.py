"""Faults of a scene file, gathered while it is read: none hides another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from pdcraft.errors import PdcraftError, Problem, did_you_mean
from pdcraft.io.toml_lines import TomlFile

__all__ = ["Faults", "near"]


def near(name: str, known: Iterable[str]) -> str:
    """Write the way out of an unknown name: a near match, or all there are."""
    names = list(known)
    there = f"there are {', '.join(names)}" if names else "there are none"
    return did_you_mean(name, names) or there


class Faults:
    """Faults found so far.

    Parameters
    ----------
    file : TomlFile
    problems : sequence of Problem
        To begin with.
    """

    def __init__(self, file: TomlFile, problems: Sequence[Problem] = ()) -> None:
        self._file = file
        self._problems = list(problems)

    @property
    def problems(self) -> list[Problem]:
        """All of them, by line."""
        return sorted(self._problems, key=lambda p: p.line or 0)

    def add(
        self, path: Sequence[str | int], message: str, hint: str | None = None, value: Any = None
    ) -> None:
        """Add a fault at a key; its value is that of the file unless another is given."""
        said = self._said(path) if value is None else value
        self._problems.append(self._file.problem(path, message, hint, said))

    def _said(self, path: Sequence[str | int]) -> Any:
        """Value that the file has at a key; None for tables."""
        found: Any = self._file.content
        for key in path:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return None
        return found if isinstance(found, str | int | float | bool) else None

    def at(self, path: Sequence[str | int]) -> _Catch:
        """Turn errors of the package, raised in a ``with`` block, into faults at a key."""
        return _Catch(self, path)


class _Catch:
    """A ``with`` block that swallows errors of the package and keeps them as faults."""

    def __init__(self, faults: Faults, path: Sequence[str | int]) -> None:
        self._faults = faults
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, PdcraftError):
            return False
        for one in error.problems:
            where = f"{one.file}" + (f" line {one.line}" if one.line else "")
            text = f"{where}: {one.message}" if one.file else one.message
            self._faults.add(self._path, text, one.hint, one.value)
        return True
