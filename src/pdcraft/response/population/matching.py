r"""Match patients to a published baseline table and to limits of eligibility, by rejection.

Patients beyond a limit are rejected. Of those left, a patient is kept with a probability that is a
product of one factor for each attribute of the table, by the bin that the patient's value lies in.
The factors are found by raking [DS40]_, so that the bins of all attributes hold the shares that
they have to: of women as printed; of a median with its range, those of two halves of a normal
distribution on either side of the median, whose largest of n values is expected at the printed end
of the range (assumed: a table prints no more). It is cut 0.75 SD beyond that.

References
----------
.. [DS40] W. E. Deming, F. F. Stephan, Ann. Math. Stat. 11, 427 (1940),
   doi:10.1214/aoms/1177731829
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats
from pdcraft.data.populations import Baseline, Eligibility
from pdcraft.errors import ConvergenceError, DataError
from pdcraft.numerics.order_statistics import expected_largest

__all__ = ["Matching", "eligible_rows", "matched_to", "target_edges"]

HALF_BINS = 6  # on either side of a median, within the printed range
OUTER_SD = 0.75  # width of the bin beyond it
ROUNDS, SETTLED = 400, 1e-9
Columns = Mapping[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Matching:
    """Probabilities of being kept.

    Parameters
    ----------
    names : tuple of str
    edges : tuple of ndarray
        Of the bins of each attribute, increasing.
    factors : tuple of ndarray
        Of each bin, one fewer than edges.
    """

    names: tuple[str, ...]
    edges: tuple[Floats, ...]
    factors: tuple[Floats, ...]

    def kept_probability(self, columns: Columns) -> Floats:
        """Probability that each patient is kept, shape (n,); 0 outside the bins."""
        n = next(iter(columns.values())).size
        out = np.ones(n)
        for name, edges, factors in zip(self.names, self.edges, self.factors, strict=True):
            bins = _bins(columns[name], edges)
            out *= np.where(bins < 0, 0.0, (factors / factors.max())[bins])
        return out


def eligible_rows(
    columns: Columns, limits: Sequence[Eligibility]
) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.bool_]]]:
    """Patients within all limits, and by limit those beyond it."""
    n = next(iter(columns.values())).size
    within = np.ones(n, dtype=bool)
    beyond: dict[str, NDArray[np.bool_]] = {}
    for row in limits:
        if row.name not in columns:
            known = ", ".join(columns)
            raise DataError(f"no limit of '{row.name}': patients have {known}")
        out = (columns[row.name] < row.least) | (columns[row.name] > row.most)
        beyond[row.name] = beyond.get(row.name, np.zeros(n, dtype=bool)) | out
        within &= ~out
    return within, beyond


def target_edges(row: Baseline) -> tuple[Floats, Floats]:
    """Edges of the bins of a printed attribute, and the shares that they have to hold.

    Raises
    ------
    DataError
        For a row that prints neither a share nor a median with its range.
    """
    from scipy.special import ndtr, ndtri

    if row.share is not None:
        return np.array([-0.5, 0.5, 1.5]), np.array([1.0 - row.share, row.share])
    if row.median is None or row.low is None or row.high is None:
        raise DataError(
            f"baseline of {row.name}: give a share, or the median with low and high of the range"
        )
    if not row.low < row.median < row.high or row.n < 2:
        raise DataError(
            f"baseline of {row.name}: {row.low:g} < {row.median:g} < {row.high:g} of {row.n} "
            "patients does not hold; a range is that of two patients at least, about its median"
        )
    end = expected_largest(row.n)
    step = np.linspace(0.0, 1.0, HALF_BINS + 1)
    half = ndtri(0.5 + step * (ndtr(end) - 0.5)) / end  # 0 at the median, 1 at the printed end
    half = np.append(half, 1.0 + OUTER_SD / end)
    below = row.median - (row.median - row.low) * half[::-1]
    above = row.median + (row.high - row.median) * half[1:]
    outer = 1.0 - ndtr(end)
    share = np.full(2 * HALF_BINS + 2, (0.5 - outer) / HALF_BINS)
    share[[0, -1]] = outer
    return np.append(below, above), share


def matched_to(columns: Columns, baseline: Sequence[Baseline]) -> Matching:
    """Find the factors from patients that represent the proposals (those who are eligible).

    Bins beyond a printed range may stay empty.

    Raises
    ------
    DataError
        If no patient lies in another bin that has to be filled: rejection makes no new patients.
    ConvergenceError
        If the rows of the table contradict each other in these patients.
    """
    names = tuple(row.name for row in baseline)
    for name in names:
        if name not in columns:
            raise DataError(f"baseline of {name}: patients have {', '.join(columns)}")
    made = [target_edges(row) for row in baseline]
    bins = [_bins(columns[name], edges) for name, (edges, _) in zip(names, made, strict=True)]
    inside = np.all([b >= 0 for b in bins], axis=0) if bins else np.ones(1, dtype=bool)
    factors = [np.ones(share.size) for _, share in made]
    for row, b, (edges, share) in zip(baseline, bins, made, strict=True):
        name, held = row.name, np.bincount(b[inside], minlength=share.size)
        if row.share is None:
            share[[0, -1]] *= held[[0, -1]] > 0
            share /= share.sum()
        empty = np.flatnonzero((held == 0) & (share > 0))
        if empty.size:
            low, high = edges[empty[0]], edges[empty[0] + 1]
            raise DataError(
                f"matching {name}: no patient between {low:.4g} and {high:.4g}, where the baseline "
                f"table has {share[empty[0]]:.1%}; widen the population or leave the row out"
            )
    worst = np.inf
    for _ in range(ROUNDS):
        worst = 0.0
        for k, (b, (_, share)) in enumerate(zip(bins, made, strict=True)):
            weight = np.prod([f[i[inside]] for f, i in zip(factors, bins, strict=True)], axis=0)
            have = np.bincount(b[inside], weights=weight, minlength=share.size) / weight.sum()
            worst = max(worst, float(np.abs(have - share).max()))
            factors[k] = factors[k] * share / np.where(share > 0, have, 1.0)
        if worst < SETTLED:
            return Matching(names, tuple(e for e, _ in made), tuple(factors))
    raise ConvergenceError(
        f"matching {', '.join(names)}: shares still {worst:.2g} off after {ROUNDS} rounds; rows of "
        "the baseline table contradict each other in these patients"
    )


def _bins(values: Floats, edges: Floats) -> NDArray[np.intp]:
    """Place of each value among the bins, -1 outside."""
    place = np.searchsorted(edges, values, side="right") - 1
    place = np.where(values == edges[-1], edges.size - 2, place)
    return np.where((place < 0) | (place > edges.size - 2), -1, place)
