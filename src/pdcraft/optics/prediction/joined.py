"""Pixels of a camera joined in blocks, as a reader of many fine pixels would join them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from pdcraft.core.arrays import Floats
from pdcraft.optics.camera import Camera

__all__ = ["JoinedPixels", "joined_pixels"]


@dataclass(frozen=True, slots=True)
class JoinedPixels:
    """A camera whose pixels are blocks of another's, and the rule for its images.

    Parameters
    ----------
    camera : Camera
    block : int
        Pixels along each edge of a block; rows and columns that fill none are left out.
    """

    camera: Camera
    block: int

    def sums(self, image: Floats) -> Floats:
        """Sum over blocks, (ny, nx) to the shape of the camera."""
        ny, nx = self.camera.shape
        b = self.block
        return image[: ny * b, : nx * b].reshape(ny, b, nx, b).sum(axis=(1, 3))


def joined_pixels(camera: Camera, most: int) -> JoinedPixels:
    """Join as few pixels as leave at most this many blocks.

    Electrons add; read noise adds in squares; what differs from pixel to pixel averages out.
    """
    nx, ny = camera.pixels
    block = max(1, math.ceil(math.sqrt(nx * ny / most)))
    if block == 1:
        return JoinedPixels(camera, 1)
    pixels = nx // block, ny // block
    field = tuple(n * block * edge for n, edge in zip(pixels, camera.pixel_mm, strict=True))
    sensor = camera.sensor
    joined = replace(
        sensor,
        read_noise_e=sensor.read_noise_e * block,
        dark_current_e_per_s=sensor.dark_current_e_per_s * block**2,
        full_well_e=sensor.full_well_e * block**2,
        bits=min(32, sensor.bits + math.ceil(2 * math.log2(block))),
        prnu=sensor.prnu / block,
        dark_pattern=sensor.dark_pattern / block,
        offset_dn=None,
        gain_e_per_dn=None,
    )
    made = replace(camera, pixels=pixels, field_of_view_mm=(field[0], field[1]), sensor=joined)
    return JoinedPixels(made, block)
