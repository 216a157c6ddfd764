r"""Absorbed dose rate against time: in targets, from all sources, after administrations.

.. math:: \dot d(T, t) = \sum_S a_S(t)\, S(T \leftarrow S)

with the activity a in the source per administered activity: mGy/(MBq h), with administered
activities Gy/h. The dose of a period is its exact integral: over all time it is the dose from the
time-integrated activity coefficients.

References
----------
.. [MIRD21] W.E. Bolch et al., MIRD Pamphlet No. 21, J. Nucl. Med. 50, 477 (2009),
   doi:10.2967/jnumed.108.056036
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.core.arrays import Floats
from pdcraft.core.names import index_of, look_up
from pdcraft.core.quantity import QUANTITIES
from pdcraft.core.timecourse import TimeCourse
from pdcraft.dosimetry.self_dose import SECONDS_PER_HOUR
from pdcraft.errors import DataError, KindError, PhysicsRangeError

__all__ = ["DoseRates", "dose_rate", "dose_rate_mGy_per_MBq_h"]

RATE = "absorbed_dose_rate_coefficient"
GRAY_PER_mGy = 1e-3
GRID = 240  # times at which a peak is looked for after each administration
CHUNK = 32  # times at once
REFINEMENTS = 36  # golden sections: the bracket shrinks by 3e7; at a maximum that is rounding
GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)


def dose_rate_mGy_per_MBq_h(S_mGy_per_MBq_s: ArrayLike, activity: ArrayLike) -> Floats:
    """Dose rate coefficients at some times, from plain arrays.

    Parameters
    ----------
    S_mGy_per_MBq_s : array_like, shape (..., targets, sources)
    activity : array_like, shape (..., sources, times)
        In the sources, per administered activity, decayed.

    Returns
    -------
    ndarray, shape (..., targets, times)
        mGy/(MBq h).

    Raises
    ------
    DataError
        If the numbers of sources differ.
    PhysicsRangeError
        For negative values.

    Examples
    --------
    >>> dose_rate_mGy_per_MBq_h([[1e-4, 0.0]], [[0.5, 0.25], [0.1, 0.1]]).round(3).tolist()
    [[0.18, 0.09]]
    """
    s_value, a = np.asarray(S_mGy_per_MBq_s, dtype=float), np.asarray(activity, dtype=float)
    if s_value.ndim < 2 or a.ndim < 2 or s_value.shape[-1] != a.shape[-2]:
        raise DataError(
            f"S of shape {s_value.shape} (..., targets, sources) and activity of shape {a.shape} "
            "(..., sources, times) do not fit"
        )
    if np.any(s_value < 0) or np.any(a < 0):
        raise PhysicsRangeError(
            f"dose rate: S down to {s_value.min():g}, activity down to {a.min():g}; neither is "
            "negative"
        )
    return s_value @ a * SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class DoseRates:
    """Dose rate of every target against time, in draws and subjects.

    Make one with `dose_rate`.

    Parameters
    ----------
    parts : tuple of TimeCourse
        Dose rate coefficients that add up; regions are the targets. Sampled curves, or terms with
        the same exponents for all targets.
    starts_h : tuple of float
        Administrations.
    amounts : tuple of float
        What each part is multiplied with per administration: 1, or Gy per mGy/MBq.
    administered : bool
        Whether amounts are activities, so that rates are Gy/h and doses Gy.
    """

    parts: tuple[TimeCourse, ...]
    starts_h: tuple[float, ...] = (0.0,)
    amounts: tuple[float, ...] = (1.0,)
    administered: bool = False

    @property
    def targets(self) -> tuple[str, ...]:
        """Names of the targets."""
        return self.parts[0].regions

    @property
    def units(self) -> tuple[str, str]:
        """Units of the rate and of its integral."""
        return ("Gy/h", "Gy") if self.administered else ("mGy/(MBq·h)", "mGy/MBq")

    def given(self, activity_MBq: Sequence[float], at_h: Sequence[float]) -> DoseRates:
        """Return the dose rate of administered activities: in Gy/h, the administrations added up.

        Parameters
        ----------
        activity_MBq : sequence of float
            Above zero.
        at_h : sequence of float
            Time of each, zero or more.

        Raises
        ------
        PhysicsRangeError
            For other values, or if the numbers of both differ.
        """
        if len(activity_MBq) != len(at_h) or not activity_MBq:
            raise PhysicsRangeError(
                f"{len(activity_MBq)} activities for {len(at_h)} times; give as many, at least one"
            )
        if (
            min(activity_MBq) <= 0
            or min(at_h) < 0
            or not np.all(np.isfinite([*activity_MBq, *at_h]))
        ):
            raise PhysicsRangeError(
                f"administrations of {list(activity_MBq)} MBq at {list(at_h)} h: activities are "
                "above 0 MBq and times 0 h or later"
            )
        amounts = tuple(GRAY_PER_mGy * float(a) for a in activity_MBq)
        return DoseRates(self.parts, tuple(float(t) for t in at_h), amounts, True)

    def at(self, times_h: ArrayLike) -> Floats:
        """Dose rate at some times, shape (draw, subject, target, time); 0 before a start."""
        times = np.atleast_1d(np.asarray(times_h, dtype=float))
        total = np.zeros(())
        for start, amount in zip(self.starts_h, self.amounts, strict=True):
            since = np.maximum(times - start, 0.0)
            one = sum((_at(part, since) for part in self.parts), np.zeros(()))
            total = total + amount * one * (times >= start)
        return np.asarray(total)

    def dose(self, from_h: float = 0.0, to_h: float = np.inf) -> Floats:
        """Absorbed dose (coefficient) of a period, shape (draw, subject, target): exact."""
        if not 0 <= from_h < to_h:
            raise PhysicsRangeError(f"dose from {from_h:g} to {to_h:g} h: limits increase from 0 h")
        total = np.zeros(())
        for start, amount in zip(self.starts_h, self.amounts, strict=True):
            if to_h > start:
                first, last = max(from_h - start, 0.0), to_h - start
                for part in self.parts:
                    total = total + amount * _integral(part, first, last)
        return np.broadcast_to(total, np.broadcast_shapes(*(_shape(p) for p in self.parts)))

    def peak(self) -> tuple[Floats, Floats]:
        """Time of the highest dose rate, h, and the rate, shapes (draw, subject, target).

        Of terms refined between the points of a grid that spans all rates; with sampled curves on
        their times and that grid.
        """
        times = self._grid()
        best, highest = self._highest(times)
        when = times[best]
        if any(part.times_h is not None for part in self.parts):
            return when, highest
        at_start = np.isin(
            when, self.starts_h
        )  # the rate jumps there: nothing before belongs to it
        low = np.where(at_start, when, times[np.maximum(best - 1, 0)])
        high = times[np.minimum(best + 1, times.size - 1)]
        refined = self._golden(low, high)
        value = self._element(refined)
        better = value > highest
        return np.where(better, refined, when), np.where(better, value, highest)

    def effective_half_life_h(self) -> Floats:
        """Half-life that a single exponential from the peak on would need for the same dose.

        ln 2 times the dose after the peak over the peak's dose rate, of one administration; shape
        (draw, subject, target). For a single exponential it is its half-life.
        """
        one = DoseRates(self.parts)
        when, highest = one.peak()
        after = one.dose() - one._until(when)
        if np.any(highest <= 0):
            raise PhysicsRangeError("a target without dose has no effective half-life")
        return np.log(2) * after / highest

    def _grid(self) -> Floats:
        """Return times at which all that is fast and all that is slow can peak."""
        single = [np.zeros(1)]
        for part in self.parts:
            if part.times_h is not None:
                single.append(part.times_h)
            elif part.rates_per_h is not None:
                used = part.rates_per_h[part.coefficients != 0]
                if used.size:
                    ends = 1e-3 / used.max(), 20.0 / used.min()
                    single.append(np.geomspace(*ends, GRID))
        one = np.concatenate(single)
        return np.unique(np.concatenate([start + one for start in self.starts_h]))

    def _element(self, when: Floats) -> Floats:
        """Dose rate of every draw, subject and target at its own time; of terms."""
        total = np.zeros(when.shape)
        for start, amount in zip(self.starts_h, self.amounts, strict=True):
            since = np.maximum(when - start, 0.0)[..., None]
            for part in self.parts:
                c, r = _terms(part)
                total = total + amount * (c * np.exp(-r * since)).sum(axis=-1) * (when >= start)
        return total

    def _highest(self, times: Floats) -> tuple[NDArray[np.intp], Floats]:
        """Position and value of the highest rate among some times, a few times at once."""
        best, highest = np.zeros((), dtype=np.intp), np.full((), -np.inf)
        for start in range(0, times.size, CHUNK):
            rates = self.at(times[start : start + CHUNK])
            top = rates.max(axis=-1)
            best = np.where(top > highest, start + rates.argmax(axis=-1), best)
            highest = np.maximum(highest, top)
        return best, highest

    def _golden(self, low: Floats, high: Floats) -> Floats:
        """Golden section for the maximum between two times, one new value in each step."""
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        at_left, at_right = self._element(left), self._element(right)
        for _ in range(REFINEMENTS):
            rises = at_left < at_right
            low, high = np.where(rises, left, low), np.where(rises, high, right)
            kept, at_kept = np.where(rises, right, left), np.where(rises, at_right, at_left)
            new = np.where(rises, low + GOLDEN * (high - low), high - GOLDEN * (high - low))
            at_new = self._element(new)
            left, right = np.where(rises, kept, new), np.where(rises, new, kept)
            at_left, at_right = (
                np.where(rises, at_kept, at_new),
                np.where(rises, at_new, at_kept),
            )
        return 0.5 * (low + high)

    def _until(self, when: Floats) -> Floats:
        """Dose of one administration until each element's own time."""
        total = np.zeros(when.shape)
        for part in self.parts:
            if part.times_h is None:
                c, r = _terms(part)
                total = total + (c / r * -np.expm1(-r * when[..., None])).sum(axis=-1)
                continue
            for end in np.unique(when[when > 0]):
                total = total + np.where(when == end, _integral(part, 0.0, end), 0.0)
        return total


def dose_rate(
    S_mGy_per_MBq_s: ArrayLike,
    targets: Sequence[str],
    sources: Sequence[str],
    courses: Sequence[TimeCourse],
) -> DoseRates:
    """Dose rate coefficients of targets from time courses of the activity in sources.

    Parameters
    ----------
    S_mGy_per_MBq_s : array_like, shape (targets, sources) or (draw, targets, sources)
    targets, sources : sequence of str
        Names of its axes; take few targets where there are many draws.
    courses : sequence of TimeCourse
        Activity fractions of whole regions, each region a source and given once. Sources that are
        not given hold nothing.

    Returns
    -------
    DoseRates

    Raises
    ------
    KindError
        If a course is no activity fraction or the draws are of different sets.
    DataError
        If a region is no source, or given twice; or shapes do not fit.
    """
    s_value = np.asarray(S_mGy_per_MBq_s, dtype=float)
    s_value = s_value[None] if s_value.ndim == 2 else s_value
    if s_value.shape[1:] != (len(targets), len(sources)) or not courses:
        raise DataError(
            f"S of shape {s_value.shape} for {len(targets)} targets, {len(sources)} sources and "
            f"{len(courses)} time courses; give (targets, sources) and at least one course"
        )
    if not np.all(s_value >= 0):
        raise PhysicsRangeError(f"S down to {s_value.min():g} mGy/(MBq s); it is not negative")
    index = index_of((name, ()) for name in sources)
    seen: list[str] = []
    parts: list[TimeCourse] = []
    for course in courses:
        if course.quantity.key != "activity_fraction":
            raise KindError(
                f"dose rate takes activity fractions of whole regions, not {course.quantity.name}; "
                "use activity(half_life_h), and the masses of regions for amounts per gram"
            )
        if course.draws != courses[0].draws:
            raise KindError(f"draws '{course.draws}' and '{courses[0].draws}' are different sets")
        names = [look_up("source", r, index, "see the S values") for r in course.regions]
        twice = [name for name in names if name in seen or names.count(name) > 1]
        if twice:
            raise DataError(f"source '{twice[0]}' has two time courses; give one")
        seen += names
        columns = s_value[:, :, [list(sources).index(name) for name in names]]
        parts.append(_folded(columns * SECONDS_PER_HOUR, course, tuple(targets)))
    return DoseRates(tuple(parts))


def _folded(S_per_h: Floats, course: TimeCourse, targets: tuple[str, ...]) -> TimeCourse:
    """Time course of the targets: S times the courses of the regions, (draw, target, region)."""
    weights = S_per_h[:, None]
    kind = QUANTITIES[RATE]
    if course.coefficients is None or course.rates_per_h is None:
        if course.values is None:
            raise DataError("a time course needs coefficients or values")
        return replace(course, regions=targets, quantity=kind, values=weights @ course.values)
    c, r = course.coefficients, course.rates_per_h
    if np.array_equal(r, np.broadcast_to(r[:, :, :1], r.shape)):  # one model: the same exponents
        terms = weights @ c
        rates = np.broadcast_to(r[:, :, :1], terms.shape)
    else:
        terms = weights[..., None] * c[:, :, None]
        rates = np.broadcast_to(r[:, :, None], terms.shape)
        flat = (*terms.shape[:3], -1)
        terms, rates = terms.reshape(flat), rates.reshape(flat)
    return replace(course, regions=targets, quantity=kind, coefficients=terms, rates_per_h=rates)


def _shape(part: TimeCourse) -> tuple[int, ...]:
    body = part.coefficients if part.coefficients is not None else part.values
    return () if body is None else body.shape[:3]


def _terms(part: TimeCourse) -> tuple[Floats, Floats]:
    if part.coefficients is None or part.rates_per_h is None:
        raise DataError("a sampled dose rate has no terms")
    return part.coefficients, part.rates_per_h


def _at(part: TimeCourse, since_h: Floats) -> Floats:
    """Value at times since the administration; a sampled curve decays physically after its end."""
    if part.times_h is None or part.half_life_h is None:
        c, r = _terms(part)  # all targets have the same exponents
        return c @ np.exp(-r[:, :, 0, :, None] * since_h)
    last = float(part.times_h[-1])
    decay = np.exp(-np.log(2) / part.half_life_h * np.maximum(since_h - last, 0.0))
    return part.at(np.minimum(since_h, last)) * decay


def _integral(part: TimeCourse, first: float, last: float) -> Floats:
    if part.times_h is None or part.half_life_h is None:
        return part.integral("fitted", first, last).values
    end = float(part.times_h[-1])
    if first < end:
        return part.integral("physical", first, last).values
    decay = np.log(2) / part.half_life_h
    return _at(part, np.array([first]))[..., 0] / decay * -np.expm1(-decay * (last - first))
