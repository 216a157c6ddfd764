r"""Light on a half space of isotropic scatterers: Chandrasekhar's H function and what follows.

No refraction (n = 1), scattering alike in all directions, albedo a below 1, light from one
direction. Reflectance and radiance follow exactly, and with them the fluorescence of a dye that is
spread evenly and does not change the albedo between the two wavelengths: a photon that the dye
absorbs and re-emits acts as scattering, so a small dye changes a by (µa,dye Y)/µt, with the quantum
yield Y, and its fluorescence is that change times the slope by the albedo.

References
----------
.. [Cha60] S. Chandrasekhar, Radiative Transfer, Dover (1960), chapters III and V
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = [
    "h_function",
    "h_function_slope",
    "nadir_radiance",
    "nadir_radiance_slope",
    "reflectance",
    "reflectance_slope",
]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def _angles(albedo: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes and weights on (0, pi/2), dense at 0 where 1 - a phi cot(phi) is small."""
    if not 0.0 <= albedo < 1.0:
        raise PhysicsRangeError(f"albedo {albedo:g}: the half space needs 0 or more and below 1")
    t, w = 0.5 * (NODES + 1.0), 0.5 * WEIGHTS
    top = math.asinh(0.5 * math.pi / math.sqrt(1.0 - albedo))
    scale = math.sqrt(1.0 - albedo)  # the minimum is that wide
    return scale * np.sinh(top * t), scale * np.cosh(top * t) * top * w


def h_function(mu: ArrayLike, albedo: float) -> NDArray[np.float64]:
    r"""H(µ) of isotropic scattering [Cha60]_.

    :math:`\ln H = -\frac{\mu}{\pi}\int_0^{\pi/2}
    \frac{\ln(1 - a\varphi\cot\varphi)}{\cos^2\varphi + \mu^2\sin^2\varphi}d\varphi`.

    Parameters
    ----------
    mu : array_like, any shape
        Cosine of the direction, 0 to 1.
    albedo : float
        0 or more and below 1.

    Raises
    ------
    PhysicsRangeError
        Outside these ranges.

    Examples
    --------
    >>> round(float(h_function(1.0, 0.9)), 4)
    1.8501
    """
    phi, weight = _angles(albedo)
    m = np.asarray(mu, dtype=np.float64)
    if np.any((m < 0.0) | (m > 1.0)):
        raise PhysicsRangeError("H function: the cosine of the direction must lie within 0 and 1")
    log = np.log1p(-albedo * phi / np.tan(phi))
    below = np.cos(phi) ** 2 + np.square(m)[..., None] * np.sin(phi) ** 2
    return np.exp(-m / math.pi * np.sum(weight * log / below, axis=-1))


def h_function_slope(mu: ArrayLike, albedo: float) -> NDArray[np.float64]:
    """Give the derivative of H(µ) by the albedo."""
    phi, weight = _angles(albedo)
    m = np.asarray(mu, dtype=np.float64)
    x = phi / np.tan(phi)
    below = np.cos(phi) ** 2 + np.square(m)[..., None] * np.sin(phi) ** 2
    slope = m / math.pi * np.sum(weight * x / (1.0 - albedo * x) / below, axis=-1)
    return h_function(m, albedo) * slope


def reflectance(albedo: float, mu: float = 1.0) -> float:
    """Hemispherical reflectance, 1 - H(µ) sqrt(1 - a), of light that comes in at cosine µ.

    Examples
    --------
    >>> round(reflectance(0.9), 5)
    0.41495
    """
    return 1.0 - float(h_function(mu, albedo)) * math.sqrt(1.0 - albedo)


def reflectance_slope(albedo: float, mu: float = 1.0) -> float:
    """Give the derivative of the reflectance by the albedo."""
    root = math.sqrt(1.0 - albedo)
    h, slope = float(h_function(mu, albedo)), float(h_function_slope(mu, albedo))
    return 0.5 * h / root - slope * root


def nadir_radiance(albedo: float) -> float:
    """Radiance straight up over irradiance from straight above, a H(1)²/(8 pi), in 1/sr."""
    return albedo * float(h_function(1.0, albedo)) ** 2 / (8.0 * math.pi)


def nadir_radiance_slope(albedo: float) -> float:
    """Give the derivative of the nadir radiance by the albedo."""
    h, slope = float(h_function(1.0, albedo)), float(h_function_slope(1.0, albedo))
    return (h * h + 2.0 * albedo * h * slope) / (8.0 * math.pi)
