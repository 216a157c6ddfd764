r"""What no measurement of an amount may exceed: all that was administered.

A region holds no more than 100 % of the administered carrier, and its coefficient is no more than
that of a carrier that never leaves, :math:`T_{1/2}/\ln 2`. Values may lie above by two of their
errors, and by a tolerance.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.regions import regions
from pdcraft.errors import DataError, Problem
from pdcraft.io.biodist import RegionData

__all__ = ["TOLERANCE", "limit_h", "problems_of_sums", "refuse_more_than_all"]

TOLERANCE = 0.1  # assumed: calibration and positioning, which stated errors do not hold
_ERRORS = 2.0  # above, one value in 44 of a region that holds all
_HINT = "is it %IA/g, or is decay_corrected wrong?"
_LARGE = ("upper_large", "lower_large", "left_colon", "right_colon", "rectosigmoid")
# Regions that lie in others: the parts count only where the whole is not measured.
_PARTS = {
    "kidneys": ("left_kidney", "right_kidney"),
    "lungs": ("left_lung", "right_lung"),
    "salivary_glands": ("parotid_glands",),
    "brain": ("pituitary",),
    "skeleton": (
        *("red_marrow", "yellow_marrow", "bone_surface", "cortical_bone", "trabecular_bone"),
    ),
    "trabecular_bone": ("red_marrow", "yellow_marrow", "bone_surface"),
    "cortical_bone": ("bone_surface",),
}
_GUT = {  # whole: beginnings of the names of its parts
    "intestine": ("small_intestine", "large_intestine", *_LARGE),
    "large_intestine": _LARGE,
}


def limit_h(half_life_h: float) -> float:
    """Coefficient of a carrier that never leaves, h."""
    return half_life_h / log(2)


def _amounts(unit: str) -> bool:
    return unit in ("%IA", "MBq")


def _allowed(sd: Floats) -> Floats:
    """Fraction of the administered amount that a value with this error (or none) may show."""
    return 1 + np.maximum(TOLERANCE, _ERRORS * np.where(sd > 0, sd, 0.0))


def refuse_more_than_all(data: RegionData, factor: Floats) -> None:
    """Refuse values of a whole region above 100 % of the administered amount.

    Parameters
    ----------
    data : RegionData
    factor : ndarray, shape (n,)
        From the file's numbers to fractions without decay.

    Raises
    ------
    DataError
        With the line of every value that is above by more than two of its errors and 10 %.
    """
    if not _amounts(data.unit):
        return
    value, sd = data.value * factor, data.sd * factor / np.sqrt(data.animals)
    bad = np.flatnonzero((value > _allowed(sd)) & ~data.censored)
    found: list[Problem] = []
    for i in bad:
        message = (
            f"{data.region} at {data.time_h[i]:g} h holds {100 * value[i]:.4g} % of the "
            "administered amount without decay; no region holds more than 100 %, but for errors"
        )
        line = data.lines[i] if data.lines else None
        text = f"{data.value[i]:g} {data.unit}"
        found.append(Problem(message, line=line, key="value", value=text, hint=_HINT))
    if found:
        raise DataError(found)


def problems_of_sums(data: Sequence[tuple[RegionData, Floats]]) -> list[Problem]:
    """Find times at which regions apart from each other hold more than 100 % together.

    Parameters
    ----------
    data : sequence of (RegionData, ndarray)
        Regions with their factors to fractions without decay.

    Returns
    -------
    list of Problem
        Empty if the whole body was measured: its own values are checked.
    """
    names = {region.region for region, _ in data if _amounts(region.unit)}
    if "total_body" in names:
        return []
    apart = _apart(names)
    at: dict[tuple[str, float], list[tuple[str, float, float]]] = {}
    for region, factor in data:
        if region.region not in apart or not _amounts(region.unit):
            continue
        value, sd = region.value * factor, region.sd * factor / np.sqrt(region.animals)
        error = np.where(sd > 0, sd, 0.0)
        for i in np.flatnonzero(~region.censored):
            key = (region.subject[i], float(region.time_h[i]))
            at.setdefault(key, []).append((region.region, float(value[i]), float(error[i])))
    out: list[Problem] = []
    for (subject, time_h), parts in at.items():
        total = sum(v for _, v, _ in parts)
        error = np.array([sum(e * e for _, _, e in parts) ** 0.5])
        if len(parts) > 1 and total > _allowed(error)[0]:
            who = f"subject {subject}, " if subject else ""
            message = (
                f"{who}{time_h:g} h: {', '.join(n for n, *_ in parts)} together hold "
                f"{100 * total:.4g} % of the administered amount; at most 100 %, but for errors"
            )
            out.append(Problem(message, key="value", hint=_HINT))
    return out


def _apart(names: set[str]) -> set[str]:
    """Regions of which none lies in another; fluids and lesions lie in organs."""
    known = regions()
    groups = ("solid", "skeleton", "walled", "whole_walled")
    out = {n for n in names if n == "remainder" or (n in known and known[n].group in groups)}
    for whole, parts in _PARTS.items():
        if whole in out:
            out -= set(parts)
    for whole, beginnings in _GUT.items():
        if any(n.startswith(whole) for n in out):
            out = {n for n in out if not n.startswith(beginnings)}
    return out
