r"""Quality of life as time: with toxicity, without symptoms or toxicity, after progression.

.. math::
    \text{Q-TWiST} = u_{TOX}\,TOX + TWiST + u_{REL}\,REL

with the months until a horizon in each state [G95]_. TOX is time with grade 3 or 4 before
progression, TWiST the other time before it, REL the time from progression to death.
Quality-adjusted PFS is the same without REL.

References
----------
.. [G95] R. D. Gelber et al., Am. Stat. 49, 161 (1995), doi:10.1080/00031305.1995.10476135
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.response.patient_draws import patient_priors

__all__ = ["StateMonths", "Utilities", "graded_months", "state_months", "utilities"]

DAYS_PER_MONTH = 365.25 / 12


@dataclass(frozen=True, slots=True)
class Utilities:
    """Worth of time, 0 (as dead) to 1 (as TWiST), and where it comes from.

    Parameters
    ----------
    toxicity, progression_free, after_progression : float
        Of TOX, TWiST and REL.
    origin : str
        published, measured or assumed.
    text : str
    """

    toxicity: float
    progression_free: float
    after_progression: float
    origin: str
    text: str

    def __post_init__(self) -> None:
        for name in ("toxicity", "progression_free", "after_progression"):
            value = getattr(self, name)
            if not 0 <= value <= 1:
                raise PhysicsRangeError(f"utility of {name} {value:g}: 0 (as dead) to 1")
        if not self.origin.strip():
            raise DataError("utilities need their origin: published, measured or assumed")


def utilities() -> Utilities:
    """Return the conventional utilities: 0.5 with toxicity and after progression, sourced.

    Examples
    --------
    >>> utilities().toxicity
    0.5
    """
    table = patient_priors()["utilities"]
    source = patient_priors()["source"]
    tox = table["toxicity"]
    return Utilities(
        tox["value"],
        table["progression_free"]["value"],
        table["after_progression"]["value"],
        tox["origin"],
        f"{source[tox['source']]['text']}; {tox['text']}",
    )


@dataclass(frozen=True, slots=True)
class StateMonths:
    """Months in each state until the horizon, shapes (draw, subject).

    Parameters
    ----------
    toxicity, free, after : ndarray
        TOX, TWiST, REL.
    horizon_months : float
    """

    toxicity: Floats
    free: Floats
    after: Floats
    horizon_months: float

    def __post_init__(self) -> None:
        for name in ("toxicity", "free", "after"):
            object.__setattr__(self, name, frozen(getattr(self, name), f"months {name}"))

    def q_twist_months(self, worth: Utilities) -> Floats:
        """Quality-adjusted months of every patient."""
        return self.adjusted_pfs_months(worth) + worth.after_progression * self.after

    def adjusted_pfs_months(self, worth: Utilities) -> Floats:
        """Quality-adjusted months before progression, of every patient."""
        return worth.toxicity * self.toxicity + worth.progression_free * self.free


def state_months(
    progression_free: ArrayLike, overall: ArrayLike, toxicity: ArrayLike, horizon_months: float
) -> StateMonths:
    """Divide the months until a horizon into states.

    Parameters
    ----------
    progression_free, overall : array_like, shape (..., )
        Months to progression or death, and to death: not before it. Infinite for never.
    toxicity : array_like, shape (...)
        Months with toxicity since the start, zero or more; counted before progression only.
    horizon_months : float
        Above zero: a mean beyond what was followed would be extrapolated.

    Raises
    ------
    PhysicsRangeError
        If somebody dies before his progression-free time ends.

    Examples
    --------
    >>> months = state_months([6.0], [14.0], [1.0], 12.0)
    >>> (months.toxicity + 0, months.free, months.after)
    (array([1.]), array([5.]), array([6.]))
    """
    if not 0 < horizon_months < np.inf:
        raise PhysicsRangeError(f"horizon of {horizon_months:g} months: above zero and finite")
    free = np.asarray(progression_free, dtype=float)
    death = np.asarray(overall, dtype=float)
    bad = np.asarray(toxicity, dtype=float)
    if np.any(np.isnan(free)) or np.any(np.isnan(death)) or np.any(free < 0):
        raise PhysicsRangeError("months to progression and death: numbers, zero or more")
    if np.any(death < free):
        raise PhysicsRangeError(
            "overall survival ends before progression-free survival in a patient; death ends both"
        )
    if not np.all(np.isfinite(bad)) or np.any(bad < 0):
        raise PhysicsRangeError("months with toxicity: finite, zero or more")
    before = np.minimum(free, horizon_months)
    tox = np.minimum(bad, before)
    after = np.minimum(death, horizon_months) - before
    shape = np.broadcast_shapes(tox.shape, after.shape)
    return StateMonths(
        np.broadcast_to(tox, shape), np.broadcast_to(before - tox, shape), after, horizon_months
    )


def graded_months(
    grade: ArrayLike, time_d: ArrayLike, until_months: ArrayLike, worst_from: int = 3
) -> Floats:
    """Months at a grade or a worse one before an end, any of the lineages.

    Parameters
    ----------
    grade : array_like, shape (..., lineages, times)
        0 to 4; each holds until the next time, the last one to the end of the times.
    time_d : array_like, shape (times,)
        Increasing.
    until_months : array_like, shape (...)
        End, e.g. progression; infinite for none.
    worst_from : int
        1 to 4.
    """
    days, grades = np.asarray(time_d, dtype=float), np.asarray(grade)
    if days.ndim != 1 or np.any(np.diff(days) <= 0) or grades.shape[-1] != days.size:
        raise DataError(
            f"grades {grades.shape} for times {days.shape}: wanted (..., lineages, times)"
        )
    if np.any((grades < 0) | (grades > 5)) or not 1 <= worst_from <= 4:
        raise PhysicsRangeError("grades are 0 to 5, and those that count begin at 1 to 4")
    end = np.asarray(until_months, dtype=float)[..., None] * DAYS_PER_MONTH
    spans = np.clip(np.minimum(days[1:], end) - days[:-1], 0.0, None)
    severe = np.any(grades[..., :-1] >= worst_from, axis=-2)
    return np.where(severe, spans, 0.0).sum(axis=-1) / DAYS_PER_MONTH
