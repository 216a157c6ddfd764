r"""Simon's two-stage designs: optimal and minimax, by a search that proves its answer.

Of :math:`n_1` patients at most :math:`r_1` respond: stop for futility. Of all :math:`n` more than
:math:`r` respond: the rate is above :math:`p_0`. Among the designs that keep both error rates, the
optimal one has the smallest expected size at :math:`p_0`, the minimax one the smallest :math:`n`
and, for that, the smallest expected size [S89]_.

The search goes up in :math:`n`. It begins where even the best test of :math:`n` patients at once
(Neyman and Pearson's, randomized) keeps both rates. It ends where no first stage could have a
smaller expected size, so the result does not depend on a largest :math:`n` that someone set.

References
----------
.. [S89] R. Simon, Control. Clin. Trials 10, 1 (1989), doi:10.1016/0197-2456(89)90015-9
.. [J04] S.-H. Jung et al., Stat. Med. 23, 561 (2004), doi:10.1002/sim.1600
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import ConvergenceError, PhysicsRangeError
from pdcraft.trial.checks import check_open
from pdcraft.trial.phase2.binomial import mass, upper_tail

__all__ = ["LARGEST_N", "SimonDesigns", "TwoStage", "simon_designs"]

LARGEST_N = 400  # p1 - p0 of about 0.07; the search then takes a minute


@dataclass(frozen=True, slots=True)
class TwoStage:
    """A two-stage rule: stop at `r1` or fewer of `n1`; reject p0 above `r` of `n`.

    Parameters
    ----------
    r1, n1, r, n : int

    Raises
    ------
    PhysicsRangeError
        For numbers that are no such rule.

    Examples
    --------
    >>> rule = TwoStage(1, 10, 5, 29)
    >>> round(rule.rejects(0.1), 4), round(rule.rejects(0.3), 4), round(rule.EN(0.1), 2)
    (0.0471, 0.8051, 15.01)
    """

    r1: int
    n1: int
    r: int
    n: int

    def __post_init__(self) -> None:
        if not (0 <= self.r1 < self.n1 < self.n and self.r1 <= self.r < self.n):
            raise PhysicsRangeError(
                f"two stages {self.r1}/{self.n1} {self.r}/{self.n}: needs 0 <= r1 < n1 < n and "
                "r1 <= r < n"
            )

    @property
    def n2(self) -> int:
        """Patients of the second stage."""
        return self.n - self.n1

    def PET(self, rate: float) -> float:
        """Probability of early termination at a true rate."""
        return 1.0 - float(upper_tail(self.n1, rate)[self.r1 + 1])

    def EN(self, rate: float) -> float:
        """Return the expected number of patients at a true rate."""
        return self.n1 + (1.0 - self.PET(rate)) * self.n2

    def conditional_error(self, x1: int, rate: float) -> float:
        """Probability to reject after `x1` responses of the first stage; 0 if the trial stops."""
        if x1 <= self.r1:
            return 0.0
        return float(upper_tail(self.n2, rate)[min(max(self.r + 1 - x1, 0), self.n2 + 1)])

    def rejects(self, rate: float) -> float:
        """Probability to reject p0 at a true rate: type I error at p0, power at p1."""
        x1 = np.arange(self.n1 + 1)
        needed = np.clip(self.r + 1 - x1, 0, self.n2 + 1)
        second = upper_tail(self.n2, rate)[needed]
        return float((mass(self.n1, rate) * second)[self.r1 + 1 :].sum())


@dataclass(frozen=True, slots=True)
class SimonDesigns:
    """What the search found.

    Parameters
    ----------
    p0, p1, alpha, beta : float
        As asked.
    optimal, minimax : TwoStage
    admissible : tuple of TwoStage
        The best of every n from minimax to optimal that some weight of n against expected size
        prefers [J04]_; the two are its ends.
    """

    p0: float
    p1: float
    alpha: float
    beta: float
    optimal: TwoStage
    minimax: TwoStage
    admissible: tuple[TwoStage, ...]


def simon_designs(
    p0: float, p1: float, alpha: float, beta: float, largest_n: int = LARGEST_N
) -> SimonDesigns:
    """Find Simon's optimal and minimax designs.

    Parameters
    ----------
    p0, p1 : float
        Rate that is not worth pursuing, and one that is; p0 < p1.
    alpha, beta : float
        Largest type I error at p0 and type II error at p1.
    largest_n : int
        The search gives up there.

    Raises
    ------
    PhysicsRangeError
        For rates or errors that make no test.
    ConvergenceError
        If the search reaches `largest_n` before it is proven.

    Examples
    --------
    >>> found = simon_designs(0.1, 0.3, 0.05, 0.2)
    >>> found.optimal, found.minimax
    (TwoStage(r1=1, n1=10, r=5, n=29), TwoStage(r1=1, n1=15, r=5, n=25))
    """
    for name, value in (("p0", p0), ("p1", p1), ("alpha", alpha), ("beta", beta)):
        check_open(name, value)
    if not p0 < p1:
        raise PhysicsRangeError(f"p0 is {p0:g} and p1 {p1:g}; p1 is the higher rate")
    if alpha + beta >= 1.0:
        raise PhysicsRangeError(f"alpha {alpha:g} and beta {beta:g}: a coin does as well below 1")
    best_of_n: dict[int, tuple[float, TwoStage]] = {}
    least = np.inf
    first_stage = _FirstStages(p0, p1, beta)
    for n in range(2, largest_n + 1):
        if first_stage.bound(n) >= least:
            break
        if not best_of_n and not _possible(n, p0, p1, alpha, beta):
            continue
        found = _best(n, first_stage, alpha, beta, least)
        if found is not None:
            best_of_n[n] = found
            least = min(least, found[0])
    else:
        known = f" (best so far: {least:.4g})" if best_of_n else ""
        raise ConvergenceError(
            f"two-stage designs of p0 {p0:g} against p1 {p1:g}: not settled with {largest_n} "
            f"patients{known}; take rates further apart, or in Python a larger largest_n"
        )
    designs = [design for _, design in best_of_n.values()]  # falling in EN, rising in n
    return SimonDesigns(p0, p1, alpha, beta, designs[-1], designs[0], _hull(best_of_n))


@dataclass(frozen=True, slots=True)
class _FirstStages:
    """First stages that leave power: for every n1 the largest r1 whose own error is below beta."""

    p0: float
    p1: float
    beta: float

    def largest_r1(self, n1: int) -> int:
        stopped = 1.0 - _tail(n1, self.p1)[1:-1]  # P(X1 <= k), k = 0 .. n1 - 1
        return int(np.count_nonzero(stopped <= self.beta)) - 1

    def least_EN(self, n1: int, n: int) -> float:
        """No design of this n1 and n has a smaller expected size."""
        r1 = self.largest_r1(n1)
        going_on = 1.0 if r1 < 0 else float(_tail(n1, self.p0)[r1 + 1])
        return n1 + going_on * (n - n1)

    def bound(self, n: int) -> float:
        """No design of n patients, nor of more, has a smaller expected size."""
        return min(self.least_EN(n1, n) for n1 in range(1, n))


@lru_cache(maxsize=4096)
def _tail(n: int, p: float) -> Floats:
    return upper_tail(n, p)


@lru_cache(maxsize=4096)
def _mass(n: int, p: float) -> Floats:
    return mass(n, p)


def _possible(n: int, p0: float, p1: float, alpha: float, beta: float) -> bool:
    """Whether the most powerful test of n patients keeps both errors."""
    null, alternative = _tail(n, p0), _tail(n, p1)
    k = int(np.argmax(null <= alpha))  # reject at k or more
    share = (alpha - null[k]) / (null[k - 1] - null[k]) if k else 0.0
    power = alternative[k] + (share * (alternative[k - 1] - alternative[k]) if k else 0.0)
    return bool(power >= 1.0 - beta)


def _best(
    n: int, first: _FirstStages, alpha: float, beta: float, least: float
) -> tuple[float, TwoStage] | None:
    """Return the design of n patients with the smallest expected size, if that is below `least`."""
    found: tuple[float, TwoStage] | None = None
    most_r = int(np.count_nonzero(_tail(n, first.p1) >= 1.0 - beta)) - 2  # power of one stage
    if most_r < 0:
        return None
    for n1 in range(1, n):
        largest = first.largest_r1(n1)
        if largest < 0 or first.least_EN(n1, n) >= least:
            continue
        null, alternative = (
            _rejection(n1, n - n1, p, min(largest, most_r), most_r) for p in (first.p0, first.p1)
        )
        good = (null <= alpha) & (alternative >= 1.0 - beta)
        stops = np.flatnonzero(good.any(axis=1))
        if stops.size == 0:
            continue
        r1 = int(stops[-1])
        design = TwoStage(r1, n1, int(np.argmax(good[r1])), n)
        size = design.EN(first.p0)
        if size < least:
            found, least = (size, design), size
    return found


def _rejection(n1: int, n2: int, p: float, most_r1: int, most_r: int) -> Floats:
    """P(X1 > r1 and X > r) for r1 from 0 to `most_r1` and r from 0 to `most_r`; 0 where r < r1."""
    x1 = np.arange(n1 + 1)[:, None]
    needed = np.clip(np.arange(most_r + 1) + 1 - x1, 0, n2 + 1)
    joint = _mass(n1, p)[:, None] * _tail(n2, p)[needed]
    beyond = joint[::-1].cumsum(axis=0)[::-1]  # X1 >= row
    out = beyond[1 : most_r1 + 2]
    return np.where(np.arange(most_r + 1) >= np.arange(most_r1 + 1)[:, None], out, 0.0)


def _hull(best_of_n: dict[int, tuple[float, TwoStage]]) -> tuple[TwoStage, ...]:
    """Lower convex hull of expected size over n: what some weighting of the two prefers."""
    hull: list[tuple[int, float, TwoStage]] = []
    for n, (size, design) in best_of_n.items():
        while len(hull) > 1:
            (n0, s0, _), (n1, s1, _) = hull[-2:]
            if (s1 - s0) * (n - n1) < (size - s1) * (n1 - n0):
                break
            hull.pop()
        hull.append((n, size, design))
    return tuple(design for _, _, design in hull)
