"""How much of each voxel is tissue, and of which region."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import prepare_space

__all__ = ["RegionVolumes", "region_volumes_mm3", "tissue_share"]

Floats = NDArray[np.float64]

POINTS = 6  # along each edge of a voxel that a surface crosses: volumes within about 0.3%


@dataclass(frozen=True, slots=True)
class RegionVolumes:
    """Volumes in mm³.

    Parameters
    ----------
    tissue : ndarray, shape (nx, ny, nz)
        Volume of each voxel on the tissue's side of the surface.
    voxel, label : ndarray of int, shape (parts,)
        Parts of voxels that are one region: flat index and label.
    volume : ndarray, shape (parts,)
    """

    tissue: Floats
    voxel: NDArray[np.int64]
    label: NDArray[np.int64]
    volume: Floats


def region_volumes_mm3(domain: OpticalDomain) -> RegionVolumes:
    """Split voxels among regions, by points where a shape or the surface crosses them."""
    from pdcraft.transport.optical.kernels.points import label_points, whole_label

    count = domain.largest_label + 1
    plain = OpticalMedium(np.zeros(count), np.zeros(count), np.zeros(count), np.ones(count))
    space = prepare_space(domain, plain)
    whole = np.zeros(domain.labels.size, np.int32)
    whole_label(space, whole)
    voxels = np.flatnonzero(whole > 0)
    pieces = [(voxels, whole[voxels].astype(np.int64), np.full(len(voxels), float(POINTS**3)))]
    split = np.flatnonzero(whole < 0)
    labels = np.zeros((len(split), POINTS**3), np.int32)
    label_points(space, POINTS, split, labels)
    for value in np.unique(labels[labels > 0]):
        hits = (labels == value).sum(axis=1)
        some = hits > 0
        label_of = np.full(int(some.sum()), value, np.int64)
        pieces.append((split[some], label_of, hits[some].astype(float)))
    voxel, label, volume = (np.concatenate(part) for part in zip(*pieces, strict=True))
    volume = volume * (domain.voxel_mm3 / POINTS**3)
    tissue: Any = np.bincount(voxel, volume, domain.labels.size).reshape(domain.labels.shape)
    return RegionVolumes(tissue, voxel, label, volume)


def tissue_share(domain: OpticalDomain) -> Floats:
    """Share of each voxel that is tissue, (voxels,); 1 where none is (nothing is scored there)."""
    share = region_volumes_mm3(domain).tissue.ravel() / domain.voxel_mm3
    return np.where(share > 0.0, share, 1.0)
