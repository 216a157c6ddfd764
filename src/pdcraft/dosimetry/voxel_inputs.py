"""From images to what the transport takes: matter on the grid of the activity, masks of regions.

The dose is computed on the voxels of the time-integrated activity. A CT is averaged over them, in
Hounsfield units, and must cover them. Label images, of materials or regions, must have the same
voxels, since labels cannot be averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.grid import Grid
from pdcraft.core.regions import region_name
from pdcraft.core.resample import on_same_voxels, voxel_means
from pdcraft.errors import DataError, Problem
from pdcraft.io.label_tables import LabelRow, whole_labels

if TYPE_CHECKING:
    from pdcraft.core.material import Material
    from pdcraft.transport.voxels import VoxelPhantom

__all__ = ["DEFAULT_LABELS", "Matter", "matter_of_ct", "matter_of_labels", "region_masks"]

#: What labels mean where no table says it; fixed, so that old images keep their meaning.
DEFAULT_LABELS: Mapping[int, str] = {
    0: "air",
    1: "water",
    2: "lung",
    3: "soft tissue",
    4: "adipose",
    5: "cortical bone",
}

AIR_HU = -1000.0
OFFSET_LEFT_IN = (0.0, 900.0)  # stored values: air near 0, tissue near 1024
RESAMPLE = "resample it to the activity's voxels by nearest neighbor"


@dataclass(frozen=True, slots=True)
class Matter:
    """Materials and densities on a grid, and how they came about.

    Parameters
    ----------
    phantom : VoxelPhantom
    voxels : mapping of str to int
        Voxels of each material that occurs.
    samples_per_voxel : int or None
        CT: points that were averaged in each voxel.
    outside : int or None
        CT: voxels beyond it, filled with air.
    """

    phantom: VoxelPhantom
    voxels: Mapping[str, int]
    samples_per_voxel: int | None
    outside: int | None


def matter_of_ct(
    hounsfield: Floats,
    ct: Grid,
    grid: Grid,
    activity: Floats,
    *,
    outside: Literal["air"] | None = None,
) -> Matter:
    """Make matter of a CT, averaged over the voxels of another grid.

    Parameters
    ----------
    hounsfield : ndarray, shape of `ct`
        Hounsfield units.
    ct, grid : Grid
    activity : ndarray, shape of `grid`
        Only to say how much of it the CT does not cover.
    outside : {"air"}, optional
        What lies beyond the CT. Without it, a CT that does not cover the grid is refused.

    Raises
    ------
    DataError
        For a CT that does not cover the grid, or whose values are no Hounsfield units.
    """
    from pdcraft.data.ct import from_hounsfield

    low, high = float(hounsfield.min()), float(hounsfield.max())
    if low >= OFFSET_LEFT_IN[0] and high > OFFSET_LEFT_IN[1]:
        raise DataError(
            f"CT: values from {low:g} to {high:g} hold no air, which has -1000 Hounsfield units; "
            "the scanner's offset (-1000 or -1024) seems not to be applied: convert the DICOM "
            "series anew, or add it"
        )
    try:
        from_hounsfield([low, high])
    except DataError:
        from_hounsfield(hounsfield)  # refuses too, and counts: padding must not be averaged in
        raise
    means = voxel_means(hounsfield, ct, grid)
    beyond = int(means.missing.sum())
    if beyond and outside is None:
        hot = means.missing & (activity > 0)
        share = float(activity[means.missing].sum() / activity.sum())
        raise DataError(
            f"the CT does not cover {beyond} of the activity's {means.missing.size} voxels; "
            f"{int(hot.sum())} of them hold activity, {100 * share:.3g}% of all: take a CT of the "
            "whole field or crop the activity, or, if only air is missing, say --outside air"
        )
    material, density, materials = from_hounsfield(np.where(means.missing, AIR_HU, means.values))
    samples = int(np.prod(means.samples))
    return _matter(material, density, materials, grid, samples, beyond)


def matter_of_labels(
    values: Floats,
    labels: Grid,
    grid: Grid,
    table: Mapping[int, LabelRow] | None,
    file: str = "material table",
) -> Matter:
    """Make matter of an image of material labels.

    Parameters
    ----------
    values : ndarray, shape of `labels`
    labels, grid : Grid
        With the same voxels.
    table : mapping of int to LabelRow, optional
        Material and, where it is not the material's own, density of each label; without it
        `DEFAULT_LABELS` hold.
    file : str
        Name of the table, for errors.

    Raises
    ------
    DataError
        For labels without a material, unknown materials, grids that differ.
    """
    from pdcraft.data.materials import material

    own = whole_labels(on_same_voxels(values, labels, grid, "--materials", RESAMPLE), "--materials")
    found = [int(n) for n in np.unique(own)]
    rows = table
    if rows is None:
        rows = {n: LabelRow(name, None, 0) for n, name in DEFAULT_LABELS.items()}
    missing = [n for n in found if n not in rows]
    if missing:
        said = ", ".join(map(str, missing[:10])) + (" ..." if len(missing) > 10 else "")
        default = ", ".join(f"{n} is {name}" for n, name in DEFAULT_LABELS.items())
        way_out = f"add them to {file}"
        if table is None:
            way_out = f"give --material-map MAP.csv (label,material); without it {default}"
        raise DataError(f"--materials holds labels without a material: {said}; {way_out}")
    problems: list[Problem] = []
    materials: list[Material] = []
    index = np.zeros(max(found) + 1, dtype=np.uint8)
    density = np.zeros(max(found) + 1)
    for n in found:
        row = rows[n]
        try:
            one = material(row.name)
        except DataError as error:
            fault = error.problems[0]
            problems.append(
                Problem(fault.message, file, row.line, "material", row.name, fault.hint)
            )
            continue
        if one not in materials:
            materials.append(one)
        index[n] = materials.index(one)
        density[n] = row.density_g_per_mL or one.density_g_per_mL
    if problems:
        raise DataError(problems)
    return _matter(index[own], density[own], tuple(materials), grid, None, None)


def _matter(
    material: NDArray[np.uint8],
    density: Floats,
    materials: tuple[Material, ...],
    grid: Grid,
    samples: int | None,
    outside: int | None,
) -> Matter:
    from pdcraft.transport.voxels import VoxelPhantom

    counts = np.bincount(material.ravel(), minlength=len(materials))
    used = np.flatnonzero(counts)  # tables are made for these only
    own = np.searchsorted(used, material).astype(np.uint8)
    kept = tuple(materials[i] for i in used)
    phantom = VoxelPhantom(own, density.astype(np.float32), grid.voxel_mm, kept)
    return Matter(phantom, {materials[i].name: int(counts[i]) for i in used}, samples, outside)


def region_masks(
    values: Floats, labels: Grid, grid: Grid, table: Mapping[int, LabelRow] | None, file: str = ""
) -> tuple[Mapping[str, NDArray[np.bool_]], tuple[str, ...]]:
    """Make masks of an image of region labels; label 0 is no region.

    Parameters
    ----------
    values : ndarray, shape of `labels`
    labels, grid : Grid
        With the same voxels.
    table : mapping of int to LabelRow, optional
        Names of labels; without it they are ``"label 1"`` and so on.
    file : str
        Name of the table, for errors.

    Returns
    -------
    masks : mapping of str to ndarray of bool
    notes : tuple of str
        Names of the table that the image does not hold.

    Raises
    ------
    DataError
        For an image without regions, labels without a name, unknown or repeated names, grids that
        differ.
    """
    own = whole_labels(on_same_voxels(values, labels, grid, "--regions", RESAMPLE), "--regions")
    found = [int(n) for n in np.unique(own) if n]
    if not found:
        raise DataError("--regions: all voxels are 0, which is no region; label them from 1")
    if table is None:
        return {f"label {n}": own == n for n in found}, ()
    problems: list[Problem] = []
    masks: dict[str, NDArray[np.bool_]] = {}
    notes: list[str] = []
    for n, row in table.items():
        try:
            name = region_name(row.name)
        except DataError as error:
            fault = error.problems[0]
            problems.append(Problem(fault.message, file, row.line, "name", row.name, fault.hint))
            continue
        if name in masks:
            problems.append(Problem(f"{name} stands twice", file, row.line, "name", row.name))
        elif n in found:
            masks[name] = own == n
        else:
            notes.append(f"region {name}: no voxel has its label {n}")
    nameless = [str(n) for n in found if n not in table]
    if nameless:
        labels_said = ", ".join(nameless)
        problems.append(Problem(f"names no region for the labels {labels_said}", file))
    if problems:
        raise DataError(problems)
    return masks, tuple(notes)
