"""Pictures: opened again, their bars measured in pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from pdcraft.errors import DataError
from pdcraft.io.picture import INK, ColorBar, nice_length_mm, png_bytes

GREEN = ColorBar(np.array([[0.0, 0, 0], [0, 1, 0]]), 0.0, 1200.0, "electrons")


def opened(rgb, pixel_mm=(0.25, 0.25), **more):
    return np.asarray(Image.open(io.BytesIO(png_bytes(rgb, pixel_mm, **more))))


def longest_run(line):
    runs, now = [0], 0
    for dark in line:
        now = now + 1 if dark else 0
        runs.append(now)
    return max(runs)


def test_the_scale_bar_is_as_long_as_it_says():
    page = opened(np.ones((64, 64, 3)))
    scale = 8  # 480 / 64, rounded up
    dark = np.all(page == INK, axis=-1)
    # 16 mm wide: 5 mm is the longest nice length within a third; 20 image pixels of 0.25 mm
    assert max(longest_run(row) for row in dark) == 5.0 / 0.25 * scale


@pytest.mark.parametrize(
    ("width", "want"), [(16.0, 5.0), (3.0, 1.0), (6.1, 2.0), (0.5, 0.1), (700.0, 200.0)]
)
def test_nice_lengths(width, want):
    assert nice_length_mm(width) == pytest.approx(want, rel=1e-12, abs=0)


def test_image_pixels_are_kept_whole():
    rgb = np.random.default_rng(1).integers(0, 256, (50, 60, 3)) / 255
    page = opened(rgb)
    scale = 10
    body = page[12 : 12 + 500, 12 : 12 + 600]
    np.testing.assert_array_equal(body[::scale, ::scale], np.rint(rgb * 255).astype(np.uint8))
    np.testing.assert_array_equal(body[scale - 1 :: scale, ::scale], body[::scale, ::scale])


def test_the_color_bar_runs_from_low_to_high():
    page = opened(np.zeros((64, 64, 3)), bar=GREEN)
    x = 24 + 64 * 8 + 10  # inside the bar
    column = page[12 + 1 : 12 + 64 * 8 - 1, x, 1].astype(int)
    assert column[0] >= 254
    assert column[-1] <= 1
    assert np.all(np.diff(column) <= 0)


def test_labels_fit_on_the_page_and_are_drawn():
    wide = ColorBar(GREEN.colors, 0.0, 1.234e7, "uW/(cm2 sr)")
    page = opened(np.zeros((64, 64, 3)), bar=wide, title="CLR 1502, 24 h")
    right = page[:, -10:].reshape(-1, 3)
    assert np.all(right == 255)  # nothing is cut off at the edge
    labels = page[:, 24 + 64 * 8 + 30 : -12]
    assert np.any(labels < 128)
    assert np.any(page[:20] < 128)  # the title


def test_the_same_image_gives_the_same_bytes():
    assert png_bytes(np.ones((4, 4, 3)), (1, 1), GREEN) == png_bytes(
        np.ones((4, 4, 3)), (1, 1), GREEN
    )


def test_what_is_no_picture_is_refused():
    with pytest.raises(DataError, match="from 0 to 1"):
        png_bytes(np.full((4, 4, 3), 2.0), (1, 1))
    with pytest.raises(DataError, match="square pixels, got 1 by 2 mm"):
        png_bytes(np.ones((4, 4, 3)), (1, 2))
