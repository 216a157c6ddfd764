"""Fluence times importance, summed over each region: what a region's dye gives to a signal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.region_volume import region_volumes_mm3

__all__ = ["Coupling", "coupling"]

Real = NDArray[np.float64] | NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Coupling:
    """Parts of voxels by region, ready to sum products.

    ``share`` is a part's volume over that of all tissue of its voxel; ``inner`` says which voxels
    are all tissue, as are those above and below.
    """

    shape: tuple[int, int, int]
    voxel: NDArray[np.int64]
    label: NDArray[np.int64]
    share: NDArray[np.float64]
    labels: int
    inner: NDArray[np.bool_]

    def sums(self, values: Real) -> NDArray[np.float64]:
        """Sum a quantity of voxels, (voxels,), over regions: (labels,)."""
        return _sums(self.label, values[self.voxel] * self.share, self.labels)

    def products(self, fluence: Real, importance: Real) -> NDArray[np.float64]:
        """Sum fluence times importance, (voxels,) each, over regions: (labels,).

        Both vary within a voxel; what the product of their means misses of the mean of their
        product is, to second order, h²/12 times the product of their gradients with depth.
        """
        return self.sums(fluence * importance + self._within(fluence, importance))

    def _within(self, fluence: Real, importance: Real) -> Real:
        if self.shape[2] < 3:
            return np.zeros_like(fluence)
        gradient: Any = np.gradient
        slope = gradient(fluence.reshape(self.shape), axis=2)
        slope *= gradient(importance.reshape(self.shape), axis=2)
        return np.where(self.inner, slope.ravel() / 12.0, 0.0)


def _sums(where: NDArray[np.int64], values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    sums: Any = np.bincount(where, values, count)  # its stub forgets that weights make floats
    return sums


def coupling(domain: OpticalDomain, labels: int) -> Coupling:
    """Split the domain's voxels among its regions."""
    parts = region_volumes_mm3(domain)
    share = parts.volume / parts.tissue.ravel()[parts.voxel]
    full = parts.tissue > (1.0 - 1e-6) * domain.voxel_mm3
    inner = full.copy()
    inner[:, :, 1:] &= full[:, :, :-1]
    inner[:, :, :-1] &= full[:, :, 1:]
    nx, ny, nz = domain.labels.shape
    return Coupling((nx, ny, nz), parts.voxel, parts.label, share, labels, inner.ravel())
