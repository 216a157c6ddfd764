"""The stylised mouse as a closed body of voxels, the side looked at turned to the camera.

Axes of a scene: the head towards -y (the top of an image), the camera at -z. z = 0 is the highest
point of the bare body. Dorsal: the animal's left at -x; ventral: left at +x; flank: its left side
is looked at, the back at +x.

Skin is what lies within 0.5 mm of the surface; bodies that a scene adds (a subcutaneous tumor) lift
it, so that skin covers them too. Fur lies on the skin.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.mouse import mouse_body
from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError
from pdcraft.optics.inclusion import Inclusion, extent_mm, gauge
from pdcraft.optics.mouse.regions import FUR, REGION_OF, SKIN
from pdcraft.optics.mouse.tray import tray_domain
from pdcraft.optics.scene import Scene
from pdcraft.optics.solids import body_shapes, smooth_level_mm
from pdcraft.transport.optical.domain import OpticalDomain

__all__ = ["DEFAULT_VOXEL_mm", "FUR_mm", "MouseVoxels", "SKIN_mm", "mouse_domain", "mouse_voxels"]

DEFAULT_VOXEL_mm = 0.5
SKIN_mm, FUR_mm = 0.5, 1.0  # assumed
VOXEL_RANGE_mm = (0.2, 1.0)
MARGIN = 3  # voxels around body and tumors
# axes of the scene (rows: x, y, z) in those of the body: left, back, head
TURN: Mapping[str, tuple[tuple[float, float, float], ...]] = {
    "dorsal": ((-1, 0, 0), (0, 0, -1), (0, -1, 0)),
    "ventral": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
    "flank": ((0, 1, 0), (0, 0, -1), (-1, 0, 0)),
}


@dataclass(frozen=True, slots=True)
class MouseVoxels:
    """A mouse on a grid.

    Parameters
    ----------
    labels : ndarray of uint16, shape (nx, ny, nz)
        Label of the scene's regions; 0 far outside.
    level_mm : ndarray, shape (nx, ny, nz)
        Signed distance to the outer surface (of the fur, if there is any), positive inside.
    voxel_mm : float
    headroom_mm : float
        Depth of the scene's z = 0 in the grid.
    """

    labels: NDArray[np.uint16]
    level_mm: Floats
    voxel_mm: float
    headroom_mm: float


def mouse_domain(scene: Scene) -> OpticalDomain:
    """Geometry of a mouse scene, as the transport takes it.

    Raises
    ------
    DataError
        For voxels outside 0.2 to 1 mm, a mass that the stylised mouse does not have, or a body
        that does not touch the mouse.
    """
    details = scene.domain.details or {}
    view, fur = str(details["view"]), bool(details.get("fur", False))
    voxel = float(details.get("voxel_mm", DEFAULT_VOXEL_mm))
    if view == "tray":
        return tray_domain(scene, voxel)
    names = tuple(region.name for region in scene.regions)
    found = mouse_voxels(float(details["mass_g"]), view, voxel, fur, names, scene.inclusions)
    edge = found.voxel_mm
    return OpticalDomain(
        found.labels,
        (edge, edge, edge),
        body_shapes(scene, found.headroom_mm),
        "open",
        scene.domain.n_outside,
        level_mm=found.level_mm,
    )


@lru_cache(maxsize=4)
def mouse_voxels(
    mass_g: float,
    view: str,
    voxel_mm: float,
    fur: bool,
    regions: tuple[str, ...],
    bodies: tuple[Inclusion, ...] = (),
) -> MouseVoxels:
    """Voxels of a turned mouse with skin, fur and tumors.

    Parameters
    ----------
    mass_g : float
    view : {"dorsal", "ventral", "flank"}
    voxel_mm : float
    fur : bool
    regions : tuple of str
        Names by label: label ``i + 1`` is entry ``i``.
    bodies : tuple of Inclusion
        In the scene's axes.
    """
    low, high = VOXEL_RANGE_mm
    if not low <= voxel_mm <= high:
        raise DataError(
            f"a mouse in voxels of {voxel_mm:g} mm: take {low:g} to {high:g} mm; larger ones lose "
            "organs and skin"
        )
    body = mouse_body(mass_g)
    turn = np.array(TURN[view], dtype=np.float64)
    box = np.array(body.bounds_cm) * 10.0
    corners = np.array([(x, y, z) for x in box[:, 0] for y in box[:, 1] for z in box[:, 2]])
    turned = corners @ turn.T
    top = float(turned[:, 2].min())  # the highest point: the body touches its box
    over = FUR_mm if fur else 0.0
    first, last = turned.min(axis=0), turned.max(axis=0)
    first[2], last[2] = 0.0, last[2] - top
    for one in bodies:
        begin, end = extent_mm(one)
        first, last = np.minimum(first, begin - SKIN_mm), np.maximum(last, end + SKIN_mm)
    half = np.maximum(-first[:2], last[:2]) + over + MARGIN * voxel_mm
    count = 2 * np.ceil(half / voxel_mm).astype(int)
    headroom = voxel_mm * math.ceil((over - first[2]) / voxel_mm + MARGIN)
    deep = math.ceil((headroom + last[2] + over) / voxel_mm) + MARGIN
    x, y = ((np.arange(n) + 0.5) * voxel_mm - 0.5 * n * voxel_mm for n in count)
    z = (np.arange(deep) + 0.5) * voxel_mm - headroom
    points = np.stack(np.meshgrid(x, y, z, indexing="ij"), axis=-1)
    organ = _organs(body.regions, region_of(body, _in_body_cm(points, turn, top)), regions)
    level = smooth_level_mm(organ > 0, (voxel_mm,) * 3)
    for one in bodies:
        level = np.maximum(level, _raised(one, points, level))
    labels = _filled(organ)
    labels[level < SKIN_mm] = regions.index(SKIN) + 1
    if fur:
        labels[level < 0.0] = regions.index(FUR) + 1
        level = level + FUR_mm
    labels[level < -MARGIN * voxel_mm] = 0
    return MouseVoxels(labels, level, voxel_mm, headroom)


def _in_body_cm(points_mm: Floats, turn: Floats, top_mm: float) -> Floats:
    """Points of the scene in the body's axes."""
    return (points_mm + np.array([0.0, 0.0, top_mm])) @ turn / 10.0


def _organs(
    names: Sequence[str], index: NDArray[np.int32], regions: Sequence[str]
) -> NDArray[np.uint16]:
    """Labels of the scene for regions of the body; 0 outside."""
    table = np.array([0, *(regions.index(REGION_OF.get(n, n)) + 1 for n in names)], dtype=np.uint16)
    return table[np.asarray(index) + 1]


def _raised(body: Inclusion, points_mm: Floats, level_mm: Floats) -> Floats:
    """Distance to the skin over a body: positive within it and within the skin on it."""
    near = gauge(body, points_mm.reshape(-1, 3)).reshape(level_mm.shape)
    if not np.any((near < 1.0) & (level_mm > 0.0)):
        raise DataError(
            f"'{body.name}' does not touch the mouse: z = 0 is the highest point of its body; move "
            "it nearer"
        )
    return (1.0 - near) * min(body.half_mm) + SKIN_mm


def _filled(organ: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """Labels with the nearest organ's where there is none, so that no voxel of a bulge is empty."""
    from scipy.ndimage import distance_transform_edt

    where = distance_transform_edt(organ == 0, return_distances=False, return_indices=True)
    return np.asarray(organ[tuple(np.asarray(where))])
