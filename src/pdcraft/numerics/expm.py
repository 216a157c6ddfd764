r"""Matrix exponential of a batch, and its action on amounts, with no eigenvectors needed.

The slow and always valid route of the compartment engine, for rate matrices whose
eigenvectors are (nearly) dependent: equal rates in a chain, absorption as fast as elimination.

References
----------
.. [H05] N. J. Higham, SIAM J. Matrix Anal. Appl. 26, 1179 (2005), doi:10.1137/04061101X
.. [VL78] C. F. Van Loan, IEEE Trans. Autom. Control 23, 395 (1978),
   doi:10.1109/TAC.1978.1101743
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["expm", "grown"]

PADE_DEGREE = 13
PADE_NORM = 5.371920351148152  # largest 1-norm for which degree 13 is exact to 2**-53, [H05]_ 2.3
# numerator of the diagonal Pade approximant: (2m-k)! m! / ((2m)! k! (m-k)!)
PADE = [
    math.comb(PADE_DEGREE, k) * math.factorial(2 * PADE_DEGREE - k) / math.factorial(26)
    for k in range(PADE_DEGREE + 1)
]


def expm(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exponential of every matrix of a batch, by scaling and squaring [H05]_.

    Parameters
    ----------
    matrix : ndarray, shape (..., n, n)
        Dimensionless: a rate matrix times a time.

    Returns
    -------
    ndarray, shape (..., n, n)

    References
    ----------
    [H05]_

    Examples
    --------
    >>> expm(np.array([[-1.0, 0.0], [1.0, -1.0]])).round(4).tolist()
    [[0.3679, 0.0], [0.3679, 0.3679]]
    """
    n = matrix.shape[-1]
    flat = matrix.reshape(-1, n, n)
    norm = np.abs(flat).sum(axis=-2).max(axis=-1)
    with np.errstate(divide="ignore"):  # a zero matrix needs no squaring
        squarings = np.maximum(np.ceil(np.log2(norm / PADE_NORM)), 0).astype(int)
    a = flat * np.exp2(-squarings)[:, None, None]
    eye = np.eye(n)
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    b = PADE
    odd = a @ (
        a6 @ (b[13] * a6 + b[11] * a4 + b[9] * a2)
        + (b[7] * a6 + b[5] * a4 + b[3] * a2 + b[1] * eye)
    )
    even = a6 @ (b[12] * a6 + b[10] * a4 + b[8] * a2) + (
        b[6] * a6 + b[4] * a4 + b[2] * a2 + b[0] * eye
    )
    out = np.linalg.solve(even - odd, even + odd)
    for done in range(int(squarings.max(initial=0))):
        still = squarings > done
        out[still] = out[still] @ out[still]
    return out.reshape(matrix.shape)


def grown(
    matrix_per_h: NDArray[np.float64],
    entry: NDArray[np.float64],
    age_h: NDArray[np.float64],
    order: int,
) -> NDArray[np.float64]:
    r"""Amounts at some ages after a pulse (order 0) or its repeated time-integrals.

    Order 0 is :math:`e^{A\tau} b`, order 1 :math:`\int_0^\tau e^{As} b\,ds` (also the response
    to a constant input b), order 2 the integral of that. The integrals come from the
    exponential of a bordered matrix [VL78]_, so A may be singular.

    Parameters
    ----------
    matrix_per_h : ndarray, shape (batch, n, n)
    entry : ndarray, shape (batch, n)
        The input b.
    age_h : ndarray, shape (batch, m)
        Zero or more; any order.
    order : int
        0, 1 or 2.

    Returns
    -------
    ndarray, shape (batch, n, m)

    References
    ----------
    [VL78]_
    """
    batch, n = entry.shape
    big = np.zeros((batch, n + order, n + order))
    big[:, :n, :n] = matrix_per_h
    state = np.zeros((batch, n + order, 1))
    if order:
        big[:, :n, n] = entry
        big[:, range(n, n + order - 1), range(n + 1, n + order)] = 1.0
        state[:, -1] = 1.0
    else:
        state[:, :, 0] = entry
    order_in_time = np.argsort(age_h, axis=-1)
    steps = np.diff(np.take_along_axis(age_h, order_in_time, axis=-1), axis=-1, prepend=0.0)
    sorted_out = np.empty((batch, n, age_h.shape[-1]))
    step, growth = np.full(batch, np.nan), big
    for k in range(age_h.shape[-1]):
        if not np.array_equal(steps[:, k], step):  # even spacing needs one exponential
            step = steps[:, k]
            growth = expm(big * step[:, None, None])
        state = growth @ state
        sorted_out[..., k] = state[:, :n, 0]
    out = np.empty_like(sorted_out)
    np.put_along_axis(out, order_in_time[:, None, :].repeat(n, axis=1), sorted_out, axis=-1)
    return out
