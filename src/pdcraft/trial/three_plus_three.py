"""3+3, in two variants, and its operating characteristics without simulation.

Three patients are treated at a dose: none toxic, go up; two or more, the dose is too toxic; one,
treat three more, and go up if that stays the only one of six. In both variants the MTD is the
highest dose not found too toxic, below one that was, or the highest dose of all.

- ``simple``: nobody is treated below a toxic dose again; the MTD may rest on three patients.
- ``confirm``: the MTD must have been given to six patients with one toxicity at most. Below a
  toxic dose, and at the highest dose, three more are treated where there were only three; if two
  of the six are toxic, the dose below is looked at in the same way.

References
----------
B. E. Storer, Biometrics 45, 925 (1989), doi:10.2307/2531693; for the exact probabilities Y. Lin,
W. J. Shih, Biostatistics 2, 203 (2001) (recalled, not verified)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.design import (
    DEESCALATE,
    ELIMINATE,
    ESCALATE,
    NONE,
    STAY,
    STOP,
    Bools,
    Ints,
)
from pdcraft.trial.table import DecisionTable

__all__ = ["COHORT", "Exact", "ThreePlusThree", "Variant", "exact", "three_plus_three_table"]

Variant = Literal["simple", "confirm"]
COHORT = 3
FULL = 6  # patients at most at one dose


def _toxic(tox: Ints) -> Bools:
    return tox >= 2


def _rule(n: Ints, tox: Ints) -> Ints:
    out = np.full(n.shape, STAY)  # a cohort of three is filled first
    out[(n == COHORT) & (tox == 0)] = ESCALATE
    out[(n == FULL) & (tox <= 1)] = ESCALATE
    out[_toxic(tox)] = DEESCALATE
    out[_toxic(tox) & (n >= COHORT)] = ELIMINATE
    return out


def three_plus_three_table(max_n: int = FULL) -> DecisionTable:
    """Decisions of 3+3 to six patients at a dose, more than which it never treats.

    Between the full cohorts of 3 and 6 it stays until the cohort is full, unless two are toxic.
    """
    return DecisionTable.of(min(max_n, FULL), _rule)


@dataclass(frozen=True, slots=True)
class ThreePlusThree:
    """3+3 for cohorts of three.

    Parameters
    ----------
    doses : int
    variant : {"simple", "confirm"}

    Raises
    ------
    DataError
        For less than one dose or an unknown variant.
    """

    doses: int
    variant: Variant = "confirm"

    def __post_init__(self) -> None:
        if self.doses < 1:
            raise DataError(f"3+3: {self.doses} doses; a trial has 1 or more")
        if self.variant not in get_args(Variant):
            raise DataError(
                f"3+3: variant '{self.variant}' is not one of {', '.join(get_args(Variant))}"
            )

    @property
    def name(self) -> str:
        """Name with its variant."""
        return f"3+3 ({self.variant})"

    def decide(self, n: Ints, tox: Ints, at: Ints) -> Ints:
        """Dose of the next three patients; see `Design.decide`."""
        rows = np.arange(len(at))
        here, seen = n[rows, at], tox[rows, at]
        if np.any((here != COHORT) & (here != FULL)):
            raise DataError(
                "3+3 decides after 3 or 6 patients at a dose; simulate it with cohorts of 3"
            )
        above = np.minimum(at + 1, self.doses - 1)
        closed = (at == self.doses - 1) | (n[rows, above] > 0)  # nothing is left to go up to
        toxic = _toxic(seen)
        fine = ~toxic & ((here == FULL) | (seen == 0))
        out = np.where(fine, at + 1, at)  # one of three: three more
        if self.variant == "simple":
            return np.where(toxic | (fine & closed), STOP, out)
        out[fine & closed] = at[fine & closed]  # up to six
        out[fine & closed & (here == FULL)] = STOP
        below = np.maximum(at - 1, 0)
        done = (at == 0) | (n[rows, below] >= FULL)
        out[toxic] = np.where(done, STOP, below)[toxic]
        return out

    def select(self, n: Ints, tox: Ints) -> Ints:
        """MTD; `NONE` if the lowest dose is too toxic, or none has its patients yet."""
        passed = (n == FULL) & (tox <= 1)
        if self.variant == "simple":
            passed |= (n == COHORT) & (tox == 0)
        toxic = (n > 0) & _toxic(tox)
        ceiling = np.where(toxic.any(axis=1), np.argmax(toxic, axis=1), self.doses)
        passed &= np.arange(self.doses) < ceiling[:, None]
        highest = self.doses - 1 - np.argmax(passed[:, ::-1], axis=1)
        return np.where(passed.any(axis=1), highest, NONE)


@dataclass(frozen=True, slots=True)
class Exact:
    """Operating characteristics of 3+3, exact.

    Parameters
    ----------
    select : ndarray, shape (doses,)
        Probability that each dose is the MTD.
    select_none : float
    mean_n, mean_tox : ndarray, shape (doses,)
        Expected patients and toxicities.
    """

    select: Floats
    select_none: float
    mean_n: Floats
    mean_tox: Floats


def exact(true_rate: ArrayLike, variant: Variant = "confirm") -> Exact:
    """Operating characteristics of 3+3 by recursion over the doses.

    Parameters
    ----------
    true_rate : array_like, shape (doses,)
        DLT rates, 0 to 1; any order.
    variant : {"simple", "confirm"}

    Raises
    ------
    PhysicsRangeError
        For rates outside 0 to 1.

    Examples
    --------
    >>> round(exact([0.1, 0.2, 0.4, 0.5, 0.6, 0.65], "simple").select_none, 6)
    0.093853
    """
    p = np.asarray(true_rate, dtype=float)
    if p.ndim != 1 or p.size < 1 or not np.all((p >= 0) & (p <= 1)):
        raise PhysicsRangeError(f"3+3: true rates {p.tolist()} must be rates from 0 to 1, by dose")
    doses = ThreePlusThree(p.size, variant).doses
    none_of_3, one_of_3 = (1 - p) ** 3, 3 * p * (1 - p) ** 2
    by_three, by_six = none_of_3, one_of_3 * none_of_3  # the two ways up
    up = by_three + by_six
    reach = np.concatenate([[1.0], np.cumprod(up)])  # of each dose; last, above the highest
    mean_n = reach[:-1] * (3 + 3 * one_of_3)
    select = np.zeros(doses)
    found_toxic = reach[:-1] * (1 - up)
    if variant == "simple":
        select[:-1] = found_toxic[1:]
        select[-1] = reach[-1]
        return Exact(select, float(found_toxic[0]), mean_n, mean_n * p)
    # chance that three more, after none of three, leave at most one of six
    confirmed = none_of_3 + one_of_3
    # `come`: that the doses above failed and dose d is looked at, having gone up there before
    come = reach[-1]
    for d in range(doses - 1, -1, -1):
        # those who come had gone up from d by three or by six patients, whatever came above
        share = by_three[d] / up[d] if up[d] > 0 else 0.0
        mean_n[d] += 3 * come * share
        select[d] = come * (1 - share + share * confirmed[d])
        come = found_toxic[d] + come * share * (1 - confirmed[d])
    return Exact(select, float(come), mean_n, mean_n * p)
