"""Outlines of labeled areas: closed lines through the places where the label changes.

Links between neighboring pixel centers that differ in label are cut where the label changes, cuts
of one cell of four centers are joined, and where three or more areas meet the lines end in one
point. Areas that touch share that line to the last digit, so pictures have neither gaps nor
overlaps, and a center has the label of the area that it lies in.

References
----------
.. [DP] D. Douglas, T. Peucker, Cartographica 10, 112 (1973), doi:10.3138/FM57-6770-U75U-7727
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.anatomy.membership import OUTSIDE, region_of
from pdcraft.anatomy.voxels import PLANES, Section, to_body_cm
from pdcraft.core.arrays import Floats
from pdcraft.core.body import Body
from pdcraft.errors import DataError

__all__ = ["Outlines", "outlines_of", "section_outlines"]

HALVINGS = 8  # of a pixel, in the search of the place where the label changes
Labels = NDArray[np.int64]
LabelAt = Callable[[Floats], Labels]
Outlines = dict[int, list[Floats]]


def section_outlines(body: Body, section: Section, tolerance_mm: float) -> Outlines:
    """Outlines of all regions that a section cuts, in its own coordinates.

    Parameters
    ----------
    body : Body
    section : Section
        Of this body.
    tolerance_mm : float
        How far a line may run from the surface's trace, beside what a pixel hides.

    Returns
    -------
    dict of int to list of ndarray, shape (points, 2)
        Closed lines (across, up), mm, by index of the region; the last point is not repeated.
        A point inside an odd number of a region's lines is in the region.
    """
    a, b = PLANES[section.plane]

    def label_at(points_mm: Floats) -> Labels:
        points = np.full((len(points_mm), 3), section.at_mm)
        points[:, a], points[:, b] = points_mm[:, 0], points_mm[:, 1]
        return region_of(body, to_body_cm(points)).astype(np.int64)

    return outlines_of(
        section.across_mm, section.up_mm, section.region.astype(np.int64), label_at, tolerance_mm
    )


def outlines_of(
    across_mm: Floats, up_mm: Floats, labels: Labels, label_at: LabelAt, tolerance_mm: float
) -> Outlines:
    """Outlines of every label of a picture but ``OUTSIDE``.

    Parameters
    ----------
    across_mm, up_mm : ndarray, ascending at one step
        Centers of the pixels.
    labels : ndarray of int, shape (len(up_mm), len(across_mm))
    label_at : callable
        Labels at points (n, 2); asked between neighboring centers of different labels.
    tolerance_mm : float
        Largest distance of a dropped point from the line that replaces it [DP]_; 0 keeps all
        points.

    Raises
    ------
    DataError
        If the picture has no pixel or its shape is not that of its coordinates.
    """
    if labels.size == 0 or labels.shape != (len(up_mm), len(across_mm)):
        raise DataError(f"picture of shape {labels.shape} on {len(up_mm)} by {len(across_mm)}")
    x, y = (_padded(axis) for axis in (across_mm, up_mm))
    padded = np.full((len(y), len(x)), OUTSIDE, dtype=np.int64)
    padded[1:-1, 1:-1] = labels
    net = _net(x, y, padded, label_at)
    out: Outlines = {}
    for label, pieces in _pieces_by_label(net, tolerance_mm).items():
        out[label] = _closed(pieces)
    return dict(sorted(out.items()))


def _padded(axis: Floats) -> Floats:
    step = float(axis[1] - axis[0]) if len(axis) > 1 else 1.0
    return np.concatenate([[axis[0] - step], axis, [axis[-1] + step]])


@dataclass(frozen=True, slots=True)
class _Net:
    """Points where labels change, who neighbors whom, and the two labels beside each point.

    Points from `cuts` on are those in which three or more areas meet.
    """

    point: Floats
    neighbors: list[list[int]]
    beside: Labels
    cuts: int


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line between two meeting points, or a closed one if both ends are -1."""

    first: int
    last: int
    points: Floats


def _cuts(x: Floats, y: Floats, labels: Labels, axis: int) -> tuple[Labels, Floats, Floats, Labels]:
    """Links along an axis whose ends differ: their place, both end points, both labels."""
    one, two = (labels[:, :-1], labels[:, 1:]) if axis == 1 else (labels[:-1], labels[1:])
    j, i = np.nonzero(one != two)
    start = np.stack([x[i], y[j]], axis=1)
    end = np.stack([x[i + (axis == 1)], y[j + (axis == 0)]], axis=1)
    return np.stack([j, i], axis=1), start, end, np.stack([one[j, i], two[j, i]], axis=1)


def _net(x: Floats, y: Floats, labels: Labels, label_at: LabelAt) -> _Net:
    flat, upright = _cuts(x, y, labels, 1), _cuts(x, y, labels, 0)
    place = np.concatenate([flat[0], upright[0]])
    start, end = (np.concatenate([flat[k], upright[k]]) for k in (1, 2))
    beside = np.concatenate([flat[3], upright[3]])
    for _ in range(HALVINGS):
        middle = (start + end) / 2
        same = (label_at(middle) == beside[:, 0])[:, None]
        start, end = np.where(same, middle, start), np.where(same, end, middle)
    points, neighbors = list((start + end) / 2), [[] for _ in range(len(place))]
    cells: dict[tuple[int, int], list[int]] = {}
    for k, (j, i) in enumerate(place.tolist()):  # a link bounds two cells
        other = (j - 1, i) if k < len(flat[0]) else (j, i - 1)
        for cell in ((j, i), other):
            cells.setdefault(cell, []).append(k)
    for _, members in sorted(cells.items()):
        if len(members) == 2:
            one, two = members
            neighbors[one].append(two)
            neighbors[two].append(one)
            continue
        meeting = len(points)
        points.append(_meeting(np.array([points[k] for k in members]), members, len(flat[0])))
        neighbors.append(list(members))
        for k in members:
            neighbors[k].append(meeting)
    return _Net(np.array(points).reshape(-1, 2), neighbors, beside, len(place))


def _meeting(points: Floats, members: list[int], upright: int) -> Floats:
    """Place where the lines of a cell meet: where the third one ends at that of the other two.

    Three cuts are on two opposite sides of the cell and one between. Four: their middle.
    """
    if len(members) == 4:
        return points.mean(axis=0)
    kind = np.array(members) >= upright
    pair = kind if kind.sum() == 2 else ~kind
    one, two, third = *points[pair], points[~pair][0]
    axis = int(np.argmax(np.abs(two - one)))
    share = (third[axis] - one[axis]) / (two[axis] - one[axis])
    return one + share * (two - one)


def _walk(net: _Net, seen: NDArray[np.bool_], before: int, here: int) -> list[int]:
    """Points from one after a meeting point to the next meeting point, or around a closed line."""
    path = [before, here]
    while here < net.cuts and not seen[here]:
        seen[here] = True
        one, two = net.neighbors[here]
        here, before = (two if one == before else one), here
        path.append(here)
    return path


def _pieces_by_label(net: _Net, tolerance: float) -> dict[int, list[_Piece]]:
    out: dict[int, list[_Piece]] = {}
    seen = np.zeros(net.cuts, dtype=bool)

    def keep(piece: _Piece, beside: Labels) -> None:
        for label in beside.tolist():
            if label != OUTSIDE:
                out.setdefault(label, []).append(piece)

    for meeting in range(net.cuts, len(net.point)):
        for first in net.neighbors[meeting]:
            if not seen[first]:
                path = _walk(net, seen, meeting, first)
                points = _simplified(net.point[path], tolerance)
                keep(_Piece(meeting, path[-1], points), net.beside[first])
    for first in range(net.cuts):
        if not seen[first]:
            path = _walk(net, seen, net.neighbors[first][0], first)
            ring = net.point[path[1:]]  # ends where it began
            half = len(ring) // 2
            both = [_simplified(part, tolerance) for part in (ring[: half + 1], ring[half:])]
            keep(_Piece(-1, -1, np.concatenate([both[0], both[1][1:]])), net.beside[first])
    return out


def _simplified(line: Floats, tolerance: float) -> Floats:
    """Drop points that lie within a distance of the line through those kept [DP]_."""
    keep = np.zeros(len(line), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(line) - 1)]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        along = line[last] - line[first]
        rel = line[first + 1 : last] - line[first]
        length = float(np.hypot(*along))
        if length == 0.0:
            distance = np.hypot(rel[:, 0], rel[:, 1])
        else:
            distance = np.abs(along[0] * rel[:, 1] - along[1] * rel[:, 0]) / length
        far = int(np.argmax(distance))
        if distance[far] > tolerance:
            keep[first + 1 + far] = True
            spans += [(first, first + 1 + far), (first + 1 + far, last)]
    return line[keep]


def _closed(pieces: list[_Piece]) -> list[Floats]:
    """Join pieces end to end into closed lines."""
    rings = [p.points[:-1] for p in pieces if p.first < 0]
    at: dict[int, list[int]] = {}
    for k, piece in enumerate(pieces):
        for end in (piece.first, piece.last):
            if end >= 0:
                at.setdefault(end, []).append(k)
    free = {k for k, p in enumerate(pieces) if p.first >= 0}
    for k in range(len(pieces)):
        if k not in free:
            continue
        free.remove(k)
        start, end, parts = pieces[k].first, pieces[k].last, [pieces[k].points[:-1]]
        while end != start:
            following = next(m for m in at[end] if m in free)
            free.remove(following)
            piece = pieces[following]
            forward = piece.first == end
            end = piece.last if forward else piece.first
            parts.append((piece.points if forward else piece.points[::-1])[:-1])
        rings.append(np.concatenate(parts))
    return rings
