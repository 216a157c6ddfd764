"""Expected electrons of an exposure: smooth images, before any noise of the camera."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import ApproximationWarning, DataError
from pdcraft.optics.camera.blur import blur
from pdcraft.optics.camera.distortion import distort
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.camera.response import electron_response

__all__ = ["Exposure", "ambient_electrons", "expected_electrons", "imaged_electrons"]


RINGING = 0.02  # of the brightest pixel; transfer functions end at the pixels' own frequency


@dataclass(frozen=True, slots=True)
class Exposure:
    """Expected electrons by origin, each of shape (ny, nx); the dark current is the sensor's.

    Parameters
    ----------
    fluorescence, autofluorescence, leak, ambient : ndarray
        Of the dye, of the tissue, of excitation through the filter, of the room.
    """

    fluorescence: Floats
    autofluorescence: Floats
    leak: Floats
    ambient: Floats

    def __post_init__(self) -> None:
        shape = np.shape(self.fluorescence)
        for name in ("fluorescence", "autofluorescence", "leak", "ambient"):
            values = frozen(getattr(self, name), f"electrons of {name}")
            if values.shape != shape or np.any(values < 0):
                raise DataError(
                    f"electrons of {name}: shape {values.shape} and none below 0 wanted {shape}"
                )
            object.__setattr__(self, name, values)

    @property
    def light(self) -> Floats:
        """All electrons that light makes; (ny, nx)."""
        return self.fluorescence + self.autofluorescence + self.leak + self.ambient


def expected_electrons(
    camera: Camera, wavelengths_nm: Floats, radiance: Floats, defocus_mm: float = 0.0
) -> Floats:
    """Sum the expected electrons of one exposure over the spectrum.

    Parameters
    ----------
    camera : Camera
    wavelengths_nm : ndarray, shape (n,)
    radiance : ndarray, shape (n, ny, nx)
        Mean radiance toward the lens over each pixel's patch, per spectral node, its weight
        included, uW/(cm² sr). It must be smooth: noise of a simulation is none of the camera's.
    defocus_mm : float
        How far beyond the plane in focus the scene lies.

    Returns
    -------
    ndarray, shape (ny, nx)

    Raises
    ------
    DataError
        For another shape, or radiances below 0.

    Warns
    -----
    ApproximationWarning
        If edges sharper than a pixel ring below zero by more than 2% of the brightest pixel.
    """
    nm = np.atleast_1d(np.asarray(wavelengths_nm, dtype=np.float64))
    light = np.asarray(radiance, dtype=np.float64)
    if light.shape != (nm.size, *camera.shape):
        raise DataError(
            f"radiance has shape {light.shape}; {nm.size} wavelengths and a camera of "
            f"{camera.pixels[0]} by {camera.pixels[1]} pixels want {(nm.size, *camera.shape)}"
        )
    if np.any(light < 0) or not np.all(np.isfinite(light)):
        raise DataError("radiance has values below 0 or none; smooth the estimate, do not clip it")
    total = imaged_electrons(camera, nm, light, defocus_mm)
    if total.min() < -RINGING * total.max():
        warnings.warn(
            f"edges sharper than a pixel ring by {-total.min() / total.max():.1%} of the "
            "brightest; what falls below zero is shown dark: render with finer pixels",
            ApproximationWarning,
            stacklevel=2,
        )
    return np.maximum(total, 0.0)


def imaged_electrons(
    camera: Camera, wavelengths_nm: Floats, radiance: Floats, defocus_mm: float = 0.0
) -> Floats:
    """Blur, distort and weigh as `expected_electrons`, keeping what rings below zero.

    For images whose pixels are then summed: sums of rings vanish.
    """
    total = np.zeros(camera.shape)
    for nm, image in zip(wavelengths_nm, radiance, strict=True):
        seen = distort(camera, blur(camera, image, float(nm), defocus_mm))
        total += seen * electron_response(camera, float(nm))
    return total


def ambient_electrons(camera: Camera) -> Floats:
    """Electrons of the room's light, whose radiance is stated within the band; (ny, nx)."""
    return camera.ambient_uW_per_cm2_sr * electron_response(camera, camera.filter.center_nm)
