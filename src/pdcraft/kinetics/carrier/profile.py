r"""Profile likelihoods: how well the evidence alone can tell a parameter.

For each value of one parameter, the others are free to fit best within the prior's central range:

.. math:: \ell_p(\psi) = \max_{\theta : \theta_p = \psi} \ln L(\theta).

A flat profile means that the evidence does not inform the parameter, whatever the width of the
posterior.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.kinetics.carrier.target import Target

__all__ = ["Profile", "profile_likelihood"]

LIMIT = 3.0  # prior SDs that parameters are kept within
STEP = 1e-4  # of the gradient's differences, in prior SDs


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """Profile of one parameter: values, and log likelihood below its maximum, shape (n,)."""

    name: str
    values: Floats
    drop: Floats

    @property
    def informed(self) -> bool:
        """Whether an end of the prior's range is ruled out at 95% (1.92 below the maximum)."""
        return bool(max(self.drop[0], self.drop[-1]) > 1.92)


def profile_likelihood(target: Target, name: str, start: Floats, points: int = 7) -> Profile:
    """Profile one parameter over the prior's central range of 3 SDs to each side.

    Parameters
    ----------
    target : Target
    name : str
    start : ndarray, shape (parameters,)
        A point of high likelihood in units of the prior, to begin from.
    points : int
    """
    position = target.names.index(name)
    grid = np.linspace(-LIMIT, LIMIT, points)
    best = np.empty(points)
    nearest = int(np.argmin(np.abs(grid - start[position])))
    for side in (range(nearest, points), range(nearest, -1, -1)):
        point = np.clip(start, -LIMIT, LIMIT)
        for i in side:
            point[position] = grid[i]
            point, best[i] = _climb(target, point, position)
    values = np.exp(target.log_median[position] + target.log_sd[position] * grid)
    return Profile(name, values, best.max() - best)


def _climb(target: Target, start: Floats, fixed: int) -> tuple[Floats, float]:
    """Maximize over all parameters but one."""
    from scipy.optimize import minimize

    free = [i for i in range(len(start)) if i != fixed]
    moves = np.vstack([np.zeros(len(start)), STEP * np.eye(len(start))[free]])

    def value_and_slope(x: Floats) -> tuple[float, Floats]:
        point = start.copy()
        point[free] = x
        values = target.log_likelihood(point + moves)
        return -float(values[0]), -(values[1:] - values[0]) / STEP

    found = minimize(
        value_and_slope,
        start[free],
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LIMIT, LIMIT)] * len(free),
        options={"maxiter": 30},
    )
    out = start.copy()
    out[free] = found.x
    return out, -float(found.fun)
