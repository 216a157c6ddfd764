"""Published blood counts after irradiation of the marrow, and the rules a row must keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, Problem
from pdcraft.response.marrow.parameters import LINEAGES

__all__ = ["CountItem", "marrow_evidence", "read_evidence"]

NEEDS = {
    "nadir": ("n", "median", "low", "high", "MBq_per_m2", "marrow"),
    "fraction": ("n", "low", "high", "MBq_per_m2", "marrow"),
    "nadir_day": ("n", "value", "MBq_per_m2", "marrow"),
    "recovery_d": ("n", "value", "MBq_per_m2", "marrow"),
    "count": ("n", "k", "ctcae_grade", "MBq_per_m2", "marrow"),
    "fall": ("n", "value", "day", "dose_Gy_low", "dose_Gy_high", "half_life_h"),
    "statement": (),
}
FITTED = ("nadir", "fraction", "nadir_day", "recovery_d")


@dataclass(frozen=True, slots=True)
class CountItem:
    """A published figure; the meaning of each part stands at the head of the table."""

    id: str
    study: str
    citation: Citation
    grade: Literal["T", "A", "P"]
    use: Literal["fit", "hold", "excluded"]
    kind: str
    lineage: str
    reason: str
    MBq_per_m2: tuple[float, ...] = ()
    at_d: tuple[float, ...] = ()
    marrow: str | None = None
    pretreated: bool = False
    n: int = 0
    k: int | None = None
    ctcae_grade: int | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    value: float | None = None
    log_sd: float | None = None
    day: float | None = None
    dose_Gy_low: float | None = None
    dose_Gy_high: float | None = None
    half_life_h: float | None = None

    def figure(self, name: str) -> float:
        """Return a number that this kind of row must have."""
        value = getattr(self, name)
        if value is None:
            raise DataError(f"item '{self.id}' has no {name}")
        return float(value)


@cache
def marrow_evidence() -> tuple[CountItem, ...]:
    """Read the packaged evidence.

    Raises
    ------
    DataError
        Naming every row that breaks a rule.
    """
    return read_evidence(load_toml("response", "marrow_evidence.toml"))


def read_evidence(table: Mapping[str, Any]) -> tuple[CountItem, ...]:
    """Check the rows of a table of evidence."""
    sources = table["source"]
    items: list[CountItem] = []
    faults: list[str] = []
    for stated in table["item"]:
        row = dict(stated)
        key = row.pop("source", None)
        if key not in sources:
            faults.append(f"{row.get('id')}: source '{key}' is not in the table")
            continue
        source = sources[key]
        row["citation"] = Citation(key, source["text"], source.get("doi"))
        for name in ("MBq_per_m2", "at_d"):
            row[name] = tuple(row.get(name, ()))
        item = CountItem(**row)
        faults += [f"{item.id}: {fault}" for fault in _faults(item)]
        items.append(item)
    names = [item.id for item in items]
    faults += [f"{name}: stated twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        raise DataError([Problem(fault, file="marrow_evidence.toml") for fault in faults])
    return tuple(items)


def _faults(item: CountItem) -> list[str]:
    out: list[str] = []
    if item.kind not in NEEDS:
        return [f"kind '{item.kind}'; one of {', '.join(NEEDS)}"]
    missing = [name for name in NEEDS[item.kind] if getattr(item, name) in (None, (), 0)]
    if missing:
        out.append(f"a {item.kind} needs {', '.join(missing)}")
    if item.grade not in ("T", "A", "P"):
        out.append(f"grade '{item.grade}': what is only remembered is no row")
    if item.use not in ("fit", "hold", "excluded"):
        out.append(f"use '{item.use}'; fit, hold or excluded")
    if item.use == "fit" and (item.kind not in FITTED or item.lineage not in LINEAGES):
        out.append(f"a {item.kind} of {item.lineage} cannot be fitted")
    if item.use == "fit" and len(item.MBq_per_m2) > 1:
        out.append("a fitted row has one administration; the likelihood takes no more")
    if item.use == "fit" and item.kind in ("nadir_day", "recovery_d") and item.log_sd is None:
        out.append("a fitted time needs log_sd")
    if item.MBq_per_m2 and len(item.MBq_per_m2) != len(item.at_d):
        out.append("MBq_per_m2 and at_d go in pairs")
    ordered = [v for v in (item.low, item.median, item.high) if v is not None]
    if ordered != sorted(ordered):
        out.append(f"low, median and high are {ordered}; out of order")
    if item.k is not None and not 0 <= item.k <= item.n:
        out.append(f"{item.k} of {item.n} patients")
    if not item.reason:
        out.append("no reason given")
    return out
