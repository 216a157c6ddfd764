"""Where labels of a picture stand: in two columns beside it, in the order of what they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats

__all__ = ["Anchor", "Label", "anchors", "placed", "spread"]

GRID = 48  # candidate points along each side of an area
CLEAR = 0.6  # an area is on both sides if the lesser half has this share of the room of the other


@dataclass(frozen=True, slots=True)
class Anchor:
    """A point well inside an area, and how far the area's line is from it."""

    x: float
    y: float
    room: float


@dataclass(frozen=True, slots=True)
class Label:
    """A label in the left or right column: its height, and the point that it names."""

    name: str
    side: str
    y: float
    anchor: Anchor


def _inside(points: Floats, rings: Sequence[Floats]) -> Floats:
    """Say which points lie inside an odd number of closed lines."""
    odd = np.zeros(len(points), dtype=bool)
    for ring in rings:
        one, two = ring, np.roll(ring, -1, axis=0)
        rising = (one[:, 1] > points[:, 1:]) != (two[:, 1] > points[:, 1:])
        with np.errstate(divide="ignore", invalid="ignore"):
            share = (points[:, 1:] - one[:, 1]) / (two[:, 1] - one[:, 1])
            cross = one[:, 0] + share * (two[:, 0] - one[:, 0])
        odd ^= np.count_nonzero(rising & (points[:, :1] < cross), axis=1) % 2 == 1
    return odd.astype(np.float64)


def _distance(points: Floats, rings: Sequence[Floats]) -> Floats:
    """Distance of points to closed lines."""
    best = np.full(len(points), np.inf)
    for ring in rings:
        start, along = ring, np.roll(ring, -1, axis=0) - ring
        length2 = np.maximum(np.square(along).sum(axis=1), 1e-12)
        rel = points[:, None] - start
        share = np.clip((rel * along).sum(axis=2) / length2, 0.0, 1.0)
        gap = rel - share[..., None] * along
        best = np.minimum(best, np.sqrt(np.square(gap).sum(axis=2)).min(axis=1))
    return best


def anchors(rings: Sequence[Floats], middle: float) -> tuple[Anchor | None, Anchor | None]:
    """Roomiest points of an area left and right of a vertical line; None where it is not.

    Examples
    --------
    >>> square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    >>> left, right = anchors([square], 10.0)
    >>> round(left.x, 1), round(left.y, 1), round(left.room, 1), right
    (2.0, 2.0, 2.0, None)
    """
    every = np.concatenate(list(rings))
    found: list[Anchor | None] = []
    for low, high in ((-np.inf, middle), (middle, np.inf)):
        left = max(float(every[:, 0].min()), low)
        right = min(float(every[:, 0].max()), high)
        if right <= left:
            found.append(None)
            continue
        part = every[(every[:, 0] >= left) & (every[:, 0] <= right)]
        if part.size == 0:
            part = every
        steps = np.arange(GRID + 1) / GRID
        x = left + (right - left) * steps
        y = part[:, 1].min() + np.ptp(part[:, 1]) * steps
        points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        points = points[_inside(points, rings) > 0]
        if len(points) == 0:
            found.append(None)
            continue
        room = _distance(points, rings)
        best = int(np.argmax(np.round(room, 6)))
        found.append(Anchor(float(points[best, 0]), float(points[best, 1]), float(room[best])))
    return found[0], found[1]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move ascending heights apart by at least a gap, as little as possible, within limits.

    Least squares with an order to keep: pool neighbors that are too close and center them.

    Examples
    --------
    >>> spread([10.0, 11.0, 40.0], 10.0, 0.0, 50.0)
    [5.5, 15.5, 40.0]
    """
    if not wanted:
        return []
    pools: list[tuple[float, int]] = []
    for i, y in enumerate(wanted):
        total, count = y - i * gap, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before, many = pools.pop()
            total, count = total + before, count + many
        pools.append((total, count))
    bases = [total / count for total, count in pools for _ in range(count)]
    highest = high - (len(wanted) - 1) * gap
    return [min(max(b, low), max(highest, low)) + i * gap for i, b in enumerate(bases)]


def placed(
    areas: Mapping[str, Sequence[Floats]],
    middle: float,
    gap: float,
    limits: tuple[float, float],
    least_extent: float,
) -> list[Label]:
    """Choose side and height of the label of each area.

    Parameters
    ----------
    areas : mapping of str to sequence of ndarray (points, 2)
        Closed lines of each named area, y down.
    middle : float
        Vertical line between what is labeled on the left and on the right.
    gap : float
        Least distance of labels in a column.
    limits : tuple of float
        Highest and lowest place of a label.
    least_extent : float
        Areas without a line that is as wide and high as this get no label.
    """
    chosen: dict[str, list[tuple[str, Anchor]]] = {"left": [], "right": []}
    either: list[tuple[str, Anchor, Anchor]] = []
    for name, rings in areas.items():
        if max(float(np.ptp(ring, axis=0).min()) for ring in rings) < least_extent:
            continue
        left, right = anchors(rings, middle)
        roomiest = max((a.room for a in (left, right) if a is not None), default=0.0)
        if (
            left is not None
            and right is not None
            and (min(left.room, right.room) >= CLEAR * roomiest)
        ):
            either.append((name, left, right))
        elif left is not None and left.room == roomiest:
            chosen["left"].append((name, left))
        elif right is not None:
            chosen["right"].append((name, right))
    for name, left, right in either:
        side = "left" if len(chosen["left"]) <= len(chosen["right"]) else "right"
        chosen[side].append((name, left if side == "left" else right))
    labels: list[Label] = []
    for side, found in chosen.items():
        found.sort(key=lambda pair: (pair[1].y, pair[0]))
        heights = spread([a.y for _, a in found], gap, *limits)
        labels += [
            Label(name, side, y, anchor) for (name, anchor), y in zip(found, heights, strict=True)
        ]
    return labels
