"""Voxel S values in liquid water: the dose to a voxel per decay in another one.

One uniform voxel source amid unbounded water; the 48 symmetries of a cube make one number of all
voxels at the same distances (i, j, k).

References
----------
.. [MIRD17] W.E. Bolch et al., MIRD Pamphlet No. 17, J. Nucl. Med. 40, 11S (1999): voxel S values.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pdcraft.data.chains import uncounted_alpha_words
from pdcraft.data.materials import material
from pdcraft.data.nuclides import Nuclide
from pdcraft.dosimetry.sphere_energy import words_beyond_tables
from pdcraft.dosimetry.transport_inputs import check_precision, emitted_groups
from pdcraft.errors import ApproximationWarning, PhysicsRangeError
from pdcraft.physics.constants import S_UNIT_mGy_g_per_MBq_s_keV
from pdcraft.physics.electron import csda_range_g_per_cm2
from pdcraft.transport.emissions import Group, largest_photon_keV
from pdcraft.transport.settings import Settings, settings_for
from pdcraft.transport.tally import TYPES
from pdcraft.transport.voxels import VoxelPhantom, transport_voxels

__all__ = ["VoxelKernel", "voxel_kernel", "voxel_kernel_of_groups"]

LEAST_mm, MOST_mm = 0.05, 50.0
MOST_CELLS = 3_000_000
MOST_EXTENT = 20
KERNEL_DECAYS = 4_000_000  # default limit: a far voxel of a pure beta emitter may never be precise
LONG = 4.0  # ranges of more voxels take proportionally longer: fewer decays then


@dataclass(frozen=True, slots=True)
class VoxelKernel:
    """S values of the voxels at (i, j, k), 0 <= i <= j <= k <= extent.

    Parameters
    ----------
    voxel_mm : float
    offsets : tuple of (int, int, int)
    S_mGy_per_MBq_s, std_err : ndarray, shape (offsets,)
        Of all radiation together.
    by_type : dict of str to ndarray, shape (offsets,)
        S by radiation type.
    histories : int
    worst_rel_err : float
        Largest relative standard error; infinite where a voxel was never reached.
    """

    voxel_mm: float
    offsets: tuple[tuple[int, int, int], ...]
    S_mGy_per_MBq_s: NDArray[np.float64]
    std_err: NDArray[np.float64]
    by_type: dict[str, NDArray[np.float64]]
    histories: int
    worst_rel_err: float


def voxel_kernel(
    nuclide: Nuclide,
    voxel_mm: float,
    *,
    extent: int = 5,
    water_I_eV: float = 78.0,
    precision: float = 0.01,
    max_histories: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    settings: Settings | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> VoxelKernel:
    """Transport a nuclide in one voxel of water and score the voxels about it.

    Parameters
    ----------
    nuclide : Nuclide
    voxel_mm : float
        Edge, 0.05 to 50 mm.
    extent : int
        Greatest offset, 1 to 20.
    water_I_eV : float
    precision : float
        Stop when every S value is known to this relative standard error.
    max_histories : int, optional
        Stop then in any case; without it 4 million, fewer where electrons cross many voxels, so
        that a kernel takes less than half a minute of one processor.

    Raises
    ------
    PhysicsRangeError
        For edges or extents outside those limits, or a voxel so small beside the longest electron
        range that the grid would have more than 3 million voxels.

    Warns
    -----
    ApproximationWarning
        Of radiation above 3 MeV.
    """
    for message in (*words_beyond_tables(nuclide), *uncounted_alpha_words(nuclide)):
        warnings.warn(message, ApproximationWarning, stacklevel=2)
    return voxel_kernel_of_groups(
        emitted_groups(nuclide),
        voxel_mm,
        soft_keV=nuclide.local_keV,
        extent=extent,
        water_I_eV=water_I_eV,
        precision=precision,
        max_histories=max_histories,
        seed=seed,
        threads=threads,
        settings=settings,
        progress=progress,
    )


def voxel_kernel_of_groups(
    groups: tuple[Group, ...],
    voxel_mm: float,
    *,
    soft_keV: float = 0.0,
    extent: int = 5,
    water_I_eV: float = 78.0,
    precision: float = 0.01,
    max_histories: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    settings: Settings | None = None,
    progress: Callable[[float, str], None] | None = None,
) -> VoxelKernel:
    """Transport any emissions; parameters as in `voxel_kernel`."""
    if not LEAST_mm <= voxel_mm <= MOST_mm:
        raise PhysicsRangeError(
            f"voxel edge {voxel_mm:g} mm: kernels are made from {LEAST_mm:g} to {MOST_mm:g} mm; "
            "for smaller ones ask for a sphere"
        )
    if not 1 <= extent <= MOST_EXTENT:
        raise PhysicsRangeError(f"extent {extent}: it must be 1 to {MOST_EXTENT} voxels")
    check_precision(precision)
    # of the most energetic emission as if it were an electron
    highest_keV = max((float((g.low_keV + g.width_keV).max()) for g in groups), default=1.0)
    reach_mm, photon_mm = (
        10.0 * float(csda_range_g_per_cm2(keV, water_I_eV))
        for keV in (highest_keV, largest_photon_keV(groups))
    )
    # an electron that leaves the scored voxels needs the way back; one that a photon sets free
    # outside them needs its range
    margin_mm = max(0.5 * (reach_mm - extent * voxel_mm), photon_mm)
    half = extent + math.ceil(margin_mm / voxel_mm)
    n = 2 * half + 1
    if n**3 > MOST_CELLS:
        raise PhysicsRangeError(
            f"voxel edge {voxel_mm:g} mm: electrons that run {reach_mm:.3g} mm need {n}³ voxels, "
            f"more than {MOST_CELLS:,}; take larger voxels or a smaller extent"
        )
    water = replace(material("water"), mean_excitation_eV=water_I_eV)
    phantom = VoxelPhantom(
        np.zeros((n, n, n), np.uint8),
        np.full((n, n, n), water.density_g_per_mL, np.float32),
        np.full(3, voxel_mm),
        (water,),
        surround=0,
    )
    source = np.zeros((n, n, n))
    source[half, half, half] = 1.0
    away = np.abs(np.arange(n) - half)
    gap_mm = np.maximum(away - 1, 0) * voxel_mm
    near = (
        gap_mm[:, None, None] ** 2 + gap_mm[None, :, None] ** 2 + gap_mm[None, None, :] ** 2
    ) <= photon_mm**2
    offsets = tuple(itertools.combinations_with_replacement(range(extent + 1), 3))
    sorted_offset = np.sort(np.stack(np.meshgrid(away, away, away, indexing="ij"), -1), axis=-1)
    label = (sorted_offset[..., 0] * n + sorted_offset[..., 1]) * n + sorted_offset[..., 2]
    masks = {f"{i},{j},{k}": label == (i * n + j) * n + k for i, j, k in offsets}
    tally = transport_voxels(
        phantom,
        groups,
        source,
        soft_keV=soft_keV,
        precision=precision,
        max_histories=max_histories or round(KERNEL_DECAYS * min(1.0, LONG * voxel_mm / reach_mm)),
        seed=seed,
        threads=threads,
        settings=settings or settings_for(voxel_mm),
        regions=masks,
        progress=progress,
        transported=near,
    )
    to_S = S_UNIT_mGy_g_per_MBq_s_keV / (voxel_mm**3 * 1e-3 * water.density_g_per_mL)
    number = np.array([mask.sum() for mask in masks.values()])
    mean, err = (np.array([tally.region_keV[m][i] for m in masks]) for i in (0, 1))
    by_type = {
        name: np.array([tally.energy_keV[name][m].mean() for m in masks.values()]) * to_S
        for name in TYPES
        if name in tally.energy_keV
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.where(mean > 0.0, err / mean, np.inf)
    return VoxelKernel(
        voxel_mm,
        offsets,
        mean / number * to_S,
        err / number * to_S,
        by_type,
        tally.histories,
        float(relative.max()),
    )
