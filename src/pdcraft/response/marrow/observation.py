"""What a trial reports of blood counts: sampled now and then, with errors, and with transfusions.

A count below the trigger of transfusion or G-CSF is raised by them, so that a reported nadir below
it says only that the marrow's own nadir was there or lower: it is censored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.response.marrow.parameters import fixed

__all__ = [
    "Observation",
    "Reported",
    "censored_below",
    "default_observation",
    "log_reported_nadir",
    "nadir_and_recovery",
    "observe",
]


@dataclass(frozen=True, slots=True)
class Observation:
    """How counts are taken.

    Parameters
    ----------
    interval_d : float
        Days between counts, whole.
    assay_log_sd : float
        SD of the logarithm of one count.
    """

    interval_d: int
    assay_log_sd: float

    def __post_init__(self) -> None:
        if self.interval_d < 1 or self.assay_log_sd < 0:
            raise PhysicsRangeError(
                f"counts every {self.interval_d} d with an error of {self.assay_log_sd}: days are "
                "whole and at least 1, the error zero or more"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Reported:
    """What is reported of one lineage, each of shape (...).

    Parameters
    ----------
    nadir_1e9_per_L, nadir_day : ndarray
    censored : ndarray of bool
        Transfusion or G-CSF would have hidden the rest of the fall.
    """

    nadir_1e9_per_L: Floats
    nadir_day: Floats
    censored: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def default_observation() -> Observation:
    """Return counts once a week, with the error of the packaged table (both assumed)."""
    interval = int(fixed("sampling_interval_d")["value"])
    return Observation(interval, float(fixed("assay_log_sd")["value"]))


def censored_below(lineage: str) -> float:
    """Count, 10^9/L, below which support hides the marrow's own nadir; 0 where none does."""
    if lineage == "platelets":
        return float(fixed("transfusion_below_1e9_per_L")["value"])
    if lineage == "neutrophils":
        return float(fixed("gcsf_below_1e9_per_L")["value"])
    return 0.0


def observe(
    counts: Floats,
    lineage: str,
    rng: np.random.Generator,
    observation: Observation | None = None,
) -> Reported:
    """Draw what is reported of daily counts.

    Parameters
    ----------
    counts : ndarray, shape (..., days)
        10^9/L on days 0, 1, 2 ...
    lineage : str
    rng : Generator
        For the weekday of the counts and their errors.
    observation : Observation, optional
    """
    how = observation or default_observation()
    lead, days = counts.shape[:-1], counts.shape[-1]
    first = rng.integers(0, how.interval_d, lead)[..., None]
    index = first + how.interval_d * np.arange((days - how.interval_d) // how.interval_d + 1)
    seen = np.take_along_axis(counts, index, axis=-1)
    seen = seen * np.exp(how.assay_log_sd * rng.standard_normal(seen.shape))
    lowest = seen.argmin(axis=-1)[..., None]
    nadir = np.take_along_axis(seen, lowest, axis=-1)[..., 0]
    day = np.take_along_axis(index, lowest, axis=-1)[..., 0].astype(float)
    return Reported(nadir, day, nadir < censored_below(lineage))


def log_reported_nadir(counts: Floats, observation: Observation | None = None) -> Floats:
    """Logarithm of the lowest of the sampled counts, averaged over the day of the first one.

    Parameters
    ----------
    counts : ndarray, shape (days, ...)
        On days 0, 1, 2 ...

    Returns
    -------
    ndarray, shape (...)
    """
    step = (observation or default_observation()).interval_d
    return np.mean([np.log(counts[first::step].min(axis=0)) for first in range(step)], axis=0)


def nadir_and_recovery(counts: Floats, share: ArrayLike) -> tuple[Floats, Floats]:
    """Day of the nadir of counts relative to baseline, and days from there to recovery.

    Parameters
    ----------
    counts : ndarray, shape (days, ...)
        On days 0, 1, 2 ..., relative to baseline.
    share : array_like, shape (...)
        Of the way from nadir to baseline that counts as recovered, below 1.

    Returns
    -------
    (ndarray, ndarray), each of shape (...)
        Days to recovery end with the curve where it is not reached.
    """
    days = counts.shape[0]
    day = counts.argmin(axis=0)
    nadir = counts.min(axis=0)
    goal = nadir + np.asarray(share, dtype=float) * np.maximum(1.0 - nadir, 0.0)
    number = np.arange(days).reshape(-1, *([1] * (counts.ndim - 1)))
    above = (number > day) & (counts >= goal)
    reached = above.any(axis=0)
    after = np.where(reached, above.argmax(axis=0), days - 1)
    here = np.take_along_axis(counts, after[None], axis=0)[0]
    before = np.take_along_axis(counts, np.maximum(after - 1, 0)[None], axis=0)[0]
    climb = np.maximum(here - before, 1e-12)
    back = np.where(reached, np.clip((here - goal) / climb, 0.0, 1.0), 0.0)
    return day.astype(float), after - back - day
