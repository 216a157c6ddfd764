"""Volumes of regions by quasi-Monte Carlo integration (Sobol points) over their boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pdcraft.anatomy.membership import region_of
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body

__all__ = ["ball_radius_cm", "box_points", "region_boxes_cm", "region_volumes_cm3"]

MOST_DOUBLINGS = 4


def ball_radius_cm(volume_cm3: float) -> float:
    """Radius of the sphere of a volume."""
    return (3 * volume_cm3 / (4 * np.pi)) ** (1 / 3)


def box_points(box_cm: Floats, log2_points: int, seed: int = 0) -> Floats:
    """Scrambled Sobol points in a box, shape (2**log2_points, 3)."""
    from scipy.stats import qmc

    unit = qmc.Sobol(3, scramble=True, rng=np.random.default_rng(seed)).random_base2(log2_points)
    return box_cm[0] + unit * (box_cm[1] - box_cm[0])


def region_boxes_cm(body: Body, index: int) -> Floats:
    """Box around all solids of a region, or one around each if they are far apart; (n, 2, 3)."""
    boxes = body.solids.box_cm[body.solids.region == index]
    whole = np.array([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])
    if len(boxes) == 2:  # a pair: left and right
        apart = bool(np.any(boxes[0, 0] >= boxes[1, 1]) or np.any(boxes[1, 0] >= boxes[0, 1]))
        if apart:
            return boxes
    return whole[None]


def region_volumes_cm3(
    body: Body,
    log2_points: int = 18,
    regions: NDArray[np.int_] | None = None,
    *,
    hits: int = 0,
) -> Floats:
    """Volume that each region keeps after the regions before it.

    Parameters
    ----------
    body : Body
    log2_points : int
        Points per box: 2 to this power. At 18 the error is below 0.1 % of a solid organ and below
        1 % of a thin wall.
    regions : ndarray of int, optional
        Indices; all without.
    hits : int
        Double the points, 16-fold at most, until a region has so many: for thin walls.

    Returns
    -------
    ndarray, shape (regions,)
    """
    chosen = np.arange(len(body.regions)) if regions is None else regions
    out = np.zeros(len(chosen))
    for place, index in enumerate(chosen):
        for box in region_boxes_cm(body, int(index)):
            out[place] += _box_volume(body, int(index), box, log2_points, hits)
    return out


def _box_volume(body: Body, index: int, box: Floats, log2_points: int, hits: int) -> float:
    log2 = log2_points
    while True:
        points = box_points(box, log2)
        found = int(np.count_nonzero(region_of(body, points) == index))
        if found >= hits or log2 == log2_points + MOST_DOUBLINGS:
            return found / len(points) * float(np.prod(box[1] - box[0]))
        log2 += 1
