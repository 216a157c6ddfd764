"""Color of a dose: one sequential scale, pale for low and dark for high, and its bar.

The scale is matplotlib's magma (S. van der Walt, N. Smith, 2015; CC0), reversed and without its
darkest part: even steps of lightness, in order also in print and for readers who confuse colors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.errors import DataError
from pdcraft.report.style import INK, MUTED
from pdcraft.report.tissue_colors import NO_VALUE, mixed
from pdcraft.report.words import number

__all__ = ["DoseScale", "dose_scale", "scale_bar_svg"]

STOPS = (
    "#fcfdbf", "#feca8d", "#fd9668", "#f1605d", "#cd4071", "#9e2f7f", "#721f81", "#440f76",
)  # fmt: skip
SPAN = 100.0  # beyond this ratio of highest to lowest the scale is logarithmic
MOST_DECADES = 4
WIDTH, HEIGHT, CELLS = 300, 12, 60


@dataclass(frozen=True, slots=True)
class DoseScale:
    """Limits of a scale of colors, both finite and `low` < `high`."""

    low: float
    high: float
    log: bool

    def share(self, value: float) -> float:
        """Place of a value on the scale, 0 to 1; values beyond are at its ends."""
        if self.log:
            if value <= 0:
                return 0.0
            place = np.log(value / self.low) / np.log(self.high / self.low)
        else:
            place = (value - self.low) / (self.high - self.low)
        return float(np.clip(place, 0.0, 1.0))

    def color(self, value: float) -> str:
        """Color of a value as ``#rrggbb``."""
        place = self.share(value) * (len(STOPS) - 1)
        first = min(int(place), len(STOPS) - 2)
        return mixed(STOPS[first], STOPS[first + 1], place - first)

    @property
    def ticks(self) -> list[float]:
        """Round numbers on the scale."""
        if self.log:
            powers = range(round(np.log10(self.low)), round(np.log10(self.high)) + 1)
            return [10.0**p for p in powers]
        return [float(f"{t:.6g}") for t in np.arange(6) * (self.high / 5)]


def _round_up(value: float) -> float:
    power = 10.0 ** np.floor(np.log10(value))
    return float(
        next(m for m in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if m * power >= value * 0.999999)
    ) * (float(power))


def dose_scale(values: Sequence[float], log: bool | None = None) -> DoseScale:
    """Scale that holds values: from zero, or logarithmic in whole decades.

    Parameters
    ----------
    values : sequence of float
        Not negative.
    log : bool, optional
        Logarithmic; by default if the highest is more than 100 times the lowest above zero. At
        most four decades are shown.

    Raises
    ------
    DataError
        If a value is negative or not finite, or none is above zero.
    """
    array = np.asarray(values, dtype=float)
    if array.size == 0 or not np.all(np.isfinite(array)) or np.any(array < 0) or array.max() <= 0:
        raise DataError(
            "a picture of doses needs finite values that are not negative, one above zero; "
            f"got {array.tolist()}"
        )
    highest, lowest = float(array.max()), float(array[array > 0].min())
    if log if log is not None else highest > SPAN * lowest:
        top = int(np.ceil(np.log10(highest) - 1e-9))
        bottom = max(int(np.floor(np.log10(lowest) + 1e-9)), top - MOST_DECADES)
        return DoseScale(10.0 ** min(bottom, top - 1), 10.0**top, True)
    return DoseScale(0.0, _round_up(highest), False)


def scale_bar_svg(scale: DoseScale, words: str, *, below: bool) -> str:
    """Bar of a scale with its ticks, and the patch that stands for no value; inline SVG.

    Parameters
    ----------
    scale : DoseScale
    words : str
        Quantity and unit, already escaped.
    below : bool
        Whether values below a logarithmic scale have its lowest color.
    """
    x0, y0 = 16, 24
    parts = [
        f'<svg class="dosebar" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 62" width="460" '
        f'height="62" role="img" aria-label="color scale" font-size="11" fill="{INK}">'
        f'<text x="{x0}" y="14" font-size="12">{words}{", logarithmic" if scale.log else ""}</text>'
    ]
    step = WIDTH / CELLS
    for i in range(CELLS):
        value = (i + 0.5) / CELLS
        inside = (
            scale.low * (scale.high / scale.low) ** value
            if scale.log
            else scale.low + value * (scale.high - scale.low)
        )
        parts.append(
            f'<rect x="{x0 + i * step:g}" y="{y0}" width="{step + 0.4:g}" height="{HEIGHT}" '
            f'fill="{scale.color(inside)}"/>'
        )
    for tick in scale.ticks:
        x = x0 + WIDTH * scale.share(tick)
        sign = "≤ " if below and tick == scale.ticks[0] else ""
        parts.append(
            f'<path d="M{x:.1f} {y0 + HEIGHT}v4" stroke="{MUTED}"/><text x="{x:.1f}" '
            f'y="{y0 + HEIGHT + 16}" text-anchor="middle">{sign}{_tick(tick)}</text>'
        )
    x = x0 + WIDTH + 34
    parts.append(
        f'<rect x="{x}" y="{y0}" width="22" height="{HEIGHT}" fill="{NO_VALUE}" stroke="{MUTED}" '
        f'stroke-width=".6"/><path d="M{x + 2} {y0 + 12}l12 -12M{x + 10} {y0 + 12}l12 -12" '
        f'stroke="{MUTED}" stroke-width=".8"/>'
        f'<text x="{x + 28}" y="{y0 + 10}">no value</text></svg>'
    )
    return "".join(parts)


def _tick(value: float) -> str:
    return f"{float(f'{value:.3g}'):g}" if 1e-4 <= value < 1e5 or value == 0 else number(value)
