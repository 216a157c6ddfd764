"""Draw one picture of a body as inline SVG: areas, labels with leaders, scale bar, letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.report.body_labels import Label, placed
from pdcraft.report.body_views import View, is_tumor
from pdcraft.report.style import INK, MUTED
from pdcraft.report.tissue_colors import NO_VALUE, mixed, organ_key, organ_words

__all__ = ["Look", "Picture", "draw_view"]

FINE = 10  # units of a path per pixel
HEAD, GAP = 40, 14.0
LABEL_px, LETTER_px, LEAST_px = 10.5, 5.4, 2.5
COLUMN_px = 58.0  # at least, so that the letters have their place
MUTE = ("remainder", "skin")  # all around: no label


@dataclass(frozen=True, slots=True)
class Look:
    """How a region is drawn: fill (None: hatched), opacity, words on hover, words after its name.

    ``height`` is the order in the view from the front: higher ones are drawn later.
    """

    fill: str | None
    opacity: float
    hover: str
    value: str
    data: str
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn view: its size in pixels and what is inside its ``<svg>``."""

    width: int
    height: int
    inside: str

    def svg(self, label: str) -> str:
        """Write the picture as an SVG element of its own."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" role="img" aria-label="{escape(label)}" '
            f'fill="{INK}">{self.inside}</svg>'
        )


def _path(rings: Sequence[Floats], scale: float) -> str:
    """Write closed lines as relative moves in tenths of a pixel; lines of no extent vanish."""
    parts: list[str] = []
    for ring in rings:
        points = np.round(ring * scale * FINE).astype(np.int64)
        steps = np.diff(points, axis=0)
        steps = steps[np.any(steps != 0, axis=1)]
        if len(steps) < 2:
            continue
        moves = "".join(f"{x}{'' if y < 0 else ' '}{y} " for x, y in steps.tolist())
        parts.append(f"M{points[0, 0]} {points[0, 1]}l{moves.rstrip()}z".replace(" -", "-"))
    return "".join(parts).replace(" z", "z")


def _order(view: View, body: Body, look: Callable[[int], Look]) -> list[int]:
    """Regions from the first to the last drawn: tumors on top, the body's surface at the bottom."""
    keys = list(view.outlines)
    if view.kind != "front":
        return sorted(keys, key=lambda k: (is_tumor(body.regions[k]), k))
    return sorted(
        (k for k in keys if body.regions[k] != "skin"),
        key=lambda k: (
            body.regions[k] != "remainder",
            is_tumor(body.regions[k]),
            look(k).height,
            k,
        ),
    )


def _areas(view: View, body: Body, scale: float) -> dict[str, list[Floats]]:
    """Lines of what gets a label, px: a wall stands for its organ, parts of one bone are one."""
    names = {body.regions[k] for k in view.outlines}
    out: dict[str, list[Floats]] = {}
    for k, rings in view.outlines.items():
        region = body.regions[k]
        wall = f"{organ_key(region)}_wall"
        if region in MUTE or (region.endswith("_contents") and wall in names):
            continue
        out.setdefault(organ_words(body, region), []).extend(ring * scale for ring in rings)
    return out


def _said(label: Label, words: Mapping[str, str]) -> str:
    return f"{label.name} {words.get(label.name, '')}".strip()


def _column_px(labels: Sequence[Label], words: Mapping[str, str], side: str) -> float:
    """Width of a column of labels with its leaders."""
    longest = max((len(_said(one, words)) for one in labels if one.side == side), default=0)
    return max(COLUMN_px, LETTER_px * longest + 18)


def _labels_svg(
    labels: Sequence[Label], words: Mapping[str, str], bold: set[str], x0: float, wide: float
) -> str:
    """Labels, their leaders and the dots at what they name."""
    leaders, dots, texts = "", "", ""
    for label in labels:
        toward = -1 if label.side == "left" else 1
        edge = x0 - 10 if label.side == "left" else x0 + wide + 10
        x, y = x0 + label.anchor.x, label.anchor.y
        weight = ' font-weight="700"' if label.name in bold else ""
        end = "end" if label.side == "left" else "start"
        said = escape(_said(label, words))
        leaders += f"M{edge:.1f} {label.y:.1f}h{-4 * toward}L{x:.1f} {y:.1f}"
        dots += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.7"/>'
        texts += (
            f'<text x="{edge + 4 * toward:.1f}" y="{label.y + 3.8:.1f}" text-anchor="{end}"'
            f"{weight}>{said}</text>"
        )
    return (
        f'<path d="{leaders}" fill="none" stroke="{INK}" stroke-width=".7" stroke-opacity=".75"/>'
        f'<g fill="#fff" stroke="{INK}" stroke-width=".9">{dots}</g>'
        f'<g font-size="{LABEL_px}">{texts}</g>'
    )


def _hatch(ident: str) -> str:
    """Pattern of regions without a value."""
    side = 6 * FINE
    return (
        f'<defs><pattern id="{ident}-none" width="{side}" height="{side}" '
        f'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<path d="M0 0h{side}v{side}H0z" fill="{NO_VALUE}"/>'
        f'<path d="M0 0v{side}" stroke="#98a1ad" stroke-width="{1.6 * FINE:g}"/></pattern></defs>'
    )


def _heading(view: View, x: float) -> str:
    at = f'x="{x:.1f}" text-anchor="middle"'
    return (
        f'<text {at} y="14" font-size="13" font-weight="600">{escape(view.title)}</text>'
        f'<text {at} y="29" font-size="11" fill="{MUTED}">{escape(view.note)}</text>'
    )


def _scale_bar(mm_wide: float, scale: float, x: float, y: float) -> str:
    length = next(m for m in (200, 100, 50, 20, 10, 5, 2, 1) if m <= 0.55 * mm_wide)
    px = length * scale
    words = f"{length // 10} cm" if length >= 10 else f"{length} mm"
    return (
        f'<path d="M{x:.1f} {y:.1f}v-4m0 2h{px:.1f}m0-2v4" fill="none" stroke="{INK}" '
        f'stroke-width="1.4"/><text x="{x + px / 2:.1f}" y="{y + 12:.1f}" font-size="10.5" '
        f'text-anchor="middle">{words}</text>'
    )


def _compass(letters: tuple[str, str, str, str], x: float, y: float) -> str:
    left, right, top, bottom = letters
    return (
        f'<g font-size="10.5" text-anchor="middle" font-weight="600"><path d="M{x - 8} {y}h16M{x} '
        f'{y - 8}v16" stroke="{MUTED}"/><text x="{x - 15}" y="{y + 3.7}">{left}</text>'
        f'<text x="{x + 15}" y="{y + 3.7}">{right}</text><text x="{x}" y="{y - 11}">{top}</text>'
        f'<text x="{x}" y="{y + 18.5}">{bottom}</text></g>'
    )


def draw_view(
    view: View, body: Body, look: Callable[[int], Look], px_per_mm: float, ident: str
) -> Picture:
    """Draw a view.

    Parameters
    ----------
    view : View
    body : Body
    look : callable
        `Look` of a region by its index.
    px_per_mm : float
    ident : str
        Name that no other picture of the page has.
    """
    wide, high = (px_per_mm * s for s in view.size_mm)
    looks = {k: look(k) for k in view.outlines}
    areas = _areas(view, body, px_per_mm)
    labels = placed(areas, wide / 2, GAP, (2.0, max(high - 2.0, GAP)), LEAST_px)
    words = _values(body, looks)
    columns = [_column_px(labels, words, side) for side in ("left", "right")]
    width, x0, y0 = int(np.ceil(wide + sum(columns))), columns[0], float(HEAD)
    shapes = [
        _shape(body.regions[k], view.outlines[k], looks[k], px_per_mm, ident)
        for k in _order(view, body, lambda k: looks[k])
    ]
    bold = {organ_words(body, r) for r in body.regions if is_tumor(r)}
    written = _labels_svg(labels, words, bold, x0, wide)
    lowest = max([high, *(label.y for label in labels)])
    bottom = y0 + lowest + 22
    inside = (
        f"{_hatch(ident)}{_heading(view, x0 + wide / 2)}"
        f'<g transform="translate({x0:.1f} {y0:.1f})"><g transform="scale({1 / FINE:g})" '
        f'stroke-linejoin="round" fill-rule="evenodd">{"".join(shapes)}</g></g>'
        f'<g transform="translate(0 {y0:.1f})" pointer-events="none">{written}</g>'
        f"{_scale_bar(view.size_mm[0], px_per_mm, x0, bottom)}"
        f"{_compass(view.letters, x0 + wide + 32, bottom - 2)}"
    )
    return Picture(width, int(np.ceil(bottom + 24)), inside)


def _values(body: Body, looks: Mapping[int, Look]) -> dict[str, str]:
    """Words after the names on labels: of the wall where there is one."""
    out: dict[str, str] = {}
    for contents in (True, False):
        out |= {
            organ_words(body, body.regions[k]): look.value
            for k, look in looks.items()
            if body.regions[k].endswith("_contents") is contents
        }
    return out


def _shape(region: str, rings: Sequence[Floats], look: Look, scale: float, ident: str) -> str:
    path = _path(rings, scale)
    if not path:
        return ""
    fill = f"url(#{ident}-none)" if look.fill is None else look.fill
    dark = INK if is_tumor(region) else mixed(look.fill or "#b9c0c9", INK, 0.45)
    width = 1.6 if is_tumor(region) else 0.6
    faint = "" if look.opacity == 1.0 else f' fill-opacity="{look.opacity:g}"'
    return (
        f'<path data-region="{escape(region)}"{look.data} fill="{fill}"{faint} stroke="{dark}" '
        f'stroke-width="{width * FINE:g}" d="{path}"><title>{escape(look.hover)}</title></path>'
    )
