"""True DLT rates by dose that a design is tried on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import Bools
from pdcraft.trial.outcomes import checked_rates

__all__ = ["MARGIN", "Scenario", "standard_scenarios"]

MARGIN = 0.05  # a dose within this of the target is acceptable, above it an overdose
SLOPE = 0.7  # of the logit of the rate between neighboring doses; assumed
SAME = 1e-12  # distances from the target that differ by less are the same


@dataclass(frozen=True, slots=True)
class Scenario:
    """True rates, and when their DLTs come.

    Parameters
    ----------
    name : str
    true_rate : array_like, shape (doses,)
        Rate of DLTs in all, 0 to 1, in any order.
    seen : float
        Share of them that comes within the assessment window; the rest no design learns of.
    late : float
        Share of those within the window that comes in its second half.

    Raises
    ------
    PhysicsRangeError
        For rates or shares outside 0 to 1.
    """

    name: str
    true_rate: Floats
    seen: float = 1.0
    late: float = 0.5

    def __post_init__(self) -> None:
        rates = checked_rates(self.true_rate)
        rates.flags.writeable = False
        object.__setattr__(self, "true_rate", rates)
        for what, share in (("seen", self.seen), ("late", self.late)):
            if not 0 <= share <= 1:
                raise PhysicsRangeError(
                    f"scenario '{self.name}': {what} = {share:g} is no share from 0 to 1"
                )

    @classmethod
    def of(cls, name: str, rates: ArrayLike, **options: float) -> Scenario:
        """Make a scenario from rates in any form."""
        return cls(name, checked_rates(rates), **options)

    @property
    def doses(self) -> int:
        """Number of doses."""
        return self.true_rate.size

    @property
    def observed_rate(self) -> Floats:
        """Rates of DLTs within the window."""
        return self.true_rate * self.seen

    def correct(self, target: float) -> Bools:
        """Doses nearest the target; none if even the least toxic is more than `MARGIN` above it."""
        distance = np.abs(self.true_rate - target)
        nearest = distance <= distance.min() + SAME
        return nearest & bool(self.true_rate.min() <= target + MARGIN + SAME)

    def acceptable(self, target: float) -> Bools:
        """Doses within `MARGIN` of the target."""
        return np.abs(self.true_rate - target) <= MARGIN + SAME

    def overdose(self, target: float) -> Bools:
        """Doses more than `MARGIN` above the target."""
        return self.true_rate > target + MARGIN + SAME


def _logistic(target: float, doses: int, at: float, slope: float) -> Floats:
    logit = np.log(target / (1 - target)) + slope * (np.arange(doses) - at)
    return 1.0 / (1.0 + np.exp(-logit))


def standard_scenarios(target: float, doses: int = 6) -> tuple[Scenario, ...]:
    """Scenarios that any design should be shown on; shapes are assumed, rates are exact.

    The target at every dose in turn on a logistic curve, then: all doses safe, all toxic, one
    steep curve, one that falls again after its peak, late toxicity within the window, and
    toxicity of which half comes after the window.

    Raises
    ------
    PhysicsRangeError
        For a target outside (0, 1).
    DataError
        For less than three doses.
    """
    check_open("target DLT rate", target)
    if doses < 3:
        raise DataError(f"standard scenarios: {doses} doses are too few, give 3 or more")
    middle = doses // 2
    curve = _logistic(target, doses, middle, SLOPE)
    peak = curve.copy()
    peak[-2:] = curve[-1], curve[0]  # at the highest dose toxicity is that of the lowest
    rising = [
        Scenario(f"target at dose {k + 1}", _logistic(target, doses, k, SLOPE))
        for k in range(doses)
    ]
    return (
        *rising,
        Scenario("all safe", _logistic(target, doses, doses + 1.0, SLOPE)),
        Scenario("all toxic", _logistic(target, doses, -2.0, SLOPE)),
        Scenario("steep", _logistic(target, doses, middle, 3 * SLOPE)),
        Scenario("non-monotone", peak),
        Scenario("late within the window", curve, late=0.9),
        Scenario("half after the window", curve, seen=0.5),
    )
