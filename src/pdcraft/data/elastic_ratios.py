"""Elastic cross sections from partial waves, as ratios to a formula; see `ratios`.

``elastic_ratios.npz`` is computed by ``python -m pdcraft.transport.elastic_table``.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.files import load_npz
from pdcraft.errors import DataError

__all__ = ["SCALE", "ENERGY_keV", "U", "ratios"]

ENERGY_keV = frozen(0.5 * 2.0 ** np.arange(0.0, 13.5, 0.5), "energies of the elastic table")
U = frozen(np.linspace(0.0, 1.0, 64), "angles of the elastic table")
SCALE = 2.5e-4  # of the stored integers: logarithms are good to half of it


@cache
def _table() -> dict[int, Floats]:
    stored = load_npz("elastic_ratios.npz")
    logs = stored["log_ratio"] * SCALE
    return {
        int(z): frozen(row, f"elastic ratios of Z = {z}")
        for z, row in zip(stored["elements"], logs, strict=True)
    }


def ratios(z: int) -> Floats:
    """Logarithm of the cross section over `pdcraft.physics.elastic.screened_b`.

    Returns
    -------
    ndarray, shape (2, energies, angles)
        Electrons, positrons; on `ENERGY_keV` and on the angles
        ``pdcraft.physics.elastic.angle_grid(energy, U)``.

    Raises
    ------
    DataError
        If the table has no such element.
    """
    table = _table()
    if z not in table:
        raise DataError(
            f"no elastic cross sections for the element Z = {z}; add it to "
            "electron_elements.toml and run python -m pdcraft.transport.elastic_table"
        )
    return table[z]
