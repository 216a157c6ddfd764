"""NIfTI images: voxel arrays with their place in the body, in RAS+ mm as the format has it.

The one place where image files are turned into a `Grid` and numbers. NIfTI has no kind or unit for
its numbers: who reads an image says what it holds.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pdcraft import __version__
from pdcraft.core.arrays import Floats
from pdcraft.core.grid import Field, Grid
from pdcraft.errors import DataError
from pdcraft.io.atomic import write_files

__all__ = ["beside", "field_bytes", "nifti_path", "read_image", "write_field"]

SUFFIXES = (".nii.gz", ".nii")
MM_PER_UNIT = {"meter": 1000.0, "mm": 1.0, "micron": 1e-3, "unknown": 1.0}
RIGHT_ANGLE = 1e-3  # largest cosine between axes: single-precision affines reach 1e-6
EDGES_mm = (1e-3, 100.0)  # no voxel of an autoradiograph or a scanner is outside
SAME_EDGE = 0.01  # relative, between the header's voxel size and its affine's


def nifti_path(path: Path, option: str) -> Path:
    """Check the name of an image to write.

    Raises
    ------
    DataError
        Unless it ends in ``.nii.gz`` or ``.nii`` and is no folder.
    """
    if not path.name.lower().endswith(SUFFIXES):
        raise DataError(f"{option}: '{path}' must end in .nii.gz or .nii, e.g. {path.stem}.nii.gz")
    if path.is_dir():
        raise DataError(f"{option}: '{path}' is a folder; give the image a name in it")
    return path


def beside(path: Path, word: str) -> Path:
    """Name of an image beside another: ``dose.nii.gz`` gives ``dose_WORD.nii.gz``."""
    suffix = next(s for s in SUFFIXES if path.name.lower().endswith(s))
    cut = len(path.name) - len(suffix)
    return path.with_name(f"{path.name[:cut]}_{word}{path.name[cut:]}")


def read_image(path: Path) -> tuple[Grid, Floats]:
    """Read a three-dimensional NIfTI image.

    Parameters
    ----------
    path : Path
        NIfTI-1 or -2, ``.nii``, ``.nii.gz`` or a pair ``.hdr``, ``.img``; slope and intercept of
        the header are applied. Of several affines the sform counts, as the format has it.

    Returns
    -------
    grid : Grid
    values : ndarray, shape (nx, ny, nz)

    Raises
    ------
    DataError
        For a file that is missing, cut short or no NIfTI; for other than three dimensions or real
        numbers; NaN or infinity; no stated orientation; axes that are not at right angles; voxel
        sizes that contradict each other or that no scanner has.
    """
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError
    from nibabel.wrapstruct import WrapStructError

    if not path.is_file():
        raise DataError(f"{path}: there is no such file; check the path")
    try:
        loaded = nibabel.load(path, mmap=False)
        if not isinstance(loaded, nibabel.Nifti1Pair):
            raise DataError(f"{path} is no NIfTI image; convert it, e.g. with dcm2niix")
        image: Any = loaded
        shape = _three(path, image.shape)
        if image.get_data_dtype().kind not in "iuf":
            raise DataError(f"{path} holds {image.get_data_dtype()}; it must hold real numbers")
        values: Floats = image.get_fdata(dtype=np.float64).reshape(shape)
    except (ImageFileError, HeaderDataError, WrapStructError) as error:
        raise DataError(f"{path} is no readable NIfTI image, or cut short: {error}") from None
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise DataError(
            f"{path} is cut short or damaged ({error}); copy or convert it anew"
        ) from None
    bad = ~np.isfinite(values)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise DataError(
            f"{path}: {int(bad.sum())} of {values.size} voxels are NaN or infinite, the first at "
            f"index {where}; give them a number, e.g. 0 where nothing was measured"
        )
    return _grid(path, image.header, shape, image.affine), values


def _three(path: Path, shape: tuple[int, ...]) -> tuple[int, int, int]:
    kept = shape[:3]
    if len(shape) < 3 or any(n != 1 for n in shape[3:]) or min(kept) < 1:
        raise DataError(
            f"{path} has shape {shape}; it must have three dimensions: save one time point or "
            "channel as an image of its own"
        )
    return kept  # pyright: ignore[reportReturnType]  # three of them


def _grid(path: Path, header: Any, shape: tuple[int, int, int], affine: Floats) -> Grid:
    if not int(header["sform_code"]) and not int(header["qform_code"]):
        raise DataError(
            f"{path} does not say how it lies in the body (sform and qform codes are 0); save it "
            "with its orientation, e.g. by converting the DICOM series anew"
        )
    factor = MM_PER_UNIT[header.get_xyzt_units()[0]]
    in_mm = np.array(affine, dtype=np.float64)
    in_mm[:3] *= factor
    if not np.isfinite(in_mm).all():
        raise DataError(f"{path}: its affine holds NaN or infinity; save it with its orientation")
    try:
        grid = Grid(shape, in_mm)
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    edges = grid.voxel_mm
    said = "×".join(f"{h:.4g}" for h in edges)
    if edges.min() < EDGES_mm[0] or edges.max() > EDGES_mm[1]:
        raise DataError(
            f"{path}: voxels of {said} mm; edges must lie within {EDGES_mm[0]:g} and "
            f"{EDGES_mm[1]:g} mm: correct the header's length unit or its affine"
        )
    zooms = np.array(header.get_zooms()[:3], dtype=np.float64) * factor
    if np.any(np.abs(zooms / edges - 1) > SAME_EDGE):
        wrong = "×".join(f"{h:.4g}" for h in zooms)
        raise DataError(
            f"{path}: its affine has voxels of {said} mm but its header says {wrong} mm; save it "
            "with one of the two"
        )
    axes = grid.affine[:3, :3] / edges
    lean = float(np.abs(axes.T @ axes - np.eye(3)).max())
    if lean > RIGHT_ANGLE:
        raise DataError(
            f"{path}: its axes are {np.degrees(np.arccos(lean)):.1f}° apart instead of 90° (a "
            "tilted gantry?); resample it to a grid of right angles"
        )
    return grid


def field_bytes(field: Field, name: str, *, error: bool = False) -> bytes:
    """Return a field as a NIfTI-1 file; the same field gives the same bytes.

    Parameters
    ----------
    field : Field
        Stored in single precision, with its kind and unit in the header's description.
    name : str
        Of the file: one that ends in ``.gz`` is compressed.
    error : bool
        The standard error instead of the values.
    """
    import nibabel

    values = field.std_err if error else field.values
    if values is None:
        raise DataError(f"field of {field.quantity.name} has no standard error")
    image = nibabel.Nifti1Image(values.astype(np.float32), field.grid.affine)
    image.set_qform(field.grid.affine, code=1)
    image.set_sform(field.grid.affine, code=1)
    header: Any = image.header
    header.set_xyzt_units("mm")
    what = f"{'standard error of ' if error else ''}{field.quantity.name}"
    header["descrip"] = f"{what}, {field.quantity.unit}; pdcraft {__version__}".encode()[:79]
    header["intent_name"] = field.quantity.unit.encode()[:15]
    raw = image.to_bytes()
    return gzip.compress(raw, compresslevel=6, mtime=0) if name.lower().endswith(".gz") else raw


def write_field(path: Path, field: Field) -> Mapping[str, Path]:
    """Write a field and, where it has one, its standard error beside it, all or nothing.

    Returns
    -------
    mapping of str to Path
        ``"values"`` and, if written, ``"std_err"``.

    Raises
    ------
    DataError
        For another ending than ``.nii.gz`` or ``.nii``, or a place that cannot be written.
    """
    nifti_path(path, "image")
    files = {path: field_bytes(field, path.name)}
    out = {"values": path}
    if field.std_err is not None:
        out["std_err"] = beside(path, "std_err")
        files[out["std_err"]] = field_bytes(field, path.name, error=True)
    write_files(files)
    return out
