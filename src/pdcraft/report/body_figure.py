"""A body in pictures, in its organs' own colors or in those of their doses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

import numpy as np

from pdcraft.core.body import Body
from pdcraft.errors import DataError
from pdcraft.report.body_svg import Look, Picture, draw_view
from pdcraft.report.body_views import View, body_views, is_tumor
from pdcraft.report.dose_colors import DoseScale, dose_scale, scale_bar_svg
from pdcraft.report.style import FONT
from pdcraft.report.tissue_colors import is_bone, tissue_color
from pdcraft.report.words import number, region_words

__all__ = ["OrganValues", "body_figure", "body_sheet", "region_value"]

FRONT_px, TALL_px, TRANSVERSE_px = 490.0, 450.0, 340.0
SHEET_COLUMNS, BETWEEN_px, EDGE_px = 3, 10, 12
GHOST = 0.55


@dataclass(frozen=True, slots=True)
class OrganValues:
    """Numbers that color a body.

    Parameters
    ----------
    quantity, unit : str
        As people read them: ``"mean absorbed dose per activity"``, ``"mGy/MBq"``.
    value : mapping of str to float
        By target, finite and not negative. A group (``skeleton``) colors its members that have no
        value of their own, ``muscle`` the soft tissue that stands for it.
    low, high : mapping of str to float
        95% limits where there are any.
    """

    quantity: str
    unit: str
    value: Mapping[str, float]
    low: Mapping[str, float] = field(default_factory=dict[str, float])
    high: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        for name, value in self.value.items():
            if not 0 <= value < np.inf:
                raise DataError(
                    f"{self.quantity} of {name} is {value}; a picture shows finite numbers that "
                    "are not negative, leave out what is not known"
                )


def region_value(body: Body, values: OrganValues, region: str) -> str | None:
    """Name of the target whose number a region shows; None without one."""
    if region in values.value:
        return region
    for group, members in body.groups.items():
        if group != "total_body" and region in members and group in values.value:
            return group
    return next(
        (
            name
            for name, where in body.stands_for.items()
            if where == region and name in values.value
        ),
        None,
    )


def _own_look(body: Body, view: View) -> Callable[[int], Look]:
    def look(k: int) -> Look:
        region = body.regions[k]
        back = float(body.solids.box_cm[body.solids.region == k][:, :, 1].mean())
        ghost = view.kind == "front" and region != "remainder" and not is_tumor(region)
        return Look(
            tissue_color(body, region),
            GHOST if ghost else 1.0,
            region_words(region),
            "",
            "",
            -back,
        )

    return look


def _dose_look(body: Body, values: OrganValues, scale: DoseScale) -> Callable[[int], Look]:
    def look(k: int) -> Look:
        region = body.regions[k]
        target = region_value(body, values, region)
        if target is None:
            return Look(None, 1.0, f"{region_words(region)}: no value", "", "", -1.0)
        value = values.value[target]
        said = f"{region_words(region)}: {number(value)} {values.unit}"
        if target in values.low and target in values.high:
            said += f" ({number(values.low[target])} to {number(values.high[target])})"
        if target != region:
            said += f", value of {region_words(target)}"
        data = f' data-target="{escape(target)}" data-value="{value!r}"'
        shown = values.value.get("skeleton") if is_bone(body, region) else value
        words = "" if shown is None else number(shown)
        return Look(scale.color(value), 1.0, said, words, data, value)

    return look


def _px_per_mm(view: View, views: Sequence[View]) -> float:
    """Scale of a view; sections of one kind share theirs."""
    if view.kind == "front":
        return FRONT_px / view.size_mm[1]
    if view.kind == "transverse":
        return TRANSVERSE_px / max(v.size_mm[0] for v in views if v.kind == "transverse")
    tall = [v.size_mm[1] for v in views if v.kind in ("coronal", "sagittal")]
    return TALL_px / max(tall)


def _columns(
    body: Body,
    values: OrganValues | None,
    log: bool | None,
    name: str,
    given: tuple[View, ...] | None = None,
) -> tuple[list[list[Picture]], str]:
    """Pictures in columns, the transverse ones on each other, and the bar of the colors."""
    views, bar = given or body_views(body), ""
    looks = [_own_look(body, view) for view in views]
    if values is not None:
        shown = {region_value(body, values, r) for r in body.regions} - {None}
        found = [v for n, v in values.value.items() if n in shown]
        scale = dose_scale(found, log)
        looks = [_dose_look(body, values, scale)] * len(views)
        views = (replace(views[0], note="highest on each line of sight"), *views[1:])
        below = scale.log and min(found) < scale.low
        bar = scale_bar_svg(scale, escape(f"{values.quantity}, {values.unit}"), below=below)
    pictures = [
        draw_view(view, body, look, _px_per_mm(view, views), f"{name}-{i}")
        for i, (view, look) in enumerate(zip(views, looks, strict=True))
    ]
    tall = [[p] for p, v in zip(pictures, views, strict=True) if v.kind != "transverse"]
    flat = [p for p, v in zip(pictures, views, strict=True) if v.kind == "transverse"]
    return [*tall, flat], bar


def body_figure(
    body: Body,
    values: OrganValues | None = None,
    *,
    name: str = "body",
    log: bool | None = None,
    views: tuple[View, ...] | None = None,
) -> str:
    """Pictures of a body for a page: from the front and in sections, with labels.

    Parameters
    ----------
    body : Body
    values : OrganValues, optional
        Color regions by these; those without a number are hatched. The view from the front then
        shows the highest number on each line of sight. Without it organs have their own colors.
    name : str
        Start of the ids of elements, unique on the page.
    log : bool, optional
        Logarithmic colors; by default if the numbers span more than a factor of 100.
    views : tuple of View, optional
        What `body_views` gave for this body: spares two seconds for a second figure.

    Returns
    -------
    str
        HTML with inline SVG; nothing is loaded, and the same input gives the same text. Every area
        carries ``data-region`` and, if it has a number, ``data-target`` and ``data-value``.
    """
    columns, bar = _columns(body, values, log, name, views)
    inside = "".join(
        f'<div class="bodycolumn{" wide" if len(column) > 1 else ""}">'
        f"{''.join(p.svg(f'{body.name}, picture') for p in column)}</div>"
        for column in columns
    )
    return f'{bar}<div class="bodyviews">{inside}</div>'


def body_sheet(body: Body, values: OrganValues | None = None, *, log: bool | None = None) -> str:
    """Draw the same pictures as one SVG file, for documents."""
    columns, bar = _columns(body, values, log, "sheet")
    x, y, tallest, parts = EDGE_px, 74 if bar else 8, 0, [bar]
    widest = 0
    for k, column in enumerate(columns):
        width = max(p.width for p in column)
        if x > EDGE_px and k % SHEET_COLUMNS == 0:
            x, y, tallest = EDGE_px, y + tallest + BETWEEN_px, 0
        at = y
        for picture in column:
            parts.append(
                f'<g transform="translate({x + (width - picture.width) // 2} {at})">'
                f"{picture.inside}</g>"
            )
            at += picture.height + BETWEEN_px
        tallest, x = max(tallest, at - y), x + width + BETWEEN_px
        widest = max(widest, x)
    size = f'viewBox="0 0 {widest} {y + tallest}" width="{widest}" height="{y + tallest}"'
    family = escape(FONT)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{family}">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
