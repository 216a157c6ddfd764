r"""Sharpness of an image, measured on a slanted edge.

Every row crosses the edge at another place between pixels; put together they sample the edge four
times finer than the pixels do. Its derivative is the line spread, whose transform is the modulation
transfer function (MTF): of lens and pixel together.

References
----------
.. [ISO] ISO 12233:2017, annex D: slanted-edge spatial frequency response
.. [Bur00] P. D. Burns, Proc IS&T PICS, 135 (2000): the derivative's own transfer taken out
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["EdgeSharpness", "slanted_edge_mtf"]

FINER = 4  # bins per pixel


@dataclass(frozen=True, slots=True)
class EdgeSharpness:
    """What an edge tells.

    Parameters
    ----------
    frequency_per_mm, mtf : ndarray, shape (n,)
        Up to one cycle per pixel.
    mtf50_per_mm : float or None
        Where the MTF first falls to one half.
    angle_deg : float
        Of the edge from the columns.
    """

    frequency_per_mm: Floats
    mtf: Floats
    mtf50_per_mm: float | None
    angle_deg: float

    def at(self, frequency_per_mm: float) -> float:
        """MTF at a frequency, linear between the measured ones."""
        return float(np.interp(frequency_per_mm, self.frequency_per_mm, self.mtf))


def slanted_edge_mtf(image: Floats, pixel_mm: float) -> EdgeSharpness:
    """Measure the MTF across an edge that runs along the columns, slanted by 2 to 20 degrees.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
        The edge alone: dark on one side, bright on the other.
    pixel_mm : float
        Square pixels.

    Raises
    ------
    DataError
        If no such edge is found.
    """
    values = np.asarray(image, dtype=np.float64)
    ny, nx = values.shape
    if values[:, : nx // 4].mean() > values[:, -nx // 4 :].mean():
        values = values[:, ::-1]
    rows = np.arange(ny)
    slope, start = _edge_line(values)
    angle = float(np.degrees(np.arctan(slope)))
    if not 2.0 <= abs(angle) <= 20.0:
        raise DataError(
            f"the edge leans {angle:.2g}° from the columns; 2 to 20° are needed, so that rows "
            "cross it between pixels"
        )
    across = (np.arange(nx)[None, :] - (start + slope * rows[:, None])) * np.cos(np.radians(angle))
    reach = int(min(np.ceil(-across.min()), np.ceil(across.max()))) - 1
    bins = np.floor((across + reach) * FINER).astype(np.int64)
    count = 2 * reach * FINER
    inside = (bins >= 0) & (bins < count)
    number = np.bincount(bins[inside], minlength=count)
    if np.any(number == 0):
        raise DataError("the image has too few rows across the edge; give it 40 or more")
    edge = np.bincount(bins[inside], values[inside], minlength=count) / number
    spread = 0.5 * (edge[2:] - edge[:-2])
    at = np.arange(spread.size) - float((np.arange(spread.size) * spread).sum() / spread.sum())
    half = 0.5 * spread.size
    spread = spread * np.where(np.abs(at) < half, np.cos(0.5 * np.pi * at / half) ** 2, 0.0)
    frequency = np.fft.rfftfreq(spread.size, 1.0 / FINER)  # cycles per pixel, across the edge
    keep = frequency <= 1.0
    own = np.sinc(2.0 * frequency / FINER) * np.sinc(frequency / FINER)  # difference and bin
    mtf = (np.abs(np.fft.rfft(spread)) / own)[keep]
    mtf = mtf / mtf[0]
    per_mm: Floats = np.asarray(frequency[keep] / pixel_mm, dtype=np.float64)
    below = np.nonzero(mtf < 0.5)[0]
    fifty = None
    if below.size:
        k = int(below[0])
        share = (mtf[k - 1] - 0.5) / (mtf[k - 1] - mtf[k])
        fifty = float(per_mm[k - 1] + share * (per_mm[k] - per_mm[k - 1]))
    return EdgeSharpness(per_mm, mtf, fifty, angle)


def _edge_line(values: Floats) -> tuple[float, float]:
    """Slope and start of the edge in columns: centroids of the rows' derivative, twice."""
    ny, nx = values.shape
    rows, middles = np.arange(ny), np.arange(nx - 1) + 0.5
    step = np.diff(values, axis=1)
    window = np.ones_like(step)
    slope = start = 0.0
    for _ in range(4):
        weight = step * window
        total = weight.sum(axis=1)
        if np.any(total <= 0):
            raise DataError("a row of the image does not rise across the edge; crop it to the edge")
        line = (weight * middles).sum(axis=1) / total
        slope, start = (float(v) for v in np.polyfit(rows, line, 1))
        away = middles[None, :] - (start + slope * rows[:, None])
        wide = 0.2 * nx
        window = np.where(np.abs(away) < wide, np.cos(0.5 * np.pi * away / wide) ** 2, 0.0)
    return slope, start
