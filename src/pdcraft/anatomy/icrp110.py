"""Voxel phantoms in the file format of ICRP Publication 110, as a user has obtained them.

None is shipped: the data are ICRP's. ``X.dat`` holds organ numbers as text, the column changing
fastest, then the row, then the slice; slices run from the toes up, rows from front to back and
columns from the body's right to its left. ``X_organs.dat`` has a line per organ: number, name,
number of its medium, density in g/cm³.

References
----------
ICRP Publication 110 (2009), Table 5.1 and Annex M.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from pdcraft.anatomy.labels import anatomy_of_labels
from pdcraft.core.anatomy import Anatomy
from pdcraft.core.grid import Grid
from pdcraft.core.regions import region_name
from pdcraft.errors import DataError, Problem

__all__ = ["ADULT_GRIDS", "read_icrp110"]

#: Columns, rows, slices, and edges of the voxels in mm, of the reference adults.
ADULT_GRIDS = {
    "AM": ((254, 127, 222), (2.137, 2.137, 8.0)),
    "AF": ((299, 137, 348), (1.775, 1.775, 4.84)),
}
CAPS = 141  # skin above the first and below the last slice, in no list of organs: left outside
ORGAN = re.compile(r"\s*(\d+)\s+(.*?)\s+(\d+)\s+(\d*\.\d+|\d+)\s*\Z")


def _region(name: str) -> str:
    """Pdcraft's name where the words before the first comma have one, else the file's own."""
    short = re.sub(r"\s*\(.*?\)", "", name).split(",")[0].strip()
    try:
        return region_name(short, "human")
    except DataError:
        return name


def _organs(path: Path) -> dict[int, tuple[str, float]]:
    try:
        lines = path.read_text(encoding="latin-1").splitlines()
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}); name the list of organs"
        ) from None
    found: dict[int, tuple[str, float]] = {}
    for number, line in enumerate(lines, 1):
        match = ORGAN.match(line)
        if match is None:
            continue  # headings
        organ, name, _, density = match.groups()
        if int(organ) in found:
            raise DataError(Problem(f"organ {organ} stands twice", path.name, number))
        if int(organ) > 0 and float(density) > 0:
            found[int(organ)] = (_region(name), float(density))
    if not found:
        raise DataError(
            f"{path.name}: no line has number, name, medium and density of an organ; is it the "
            "list of organs (X_organs.dat)?"
        )
    return found


def read_icrp110(
    voxels: Path,
    organs: Path,
    shape: tuple[int, int, int] | None = None,
    voxel_mm: tuple[float, float, float] | None = None,
) -> Anatomy:
    """Read a phantom.

    Parameters
    ----------
    voxels, organs : Path
        ``AM.dat`` and ``AM_organs.dat``, or alike.
    shape : tuple of three int, optional
        Columns, rows, slices; known for files called AM and AF.
    voxel_mm : tuple of three float, optional
        Edges along them.

    Returns
    -------
    Anatomy
        Organs that pdcraft knows by its names, their parts together; all others by the file's.
        Masses are voxels times the file's densities. The grid is in RAS+ mm with the origin in the
        middle of the first slice.

    Raises
    ------
    DataError
        For unknown sizes, a number of voxels that does not fit, or organs that are not listed.
    """
    stem = voxels.name.split(".")[0]
    known = ADULT_GRIDS.get(stem.upper())
    if shape is None or voxel_mm is None:
        if known is None:
            raise DataError(
                f"{voxels.name}: state columns, rows, slices and the voxel's edges in mm; only "
                f"{', '.join(ADULT_GRIDS)} are known"
            )
        shape, voxel_mm = known
    regions = _organs(organs)
    if not voxels.is_file():
        raise DataError(f"{voxels}: there is no such file; check the path")
    text = voxels.read_bytes()
    if re.search(rb"[^\d\s]", text):
        raise DataError(f"{voxels.name} holds more than whole numbers; is it the array of organs?")
    numbers = np.fromstring(text.decode("ascii"), dtype=np.int64, sep=" ")
    if numbers.size != np.prod(shape):
        wanted = "×".join(map(str, shape))
        raise DataError(
            f"{voxels.name} holds {numbers.size} voxels, {wanted} are {np.prod(shape)}; is it cut "
            "short, or of another size?"
        )
    labels = numbers.reshape(shape[::-1]).transpose(2, 1, 0)
    unknown = sorted(set(np.unique(labels).tolist()) - set(regions) - {0, CAPS})
    if unknown:
        raise DataError(f"{voxels.name}: organ {unknown[0]} is not in {organs.name}")
    dx, dy, dz = voxel_mm
    affine = np.diag([-dx, -dy, dz, 1.0])  # columns run to the left, rows to the back
    affine[0, 3], affine[1, 3] = dx * (shape[0] - 1) / 2, dy * (shape[1] - 1) / 2
    source = f"voxels of {voxels.name} with densities of {organs.name} (format of ICRP 110)"
    return anatomy_of_labels(stem, "human", Grid(shape, affine), labels, regions, source)
