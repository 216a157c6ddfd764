r"""Blur: modulation transfer of diffraction, aberrations and defocus, applied to an image.

Frequencies in cycles per mm of the plane in focus.

References
----------
.. [Goo05] J. W. Goodman, Introduction to Fourier Optics, 3rd ed., 2005, section 6.3: transfer of a
   round aperture; 6.4: geometrical defocus, the transform of an even disc
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera.lens import Lens
from pdcraft.optics.camera.model import Camera

__all__ = ["blur", "diffraction_mtf", "disc_mtf", "lens_mtf"]


def diffraction_mtf(frequency_per_mm: Floats, sin_cone: float, wavelength_nm: float) -> Floats:
    r"""Transfer of a perfect round aperture: cut off at :math:`2 \sin\theta / \lambda`."""
    cutoff = 2.0 * sin_cone / (wavelength_nm * 1e-6)
    v = np.minimum(np.abs(np.asarray(frequency_per_mm, dtype=np.float64)) / cutoff, 1.0)
    return 2.0 / np.pi * (np.arccos(v) - v * np.sqrt(1.0 - v * v))


def disc_mtf(frequency_per_mm: Floats, diameter_mm: float) -> Floats:
    r"""Transfer of an even blur disc, :math:`2 J_1(x)/x`, :math:`x = \pi d \nu`; may reverse."""
    from scipy.special import j1

    x = np.pi * diameter_mm * np.asarray(frequency_per_mm, dtype=np.float64)
    small = np.abs(x) < 1e-6
    safe = np.where(small, 1.0, x)
    return np.where(small, 1.0, 2.0 * j1(safe) / safe)


def lens_mtf(
    lens: Lens, frequency_per_mm: Floats, wavelength_nm: float, defocus_mm: float = 0.0
) -> Floats:
    """Transfer of a lens for a plane `defocus_mm` beyond the plane in focus."""
    nu = np.asarray(frequency_per_mm, dtype=np.float64)
    out = np.exp(-2.0 * np.square(np.pi * lens.blur_mm * nu))
    if lens.diffraction:
        out = out * diffraction_mtf(nu, lens.sin_cone, wavelength_nm)
    if defocus_mm:
        # similar triangles: the cone to a point beyond focus is this wide where focus is
        away = lens.working_distance_mm + defocus_mm
        out = out * disc_mtf(nu, lens.aperture_mm * abs(defocus_mm) / away)
    return out


def blur(camera: Camera, image: Floats, wavelength_nm: float, defocus_mm: float = 0.0) -> Floats:
    """Image through the lens; the scene goes on mirrored at the edges, so light is kept.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
    """
    ny, nx = image.shape
    twice = np.pad(image, ((0, ny), (0, nx)), mode="symmetric")
    px, py = camera.pixel_mm
    nu = np.hypot(np.fft.fftfreq(2 * ny, py)[:, None], np.fft.rfftfreq(2 * nx, px)[None, :])
    transfer = lens_mtf(camera.lens, nu, wavelength_nm, defocus_mm)
    return np.fft.irfft2(np.fft.rfft2(twice) * transfer, s=twice.shape)[:ny, :nx]
