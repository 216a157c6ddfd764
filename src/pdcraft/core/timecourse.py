"""Time courses of the carrier: sums of exponentials or sampled curves, decay entered once.

Kinetics speaks of the carrier as a chemical: fractions of the administered amount, with no
physical decay. `TimeCourse.activity` is the only place where a half-life enters, and it refuses
to enter twice; `TimeCourse.molar` is the only place where an administered amount enters.

Time 0 is the (first) administration. Exponential form: ``f(t) = sum_k c_k exp(-r_k t)``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.estimate import Axis, Estimate
from pdcraft.core.notebook import Shown, Table, counted, number
from pdcraft.core.quantity import QUANTITIES, Quantity
from pdcraft.errors import DataError, KindError, PhysicsRangeError

__all__ = ["Tail", "TimeCourse"]

Tail = Literal["fitted", "physical", "none"]

_DECAYED = {
    "amount_fraction": "activity_fraction",
    "amount_fraction_per_g": "activity_fraction_per_g",
    "amount_fraction_per_mL": "activity_fraction_per_mL",
}
_INTEGRATED = {
    "activity_fraction": "time_integrated_activity_coefficient",
    "activity_fraction_per_g": "time_integrated_activity_coefficient_per_g",
    "activity_fraction_per_mL": "time_integrated_activity_coefficient_per_mL",
    "activity": "time_integrated_activity",
    "mass_concentration": "mass_concentration_integral",
    "absorbed_dose_rate_coefficient": "absorbed_dose_coefficient",
}
_TERMS, _CURVE = ["coefficients", "rates_per_h"], ["times_h", "values"]
_SHOWN_h = (1.0, 4.0, 24.0, 72.0, 168.0)  # in a notebook, of a course that has no times of its own


@dataclass(frozen=True, slots=True, repr=False)
class TimeCourse(Shown):
    """Amount or activity per region against time, in draws and subjects.

    Exactly one of the two forms is given: `coefficients` with `rates_per_h`, or `times_h` with
    `values`.

    Parameters
    ----------
    regions : tuple of str
    quantity : Quantity
        An amount fraction (no decay), an activity fraction (decayed) or a concentration.
    coefficients, rates_per_h : ndarray, shape (draw, subject, region, term)
        Terms of ``sum_k c_k exp(-r_k t)``; rates in 1/h.
    times_h : ndarray, shape (time,)
        Strictly increasing, from 0 h or later.
    values : ndarray, shape (draw, subject, region, time)
    draws : str
        Identity of the draw set.
    half_life_h : float or None
        The physical half-life once it has entered, else None.
    """

    regions: tuple[str, ...]
    quantity: Quantity
    draws: str
    coefficients: Floats | None = None
    rates_per_h: Floats | None = None
    times_h: Floats | None = None
    values: Floats | None = None
    half_life_h: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "regions", tuple(self.regions))
        given = [name for name in (*_TERMS, *_CURVE) if getattr(self, name) is not None]
        if given not in (_TERMS, _CURVE):
            raise DataError(
                f"a time course is either terms ({' with '.join(_TERMS)}) or a curve "
                f"({' with '.join(_CURVE)}), got {', '.join(given) or 'neither'}"
            )
        for name in given:
            array = frozen(getattr(self, name), f"time course {name}")
            object.__setattr__(self, name, array)
        body = self._terms[0] if self._has_terms else self._curve[1]
        if body.ndim != 4 or body.shape[2] != len(self.regions):
            raise DataError(
                f"time course: array of shape {body.shape} for {len(self.regions)} regions; "
                "wanted (draw, subject, region, term or time)"
            )
        if self.rates_per_h is not None and self.rates_per_h.shape != body.shape:
            raise DataError(
                f"rates {self.rates_per_h.shape} and coefficients {body.shape} differ in shape"
            )
        if self.times_h is not None:
            t = self.times_h
            if t.shape != body.shape[3:] or t.size < 2 or t[0] < 0 or np.any(np.diff(t) <= 0):
                raise DataError(
                    f"times must be {body.shape[3]} strictly increasing hours from 0 on, got {t}"
                )

    def _table(self) -> Table:
        times = np.array(_SHOWN_h)
        if not self._has_terms:
            known = self._curve[0]
            times = known[np.unique(np.linspace(0, known.size - 1, times.size).astype(int))]
        mean = self.at(times).mean(axis=(0, 1))
        rows = [
            (region, *(number(v) for v in row))
            for region, row in zip(self.regions, mean.tolist(), strict=True)
        ]
        decay = "" if self.half_life_h is None else f", decays with {self.half_life_h:g} h"
        size = f"{counted(self.n_draws, 'draw')}, {counted(self.n_subjects, 'subject')}"
        title = f"{self.quantity.heading}: mean of {size}{decay}"
        return Table(title, ("region", *(f"{t:.4g} h" for t in times)), rows)

    @property
    def _has_terms(self) -> bool:
        return self.coefficients is not None

    @property
    def _terms(self) -> tuple[Floats, Floats]:
        if self.coefficients is None or self.rates_per_h is None:
            raise DataError("a time course that is a curve has no terms")
        return self.coefficients, self.rates_per_h

    @property
    def _curve(self) -> tuple[Floats, Floats]:
        if self.times_h is None or self.values is None:
            raise DataError("a time course of terms has no sampled curve")
        return self.times_h, self.values

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return (self._terms[0] if self._has_terms else self._curve[1]).shape[0]

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""
        return (self._terms[0] if self._has_terms else self._curve[1]).shape[1]

    def at(self, times_h: Floats) -> Floats:
        """Values at `times_h`; shape (draw, subject, region, time).

        A sampled curve is interpolated linearly and not extrapolated.
        """
        t = np.asarray(times_h, dtype=float)
        if self._has_terms:
            coefficients, rates = self._terms
            out = np.zeros((*coefficients.shape[:3], t.size))
            for k in range(coefficients.shape[3]):
                out += coefficients[..., k, None] * np.exp(-rates[..., k, None] * t)
            return out
        known, values = self._curve
        if t.min() < known[0] or t.max() > known[-1]:
            raise PhysicsRangeError(
                f"curve known from {known[0]:g} to {known[-1]:g} h, asked at "
                f"{t.min():g} to {t.max():g} h; a sampled curve is not extrapolated"
            )
        i = np.clip(np.searchsorted(known, t) - 1, 0, known.size - 2)
        w = (t - known[i]) / (known[i + 1] - known[i])
        return values[..., i] * (1 - w) + values[..., i + 1] * w

    # -- the two places where decay and amount enter -----------------------------------------

    def activity(self, half_life_h: float) -> TimeCourse:
        """Let the label decay: fractions of carrier become fractions of administered activity.

        Parameters
        ----------
        half_life_h : float
            Physical half-life, h, positive.

        Raises
        ------
        KindError
            If decay has entered before.
        """
        if self.quantity.key not in _DECAYED:
            raise KindError(
                f"{self.quantity.name} cannot decay (again): physical decay enters once, into an "
                "amount fraction"
            )
        if not half_life_h > 0:
            raise PhysicsRangeError(f"half-life must be positive, got {half_life_h} h")
        decay = np.log(2) / half_life_h
        kind = QUANTITIES[_DECAYED[self.quantity.key]]
        if self._has_terms:
            rates = self._terms[1] + decay
            return replace(self, quantity=kind, rates_per_h=rates, half_life_h=half_life_h)
        times, values = self._curve
        values = values * np.exp(-decay * times)
        return replace(self, quantity=kind, values=values, half_life_h=half_life_h)

    def molar(self, administered_nmol: float) -> TimeCourse:
        """Molar concentration, nM, from an amount fraction per milliliter (1 nmol/mL = 1000 nM)."""
        if self.quantity.key != "amount_fraction_per_mL":
            raise KindError(
                f"molar() takes an amount fraction per mL without decay, not {self.quantity.name}"
            )
        if not administered_nmol > 0:
            raise PhysicsRangeError(
                f"administered amount must be positive, got {administered_nmol} nmol"
            )
        factor = 1000.0 * administered_nmol
        kind = QUANTITIES["molar_concentration"]
        if self._has_terms:
            return replace(self, quantity=kind, coefficients=self._terms[0] * factor)
        return replace(self, quantity=kind, values=self._curve[1] * factor)

    # -- integrals ---------------------------------------------------------------------------

    def integral(
        self, tail: Tail = "fitted", from_h: float = 0.0, to_h: float = np.inf
    ) -> Estimate:
        """Exact time integral from `from_h` to `to_h`.

        Parameters
        ----------
        tail : {"fitted", "physical", "none"}
            For terms, ``fitted`` integrates them as they are. For a sampled curve the part after
            the last time is ``none`` or ``physical`` (decay only, from the last value); ``fitted``
            is refused, since nothing was fitted.
        from_h, to_h : float
            Limits in h.

        Returns
        -------
        Estimate
            Axes (draw, subject, region), in the time-integrated kind. Its period ends with the
            curve where the tail is ``none``.
        """
        key = _INTEGRATED.get(self.quantity.key)
        if key is None:
            raise KindError(
                f"the time integral of {self.quantity.name} has no use here; take activity() first"
            )
        if not 0 <= from_h < to_h:
            raise PhysicsRangeError(
                f"integral from {from_h} to {to_h} h: limits must increase from 0"
            )
        end_h = to_h
        if self._has_terms:
            if tail != "fitted":
                raise KindError(
                    "terms carry their own tail: use tail='fitted' and to_h to end earlier"
                )
            total = _term_integrals(*self._terms, from_h, to_h).sum(axis=-1)
        else:
            total = self._curve_integral(tail, from_h, to_h)
            if tail == "none":
                end_h = min(to_h, float(self._curve[0][-1]))
        axes: tuple[Axis, ...] = ("draw", "subject", "region")
        return Estimate(
            total, axes, QUANTITIES[key], self.draws, self.regions, period_h=end_h - from_h
        )

    def _curve_integral(self, tail: Tail, from_h: float, to_h: float) -> Floats:
        times, values = self._curve
        last = float(times[-1])
        if tail == "fitted":
            raise KindError("a sampled curve has no fitted tail; use tail='physical' or 'none'")
        end = min(to_h, last)
        inner = times[(times > from_h) & (times < end)]
        knots = np.concatenate([[from_h], inner, [end]])
        total: Floats = np.asarray(np.trapezoid(self.at(knots), knots, axis=-1))
        if tail == "physical" and to_h > last:
            if self.half_life_h is None:
                raise KindError("a physical tail needs activity(half_life_h) first")
            rate = np.log(2) / self.half_life_h
            total = total + values[..., -1] / rate * -np.expm1(-rate * (to_h - last))
        elif tail == "none" and np.isfinite(to_h) and to_h > last:
            raise PhysicsRangeError(f"curve ends at {last:g} h, integral asked to {to_h:g} h")
        return total


def _term_integrals(c: Floats, r: Floats, a: float, b: float) -> Floats:
    """Integral of ``c exp(-r t)`` from `a` to `b`, per term; r = 0 is a constant."""
    if np.isinf(b):
        if np.any((r <= 0) & (c != 0)):
            raise PhysicsRangeError(
                "a term without decay has no integral to infinity; give to_h, or call activity()"
            )
        return c / np.where(r > 0, r, 1.0) * np.exp(-r * a)
    small = np.abs(r) * (b - a) < 1e-12
    safe = np.where(small, 1.0, r)
    return np.where(
        small, c * np.exp(-r * a) * (b - a), c * np.exp(-r * a) * -np.expm1(-safe * (b - a)) / safe
    )
