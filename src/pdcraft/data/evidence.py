"""Published evidence on the carrier: rows that say what was measured, in whom, how, and its use.

A row is refused, by name, if it lacks a source, grade, unit or use, if its unit belongs to another
quantity, or if its parts contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, cast, get_args

from pdcraft.core.regions import region_name
from pdcraft.core.run import Citation
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, Problem

__all__ = ["EvidenceItem", "Grade", "Spread", "Statistic", "Use", "carrier_evidence", "read_items"]

Use = Literal["fit", "hold", "excluded"]
Grade = Literal["T", "A", "P", "C", "D", "R"]
Statistic = Literal["mean", "median", "range", "below", "above"]
Spread = Literal["SD", "SEM", "unknown", "none"]
Analyte = Literal["mass", "activity"]
Decay = Literal["none", "physical", "cancels"]

# unit -> factor to the first unit of the quantity; "other" has no model quantity and any unit
UNITS: Mapping[str, Mapping[str, float]] = {
    "dose_per_activity": {"Gy/MBq": 1.0, "mGy/MBq": 1e-3, "mSv/MBq": 1e-3},
    "concentration_ratio": {"1": 1.0},
    "retained_share": {"share of peak": 1.0},
    "plasma_half_life": {"h": 1.0, "d": 24.0},
    "plasma_peak": {"ng/mL": 1.0},
    "plasma_integral": {"ng h/mL": 1.0},
}
TIMED = {"concentration_ratio", "retained_share", "plasma_half_life", "plasma_peak"}
REQUIRED = (
    *("id", "species", "compound", "subjects", "quantity", "region", "analyte", "decay"),
    *("statistic", "unit", "source", "grade", "use", "reason"),
)
OPTIONAL = (
    *("nuclide", "reference_region", "spread", "value", "plus_minus", "low", "high", "n"),
    *("limit_log_sd", "time_h", "dose_method", "dose_factor", "dose_factor_log_sd"),
)
CHOICES: Mapping[str, tuple[str, ...]] = {
    "species": ("mouse", "human"),
    "analyte": get_args(Analyte),
    "decay": get_args(Decay),
    "statistic": get_args(Statistic),
    "spread": get_args(Spread),
    "grade": get_args(Grade),
    "use": get_args(Use),
    "quantity": (*UNITS, "other"),
}


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
    dose_factor: float = 1.0
    dose_factor_log_sd: float = 0.0

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
        found = _faults(row, sources)
        if row.get("id") in seen:
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
    if "n" in parts:
        parts["n"] = (int(parts["n"][0]), int(parts["n"][1]))
    parts["time_h"] = tuple(float(t) for t in parts.get("time_h", ()))
    return EvidenceItem(citation=sources[row["source"]], **parts)


def _faults(row: Mapping[str, Any], sources: Mapping[str, Citation]) -> list[tuple[str, str]]:
    """Return what is wrong with a row as (key, message)."""
    out = [
        (k, f"{k} is missing; every row states it") for k in REQUIRED if row.get(k) in (None, "")
    ]
    out += [(k, f"unknown key '{k}'") for k in row if k not in REQUIRED + OPTIONAL]
    for key, allowed in CHOICES.items():
        if row.get(key) and row[key] not in allowed:
            out.append((key, f"{key} '{row[key]}' is not one of {', '.join(allowed)}"))
    if row.get("source") and row["source"] not in sources:
        out.append(("source", f"source '{row['source']}' is not in the table's list of sources"))
    for key in ("value", "low", "high", "plus_minus"):
        if row.get("use") != "excluded" and key in row and not row[key] > 0:
            out.append((key, f"{key} {row[key]:g} must be more than 0"))
    if out:  # what follows needs the parts to be there
        return out
    return _contradictions(row)


def _contradictions(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    out: list[tuple[str, str]] = []

    def fault(key: str, wrong: bool, message: str) -> None:
        if wrong:
            out.append((key, message))

    quantity = cast(str, row["quantity"])
    units = UNITS.get(quantity)
    fault(
        "unit",
        units is not None and row["unit"] not in units,
        f"unit '{row['unit']}' is not one of {quantity}: {', '.join(units or ())}",
    )
    used = row["use"] != "excluded"
    fault("use", row["grade"] == "R" and used, "grade R is recollection; its use is 'excluded'")
    fault("quantity", quantity == "other" and used, "the model has no such quantity; exclude it")
    fault(
        "decay",
        row["analyte"] == "mass" and row["decay"] == "physical",
        "mass is of the stable carrier; physical decay is no part of it",
    )
    fault(
        "nuclide",
        row["decay"] == "physical" and "nuclide" not in row,
        "a number with physical decay in it needs its nuclide",
    )
    if not used:
        return out
    limits = row["statistic"] == "range"
    needs = ["low", "high", "n"] if limits else ["value"]
    needs += ["limit_log_sd"] if row["statistic"] in ("below", "above") else []
    needs += ["time_h"] if quantity in TIMED or quantity == "plasma_integral" else []
    needs += ["reference_region"] if quantity == "concentration_ratio" else []
    needs += ["dose_method", "dose_factor", "dose_factor_log_sd", "nuclide"] * (
        quantity == "dose_per_activity"
    )
    needs += ["plus_minus"] if row.get("spread", "none") != "none" else []
    out += [
        (k, f"{k} is missing for {row['statistic']} of {quantity}") for k in needs if k not in row
    ]
    fault("low", limits and row.get("low", 0) >= row.get("high", 1), "low is not below high")
    fault(
        "spread",
        "plus_minus" in row and row.get("spread", "none") == "none",
        "± is printed, so spread is SD, SEM or unknown",
    )
    return out
