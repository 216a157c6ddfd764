"""The one set of keys of ``pdcraft.fit/1`` and of its regions, whatever fitted them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = [
    "DOCUMENT_KEYS",
    "REGION_KEYS",
    "TIAC_KEYS",
    "coefficient",
    "document",
    "flags_said",
    "other_models",
    "region_entry",
]

TIAC_KEYS = {
    "amount_fraction": "tiac_h",
    "amount_fraction_per_g": "tiac_h_per_g",
    "amount_fraction_per_mL": "tiac_h_per_mL",
}
_UNITS = {"tiac_h": "h", "tiac_h_per_g": "h/g", "tiac_h_per_mL": "h/mL"}
_NONE = {"value": None, "low": None, "high": None}
_LEAST_WEIGHT, _MOST_OTHERS = 0.01, 2  # of models named beside the chosen one
_BOTH = (
    *TIAC_KEYS.values(),
    "model",
    "aicc",
    "weights",
    "refused",
    "extrapolated_share",
    "design",
    "error_model",
    "n",
    "n_aicc",
    "n_censored",
    "n_subjects",
    "last_time_h",
    "flags",
)
_CURVE_BY_CURVE = ("subjects", "terms", "nca")
_POPULATION = (
    "population",
    "predictive",
    "bic",
    "typical",
    "fixed_effects",
    "random",
    "omega",
    "residual_sd",
    "eta_shrinkage",
    "epsilon_shrinkage",
    "diagnostics",
)
REGION_KEYS = (*_BOTH, *_CURVE_BY_CURVE, *_POPULATION)
DOCUMENT_KEYS = (
    "schema",
    "payload",
    "measured_with",
    "half_life_h",
    "tail",
    "draws",
    "method",
    "covariance",
    "error_model",
    "regions",
)


def region_entry(**known: Any) -> dict[str, Any]:
    """Give a region's entry with every key, null for what this fit does not have.

    Raises
    ------
    TypeError
        For a key that is not one of ``REGION_KEYS``: add it there, and in the schema, first.
    """
    return _complete("region entry", "REGION_KEYS", REGION_KEYS, known)


def document(*, regions: Mapping[str, dict[str, Any]], **known: Any) -> dict[str, Any]:
    """Give the document ``pdcraft.fit/1`` with every key, null for what this fit does not have.

    Parameters
    ----------
    regions : mapping of str to dict
        Entries from `region_entry`.

    Raises
    ------
    TypeError
        For a key that is not one of ``DOCUMENT_KEYS``, or an entry without all its keys.
    """
    for name, entry in regions.items():
        if tuple(entry) != REGION_KEYS:
            raise TypeError(f"{name}: an entry has all keys, in their order; use region_entry()")
    given = {**known, "schema": "pdcraft.fit/1", "regions": dict(regions)}
    return _complete("document", "DOCUMENT_KEYS", DOCUMENT_KEYS, given)


def coefficient(entry: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Find a region's coefficient, with its limits, and its unit; all None where none was fitted.

    Parameters
    ----------
    entry : mapping
        Of a region, from `region_entry`.
    """
    for key, unit in _UNITS.items():
        if entry[key]:
            return entry[key], unit
    return _NONE, ""


def other_models(entry: Mapping[str, Any]) -> str:
    """Name the models that count beside the chosen one, with their weights."""
    weights = sorted(entry["weights"].items(), key=lambda w: -w[1])[1 : 1 + _MOST_OTHERS]
    return ", ".join(f"{name} {w:.0%}" for name, w in weights if w >= _LEAST_WEIGHT)


def flags_said(found: Mapping[str, Any]) -> dict[str, list[str]]:
    """Give each flag of a document once, with the regions that it is of."""
    said: dict[str, list[str]] = {}
    for name, entry in found["regions"].items():
        for flag in entry["flags"] or ():
            said.setdefault(flag, []).append(name)
    return said


def _complete(what: str, of: str, keys: Sequence[str], known: dict[str, Any]) -> dict[str, Any]:
    unknown = [name for name in known if name not in keys]
    if unknown:
        raise TypeError(f"{what}: {', '.join(unknown)} is none of {of}")
    return dict.fromkeys(keys) | known
