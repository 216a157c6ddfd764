r"""Energy that alpha particles and recoiling nuclei leave around a decay, along straight tracks.

An alpha particle of range :math:`R` loses :math:`E(R - s) - E(R - s - ds)` between the paths
:math:`s` and :math:`s + ds`. In water without bounds its path is the distance from where it
started, so that any geometry enters by one function: the share of the points at a distance from
a random point of the source that lie in the target. Recoils stay where they start (0.1 um).

Left out: straggling of ranges, the turning of the last micrometer (projected ranges are 0.6 % below
the range at 5.5 MeV), and the electrons that alpha particles set free, whose ranges are below
0.1 um on the average.

Units: keV per decay, mm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.data.alpha_stopping import water_alpha_ranges
from pdcraft.data.radiation import Line, Nuclide
from pdcraft.errors import DataError
from pdcraft.physics.sphere import geometric_reduction

__all__ = [
    "RANGES_WITHIN",
    "alpha_absorbed_keV",
    "alpha_range_um",
    "alpha_shells_keV",
    "alpha_sphere_keV",
    "deposits",
]

Share = Callable[[Floats], Floats]

STEP_um = 0.05  # of the paths; halving it moves no absorbed energy by more than 1e-5
mm_PER_um = 1e-3
RECOIL_mm = (
    1e-6  # recoils count here: inside what their source lies in, on either side of a surface
)
RANGES_WITHIN = 0.03  # assumed: of the range in liquid water, which ICRU 49 has from few data


def alpha_range_um(energy_keV: float, density_g_per_mL: float = 1.0) -> float:
    """Range of an alpha particle in water, in um.

    Examples
    --------
    >>> round(alpha_range_um(8375.9), 1)  # Po-213
    84.5
    """
    return float(water_alpha_ranges().range_of(energy_keV)) / density_g_per_mL


def deposits(source: Nuclide, stopping_factor: float = 1.0) -> tuple[Floats, Floats]:
    """Mean energy that alpha particles and recoils leave at each distance from where they start.

    Parameters
    ----------
    source : Nuclide
    stopping_factor : float
        Ranges are divided by it: what another stopping power would give.

    Returns
    -------
    distance_mm, energy_keV : ndarray, shape (steps,)
        Middle of each step of 0.05 um of water, and keV per decay in it; the recoils first.
    """
    if not stopping_factor > 0.0:
        raise DataError(f"a stopping power is scaled by a factor above 0, got {stopping_factor:g}")
    distance, energy = _deposits(source.alpha)
    distance = np.append(RECOIL_mm, distance / stopping_factor)
    return distance, np.append(source.recoil_keV, energy)


@cache
def _deposits(lines: tuple[Line, ...]) -> tuple[Floats, Floats]:
    ranges = water_alpha_ranges()
    if not lines:
        return frozen([], "distances"), frozen([], "energies")
    starts = ranges.range_of(np.array([x.energy_keV for x in lines]))
    edges = np.arange(int(np.ceil(starts.max() / STEP_um)) + 1) * STEP_um
    left = np.zeros(edges.size)
    for line, start in zip(lines, starts, strict=True):
        left += line.per_decay * ranges.energy_of(start - edges)
    middle = mm_PER_um * (edges[:-1] + 0.5 * STEP_um)
    return frozen(middle, "distances"), frozen(-np.diff(left), "energies")


def alpha_shells_keV(source: Nuclide, edges_mm: ArrayLike, stopping_factor: float = 1.0) -> Floats:
    """Energy of alpha particles and recoils in shells about where they start.

    Parameters
    ----------
    source : Nuclide
    edges_mm : array_like, shape (shells + 1,)
        Ascending from 0; infinity may be the last.
    stopping_factor : float
        As in `deposits`.

    Returns
    -------
    ndarray, shape (shells,)
        keV per decay; the recoils are in the first.
    """
    ranges = water_alpha_ranges()
    path = np.asarray(edges_mm, dtype=np.float64) / mm_PER_um * stopping_factor
    left = np.zeros(path.size)
    for line in source.alpha:
        start = ranges.range_of(line.energy_keV)
        left += line.per_decay * ranges.energy_of(start - np.minimum(path, start))
    shells = -np.diff(left)
    shells[0] += source.recoil_keV
    return shells


def alpha_absorbed_keV(source: Nuclide, share: Share, stopping_factor: float = 1.0) -> float:
    """Energy per decay that a target absorbs of alpha particles and recoils.

    Parameters
    ----------
    source : Nuclide
    share : callable
        Of distances in mm, shape (n,): the probability that a point at that distance, in a random
        direction from a random point of the source, lies in the target.
    stopping_factor : float
        As in `deposits`; what ``1 + RANGES_WITHIN`` changes is the model's uncertainty.

    Returns
    -------
    float
        keV per decay.
    """
    distance, energy = deposits(source, stopping_factor)
    return float(energy @ share(distance))


def alpha_sphere_keV(source: Nuclide, radius_mm: float, density_g_per_mL: float = 1.0) -> float:
    """Energy per decay that a sphere absorbs of the alpha particles that start uniformly in it.

    Examples
    --------
    >>> from pdcraft.data.nuclides import nuclide
    >>> at = nuclide("At-211")
    >>> round(alpha_sphere_keV(at, 0.010) / (at.alpha_keV + at.recoil_keV), 3)
    0.101
    """
    return alpha_absorbed_keV(
        source, lambda d: geometric_reduction(d, radius_mm * density_g_per_mL)
    )
