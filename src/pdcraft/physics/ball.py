r"""Isotropic steps and balls: closed forms behind the mean dose from one ball to another.

A step of length s in a random direction, from a point at distance d of a ball's center, ends in the
ball of radius b with the chance

.. math:: w(s; d, b) = \frac{b^2 - (d - s)^2}{4 d s} \text{ for } |d - s| < b, \quad
          1 \text{ for } s + d \le b, \text{ else } 0

(the share of a sphere's surface that lies within another sphere). Lengths in any one unit, as long
as all arguments share it.

Here steps are spread over the width of a shell, in closed form, and only points of the source are
summed: for many cells, far apart, whose shells are wide. `pdcraft.physics.sphere_pairs` averages
over source and target at once, for steps of one length: for one cell and fine shells.

References
----------
.. [Goddu94] S.M. Goddu, D.V. Rao, R.W. Howell, J. Nucl. Med. 35, 303 (1994): the geometric
   reduction factors of cells, of which these are the closed forms.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError
from pdcraft.physics.quadrature import gauss_legendre

__all__ = ["ball_distances", "share_in_ball", "surface_distances"]

Floats = NDArray[np.float64]
NODES = 16
PANELS = 12  # of a ball's own radius: steps of one length bend the average anywhere


def share_in_ball(low: ArrayLike, high: ArrayLike, distance: ArrayLike, radius: float) -> Floats:
    """Chance that a step, its length uniform from low to high, ends in a ball.

    Parameters
    ----------
    low, high : array_like
        Limits of the step's length, 0 or more; equal limits give a step of one length.
    distance : array_like
        From the starting point to the ball's center. The three broadcast.
    radius : float
        Of the ball.

    Examples
    --------
    >>> float(share_in_ball(1.0, 1.0, 1.0, 1.0))
    0.25
    """
    if not radius > 0.0:
        raise PhysicsRangeError(f"a ball's radius is above 0, got {radius:g}")
    a, b, d = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (low, high, distance)))
    width = b - a
    wide = width > 1e-9 * np.maximum(b, radius)
    middle = 0.5 * (a + b)
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (radius**2 - (d - middle) ** 2) / (4.0 * d * middle)
    one = np.where(middle + d <= radius, 1.0, np.where(np.abs(d - middle) < radius, one, 0.0))
    mean = (_reached(b, d, radius) - _reached(a, d, radius)) / np.where(wide, width, 1.0)
    return np.where(wide, np.maximum(mean, 0.0), one)


def _reached(step: Floats, d: Floats, radius: float) -> Floats:
    """Integral of the chance over the step's length, from 0 on."""
    inside = np.clip(radius - d, 0.0, None)  # shorter steps cannot leave
    first, last = np.abs(d - radius), d + radius
    s = np.clip(step, first, last)
    safe = np.where(d > 0.0, d, 1.0)
    start = np.where(first > 0.0, first, 1.0)

    with np.errstate(divide="ignore"):
        log = np.where(first > 0.0, np.log(s / start), 0.0)
    part = ((radius**2 - d**2) * log + 2.0 * d * (s - first) - 0.5 * (s**2 - first**2)) / (
        4.0 * safe
    )
    return np.minimum(step, inside) + np.where(d > 0.0, part, 0.0)


def ball_distances(distance: float, radius: float, split: float = 0.0) -> tuple[Floats, Floats]:
    """Distances from a point to the points of a ball, as quadrature nodes and weights of sum 1.

    Parameters
    ----------
    distance : float
        From the point to the ball's center: 0, or the ball's radius or more.
    radius : float
    split : float
        With distance 0: a distance at which what is averaged bends.

    Raises
    ------
    PhysicsRangeError
        For a point within the ball that is not its center.
    """
    if distance == 0.0:
        inner = min(split, radius)
        t, w = _nodes(np.concatenate([_panels(0.0, inner), _panels(inner, radius)[1:]]))
        return t, w * 3.0 * t**2 / radius**3
    _outside(distance, radius)
    t, w = _nodes(np.array([distance - radius, distance + radius]))
    return t, w * 0.75 * t / (distance * radius**3) * (radius**2 - (distance - t) ** 2)


def surface_distances(distance: float, radius: float) -> tuple[Floats, Floats]:
    """Distances from a point to the points of a sphere's surface, as in `ball_distances`."""
    if distance == 0.0:
        return np.array([radius]), np.ones(1)
    _outside(distance, radius)
    t, w = _nodes(np.array([distance - radius, distance + radius]))
    return t, w * 0.5 * t / (distance * radius)


def _outside(distance: float, radius: float) -> None:
    if not distance >= radius * (1.0 - 1e-5):
        raise PhysicsRangeError(
            f"a point at {distance:g} of the center lies within the ball of radius {radius:g}; "
            "give 0 or a distance beyond the surface"
        )


def _panels(low: float, high: float) -> Floats:
    return np.linspace(low, high, PANELS + 1)


def _nodes(edges: Floats) -> tuple[Floats, Floats]:
    x, w = gauss_legendre(NODES)
    low, high = edges[:-1, None], edges[1:, None]
    half = 0.5 * (high - low)
    return (low + half * (1.0 + x)).ravel(), (half * w).ravel()
