r"""Steps of one length between two spheres: closed forms of their geometry.

A target T and a uniform isotropic source S in one unbounded medium: the share of steps of length d
from S that end in T is :math:`\Gamma(d)/V_S`, with :math:`\Gamma(d)` the volume common to T and to
S shifted by d, averaged over directions (cross-covariance; `physics.sphere` has the case T = S).
Energy that a point source leaves at distance d, weighted so and added up, is the energy that T
absorbs: exact for any point kernel, and symmetric in S and T. Shells follow by differences.

`pdcraft.physics.ball` has single points as sources and steps spread over the width of a shell.

Lengths in any one unit, as long as all arguments share it.

References
----------
.. [Kel71] A.M. Kellerer, Radiat. Res. 47, 359 (1971): proximity functions and set covariance.
.. [GRH94] S.M. Goddu, D.V. Rao, R.W. Howell, J. Nucl. Med. 35, 303 (1994): geometric factors of
   concentric spheres.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.quadrature import gauss_legendre

__all__ = ["ball_volume", "covariance", "lens_area", "lens_volume", "surface_share"]

Floats = NDArray[np.float64]
DIRECTIONS = 48  # per smooth part of the average over directions


def ball_volume(radius: ArrayLike) -> Floats:
    """Volume of a ball."""
    return 4.0 / 3.0 * np.pi * np.asarray(radius, dtype=np.float64) ** 3


def lens_volume(separation: ArrayLike, a: float, b: float) -> Floats:
    r"""Volume common to two balls of radius a and b whose centers are that far apart.

    .. math:: \frac{\pi (a + b - s)^2 [s^2 + 2s(a + b) - 3(a - b)^2]}{12 s}
        \text{ for } |a - b| < s < a + b

    Parameters
    ----------
    separation : array_like, any shape
    """
    s = np.asarray(separation, dtype=np.float64)
    inside = np.maximum(s, max(abs(a - b), 1e-12 * (a + b)))
    deep = np.maximum(a + b - inside, 0.0)
    lens = np.pi * deep**2 * (inside**2 + 2.0 * inside * (a + b) - 3.0 * (a - b) ** 2)
    whole = float(ball_volume(min(a, b)))
    return np.where(s <= abs(a - b), whole, np.minimum(lens / (12.0 * inside), whole))


def lens_area(separation: ArrayLike, a: float, b: float) -> Floats:
    """Area of the part of the sphere of radius a that lies in the ball of radius b."""
    s = np.asarray(separation, dtype=np.float64)
    bottom = np.maximum(2.0 * a * s, 1e-300)
    # cosine, seen from the center of a, of where the two surfaces cut
    cosine = (a**2 + s**2 - b**2) / bottom
    cap = 2.0 * np.pi * a**2 * (1.0 - np.clip(cosine, -1.0, 1.0))
    return np.where(s > 0.0, cap, 4.0 * np.pi * a**2 if a < b else 0.0)


def _over_directions(kind: str, step: Floats, a: float, b: float, offset: float) -> Floats:
    """Mean of a lens over the directions of a step from a center ``offset`` away.

    The separation s runs from |offset - d| to offset + d, with the density s / (2 offset d) ds.
    """
    lens = lens_volume if kind == "volume" else lens_area
    low, high = np.abs(offset - step), offset + step
    x, weight = gauss_legendre(DIRECTIONS)
    total = np.zeros_like(step)
    ends = (0.0, abs(a - b), a + b)  # smooth in between; nothing beyond the last
    for start, stop in itertools.pairwise(ends):
        p, q = np.clip(start, low, high), np.clip(stop, low, high)
        half = 0.5 * (q - p)
        s = 0.5 * (p + q)[..., None] + half[..., None] * x
        total += half * np.sum(weight * s * lens(s, a, b), axis=-1)
    return total / (2.0 * offset * step)


def covariance(distance: ArrayLike, a: float, b: float, offset: float = 0.0) -> Floats:
    r"""Cross-covariance :math:`\Gamma(d)` of two balls whose centers are `offset` apart.

    Parameters
    ----------
    distance : array_like, any shape
        Length of the step.
    a, b : float
        Radii; the result is symmetric in them.
    offset : float

    Returns
    -------
    ndarray, same shape
        Volume; over the volume of the source it is the share of steps that end in the target.
    """
    d = np.asarray(distance, dtype=np.float64)
    if offset <= 1e-9 * (a + b):
        return lens_volume(d, a, b)
    small = d <= 1e-9 * (a + b)
    out = _over_directions("volume", np.where(small, offset, d), a, b, offset)
    return np.where(small, lens_volume(offset, a, b), out)


def surface_share(distance: ArrayLike, a: float, b: float, offset: float = 0.0) -> Floats:
    """Share of steps of one length from the surface of ball a that end in ball b.

    Parameters
    ----------
    distance : array_like, any shape
    a, b : float
        Radius of the sphere whose surface is the source, and of the target.
    offset : float
        Between the centers.
    """
    d = np.asarray(distance, dtype=np.float64)
    area = 4.0 * np.pi * a**2
    if offset <= 1e-9 * (a + b):
        # points on the surface of a, one step away from the center's shift
        edge = np.where(d > 0.0, lens_area(d, a, b), area * _at_rest(a, b))
        return edge / area
    small = d <= 1e-9 * (a + b)
    out = _over_directions("area", np.where(small, offset, d), a, b, offset)
    return np.where(small, lens_area(offset, a, b), out) / area


def _at_rest(a: float, b: float) -> float:
    """Share of a step of no length: half where the surface is the target's own."""
    return 1.0 if a < b else 0.5 if a == b else 0.0
