"""Each published figure beside what draws of the parameters say its study would have printed.

Draws from the prior give the prior prediction. Draws fitted to the figure give a fit. Only draws
that saw neither it nor anything else of the same subjects give a prediction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.evidence import EvidenceItem
from pdcraft.kinetics.carrier.target import Target

__all__ = ["FigurePrediction", "Kind", "Verdict", "predict_figures", "published_figure"]

Kind = Literal["prior", "predicted", "fitted"]
Verdict = Literal["inside", "at the edge", "miss"]
LEVEL = 0.95
REPEATS = 20  # figures drawn for each draw of the parameters: their own noise averages out


@dataclass(frozen=True, slots=True)
class FigurePrediction:
    """What a study of the same design would print, and where the printed figure lies in it.

    Parameters
    ----------
    item : str
    kind : {"prior", "predicted", "fitted"}
        Which draws: see the module.
    median, low, high : float
        Of the figure in its own unit; of a range, its geometric middle; of a statement in words,
        the quantity that it speaks of, for the typical subject. Limits of 95%.
    residual : float or None
        Printed minus mean, in SDs of the prediction, on the logarithm; None for words.
    percentile : float or None
        Share of predicted figures below the printed one, in per cent; None for words.
    agreement : float or None
        Probability that the statement is made; None for numbers.
    """

    item: str
    kind: Kind
    median: float
    low: float
    high: float
    residual: float | None
    percentile: float | None
    agreement: float | None

    @property
    def verdict(self) -> Verdict:
        """Where the published figure lies: ``miss`` is outside the limits.

        ``at the edge`` is within twice the tail of 95%: what the noise of 1000 draws, half a per
        cent there, can nearly turn. A statement misses if it is made with less than 2.5%.
        """
        tail = 50 * (1 - LEVEL)
        if self.percentile is not None:
            nearest = min(self.percentile, 100 - self.percentile)
        else:
            nearest = 100 * (self.agreement if self.agreement is not None else 1.0)
        return "miss" if nearest < tail else "at the edge" if nearest < 2 * tail else "inside"


def published_figure(item: EvidenceItem) -> float:
    """Return the printed number in its own unit; of a range, its geometric middle."""
    if item.statistic == "range":
        return float(np.sqrt((item.low or np.nan) * (item.high or np.nan)))
    return float(item.value if item.value is not None else np.nan)


def predict_figures(
    target: Target, parameters: Floats, kind: Kind, rng: np.random.Generator
) -> tuple[FigurePrediction, ...]:
    """Predict every row of a target.

    Parameters
    ----------
    target : Target
        With every row that is wanted.
    parameters : ndarray, shape (n, parameters)
        Draws, of whatever posterior.
    kind : {"prior", "predicted", "fitted"}
    rng : Generator

    Returns
    -------
    tuple of FigurePrediction
        One for every row, in the target's order.
    """
    predicted = np.tile(target.predict(parameters), (REPEATS, 1))
    drawn = target.likelihood.simulate(predicted, rng)
    return tuple(
        _words(item, kind, predicted[:, i], drawn[:, i, 0])
        if item.statistic in ("below", "above")
        else _number(item, kind, drawn[:, i], target.observed[i])
        for i, item in enumerate(target.items)
    )


def _middle(item: EvidenceItem, figure: Floats) -> Floats:
    return figure.mean(axis=-1) if item.statistic == "range" else figure[..., 0]


def _limits(values: Floats) -> Sequence[float]:
    tail = (1 - LEVEL) / 2
    return [float(q) for q in np.quantile(values, [0.5, tail, 1 - tail])]


def _number(item: EvidenceItem, kind: Kind, drawn: Floats, observed: Floats) -> FigurePrediction:
    logs, seen = _middle(item, drawn), _middle(item, observed)
    residual = float((seen - logs.mean()) / logs.std(ddof=1))
    percentile = float(100 * np.mean(logs < seen))
    median, low, high = _limits(np.exp(logs) / item.in_base(1.0))
    return FigurePrediction(item.id, kind, median, low, high, residual, percentile, None)


def _words(item: EvidenceItem, kind: Kind, predicted: Floats, made: Floats) -> FigurePrediction:
    median, low, high = _limits(predicted / item.in_base(1.0))
    return FigurePrediction(item.id, kind, median, low, high, None, None, float(made.mean()))
