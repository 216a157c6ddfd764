"""BIODIST.csv: time-activity data per region, long or wide, with every fault reported at once.

Long form: ``region,time_h,value`` and optionally ``subject,sd,sem,n,unit,decay_corrected,lloq``
(and ``nuclide``, if the measured nuclide is not the payload asked for). Wide form: one column per
time in hours (``0.5`` or ``t_0.5``), its error in ``sd_0.5`` or ``sem_0.5``; an empty cell was not
measured. Lines that begin with ``#`` are comments. A value below quantification is empty (or
written ``<0.02``) with its limit in ``lloq``, or a number below ``lloq``.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.regions import region_name
from pdcraft.errors import DataError, Problem, did_you_mean, no_file

__all__ = ["UNITS", "Biodistribution", "RegionData", "Unit", "read_biodist"]

Unit = Literal["%IA", "%IA/g", "SUV", "MBq", "MBq/mL"]
UNITS: tuple[Unit, ...] = ("%IA", "%IA/g", "SUV", "MBq", "MBq/mL")

_REQUIRED = ("region", "time_h", "value")
_OPTIONAL = ("subject", "sd", "sem", "n", "unit", "decay_corrected", "lloq", "nuclide", "note")
_TRUE_FALSE = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_WIDE = re.compile(r"(?:(sd|sem|n)_)?(?:t_?)?(\d+(?:\.\d*)?|\.\d+)(?:\s*h)?\Z", re.IGNORECASE)
_ROUNDING = 0.2  # sd and sem/sqrt(n) of one printed row may differ by this share


@dataclass(frozen=True, slots=True, eq=False)
class RegionData:
    """Values of one region in the file's unit, ordered by subject and time.

    Parameters
    ----------
    region : str
    unit : {"%IA", "%IA/g", "SUV", "MBq", "MBq/mL"}
    decay_corrected : bool
        Whether the values are corrected for physical decay to the time of administration.
    nuclide : str or None
        The measured nuclide, where the file says it.
    subject : tuple of str
        One per value; empty where the file names none.
    time_h, value : ndarray, shape (n,)
        Hours after administration; a censored value holds its limit of quantification.
    sd : ndarray, shape (n,)
        Standard deviation between the animals of a value, or of one measurement; NaN if unknown.
    animals : ndarray of int, shape (n,)
        Animals that a value is the mean of; 1 for one animal.
    censored : ndarray of bool, shape (n,)
        True where the value is only known to lie below ``value``.
    lines : tuple of int
        Lines of the values in the file; empty if they come from elsewhere.
    """

    region: str
    unit: Unit
    decay_corrected: bool
    nuclide: str | None
    subject: tuple[str, ...]
    time_h: Floats
    value: Floats
    sd: Floats
    animals: NDArray[np.int64]
    censored: NDArray[np.bool_]
    lines: tuple[int, ...] = ()

    @property
    def subjects(self) -> tuple[str, ...]:
        """Distinct subjects, in the file's order."""
        return tuple(dict.fromkeys(self.subject))


@dataclass(frozen=True, slots=True)
class Biodistribution:
    """A whole file: its regions, in the file's order."""

    file: str
    regions: tuple[RegionData, ...]

    def region(self, name: str) -> RegionData:
        """Find one region's data."""
        for one in self.regions:
            if one.region == name:
                return one
        known = ", ".join(r.region for r in self.regions)
        raise DataError(f"{self.file}: no region '{name}'; there are {known}")


@dataclass(frozen=True, slots=True)
class _Row:
    """One value as read, with its line."""

    line: int
    region: str
    subject: str
    time_h: float
    value: float
    sd: float
    animals: int
    censored: bool
    unit: Unit
    decay_corrected: bool
    nuclide: str | None


@dataclass(slots=True)
class _Faults:
    """Collects the faults of one file."""

    file: str
    found: list[Problem] = field(default_factory=list[Problem])

    def add(
        self,
        message: str,
        line: int | None = None,
        key: str | None = None,
        value: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Note one fault."""
        self.found.append(Problem(message, self.file, line, key, value, hint))

    def raise_if_any(self) -> None:
        """Raise all faults together; the same fault of many rows once, with its first line."""
        if not self.found:
            return
        same: dict[tuple[str, str | None], list[Problem]] = {}
        for fault in sorted(self.found, key=lambda p: p.line or 0):
            same.setdefault((fault.message, fault.key), []).append(fault)
        out: list[Problem] = []
        for faults in same.values():
            first, more = faults[0], len(faults) - 1
            rows = f" (and {more} more row{'s' if more > 1 else ''})" if more else ""
            out.append(replace(first, message=first.message + rows))
        raise DataError(out)


def read_biodist(path: str | Path) -> Biodistribution:
    """Read time-activity data.

    Parameters
    ----------
    path : path to a CSV file in UTF-8
        Separated by commas, or throughout by semicolons or tabs.

    Returns
    -------
    Biodistribution

    Raises
    ------
    DataError
        With all faults of the file: missing or unknown columns, unknown units and regions (near
        matches named), values that are not numbers, negative or missing, duplicates, rows that
        end early, contradictory units within a region, a SEM without n.
    """
    name = Path(path).name
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise DataError(no_file(str(path), error)) from error
    except IsADirectoryError as error:
        raise DataError(no_file(name or str(path), error)) from None
    except (UnicodeDecodeError, OSError) as error:
        hint = "save it as CSV in UTF-8"
        raise DataError(Problem(f"cannot be read as text: {error}", name, hint=hint)) from error
    faults = _Faults(name)
    header, body = _cells(text, faults)
    faults.raise_if_any()
    wide = "time_h" not in header and any(_WIDE.match(h) for h in header)
    _check_header(header, wide, faults)
    faults.raise_if_any()
    cells = _long_form(header, body) if wide else _as_mappings(header, body)
    rows = [row for line, cell in cells if (row := _row(line, cell, faults)) is not None]
    if not rows and not faults.found:
        faults.add("no values", hint="give one row per region and time below the header")
    _check_duplicates(rows, faults)
    regions = [_region(name, rows, faults) for name in dict.fromkeys(r.region for r in rows)]
    faults.raise_if_any()
    return Biodistribution(name, tuple(r for r in regions if r is not None))


def _cells(text: str, faults: _Faults) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Split into the header and the rows with their lines; comments and blank lines left out."""
    lines = text.splitlines()
    # spreadsheets end with rows of separators only
    kept = [(i, s) for i, s in enumerate(lines, 1) if s.strip(' \t,;"') and s.lstrip()[0] != "#"]
    if not kept:
        faults.add("the file is empty", hint="the first line is region,time_h,value,...")
        return [], []
    head = kept[0][1]
    mark = "," if "," in head else next((m for m in ";\t" if m in head), ",")
    split: list[tuple[int, list[str]]] = []
    for line, content in kept:
        try:
            cells = next(csv.reader([content], delimiter=mark, strict=True))
        except csv.Error as error:
            faults.add(f"is not CSV: {error}", line, hint="check quotes")
            continue
        split.append((line, [c.strip() for c in cells]))
    if not split:
        return [], []
    header = [h if _WIDE.match(h) else h.casefold() for h in split[0][1]]
    for line, cells in split[1:]:
        if len(cells) < len(header):
            message = f"the row has {len(cells)} of {len(header)} fields"
            faults.add(message, line, value=mark.join(cells), hint="is the file cut off?")
        elif len(cells) > len(header) and any(cells[len(header) :]):
            hint = "decimal commas are not read: write 0.5, not 0,5"
            faults.add(
                f"the row has {len(cells)} fields, the header {len(header)}", line, hint=hint
            )
    return header, split[1:]


def _check_header(header: Sequence[str], wide: bool, faults: _Faults) -> None:
    known = (*_REQUIRED, *_OPTIONAL)
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            faults.add("the column appears twice", 1, column)
        if column in known or (wide and _WIDE.match(column)):
            continue
        hint = did_you_mean(column, known, most=2, cutoff=0.5)
        faults.add("unknown column", 1, column, column, hint or f"columns are {', '.join(known)}")
    for column in ("region",) if wide else _REQUIRED:
        if column not in header:
            hint = "long form: region,time_h,value,...; wide form: region and one column per time"
            faults.add(f"the column '{column}' is missing", 1, column, hint=hint)


def _as_mappings(
    header: Sequence[str], body: Sequence[tuple[int, list[str]]]
) -> Iterator[tuple[int, dict[str, str]]]:
    for line, cells in body:
        yield line, dict(zip(header, cells, strict=False))


def _long_form(
    header: Sequence[str], body: Sequence[tuple[int, list[str]]]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Turn wide rows into one mapping per measured time."""
    for line, row in _as_mappings(header, body):
        common = {k: v for k, v in row.items() if not _WIDE.match(k)}
        times: dict[float, dict[str, str]] = {}
        for column, cell in row.items():
            match = _WIDE.match(column)
            if match and cell:
                key = (match[1] or "value").casefold()
                times.setdefault(float(match[2]), {})[key] = cell
        for time_h, cells in times.items():
            yield line, {**common, "time_h": repr(time_h), **cells}


def _number(
    cell: Mapping[str, str],
    key: str,
    line: int,
    faults: _Faults,
    *,
    positive: bool = False,
    hint: str | None = None,
) -> float | None:
    """Read one cell; None if it is empty or faulty (which is then noted)."""
    text = cell.get(key, "")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        comma = "write 0.5, not 0,5" if "," in text else None
        faults.add(f"'{text}' is not a number", line, key, text, comma or hint)
        return None
    if not math.isfinite(number):
        faults.add(f"'{text}' is not a finite number", line, key, text, hint)
    elif number < 0 or (positive and number == 0):
        rule = "above zero" if positive else "zero or more"
        faults.add(f"{number:g} is not {rule}", line, key, text, hint)
    else:
        return number
    return None


def _row(line: int, cell: Mapping[str, str], faults: _Faults) -> _Row | None:
    """Check one value with all that is said of it; None if faulty."""
    before = len(faults.found)
    region = _region_name(cell.get("region", ""), line, faults)
    time_h = _number(cell, "time_h", line, faults, hint="hours after administration")
    if time_h is None and not cell.get("time_h"):
        faults.add("the time is missing", line, "time_h")
    value, censored = _value(cell, line, faults)
    animals, sd = _spread(cell, line, faults)
    unit = _unit_name(cell.get("unit") or "%IA")
    if unit not in UNITS:
        hint = did_you_mean(unit, UNITS, most=2, cutoff=0.4) or f"units are {', '.join(UNITS)}"
        faults.add(f"unknown unit '{unit}'", line, "unit", unit, hint)
    corrected = _TRUE_FALSE.get((cell.get("decay_corrected") or "true").casefold())
    if corrected is None:
        text = cell.get("decay_corrected")
        faults.add(f"'{text}' is neither true nor false", line, "decay_corrected", text)
    if len(faults.found) > before or time_h is None or value is None or corrected is None:
        return None
    return _Row(
        line=line,
        region=region,
        subject=cell.get("subject", ""),
        time_h=time_h,
        value=value,
        sd=sd,
        animals=animals,
        censored=censored,
        unit=cast(Unit, unit),
        decay_corrected=corrected,
        nuclide=cell.get("nuclide") or None,
    )


def _unit_name(text: str) -> str:
    """Take blanks out, and 'injected dose' for the injected activity that it means."""
    return re.sub(r"\s+", "", text).replace("%ID", "%IA")


def _region_name(text: str, line: int, faults: _Faults) -> str:
    if not text:
        faults.add("the region is missing", line, "region")
        return ""
    try:
        return region_name(text)
    except DataError as error:
        message, _, hint = str(error).partition("; ")
        faults.add(message, line, "region", text, hint or None)
        return ""


def _value(cell: Mapping[str, str], line: int, faults: _Faults) -> tuple[float | None, bool]:
    """Value and whether it is censored: then the value is the limit of quantification."""
    text = cell.get("value", "")
    limit = _number(cell, "lloq", line, faults, positive=True)
    if text.startswith("<"):
        said = _number({"value": text[1:].strip()}, "value", line, faults, positive=True)
        if said is None and not text[1:].strip():
            faults.add("'<' without a limit", line, "value", text, "write it as <0.02")
        return said, True
    if not text or text.casefold() in ("blq", "bloq"):
        if limit is None:
            hint = "a value below quantification needs its limit in lloq; else remove the row"
            faults.add("the value is missing", line, "value", text or None, hint)
        return limit, True
    hint = "a net count below zero is below quantification: leave it empty, its limit in lloq"
    value = _number(cell, "value", line, faults, hint=hint)
    if value is not None and limit is not None and value < limit:
        return limit, True
    return value, False


def _spread(cell: Mapping[str, str], line: int, faults: _Faults) -> tuple[int, float]:
    """Animals behind a value and the standard deviation between them (NaN if unknown)."""
    n = _number(cell, "n", line, faults, positive=True)
    if n is not None and n != int(n):
        faults.add(f"n = {n:g} is not a whole number of animals", line, "n", cell["n"])
    animals = int(n) if n is not None else 1
    hint = "leave it empty if it is unknown"
    sd = _number(cell, "sd", line, faults, positive=True, hint=hint)
    sem = _number(cell, "sem", line, faults, positive=True, hint=hint)
    if sem is not None and animals < 2:
        hint = "a standard error of the mean needs n, 2 animals or more; else give sd"
        faults.add("sem without n", line, "sem", cell["sem"], hint)
    from_sem = sem * math.sqrt(animals) if sem is not None else math.nan
    if sd is not None and sem is not None and animals > 1 and abs(from_sem / sd - 1) > _ROUNDING:
        message = f"sd {sd:g} contradicts sem {sem:g} with n = {animals} (sd {from_sem:.3g})"
        faults.add(message, line, "sd", cell["sd"], "keep the one that was measured")
    return animals, from_sem if sd is None else sd


def _check_duplicates(rows: Sequence[_Row], faults: _Faults) -> None:
    first: dict[tuple[str, str, float], int] = {}
    for row in rows:
        key = (row.region, row.subject, row.time_h)
        if key in first:
            who = f" of subject '{row.subject}'" if row.subject else ""
            message = f"{row.region} at {row.time_h:g} h{who} stands already in line {first[key]}"
            hint = None if row.subject else "name the animals in a subject column"
            faults.add(message, row.line, "time_h", f"{row.time_h:g}", hint)
        first.setdefault(key, row.line)


def _region(name: str, rows: Sequence[_Row], faults: _Faults) -> RegionData | None:
    """Collect one region; its unit, correction and nuclide must not change within."""
    mine = [r for r in rows if r.region == name]
    for key in ("unit", "decay_corrected", "nuclide"):
        found: list[object] = list(dict.fromkeys(getattr(r, key) for r in mine))
        if len(found) > 1:
            line = next(r.line for r in mine if getattr(r, key) != found[0])
            message = f"{name} has {key} {found[0]} and {found[1]}; one region has one"
            faults.add(message, line, key, str(found[1]))
    if len({r.subject == "" for r in mine}) > 1:
        line = next(r.line for r in mine if not r.subject)
        faults.add(f"{name}: some rows name a subject and some do not", line, "subject")
    if not mine:
        return None
    order = {s: i for i, s in enumerate(dict.fromkeys(r.subject for r in mine))}
    mine.sort(key=lambda r: (order[r.subject], r.time_h))
    animals = np.array([r.animals for r in mine], dtype=np.int64)
    censored = np.array([r.censored for r in mine], dtype=np.bool_)
    animals.flags.writeable = censored.flags.writeable = False
    return RegionData(
        region=name,
        unit=mine[0].unit,
        decay_corrected=mine[0].decay_corrected,
        nuclide=mine[0].nuclide,
        subject=tuple(r.subject for r in mine),
        time_h=frozen([r.time_h for r in mine], f"{name} time"),
        value=frozen([r.value for r in mine], f"{name} value"),
        sd=frozen([r.sd for r in mine], f"{name} sd", finite=False),
        animals=animals,
        censored=censored,
        lines=tuple(r.line for r in mine),
    )
