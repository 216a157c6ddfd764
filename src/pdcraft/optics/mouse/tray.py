"""Organs taken out and laid on a dark tray: what ex vivo imaging compares.

Each organ is an ellipsoid, half as high as wide, of the volume that the stylised mouse gives it;
bodies that the scene adds (the tumor) keep theirs. They lie in rows, the largest first, and touch
the tray. Ratios between them are ex vivo ratios: they are no contrast in the living animal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pdcraft.anatomy.mouse import mouse_body
from pdcraft.core.arrays import Floats
from pdcraft.optics.inclusion import Inclusion
from pdcraft.optics.material import Declared, Material
from pdcraft.optics.mouse.regions import INDEX, REGION_OF
from pdcraft.optics.roi import Roi
from pdcraft.optics.scene import Scene
from pdcraft.transport.optical.domain import OpticalDomain
from pdcraft.transport.optical.shapes import Shape

__all__ = ["TRAY", "TrayPlace", "tray_domain", "tray_material", "tray_places", "tray_rois"]

TRAY = "tray"
SHOWN = ("liver", "brain", "kidneys", "lungs", "heart", "spleen", "stomach")
FLATNESS = 0.5  # height over width; assumed
GAP_mm, FLOOR_mm, ABOVE_mm = 3.0, 2.0, 1.5
SUNK_mm = 0.1  # how far an organ's lowest point lies in the tray
WIDTH_mm = 60.0
ROI_SHARE = 0.7  # of an organ's radius
TRAY_mua_per_mm, TRAY_musp_per_mm = 5.0, 0.1  # assumed: black


@dataclass(frozen=True, slots=True)
class TrayPlace:
    """An organ on the tray."""

    name: str
    center_mm: tuple[float, float]
    radius_mm: float
    height_mm: float


def tray_material() -> Material:
    """Return the material of the tray: black, assumed."""
    told = f"tray: black, mua = {TRAY_mua_per_mm:g} /mm, musp = {TRAY_musp_per_mm:g} /mm"
    return Material(
        TRAY, Declared(TRAY_mua_per_mm), Declared(TRAY_musp_per_mm), 0.0, INDEX, assumed=(told,)
    )


def tray_places(mass_g: float, bodies: tuple[Inclusion, ...]) -> tuple[TrayPlace, ...]:
    """Where organs and bodies lie: rows of a tray, bodies first, then organs by size."""
    found = _volumes_mm3(mass_g)
    pieces = [(body.name, body.volume_mm3) for body in bodies]
    pieces += sorted(((n, found[n]) for n in SHOWN), key=lambda row: -row[1])
    rows: list[list[tuple[str, float]]] = [[]]
    used = 0.0
    for name, volume in pieces:
        radius = (volume * 3.0 / (4.0 * math.pi * FLATNESS)) ** (1.0 / 3.0)
        if used + 2.0 * radius > WIDTH_mm and rows[-1]:
            rows.append([])
            used = 0.0
        rows[-1].append((name, radius))
        used += 2.0 * radius + GAP_mm
    heights = [2.0 * max(radius for _, radius in row) for row in rows]
    y = -0.5 * (sum(heights) + GAP_mm * (len(rows) - 1))
    out: list[TrayPlace] = []
    for row, height in zip(rows, heights, strict=True):
        x = -0.5 * (sum(2.0 * r for _, r in row) + GAP_mm * (len(row) - 1))
        for name, radius in row:
            place = (x + radius, y + 0.5 * height)
            out.append(TrayPlace(name, place, radius, 2.0 * FLATNESS * radius))
            x += 2.0 * radius + GAP_mm
        y += height + GAP_mm
    return tuple(out)


def _volumes_mm3(mass_g: float) -> Mapping[str, float]:
    body = mouse_body(mass_g)
    out: dict[str, float] = {}
    for name, volume in zip(body.regions, body.volume_cm3, strict=True):
        region = REGION_OF.get(name, name)
        out[region] = out.get(region, 0.0) + 1000.0 * float(volume)
    return out


def tray_rois(mass_g: float, bodies: tuple[Inclusion, ...]) -> tuple[Roi, ...]:
    """One disc on each piece: bodies are targets, organs backgrounds."""
    named = {body.name for body in bodies}
    return tuple(
        Roi(
            place.name,
            "target" if place.name in named else "background",
            "disc",
            place.center_mm,
            ROI_SHARE * place.radius_mm,
        )
        for place in tray_places(mass_g, bodies)
    )


def tray_domain(scene: Scene, voxel_mm: float) -> OpticalDomain:
    """Geometry of a tray with organs."""
    details = scene.domain.details or {}
    places = tray_places(float(details["mass_g"]), scene.inclusions)
    table = ABOVE_mm + max(place.height_mm for place in places)
    reach = np.array(
        [[abs(c) + place.radius_mm + GAP_mm for c in place.center_mm] for place in places]
    ).max(axis=0)
    nx, ny = (2 * math.ceil(float(half) / voxel_mm) for half in reach)
    nz = math.ceil((table + FLOOR_mm) / voxel_mm)
    x, y = ((np.arange(n) + 0.5) * voxel_mm - 0.5 * n * voxel_mm for n in (nx, ny))
    z = (np.arange(nz) + 0.5) * voxel_mm
    level: Floats = np.zeros((nx, ny, nz)) + (z - table)
    shapes: list[Shape] = []
    for place in places:
        half = (place.radius_mm, place.radius_mm, 0.5 * place.height_mm)
        center = (*place.center_mm, table + SUNK_mm - half[2])
        gauge = np.sqrt(
            ((x[:, None, None] - center[0]) / half[0]) ** 2
            + ((y[None, :, None] - center[1]) / half[1]) ** 2
            + ((z[None, None, :] - center[2]) / half[2]) ** 2
        )
        level = np.asarray(np.maximum(level, (1.0 - gauge) * half[2]))
        label = scene.region_index(place.name)
        shapes.append(Shape("ellipsoid", label, center, half, (0.0, 0.0, 1.0), 1))
    labels = np.full(level.shape, scene.region_index(TRAY), dtype=np.uint16)
    labels[level < -3.0 * voxel_mm] = 0
    edges = (voxel_mm, voxel_mm, voxel_mm)
    return OpticalDomain(
        labels, edges, tuple(shapes), "open", scene.domain.n_outside, level_mm=level
    )
