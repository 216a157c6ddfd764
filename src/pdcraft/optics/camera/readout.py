"""Frames: expected electrons made into readings by shot, dark, read and fixed-pattern noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.optics.camera.model import Camera

__all__ = [
    "FixedPattern",
    "dark_subtracted",
    "fixed_pattern",
    "fixed_sd_electrons",
    "noise_sd_electrons",
    "sample_counts",
    "saturated",
]

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FixedPattern:
    """What differs between the pixels of one camera and stays from frame to frame.

    Parameters
    ----------
    response, dark : ndarray, shape (ny, nx)
        Relative to the mean pixel.
    """

    response: Floats
    dark: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "response", frozen(self.response, "response of the pixels"))
        object.__setattr__(self, "dark", frozen(self.dark, "dark current of the pixels"))


def fixed_pattern(camera: Camera, seed: int) -> FixedPattern:
    """Draw one copy of a camera: normal responses, lognormal dark currents, both of mean 1."""
    rng = np.random.default_rng([seed, 0xF1])
    sensor = camera.sensor
    response = np.maximum(1.0 + sensor.prnu * rng.standard_normal(camera.shape), 0.0)
    spread = np.sqrt(np.log1p(sensor.dark_pattern**2))
    dark = np.exp(spread * rng.standard_normal(camera.shape) - 0.5 * spread**2)
    return FixedPattern(response, dark)


def sample_counts(
    camera: Camera,
    light_e: Floats,
    rng: np.random.Generator,
    pattern: FixedPattern | None = None,
) -> Counts:
    """Read one frame.

    Parameters
    ----------
    camera : Camera
    light_e : ndarray, shape (ny, nx) or (n, ny, nx)
        Expected electrons of light, smooth; zeros give a dark frame.
    rng : Generator
    pattern : FixedPattern, optional
        The copy of the camera; without one all pixels are alike.

    Returns
    -------
    ndarray of int, shape of `light_e`
        Readings. A full well or the converter's highest step cuts them, which `saturated` tells.
    """
    light = np.asarray(light_e, dtype=np.float64)
    if light.shape[-2:] != camera.shape or np.any(light < 0):
        raise DataError(
            f"light of shape {light.shape}; the camera's images have {camera.shape}, no pixel "
            "below 0"
        )
    sensor = camera.sensor
    response, dark_map = (1.0, 1.0) if pattern is None else (pattern.response, pattern.dark)
    charge = np.minimum(
        rng.poisson(light * response + camera.dark_e * dark_map), sensor.full_well_e
    )
    volts = charge + sensor.read_noise_e * rng.standard_normal(light.shape)
    readings = np.rint(volts / sensor.gain).astype(np.int64) + sensor.offset
    return np.clip(readings, 0, sensor.highest_dn)


def saturated(camera: Camera, counts: Counts) -> NDArray[np.bool_]:
    """Pixels whose reading is within five read noises of the full well, or the highest step."""
    sensor = camera.sensor
    full = (sensor.full_well_e - 5.0 * sensor.read_noise_e) // sensor.gain + sensor.offset
    return np.asarray(counts) >= min(full, sensor.highest_dn)


def dark_subtracted(camera: Camera, counts: Counts, dark_counts: Counts | None = None) -> Floats:
    """Electrons of a frame without its dark level.

    Parameters
    ----------
    counts : ndarray of int, (..., ny, nx)
    dark_counts : ndarray of int, (frames, ny, nx), optional
        Frames without light, whose mean is taken off: it carries the pixels' own dark currents.
        Without them the sensor's stated offset and mean dark current are taken off.
    """
    sensor = camera.sensor
    if dark_counts is None:
        dark: Floats | float = sensor.offset + camera.dark_e / sensor.gain
    else:
        dark = np.asarray(dark_counts, dtype=np.float64).mean(axis=0)
    return (np.asarray(counts, dtype=np.float64) - dark) * sensor.gain


def noise_sd_electrons(camera: Camera, light_e: Floats) -> Floats:
    """Give the SD of a pixel from frame to frame: shot, dark, read, rounding; electrons."""
    sensor = camera.sensor
    constant = camera.dark_e + sensor.read_noise_e**2 + sensor.gain**2 / 12.0
    return np.sqrt(np.asarray(light_e, dtype=np.float64) + constant)


def fixed_sd_electrons(camera: Camera, light_e: Floats) -> Floats:
    """Give the SD between pixels that stays from frame to frame; electrons."""
    dark = camera.dark_e * camera.sensor.dark_pattern
    return np.hypot(np.asarray(light_e, dtype=np.float64) * camera.sensor.prnu, dark)
