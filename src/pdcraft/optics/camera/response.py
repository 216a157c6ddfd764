"""Electrons that a pixel makes of a radiance: étendue, glass, filter, sensor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera.curve import curve_at
from pdcraft.optics.camera.distortion import seen_area
from pdcraft.optics.camera.model import Camera
from pdcraft.physics.radiometry import electrons

__all__ = [
    "electron_response",
    "etendue_map_cm2_sr",
    "mean_electrons",
    "radiance_of_electrons",
    "scalar_electrons",
]

_CM2_PER_MM2 = 0.01


def etendue_map_cm2_sr(camera: Camera) -> Floats:
    """Area times projected solid angle of each pixel, vignetting included; (ny, nx), cm² sr."""
    area_cm2 = camera.pixel_mm[0] * camera.pixel_mm[1] * _CM2_PER_MM2
    aside, area = seen_area(camera)
    loss = 1.0 - camera.lens.vignetting * np.square(camera.off_axis_mm() / camera.corner_mm)
    return area_cm2 * area * camera.lens.collected_sr(aside) * loss


def _on_axis_cm2_sr(camera: Camera) -> Floats:
    area_cm2 = camera.pixel_mm[0] * camera.pixel_mm[1] * _CM2_PER_MM2
    return area_cm2 * camera.lens.collected_sr(np.zeros(()))


def electron_response(camera: Camera, wavelength_nm: float) -> Floats:
    """Electrons of one exposure per uW/(cm² sr) of one wavelength; (ny, nx)."""
    nm = np.asarray(wavelength_nm, dtype=np.float64)
    passed = camera.filter.at(nm, camera.lens.sin_ray(seen_area(camera)[0]))
    return electrons(
        1.0,
        etendue_map_cm2_sr(camera),
        passed * curve_at(camera.lens.transmission, nm, "lens transmission"),
        curve_at(camera.sensor.qe, nm, "quantum efficiency"),
        camera.exposure_s,
        nm,
    )


def scalar_electrons(camera: Camera, wavelengths_nm: Floats, radiance: Floats) -> float:
    """Electrons of an on-axis pixel.

    Parameters
    ----------
    wavelengths_nm : ndarray, shape (n,)
    radiance : ndarray, shape (n,)
        Radiance of each spectral node, its weight included, uW/(cm² sr).
    """
    nm = np.asarray(wavelengths_nm, dtype=np.float64)
    passed = camera.filter.at(nm, float(camera.lens.sin_ray(np.zeros(()))))
    parts = electrons(
        radiance,
        _on_axis_cm2_sr(camera),
        passed * curve_at(camera.lens.transmission, nm, "lens transmission"),
        curve_at(camera.sensor.qe, nm, "quantum efficiency"),
        camera.exposure_s,
        nm,
    )
    return float(parts.sum())


def mean_electrons(
    camera: Camera, wavelengths_nm: Floats, radiance: Floats, inside: NDArray[np.bool_]
) -> float:
    """Mean electrons over pixels that see one radiance, each with its own response.

    Parameters
    ----------
    wavelengths_nm, radiance : ndarray, shape (n,)
        As for `scalar_electrons`.
    inside : ndarray of bool, shape (ny, nx)
    """
    parts = (
        value * float(electron_response(camera, float(nm))[inside].mean())
        for nm, value in zip(wavelengths_nm, radiance, strict=True)
    )
    return float(sum(parts))


def radiance_of_electrons(camera: Camera, image_e: Floats, wavelength_nm: float) -> Floats:
    """Radiance of one wavelength that makes these electrons, uW/(cm² sr): the calibration."""
    return np.asarray(image_e, dtype=np.float64) / electron_response(camera, wavelength_nm)
