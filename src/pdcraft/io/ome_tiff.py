"""OME-TIFF: images with pixel size, unit, wavelengths and exposure that any viewer can read.

References
----------
.. [OME] OME-TIFF specification 6, Open Microscopy Environment, docs.openmicroscopy.org/ome-model
"""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pdcraft import __version__
from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

__all__ = ["ImageChannel", "ome_tiff_bytes"]


@dataclass(frozen=True, slots=True)
class ImageChannel:
    """One channel of an image: what it shows and how it was taken.

    Parameters
    ----------
    name : str
    unit : str
        Of the numbers, e.g. ``"uW/(cm2 sr)"``; kept as the channel's name ``NAME [UNIT]``.
    excitation_nm, emission_nm : float, optional
        Written if all channels of a file have it.
    exposure_s : float, optional
        As above.
    """

    name: str
    unit: str
    excitation_nm: float | None = None
    emission_nm: float | None = None
    exposure_s: float | None = None


def ome_tiff_bytes(
    images: Floats, channels: Sequence[ImageChannel], pixel_mm: tuple[float, float]
) -> bytes:
    """Return images as an OME-TIFF of 32-bit floats; the same images give the same bytes.

    Parameters
    ----------
    images : ndarray, shape (channels, ny, nx)
    channels : sequence of ImageChannel
    pixel_mm : tuple of two float
        Along x and y.

    Raises
    ------
    DataError
        For images of another shape, or numbers that are not finite or too large for 32 bits.
    """
    import tifffile

    stack = np.asarray(images, dtype=np.float64)
    if stack.ndim != 3 or stack.shape[0] != len(channels) or not channels:
        raise DataError(
            f"images of shape {stack.shape} for {len(channels)} channels; (channels, ny, nx) is "
            "wanted"
        )
    largest = float(np.finfo(np.float32).max)
    if not np.all(np.isfinite(stack)) or np.any(np.abs(stack) > largest):
        raise DataError("an image for OME-TIFF has numbers that are not finite in 32 bits")
    out = io.BytesIO()
    pixels = stack.astype("<f4")
    metadata: dict[str, Any] = {
        "axes": "CYX",
        "Creator": f"pdcraft {__version__}",
        "UUID": str(uuid.uuid5(uuid.NAMESPACE_OID, hashlib.sha256(pixels.tobytes()).hexdigest())),
        "PhysicalSizeX": pixel_mm[0],
        "PhysicalSizeXUnit": "mm",
        "PhysicalSizeY": pixel_mm[1],
        "PhysicalSizeYUnit": "mm",
        "Channel": _channels(channels),
    }
    if all(c.exposure_s is not None for c in channels):
        metadata["Plane"] = {
            "ExposureTime": [c.exposure_s for c in channels],
            "ExposureTimeUnit": ["s"] * len(channels),
        }
    with tifffile.TiffWriter(out, ome=True, byteorder="<") as writer:
        writer.write(
            pixels,
            photometric="minisblack",
            metadata=metadata,
            resolution=(10.0 / pixel_mm[0], 10.0 / pixel_mm[1]),
            resolutionunit="CENTIMETER",
            software=f"pdcraft {__version__}",
            datetime=None,
        )
    return out.getvalue()


def _channels(channels: Sequence[ImageChannel]) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {"Name": [f"{c.name} [{c.unit}]" for c in channels]}
    for key, values in (
        ("ExcitationWavelength", [c.excitation_nm for c in channels]),
        ("EmissionWavelength", [c.emission_nm for c in channels]),
    ):
        if all(v is not None for v in values):  # tifffile wants one for every channel, or none
            out[key] = values
            out[f"{key}Unit"] = ["nm"] * len(values)
    return out
