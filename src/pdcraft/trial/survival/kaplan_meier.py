r"""Kaplan-Meier estimate with Greenwood's variance, quantiles, restricted mean.

Limits are those of :math:`\ln S` (as R's ``survfit`` has them by default); a quantile is where the
curve, or a limit, comes to that level, and halfway to the next step if it lies exactly on it.

References
----------
.. [KM58] E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53, 457 (1958), doi:10.2307/2281868
.. [BC82] R. Brookmeyer, J. Crowley, Biometrics 38, 29 (1982), doi:10.2307/2530286
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.trial.checks import check_open

__all__ = ["KaplanMeier", "Times", "kaplan_meier"]

_SAME = 1e-9  # of a probability: the curve lies on a level


@dataclass(frozen=True, slots=True)
class Times:
    """Follow-up of patients.

    Parameters
    ----------
    time : ndarray, shape (patients,)
        Any unit; not negative.
    event : ndarray, shape (patients,)
        1 for the event, 0 for censoring.

    Raises
    ------
    DataError
        For no patients, different lengths, negative times or other codes.
    """

    time: Floats
    event: Floats

    @classmethod
    def of(cls, time: ArrayLike, event: ArrayLike) -> Times:
        """Follow-up from lists; events may be Booleans."""
        return cls(np.asarray(time, dtype=float), np.asarray(event, dtype=float))

    def __post_init__(self) -> None:
        time, event = frozen(self.time, "follow-up"), frozen(self.event, "event")
        if time.ndim != 1 or time.shape != event.shape or time.size == 0:
            raise DataError(
                f"follow-up: {time.shape} times and {event.shape} events; one of each a patient, "
                "and at least one patient"
            )
        if np.any(time < 0):
            raise DataError(f"follow-up of {time.min():g}: times are not negative")
        if not np.all(np.isin(event, (0.0, 1.0))):
            raise DataError("events are coded 1, and censoring 0; status 1/2 of R is not")
        object.__setattr__(self, "time", time)
        object.__setattr__(self, "event", event)


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """Estimate of a survival curve, at the times of events.

    Parameters
    ----------
    time : ndarray, shape (events,)
        Distinct times of events.
    at_risk, events : ndarray, shape (events,)
    survival : ndarray, shape (events,)
        From that time on.
    log_std_err : ndarray, shape (events,)
        Standard error of ln S.
    last : float
        Longest follow-up.
    """

    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    log_std_err: Floats
    last: float

    def _index(self, at: ArrayLike) -> NDArray[np.intp]:
        return np.searchsorted(self.time, np.asarray(at, dtype=float), side="right")

    def at(self, times: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats, Floats]:
        """Survival and its limits at times; unknown (NaN) after the last follow-up."""
        check_open("confidence", confidence)
        low, high = self._limits(confidence)
        where = self._index(times)
        known = np.asarray(times, dtype=float) <= self.last
        return tuple(
            np.where(known, np.concatenate(([1.0], curve))[where], np.nan)
            for curve in (self.survival, low, high)
        )  # pyright: ignore[reportReturnType]

    def _limits(self, confidence: float) -> tuple[Floats, Floats]:
        alive = self.survival > 0
        width = _normal(confidence) * np.where(alive, self.log_std_err, 0.0)
        return self.survival * np.exp(-width), np.minimum(self.survival * np.exp(width), 1.0)

    def std_err(self, times: ArrayLike) -> Floats:
        """Greenwood's standard error of the survival at times."""
        error = self.survival * np.where(self.survival > 0, self.log_std_err, 0.0)
        return np.concatenate(([0.0], error))[self._index(times)]

    def quantile(
        self, level: float = 0.5, confidence: float = 0.95
    ) -> tuple[float | None, float | None, float | None]:
        """Time by which a share has had the event, with limits [BC82]_; None if not reached.

        Examples
        --------
        >>> kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]).quantile()[0]
        2.5
        """
        check_open("level", level)
        check_open("confidence", confidence)
        low, high = self._limits(confidence)
        high = np.where(self.survival > 0, high, np.nan)  # a limit of nothing is not known
        return tuple(self._reaches(c, 1.0 - level) for c in (self.survival, low, high))  # pyright: ignore[reportReturnType]

    def _reaches(self, curve: Floats, level: float) -> float | None:
        below = np.flatnonzero(curve < level - _SAME)
        on = np.flatnonzero(np.abs(curve - level) <= _SAME)
        if on.size:
            after = float(self.time[below[0]]) if below.size else self.last
            return 0.5 * (float(self.time[on[0]]) + after)
        return float(self.time[below[0]]) if below.size else None

    def restricted_mean(
        self, until: float | None = None, *, carry_last: bool = False
    ) -> tuple[float, float]:
        """Mean time without the event up to a time, and its standard error.

        Parameters
        ----------
        until : float, optional
            At most the longest follow-up, unless the curve is at 0; the longest, if left out.
        carry_last : bool
            Go on beyond it with the last value, as R does for curves of different length.

        Raises
        ------
        DataError
            Beyond what was followed.
        """
        end = self.last if until is None else until
        ends_high = self.survival.size == 0 or self.survival[-1] > 0
        if end > self.last and ends_high and not carry_last:
            raise DataError(
                f"restricted mean up to {end:g}: follow-up ends at {self.last:g} and the curve is "
                "not at 0; carry_last goes on with its last value"
            )
        inside = self.time < end
        edges = np.concatenate(([0.0], self.time[inside], [end]))
        steps = np.concatenate(([1.0], self.survival[inside])) * np.diff(edges)
        beyond = steps[::-1].cumsum()[::-1][1:]  # area after each event
        n, d = self.at_risk[inside], self.events[inside]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(n > d, d / (n * (n - d)), 0.0)
        return float(steps.sum()), float(np.sqrt((beyond**2 * part).sum()))


def _normal(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(0.5 + 0.5 * confidence))


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> KaplanMeier:
    """Estimate a survival curve [KM58]_.

    Parameters
    ----------
    time : array_like, shape (patients,)
    event : array_like, shape (patients,)
        1 or True for the event, 0 for censoring.

    Examples
    --------
    >>> kaplan_meier([2, 3, 3, 5], [1, 1, 0, 1]).survival.tolist()
    [0.75, 0.5, 0.0]
    """
    data = Times.of(time, event)
    times, inverse = np.unique(data.time, return_inverse=True)
    events = np.bincount(inverse, weights=data.event)
    leaving = np.bincount(inverse)
    at_risk = (leaving[::-1].cumsum()[::-1]).astype(float)
    seen = events > 0
    n, d = at_risk[seen], events[seen]
    with np.errstate(divide="ignore"):
        variance = np.cumsum(np.where(n > d, d / (n * np.maximum(n - d, 1e-300)), np.inf))
    return KaplanMeier(
        frozen(times[seen], "time"),
        frozen(n, "at risk"),
        frozen(d, "events"),
        frozen(np.cumprod(1.0 - d / n), "survival"),
        frozen(np.sqrt(variance), "standard error", finite=False),
        float(data.time.max()),
    )
