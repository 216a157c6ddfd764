"""What a region of an image sees: importance of every voxel, by walks from pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.kernels.walk import VOXELS
from pdcraft.transport.optical.light import View
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import prepare_matter, prepare_space
from pdcraft.transport.optical.run import (
    ADJOINT,
    Progress,
    empty_score,
    run_batches,
    view_launch,
)

__all__ = ["Importance", "check_rois", "importance"]

Floats = NDArray[np.float64]

BATCHES = 20


@dataclass(frozen=True, slots=True)
class Importance:
    """Mean photon radiance of regions of the image per isotropic photon source density.

    Parameters
    ----------
    mean, std_err : ndarray, shape (rois, nx, ny, nz)
        mm/sr: radiance in 1/(s mm² sr) for 1/(s mm³) in all tissue of the voxel.
    histories : int
        Walks of each region.
    """

    mean: Floats
    std_err: Floats
    histories: int


def check_rois(view: View, rois: NDArray[np.float64]) -> Floats:
    """Weights of pixels as (rois, rows, columns)."""
    weights = np.asarray(rois, dtype=np.float64)
    if weights.ndim == 2:
        weights = weights[None]
    if weights.ndim != 3 or weights.shape[1:] != view.shape:
        raise DataError(
            f"regions of the image have shape {weights.shape}; give (rois, rows, columns) with "
            f"{view.shape[0]} rows and {view.shape[1]} columns"
        )
    return weights


def importance(
    domain: OpticalDomain,
    medium: OpticalMedium,
    view: View,
    rois: NDArray[np.float64],
    *,
    histories: int = 200_000,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> Importance:
    """Run adjoint simulations, one for each region of the image.

    All regions draw the same random numbers, so that their ratio is less noisy than they are. The
    result serves any distribution of the source while the optics of the scene stay the same.

    Parameters
    ----------
    medium : OpticalMedium
        At the wavelength of emission.
    rois : array_like, shape (rois, rows, columns)
        Weights of the pixels, as for a mean: ones and zeros for a mask.

    Raises
    ------
    DataError
        If a region has no pixel.
    """
    weights = check_rois(view, rois)
    space = prepare_space(domain, medium)
    matter = prepare_matter(domain, medium, adjoint=True)
    size = -(-histories // BATCHES)
    count = domain.labels.size
    means, errors = [], []
    done = 0
    for roi in weights:
        total, squares = np.zeros(count), np.zeros(count)
        done = 0
        for walks in run_batches(
            space, matter, view_launch(view, roi), empty_score(VOXELS), (1, count), (1, 1),
            0, BATCHES, size, seed, threads, progress, max_time_s, stream=ADJOINT,
        ):  # fmt: skip
            values = walks.tally[0] / size
            total += values
            squares += values * values
            done += 1
        mean = total / done
        means.append(mean)
        errors.append(np.sqrt(np.maximum(squares / done - mean**2, 0.0) / max(done - 1, 1)))
    shape = (len(weights), *domain.labels.shape)
    return Importance(np.reshape(means, shape), np.reshape(errors, shape), done * size)
