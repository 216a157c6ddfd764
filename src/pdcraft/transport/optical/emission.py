"""Light from sources in the tissue: where it goes, how much leaves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.errors import DataError
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.fluence import EnergyBudget, budget_of
from pdcraft.transport.optical.medium import OpticalMedium
from pdcraft.transport.optical.prepare import prepare_matter, prepare_space
from pdcraft.transport.optical.run import Progress, empty_score, run_batches, volume_launch

__all__ = ["emission"]

BATCHES = 20


def emission(
    domain: OpticalDomain,
    medium: OpticalMedium,
    source: NDArray[np.float64],
    *,
    histories: int = 200_000,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    max_time_s: float | None = None,
) -> EnergyBudget:
    """Follow light from isotropic sources in the voxels.

    Parameters
    ----------
    medium : OpticalMedium
        At the wavelength of emission.
    source : array_like, shape (nx, ny, nz)
        Photons from each voxel, in any unit.

    Returns
    -------
    EnergyBudget
        Fractions of the emitted photons: ``reflected_diffuse`` is what leaves upward.

    Raises
    ------
    DataError
        If the source has another shape than the domain, is negative or nowhere above 0.
    """
    values = np.asarray(source, dtype=np.float64)
    if values.shape != domain.labels.shape:
        raise DataError(
            f"emission: the source has shape {values.shape}, the domain {domain.labels.shape}"
        )
    space = prepare_space(domain, medium)
    matter = prepare_matter(domain, medium)
    size = -(-histories // BATCHES)
    balances = [
        walks.balance
        for walks in run_batches(
            space, matter, volume_launch(values.ravel()), empty_score(), (1, 1), (1, 1),
            0, BATCHES, size, seed, threads, progress, max_time_s,
        )
    ]  # fmt: skip
    return budget_of(np.array(balances))
