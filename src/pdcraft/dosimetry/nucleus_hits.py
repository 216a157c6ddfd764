"""Tracks of alpha particles through the nucleus of a concentric cell, listed without chance.

A track is known by the distance of its start from the center and the cosine of its direction.

Units: um, keV, Gy.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.alpha_stopping import water_alpha_ranges
from pdcraft.data.radiation import Line
from pdcraft.dosimetry.radial_energy import gray_of
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["Source", "add", "check_cell", "grouped", "hits", "largest_hit_Gy"]

Source = Literal["nucleus", "cytoplasm", "cell_surface", "cell", "medium"]

RADII, COSINES = 200, 400  # nodes of starts and directions; four times as many move z_D by 2e-4
GROUP_keV = 25.0  # lines closer than this are one line at their mean energy


def grouped(lines: tuple[Line, ...]) -> list[Line]:
    """Put lines of nearly one energy together, at their mean."""
    out: list[list[Line]] = []
    emitted = (x for x in lines if x.per_decay > 0.0)  # a daughter that leaves has lines of 0
    for line in sorted(emitted, key=lambda x: x.energy_keV):
        if out and line.energy_keV - out[-1][0].energy_keV < GROUP_keV:
            out[-1].append(line)
        else:
            out.append([line])
    groups: list[Line] = []
    for group in out:
        number = sum(x.per_decay for x in group)
        mean = sum(x.per_decay * x.energy_keV for x in group) / number
        groups.append(Line("alpha", mean, number))
    return groups


def largest_hit_Gy(lines: list[Line], nucleus_um: float) -> float:
    """Largest specific energy that one particle can leave in the nucleus, wherever on its way."""
    ranges = water_alpha_ranges()
    most = 0.0
    for line in lines:
        reach = float(ranges.range_of(line.energy_keV))
        enter = np.linspace(0.0, reach, 400)
        lost = ranges.energy_of(reach - enter) - ranges.energy_of(reach - enter - 2.0 * nucleus_um)
        most = max(most, float(lost.max()))
    return float(gray_of(most, nucleus_um))


def hits(
    energy_keV: float, nucleus_um: float, cell_um: float, place: Source
) -> tuple[Floats, Floats]:
    """Tracks of one alpha particle per decay: what each leaves in the nucleus, and its share.

    Parameters
    ----------
    energy_keV, nucleus_um, cell_um : float
    place : Source

    Returns
    -------
    z_Gy, chance : ndarray, shape (starts, cosines)
        Specific energy, 0 where the track ends before the nucleus, and the part of all decays (for
        ``medium``: per decay and um3) that such tracks are; tracks that pass by are not listed.
    """
    ranges = water_alpha_ranges()
    reach = float(ranges.range_of(energy_keV))
    start, weight = starts(nucleus_um, cell_um, place, reach)
    enter, leave, share = crossing(start, nucleus_um)
    hit = enter < reach
    lost = ranges.energy_of(reach - enter) - ranges.energy_of(reach - leave)
    z = np.where(hit, gray_of(lost, nucleus_um), 0.0)
    return z, np.where(hit, weight[:, None] * share, 0.0)


def check_cell(nucleus_um: float, cell_um: float, place: Source) -> None:
    """Refuse radii that are no nucleus within a cell, and unknown places.

    Raises
    ------
    DataError, PhysicsRangeError
    """
    if place not in get_args(Source):
        raise DataError(f"source '{place}' is not one of {', '.join(get_args(Source))}")
    if not 0.0 < nucleus_um < cell_um < 1000.0:
        raise PhysicsRangeError(
            f"a nucleus of radius {nucleus_um:g} um in a cell of {cell_um:g} um: radii must be "
            "above 0, the nucleus smaller than the cell, and the cell below 1000 um"
        )


def starts(n: float, c: float, place: Source, reach: float) -> tuple[Floats, Floats]:
    """Distances of starts from the center, and the share of the decays at each."""
    if place == "cell_surface":
        return np.array([c]), np.ones(1)
    if place == "medium":  # far starts hit seldom: even steps of the distance
        far = max(n + reach, c)
        r = c + (far - c) * (np.arange(RADII) + 0.5) / RADII
        return r, 4.0 * np.pi * r**2 * (far - c) / RADII
    low, high = {"nucleus": (0.0, n), "cytoplasm": (n, c), "cell": (0.0, c)}[place]
    cubes = low**3 + (high**3 - low**3) * (np.arange(RADII) + 0.5) / RADII
    return np.cbrt(cubes), np.full(RADII, 1.0 / RADII)


def crossing(start: Floats, n: float) -> tuple[Floats, Floats, Floats]:
    """Paths where tracks enter and leave the nucleus, and the share of directions, for each start.

    From outside, directions that hit lie in a cone; its cosines are spaced so that the squares of
    the distances at which tracks pass the center are even.
    """
    r = start[:, None]
    even = (np.arange(COSINES) + 0.5)[None, :] / COSINES
    inside = r < n
    cosine = 2.0 * even - 1.0  # of the direction with the outward radius
    along = np.where(inside, -r * cosine, 0.0)
    half = np.sqrt(np.maximum(n**2 - r**2 * (1.0 - cosine**2), 0.0))
    edge = np.sqrt(np.maximum(1.0 - (n / np.maximum(r, n)) ** 2, 0.0))  # cosine of the cone
    inward = edge + (1.0 - edge) * even
    along = np.where(inside, along, r * inward)
    half = np.where(inside, half, np.sqrt(np.maximum(n**2 - r**2 * (1.0 - inward**2), 0.0)))
    enter = np.where(inside, 0.0, along - half)
    leave = along + half
    share = np.where(inside, 1.0, 0.5 * (1.0 - edge)) / COSINES
    return enter, leave, np.broadcast_to(share, enter.shape)


def add(histogram: Floats, at: Floats, weight: Floats) -> None:
    """Share weights between the two nearest grid values, so that means stay."""
    low = np.minimum(at.astype(np.int64), histogram.size - 2)
    part = at - low
    for index, w in ((low, (1.0 - part) * weight), (low + 1, part * weight)):
        histogram += np.bincount(index.ravel(), w.ravel(), minlength=histogram.size)
