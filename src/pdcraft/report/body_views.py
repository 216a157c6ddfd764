"""Which pictures of a body are shown, and their outlines in millimeters of the picture.

Radiological convention: the subject's right is on the reader's left, transverse sections are seen
from the feet, sagittal ones have the front on the left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pdcraft.anatomy.contours import Outlines, section_outlines
from pdcraft.anatomy.silhouettes import front_silhouettes
from pdcraft.anatomy.voxels import section, to_ras_mm
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body

__all__ = ["View", "body_views", "is_tumor"]

PIXELS = 900  # along the longest side of a section
FRONT_PIXELS = 420  # along the body in the view from the front
SHARP = 1 / 4  # tolerance of outlines, pixels
THIGH = 0.15  # of a human's trunk: how much of the legs sections show
BESIDE = 0.7  # of the half width
APART = 0.03  # of the body's length: two transverse sections nearer than this show the same
LETTERS = {
    "front": ("R", "L", "H", "F"),
    "coronal": ("R", "L", "H", "F"),
    "sagittal": ("A", "P", "H", "F"),
    "transverse": ("R", "L", "A", "P"),
}


@dataclass(frozen=True, slots=True)
class View:
    """One picture of a body: outlines with x to the reader's right and y down, mm.

    Parameters
    ----------
    kind : {"front", "coronal", "sagittal", "transverse"}
        ``front`` is a projection, the others are sections.
    title, note : str
    letters : tuple of str
        What lies at the reader's left, right, top and bottom.
    outlines : dict of int to list of ndarray (points, 2)
        By index of the region.
    size_mm : tuple of float
        Width and height; outlines begin at 0.
    """

    kind: str
    title: str
    note: str
    letters: tuple[str, str, str, str]
    outlines: Outlines
    size_mm: tuple[float, float]


def is_tumor(region: str) -> bool:
    """Say whether a region is a lesion or a mouse's tumor."""
    return region == "tumor" or region.startswith("lesion:")


def _middle_mm(body: Body, *names: str) -> Floats:
    """Middle of the boxes of the first of these regions that the body has, RAS+ mm."""
    name = next((n for n in names if n in body.regions), body.regions[-1])
    box = body.solids.box_cm[body.solids.region == body.index(name)]
    return to_ras_mm((box[:, 0].min(axis=0) + box[:, 1].max(axis=0)) / 2)


def _floor_mm(body: Body) -> float:
    """Lowest height shown in sections: of a human's legs only the start."""
    low = float(body.bounds_cm[0, 2]) * 10
    if body.host != "human":
        return low
    return max(low, -THIGH * float(_middle_mm(body, "thyroid")[2]))


def _planes(body: Body) -> list[tuple[str, float]]:
    """Sections by plane and RAS+ mm; a tumor replaces three of them."""
    belly = _middle_mm(body, "stomach_contents")
    kidneys = _middle_mm(body, "kidneys")
    chest = _middle_mm(body, "heart_contents", "heart_wall")
    deep = _middle_mm(body, "pancreas") if body.host == "human" else kidneys
    tumor = next((r for r in body.regions if is_tumor(r)), None)
    if tumor is None:
        at = np.array([0.0, kidneys[1], chest[2]])
    else:
        at = _middle_mm(body, tumor)
        half = float(
            np.ptp(body.solids.box_cm[body.solids.region == body.index("remainder"), :, 0])
        )
        if abs(at[0]) > BESIDE * 5 * half:  # beside the trunk a sagittal plane shows little else
            at[0] = 0.0
    if abs(at[2] - deep[2]) < APART * float(np.ptp(body.bounds_cm[:, 2])) * 10:
        deep = chest
    return [
        ("coronal", float(belly[1])),
        ("coronal", float(at[1])),
        ("sagittal", float(at[0])),
        ("transverse", float(at[2])),
        ("transverse", float(deep[2])),
    ]


def _note(plane: str, at_mm: float, zero: str) -> str:
    side = {
        "coronal": ("behind the middle", "in front of the middle"),
        "sagittal": ("left of the middle", "right of the middle"),
        "transverse": (f"below the {zero}", f"above the {zero}"),
    }[plane][at_mm > 0]
    if plane != "transverse" and abs(at_mm) < 0.05:
        return "through the middle"
    digits = 0 if abs(at_mm) >= 20 else 1
    return f"{abs(at_mm):.{digits}f} mm {side}"


def _drawn(outlines: Outlines, flip: tuple[float, float]) -> tuple[Outlines, tuple[float, float]]:
    """Turn to the picture's axes and begin at 0."""
    turned = {k: [ring * np.array(flip) for ring in rings] for k, rings in outlines.items()}
    every = np.concatenate([ring for rings in turned.values() for ring in rings])
    low, high = every.min(axis=0), every.max(axis=0)
    moved = {k: [ring - low for ring in rings] for k, rings in turned.items()}
    return moved, (float(high[0] - low[0]), float(high[1] - low[1]))


def body_views(body: Body) -> tuple[View, ...]:
    """Pictures of a body: from the front, two coronal, one sagittal, two transverse sections.

    Without a tumor the planes go through stomach, kidneys, middle, heart and pancreas (mouse:
    kidneys); with one, the second coronal, the first transverse and, unless it is at the body's
    side, the sagittal go through the (first) tumor's center.
    """
    length = float(np.ptp(body.bounds_cm[:, 2])) * 10
    pixel = length / FRONT_PIXELS
    outlines, size = _drawn(front_silhouettes(body, pixel, SHARP * pixel), (-1.0, -1.0))
    views = [
        View(
            "front",
            "From the front",
            "organs in front of each other",
            LETTERS["front"],
            outlines,
            size,
        )
    ]
    floor = _floor_mm(body)
    for plane, at in _planes(body):
        cut = section(body, plane, at, (body.bounds_cm[1, 2] * 10 - floor) / PIXELS)
        if plane != "transverse":
            shown = cut.up_mm >= floor
            cut = replace(cut, up_mm=cut.up_mm[shown], region=cut.region[shown])
        raw = section_outlines(body, cut, SHARP * float(np.diff(cut.up_mm[:2])[0]))
        outlines, size = _drawn(raw, (-1.0, -1.0))
        views.append(
            View(
                plane,
                f"{plane.capitalize()} section",
                _note(plane, at, "base of the trunk" if body.host == "human" else "middle"),
                LETTERS[plane],
                outlines,
                size,
            )
        )
    return tuple(views)
