"""What spheres and voxel kernels give the transport: a nuclide's emissions, a precision.

A few nuclides (Y-86) have a percent or less of an emission above 3 MeV, where there are no cross
sections. It is taken as more particles of 3 MeV, with the same energy in all, and never silently:
`pdcraft.dosimetry.spheres.warn_of` says so.
"""

from __future__ import annotations

import numpy as np

from pdcraft.data.nuclides import Nuclide
from pdcraft.dosimetry.sphere_energy import check_beyond_tables
from pdcraft.errors import PhysicsRangeError
from pdcraft.transport.emissions import Group, HIGHEST_keV, groups_of

__all__ = ["check_precision", "emitted_groups"]

BEST, WORST = 1e-4, 0.2


def emitted_groups(source: Nuclide) -> tuple[Group, ...]:
    """Group a nuclide's emissions, none above 3 MeV.

    Raises
    ------
    PhysicsRangeError
        If more than 1% of a group's energy lies above.
    """
    out: list[Group] = []
    for group in groups_of(source):
        middle = group.low_keV + 0.5 * group.width_keV
        high = group.low_keV + group.width_keV
        check_beyond_tables(middle, group.per_decay)
        over = high > HIGHEST_keV
        low = np.where(over, HIGHEST_keV, group.low_keV)
        number = np.where(over, group.per_decay * middle / HIGHEST_keV, group.per_decay)
        width = np.where(over, 0.0, group.width_keV)
        out.append(Group(group.particle, group.row, low, width, number))
    return tuple(out)


def check_precision(precision: float) -> None:
    """Refuse a relative standard error that no run reaches, or that says nothing."""
    if not BEST <= precision <= WORST:
        raise PhysicsRangeError(
            f"precision {precision:g}: give the relative standard error to stop at, {BEST:g} to "
            f"{WORST:g}"
        )
