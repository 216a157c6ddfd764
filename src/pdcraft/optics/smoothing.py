r"""Smooth estimates of simulated images: the camera's noise must not be the simulation's.

A Gaussian filter whose width minimizes Stein's unbiased estimate of the error,

.. math:: \|y - Sy\|^2 + 2\sum_i S_{ii} v_i - \sum_i v_i,

with the simulation's own variances v: noise is given up for blur only as far as it pays. What is
left of the estimate beside the variance is the blur's squared error, which is reported.

References
----------
.. [Ste81] C. M. Stein, Ann Statist 9, 1135 (1981), doi:10.1214/aos/1176345632
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.optics.camera.model import Camera
from pdcraft.optics.camera.readout import noise_sd_electrons

__all__ = ["Smoothed", "simulation_share", "smooth_image"]

WIDTHS_px = (0.0, 0.4, 0.5, 0.6, 0.8, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.5, 8.0)


@dataclass(frozen=True, slots=True)
class Smoothed:
    """A smooth image with what it cost.

    Parameters
    ----------
    image, std_err : ndarray, shape (ny, nx)
    width_px : float
        Standard deviation of the filter; 0 leaves the image as it was.
    bias : float
        Root mean square of what the blur took or added, relative to the mean of the image.
    """

    image: Floats
    std_err: Floats
    width_px: float
    bias: float


def _filter(n: int, width: float) -> Floats:
    """Gaussian filter along n pixels as a matrix; the image goes on mirrored at its edges."""
    if width == 0.0:
        return np.eye(n)
    at = np.arange(n)
    reach = int(np.ceil(5.0 * width)) // (2 * n) + 1
    out = np.zeros((n, n))
    for k in range(-reach, reach + 1):
        for image in (at + 2 * n * k, 2 * n * k - 1 - at):
            out += np.exp(-0.5 * ((at[:, None] - image[None, :]) / width) ** 2)
    return out / out.sum(axis=1, keepdims=True)


def smooth_image(mean: Floats, std_err: Floats) -> Smoothed:
    """Smooth a simulated image as far as its errors warrant.

    Parameters
    ----------
    mean, std_err : ndarray, shape (ny, nx)
        Estimate and its standard error; errors of pixels are taken as independent.

    Raises
    ------
    DataError
        For other shapes, or errors that are negative or no numbers.
    """
    y, v = np.asarray(mean, dtype=np.float64), np.square(np.asarray(std_err, dtype=np.float64))
    if y.ndim != 2 or y.shape != v.shape or not np.all(np.isfinite(y) & np.isfinite(v)):
        raise DataError(
            f"an image of {y.shape} with errors of {v.shape}; one shape (ny, nx) and finite "
            "numbers are wanted"
        )
    if np.any(np.asarray(std_err) < 0):
        raise DataError("an image's standard errors are below 0")
    ny, nx = y.shape
    best = None
    for width in WIDTHS_px:
        rows, columns = _filter(ny, width), _filter(nx, width)
        image = rows @ y @ columns.T
        kept = np.outer(np.diag(rows), np.diag(columns))
        risk = float(np.square(y - image).sum() + 2.0 * (kept * v).sum() - v.sum())
        if best is None or risk < best[0]:
            variance = np.square(rows) @ v @ np.square(columns).T
            best = risk, width, image, variance
    assert best is not None
    risk, width, image, variance = best
    excess = max(risk - float(variance.sum()), 0.0) / y.size if width else 0.0
    scale = abs(float(y.mean()))
    return Smoothed(
        image=frozen(image, "smooth image"),
        std_err=frozen(np.sqrt(variance), "standard error of the smooth image"),
        width_px=width,
        bias=float(np.sqrt(excess)) / scale if scale > 0 else 0.0,
    )


def simulation_share(camera: Camera, light_e: Floats, std_err_e: Floats) -> float:
    """Share of a frame's pixel variance that is the simulation's error, mean over pixels.

    A frame sampled from expected electrons shows the camera's noise and this error, which is none
    of the camera's: state it, or simulate longer, where it is not small.

    Parameters
    ----------
    light_e, std_err_e : ndarray, shape (ny, nx)
    """
    own = np.square(np.asarray(std_err_e, dtype=np.float64))
    return float(np.mean(own / (own + np.square(noise_sd_electrons(camera, light_e)))))
