"""Dose-limiting toxicity as an expression over observed counts and time.

``platelets grade >= 4 for 7 d or neutrophils < 0.5 for 7 d``: conditions joined by ``and``,
``or`` and parentheses. A condition compares a lineage's count, 10^9 per liter, or its grade, at
visits; ``for N d`` asks for consecutive visits, the first and last at least N days apart, at all of
which it holds; ``after N d`` looks only at visits from that day on. What happened stays so: ``and``
is met when the later of both is, and there is no ``not``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.trial.design import Bools, Ints

__all__ = ["Condition", "Expression", "Joined", "first_day", "parse_expression"]

Thresholds = Callable[[str], tuple[float, float, float, float]]

_TOKEN = re.compile(r"\s*(>=|<=|<|>|\(|\)|\d+(?:\.\d+)?|[A-Za-z][A-Za-z_-]*)")
WHERE = "for instance 'platelets grade >= 4 for 7 d or neutrophils < 0.5 for 7 d'"
COMPARE: Mapping[str, Callable[[Floats, float], Bools]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
GRADES = 4


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison at visits.

    Parameters
    ----------
    lineage : str
    graded : bool
        Compare the grade, 0 to 4, instead of the count.
    sign : {"<", "<=", ">", ">="}
    value : float
        Count, 10^9 per liter, or grade.
    for_d, after_d : float
        Least time between the first and last of consecutive visits; first day looked at.
    """

    lineage: str
    graded: bool
    sign: str
    value: float
    for_d: float = 0.0
    after_d: float = 0.0


@dataclass(frozen=True, slots=True)
class Joined:
    """Expressions of which all (``and``) or one (``or``) must have happened."""

    how: Literal["and", "or"]
    parts: tuple[Expression, ...]


Expression = Condition | Joined


def parse_expression(text: str, lineages: tuple[str, ...]) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
    lineages : tuple of str
        That counts are known of.

    Raises
    ------
    DataError
        Saying what cannot be read, and how it is written.

    Examples
    --------
    >>> parse_expression("platelets < 25 for 7 d", ("platelets",)).for_d
    7.0
    """
    tokens: list[str] = []
    rest = text
    while rest.strip():
        found = _TOKEN.match(rest)
        if found is None:
            raise DataError(f"toxicity '{text}': cannot read '{rest.strip()}'; {WHERE}")
        tokens.append(found.group(1))
        rest = rest[found.end() :]
    reader = _Reader(text, tokens, lineages)
    out = reader.either()
    if reader.at < len(tokens):
        raise reader.fault(f"'{tokens[reader.at]}' is not expected there")
    return out


class _Reader:
    """Recursive descent over the words of one expression."""

    def __init__(self, text: str, tokens: list[str], lineages: tuple[str, ...]) -> None:
        self.text, self.tokens, self.lineages, self.at = text, tokens, lineages, 0

    def fault(self, what: str) -> DataError:
        return DataError(f"toxicity '{self.text}': {what}; {WHERE}")

    def peek(self) -> str:
        return self.tokens[self.at].lower() if self.at < len(self.tokens) else ""

    def take(self) -> str:
        word = self.peek()
        self.at += 1
        return word

    def either(self) -> Expression:
        return self._joined("or", lambda: self._joined("and", self.one))

    def _joined(self, how: Literal["and", "or"], read: Callable[[], Expression]) -> Expression:
        parts = [read()]
        while self.peek() == how:
            self.take()
            parts.append(read())
        return parts[0] if len(parts) == 1 else Joined(how, tuple(parts))

    def one(self) -> Expression:
        if self.peek() == "(":
            self.take()
            inner = self.either()
            if self.take() != ")":
                raise self.fault("a parenthesis is not closed")
            return inner
        return self.condition()

    def condition(self) -> Condition:
        lineage = self.take()
        if lineage == "not":
            raise self.fault("what happened stays so, and there is no 'not'")
        if lineage not in self.lineages:
            raise self.fault(f"'{lineage}' is not one of {', '.join(self.lineages)}")
        graded = self.peek() == "grade"
        if graded:
            self.take()
        sign = self.take()
        if sign not in COMPARE:
            raise self.fault(f"'{sign}' stands where one of {' '.join(COMPARE)} is expected")
        value = self.number()
        if graded and value not in range(GRADES + 1):
            raise self.fault(f"grade {value:g} is none of 0 to {GRADES}")
        for_d = self.days("for")
        return Condition(lineage, graded, sign, value, for_d, self.days("after"))

    def days(self, word: str) -> float:
        if self.peek() != word:
            return 0.0
        self.take()
        value = self.number()
        if self.take() not in ("d", "day", "days"):
            raise self.fault(f"after '{word}' comes a number of days, like '{word} 7 d'")
        return value

    def number(self) -> float:
        word = self.take()
        try:
            return float(word)
        except ValueError:
            raise self.fault(f"'{word}' stands where a number is expected") from None


def first_day(
    expression: Expression,
    seen_1e9_per_L: Mapping[str, Floats],
    day: Floats | Ints,
    thresholds: Thresholds,
) -> Floats:
    """Day on which an expression is first met.

    Parameters
    ----------
    expression : Expression
    seen_1e9_per_L : mapping of str to ndarray, shape (..., visits)
        Observed counts by lineage; NaN at a visit that was missed, which breaks no run.
    day : ndarray, shape (..., visits)
        Of the visits, increasing.
    thresholds : callable
        Counts below which grades 1 to 4 of a lineage begin.

    Returns
    -------
    ndarray, shape (...)
        Infinite if it is never met. A duration is met at the visit that shows it.
    """
    if isinstance(expression, Condition):
        return _first_day(expression, seen_1e9_per_L[expression.lineage], day, thresholds)
    days = [first_day(part, seen_1e9_per_L, day, thresholds) for part in expression.parts]
    return np.minimum.reduce(days) if expression.how == "or" else np.maximum.reduce(days)


def _first_day(
    condition: Condition, seen: Floats, day: Floats | Ints, thresholds: Thresholds
) -> Floats:
    missed = np.isnan(seen)
    if condition.graded:
        below = np.array(thresholds(condition.lineage))
        held = (seen[..., None] < below).sum(axis=-1).astype(float)
    else:
        held = seen
    met = COMPARE[condition.sign](held, condition.value) & (day >= condition.after_d) & ~missed
    out = np.full(met.shape[:-1], np.inf)
    since = np.full_like(out, np.inf)  # day on which the present run began
    for k in range(met.shape[-1]):
        now = day[..., k]
        since = np.where(
            met[..., k], np.minimum(since, now), np.where(missed[..., k], since, np.inf)
        )
        long_enough = met[..., k] & (now - since >= condition.for_d)
        out = np.where(long_enough, np.minimum(out, now), out)
    return out
