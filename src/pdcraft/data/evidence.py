"""Published evidence on the carrier: rows that say what was measured, in whom, how, and its use.

A row is refused, by name, if it lacks a source, grade, unit or use, if its unit belongs to another
quantity, if a number is none or has the wrong sign, or if its parts contradict each other
(`pdcraft.data.evidence_faults`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pdcraft.core.regions import region_name
from pdcraft.core.run import Citation
from pdcraft.data.evidence_faults import (
    UNITS,
    Analyte,
    Decay,
    Grade,
    Spread,
    Statistic,
    Use,
    row_faults,
)
from pdcraft.data.files import load_toml
from pdcraft.data.nuclides import nuclide_name
from pdcraft.errors import DataError, Problem

__all__ = ["EvidenceItem", "Grade", "Spread", "Statistic", "Use", "carrier_evidence", "read_items"]


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One published figure; the meaning of each part stands at the head of the table.

    Parameters
    ----------
    value, plus_minus, low, high : float or None
        In ``unit``; `in_base` gives them in the quantity's base unit.
    n : (int, int) or None
        Least and largest number of subjects.
    time_h : tuple of float
        Where the quantity is taken; two times span a window.
    """

    id: str
    species: str
    compound: str
    subjects: str
    quantity: str
    region: str
    analyte: Analyte
    decay: Decay
    statistic: Statistic
    unit: str
    citation: Citation
    grade: Grade
    use: Use
    reason: str
    nuclide: str | None = None
    reference_region: str | None = None
    spread: Spread = "none"
    value: float | None = None
    plus_minus: float | None = None
    low: float | None = None
    high: float | None = None
    n: tuple[int, int] | None = None
    limit_log_sd: float | None = None
    time_h: tuple[float, ...] = ()
    dose_method: str | None = None
    dose_method_log_sd: float = 0.0

    def in_base(self, printed: float) -> float:
        """Turn a printed number into the base unit of the quantity (Gy/MBq, h, ng/mL, 1)."""
        return printed * UNITS.get(self.quantity, {}).get(self.unit, 1.0)


@cache
def carrier_evidence() -> tuple[EvidenceItem, ...]:
    """All rows of the packaged table, in its order."""
    return read_items(load_toml("carrier", "evidence.toml"), "evidence.toml")


def read_items(table: Mapping[str, Any], file: str) -> tuple[EvidenceItem, ...]:
    """Read a table of evidence.

    Parameters
    ----------
    table : mapping
        ``source``: mapping of key to text and doi; ``item``: rows.
    file : str
        Name for the error.

    Raises
    ------
    DataError
        With every faulty row by name.
    """
    sources = {
        key: Citation(key, row["text"], row.get("doi"))
        for key, row in table.get("source", {}).items()
    }
    faults: list[Problem] = []
    seen: set[str] = set()
    for number, row in enumerate(table.get("item", []), start=1):
        name = f"item '{row['id']}'" if row.get("id") else f"item number {number}"
        found = row_faults(row, sources)
        if row.get("id") and str(row["id"]) in seen:
            found.append(("id", "stands twice"))
        seen.add(str(row.get("id")))
        faults += [Problem(f"{name}: {what}", file=file, key=key) for key, what in found]
    if faults:
        raise DataError(faults)
    return tuple(_item(row, sources) for row in table.get("item", []))


def _item(row: Mapping[str, Any], sources: Mapping[str, Citation]) -> EvidenceItem:
    parts = {k: v for k, v in row.items() if k != "source"}
    for key in ("region", "reference_region"):
        if key in parts:
            parts[key] = region_name(parts[key])
    if "nuclide" in parts and row["use"] != "excluded":
        parts["nuclide"] = nuclide_name(parts["nuclide"])
    if "n" in parts:
        parts["n"] = tuple(parts["n"])
    parts["time_h"] = tuple(float(t) for t in parts.get("time_h", ()))
    return EvidenceItem(citation=sources[row["source"]], **parts)
