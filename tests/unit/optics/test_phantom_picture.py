"""The documentation's picture of targets is made by the code and is what is shipped."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from pdcraft.io.picture import png_bytes
from pdcraft.optics.phantom.__main__ import four_targets

SHIPPED = Path(__file__).parents[3] / "docs" / "images" / "phantom.png"


def test_the_picture_is_the_codes():
    made = np.asarray(Image.open(io.BytesIO(png_bytes(*four_targets()))), dtype=int)
    shipped = np.asarray(Image.open(SHIPPED), dtype=int)
    assert made.shape == shipped.shape
    # fonts differ between versions of the drawing library; the images of the targets do not
    body = (slice(12, 12 + 196 * 3), slice(12, 12 + 196 * 3))
    assert np.abs(made[body] - shipped[body]).max() <= 3
