r"""Fit of untreated growth to volumes of single animals: exponential, then linear.

The limit :math:`\psi \to \infty` of the growth of Simeoni [S04]_, with one volume :math:`V^*` at
which growth turns linear for all animals of a model, and for each animal a rate and the day at
which it is there:

.. math:: \ln V = \ln V^* + \phi(\lambda_0 (t - t^*)), \qquad
          \phi(u) = u \ (u < 0), \quad \ln(1 + u) \ (u \ge 0).

Least squares of the logarithms: the errors of calipers are proportional.

References
----------
.. [S04] M. Simeoni et al., Cancer Res. 64, 1094 (2004), doi:10.1158/0008-5472.CAN-03-2524
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError

__all__ = ["GrowthFit", "SWITCHES_mm3", "fit_animals"]

#: Volumes that are tried; infinite for growth that stays exponential.
SWITCHES_mm3 = (100.0, 150.0, 250.0, 400.0, 600.0, 900.0, 1400.0, 2200.0, np.inf)
_STARTS_per_d = (0.03, 0.1, 0.3)
_FEWEST = 3  # volumes of one animal


@dataclass(frozen=True, slots=True)
class GrowthFit:
    """Growth of the animals of one model.

    Parameters
    ----------
    lambda0_per_d : ndarray, shape (animals,)
    switch_mm3 : float
        Infinite where growth stays exponential.
    residual_log_sd : float
        Of ln volume.
    n_values : int
    """

    lambda0_per_d: Floats
    switch_mm3: float
    residual_log_sd: float
    n_values: int

    @property
    def mean_per_d(self) -> float:
        """Geometric mean of the rates."""
        return float(np.exp(np.log(self.lambda0_per_d).mean()))

    @property
    def sd_ln(self) -> float:
        """Standard deviation of the logarithms of the rates; NaN for one animal."""
        logs = np.log(self.lambda0_per_d)
        return float(logs.std(ddof=1)) if logs.size > 1 else float("nan")


def fit_animals(animals: Sequence[tuple[ArrayLike, ArrayLike]]) -> GrowthFit:
    """Fit growth.

    Parameters
    ----------
    animals : sequence of (array_like, array_like)
        Days and volumes, mm³, of each animal: three or more of each, volumes above zero.

    Raises
    ------
    DataError
        For no animals, too few volumes or volumes that are not above zero.

    Examples
    --------
    >>> day = [0.0, 4.0, 8.0, 12.0]
    >>> fit = fit_animals([(day, [100.0, 149.2, 222.6, 332.0])])
    >>> round(fit.mean_per_d, 3)
    0.1
    """
    data = [_checked(i, t, v) for i, (t, v) in enumerate(animals)]
    if not data:
        raise DataError("growth: no animals; give days and volumes of one or more")
    best: tuple[float, float, list[float]] | None = None
    for switch in SWITCHES_mm3:
        found = [_one(t, y, switch) for t, y in data]
        total = sum(squares for squares, _ in found)
        if best is None or total < best[0]:
            best = (total, switch, [rate for _, rate in found])
    assert best is not None
    total, switch, rates = best
    n = sum(t.size for t, _ in data)
    freedom = n - 2 * len(data) - (1 if np.isfinite(switch) else 0)
    sd = float(np.sqrt(total / freedom)) if freedom > 0 else float("nan")
    return GrowthFit(frozen(rates, "growth rates"), float(switch), sd, n)


def _checked(index: int, days: ArrayLike, volumes: ArrayLike) -> tuple[Floats, Floats]:
    t, v = np.asarray(days, dtype=float), np.asarray(volumes, dtype=float)
    if t.shape != v.shape or t.ndim != 1 or t.size < _FEWEST:
        raise DataError(
            f"growth of animal {index + 1}: {t.size} days and {v.size} volumes; as many of each, "
            f"{_FEWEST} or more"
        )
    if np.any(np.diff(t) <= 0) or not np.all(v > 0):
        raise DataError(f"growth of animal {index + 1}: days increase and volumes are above 0 mm3")
    return t, np.log(v)


def _one(t: Floats, y: Floats, switch_mm3: float) -> tuple[float, float]:
    """Sum of squares and rate of one animal."""
    if np.isinf(switch_mm3):
        slope, middle = np.polyfit(t, y, 1)
        return float(((y - slope * t - middle) ** 2).sum()), float(max(slope, 1e-6))
    from scipy.optimize import least_squares

    level = np.log(switch_mm3)

    def residuals(p: Floats) -> Floats:
        u = np.exp(p[0]) * (t - p[1])
        return level + np.where(u < 0, u, np.log1p(np.maximum(u, 0.0))) - y

    start_day = float(np.interp(level, np.maximum.accumulate(y), t))
    found = [
        least_squares(residuals, [np.log(rate), start_day], x_scale=[0.3, 5.0])
        for rate in _STARTS_per_d
    ]
    best = min(found, key=lambda f: float(f.cost))
    return 2.0 * float(best.cost), float(np.exp(best.x[0]))
