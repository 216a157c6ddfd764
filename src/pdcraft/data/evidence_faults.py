"""What is wrong with a row of evidence: missing parts, bad numbers, contradictions.

`row_faults` looks at a row as the table has it, first at each part alone, then at what the parts
say together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any, Literal, TypeGuard, get_args

from pdcraft.core.regions import region_name
from pdcraft.data.nuclides import nuclide_name
from pdcraft.errors import DataError

__all__ = ["UNITS", "Analyte", "Decay", "Grade", "Spread", "Statistic", "Use", "row_faults"]

Use = Literal["fit", "hold", "excluded"]
Grade = Literal["T", "A", "P", "C", "D", "R"]
Statistic = Literal["mean", "median", "range", "below", "above"]
Spread = Literal["SD", "SEM", "unknown", "none"]
Analyte = Literal["mass", "activity"]
Decay = Literal["none", "physical", "cancels"]
Fault = tuple[str, str]  # key, message

# unit -> factor to the first unit of the quantity; "other" has no model quantity and any unit
UNITS: Mapping[str, Mapping[str, float]] = {
    "dose_per_activity": {"Gy/MBq": 1.0, "mGy/MBq": 1e-3, "mSv/MBq": 1e-3},
    "concentration_ratio": {"1": 1.0},
    "retained_share": {"share of peak": 1.0},
    "plasma_half_life": {"h": 1.0, "d": 24.0},
    "plasma_peak": {"ng/mL": 1.0},
    "plasma_integral": {"ng h/mL": 1.0},
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a quantity can be said of: (analyte, decay) pairs, regions, number of times."""

    of: tuple[tuple[Analyte, Decay], ...]
    regions: tuple[str, ...] = ()  # empty: any
    times: tuple[int, ...] = ()  # empty: none are needed


MEANINGS: Mapping[str, Meaning] = {
    "dose_per_activity": Meaning((("activity", "physical"),)),
    "concentration_ratio": Meaning((("activity", "cancels"), ("mass", "none")), times=(1, 2)),
    "retained_share": Meaning(
        (("activity", "physical"), ("activity", "none"), ("mass", "none")), times=(1,)
    ),
    "plasma_half_life": Meaning((("mass", "none"), ("activity", "none")), ("plasma",), (2,)),
    "plasma_peak": Meaning((("mass", "none"),), ("plasma",), (1,)),
    "plasma_integral": Meaning((("mass", "none"),), ("plasma",), (1,)),
}
# a tumor in man is a glioma, which is compared with brain; all else is compared with blood
REFERENCES: Mapping[tuple[str, str], tuple[str, ...]] = {("human", "tumor"): ("brain",)}
OTHER_REFERENCES = ("blood", "plasma")

REQUIRED = (
    *("id", "species", "compound", "subjects", "quantity", "region", "analyte", "decay"),
    *("statistic", "unit", "source", "grade", "use", "reason"),
)
PRINTED = ("value", "low", "high")
SIZES = ("plus_minus", "limit_log_sd", "dose_method_log_sd")
TEXTS = (*REQUIRED, "nuclide", "reference_region", "spread", "dose_method")
KEYS = (*TEXTS, *PRINTED, *SIZES, "n", "time_h")
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


def row_faults(row: Mapping[str, Any], sources: Mapping[str, Any]) -> list[Fault]:
    """Return what is wrong with a row as (key, message).

    Parameters
    ----------
    row : mapping
        As read from the table.
    sources : mapping
        By key; only the keys count.

    Returns
    -------
    list of (str, str)
        Empty for a sound row. Contradictions are sought only where each part alone is sound.
    """
    out = [
        (k, f"{k} is missing; every row states it") for k in REQUIRED if row.get(k) in (None, "")
    ]
    out += [(k, f"unknown key '{k}'") for k in row if k not in KEYS]
    absent = {k for k, _ in out}
    texts = [k for k in TEXTS if k in row and k not in absent]
    wrong = [k for k in texts if not isinstance(row[k], str) or not row[k]]
    out += [(k, f"{k} {row[k]!r} must be text in quotes") for k in wrong]
    for key in (k for k in texts if k not in wrong):
        allowed = CHOICES.get(key)
        if allowed and row[key] not in allowed:
            out.append((key, f"{key} '{row[key]}' is not one of {', '.join(allowed)}"))
        if key == "source" and row[key] not in sources:
            out.append((key, f"source '{row[key]}' is not in the table's list of sources"))
        if key in ("region", "reference_region"):
            out += _unreadable(key, region_name, row[key])
        if key == "nuclide" and row.get("use") != "excluded":
            out += _unreadable(key, nuclide_name, row[key])
    out += _bad_numbers(row) + _bad_lists(row)
    return out or _contradictions(row)


def _unreadable(key: str, read: Callable[[str], str], text: str) -> list[Fault]:
    try:
        read(text)
    except DataError as error:
        return [(key, f"{p.message}; {p.hint}" if p.hint else p.message) for p in error.problems]
    return []


def _is_number(value: object) -> TypeGuard[int | float]:
    """Whether a table's value is a finite number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value)


def _bad_numbers(row: Mapping[str, Any]) -> list[Fault]:
    """Faults of type and sign; what is excluded may be negative, as a change of volume is."""
    out: list[Fault] = []
    for key in (k for k in (*PRINTED, *SIZES) if k in row):
        value = row[key]
        if not _is_number(value):
            out.append((key, f"{key} {value!r} must be a finite number"))
        elif key == "dose_method_log_sd":
            if value < 0:
                out.append((key, f"{key} {value:g} must be 0 or more"))
        elif not value > 0 and (key in SIZES or row.get("use") != "excluded"):
            out.append((key, f"{key} {value:g} must be more than 0"))
    return out


def _bad_lists(row: Mapping[str, Any]) -> list[Fault]:
    out: list[Fault] = []
    n, times = row.get("n", [1, 1]), row.get("time_h", [])
    if not (
        isinstance(n, Sequence)
        and len(n) == 2
        and all(isinstance(k, int) and not isinstance(k, bool) for k in n)
        and 1 <= n[0] <= n[1]
    ):
        out.append(("n", f"n {n!r} must be [least, largest] number of subjects, 1 or more"))
    if not (
        isinstance(times, Sequence)
        and not isinstance(times, str)
        and all(_is_number(t) and t >= 0 for t in times)
        and all(a < b for a, b in pairwise(times))
    ):
        out.append(("time_h", f"time_h {times!r} must list hours, 0 or more, each after the last"))
    return out


def _contradictions(row: Mapping[str, Any]) -> list[Fault]:
    """Faults of parts that are sound alone."""
    out = [*_meaning(row), *_order(row)]
    quantity, used = row["quantity"], row["use"] != "excluded"
    units = UNITS.get(quantity)
    if units is not None and row["unit"] not in units:
        out.append(("unit", f"unit '{row['unit']}' is not one of {quantity}: {', '.join(units)}"))
    if row["grade"] == "R" and used:
        out.append(("use", "grade R is recollection; its use is 'excluded'"))
    if quantity == "other" and used:
        out.append(("quantity", "the model has no such quantity; exclude it"))
    if row["decay"] == "physical" and "nuclide" not in row:
        out.append(("nuclide", "a number with physical decay in it needs its nuclide"))
    return out + _missing(row) if used else out


def _meaning(row: Mapping[str, Any]) -> list[Fault]:
    """Faults of analyte, decay, region and reference against what the quantity is."""
    quantity, analyte, decay = row["quantity"], row["analyte"], row["decay"]
    if analyte == "mass" and decay != "none":
        return [("decay", "mass is of the stable carrier; decay is no part of it: 'none'")]
    meaning = MEANINGS.get(quantity)
    if meaning is None:
        return []
    out: list[Fault] = []
    if (analyte, decay) not in meaning.of:
        key = "decay" if analyte in {a for a, _ in meaning.of} else "analyte"
        allowed = " or ".join(f"of {a} with decay '{d}'" for a, d in meaning.of)
        out.append((key, f"{quantity} is {allowed}, not of {analyte} with decay '{decay}'"))
    region = region_name(row["region"])
    if meaning.regions and region not in meaning.regions:
        out.append(("region", f"{quantity} is of {', '.join(meaning.regions)}, not of {region}"))
    if "reference_region" not in row:
        return out
    reference = region_name(row["reference_region"])
    allowed = REFERENCES.get((row["species"], region), OTHER_REFERENCES)
    if quantity != "concentration_ratio":
        out.append(("reference_region", f"{quantity} is no ratio; it has no reference_region"))
    elif reference not in allowed:
        of = f"{row['species']} {region}"
        out.append(
            ("reference_region", f"the {of} is compared with {' or '.join(allowed)}, "
             f"not with {reference}")
        )  # fmt: skip
    return out


def _order(row: Mapping[str, Any]) -> list[Fault]:
    """Faults of a printed range: its ends, and the figure printed beside it."""
    low, high, value = (row.get(key) for key in ("low", "high", "value"))
    if low is not None and high is not None and low >= high:
        return [("low", f"low {low:g} is not below high {high:g}")]
    if value is not None and low is not None and value < low:
        return [("value", f"{row['statistic']} {value:g} is below its own low end, {low:g}")]
    if value is not None and high is not None and value > high:
        return [("value", f"{row['statistic']} {value:g} is above its own high end, {high:g}")]
    return []


def _missing(row: Mapping[str, Any]) -> list[Fault]:
    """Parts that a row which is used needs, and how many of them."""
    quantity, statistic = row["quantity"], row["statistic"]
    counts = MEANINGS[quantity].times if quantity in MEANINGS else ()
    needs = ["low", "high", "n"] if statistic == "range" else ["value"]
    needs += ["limit_log_sd"] if statistic in ("below", "above") else []
    needs += ["time_h"] if counts else []
    needs += ["reference_region"] if quantity == "concentration_ratio" else []
    if quantity == "dose_per_activity":
        needs += ["dose_method", "dose_method_log_sd"]
    printed = row.get("spread", "none") != "none"
    needs += ["plus_minus"] if printed else []
    out = [(k, f"{k} is missing for {statistic} of {quantity}") for k in needs if k not in row]
    if "plus_minus" in row and not printed:
        out.append(("spread", "± is printed, so spread is SD, SEM or unknown"))
    if statistic == "range" and row.get("n", [2])[0] < 2:
        out.append(("n", f"n {row['n']!r}: a range is of 2 subjects or more"))
    times = row.get("time_h")
    if times is not None and counts and len(times) not in counts:
        number = " or ".join(map(str, counts))
        out.append(("time_h", f"time_h {times!r}: {quantity} is taken at {number} time(s)"))
    elif times and quantity == "plasma_integral" and times[0] == 0:
        out.append(("time_h", "time_h [0]: an integral ends after the injection"))
    return out
