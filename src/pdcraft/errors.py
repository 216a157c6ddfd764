"""Every error and warning that pdcraft raises, in one tree.

::

    PdcraftError
    ├── StudyError          problems in a user's file: file, line, key, value, hint (all at once)
    ├── DataError           a table, a datum or a name that is missing, malformed or contradictory
    ├── PhysicsRangeError   a formula asked outside its range of validity (also a ValueError)
    ├── KindError           two kinds of number mixed: dose + BED, two draw sets (also a TypeError)
    └── ConvergenceError    a fit or an iteration that did not end where it should

    PdcraftWarning
    ├── ExtrapolationWarning    a result that leans on what was not measured
    └── ApproximationWarning    an approximation where a better method would matter

A message says the thing, the value given, the rule, and the way out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "ApproximationWarning",
    "ConvergenceError",
    "DataError",
    "ExtrapolationWarning",
    "KindError",
    "PdcraftError",
    "PdcraftWarning",
    "PhysicsRangeError",
    "Problem",
    "StudyError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in a user's input, as ``pdcraft.error/1`` prints it."""

    message: str
    file: str | None = None
    line: int | None = None
    key: str | None = None
    value: str | None = None
    hint: str | None = None
    source: str | None = None  # the offending line itself, for people; not part of the JSON

    def text(self) -> str:
        """Return the fault as lines for a person."""
        where = f"line {self.line}: " if self.line is not None else ""
        key = f"{self.key}: " if self.key else ""
        hint = f"; {self.hint}" if self.hint else ""
        out = f"  {where}{key}{self.message}{hint}"
        if self.source:
            out += f"\n      {self.source.strip()}"
        return out


class PdcraftError(Exception):
    """Base of all errors that a user of pdcraft can cause or meet.

    Parameters
    ----------
    message : str
        The thing, the value, the rule, the way out.
    """

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The faults, one by one."""
        return (Problem(str(self)),)


class _ProblemsError(PdcraftError):
    """An error that can hold many faults of one file."""

    def __init__(
        self, problems: str | Problem | Sequence[Problem], file: str | None = None
    ) -> None:
        if isinstance(problems, str):
            problems = [Problem(problems, file=file)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self._problems = tuple(problems)
        super().__init__(self._text())

    def _text(self) -> str:
        faults = self._problems
        if len(faults) == 1 and faults[0].line is None and faults[0].source is None:
            one = faults[0]
            head = f"{one.file}: " if one.file else ""
            return head + one.text().strip()
        name = faults[0].file or "input"
        count = f"{len(faults)} problem" + ("s" if len(faults) != 1 else "")
        return "\n".join([f"{name}: {count}", *(p.text() for p in faults)])

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class StudyError(_ProblemsError):
    """Faults in a study, trial or scene file: all of them, with file, line and key."""


class DataError(_ProblemsError):
    """A table or datum that is missing, malformed or contradictory, or an unknown name."""


class PhysicsRangeError(PdcraftError, ValueError):
    """A formula was asked outside the range in which it holds."""


class KindError(PdcraftError, TypeError):
    """Two kinds of number were mixed: different quantities, draw sets or decay states."""


class ConvergenceError(PdcraftError):
    """A fit or iteration did not converge; nothing of it may be used."""


class PdcraftWarning(UserWarning):
    """Base of pdcraft's warnings."""


class ExtrapolationWarning(PdcraftWarning):
    """A result leans on a part that was not measured."""


class ApproximationWarning(PdcraftWarning):
    """An approximation was used where a better method would change the answer."""
