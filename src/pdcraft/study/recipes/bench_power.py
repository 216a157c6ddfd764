"""Power of the planned analysis: the same simulated studies, analyzed as planned, by group size.

Animals that left for another reason than volume are censored, or missing: the loss is informative,
since it follows the tumor's mass and the dose.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.study.recipes.bench_member import MemberOutcome
from pdcraft.trial.survival.log_rank import rank

__all__ = ["significant", "smallest_size"]


def significant(
    outcome: MemberOutcome,
    group: int,
    control: int,
    n: int,
    *,
    test: str,
    alpha: float,
    visit: int,
) -> Floats:
    """Whether each draw's study, with the first `n` animals of a group, is significant, (draws,).

    Parameters
    ----------
    outcome : MemberOutcome
    group, control : int
    n : int
        Two or more.
    test : {"log-rank", "volume"}
        Two-sided; the latter is Welch's of ln volume at a visit, of the animals that are there.
    alpha : float
    visit : int
    """
    from scipy.special import ndtri, stdtr

    if test == "log-rank":
        day = np.concatenate([outcome.removed.day[:, g, :n] for g in (control, group)], axis=1)
        event = np.concatenate([outcome.removed.event[:, g, :n] for g in (control, group)], axis=1)
        arm = np.repeat([True, False], n)
        z = rank(day, event, np.broadcast_to(arm, day.shape)).z()
        return (np.abs(z) > float(ndtri(1.0 - alpha / 2.0))).astype(float)
    first, second = (_moments(outcome, g, n, visit) for g in (control, group))
    (m1, v1, n1), (m2, v2, n2) = first, second
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = v1 / n1, v2 / n2
        t = (m1 - m2) / np.sqrt(a + b)
        freedom = (a + b) ** 2 / (a**2 / (n1 - 1) + b**2 / (n2 - 1))
        p = 2.0 * stdtr(freedom, -np.abs(t))
    return np.where((n1 > 1) & (n2 > 1) & np.isfinite(p), p < alpha, False).astype(float)


def _moments(
    outcome: MemberOutcome, group: int, n: int, visit: int
) -> tuple[Floats, Floats, Floats]:
    there = outcome.there[visit, :, group, :n]
    # a tumor that cannot be felt counts as one cubic millimeter
    logs = np.log(np.maximum(outcome.measured_mm3[visit, :, group, :n], 1.0))
    number = there.sum(axis=1).astype(float)
    mean = np.where(there, logs, 0.0).sum(axis=1) / np.maximum(number, 1.0)
    square = np.where(there, (logs - mean[:, None]) ** 2, 0.0).sum(axis=1)
    return mean, square / np.maximum(number - 1.0, 1.0), number


def smallest_size(sizes: Sequence[int], power: Sequence[float], wanted: float) -> int | None:
    """Least size from which on all larger ones reach the wanted power; None if none does."""
    found = None
    for n, value in sorted(zip(sizes, power, strict=True), reverse=True):
        if value < wanted:
            break
        found = n
    return found
