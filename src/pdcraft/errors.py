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

from collections.abc import Iterable, Sequence
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
    "did_you_mean",
    "no_file",
]


def did_you_mean(name: str, known: Iterable[str], *, most: int = 1, cutoff: float = 0.6) -> str:
    """Ask for what an unknown name may have meant: the near matches, or nothing.

    Parameters
    ----------
    name : str
    known : iterable of str
    most : int
        Matches to name.
    cutoff : float
        Least similarity, 0 to 1, as `difflib.get_close_matches` counts it.

    Examples
    --------
    >>> did_you_mean("lver", ["liver", "kidneys"])
    "did you mean 'liver'?"
    >>> did_you_mean("spleen", ["liver", "kidneys"]) or "there are liver, kidneys"
    'there are liver, kidneys'
    """
    import difflib

    near = difflib.get_close_matches(name, list(known), n=most, cutoff=cutoff)
    return f"did you mean {' or '.join(map(repr, near))}?" if near else ""


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


def no_file(path: str, error: OSError) -> Problem:
    """Say that a path leads nowhere, or to a folder."""
    if isinstance(error, IsADirectoryError):
        return Problem("is a folder; give the file in it", path)
    return Problem("there is no such file", path, hint="check the path")


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
    """An error that can hold many faults, of one file or of several."""

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
        lines: list[str] = []
        for name in dict.fromkeys(p.file for p in faults):
            mine = [p.text() for p in faults if p.file == name]
            count = f"{len(mine)} problem" + ("s" if len(mine) != 1 else "")
            lines += [f"{name or 'input'}: {count}", *mine]
        return "\n".join(lines)

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
