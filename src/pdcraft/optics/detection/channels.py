r"""Channels through which an observer looks at an image.

References
----------
.. [Bar98] H. H. Barrett, C. K. Abbey, B. Gallas, M. Eckstein, Proc SPIE 3340, 27 (1998):
   Laguerre-Gauss channels for smooth round signals at a known place
.. [Abb01] C. K. Abbey, H. H. Barrett, J Opt Soc Am A 18, 473 (2001), PMC2943344: sparse
   difference-of-Gaussians (three channels, first width 0.015 cycles per pixel, ratio 2, Q 2)
"""

from __future__ import annotations

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["laguerre_gauss", "signal_width", "sparse_dog"]


def signal_width(signal: Floats) -> tuple[float, tuple[float, float]]:
    """Measure the SD and center (row, column) of a signal's magnitude, pixels.

    Raises
    ------
    DataError
        For a signal that is zero everywhere.
    """
    weight = np.abs(np.asarray(signal, dtype=np.float64))
    total = float(weight.sum())
    if not total > 0:
        raise DataError("the signal to detect is zero everywhere; there is nothing to find")
    row, column = np.indices(weight.shape)
    at = float((weight * row).sum()) / total, float((weight * column).sum()) / total
    moment = float((weight * ((row - at[0]) ** 2 + (column - at[1]) ** 2)).sum()) / total
    return max(float(np.sqrt(0.5 * moment)), 0.5), at


def laguerre_gauss(
    shape: tuple[int, int], width: float, center: tuple[float, float], count: int = 6
) -> Floats:
    r"""Channels :math:`\frac{\sqrt2}{a} e^{-\pi r^2/a^2} L_j(2\pi r^2/a^2)` [Bar98]_.

    Parameters
    ----------
    shape : (ny, nx)
    width : float
        a in pixels. For a signal of the standard deviation s, :math:`\sqrt{2\pi} s` makes the
        first channel its matched filter.
    center : (row, column)
    count : int

    Returns
    -------
    ndarray, shape (count, ny, nx)
        Orthonormal but for the sampling and what lies beyond the image.
    """
    from scipy.special import eval_laguerre

    row, column = np.indices(shape)
    r2 = (row - center[0]) ** 2 + (column - center[1]) ** 2
    x = 2.0 * np.pi * r2 / width**2
    return np.array(
        [np.sqrt(2.0) / width * np.exp(-0.5 * x) * eval_laguerre(j, x) for j in range(count)]
    )


def sparse_dog(shape: tuple[int, int], center: tuple[float, float]) -> Floats:
    """Three octave-wide channels of a human observer [Abb01]_; shape (3, ny, nx)."""
    first, ratio, wide = 0.015, 2.0, 2.0
    nu2 = np.fft.fftfreq(shape[0])[:, None] ** 2 + np.fft.fftfreq(shape[1])[None, :] ** 2
    turn = np.fft.fftfreq(shape[0])[:, None] * center[0]
    turn = turn + np.fft.fftfreq(shape[1])[None, :] * center[1]
    out: list[Floats] = []
    for j in range(1, 4):
        sd2 = (first * ratio**j) ** 2
        band = np.exp(-0.5 * nu2 / (wide**2 * sd2)) - np.exp(-0.5 * nu2 / sd2)
        out.append(np.fft.ifft2(band * np.exp(-2j * np.pi * turn)).real)
    return np.array(out)
