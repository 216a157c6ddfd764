"""Silhouettes of a body's regions as seen from its front: for pictures that people recognize."""

from __future__ import annotations

import numpy as np

from pdcraft.anatomy.contours import Labels, Outlines, outlines_of
from pdcraft.anatomy.membership import OUTSIDE, inside_solid
from pdcraft.anatomy.voxels import to_body_cm, to_ras_mm
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body

__all__ = ["front_silhouettes"]

LAST = ("skin", "remainder")  # surround all others: a few depths find them
FEWEST = 9


def front_silhouettes(body: Body, pixel_mm: float, tolerance_mm: float) -> Outlines:
    """Silhouettes of all regions in the view from the front, whatever stands before them.

    Parameters
    ----------
    body : Body
    pixel_mm : float
        Edge of the pixels in which silhouettes are sampled, and step of the depth.
    tolerance_mm : float
        How far a line may run from what the samples say.

    Returns
    -------
    dict of int to list of ndarray, shape (points, 2)
        Closed lines (x, z) in RAS+ mm by index of the region, as `outlines_of` gives them. A
        region's solids count in full, also where a region before them takes their place.
    """
    out: Outlines = {}
    for region in range(len(body.regions)):
        out |= _silhouette(body, region, pixel_mm, tolerance_mm)
    return out


def _silhouette(body: Body, region: int, pixel_mm: float, tolerance_mm: float) -> Outlines:
    solids = np.nonzero(body.solids.region == region)[0].tolist()
    box = body.solids.box_cm[solids]
    corners = to_ras_mm(np.array([box[:, 0].min(axis=0), box[:, 1].max(axis=0)]))
    low, high = corners.min(axis=0), corners.max(axis=0)
    across, up = (np.arange(low[i] - pixel_mm / 2, high[i] + pixel_mm, pixel_mm) for i in (0, 2))
    few = body.regions[region] in LAST
    steps = FEWEST if few else max(FEWEST, int((high[1] - low[1]) / pixel_mm))
    depth = np.linspace(low[1], high[1], 2 * (steps // 2) + 1)[1:-1]

    def seen(points_mm: Floats) -> Labels:
        line = np.empty((len(points_mm), len(depth), 3))
        line[:, :, 0], line[:, :, 2] = points_mm[:, :1], points_mm[:, 1:]
        line[:, :, 1] = depth
        points = to_body_cm(line.reshape(-1, 3))
        inside = np.zeros(len(points), dtype=bool)
        for solid in solids:
            bottom, top = body.solids.box_cm[solid]
            near = np.nonzero(np.all((points >= bottom) & (points <= top), axis=1))[0]
            inside[near] |= inside_solid(body.solids, solid, points[near])
        hit = inside.reshape(line.shape[:2]).any(axis=1)
        return np.where(hit, region, OUTSIDE)

    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    return outlines_of(across, up, seen(grid).reshape(len(up), len(across)), seen, tolerance_mm)
