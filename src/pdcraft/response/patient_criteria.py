"""Response categories from one marker, and the best of them: like RECIST 1.1, IMWG and IWWM-6.

What the criteria ask for beside the marker (new lesions, immunofixation, marrow, symptoms) is not
simulated. Thresholds and sources: ``data/response/response_criteria.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["Criteria", "assess", "best_response", "criteria", "progression_d"]

Codes = NDArray[np.intp]
SAME = 1e-12  # relative: a fall of exactly a threshold reaches it in spite of rounding


@dataclass(frozen=True, slots=True)
class Criteria:
    """Thresholds of one set of response criteria.

    Parameters
    ----------
    name, marker, unit, source : str
    categories : tuple of str
        From worst, ``PD``, to best, ``CR``: a code is an index into it.
    fall : tuple of float
        Share of the baseline that each category between SD and CR needs, in their order.
    progression_share, progression_absolute : float
        Rise over the lowest value so far: a share of it, and in the marker's unit; both.
    progression_absolute_high, high_nadir : float
        Absolute rise that counts as progression if the lowest value is `high_nadir` or more.
    consecutive : int
        Assessments in a row that a category other than PD and SD needs.
    """

    name: str
    marker: str
    unit: str
    source: str
    categories: tuple[str, ...]
    fall: tuple[float, ...]
    progression_share: float
    progression_absolute: float
    progression_absolute_high: float
    high_nadir: float
    consecutive: int

    def code(self, category: str) -> int:
        """Return the code of a category.

        Raises
        ------
        DataError
            If these criteria do not have it.
        """
        known = index_of((c, ()) for c in self.categories)
        found = look_up(
            "response category", category, known, f"{self.name} has {', '.join(self.categories)}"
        )
        return self.categories.index(found)


@cache
def criteria(name: str) -> Criteria:
    """Criteria by name: recist-1-1, imwg, iwwm-6.

    Examples
    --------
    >>> criteria("RECIST 1.1").categories
    ('PD', 'SD', 'PR', 'CR')
    """
    table = load_toml("response", "response_criteria.toml")
    rows = table["criteria"]
    key = look_up(
        "set of response criteria",
        name,
        index_of((k, r.get("also", ())) for k, r in rows.items()),
        f"there are {', '.join(rows)}",
    )
    row = rows[key]
    fall = dict(sorted(row["fall"].items(), key=lambda pair: pair[1]))
    return Criteria(
        key,
        row["marker"],
        row["unit"],
        table["source"][row["source"]]["text"],
        ("PD", "SD", *fall, "CR"),
        tuple(fall.values()),
        float(row["progression_share"]),
        float(row["progression_absolute"]),
        float(row.get("progression_absolute_high", np.inf)),
        float(row.get("high_nadir", np.inf)),
        int(row["consecutive"]),
    )


def assess(rules: Criteria, marker: ArrayLike, not_found_below: ArrayLike = 0.0) -> Codes:
    """Category at every assessment.

    Parameters
    ----------
    rules : Criteria
    marker : array_like, shape (..., assessments)
        In the criteria's unit; the first is the baseline, above zero.
    not_found_below : array_like, shape (...)
        Value below which the marker counts as gone; with 0 there is no complete response.

    Returns
    -------
    ndarray of int, shape (..., assessments)
        Codes into ``rules.categories``; the baseline is SD, and once progressed, always PD.

    Raises
    ------
    PhysicsRangeError
        For negative values, a baseline of zero or one that would not be found.

    Examples
    --------
    >>> rules = criteria("recist-1-1")
    >>> [rules.categories[c] for c in assess(rules, [50.0, 35.0, 39.0, 42.0])]
    ['SD', 'PR', 'SD', 'PD']
    """
    value = np.asarray(marker, dtype=float)
    limit = np.asarray(not_found_below, dtype=float)[..., None]
    if value.ndim < 1 or value.shape[-1] < 1 or not np.all(np.isfinite(value)) or np.any(value < 0):
        raise PhysicsRangeError(
            f"{rules.marker}: values of shape {value.shape} are finite and not negative, baseline "
            "first"
        )
    baseline = value[..., :1]
    if np.any(baseline <= 0) or np.any(baseline < limit):
        raise PhysicsRangeError(
            f"{rules.marker}: a baseline of {baseline.min():g} {rules.unit} is not measurable; it "
            "is above 0 and above the limit of detection"
        )
    lowest = np.minimum.accumulate(value, axis=-1)
    before = np.concatenate([baseline, lowest[..., :-1]], axis=-1)
    rise = value - before
    enough = (rise >= rules.progression_share * before * (1 - SAME)) & (
        rise >= rules.progression_absolute * (1 - SAME)
    )
    enough |= (before >= rules.high_nadir) & (rise >= rules.progression_absolute_high)
    progressed = np.logical_or.accumulate(enough & (rise > 0), axis=-1)
    code = np.ones(value.shape, dtype=np.intp)
    for step, share in enumerate(rules.fall, start=2):
        code = np.where(value <= (1 - share) * baseline * (1 + SAME), step, code)
    code = np.where(value < limit, len(rules.categories) - 1, code)
    return np.where(progressed, 0, code)


def best_response(rules: Criteria, codes: Codes) -> Codes:
    """Best category until progression, confirmed where the criteria ask for it.

    Parameters
    ----------
    rules : Criteria
    codes : ndarray of int, shape (..., assessments)
        From `assess`, two assessments at least.

    Returns
    -------
    ndarray of int, shape (...)
        PD if the first assessment after the baseline shows progression.
    """
    if codes.shape[-1] < 2:
        raise DataError("a best response needs a baseline and an assessment after it")
    after = codes[..., 1:]
    held = after
    for lag in range(1, rules.consecutive):
        later = np.ones_like(after)  # not confirmed: stable at best
        later[..., :-lag] = after[..., lag:]
        held = np.minimum(held, later)
    unconfirmed = np.where(after > 0, np.maximum(held, 1), 0)
    return unconfirmed.max(axis=-1)


def progression_d(codes: Codes, time_d: ArrayLike) -> Floats:
    """Day of the assessment that first shows progression, shape (...); infinite for none."""
    days = np.asarray(time_d, dtype=float)
    progressed = codes == 0
    return np.where(progressed.any(axis=-1), days[progressed.argmax(axis=-1)], np.inf)
