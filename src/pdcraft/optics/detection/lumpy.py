r"""Backgrounds that vary: uptake, autofluorescence, blood and light, image by image.

Lumpy fields are lognormal of mean 1; the logarithm is a stationary Gaussian field with the
correlation :math:`\exp(-r^2 / 2\ell^2)`, made by Fourier transform on a torus twice as wide.

References
----------
.. [Rol92] J. P. Rolland, H. H. Barrett, J Opt Soc Am A 9, 649 (1992): lumpy backgrounds
.. [Die97] C. R. Dietrich, G. N. Newsam, SIAM J Sci Comput 18, 1088 (1997): circulant embedding
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.background_variability import BackgroundPrior
from pdcraft.errors import DataError
from pdcraft.optics.camera.expose import Exposure
from pdcraft.optics.camera.model import Camera

__all__ = ["Backgrounds", "lumpy_field", "sample_backgrounds"]


def lumpy_field(
    shape: tuple[int, int],
    pixel_mm: tuple[float, float],
    sd: float,
    correlation_mm: float,
    rng: np.random.Generator,
    n: int = 1,
) -> Floats:
    """Draw positive fields of mean 1.

    Parameters
    ----------
    shape : (ny, nx)
    pixel_mm : along x and y
    sd : float
        Relative standard deviation.
    correlation_mm : float
        Length l of the correlation of the field's logarithm.
    rng : Generator
    n : int

    Returns
    -------
    ndarray, shape (n, ny, nx)

    Raises
    ------
    DataError
        For a correlation length above a quarter of the image's longer side: the torus is too
        small, and within one image such a background is but a slope.
    """
    ny, nx = shape
    longest = 0.25 * max(ny * pixel_mm[1], nx * pixel_mm[0])
    if correlation_mm > longest:
        raise DataError(
            f"a background of correlation length {correlation_mm:g} mm in an image whose longer "
            f"side is {4 * longest:g} mm; at most a quarter of it can be drawn"
        )
    height, width = 2 * ny, 2 * nx
    y = np.minimum(np.arange(height), height - np.arange(height)) * pixel_mm[1]
    x = np.minimum(np.arange(width), width - np.arange(width)) * pixel_mm[0]
    r2 = y[:, None] ** 2 + x[None, :] ** 2
    spectrum = np.maximum(np.fft.fft2(np.exp(-0.5 * r2 / correlation_mm**2)).real, 0.0)
    spectrum *= height * width / spectrum.sum()  # variance 1 in every point
    spread = np.sqrt(np.log1p(sd**2))
    out = np.empty((n, ny, nx))
    for first in range(0, n, 2):  # real and imaginary parts are two independent fields
        white = rng.standard_normal((2, height, width))
        both = np.fft.fft2((white[0] + 1j * white[1]) * np.sqrt(spectrum / (height * width)))
        for k, part in zip(range(first, min(first + 2, n)), (both.real, both.imag), strict=False):
            out[k] = np.exp(spread * part[:ny, :nx] - 0.5 * spread**2)
    return out


BLOCK = 20  # images at a time: memory goes by these, not by all


@dataclass(frozen=True, slots=True)
class Backgrounds:
    """Expected electrons without tumor, and how much of a tumor's signal each would show.

    Parameters
    ----------
    light_e, share : ndarray, shape (n, ny, nx)
    """

    light_e: Floats
    share: Floats


def sample_backgrounds(
    camera: Camera, mean: Exposure, prior: BackgroundPrior, n: int, seed: int
) -> Backgrounds:
    """Draw backgrounds about a mean one.

    Parameters
    ----------
    camera : Camera
    mean : Exposure
        Without tumor.
    prior : BackgroundPrior
    n : int
    seed : int

    Notes
    -----
    Fluorescence and autofluorescence take a lumpy field each; both and the leak take the light's
    unevenness; fluorescence and autofluorescence the blood's field to the stated power. The
    room's light takes none.
    """
    rng = np.random.default_rng([seed, 0xB6])
    size = (camera.shape, camera.pixel_mm)
    light, share = np.empty((2, n, *camera.shape))
    for first in range(0, n, BLOCK):
        k = min(BLOCK, n - first)
        uptake = lumpy_field(*size, prior.uptake_sd, prior.uptake_mm, rng, k)
        own = lumpy_field(*size, prior.autofluorescence_sd, prior.autofluorescence_mm, rng, k)
        blood = lumpy_field(*size, prior.blood_sd, prior.blood_mm, rng, k)
        lamp = _lamp(camera, prior, rng, k)
        part = lamp * blood**-prior.blood_exponent
        tissue = mean.fluorescence * uptake + mean.autofluorescence * own
        light[first : first + k] = tissue * part + mean.leak * lamp + mean.ambient
        share[first : first + k] = part
    return Backgrounds(light, share)


def _lamp(camera: Camera, prior: BackgroundPrior, rng: np.random.Generator, n: int) -> Floats:
    """Unevenness of the light, mean 1 over each image: falls with the square from its center."""
    x, y = camera.centers_mm()
    center = prior.light_shift * camera.corner_mm * rng.standard_normal((n, 2, 1, 1))
    r2 = (x[None, None, :] - center[:, 0]) ** 2 + (y[None, :, None] - center[:, 1]) ** 2
    lamp = np.exp(np.log1p(-prior.light_fall) * r2 / camera.corner_mm**2)
    return lamp / lamp.mean(axis=(1, 2), keepdims=True)
