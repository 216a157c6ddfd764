r"""Covariance of the random effects by its Cholesky factor: :math:`\Omega = L L^\top`.

The logarithms of the diagonal of L are free, and so is what lies below it if the covariance is
full: every vector is a covariance, and a variance may go to 0 without trouble.

References
----------
.. [PB96] J. C. Pinheiro, D. M. Bates, Stat. Comput. 6, 289 (1996), doi:10.1007/BF00140873
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats

__all__ = ["Covariance", "cholesky_of", "n_free", "vector_of"]

Covariance = Literal["diagonal", "full"]


def n_free(size: int, kind: Covariance) -> int:
    """Count the free entries of a covariance of this size."""
    return size if kind == "diagonal" else size * (size + 1) // 2


def cholesky_of(vector: Floats, scales: Floats, kind: Covariance) -> Floats:
    """Lower factors L, shape (..., r, r).

    Parameters
    ----------
    vector : ndarray, shape (..., n_free)
        Logarithms of the diagonal over ``scales``, then the rows below it over ``scales``.
    scales : ndarray, shape (r,)
        Size of each random effect, so that the vector has no unit.
    """
    r = scales.size
    factor = np.zeros((*vector.shape[:-1], r, r))
    on = np.arange(r)
    factor[..., on, on] = np.exp(vector[..., :r])
    if kind == "full":
        row, column = np.tril_indices(r, -1)
        factor[..., row, column] = vector[..., r:]
    return factor * scales[:, None]


def vector_of(factor: Floats, scales: Floats, kind: Covariance) -> Floats:
    """Inverse of `cholesky_of` for one factor."""
    own = factor / scales[:, None]
    diagonal = np.log(np.diagonal(own))
    if kind == "diagonal":
        return diagonal
    return np.concatenate([diagonal, own[np.tril_indices(scales.size, -1)]])
