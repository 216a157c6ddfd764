r"""How likely published figures are, given what a model predicts for the typical subject.

Every figure is positive and enters by its logarithm. Means are normal there, with the errors of
`pdcraft.kinetics.carrier.readings`; where a study can be read in several ways, the readings are
averaged. Ranges and medians are order statistics of n subjects, averaged over the spread between
subjects and the study's offset, both unknown. Statements in words ("cleared by 96 h") are soft
limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.data.evidence import EvidenceItem
from pdcraft.kinetics.carrier.readings import (
    Assumed,
    Reading,
    offset_log_sd,
    printed,
    readings,
    sizes_of,
)
from pdcraft.numerics.order_statistics import log_density_of_median, log_density_of_range

__all__ = ["Likelihood", "observations"]

SPREAD_NODES = 9  # Gauss-Hermite: exact for polynomials of degree 17 in the logarithm


def observations(items: Sequence[EvidenceItem]) -> Floats:
    """Return the published figures as the likelihood takes them.

    Returns
    -------
    ndarray, shape (items, 2)
        Logarithms in base units: of a mean or median and nothing; of both ends of a range; for a
        statement in words, 1 (made) and nothing.
    """
    out = np.zeros((len(items), 2))
    for row, item in zip(out, items, strict=True):
        if item.statistic == "range":
            row[:] = np.log([item.in_base(printed(item, e)) for e in ("low", "high")])
        elif item.statistic in ("mean", "median"):
            row[0] = np.log(item.in_base(printed(item, "value")))
        else:
            row[0] = 1.0
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """Likelihood of the rows `items`.

    Parameters
    ----------
    items : sequence of EvidenceItem
        All of them count; choose the rows by their ``use`` first.
    sizes : Assumed
    """

    items: tuple[EvidenceItem, ...]
    sizes: Assumed
    studies: tuple[tuple[tuple[int, ...], tuple[Reading, ...]], ...] = field(init=False)

    def __post_init__(self) -> None:
        groups: dict[str, list[int]] = {}
        for i, item in enumerate(self.items):
            if item.statistic == "mean":
                groups.setdefault(item.subjects, []).append(i)
        studies = tuple(
            (tuple(rows), tuple(readings([self.items[i] for i in rows], self.sizes)))
            for rows in groups.values()
        )
        object.__setattr__(self, "studies", studies)

    def log_likelihood(self, predicted: Floats, observed: Floats) -> Floats:
        """Sum over all rows.

        Parameters
        ----------
        predicted : ndarray, shape (n, items)
            Of the typical subject, in base units.
        observed : ndarray, shape (items, 2)
            From `observations` or one entry of `simulate`.

        Returns
        -------
        ndarray, shape (n,)
            Minus infinity where a prediction is not positive and finite.
        """
        sound = np.all(np.isfinite(predicted) & (predicted > 0), axis=-1)
        center = np.log(np.where(sound[:, None], predicted, 1.0))
        total = np.zeros(len(predicted))
        for rows, ways in self.studies:
            total += _mean_of_logs([_log_gauss(observed[list(rows), 0], center[:, rows], r)
                                    for r in ways])  # fmt: skip
        for i, item in enumerate(self.items):
            if item.statistic in ("range", "median"):
                total += self._order(item, observed[i], center[:, i])
            elif item.statistic in ("below", "above"):
                total += _limit(item, observed[i, 0], center[:, i])
        return np.where(sound, total, -np.inf)

    def simulate(self, predicted: Floats, rng: np.random.Generator) -> Floats:
        """Draw figures as studies of the same design would print them.

        Parameters
        ----------
        predicted : ndarray, shape (n, items)

        Returns
        -------
        ndarray, shape (n, items, 2)
        """
        center = np.log(predicted)
        n = len(predicted)
        out = np.zeros((n, len(self.items), 2))
        for rows, ways in self.studies:
            pick = rng.integers(0, len(ways), n)
            noise = rng.standard_normal((n, len(rows)))
            roots = np.stack([r.root for r in ways])[pick]
            shift = np.stack([r.shift for r in ways])[pick]
            out[:, rows, 0] = center[:, rows] + shift + (roots @ noise[..., None])[..., 0]
        for i, item in enumerate(self.items):
            if item.statistic in ("range", "median"):
                out[:, i] = self._order_draws(item, center[:, i], rng)
            elif item.statistic in ("below", "above"):
                true = rng.random(n) < np.exp(_limit(item, 1.0, center[:, i]))
                out[:, i, 0] = np.where(true, 1.0, 0.0)
        return out

    def _between(self) -> tuple[float, float]:
        return np.log(self.sizes.between_log_sd_median), self.sizes.between_log_sd_log_sd

    def _order(self, item: EvidenceItem, observed: Floats, center: Floats) -> Floats:
        """Average over the subjects' spread and the study's own offset, both unknown."""
        unit, weight = _gauss_hermite()
        location, scale = self._between()
        spread = np.exp(location + scale * unit)[:, None]
        offset = offset_log_sd(item, self.sizes) * unit
        n = sizes_of(item, self.sizes)
        middle = center[:, None, None] + offset
        terms = [
            log_density_of_range(observed[0], observed[1], k, middle, spread)
            if item.statistic == "range"
            else log_density_of_median(observed[0], k, middle, spread)
            for k in n
        ]
        grid = np.log(weight[:, None] * weight)
        return _mean_of_logs([_log_sum(t + grid) for t in terms])

    def _order_draws(self, item: EvidenceItem, center: Floats, rng: np.random.Generator) -> Floats:
        location, scale = self._between()
        spread = np.exp(location + scale * rng.standard_normal(len(center)))
        offset = offset_log_sd(item, self.sizes) * rng.standard_normal(len(center))
        sizes = rng.choice(sizes_of(item, self.sizes), len(center))
        out = np.zeros((len(center), 2))
        for i, n in enumerate(sizes):
            sample = center[i] + offset[i] + spread[i] * rng.standard_normal(n)
            both = item.statistic == "range"
            out[i] = (sample.min(), sample.max()) if both else (np.median(sample), 0.0)
        return out


@cache
def _gauss_hermite() -> tuple[Floats, Floats]:
    """Nodes and weights of the standard normal."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(SPREAD_NODES)
    return nodes, weights / weights.sum()


def _limit(item: EvidenceItem, made: float, center: Floats) -> Floats:
    """Log probability of a statement in words, or of its opposite where it was not made."""
    from scipy.special import log_ndtr

    distance = (np.log(item.in_base(printed(item, "value"))) - center) / printed(
        item, "limit_log_sd"
    )
    side = 1.0 if item.statistic == "below" else -1.0
    return log_ndtr(side * (1.0 if made else -1.0) * distance)


def _log_gauss(observed: Floats, center: Floats, reading: Reading) -> Floats:
    """Log density of a study's means, shape (n,)."""
    z = (observed - reading.shift - center) @ reading.whiten.T
    norm = 0.5 * len(observed) * np.log(2 * np.pi) - np.log(np.diag(reading.whiten)).sum()
    return -0.5 * (z**2).sum(axis=-1) - norm


def _mean_of_logs(terms: Sequence[Floats]) -> Floats:
    """Logarithm of the mean of what is given by its logarithms."""
    return np.logaddexp.reduce(np.stack(terms), axis=0) - np.log(len(terms))


def _log_sum(terms: Floats) -> Floats:
    """Logarithm of the sum over the last two axes."""
    top = terms.max(axis=(-2, -1))
    return top + np.log(np.exp(terms - top[:, None, None]).sum(axis=(-2, -1)))
