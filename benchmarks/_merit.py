"""The figure of merit of a voxel dose: the same for pdcraft and its peers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_SHARE = 0.5  # of a block's voxels must belong to the region


def figures_of_merit(
    mean: Floats, sigma: Floats, cpu_s: float, region: NDArray[np.bool_], block: int = 4
) -> Floats:
    """1 / (relative variance times CPU seconds) of single voxels, averaged over blocks of them.

    Voxels that were hit a few times only know their own variance poorly: variance and mean are
    averaged over the region's voxels of each block of ``block``³ before they are divided.

    Parameters
    ----------
    mean, sigma : ndarray, one shape
        Result of the run and its standard error, per voxel.
    cpu_s : float
        Spent for it.
    region : ndarray of bool
        Voxels that count.

    Returns
    -------
    ndarray, shape (blocks of which half or more is in the region,)
    """
    cut = tuple(slice(0, n - n % block) for n in mean.shape)

    def block_sum(values: Floats) -> Floats:
        nx, ny, nz = (n // block for n in mean.shape)
        parts = np.where(region, values, 0.0)[cut].reshape(nx, block, ny, block, nz, block)
        return parts.sum(axis=(1, 3, 5))

    count = block_sum(np.ones(mean.shape))
    used = count >= LEAST_SHARE * block**3
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = block_sum(sigma**2) / count
        merit = (block_sum(mean) / count) ** 2 / (variance * cpu_s)
    return np.where(np.isfinite(merit), merit, 0.0)[used]
