r"""Gradients of the integrals with respect to every rate, amount and the decay, by the adjoint.

With :math:`M = \lambda - A`, :math:`y = M^{-1} x_0` and weights :math:`w`, one more solve,
:math:`M^T u = w`, gives all derivatives of :math:`w \cdot y`: :math:`u` for the amounts,
:math:`(u_j - u_i)\,y_i` for the rate from i to j, :math:`-u_i y_i` for elimination from i and
:math:`-u \cdot y` for the decay, exactly and however many rates there are.

References
----------
.. [GW08] A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, ch. 15
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.numerics.compartments import LinearSystem

__all__ = ["IntegralGradient", "integral_gradient"]


@dataclass(frozen=True, slots=True, eq=False)
class IntegralGradient:
    """Weighted sums of integrals and what moves them.

    Parameters
    ----------
    value : ndarray, shape (..., w)
        The w weighted sums, amount times h.
    per_rate : ndarray, shape (..., w, k)
        Derivative by each of the system's k transfers, in the order of its ``links``.
    per_initial : ndarray, shape (..., w, n)
        Derivative by the amount in each state at time 0.
    per_decay : ndarray, shape (..., w)
    """

    value: Floats
    per_rate: Floats
    per_initial: Floats
    per_decay: Floats


def integral_gradient(
    system: LinearSystem,
    initial: ArrayLike | Mapping[str, ArrayLike],
    weights: ArrayLike | None = None,
    *,
    decay_per_h: ArrayLike = 0.0,
) -> IntegralGradient:
    """Differentiate integrals to infinity.

    Parameters
    ----------
    system : LinearSystem
        n states, k transfers.
    initial : array_like of shape (..., n), or mapping of state to amount
    weights : array_like, shape (w, n), optional
        Each row a weighted sum of integrals, such as the S-values onto one target. Default the
        identity: the integral of every state.
    decay_per_h : array_like, shape (...)

    Returns
    -------
    IntegralGradient

    Raises
    ------
    PhysicsRangeError
        If a state with a weight never empties: the least amount would make its integral infinite.
    DataError
        If the weights are not (w, n).

    Examples
    --------
    >>> from pdcraft.numerics.compartments import Transfer
    >>> plasma = LinearSystem.from_transfers(["plasma"], [Transfer("plasma", None, 0.1)])
    >>> integral_gradient(plasma, {"plasma": 1.0}).per_rate.round(6).tolist()
    [[-100.0]]
    """
    n = len(system.states)
    rows = frozen(np.eye(n) if weights is None else weights, "weights")
    if rows.ndim != 2 or rows.shape[1] != n:
        raise DataError(f"weights have shape {rows.shape}; give (sums, {n} states)")
    reduced = system.emptying_part(system.amounts(initial), decay_per_h)
    weighed = np.flatnonzero((rows != 0).any(axis=0))
    reduced.refuse_trapped(system.states, [int(i) for i in weighed], even_empty=True)
    integrals = reduced.solve()
    solved = np.linalg.solve(reduced.loss_per_h.swapaxes(-1, -2), rows.T).swapaxes(-1, -2)
    adjoint = np.asarray(solved, dtype=np.float64)
    source = [s for s, _ in system.links]
    target = [t for _, t in system.links]
    gain = np.concatenate([adjoint, np.zeros_like(adjoint[..., :1])], axis=-1)[..., target]
    return IntegralGradient(
        value=integrals @ rows.T,
        per_rate=(gain - adjoint[..., source]) * integrals[..., None, source],
        per_initial=np.broadcast_to(adjoint, (*integrals.shape[:-1], *rows.shape)),
        per_decay=-(adjoint * integrals[..., None, :]).sum(axis=-1),
    )
