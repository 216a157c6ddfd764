r"""Doses into a linear system: bolus, infusion, repeated doses, first-order absorption.

The system is linear, so doses add up exactly. An amount is what enters the system, counted when
it enters: with ``decay_per_h`` a later dose has not decayed before its own start. Amounts,
bioavailability and lag may differ between draws and subjects; durations may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.numerics.compartments import LinearSystem
from pdcraft.numerics.propagation import Input, respond
from pdcraft.numerics.transfers import rate_matrix

__all__ = ["Dose", "curves", "integrals", "integrals_until", "repeated", "with_depot"]


@dataclass(frozen=True, slots=True, eq=False)
class Dose:
    """One administration into one state.

    Parameters
    ----------
    amount : array_like, shape (...)
        Zero or more, any unit; batch axes (draw, subject).
    into : str
        State that receives it; a depot for absorption, see `with_depot`.
    start_h : float
    duration_h : float
        Zero-order infusion over this time; 0 for a bolus.
    bioavailability : array_like, shape (...)
        Fraction of the amount that enters the system, 0 to 1.
    lag_h : array_like, shape (...)
        Delay between the start and the first matter that enters.

    Raises
    ------
    PhysicsRangeError
        Naming the value that is outside its range.
    """

    amount: ArrayLike
    into: str
    start_h: float = 0.0
    duration_h: float = 0.0
    bioavailability: ArrayLike = 1.0
    lag_h: ArrayLike = 0.0

    def __post_init__(self) -> None:
        for name, highest in (
            ("amount", np.inf),
            ("duration_h", np.inf),
            ("bioavailability", 1.0),
            ("lag_h", np.inf),
        ):
            value = frozen(getattr(self, name), f"dose into '{self.into}': {name}")
            wrong = value[(value < 0) | (value > highest)]
            if wrong.size:
                rule = "zero or more" if np.isinf(highest) else f"from 0 to {highest:g}"
                raise PhysicsRangeError(
                    f"dose into '{self.into}': {name} is {wrong[0]:g}; it must be {rule}"
                )
            if name != "duration_h":
                object.__setattr__(self, name, value)
        if not np.isfinite(self.start_h):
            raise PhysicsRangeError(f"dose into '{self.into}': start_h is {self.start_h}")

    @property
    def entering(self) -> Floats:
        """Amount that enters the system, shape (...)."""
        return np.asarray(self.amount) * np.asarray(self.bioavailability)


def repeated(dose: Dose, every_h: float, count: int) -> tuple[Dose, ...]:
    """Return the same dose ``count`` times, ``every_h`` apart, the first at its own start.

    Raises
    ------
    PhysicsRangeError
        If the interval is not above zero or the count below one.
    """
    if not every_h > 0 or count < 1:
        raise PhysicsRangeError(
            f"{count} doses every {every_h:g} h; give at least one dose and an interval above 0 h"
        )
    return tuple(replace(dose, start_h=dose.start_h + k * every_h) for k in range(count))


def with_depot(
    system: LinearSystem, into: str, absorption_per_h: ArrayLike, depot: str = "depot"
) -> LinearSystem:
    """Add a state that empties into another: first-order absorption from where a dose lies.

    Parameters
    ----------
    system : LinearSystem
    into : str
        State that absorbs.
    absorption_per_h : array_like, shape (...)
        Finite and zero or more; equal to the elimination is no special case.
    depot : str
        Name of the new, last state.

    Raises
    ------
    DataError
        If ``into`` is unknown, the name is taken, or the rate is negative or not finite.
    """
    if depot in system.states:
        raise DataError(f"state '{depot}' is there already; name the depot otherwise")
    rate = frozen(absorption_per_h, f"absorption from '{depot}' (1/h)")
    if np.any(rate < 0):
        raise DataError(f"absorption from '{depot}' is {rate.min():g} per h; give zero or more")
    n = len(system.states)
    links = (*system.links, (n, system.index(into)))
    batch = np.broadcast_shapes(system.batch, rate.shape)
    old = np.broadcast_to(system.rates_per_h, (*batch, len(system.links)))
    new = np.broadcast_to(rate, batch)[..., None]
    matrix = rate_matrix(links[-1:], new, n + 1)
    matrix[..., :n, :n] += system.matrix_per_h
    return LinearSystem(
        (*system.states, depot),
        links,
        frozen(np.concatenate([old, new], axis=-1), "transfer rates (1/h)"),
        frozen(matrix, "rate matrix (1/h)"),
    )


def curves(
    system: LinearSystem,
    doses: Sequence[Dose],
    time_h: ArrayLike,
    *,
    decay_per_h: ArrayLike = 0.0,
) -> Floats:
    """Amounts over time under a schedule.

    Parameters
    ----------
    system : LinearSystem
    doses : sequence of Dose
        At least one, in any order.
    time_h : array_like, shape (..., m)
        Any; nothing is in the system before the first dose. A bolus has entered at its own time.
    decay_per_h : array_like, shape (...)
        Physical decay on top of the transfers.

    Returns
    -------
    ndarray, shape (..., n, m)

    Raises
    ------
    DataError
        If there is no dose or one goes into an unknown state.
    """
    return _respond(system, doses, time_h, decay_per_h, integrated=False)


def integrals_until(
    system: LinearSystem,
    doses: Sequence[Dose],
    time_h: ArrayLike,
    *,
    decay_per_h: ArrayLike = 0.0,
) -> Floats:
    """Integrals of the amounts from the first dose to given times, shape (..., n, m).

    Parameters and errors as in `curves`.
    """
    return _respond(system, doses, time_h, decay_per_h, integrated=True)


def integrals(
    system: LinearSystem,
    doses: Sequence[Dose],
    *,
    decay_per_h: ArrayLike = 0.0,
    of: Sequence[str] | None = None,
) -> Floats:
    """Integrals to infinity under a schedule, shape (..., n or len(of)): one linear solve.

    When the doses enter does not matter, only how much of them; see `LinearSystem.integrals`.

    Raises
    ------
    PhysicsRangeError
        If one of these states receives matter and never empties: it is named.
    """
    total = sum(_entry(system, dose) for dose in _some(doses))
    return system.integrals(total, decay_per_h=decay_per_h, of=of)


def _some(doses: Sequence[Dose]) -> Sequence[Dose]:
    if not doses:
        raise DataError("a schedule needs at least one dose")
    return doses


def _entry(system: LinearSystem, dose: Dose) -> Floats:
    return system.amounts({dose.into: dose.entering})


def _respond(
    system: LinearSystem,
    doses: Sequence[Dose],
    time_h: ArrayLike,
    decay_per_h: ArrayLike,
    *,
    integrated: bool,
) -> Floats:
    times = np.atleast_1d(frozen(time_h, "times (h)"))
    inputs = [
        Input(_entry(system, d), d.start_h + np.asarray(d.lag_h), float(d.duration_h))
        for d in _some(doses)
    ]
    out = respond(system.with_decay(decay_per_h), inputs, times, integrated=integrated)
    return np.maximum(out, 0.0)  # amounts are never negative; what is, is rounding
