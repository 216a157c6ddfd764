"""The one set of keys that a region has in ``pdcraft.fit/1``, whatever fitted it."""

from __future__ import annotations

from typing import Any

__all__ = ["REGION_KEYS", "region_entry"]

_BOTH = (
    "tiac_h",
    "tiac_h_per_g",
    "tiac_h_per_mL",
    "model",
    "aicc",
    "weights",
    "refused",
    "extrapolated_share",
    "design",
    "error_model",
    "n",
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


def region_entry(**known: Any) -> dict[str, Any]:
    """Give a region's entry with every key, null for what this fit does not have.

    Raises
    ------
    TypeError
        For a key that is not one of ``REGION_KEYS``: add it there first.
    """
    unknown = [name for name in known if name not in REGION_KEYS]
    if unknown:
        raise TypeError(f"region entry: {', '.join(unknown)} is none of REGION_KEYS")
    return dict.fromkeys(REGION_KEYS) | known
