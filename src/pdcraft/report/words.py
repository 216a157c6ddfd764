"""Words and plain numbers of the report: what people read instead of keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pdcraft.core.estimate import Spread
from pdcraft.core.quantity import Quantity
from pdcraft.core.run import ResultRow
from pdcraft.study.run import FROM_COEFFICIENT

__all__ = [
    "ORIGIN_WORDS",
    "SPREAD_WORDS",
    "arm_labels",
    "at_arm",
    "given_number",
    "given_words",
    "input_words",
    "interval_words",
    "is_exact",
    "number",
    "region_order",
    "region_words",
    "row_value",
    "unit_words",
    "without_unit",
]

ORIGIN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "measured": "data of the study's own input files",
        "published": "a printed number, with its source",
        "fitted": "fitted to the data or figure beside it",
        "predicted": "computed without the figure beside it",
        "computed": "computed by pdcraft, with its interval",
        "assumed": "taken as so without a measurement",
    }
)

SPREAD_WORDS: Mapping[Spread, str] = MappingProxyType(
    {
        "knowledge": "credible interval",
        "population": "of subjects",
        "predictive": "prediction interval",
    }
)

_WORDS: Mapping[str, str] = MappingProxyType(
    {"c_max": "Cmax", "auc": "AUC", "half_life": "half-life", "lesion": "lesion"}
)
_OF: Mapping[str, str] = MappingProxyType({"fit": "fitted curve", "mass": "mass", "place": "place"})


def _digits(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)  # after rounding: 9.999 has the power of 10.0
    if not -4 < power < 6:
        return f"{mantissa}e{power}"
    return f"{float(f'{mantissa}e{power}'):.{max(0, digits - 1 - power)}f}"


def number(value: float | None) -> str:
    """Write a computed number with three significant digits, as a spreadsheet reads it.

    Examples
    --------
    >>> number(0.5), number(15753.2), number(0.0123456), number(2.5e-7), number(None)
    ('0.500', '15800', '0.0123', '2.50e-7', '')
    """
    return "" if value is None else _digits(value, 3)


def given_number(value: float | None) -> str:
    """Write a printed number with the digits that it was printed with.

    Examples
    --------
    >>> given_number(0.54), given_number(15753.0)
    ('0.54', '15753')
    """
    return "" if value is None else f"{value:.7g}"


def given_words(row: ResultRow) -> str:
    """Say where a row comes from: its origin, or that it only rests on a published number."""
    return "from the published coefficient" if FROM_COEFFICIENT in row.flags else row.origin


def row_value(row: ResultRow, key: str = "value") -> str:
    """Write a row's value, ``low`` or ``high``.

    Given and exact numbers keep their digits, computed ones get three. An exact number, whose
    limits are itself, shows no limits.
    """
    value = row.summary[key]
    if is_exact(row):
        return (f"{value:.6g}" if value is not None else "") if key == "value" else ""
    given = row.origin in ("published", "assumed", "measured")
    return given_number(value) if given else number(value)


def is_exact(row: ResultRow) -> bool:
    """Say whether a number is arithmetic on fixed inputs: its limits are the number itself."""
    low, high = row.summary["low"], row.summary["high"]
    return low is not None and low == high == row.summary["value"]


def interval_words(row: ResultRow, level: float) -> str:
    """Say a row's interval and what it is an interval of; empty if it has none.

    Limits that are the value itself say that the number is exact arithmetic.
    """
    low, high = row.summary["low"], row.summary["high"]
    if low is None or high is None:
        return ""
    if is_exact(row):
        return "exact arithmetic"
    kind = SPREAD_WORDS[row.spread]
    if low == high:
        return f"{row_value(row, 'low')} in at least {100 * level:g}% of the draws"
    return f"{row_value(row, 'low')} to {row_value(row, 'high')}, {100 * level:g}% {kind}"


def region_words(region: str | None) -> str:
    """Say a region.

    Examples
    --------
    >>> region_words("red_marrow"), region_words("lesion:index")
    ('red marrow', 'index lesion')
    """
    group, _, name = (region or "").replace("_", " ").partition(":")
    return f"{name} {group}".strip() if name else group


def region_order(region: str | None) -> tuple[int, str]:
    """Sort key of regions: lesions, then organs by name, then the whole body."""
    name = region or ""
    if name.startswith(("lesion", "tumor")):
        return 0, name
    return (2 if name in ("total_body", "remainder") else 1), name


def unit_words(quantity: Quantity) -> str:
    """Give the unit as a table header shows it; a pure number has none."""
    return "" if quantity.unit == "1" else quantity.unit.replace("^9", "⁹")


def input_words(name: str) -> str:
    """Say a named input.

    Examples
    --------
    >>> input_words("kinetics.plasma.terminal_half_life"), input_words("kinetics.plasma.c_max")
    ('plasma terminal half-life', 'plasma Cmax')
    >>> input_words("kinetics.fit.kidneys"), input_words("dosimetry.mass.lesion:index")
    ('fitted curve of kidneys', 'mass of index lesion')
    """
    parts = name.split(".")
    parts = parts[1:] if len(parts) > 1 else parts
    if parts[0] in _OF and len(parts) > 1:
        return f"{_OF[parts[0]]} of {region_words('.'.join(parts[1:]))}"
    words = (re.sub("half_life", "half-life", _WORDS.get(p, without_unit(p))) for p in parts)
    return " ".join(region_words(word) for word in words)


def without_unit(name: str) -> str:
    """Take the unit from the name of a parameter.

    Examples
    --------
    >>> without_unit("tumor_trapping_mL_per_g_h"), without_unit("tumor_residence_h")
    ('tumor_trapping', 'tumor_residence')
    """
    return re.sub(r"(_(?:mL|ug|ng|per|g|h|d|Gy))+$", "", name)


def at_arm(arm: str | None) -> str:
    """Say at which arm a number is, after it; empty for none.

    Examples
    --------
    >>> at_arm("25 mCi per m2"), at_arm("with external beam"), at_arm(None)
    (' at 25 mCi per m2', ', with external beam', '')
    """
    if not arm:
        return ""
    return f" at {arm}" if arm[0].isdigit() else f", {arm}"


def arm_labels(arms: Sequence[str]) -> tuple[list[str], str]:
    """Split arm names into short labels and the unit that all share.

    Examples
    --------
    >>> arm_labels(["12.5 mCi per m2", "25 mCi per m2"])
    (['12.5', '25'], 'mCi per m2')
    >>> arm_labels(["low", "high"])
    (['low', 'high'], '')
    """
    parts = [arm.split(" ", 1) for arm in arms]
    units = {part[-1] for part in parts}
    if len(arms) > 1 and all(len(part) == 2 for part in parts) and len(units) == 1:
        return [part[0] for part in parts], units.pop()
    return list(arms), ""
