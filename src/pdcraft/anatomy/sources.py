"""Points spread evenly over a region: where a source's decays happen."""

from __future__ import annotations

import numpy as np

from pdcraft.anatomy.membership import region_of
from pdcraft.anatomy.volumes import region_boxes_cm
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.errors import DataError

__all__ = ["RED_MARROW", "points_in"]

RED_MARROW = "red_marrow"
MOST_TRIES = 2_000_000  # points drawn at a time


def points_in(body: Body, name: str, n: int, rng: np.random.Generator) -> Floats:
    """Draw points evenly in a region.

    Parameters
    ----------
    body : Body
    name : str
        A region; a group, evenly over its volume; a region that another stands for; or
        ``red_marrow``: bones by their share of it, evenly in each.
    n : int
    rng : Generator

    Returns
    -------
    ndarray, shape (n, 3)
        cm, in the body's axes, in random order.

    Raises
    ------
    DataError
        If the body does not have the region, or no red marrow.
    """
    if name == RED_MARROW:
        if not body.red_marrow:
            raise DataError(f"{body.name}: where its red marrow lies is not known")
        members = tuple(body.index(r) for r in body.red_marrow)
        weights = np.array(list(body.red_marrow.values()))
    else:
        members = body.members(name)
        weights = body.volume_cm3[list(members)]
    counts = rng.multinomial(n, weights / weights.sum())
    parts = [_in_region(body, i, int(k), rng) for i, k in zip(members, counts, strict=True) if k]
    points = np.concatenate(parts) if parts else np.empty((0, 3))
    return rng.permutation(points)


def _in_region(body: Body, index: int, n: int, rng: np.random.Generator) -> Floats:
    """Rejection in the boxes of a region."""
    boxes = region_boxes_cm(body, index)
    sizes = np.prod(boxes[:, 1] - boxes[:, 0], axis=1)
    hit = float(body.volume_cm3[index] / sizes.sum())
    kept: list[Floats] = []
    missing = n
    while missing > 0:
        tries = min(int(1.1 * missing / hit) + 20, MOST_TRIES)
        box = boxes[rng.choice(len(boxes), tries, p=sizes / sizes.sum())]
        points = box[:, 0] + rng.random((tries, 3)) * (box[:, 1] - box[:, 0])
        found = points[region_of(body, points) == index][:missing]
        kept.append(found)
        missing -= len(found)
    return np.concatenate(kept)
