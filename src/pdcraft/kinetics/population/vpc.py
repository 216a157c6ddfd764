"""Prediction-corrected visual predictive check.

References
----------
.. [B11] M. Bergstrand, A. C. Hooker, J. E. Wallin, M. O. Karlsson, AAPS J. 13, 143 (2011),
   doi:10.1208/s12248-011-9255-z
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.kinetics.population.result import PopulationFit
from pdcraft.kinetics.population.simulate import replicates

__all__ = ["PredictiveCheck", "predictive_check"]


@dataclass(frozen=True, slots=True, eq=False)
class PredictiveCheck:
    """Quantiles of the data in bins of time, and where the model puts them.

    Parameters
    ----------
    quantiles : ndarray, shape (quantile,)
    time_h : ndarray, shape (bin,)
        Median time in the bin.
    observed : ndarray, shape (quantile, bin)
        Of the prediction-corrected data.
    low, middle, high : ndarray, shape (quantile, bin)
        95 % band and median over simulated studies.
    point_time_h, point : ndarray, shape (n,)
        Every prediction-corrected observation.
    """

    quantiles: Floats
    time_h: Floats
    observed: Floats
    low: Floats
    middle: Floats
    high: Floats
    point_time_h: Floats
    point: Floats

    @property
    def inside(self) -> float:
        """Share of the observed quantiles inside their band."""
        return float(((self.observed >= self.low) & (self.observed <= self.high)).mean())


def predictive_check(
    result: PopulationFit,
    *,
    bins: int = 8,
    n: int = 500,
    seed: int = 1,
    quantiles: tuple[float, ...] = (0.05, 0.5, 0.95),
) -> PredictiveCheck:
    """Compare quantiles of the data with those of simulated studies, prediction-corrected [B11]_.

    Every value is multiplied by the bin's median population prediction over its own, so that
    different doses and covariates fall together.

    Parameters
    ----------
    result : PopulationFit
    bins : int
        Of equal count; equal times are never parted.
    n : int
        Simulated studies.
    seed : int
    quantiles : tuple of float

    Raises
    ------
    DataError
        If fewer than 20 studies or no bin are asked for.
    """
    if n < 20 or bins < 1:
        raise DataError(f"predictive check: {n} studies, {bins} bins; give 20 and 1 at least")
    used = result.statement.records.quantified
    time = result.statement.records.time_h[used]
    seen = result.statement.records.value[used]
    predicted = result.population_prediction[used]
    simulated = replicates(result, n, seed)[:, used]
    places = _bins(time, bins)
    times: list[float] = []
    observed: list[Floats] = []
    bands: list[Floats] = []
    point = np.empty_like(seen)
    for k in range(places.max() + 1):
        here = places == k
        factor = _correction(predicted[here])
        point[here] = seen[here] * factor
        times.append(float(np.median(time[here])))
        observed.append(np.quantile(point[here], quantiles))
        each = np.quantile(simulated[:, here] * factor, quantiles, axis=1)
        bands.append(np.quantile(each, [0.025, 0.5, 0.975], axis=1))
    low, middle, high = np.stack(bands, axis=-1)
    parts = (quantiles, times, np.stack(observed, axis=-1), low, middle, high, time, point)
    return PredictiveCheck(*(frozen(part, "predictive check") for part in parts))


def _bins(time: Floats, bins: int) -> NDArray[np.intp]:
    edges = np.unique(np.quantile(time, np.linspace(0, 1, bins + 1)[1:-1]))
    raw = np.searchsorted(edges, time, side="right")
    return np.unique(raw, return_inverse=True)[1]


def _correction(predicted: Floats) -> Floats:
    """Median prediction over each; 1 where the prediction is 0 and nothing can be corrected."""
    zero = predicted == 0
    return np.where(zero, 1.0, np.median(predicted) / np.where(zero, 1.0, predicted))
