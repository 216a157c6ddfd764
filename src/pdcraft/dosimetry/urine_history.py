"""Fillings of the bladder with the urine activity that flows in: modeled, or from collections.

A history has legs from void to void. After the last leg of the lead-in the legs of the cycle
repeat themselves without end, their inflow falling as its exponentials do.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.dosimetry.inflow import Inflow, check_axes
from pdcraft.dosimetry.voiding import Bladder, Filling, schedule
from pdcraft.errors import DataError, ExtrapolationWarning, PhysicsRangeError
from pdcraft.physics.decay import decay_constant_per_h

__all__ = ["Leg", "UrineHistory", "collected_urine", "modeled_urine"]

TAIL_LIMIT = 0.05  # of the activity in collected urine: what may follow without a word


@dataclass(frozen=True, slots=True)
class Leg:
    """One filling, when it starts and what flows in.

    Parameters
    ----------
    filling : Filling
    start_h : ndarray, shape (...)
    entering_per_h : ndarray, shape (..., terms)
        Terms of the inflow at the start of the leg, carrier without decay.
    rates_per_h : ndarray, shape (..., terms)
        At which they fall during the leg; 0 is constant.
    """

    filling: Filling
    start_h: Floats
    entering_per_h: Floats
    rates_per_h: Floats

    @property
    def end_h(self) -> Floats:
        """Time of the void, shape (...)."""
        return self.start_h + self.filling.duration_h

    def later(self, hours: Floats) -> Leg:
        """Return the same leg ``hours`` later, with what then still flows in."""
        left = np.exp(-self.rates_per_h * hours[..., None])
        return Leg(self.filling, self.start_h + hours, self.entering_per_h * left, self.rates_per_h)


@dataclass(frozen=True, slots=True)
class UrineHistory:
    """Legs of the bladder: first those of the lead-in, then those of the cycle, again and again.

    Parameters
    ----------
    lead_in, cycle : tuple of Leg
        No cycle: nothing flows in after the lead-in and the bladder is then taken as empty.
    has_volumes : bool
        Whether the volumes are known.
    """

    lead_in: tuple[Leg, ...]
    cycle: tuple[Leg, ...]
    has_volumes: bool = True

    @property
    def period_h(self) -> Floats:
        """Length of the cycle, shape (...)."""
        return sum((leg.filling.duration_h for leg in self.cycle), np.zeros(()))

    def legs(self, until_h: float) -> Iterator[Leg]:
        """All legs that start before a time."""
        yield from (leg for leg in self.lead_in if np.min(leg.start_h) < until_h)
        passed = np.zeros(())
        while self.cycle and np.min(self.cycle[0].start_h + passed) < until_h:
            for leg in self.cycle:
                yield leg.later(passed)
            passed = passed + self.period_h


def modeled_urine(bladder: Bladder, urine: Inflow) -> UrineHistory:
    """History of a bladder whose urine activity follows exponentials.

    Parameters
    ----------
    bladder : Bladder
    urine : Inflow
        From the administration on.

    Raises
    ------
    PhysicsRangeError
        If the residual volume is not less than what the bladder holds at a void.
    DataError
        If the bladder is given per draw and the urine per draw and subject.
    """
    for name in (f.name for f in fields(bladder) if f.name != "night"):
        check_axes(f"bladder: {name}", np.shape(getattr(bladder, name)), urine)
    lead_in, cycle = schedule(bladder)
    legs = _follow(lead_in, np.zeros(()), urine)
    return UrineHistory(legs, _follow(cycle, legs[-1].end_h, urine))


def _follow(fillings: list[Filling], start_h: Floats, urine: Inflow) -> tuple[Leg, ...]:
    legs: list[Leg] = []
    rates = urine.rates_per_h
    for filling in fillings:
        entering = urine.coefficients_per_h * np.exp(-rates * start_h[..., None])
        legs.append(Leg(filling, start_h, entering, rates))
        start_h = start_h + filling.duration_h
    return tuple(legs)


def collected_urine(
    void_times_h: ArrayLike,
    voided: ArrayLike,
    *,
    half_life_h: float,
    decay_corrected: bool,
    voided_volume_mL: ArrayLike | None = None,
    initial_volume_mL: ArrayLike = 0.0,
    residual_volume_mL: ArrayLike = 0.0,
    tail: Inflow | None = None,
    tail_interval_h: ArrayLike | None = None,
) -> UrineHistory:
    """History from measured voids: between voids the carrier flows in at a constant rate.

    Parameters
    ----------
    void_times_h : array_like, shape (voids,)
        Strictly increasing, above 0 h.
    voided : array_like, shape (..., voids)
        Fraction of the administered activity in each void, not cumulative.
    half_life_h : float
        Physical.
    decay_corrected : bool
        Whether ``voided`` is corrected to the administration; else it is as at the void.
    voided_volume_mL : array_like, shape (..., voids), optional
        Without it the bladder is taken as emptied by every void and its wall has no dose.
    initial_volume_mL, residual_volume_mL : array_like, shape (...)
    tail : Inflow, optional
        Urine after the last collection, with times from there on; None for none at all.
    tail_interval_h : array_like, shape (...), optional
        Between voids after the last collection; by default the mean of the collected ones. The
        filling rate is their mean too.

    Raises
    ------
    DataError
        If times and voids do not fit, or volumes are missing for a residual.
    PhysicsRangeError
        For negative values, more than all in the urine, or a void smaller than its residual needs.

    Warns
    -----
    ExtrapolationWarning
        Without a tail, if the rate of the last collection would bring more than 5 % again.
    """
    times, given = frozen(void_times_h, "void times (h)"), frozen(voided, "voided fractions")
    if times.ndim != 1 or not times.size or times[0] <= 0 or np.any(np.diff(times) <= 0):
        raise DataError(f"void times must increase from above 0 h, got {times} h")
    if given.shape[-1:] != times.shape:
        raise DataError(f"{times.size} void times for voided fractions of shape {given.shape}")
    if np.any(given < 0):
        raise PhysicsRangeError(f"a void holds {given.min():g} of the activity; zero or more")
    growth = 1.0 if decay_corrected else np.exp(decay_constant_per_h(half_life_h) * times)
    carrier = given * growth
    total = carrier.sum(axis=-1) + (0.0 if tail is None else tail.fraction)
    if np.any(total > 1 + 1e-6):
        raise PhysicsRangeError(
            f"urine holds {total.max():.4g} of what was administered, without decay; at most 1. "
            "Are the values percent, cumulative, or decay_corrected wrong?"
        )
    fillings = _measured(times, voided_volume_mL, initial_volume_mL, residual_volume_mL)
    legs = _constant(times, carrier, fillings)
    cycle: tuple[Leg, ...] = ()
    if tail is None:
        _warn_of_missing_tail(legs, float(decay_constant_per_h(half_life_h)))
    else:
        mean = times[-1] / times.size if tail_interval_h is None else np.asarray(tail_interval_h)
        if np.any(mean <= 0):
            raise PhysicsRangeError(f"tail_interval_h is {np.min(mean):g}; it must be above 0 h")
        rate = sum((f.filling_mL_per_h * f.duration_h for f in fillings), np.zeros(())) / times[-1]
        residual = np.asarray(residual_volume_mL, dtype=float)
        filling = Filling.of(np.asarray(mean), residual, rate, residual)
        leg = _follow([filling], np.zeros(()), tail)[0]
        cycle = (Leg(filling, legs[-1].end_h, leg.entering_per_h, leg.rates_per_h),)
    return UrineHistory(legs, cycle, voided_volume_mL is not None)


def _warn_of_missing_tail(legs: tuple[Leg, ...], decay: float) -> None:
    """Say how much activity would still come if the last collection's rate went on."""
    entered, share = np.zeros(()), np.zeros(())
    for leg in legs:
        rate = leg.entering_per_h[..., 0] * np.exp(-decay * leg.start_h)
        entered = entered + rate * -np.expm1(-decay * leg.filling.duration_h) / decay
        share = rate * np.exp(-decay * leg.filling.duration_h) / decay
    share = np.max(share / np.maximum(entered, np.finfo(float).tiny))
    if share > TAIL_LIMIT:
        warnings.warn(
            f"collected urine ends at {float(np.max(legs[-1].end_h)):g} h: at the last "
            f"collection's rate, {100 * share:.3g} % of the activity collected would still follow "
            "and is not counted; give a tail",
            ExtrapolationWarning,
            stacklevel=3,
        )


def _measured(
    times: Floats, volume_mL: ArrayLike | None, initial_mL: ArrayLike, residual_mL: ArrayLike
) -> list[Filling]:
    """Make fillings between measured voids; without volumes each void empties the bladder."""
    initial, residual = frozen(initial_mL, "initial volume"), frozen(residual_mL, "residual volume")
    if np.any(initial < 0) or np.any(residual < 0):
        raise PhysicsRangeError("bladder: initial and residual volumes are zero or more")
    durations = np.diff(times, prepend=0.0)
    if volume_mL is None:
        if np.any(residual > 0) or np.any(initial > 0):
            raise DataError("initial and residual volumes need voided_volume_mL of every void")
        zero = np.zeros(())
        return [Filling(np.asarray(d), zero, np.ones(()), zero) for d in durations]
    volumes = frozen(volume_mL, "voided volumes (mL)")
    if volumes.shape[-1:] != times.shape or np.any(volumes <= 0):
        raise DataError(
            f"{times.size} void times need as many voided volumes above 0 mL, got {volumes}"
        )
    out: list[Filling] = []
    for i, duration in enumerate(durations):
        start = initial if i == 0 else residual
        rate = (residual + volumes[..., i] - start) / duration
        if np.any(rate < 0):
            raise PhysicsRangeError(
                f"initial volume {np.max(initial):g} mL, but the first void and its residual hold "
                f"{np.min(residual + volumes[..., 0]):g} mL; the initial volume must not be more"
            )
        out.append(Filling.of(np.asarray(duration), start, rate, residual))
    return out


def _constant(times: Floats, carrier: Floats, fillings: list[Filling]) -> tuple[Leg, ...]:
    legs: list[Leg] = []
    left = np.zeros(())
    for i, filling in enumerate(fillings):
        before = carrier[..., i] / (1.0 - filling.kept)  # in the bladder when it is voided
        entered = before - left
        if np.any(entered < -1e-9):
            raise PhysicsRangeError(
                f"the void at {times[i]:g} h holds less than the residual of the void before "
                "brings; check the volumes, or take a smaller residual_volume_mL"
            )
        rate = np.maximum(entered, 0.0) / filling.duration_h
        start = np.asarray(times[i] - filling.duration_h)
        legs.append(Leg(filling, start, rate[..., None], np.zeros((*np.shape(rate), 1))))
        left = before * filling.kept
    return tuple(legs)
