"""Simulated group sequential trials of progression-free survival, analyzed at events.

Every look is at the calendar time at which its number of events has been seen. Patients without an
event are censored at their last visit. The log-rank statistic meets boundaries computed beforehand;
if too few events ever come, the last look is made when none can follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.survival.arms import Patients, TwoArmPopulation
from pdcraft.trial.survival.boundaries import Boundaries
from pdcraft.trial.survival.log_rank import Ranked, rank

__all__ = ["Characteristics", "simulate_pfs"]

AT_ONCE = 400_000  # patients in memory


@dataclass(frozen=True, slots=True)
class Characteristics:
    """Operating characteristics of a simulated trial, with Monte Carlo standard errors.

    Parameters
    ----------
    trials : int
    reject, reject_err : float
        Probability to reject in favor of the experimental arm: power, or type I error.
    against, against_err : float
        To stop for futility before the last look, or at a lower boundary.
    reject_at : ndarray, shape (looks,)
        First at each look.
    stop_at : ndarray, shape (looks,)
        To end there, for whatever reason.
    events, events_err, patients, patients_err, month, month_err : float
        Mean at the end of the trial; month: calendar time since accrual began.
    look_month : ndarray, shape (looks,)
        Mean calendar time of each look, had the trial gone on.
    hazard_ratio : float
        Median of Cox's estimates at the last look, had every trial gone on.
    too_few : float
        Share of trials whose last look had fewer events than planned.
    overall_hazard_ratio : float or None
        Of death by randomized arm, at that time; None if patients do not die.
    """

    trials: int
    reject: float
    reject_err: float
    against: float
    against_err: float
    reject_at: Floats
    stop_at: Floats
    events: float
    events_err: float
    patients: float
    patients_err: float
    month: float
    month_err: float
    look_month: Floats
    hazard_ratio: float
    too_few: float
    overall_hazard_ratio: float | None


def simulate_pfs(
    population: TwoArmPopulation,
    bounds: Boundaries,
    events: int,
    trials: int,
    seed: int = 1,
    *,
    rho: float = 0.0,
    gamma: float = 0.0,
) -> Characteristics:
    """Simulate a trial many times.

    Parameters
    ----------
    population : TwoArmPopulation
    bounds : Boundaries
    events : int
        At the last look; the others have their fraction, rounded up.
    trials : int
    seed : int
        The same seed gives the same patients to every design.
    rho, gamma : float
        Weights of the log-rank test.

    Raises
    ------
    PhysicsRangeError
        For more events than patients, or no trials.
    """
    if trials < 1:
        raise PhysicsRangeError(f"{trials} trials; simulate at least one")
    wanted = np.ceil(events * bounds.information - 1e-9).astype(int)
    if not bounds.looks <= events <= population.patients:
        raise PhysicsRangeError(
            f"{events} events of {population.patients} patients at {bounds.looks} looks: not more "
            "events than patients, nor fewer than looks"
        )
    if np.any(np.diff(wanted) <= 0):
        raise PhysicsRangeError(f"looks at {wanted.tolist()} events: each needs more than the last")
    found = [
        _Looks.of(population, part, wanted, rho, gamma) for part in _parts(population, trials, seed)
    ]
    return _summary(bounds, wanted, _Looks.joined(found))


def _parts(population: TwoArmPopulation, trials: int, seed: int) -> Iterator[Patients]:
    batch = max(1, AT_ONCE // population.patients)
    for number, begin in enumerate(range(0, trials, batch)):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
        yield population.draw(min(batch, trials - begin), rng)


@dataclass(frozen=True, slots=True)
class _Looks:
    """What every look of every trial sees, shape (trials, looks)."""

    z: Floats
    month: Floats
    events: Floats
    patients: Floats
    log_ratio: Floats  # (trials,), at the last look
    overall: Floats

    @classmethod
    def of(
        cls,
        population: TwoArmPopulation,
        drawn: Patients,
        wanted: NDArray[np.intp],
        rho: float,
        gamma: float,
    ) -> _Looks:
        trials = drawn.entry_month.shape[0]
        z, month, seen, entered = (np.zeros((trials, wanted.size)) for _ in range(4))
        calendar = np.where(
            drawn.pfs_month <= drawn.followed_month, drawn.entry_month + drawn.pfs_month, np.inf
        )
        ordered = np.sort(calendar, axis=1)
        final = np.where(np.isfinite(ordered), ordered, -np.inf).max(axis=1)
        overall = np.zeros(trials)
        log_ratio = np.zeros(trials)
        for k, count in enumerate(wanted):
            at = np.minimum(ordered[:, count - 1], np.maximum(final, 0.0))
            ranked, events = _analysis(population, drawn, at)
            z[:, k] = ranked.z(rho, gamma)
            month[:, k], seen[:, k] = at, events
            entered[:, k] = (drawn.entry_month <= at[:, None]).sum(axis=1)
            if k == wanted.size - 1:
                log_ratio = ranked.log_hazard_ratio()[0]
                overall = _overall(drawn, at)
        return cls(z, month, seen, entered, log_ratio, overall)

    @classmethod
    def joined(cls, parts: list[_Looks]) -> _Looks:
        return cls(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in ("z", "month", "events", "patients", "log_ratio", "overall")
            )
        )


def _analysis(population: TwoArmPopulation, drawn: Patients, at: Floats) -> tuple[Ranked, Floats]:
    """Rank the follow-up as a look sees it; patients not yet entered are never at risk."""
    age = at[:, None] - drawn.entry_month
    limit = np.minimum(np.maximum(age, 0.0), drawn.followed_month)
    # the look's own event is at its time but for rounding
    event = (drawn.pfs_month <= limit * (1 + 1e-12)) & (age > 0)
    time = np.where(event, drawn.pfs_month, population.last_assessed(limit, drawn.control))
    time = np.where(age > 0, time, -1.0)
    return rank(time, event, drawn.control), event.sum(axis=1)


def _overall(drawn: Patients, at: Floats) -> Floats:
    limit = np.minimum(np.maximum(at[:, None] - drawn.entry_month, 0.0), drawn.followed_month)
    event = drawn.death_month <= limit
    ranked = rank(np.where(event, drawn.death_month, limit), event, drawn.control)
    return ranked.log_hazard_ratio()[0]


def _summary(bounds: Boundaries, wanted: NDArray[np.intp], looks: _Looks) -> Characteristics:
    trials, count = looks.z.shape
    lower = np.maximum(bounds.futility, -bounds.upper if bounds.sided == 2 else -np.inf)
    up, down = looks.z >= bounds.upper, looks.z <= lower
    ends = up | down
    ends[:, -1] = True
    last = ends.argmax(axis=1)
    row = np.arange(trials)
    rejected, stopped_against = up[row, last], down[row, last]

    def mean(values: Floats) -> tuple[float, float]:
        spread = float(values.std(ddof=1)) if trials > 1 else 0.0
        return float(values.mean()), float(spread / np.sqrt(trials))

    reject, reject_err = mean(rejected.astype(float))
    against, against_err = mean(stopped_against.astype(float))
    ended = [mean(x[row, last]) for x in (looks.events, looks.patients, looks.month)]
    some_die = np.isfinite(looks.overall)
    return Characteristics(
        trials,
        reject,
        reject_err,
        against,
        against_err,
        frozen(np.bincount(last, weights=rejected, minlength=count) / trials, "rejections"),
        frozen(np.bincount(last, minlength=count) / trials, "stops"),
        *ended[0],
        *ended[1],
        *ended[2],
        frozen(looks.month.mean(axis=0), "months"),
        float(np.exp(np.median(looks.log_ratio))),
        float((looks.events[:, -1] < wanted[-1]).mean()),
        float(np.exp(np.median(looks.overall[some_die]))) if some_die.any() else None,
    )
