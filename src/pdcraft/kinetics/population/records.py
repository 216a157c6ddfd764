"""What was given and what was measured, per subject: padded arrays that a batch runs through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError
from pdcraft.kinetics.population.disposition import Array

__all__ = ["Doses", "Records", "from_observations"]


@dataclass(frozen=True, slots=True, eq=False)
class Doses:
    """Doses of every subject; unused places hold an amount of 0.

    Parameters
    ----------
    amount : ndarray, shape (subject, dose)
        Any unit; predictions are in this unit per unit of volume.
    start_h, duration_h : ndarray, shape (subject, dose)
        Duration 0 for a bolus.
    depot : ndarray of bool, shape (subject, dose)
        Into the depot (absorbed) instead of the central compartment.
    acts : ndarray of bool, shape (subject, observation, dose)
        Whether the dose was given before the observation, with no reset between them.
    """

    amount: Floats
    start_h: Floats
    duration_h: Floats
    depot: Array
    acts: Array


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """Observations of a population.

    Parameters
    ----------
    ids : tuple of str, length subject
    time_h, value : ndarray, shape (subject, observation)
        In time order; unused places at the end are 0.
    observed : ndarray of bool, shape (subject, observation)
        False where a place is unused.
    censored : ndarray of bool, shape (subject, observation), optional
        True where ``value`` is a limit of quantification that was not reached. Default: nowhere.
    covariates : mapping of name to ndarray, shape (subject,)
    doses : Doses or None
    """

    ids: tuple[str, ...]
    time_h: Floats
    value: Floats
    observed: Array
    covariates: Mapping[str, Floats] = field(default_factory=dict[str, Floats])
    doses: Doses | None = None
    censored: Array | None = None

    @property
    def below(self) -> Array:
        """Whether a place holds a limit that was not reached."""
        none = np.zeros(self.observed.shape, dtype=bool)
        return none if self.censored is None else self.censored & self.observed

    @property
    def quantified(self) -> Array:
        """Whether a place holds a measured value."""
        return self.observed & ~self.below

    @property
    def n_subjects(self) -> int:
        """Number of subjects."""
        return len(self.ids)

    @property
    def n_observations(self) -> int:
        """Number of observations, those below quantification too, padding not."""
        return int(self.observed.sum())

    def with_values(self, value: ArrayLike) -> Records:
        """Return the same design with other observations, none of them below a limit."""
        values = np.where(self.observed, np.asarray(value, dtype=float), 0.0)
        return Records(
            self.ids,
            self.time_h,
            frozen(values, "observations"),
            self.observed,
            self.covariates,
            self.doses,
        )


def padded(rows: Sequence[Sequence[float]], what: str) -> tuple[Floats, Array]:
    """Stack rows of unequal length: values with 0 where unused, and what is used."""
    width = max((len(row) for row in rows), default=0)
    values = np.zeros((len(rows), width))
    used = np.zeros((len(rows), width), dtype=bool)
    for i, row in enumerate(rows):
        values[i, : len(row)] = row
        used[i, : len(row)] = True
    used.flags.writeable = False
    return frozen(values, what), used


def from_observations(
    subject: Sequence[object],
    time_h: ArrayLike,
    value: ArrayLike,
    covariates: Mapping[str, ArrayLike] | None = None,
    censored: ArrayLike | None = None,
) -> Records:
    """Group observations without doses: curves whose parameters hold the amount given.

    Parameters
    ----------
    subject : sequence, length n
        Names; rows of a subject need not be together nor in time order.
    time_h, value : array_like, shape (n,)
        Finite; times zero or more.
    covariates : mapping of name to array_like, shape (n,), optional
        One value per subject, repeated in its rows.
    censored : array_like of bool, shape (n,), optional
        True where the value is a limit of quantification that was not reached.

    Raises
    ------
    DataError
        For lengths that differ, a negative time, a value that is not finite, or a covariate
        that changes within a subject.
    """
    times, values = frozen(time_h, "time_h"), frozen(value, "value")
    names = [str(s) for s in subject]
    if not times.shape == values.shape == (len(names),) or not names:
        raise DataError(
            f"observations: {len(names)} subjects, times {times.shape}, values {values.shape}; "
            "give three columns of one length, with at least one row"
        )
    if times.min() < 0:
        raise DataError(f"time_h: {times.min():g} h is before the administration at 0 h")
    ids = tuple(dict.fromkeys(names))
    rows = [np.flatnonzero(np.array(names) == name) for name in ids]
    rows = [r[np.argsort(times[r], kind="stable")] for r in rows]
    grid, used = padded([times[r].tolist() for r in rows], "time_h")
    seen, _ = padded([values[r].tolist() for r in rows], "value")
    constant: dict[str, Floats] = {}
    for name, column in (covariates or {}).items():
        each = frozen(column, f"covariate {name}")
        for i, r in enumerate(rows):
            if np.any(each[r] != each[r[0]]):
                raise DataError(
                    f"covariate {name}: changes within subject '{ids[i]}'; a covariate here has "
                    "one value per subject, e.g. the one at the first dose"
                )
        constant[name] = frozen([each[r[0]] for r in rows], f"covariate {name}")
    limits = np.zeros(times.shape, dtype=bool) if censored is None else np.asarray(censored)
    below = padded([limits[r].astype(float).tolist() for r in rows], "censored")[0] > 0
    below.flags.writeable = False
    return Records(ids, grid, seen, used, constant, censored=below)
