"""All curves of a file as fractions of the carrier, or all that is wrong with them."""

from __future__ import annotations

from dataclasses import replace

from pdcraft.core.arrays import Floats
from pdcraft.data.nuclides import half_life_h, nuclide_name
from pdcraft.errors import DataError, Problem
from pdcraft.io.biodist import Biodistribution, RegionData
from pdcraft.kinetics.observed import Observed, Protocol, fraction_per_value, observed
from pdcraft.kinetics.physical import problems_of_sums

__all__ = ["measured_nuclide", "read_curves"]


def measured_nuclide(data: Biodistribution, told: str) -> str:
    """Nuclide that was measured: the file's where all its regions name one, else the one told."""
    used = {nuclide_name(region.nuclide or told) for region in data.regions}
    return used.pop() if len(used) == 1 else nuclide_name(told)


def read_curves(
    data: Biodistribution,
    measured_with: str,
    body_mass_g: float | None = None,
    administered_MBq: float | None = None,
) -> list[tuple[Observed, ...]]:
    """Read every region's curves.

    Parameters
    ----------
    data : Biodistribution
    measured_with : str
        Nuclide that was measured, where the file does not say it.
    body_mass_g, administered_MBq : float, optional
        Needed for SUV, and for MBq and MBq/mL.

    Returns
    -------
    list of tuple of Observed
        One tuple per region, in the file's order.

    Raises
    ------
    DataError
        With every region that lacks what its unit needs, and every value or sum of regions above
        what was administered.
    """
    curves: list[tuple[Observed, ...]] = []
    amounts: list[tuple[RegionData, Floats]] = []
    faults: list[Problem] = []
    for region in data.regions:
        try:
            physical = half_life_h(region.nuclide or measured_with)
            protocol = Protocol(physical, body_mass_g, administered_MBq)
            curves.append(observed(region, protocol))
            amounts.append((region, fraction_per_value(region, protocol)))
        except DataError as error:
            faults += error.problems
    faults = faults or problems_of_sums(amounts)
    if faults:
        raise DataError([replace(p, file=data.file) for p in faults])
    return curves
