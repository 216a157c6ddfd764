r"""Weights of patients in follow-up for the TITE-CRM.

Linear: the share of the window that was observed. Adaptive [CC00]_: the z times to a DLT seen so
far cut the window into z + 1 parts of equal weight, linear within each.

References
----------
.. [CC00] Y. K. Cheung, R. Chappell, Biometrics 56, 1177 (2000),
   doi:10.1111/j.0006-341X.2000.01177.x
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["Scheme", "followup_weights"]

Scheme = Literal["linear", "adaptive"]


def followup_weights(
    followup: ArrayLike, tox: ArrayLike, window: float, scheme: Scheme = "linear"
) -> Floats:
    """Weight of each patient, shape (patients,); 1 for a DLT.

    Parameters
    ----------
    followup : array_like, shape (patients,)
        Time observed without a DLT, or to the DLT; in the unit of `window`.
    tox : array_like, shape (patients,)
        1 for a DLT, 0 for none.
    window : float
        Time over which a patient is watched.
    scheme : {"linear", "adaptive"}

    Raises
    ------
    PhysicsRangeError
        For a window that is not positive, or times that are negative.
    DataError
        For a DLT after the window's end, or an unknown scheme.

    Examples
    --------
    >>> followup_weights([60, 180, 30], [0, 0, 1], 120).tolist()
    [0.5, 1.0, 1.0]
    """
    time, toxic = np.array(followup, dtype=float), np.array(tox) == 1
    if not 0 < window < np.inf:
        raise PhysicsRangeError(f"assessment window {window:g} must be above 0, and finite")
    if not np.all(time >= 0):
        raise PhysicsRangeError(f"follow-up {time.tolist()}: times are 0 or more")
    if time.shape != toxic.shape:
        raise DataError(f"{time.size} follow-up times for {toxic.size} outcomes; give one each")
    if np.any(time[toxic] > window):
        late = time[toxic][time[toxic] > window][0]
        raise DataError(
            f"a DLT after {late:g} lies beyond the window of {window:g}: it does not count; enter "
            "the patient without DLT, or lengthen the window"
        )
    if scheme == "linear":
        out = time / window
    elif scheme == "adaptive":
        seen = np.unique(time[toxic])
        # a DLT counts as often as it was seen; at equal times the steps fall together
        steps = np.searchsorted(np.sort(time[toxic]), seen, side="right")
        knots = np.concatenate([[0.0], seen, [window]])
        heights = np.concatenate([[0.0], steps, [steps[-1] + 1 if steps.size else 1.0]])
        out = np.interp(time, knots, heights / heights[-1])
    else:
        raise DataError(f"weights '{scheme}' are unknown; there are linear and adaptive")
    return np.where(toxic, 1.0, np.minimum(out, 1.0))
