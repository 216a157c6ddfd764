"""Planes of numbers in TIFF or PNG files: height maps, masks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["read_plane"]


def read_plane(path: Path, what: str) -> Floats:
    """Read one plane, shape (rows, columns).

    Parameters
    ----------
    path : Path
        A TIFF with one page, or a PNG in gray.
    what : str
        For messages.

    Raises
    ------
    DataError
        For a file that is missing, no image, or not one plane of finite numbers.
    """
    if not path.is_file():
        raise DataError(f"{what}: there is no file '{path.name}'")
    suffix = path.suffix.lower()
    try:
        if suffix in (".tif", ".tiff"):
            import tifffile

            values = np.asarray(tifffile.imread(path))
        elif suffix == ".png":
            from PIL import Image

            with Image.open(path) as image:
                values = np.asarray(image.convert("F"))
        else:
            raise DataError(f"{what}: '{path.name}' is no .tif, .tiff or .png")
    except DataError:
        raise
    except Exception as error:  # the readers raise many kinds for files that are no images
        raise DataError(f"{what}: '{path.name}' cannot be read as an image: {error}") from error
    if values.ndim != 2 or not values.size:
        raise DataError(f"{what}: '{path.name}' has shape {values.shape}; one plane is wanted")
    values = values.astype(np.float64)
    if not np.all(np.isfinite(values)):
        raise DataError(f"{what}: '{path.name}' holds values that are not finite")
    return values
