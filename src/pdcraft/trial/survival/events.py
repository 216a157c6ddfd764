r"""Events of a randomized trial: how many are needed, how many patients that takes, and until when.

Schoenfeld [S81]_: the log-rank statistic has the mean :math:`\sqrt{q(1-q)D}\,\ln(1/HR)` after
:math:`D` events, :math:`q` the share of patients in the experimental arm. Events in calendar time
are exact for piecewise constant hazards, dropout and steps of accrual.

References
----------
.. [S81] D. A. Schoenfeld, Biometrika 68, 316 (1981), doi:10.1093/biomet/68.1.316
.. [LF86] J. M. Lachin, M. A. Foulkes, Biometrics 42, 507 (1986), doi:10.2307/2531201
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.roots import root
from pdcraft.trial.checks import check_open
from pdcraft.trial.survival.boundaries import Boundaries, drift_for_power
from pdcraft.trial.survival.hazard import NEVER, Hazard

__all__ = ["Accrual", "Enrollment", "drift", "events_needed", "patients_needed"]


def drift(hazard_ratio: float, events: float, share: float = 0.5) -> float:
    """Mean of the log-rank statistic after a number of events.

    Examples
    --------
    >>> round(drift(0.6, 120.3157), 4)
    2.8016
    """
    _check_effect(hazard_ratio)
    check_open("share of the experimental arm", share)
    return -log(hazard_ratio) * sqrt(share * (1.0 - share) * events)


def events_needed(
    bounds: Boundaries, hazard_ratio: float, power: float, share: float = 0.5
) -> float:
    """Events at the last look with which a group sequential log-rank test has a power.

    Parameters
    ----------
    bounds : Boundaries
    hazard_ratio : float
        Of the experimental arm, below 1.
    power : float
    share : float
        Of patients in the experimental arm.

    Examples
    --------
    >>> from pdcraft.trial.survival.boundaries import boundaries
    >>> round(events_needed(boundaries("pocock", 1), 0.6, 0.8), 4)
    120.3157
    """
    return (drift_for_power(bounds, power) / drift(hazard_ratio, 1.0, share)) ** 2


def _check_effect(hazard_ratio: float) -> None:
    if not 0.0 < hazard_ratio < 1.0:
        raise PhysicsRangeError(
            f"hazard ratio {hazard_ratio:g}: the experimental arm is to be better, so it lies "
            "between 0 and 1"
        )


@dataclass(frozen=True, slots=True)
class Accrual:
    """Patients entering evenly, in steps: a ramp-up has several.

    Parameters
    ----------
    start_month : tuple of float
        Beginning of every step, the first 0, and the end of accrual as the last.
    per_month : tuple of float
        Patients of each step.

    Examples
    --------
    >>> Accrual((0, 3, 12), (5, 15)).patients
    150.0
    """

    start_month: tuple[float, ...]
    per_month: tuple[float, ...]

    def __post_init__(self) -> None:
        start = np.asarray(self.start_month, dtype=float)
        if start.size != len(self.per_month) + 1 or start[0] != 0 or np.any(np.diff(start) <= 0):
            raise PhysicsRangeError(
                f"accrual: {start.size} times for {len(self.per_month)} steps; they rise from 0 "
                "and the last ends accrual"
            )
        if min(self.per_month) < 0 or max(self.per_month) <= 0:
            raise PhysicsRangeError("accrual: rates are not negative, and one is above 0")

    @classmethod
    def even(cls, patients: float, months: float) -> Accrual:
        """All patients evenly over a time."""
        if not months > 0 or not patients > 0:
            raise PhysicsRangeError(
                f"accrual of {patients:g} patients in {months:g} months; both are above 0"
            )
        return cls((0.0, float(months)), (patients / months,))

    @property
    def end_month(self) -> float:
        """End of accrual."""
        return self.start_month[-1]

    @property
    def patients(self) -> float:
        """Number of patients."""
        return float(np.dot(np.diff(self.start_month), self.per_month))

    def entry(self, share: Floats) -> Floats:
        """Month in which shares (0 to 1) of the patients have entered."""
        steps = np.diff(self.start_month) * np.asarray(self.per_month)
        done = np.concatenate(([0.0], np.cumsum(steps))) / steps.sum()
        return np.interp(share, done, self.start_month)


@dataclass(frozen=True, slots=True)
class Enrollment:
    """Accrual of two arms with their hazards.

    Parameters
    ----------
    accrual : Accrual
        Of both arms together.
    control, experimental : Hazard
    share : float
        Of patients in the experimental arm.
    dropout : Hazard
        Of both arms.
    """

    accrual: Accrual
    control: Hazard
    experimental: Hazard
    share: float = 0.5
    dropout: Hazard = NEVER

    def __post_init__(self) -> None:
        check_open("share of the experimental arm", self.share)

    def events(self, month: float) -> float:
        """Return the events expected by a calendar time, months since accrual began."""
        total = 0.0
        arms = ((1.0 - self.share, self.control), (self.share, self.experimental))
        steps = zip(
            self.accrual.start_month[:-1],
            self.accrual.start_month[1:],
            self.accrual.per_month,
            strict=True,
        )
        for begin, end, rate in steps:
            for part, hazard in arms:
                older = hazard.events_of_entrants(month - begin, self.dropout)
                younger = hazard.events_of_entrants(month - end, self.dropout)
                total += rate * part * (older - younger)
        return total

    def month_of(self, events: float) -> float:
        """Calendar time at which a number of events is expected.

        Raises
        ------
        PhysicsRangeError
            If so many never come.
        """
        latest = 1000.0 * max(1.0, self.accrual.end_month)
        most = self.events(latest)
        if not 0 < events < most:
            raise PhysicsRangeError(
                f"{events:g} events: of {self.accrual.patients:g} patients at most {most:.4g} are "
                "expected ever; enter more patients"
            )
        return root(lambda month: self.events(month) - events, 0.0, latest)


def patients_needed(
    events: float,
    control: Hazard,
    experimental: Hazard,
    accrual_month: float,
    followup_month: float,
    *,
    share: float = 0.5,
    dropout: Hazard = NEVER,
) -> float:
    """Patients who, entering evenly, are expected to have so many events at the end.

    Parameters
    ----------
    events : float
    control, experimental : Hazard
    accrual_month, followup_month : float
        Accrual, and the time from its end to the analysis.
    share : float
    dropout : Hazard

    Examples
    --------
    >>> control = Hazard.of_median(6.0)
    >>> round(patients_needed(120.3157, control, control.times(0.6), 12, 6), 2)
    187.76
    """
    if followup_month < 0:
        raise PhysicsRangeError(f"follow-up of {followup_month:g} months; it is not negative")
    one = Enrollment(Accrual.even(1.0, accrual_month), control, experimental, share, dropout)
    each = one.events(accrual_month + followup_month)
    if not each > 0:
        raise PhysicsRangeError("no patient has an event: the hazards are 0")
    return events / each
