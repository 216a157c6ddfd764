"""Absorbed dose rate against time in one target: what every response model is driven by.

Either exponential terms that start anew with every administration,

    R(t) = sum_n m_n sum_k a_k exp(-r_k (t - s_n)),   t >= s_n,

or a sampled curve, linear between its times and zero outside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError

__all__ = ["DoseRate"]

CHECKED_TIMES = 24  # at which a sum with negative terms is looked at for a negative dose rate
ROUNDING = 1e-9  # of the largest term: below, a negative sum is the rounding of its terms


@dataclass(frozen=True, slots=True)
class DoseRate:
    """Dose rate in one target, leading axes (draw, subject) or none at all.

    Make one with `of_terms` or `sampled`.

    Parameters
    ----------
    amplitude_Gy_per_h, rate_per_h : ndarray, shape (..., terms), or None
        Terms after one administration of relative amount 1; a negative amplitude is uptake.
    at_h : ndarray, shape (..., administrations), or None
        Start of each administration.
    amount : ndarray, shape (..., administrations), or None
        Relative amounts.
    time_h : ndarray, shape (times,), or None
    Gy_per_h : ndarray, shape (..., times), or None
    """

    amplitude_Gy_per_h: Floats | None = None
    rate_per_h: Floats | None = None
    at_h: Floats | None = None
    amount: Floats | None = None
    time_h: Floats | None = None
    Gy_per_h: Floats | None = None

    def __post_init__(self) -> None:
        terms = (self.amplitude_Gy_per_h, self.rate_per_h, self.at_h, self.amount)
        curve = (self.time_h, self.Gy_per_h)
        if not (_all_or_none(terms) and _all_or_none(curve)) or (terms[0] is None) == (
            curve[0] is None
        ):
            raise DataError("a dose rate is either terms or a sampled curve; use of_terms, sampled")
        for name in self.__slots__:
            if getattr(self, name) is not None:
                object.__setattr__(self, name, frozen(getattr(self, name), f"dose rate {name}"))
        if self.is_sampled:
            self._check_curve()
        else:
            self._check_terms()

    @classmethod
    def of_terms(
        cls,
        amplitude_Gy_per_h: ArrayLike,
        rate_per_h: ArrayLike,
        at_h: ArrayLike = 0.0,
        amount: ArrayLike = 1.0,
    ) -> DoseRate:
        """Sum of exponentials after each administration.

        Parameters
        ----------
        amplitude_Gy_per_h : array_like, shape (..., terms)
        rate_per_h : array_like, shape (..., terms)
            Above zero.
        at_h : array_like, shape (..., administrations)
            Zero or later.
        amount : array_like, shape (..., administrations)
            Relative to the administration that the amplitudes belong to.

        Raises
        ------
        DataError
            If shapes do not fit.
        PhysicsRangeError
            For a dose rate, a rate constant, a time or an amount out of range.

        Examples
        --------
        >>> twice = DoseRate.of_terms([0.1], [0.01], at_h=[0.0, 336.0])
        >>> twice.total_Gy.round(6).item()
        20.0
        """
        a, r = np.atleast_1d(amplitude_Gy_per_h), np.atleast_1d(rate_per_h)
        at, m = np.atleast_1d(at_h), np.atleast_1d(amount)
        try:
            a, r = np.broadcast_arrays(a, r)
            at, m = np.broadcast_arrays(at, m)
            np.broadcast_shapes(a.shape[:-1], at.shape[:-1])
        except ValueError:
            raise DataError(
                f"dose rate: amplitudes {np.shape(a)}, rates {np.shape(r)} (..., terms), starts "
                f"{np.shape(at)} and amounts {np.shape(m)} (..., administrations) do not fit"
            ) from None
        return cls(frozen(a, "amplitude"), frozen(r, "rate"), frozen(at, "start"), frozen(m, "m"))

    @classmethod
    def sampled(cls, time_h: ArrayLike, Gy_per_h: ArrayLike) -> DoseRate:
        """Curve through samples: linear between them, zero before the first and after the last.

        Parameters
        ----------
        time_h : array_like, shape (times,)
            Strictly increasing, from 0 h or later.
        Gy_per_h : array_like, shape (..., times)
        """
        return cls(time_h=frozen(time_h, "time_h"), Gy_per_h=frozen(Gy_per_h, "Gy_per_h"))

    @property
    def is_sampled(self) -> bool:
        """Whether it is a curve through samples."""
        return self.time_h is not None

    @property
    def shape(self) -> tuple[int, ...]:
        """The leading axes."""
        if self.Gy_per_h is not None:
            return self.Gy_per_h.shape[:-1]
        a, _, at, _ = self.terms
        return np.broadcast_shapes(a.shape[:-1], at.shape[:-1])

    @property
    def terms(self) -> tuple[Floats, Floats, Floats, Floats]:
        """Amplitudes, rates, starts, relative amounts; refused for a sampled curve."""
        if (
            self.amplitude_Gy_per_h is None
            or self.rate_per_h is None
            or self.at_h is None
            or self.amount is None
        ):
            raise DataError("a sampled dose rate has no terms; use its samples")
        return self.amplitude_Gy_per_h, self.rate_per_h, self.at_h, self.amount

    @property
    def samples(self) -> tuple[Floats, Floats]:
        """Times, h, and dose rates, Gy/h; refused for terms."""
        if self.time_h is None or self.Gy_per_h is None:
            raise DataError("a dose rate of terms has no samples; use at(time_h)")
        return self.time_h, self.Gy_per_h

    @property
    def total_Gy(self) -> Floats:
        """Absorbed dose over all time, shape (...)."""
        return self.over(np.inf)

    def at(self, time_h: ArrayLike) -> Floats:
        """Dose rate, Gy/h.

        Parameters
        ----------
        time_h : array_like, shape (times,), or a scalar

        Returns
        -------
        ndarray, shape (..., times), or (...) for a scalar
            0 before the first administration; at its start the dose rate after it.
        """
        t = np.atleast_1d(np.asarray(time_h, dtype=float))
        out = self._curve_at(t) if self.is_sampled else self._terms_at(t)
        return out[..., 0] if np.ndim(time_h) == 0 else out

    def over(self, until_h: ArrayLike) -> Floats:
        """Absorbed dose, Gy, from the beginning until some times: the exact integral.

        Parameters
        ----------
        until_h : array_like, shape (times,), or a scalar
            May be infinite.

        Returns
        -------
        ndarray, shape (..., times), or (...) for a scalar
        """
        t = np.atleast_1d(np.asarray(until_h, dtype=float))
        out = self._curve_over(t) if self.is_sampled else self._terms_over(t)
        return out[..., 0] if np.ndim(until_h) == 0 else out

    def dose_until(self) -> Callable[[float], Floats]:
        """Return a function of one time, h, that gives what `over` gives there, shape (...).

        For many calls: what does not depend on the time is done once.
        """
        if not self.is_sampled:
            return self.over
        knots, rate = self.samples
        before = self._dose_before_knots()

        def until(time_h: float) -> Floats:
            end = min(max(time_h, float(knots[0])), float(knots[-1]))
            i = min(max(int(np.searchsorted(knots, end, side="right")) - 1, 0), knots.size - 2)
            since = end - knots[i]
            slope = (rate[..., i + 1] - rate[..., i]) / (knots[i + 1] - knots[i])
            return before[..., i] + since * (rate[..., i] + 0.5 * slope * since)

        return until

    def scaled(self, factor: ArrayLike) -> DoseRate:
        """Return the dose rate times a factor, zero or more, of the leading axes' shape."""
        f = np.asarray(factor, dtype=float)
        if not np.all(np.isfinite(f)) or np.any(f < 0):
            raise PhysicsRangeError(f"dose rate: factor {f.min():g}; it is zero or more")
        column = f[..., None]
        if self.Gy_per_h is not None:
            return replace(self, Gy_per_h=frozen(self.Gy_per_h * column, "Gy_per_h"))
        a, r, at, m = self.terms
        return DoseRate.of_terms(a * column, np.broadcast_to(r, (a * column).shape), at, m)

    # -- sums of exponentials ----------------------------------------------------------------

    def _terms_at(self, t: Floats) -> Floats:
        a, r, at, m = self.terms
        out = np.zeros((*self.shape, t.size))
        for n in range(at.shape[-1]):
            since = t - at[..., n, None]
            late = np.maximum(since, 0.0)
            given = np.where(since >= 0, m[..., n, None], 0.0)
            for k in range(a.shape[-1]):
                out += given * a[..., k, None] * np.exp(-r[..., k, None] * late)
        return out

    def _terms_over(self, t: Floats) -> Floats:
        a, r, at, m = self.terms
        out = np.zeros((*self.shape, t.size))
        for n in range(at.shape[-1]):
            since = np.maximum(t - at[..., n, None], 0.0)
            for k in range(a.shape[-1]):
                rate = r[..., k, None]
                share = -np.expm1(-rate * since)
                out += m[..., n, None] * a[..., k, None] / rate * share
        return out

    def _check_terms(self) -> None:
        a, r, at, m = self.terms
        if a.shape != r.shape or at.shape != m.shape or a.ndim < 1 or at.ndim < 1:
            raise DataError(
                f"dose rate: amplitudes {a.shape} and rates {r.shape}, starts {at.shape} and "
                f"amounts {m.shape} go in pairs; use of_terms"
            )
        if np.any(r <= 0):
            raise PhysicsRangeError(
                f"dose rate: rate constant {r.min():g} per h; a term decays, so above 0 (what "
                "stays constant for a while is a sampled curve)"
            )
        if np.any(at < 0) or np.any(m < 0):
            raise PhysicsRangeError(
                f"dose rate: start {at.min():g} h, relative amount {m.min():g}; neither is negative"
            )
        if not np.any(a < 0):
            return
        times = np.append(0.0, np.geomspace(0.01 / r.max(), 10.0 / r.min(), CHECKED_TIMES))
        total = (a[..., None] * np.exp(-r[..., None] * times)).sum(axis=-2)
        largest = np.abs(a).sum(axis=-1, keepdims=True)
        lowest = (total / np.where(largest > 0, largest, 1.0)).min()
        if lowest < -ROUNDING:
            raise PhysicsRangeError(
                f"dose rate: the sum of terms falls to {lowest:.3g} of its largest terms; a dose "
                "rate is not negative"
            )

    # -- sampled curves ----------------------------------------------------------------------

    def _curve_at(self, t: Floats) -> Floats:
        knots, rate = self.samples
        i = np.clip(np.searchsorted(knots, t, side="right") - 1, 0, knots.size - 2)
        w = (t - knots[i]) / (knots[i + 1] - knots[i])
        within = (t >= knots[0]) & (t <= knots[-1])
        return np.where(within, rate[..., i] * (1 - w) + rate[..., i + 1] * w, 0.0)

    def _curve_over(self, t: Floats) -> Floats:
        knots, rate = self.samples
        end = np.clip(t, knots[0], knots[-1])
        i = np.clip(np.searchsorted(knots, end, side="right") - 1, 0, knots.size - 2)
        last = 0.5 * (rate[..., i] + self._curve_at(end)) * (end - knots[i])
        return self._dose_before_knots()[..., i] + last

    def _dose_before_knots(self) -> Floats:
        """Absorbed dose from the first sample to each, Gy, shape (..., times)."""
        knots, rate = self.samples
        pieces = 0.5 * (rate[..., 1:] + rate[..., :-1]) * np.diff(knots)
        return np.concatenate([np.zeros((*self.shape, 1)), pieces.cumsum(axis=-1)], axis=-1)

    def _check_curve(self) -> None:
        knots, rate = self.samples
        if knots.ndim != 1 or knots.size < 2 or rate.ndim < 1 or rate.shape[-1:] != knots.shape:
            raise DataError(
                f"dose rate: {knots.shape} times and samples {rate.shape}; wanted (times,), two at "
                "least, and (..., times)"
            )
        if knots[0] < 0 or np.any(np.diff(knots) <= 0):
            raise PhysicsRangeError("dose rate: times increase strictly, from 0 h or later")
        if np.any(rate < 0):
            raise PhysicsRangeError(
                f"dose rate: a sample of {rate.min():g} Gy/h; a dose rate is not negative"
            )


def _all_or_none(values: tuple[Floats | None, ...]) -> bool:
    return len({v is None for v in values}) == 1
