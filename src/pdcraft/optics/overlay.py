"""Fluorescence laid over the color image, with the threshold, map and range that made it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.errors import DataError
from pdcraft.optics.rgb import Rgb

__all__ = ["COLOR_MAPS", "Overlay", "colored", "overlay"]

# sRGB at even steps from the range's low to its high end
COLOR_MAPS = MappingProxyType(
    {
        "green": ((0.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
        "cyan": ((0.0, 0.0, 0.0), (0.0, 1.0, 1.0)),
        "gray": ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        "heat": ((0.0, 0.0, 0.0), (0.8, 0.0, 0.0), (1.0, 0.75, 0.0), (1.0, 1.0, 1.0)),
    }
)


@dataclass(frozen=True, slots=True)
class Overlay:
    """An image with its recipe.

    Parameters
    ----------
    image : ndarray, shape (ny, nx, 3)
        sRGB, 0 to 1.
    threshold_e : float
        Below, the color image is shown.
    range_e : tuple of two float
        Shown as the map's ends; what is outside takes the end's color.
    color_map : str
    opacity : float
    outside_range : float
        Share of the shown pixels beyond the range.
    """

    image: Floats
    threshold_e: float
    range_e: tuple[float, float]
    color_map: str
    opacity: float
    outside_range: float


def colored(values: Floats, low: float, high: float, color_map: str = "gray") -> Floats:
    """Colors of values, shape (..., 3), sRGB from 0 to 1; beyond the range, its ends' colors.

    Raises
    ------
    DataError
        For an unknown map or a range without width.
    """
    if not low < high:
        raise DataError(f"range {low:g} to {high:g} for colors; the second must be above the first")
    maps = index_of((name, ()) for name in COLOR_MAPS)
    stops = np.array(COLOR_MAPS[look_up("color map", color_map, maps, "see COLOR_MAPS")])
    share = (np.asarray(values, dtype=np.float64) - low) / (high - low)
    at = np.linspace(0.0, 1.0, len(stops))
    return np.stack([np.interp(share, at, stops[:, c]) for c in range(3)], axis=-1)


def overlay(
    rgb: Rgb,
    image_e: Floats,
    threshold_e: float,
    range_e: tuple[float, float],
    color_map: str = "green",
    opacity: float = 0.7,
) -> Overlay:
    """Lay electrons above a threshold over the color image.

    Parameters
    ----------
    rgb : Rgb
    image_e : ndarray, shape (ny, nx)
    threshold_e : float
    range_e : tuple of two float
    color_map : {"green", "cyan", "gray", "heat"}
    opacity : float
        0 to 1.
    """
    values = np.asarray(image_e, dtype=np.float64)
    if values.shape != rgb.image.shape[:2]:
        raise DataError(
            f"overlay of {values.shape} on a color image of {rgb.image.shape[:2]} (rows, columns)"
        )
    if not 0 <= opacity <= 1:
        raise DataError(f"overlay opacity is {opacity:g}; it lies from 0 to 1")
    shown = values >= threshold_e
    cover = np.where(shown, opacity, 0.0)[..., None]
    mixed = (1.0 - cover) * rgb.image + cover * colored(values, *range_e, color_map)
    beyond = shown & ((values < range_e[0]) | (values > range_e[1]))
    return Overlay(
        image=frozen(mixed, "overlay"),
        threshold_e=threshold_e,
        range_e=range_e,
        color_map=color_map,
        opacity=opacity,
        outside_range=float(beyond.sum() / max(int(shown.sum()), 1)),
    )
