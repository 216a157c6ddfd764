"""Right-hand side of the tumor's differential equations, for many systems at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.physics.tumor_growth import exponential_linear_per_d

__all__ = ["TumorRates", "Waiting"]

Course = Callable[[float], Floats]  # day to one value per system


@dataclass(frozen=True, slots=True)
class Waiting:
    """Dose to one population that waits for repair by one component.

    Parameters
    ----------
    population : int
    share : ndarray, shape (systems,)
        Of the damage.
    repair_per_d : ndarray, shape (systems,)
    """

    population: int
    share: Floats
    repair_per_d: Floats


@dataclass(frozen=True, slots=True)
class TumorRates:
    """States: populations, stages of doomed cells, doses that wait for repair.

    Arrays have shape (systems,) or (populations, systems); see `pdcraft.response.tumor_growth`.
    """

    mass: Floats
    lambda0: Floats
    lambda1: Floats
    psi: Floats
    transit: Floats
    stages: int
    share: Floats
    turns: Floats
    slope: Floats
    alpha: Floats
    quadratic: Floats
    relative: Floats
    waiting: tuple[Waiting, ...]
    dose_rate: Course | None
    concentration: Course | None
    breaks_d: Floats
    drivers_per_d: float  # fastest rate constant of the dose rate and the concentration

    @property
    def populations(self) -> int:
        """Number of populations of living cells."""
        return self.share.shape[0]

    @property
    def start(self) -> Floats:
        """State at time 0: no doomed cells, nothing that waits."""
        rest = np.zeros((self.stages + len(self.waiting), self.mass.size))
        return np.concatenate([self.share * self.mass, rest])

    @property
    def fastest_per_d(self) -> float:
        """Largest rate constant that meets a step of the integration."""
        days = np.append(self.breaks_d, 0.0)
        kills = [float(self.kill_per_d(d + 1e-9, self.start).max()) for d in days]
        repair = [float(w.repair_per_d.max()) for w in self.waiting]
        own = [float(self.transit.max()), float(self.lambda0.max()), self.drivers_per_d]
        return max(*kills, *repair, *own)

    def kill_per_d(self, day: float, state: Floats) -> Floats:
        """Kill rate of every population, shape (populations, systems)."""
        kill = np.zeros_like(self.share)
        if self.concentration is not None:
            kill += self.slope * self.concentration(day)
        if self.dose_rate is not None:
            dose = self.relative * self.dose_rate(day)
            unrepaired = np.zeros_like(kill)
            first = self.populations + self.stages
            for w, q in zip(self.waiting, state[first:], strict=True):
                unrepaired[w.population] += w.share * q
            kill += self.alpha * dose * (1.0 + self.quadratic * unrepaired)
        return kill

    def __call__(self, day: float, state: Floats, out: Floats) -> None:
        """Write d(state)/d(day) to `out`."""
        n, end = self.populations, self.populations + self.stages
        living = state[:n]
        mass = state[:end].sum(axis=0)
        growth = exponential_linear_per_d(
            np.maximum(mass, 0.0), self.lambda0, self.lambda1, self.psi
        )
        lost = self.kill_per_d(day, state) * living
        out[:n] = growth * living - lost
        if n > 1:
            self._turn(living, out)
        out[n] = lost.sum(axis=0) - self.transit * state[n]
        for stage in range(n + 1, end):
            out[stage] = self.transit * (state[stage - 1] - state[stage])
        if self.dose_rate is not None:
            dose = self.dose_rate(day)
            for row, w in enumerate(self.waiting, start=end):
                out[row] = self.relative[w.population] * dose - w.repair_per_d * state[row]

    def _turn(self, living: Floats, out: Floats) -> None:
        excess = np.maximum(living - self.share * living.sum(axis=0), 0.0)
        turned = self.turns * excess
        turned[0] = 0.0
        out[: self.populations] -= turned
        out[0] += turned.sum(axis=0)
