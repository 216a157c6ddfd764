"""What the catalogue holds of an agent: facts, each with its sources and their grade."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pdcraft.errors import DataError

__all__ = ["AgentRecord", "Fact", "Grade", "Patent", "Source", "day_of", "days_left"]

Grade = Literal["T", "A", "P", "C", "D"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read: its citation and how directly it was seen (T, A, P, C or D)."""

    key: str
    text: str
    grade: Grade
    url: str | None = None
    doi: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement, its date as far as it is known (``2018``, ``2018-05``, ``2018-05-02``)."""

    text: str
    sources: tuple[str, ...]
    grade: Grade
    date: str | None = None
    number: str | None = None  # of a trial


@dataclass(frozen=True, slots=True)
class Patent:
    """A patent or a family: dates as published, None where the sources read do not say."""

    number: str
    territory: str
    kind: str
    claim: str
    status: str
    sources: tuple[str, ...]
    grade: Grade
    filed: date | None = None
    granted: date | None = None
    expires: date | None = None
    note: str | None = None

    def days_left(self, at: date) -> int | None:
        """Days of protection after ``at``; None where the expiry is not known."""
        return days_left(self.expires, at)


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """One agent of the catalogue, without anything computed from its structure.

    ``smiles`` None means that the structure is not disclosed in the sources read.
    """

    name: str
    aliases: tuple[str, ...]
    payload_kind: Literal["radionuclide", "fluorophore", "drug"] | None
    payload_name: str | None
    carrier: str | None
    linker: str | None
    smiles: str | None
    structure_sources: tuple[str, ...]
    stage: Fact | None
    designations: tuple[Fact, ...]
    indications: tuple[Fact, ...]
    trials: tuple[Fact, ...]
    events: tuple[Fact, ...]
    contradictions: tuple[Fact, ...]
    patents: tuple[Patent, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of all sources used, once each, in alphabetical order."""
        stage = (self.stage,) if self.stage else ()
        facts = (*stage, *self.designations, *self.indications, *self.trials)
        facts += (*self.events, *self.contradictions)
        keys = {key for fact in facts for key in fact.sources}
        keys |= {key for patent in self.patents for key in patent.sources}
        return tuple(sorted(keys | set(self.structure_sources)))


def days_left(expires: date | None, at: date) -> int | None:
    """Days from ``at`` to the expiry: zero on the last day, negative when expired.

    Parameters
    ----------
    expires : datetime.date or None
        None gives None: not known is not the same as expired.
    at : datetime.date

    Examples
    --------
    >>> days_left(date(2030, 5, 11), date(2026, 11, 21))
    1267
    """
    return None if expires is None else (expires - at).days


def day_of(text: str, *, last: bool = False) -> date:
    """Day meant by ``2018``, ``2018-05`` or ``2018-05-02``: the first day of it, or the last.

    Raises
    ------
    DataError
        If the text is no such date.

    Examples
    --------
    >>> day_of("2024-02"), day_of("2024-02", last=True)
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    """
    match = re.fullmatch(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", text.strip())
    if match:
        year, month, day = (int(part) if part else None for part in match.groups())
        assert year is not None
        month = month or (12 if last else 1)
        try:
            day = day or (calendar.monthrange(year, month)[1] if last else 1)
            return date(year, month, day)
        except ValueError:
            pass
    raise DataError(f"'{text}' is not a date; write the year, month and day as 2026-11-21")
