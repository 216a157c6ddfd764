"""The standard observer of 1931 and daylight D65: what turns a spectrum into a color."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import text_of

__all__ = ["StandardObserver", "standard_observer"]


@dataclass(frozen=True, slots=True)
class StandardObserver:
    """Color-matching functions and daylight on one grid.

    Parameters
    ----------
    wavelength_nm : ndarray, shape (81,)
        380 to 780 nm.
    xyz : ndarray, shape (3, 81)
    d65 : ndarray, shape (81,)
        Relative power per nm, 100 at 560 nm.
    source : str
    """

    wavelength_nm: Floats
    xyz: Floats
    d65: Floats
    source: str


@cache
def standard_observer() -> StandardObserver:
    """Load the table of CIE 15:2004."""
    lines = text_of("optics", "cie1931.csv").splitlines()
    source = next(s for s in lines if s.startswith("# source:")).removeprefix("# source: ")
    body = [line for line in lines if not line.startswith(("#", "wavelength"))]
    table = frozen([[float(v) for v in line.split(",")] for line in body], "CIE 1931").T
    columns = [frozen(column, "CIE 1931") for column in table]
    return StandardObserver(
        columns[0], frozen(np.array(columns[1:4]), "CIE 1931"), columns[4], source
    )
