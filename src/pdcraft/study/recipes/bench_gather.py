"""What a bench keeps of its models for curves: volumes, survival and relapse of all animals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.core.quantity import quantity
from pdcraft.core.run import Series
from pdcraft.response.xenograft.endpoints import group_median
from pdcraft.study.ledger import Ledger
from pdcraft.study.recipes.bench_member import MemberOutcome, Plan

__all__ = ["Gather"]

HOURS = 24.0
SHOWN = 12  # models whose own curves are kept
LIMITS = (0.025, 0.5, 0.975)
FILE = "tables/tumor_volume.csv"


class Gather:
    """Curves of a bench, model by model."""

    def __init__(self, plan: Plan, models: int) -> None:
        self.plan = plan
        self.days: Floats = np.arange(0.0, plan.time_d[-1] + 0.5, 1.0)
        groups = len(plan.treatments)
        self._medians: list[Floats] = []
        self._names: list[str] = []
        self._keep = models <= SHOWN
        self._day: list[Floats] = []
        self._event: list[Floats] = []
        self._relapse: list[Floats] = []
        self._groups = groups

    def add(self, outcome: MemberOutcome, relapse_d: Floats | None) -> None:
        """Take a model in."""
        middle = group_median(outcome.measured_mm3, outcome.there)
        left = outcome.there.mean(axis=-1)
        # a median of less than half of the animals is a median of the slow ones
        self._medians.append(np.where(left >= 0.5, middle, np.nan))
        self._names.append(outcome.member.name)
        self._day.append(_by_group(outcome.removed.day))
        self._event.append(_by_group(outcome.removed.event.astype(float)))
        if relapse_d is not None:
            self._relapse.append(_by_group(relapse_d))

    def volumes(self) -> Floats:
        """Limits of the group medians over models and draws, shape (groups, visits, 3)."""
        all_of = np.stack(self._medians, axis=1)  # visits, models, draws, groups
        return np.moveaxis(_limits(all_of, (1, 2)), 0, -1).transpose(1, 0, 2)

    def series(self, ledger: Ledger) -> Iterator[Series]:
        """Yield curves of all models together, and of each where they are few."""
        many = [("all models", np.stack(self._medians, axis=1), (1, 2))]
        if self._keep:
            many += [
                (f"model:{n}", m, (1,)) for n, m in zip(self._names, self._medians, strict=True)
            ]
        for region, values, axes in many:
            low, middle, high = _limits(values, axes)
            for g, treatment in enumerate(self.plan.treatments):
                known = np.isfinite(middle[:, g])
                if not known.any():
                    continue
                yield Series(
                    stage="bench",
                    quantity=quantity("tumor_volume"),
                    subject=ledger.subject(region, treatment.name),
                    file=FILE,
                    times_h=HOURS * self.plan.visits_d[known],
                    value=middle[known, g],
                    low=low[known, g],
                    high=high[known, g],
                )

    def survival(self) -> Floats:
        """Kaplan and Meier's share below the limit of volume, shape (groups, days)."""
        day, event = np.concatenate(self._day, axis=1), np.concatenate(self._event, axis=1)
        return np.stack([_kaplan_meier(day[g], event[g], self.days) for g in range(self._groups)])

    def relapse_free(self) -> Floats | None:
        """Share without relapse, shape (groups, days); None without metastases."""
        if not self._relapse:
            return None
        day = np.concatenate(self._relapse, axis=1)
        return (day[:, :, None] > self.days).mean(axis=1)


def _by_group(values: Floats) -> Floats:
    """Shape (groups, draws times animals)."""
    return np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)


def _limits(values: Floats, axes: tuple[int, ...]) -> Floats:
    """Low, middle, high over axes, where half of the values or more are known."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # groups that have ended
        found = np.nanquantile(values, LIMITS, axis=axes)
    known = np.isfinite(values).mean(axis=axes) >= 0.5
    return np.where(known, found, np.nan)


def _kaplan_meier(day: Floats, event: Floats, days: Floats) -> Floats:
    from pdcraft.trial.survival.kaplan_meier import kaplan_meier

    curve = kaplan_meier(day, event)
    steps = np.concatenate([[1.0], curve.survival])
    return steps[np.searchsorted(curve.time, days, side="right")]
