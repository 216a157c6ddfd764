"""Mass of tumors against time: the result of a growth model, and what is read from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats, frozen
from pdcraft.core.names import index_of, look_up
from pdcraft.errors import PhysicsRangeError
from pdcraft.numerics.ode import dormand_prince, rk4
from pdcraft.response.tumor_rates import TumorRates

__all__ = ["TumorCurve", "integrated"]

FEW = 64  # systems that share steps of controlled error
RTOL, ATOL_OF_MASS = 1e-9, 1e-13
STEP_TIMES_RATE = 0.25  # of fixed steps: errors of a few 1e-6
LONGEST_STEP_d = 0.25


@dataclass(frozen=True, slots=True)
class TumorCurve:
    """Mass against time, in parts.

    Parameters
    ----------
    time_d : ndarray, shape (times,)
    parts_g : ndarray, shape (..., parts, times)
        Populations of living cells, then stages of doomed cells.
    part_names : tuple of str
    """

    time_d: Floats
    parts_g: Floats
    part_names: tuple[str, ...]

    @classmethod
    def of(
        cls, time_d: ArrayLike, states: Floats, names: tuple[str, ...], shape: tuple[int, ...]
    ) -> TumorCurve:
        """From states of shape (times, parts, systems)."""
        parts = np.moveaxis(states, (0, 1), (-1, -2)).reshape(*shape, len(names), -1)
        return cls(frozen(time_d, "times"), frozen(parts, "tumor mass"), names)

    @property
    def mass_g(self) -> Floats:
        """Whole mass, doomed cells with it, shape (..., times)."""
        return self.parts_g.sum(axis=-2)

    def part_g(self, name: str) -> Floats:
        """Mass of one part, shape (..., times).

        Raises
        ------
        DataError
            For an unknown part.
        """
        index = index_of((n, ()) for n in self.part_names)
        found = look_up("part of a tumor", name, index, f"there are {', '.join(self.part_names)}")
        return self.parts_g[..., self.part_names.index(found), :]

    def nadir(self) -> tuple[Floats, Floats]:
        """Least mass over the first one, and its day, shapes (...): 1 and the first day if none."""
        relative = self.mass_g / self.mass_g[..., :1]
        return relative.min(axis=-1), self.time_d[relative.argmin(axis=-1)]

    def days_to(self, mass_g: ArrayLike) -> Floats:
        """First day at which the mass is at or above a limit for the last time it gets there.

        The day of the endpoint of a xenograft trial: reached, and not left until the curve ends.
        Infinite where the curve ends below. Linear between the times of the curve.

        Parameters
        ----------
        mass_g : array_like, shape (...)
            Above zero.
        """
        limit = np.asarray(mass_g, dtype=float)
        if not np.all(limit > 0):
            raise PhysicsRangeError(f"limit of mass {limit.min():g} g: above 0 g")
        mass = self.mass_g
        below = mass < limit[..., None]
        last = below.shape[-1] - 1 - below[..., ::-1].argmax(axis=-1)
        ended = below[..., -1]
        i = np.minimum(last, self.time_d.size - 2)
        low = np.take_along_axis(mass, i[..., None], axis=-1)[..., 0]
        high = np.take_along_axis(mass, i[..., None] + 1, axis=-1)[..., 0]
        rise = np.where(high > low, high - low, 1.0)
        share = np.clip((limit - low) / rise, 0.0, 1.0)
        day = self.time_d[i] + share * (self.time_d[i + 1] - self.time_d[i])
        day = np.where(below.any(axis=-1), day, self.time_d[0])
        return np.where(ended, np.inf, day)


def integrated(rates: TumorRates, time_d: ArrayLike, step_d: float | None) -> Floats:
    """States, shape (times, states, systems)."""
    if step_d is None and rates.mass.size <= FEW:
        return dormand_prince(
            rates,
            rates.start,
            time_d,
            rtol=RTOL,
            atol=ATOL_OF_MASS * float(rates.mass.min()),
            breaks=rates.breaks_d,
        )
    step = step_d or min(LONGEST_STEP_d, STEP_TIMES_RATE / max(rates.fastest_per_d, 1e-9))
    return rk4(rates, rates.start, time_d, step=step, breaks=rates.breaks_d)
