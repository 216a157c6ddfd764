"""Weights of models by AICc, for one curve or for several that share a model.

References
----------
.. [BA02] K. P. Burnham, D. R. Anderson, Model Selection and Multimodel Inference, 2nd ed.,
   Springer 2002, doi:10.1007/b97636 (Akaike weights: section 2.9)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["akaike_weights", "choose_models", "shared_aicc"]


def shared_aicc(per_curve: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Sum AICc over curves, for the models that no curve refused.

    Curves of several subjects are given one model: information adds, so their criteria do.
    """
    common = set(per_curve[0]).intersection(*per_curve[1:]) if per_curve else set[str]()
    names = [name for name in per_curve[0] if name in common] if per_curve else []
    return {name: sum(curve[name] for curve in per_curve) for name in names}


def akaike_weights(aicc: Mapping[str, float]) -> dict[str, float]:
    """Weights ``exp(-difference / 2)``, normalized [BA02]_.

    Examples
    --------
    >>> weights = akaike_weights({"exp1": 10.0, "exp2": 12.0})
    >>> round(weights["exp1"] / weights["exp2"], 6)  # e
    2.718282
    """
    best = min(aicc.values())
    raw = {name: float(np.exp(-0.5 * (value - best))) for name, value in aicc.items()}
    total = sum(raw.values())
    return {name: value / total for name, value in raw.items()}


def choose_models(
    weights: Mapping[str, float], n: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Index of the model of each of `n` draws, in proportion to the weights.

    Systematic sampling: each model gets its share of the draws to within one, in random order.
    """
    cumulative = np.cumsum(list(weights.values()))
    points = (np.arange(n) + rng.uniform()) / n
    chosen = np.searchsorted(cumulative / cumulative[-1], points, side="right")
    return rng.permutation(np.minimum(chosen, len(weights) - 1))
