"""Read-only float arrays: what every frozen value of ``core`` holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import DataError

__all__ = ["Floats", "frozen"]

Floats = NDArray[np.float64]


def frozen(values: ArrayLike, what: str, *, finite: bool = True) -> Floats:
    """Copy to a read-only float64 array.

    Parameters
    ----------
    values : array_like, any shape
    what : str
        Name used in the error.
    finite : bool
        Refuse NaN and infinity.

    Raises
    ------
    DataError
        If a value is not finite; its index is named.
    """
    array = np.array(values, dtype=np.float64)
    if finite and not np.all(np.isfinite(array)):
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise DataError(
            f"{what}: value {array[where]} at index {where} is not a finite number; "
            "remove it or say what it stands for"
        )
    array.flags.writeable = False
    return array
