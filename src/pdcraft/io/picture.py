"""PNG pictures of images, with a scale bar and a color bar whose labels can be read."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

__all__ = ["ColorBar", "nice_length_mm", "png_bytes"]

SHORTEST_SIDE = 480  # pixels of the picture, so that labels can be read
MARGIN = 12
FONT_SIZE = 16
BAR_WIDTH = 22
INK, PAPER = (20, 20, 20), (255, 255, 255)


@dataclass(frozen=True, slots=True)
class ColorBar:
    """What the colors mean.

    Parameters
    ----------
    colors : ndarray, shape (n, 3)
        sRGB from 0 to 1, from the low to the high end.
    low, high : float
    unit : str
    """

    colors: Floats
    low: float
    high: float
    unit: str


def nice_length_mm(width_mm: float) -> float:
    """Longest of 1, 2, 5 times a power of ten within a third of a width.

    Examples
    --------
    >>> nice_length_mm(16.0)
    5.0
    """
    room = width_mm / 3.0
    power = 10.0 ** math.floor(math.log10(room))
    return max(step * power for step in (1.0, 2.0, 5.0) if step * power <= room)


@cache
def _font() -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size=FONT_SIZE)


def _text_size(text: str) -> tuple[int, int]:
    left, top, right, bottom = _font().getbbox(text)
    return math.ceil(right - min(left, 0)), math.ceil(bottom - min(top, 0))


def png_bytes(
    rgb: Floats, pixel_mm: tuple[float, float], bar: ColorBar | None = None, title: str = ""
) -> bytes:
    """Return a picture; the same image gives the same bytes.

    Parameters
    ----------
    rgb : ndarray, shape (ny, nx, 3)
        sRGB from 0 to 1. The first row is the top. Each pixel becomes a whole number of screen
        pixels: nothing is interpolated.
    pixel_mm : tuple of two float
        Along x and y.
    bar : ColorBar, optional
    title : str

    Raises
    ------
    DataError
        For another shape, values outside 0 to 1, or pixels that are not square.
    """
    from PIL import Image, ImageDraw

    values = np.asarray(rgb, dtype=np.float64)
    if values.ndim != 3 or values.shape[2] != 3 or values.min() < 0 or values.max() > 1:
        raise DataError(f"a picture takes (ny, nx, 3) from 0 to 1, got {values.shape}")
    if abs(pixel_mm[0] / pixel_mm[1] - 1) > 1e-6:
        raise DataError(f"a picture takes square pixels, got {pixel_mm[0]:g} by {pixel_mm[1]:g} mm")
    scale = max(1, math.ceil(SHORTEST_SIDE / min(values.shape[:2])))
    small = Image.fromarray(np.rint(values * 255).astype(np.uint8), "RGB")
    body = small.resize((small.width * scale, small.height * scale), Image.Resampling.NEAREST)
    length = nice_length_mm(values.shape[1] * pixel_mm[0])
    left, right = _bar_labels(bar)
    beside = BAR_WIDTH + 3 * MARGIN + max(_text_size(t)[0] for t in (left, right)) if bar else 0
    foot = _text_size("0 mm")[1] + 3 * MARGIN
    head = _text_size(title)[1] + MARGIN if title else 0
    whole = (body.width + 2 * MARGIN + beside, body.height + MARGIN + head + foot)
    page = Image.new("RGB", whole, PAPER)
    pen = ImageDraw.Draw(page)
    if title:
        pen.text((MARGIN, MARGIN // 2), title, fill=INK, font=_font())
    top = head + MARGIN
    page.paste(body, (MARGIN, top))
    _scale_bar(pen, MARGIN, top + body.height + MARGIN, length, length / pixel_mm[0] * scale)
    if bar is not None:
        _color_bar(page, pen, bar, 2 * MARGIN + body.width, top, body.height)
    out = io.BytesIO()
    page.save(out, format="PNG")
    return out.getvalue()


def _scale_bar(pen: ImageDraw.ImageDraw, x: int, y: int, length_mm: float, pixels: float) -> None:
    pen.rectangle((x, y, x + round(pixels) - 1, y + 5), fill=INK)
    pen.text((x + round(pixels) + MARGIN, y - 6), f"{length_mm:g} mm", fill=INK, font=_font())


def _bar_labels(bar: ColorBar | None) -> tuple[str, str]:
    return ("", "") if bar is None else (f"{bar.low:.4g}", f"{bar.high:.4g} {bar.unit}")


def _color_bar(
    page: Image.Image, pen: ImageDraw.ImageDraw, bar: ColorBar, x: int, y: int, height: int
) -> None:
    from PIL import Image

    at = np.linspace(len(bar.colors) - 1, 0, height)
    grid = np.arange(len(bar.colors))
    column = np.stack([np.interp(at, grid, np.asarray(bar.colors)[:, c]) for c in range(3)], -1)
    strip = np.repeat(np.rint(column * 255).astype(np.uint8)[:, None], BAR_WIDTH, axis=1)
    page.paste(Image.fromarray(strip, "RGB"), (x, y))
    pen.rectangle((x, y, x + BAR_WIDTH - 1, y + height - 1), outline=INK)
    low, high = _bar_labels(bar)
    pen.text((x + BAR_WIDTH + MARGIN // 2, y), high, fill=INK, font=_font())
    base = y + height - _text_size(low)[1]
    pen.text((x + BAR_WIDTH + MARGIN // 2, base), low, fill=INK, font=_font())
