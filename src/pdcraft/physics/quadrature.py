"""Quadrature and splines as plain matrices: nothing here loads scipy.

Gauss-Legendre nodes are made once: numpy solves an eigenvalue problem for every set.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["cumulative_simpson", "gauss_legendre", "spline_matrix"]


@cache
def gauss_legendre(n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes in (-1, 1) and weights of sum 2 of the n-point rule; read-only, shape (n,)."""
    nodes, weights = np.polynomial.legendre.leggauss(n)
    nodes.flags.writeable = False
    weights.flags.writeable = False
    return nodes, weights


def cumulative_simpson(values: NDArray[np.float64], step: float) -> NDArray[np.float64]:
    """Integrals from the first node up to each, along the last axis; same shape, from 0.

    Each interval is that of the parabola through its ends and the next node (at the end: the
    last); exact for parabolas. Three nodes or more, evenly spaced.
    """
    y = np.asarray(values, dtype=np.float64)
    part = 5.0 * y[..., :-2] + 8.0 * y[..., 1:-1] - y[..., 2:]
    final = -y[..., -3:-2] + 8.0 * y[..., -2:-1] + 5.0 * y[..., -1:]
    # the other half of Simpson's rule on every second pair of intervals
    second = -y[..., :-2] + 8.0 * y[..., 1:-1] + 5.0 * y[..., 2:]
    cells = np.concatenate((part, final), axis=-1)
    cells[..., 1::2] = second[..., ::2][..., : cells[..., 1::2].shape[-1]]
    sums = np.cumsum(cells, axis=-1) * (step / 12.0)
    return np.concatenate((np.zeros_like(y[..., :1]), sums), axis=-1)


def spline_matrix(nodes: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Cubic not-a-knot spline as a matrix: values at points are it times values at nodes.

    Parameters
    ----------
    nodes : ndarray, shape (n,)
        Ascending, four or more.
    points : ndarray, shape (m,)
        Within the nodes (outside, the end cubics go on).

    Returns
    -------
    ndarray, shape (m, n)
    """
    n = nodes.size
    h = np.diff(nodes)
    # second derivatives: system @ second = right @ values
    system, right = np.zeros((n, n)), np.zeros((n, n))
    inner = np.arange(1, n - 1)
    system[inner, inner - 1] = h[:-1]
    system[inner, inner] = 2.0 * (h[:-1] + h[1:])
    system[inner, inner + 1] = h[1:]
    right[inner, inner - 1] = 6.0 / h[:-1]
    right[inner, inner] = -6.0 / h[:-1] - 6.0 / h[1:]
    right[inner, inner + 1] = 6.0 / h[1:]
    system[0, :3] = h[1], -h[0] - h[1], h[0]
    system[-1, -3:] = h[-1], -h[-1] - h[-2], h[-2]
    second = np.linalg.solve(system, right)
    cell = np.clip(np.searchsorted(nodes, points, side="right") - 1, 0, n - 2)
    rows = np.arange(points.size)
    b = (points - nodes[cell]) / h[cell]
    a = 1.0 - b
    out = ((a**3 - a) * h[cell] ** 2 / 6.0)[:, None] * second[cell] + (
        (b**3 - b) * h[cell] ** 2 / 6.0
    )[:, None] * second[cell + 1]
    out[rows, cell] += a
    out[rows, cell + 1] += b
    return out
