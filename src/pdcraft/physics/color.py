r"""Color: tristimulus values to sRGB, and between white points.

References
----------
.. [IEC] IEC 61966-2-1:1999, sRGB: primaries, D65 white, transfer of 1/2.4 with a linear toe
.. [Lam85] K. M. Lam, Ph.D. thesis, Bradford 1985: cone responses for chromatic adaptation
.. [Lin] B. Lindbloom, Chromatic Adaptation, brucelindbloom.com: the matrix of [Lam85]_
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["D65_WHITE", "adapted", "linear_srgb", "srgb_encoded"]

Floats = NDArray[np.float64]

D65_WHITE = np.array([0.95047, 1.0, 1.08883])  # [IEC]_, Y = 1
_TO_SRGB = np.array(  # [IEC]_
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)
_BRADFORD = np.array(  # [Lin]_
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def adapted(xyz: ArrayLike, white: ArrayLike, to_white: ArrayLike = D65_WHITE) -> Floats:
    """Tristimulus values (..., 3) as they look when one white is taken for another [Lam85]_."""
    cones, target = _BRADFORD @ np.asarray(white), _BRADFORD @ np.asarray(to_white)
    change = np.linalg.inv(_BRADFORD) @ np.diag(target / cones) @ _BRADFORD
    return np.asarray(xyz, dtype=np.float64) @ change.T


def linear_srgb(xyz: ArrayLike) -> Floats:
    """Linear sRGB (..., 3) of tristimulus values, white Y = 1; outside 0 to 1 is out of gamut."""
    return np.asarray(xyz, dtype=np.float64) @ _TO_SRGB.T


def srgb_encoded(linear: ArrayLike) -> Floats:
    """Encode linear sRGB from 0 to 1 for a display, 0 to 1 [IEC]_."""
    v = np.asarray(linear, dtype=np.float64)
    curve = 1.055 * np.power(np.maximum(v, 0.0031308), 1 / 2.4) - 0.055
    return np.where(v <= 0.0031308, 12.92 * v, curve)
