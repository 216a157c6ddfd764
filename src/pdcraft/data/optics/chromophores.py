"""Absorption of what colors tissue: hemoglobins, water, fat; 380 to 1000 nm.

Files of this folder hold the numbers with their sources. Outside its range a table has no value:
whoever asks stops (``pdcraft.optics.tissue``).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import text_of

__all__ = ["COLUMNS", "FAT_MEASURED_FROM_nm", "HEMOGLOBIN_g_per_mol", "chromophore"]

COLUMNS = {
    "oxyhemoglobin": "hemoglobins.csv",
    "deoxyhemoglobin": "hemoglobins.csv",
    "water": "water.csv",
    "fat": "fat.csv",
}
HEMOGLOBIN_g_per_mol = 64_500.0  # by which the table of hemoglobins counts moles
FAT_MEASURED_FROM_nm = 429.0  # below, the table holds the value of 429 nm: assumed


@cache
def chromophore(name: str) -> tuple[Floats, Floats]:
    """Wavelengths in nm and values of one table.

    Parameters
    ----------
    name : str
        Of `COLUMNS`. Hemoglobins: decadic extinction, L/(mol cm); water and fat: 1/mm.
    """
    lines = text_of("optics", COLUMNS[name]).splitlines()
    rows = [line.split(",") for line in lines if line and not line.startswith("#")]
    column = rows[0].index(name)
    numbers = np.array([[float(row[0]), float(row[column])] for row in rows[1:]])
    return frozen(numbers[:, 0], f"{name}: wavelengths"), frozen(numbers[:, 1], name)
