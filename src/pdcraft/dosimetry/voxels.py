r"""Absorbed dose in the voxels of a patient's images, by radiation transport.

The number of decays in a voxel is its time-integrated activity concentration times its volume.
What one decay of the whole source deposits in a voxel comes from `pdcraft.transport.voxels`, and

.. math:: D = N \bar\varepsilon / (\rho V),

with N decays in all, the mean energy :math:`\bar\varepsilon` that one of them leaves in the voxel,
its density and volume. The mean dose of a region is its energy over its mass, so dense voxels
count for more than in a mean over voxels. Voxels of air are computed like all others: their
dose is that to air, with a large statistical error, since hardly anything is absorbed there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.grid import Field
from pdcraft.core.quantity import quantity
from pdcraft.data.chains import uncounted_alpha_words
from pdcraft.dosimetry.sphere_energy import words_beyond_tables
from pdcraft.errors import DataError
from pdcraft.physics.constants import J_per_keV

if TYPE_CHECKING:
    from pdcraft.data.nuclides import Nuclide
    from pdcraft.transport.settings import Settings
    from pdcraft.transport.voxels import Device, VoxelPhantom, VoxelTally

__all__ = ["DECAYS_PER_MBq_H", "RegionDose", "VoxelDose", "check_activity", "voxel_dose"]

DECAYS_PER_MBq_H = 3.6e9  # 1e6 per second for 3600 s
AIR_BELOW_g_per_mL = 0.05  # inflated lung has 0.2 or more, air 0.0012
DECAYS_IN_AIR = 0.01  # share above which a word is due
KG_PER_G = 1e-3


@dataclass(frozen=True, slots=True)
class RegionDose:
    """Mean dose of a region: its energy over its mass.

    Parameters
    ----------
    mean_Gy : float
    std_err_Gy : float or None
        Monte Carlo standard error; None where no history left any energy, so that it is unknown.
    mass_g : float
    voxels : int
    """

    mean_Gy: float
    std_err_Gy: float | None
    mass_g: float
    voxels: int


@dataclass(frozen=True, slots=True)
class VoxelDose:
    """Dose on a grid and what it rests on.

    Parameters
    ----------
    dose : Field
        Gy, with its standard error; 0 ± 0 where no history left any energy.
    gray_per_keV : ndarray, shape of the grid
        Dose of a voxel for each keV that a decay leaves there in the mean.
    regions : mapping of str to RegionDose
    tia_MBq_h, decays : float
        Of the whole grid.
    energy_emitted_J, energy_absorbed_J : float
        Absorbed inside the grid; the rest has left it.
    median_voxel_error : float
        Relative standard error of single voxels, the median of those above half the greatest dose.
    relative_error : float
        Largest of the regions' relative standard errors; without regions, that of the voxels above
        half of the greatest dose, taken together.
    tally : VoxelTally
        Energies per decay, to which histories can be added.
    warnings : tuple of str
    """

    dose: Field
    gray_per_keV: Floats
    regions: Mapping[str, RegionDose]
    tia_MBq_h: float
    decays: float
    energy_emitted_J: float
    energy_absorbed_J: float
    relative_error: float
    median_voxel_error: float
    tally: VoxelTally
    warnings: tuple[str, ...]

    def by_type(self) -> Mapping[str, Field]:
        """Return the dose by radiation type, without errors; the parts add to ``dose``."""
        energy = self.tally.energy_keV.items()
        kind = self.dose.quantity
        return {n: Field(self.dose.grid, e * self.gray_per_keV, kind) for n, e in energy}


def check_activity(tia: Field, name: str = "time-integrated activity") -> None:
    """Refuse a map that holds no activity, or less than none.

    Raises
    ------
    DataError
    """
    if tia.quantity.key != "time_integrated_activity_concentration":
        raise DataError(
            f"{name} holds {tia.quantity.name}, {tia.quantity.unit}; it must be time-integrated "
            "activity per volume, MBq·h/mL"
        )
    negative = tia.values < 0
    if negative.any():
        raise DataError(
            f"{name}: {int(negative.sum())} of {tia.values.size} voxels are negative, the lowest "
            f"{tia.values.min():.4g} MBq·h/mL; decays are not: reconstruct with a constraint, or "
            "set them to 0 and say so"
        )
    if not tia.values.any():
        raise DataError(f"{name}: all voxels are 0; there is no activity to compute a dose of")


def voxel_dose(
    tia: Field,
    phantom: VoxelPhantom,
    nuclide: Nuclide,
    *,
    regions: Mapping[str, NDArray[np.bool_]] | None = None,
    precision: float = 0.01,
    max_histories: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    settings: Settings | None = None,
    progress: Callable[[float, str], None] | None = None,
    resume: VoxelTally | None = None,
    device: Device = "cpu",
) -> VoxelDose:
    """Absorbed dose of a map of decays in a map of matter.

    Parameters
    ----------
    tia : Field
        Time-integrated activity, MBq·h/mL, 0 or more.
    phantom : VoxelPhantom
        Matter on the same grid; no density may be 0.
    nuclide : Nuclide
        One decay of it, with or without progeny, is what the decays of ``tia`` are.
    regions : mapping of str to ndarray of bool, optional
        Masks whose mean dose is wanted.
    precision : float
        Stop when ``relative_error`` (of `VoxelDose`) is below; 1e-4 to 0.5.
    max_histories, seed, threads, settings, progress, resume, device
        As in `pdcraft.transport.voxels.transport_voxels`.

    Returns
    -------
    VoxelDose

    Raises
    ------
    DataError
        For activity that is negative or missing, grids that differ, voxels without mass.
    """
    from pdcraft.dosimetry.transport_inputs import emitted_groups
    from pdcraft.transport.voxels import transport_voxels

    check_activity(tia)
    if not 1e-4 <= precision <= 0.5:
        raise DataError(
            f"precision {precision:g}: the relative standard error to stop at must lie within "
            "0.0001 and 0.5, e.g. 0.01"
        )
    density = phantom.density_g_per_mL.astype(np.float64)
    same = np.allclose(phantom.voxel_mm, tia.grid.voxel_mm, rtol=1e-4, atol=0)
    if density.shape != tia.grid.shape or not same:
        raise DataError(
            f"phantom of {density.shape} voxels of {phantom.voxel_mm} mm, but activity on "
            f"{tia.grid.shape} of {tia.grid.voxel_mm} mm; bring both onto one grid"
        )
    if not density.all():
        raise DataError(
            f"{int((density == 0).sum())} voxels have density 0: there is no dose without mass; "
            "give a vacuum the density of air, 0.0012 g/mL"
        )
    masks = dict(regions or {})
    tally = transport_voxels(
        phantom,
        emitted_groups(nuclide),
        tia.values,
        soft_keV=nuclide.local_keV,
        precision=precision,
        max_histories=max_histories,
        seed=seed,
        threads=threads,
        settings=settings,
        regions=masks,
        progress=progress,
        resume=resume,
        device=device,
    )
    return _dose(tia, density, masks, tally, precision, nuclide)


def _dose(
    tia: Field,
    density: Floats,
    masks: Mapping[str, NDArray[np.bool_]],
    tally: VoxelTally,
    precision: float,
    nuclide: Nuclide,
) -> VoxelDose:
    total_MBq_h = float(tia.values.sum()) * tia.grid.voxel_mL
    decays = total_MBq_h * DECAYS_PER_MBq_H
    mass_g = density * tia.grid.voxel_mL
    gray_per_keV = decays * J_per_keV / (mass_g * KG_PER_G)
    gray = quantity("absorbed_dose")
    energy = sum(tally.energy_keV.values(), start=np.zeros(tia.grid.shape))
    dose = Field(tia.grid, energy * gray_per_keV, gray, tally.std_err_keV * gray_per_keV)
    found = {
        name: _region(masks[name], mass_g, mean * decays, err * decays)
        for name, (mean, err) in tally.region_keV.items()
    }
    relative = _relative_error(dose, density, found)
    in_air = float(tia.values[density < AIR_BELOW_g_per_mL].sum() / tia.values.sum())
    warnings = list(tally.warnings)
    warnings += [*words_beyond_tables(nuclide), *uncounted_alpha_words(nuclide)]
    if relative > precision:
        warnings.append(
            f"stopped at a relative standard error of {relative:.2g}; {precision:g} was asked for: "
            "allow more decays"
        )
    if in_air > DECAYS_IN_AIR:
        warnings.append(
            f"{100 * in_air:.2g}% of the decays lie in air: check that the images lie on each "
            "other, or set the activity outside the body to 0"
        )
    return VoxelDose(
        dose=dose,
        gray_per_keV=gray_per_keV,
        regions=found,
        tia_MBq_h=total_MBq_h,
        decays=decays,
        energy_emitted_J=tally.emitted_keV * decays * J_per_keV,
        energy_absorbed_J=float(energy.sum()) * decays * J_per_keV,
        relative_error=relative,
        median_voxel_error=float(np.median(_hot_errors(dose))),
        tally=tally,
        warnings=tuple(warnings),
    )


def _region(mask: NDArray[np.bool_], mass_g: Floats, keV: float, err_keV: float) -> RegionDose:
    mass = float(mass_g[mask].sum())
    gray_per_keV = J_per_keV / (mass * KG_PER_G)
    err = err_keV * gray_per_keV if keV > 0 else None
    return RegionDose(keV * gray_per_keV, err, mass, int(mask.sum()))


def _hot_errors(dose: Field) -> Floats:
    """Relative standard errors of the voxels above half the greatest dose."""
    err = dose.std_err
    if err is None or not dose.values.any():
        return np.array([np.inf])
    hot = _hot(dose.values, err)
    return err[hot] / dose.values[hot]


def _hot(values: Floats, err: Floats) -> NDArray[np.bool_]:
    """Whether voxels have above half the greatest dose that is known to 20%, or of all."""
    known = values[err < 0.2 * values]
    return values > 0.5 * (known.max() if known.size else values.max())


def _relative_error(dose: Field, density: Floats, regions: Mapping[str, RegionDose]) -> float:
    """Return the figure that ``precision`` speaks of; infinite where nothing was scored."""
    if regions:
        return max(
            np.inf if r.std_err_Gy is None else r.std_err_Gy / r.mean_Gy for r in regions.values()
        )
    err = dose.std_err
    if err is None or not dose.values.any():
        return np.inf
    hot = _hot(dose.values, err)
    weight = density[hot]
    return float(np.linalg.norm(err[hot] * weight) / (dose.values[hot] * weight).sum())
