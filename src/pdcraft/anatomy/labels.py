"""A user's own voxel phantom: a NIfTI image of labels and a table of what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from pdcraft.anatomy.skeleton import BONES
from pdcraft.anatomy.voxels import OUTSIDE_LABEL
from pdcraft.core.anatomy import Anatomy
from pdcraft.core.grid import Grid
from pdcraft.core.regions import region_name
from pdcraft.errors import DataError, Problem
from pdcraft.io.label_tables import read_labels, whole_labels
from pdcraft.io.nifti import read_image

__all__ = ["anatomy_of_labels", "read_label_phantom"]


def anatomy_of_labels(
    name: str,
    host: str,
    grid: Grid,
    labels: NDArray[np.int64],
    regions: dict[int, tuple[str, float]],
    source: str,
) -> Anatomy:
    """Anatomy of labels that stand for regions of one density each.

    Parameters
    ----------
    name, host : str
    grid : Grid
    labels : ndarray of int, shape of the grid
    regions : dict of int to (str, float)
        Region and density, g/mL, by label. Several labels may share a region; its mass is their
        sum. Labels that are not here are outside.
    source : str

    Raises
    ------
    DataError
        If no voxel is of any region.
    """
    names = [OUTSIDE_LABEL, *dict.fromkeys(region for region, _ in regions.values())]
    lookup = np.zeros(max(int(labels.max()), *regions) + 1, dtype=np.int16)
    masses: dict[str, float] = {}
    counts = np.bincount(labels.ravel(), minlength=len(lookup))
    for label, (region, density) in regions.items():
        lookup[label] = names.index(region)
        mass = float(counts[label]) * grid.voxel_mL * density
        if mass > 0:
            masses[region] = masses.get(region, 0.0) + mass
    if not masses:
        raise DataError(f"{name}: no voxel has a label of the table; do both belong together?")
    return Anatomy(name, host, masses, source, grid, lookup[labels], tuple(names))


def read_label_phantom(image: Path, table: Path, host: str) -> Anatomy:
    """Read a voxel phantom.

    Parameters
    ----------
    image : Path
        NIfTI image of labels. Label 0, if the table does not name it, is outside the body.
    table : Path
        CSV, first line ``label,region,density_g_per_mL``. Regions in any spelling that pdcraft
        knows, bones of the stylised bodies, or ``lesion:NAME``.
    host : {"human", "mouse"}

    Raises
    ------
    DataError
        With every fault: unknown regions, with near matches; no density; labels of the image that
        the table lacks.
    """
    rows = read_labels(table, "region")
    problems: list[Problem] = []
    regions: dict[int, tuple[str, float]] = {}
    for label, row in rows.items():
        if row.name == OUTSIDE_LABEL:
            continue
        try:
            region = row.name if row.name in BONES else region_name(row.name, host)
        except DataError as error:
            one = error.problems[0]
            problems.append(
                Problem(one.message, table.name, row.line, "region", row.name, one.hint)
            )
            continue
        if row.density_g_per_mL is None:
            problems.append(
                Problem("has no density, g/mL", table.name, row.line, "density_g_per_mL", row.name)
            )
            continue
        regions[label] = (region, row.density_g_per_mL)
    if problems:
        raise DataError(problems)
    if not regions:
        raise DataError(f"{table.name}: names no region but '{OUTSIDE_LABEL}'")
    grid, values = read_image(image)
    labels = whole_labels(values, image.name)
    unknown = sorted(set(np.unique(labels).tolist()) - set(rows) - {0})
    if unknown:
        raise DataError(
            f"{image.name}: label {unknown[0]} ({len(unknown)} such labels) is not in "
            f"{table.name}; name it, or as '{OUTSIDE_LABEL}'"
        )
    stem = image.name.removesuffix(".gz").removesuffix(".nii")
    source = f"voxels of {image.name} with densities of {table.name}"
    return anatomy_of_labels(stem, host, grid, labels, regions, source)
