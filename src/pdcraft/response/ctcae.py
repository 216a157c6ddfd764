"""Grades of low blood counts after the Common Terminology Criteria for Adverse Events.

References
----------
The versions and how they were transcribed stand in ``data/response/ctcae.toml``.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.names import index_of, look_up
from pdcraft.data.files import load_toml
from pdcraft.errors import PhysicsRangeError

__all__ = ["DEFAULT_VERSION", "grade", "thresholds_1e9_per_L"]

DEFAULT_VERSION = "5.0"


def thresholds_1e9_per_L(
    cells: str, version: str = DEFAULT_VERSION
) -> tuple[float, float, float, float]:
    """Return the counts below which grades 1 to 4 begin.

    Parameters
    ----------
    cells : str
        platelets, neutrophils, lymphocytes, leukocytes.
    version : str

    Raises
    ------
    DataError
        If the version, or the cells in it, are not in the table.

    Examples
    --------
    >>> thresholds_1e9_per_L("platelets")
    (150.0, 75.0, 50.0, 25.0)
    >>> thresholds_1e9_per_L("platelets", "6.0")
    (150.0, 75.0, 50.0, 10.0)
    """
    table = _table()
    versions = index_of((v, ()) for v in table if v != "source")
    rows = table[look_up("version of CTCAE", version, versions, "see ctcae.toml")]
    row = rows[look_up("graded cells", cells, index_of((c, ()) for c in rows), "see ctcae.toml")]
    first, second, third, fourth = (float(v) for v in row["below"])
    return first, second, third, fourth


def grade(
    cells: str, count_1e9_per_L: ArrayLike, version: str = DEFAULT_VERSION
) -> NDArray[np.int64]:
    """Grade, 0 to 4, of counts.

    Parameters
    ----------
    cells : str
    count_1e9_per_L : array_like, any shape
        Zero or more. Grade 1 begins at a usual lower limit of normal: laboratories differ.
    version : str

    Raises
    ------
    PhysicsRangeError
        For a negative count.

    Examples
    --------
    >>> grade("neutrophils", [1.9, 0.5, 0.49]).tolist()
    [1, 3, 4]
    """
    count = np.asarray(count_1e9_per_L, dtype=float)
    if np.any(count < 0) or np.any(np.isnan(count)):
        raise PhysicsRangeError(f"count of {cells}: {count.min():g}; a count is zero or more")
    below = np.array(thresholds_1e9_per_L(cells, version))
    return (count[..., None] < below).sum(axis=-1)


@cache
def _table() -> dict[str, Any]:
    return load_toml("response", "ctcae.toml")
