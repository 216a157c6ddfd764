r"""BOIN12: efficacy and toxicity traded off by a utility [LZY20]_.

Of the four outcomes of a patient, response without toxicity has the utility 100, toxicity without
response 0, neither `neither` and both `both`. The mean utility of n patients, divided by 100, is
treated as a share of successes: with x the sum of utilities over 100, the desirability of a dose is

.. math:: P(u > u_b), \quad u \sim \mathrm{Beta}(a + x,\ b + n - x),

with the benchmark :math:`u_b` half way between 100 and the utility at the highest acceptable
toxicity and lowest acceptable response rate, taken as independent.

Next dose, with BOIN's boundaries of the observed toxicity rate p at the present dose d:

- p at :math:`\lambda_d` or above: d - 1;
- p between the boundaries and `enough` or more patients at d: the more desirable of d - 1 and d;
- otherwise the most desirable of d - 1, d, d + 1;
- exploration: with more than `explore_above` patients at d, p below :math:`\lambda_d` and nobody
  treated at d + 1 yet: d + 1 (as the R package escalation reads the paper's supplement).

Only admissible doses count: P(toxicity > limit) below 0.95, at the dose and at every lower one, and
P(response < limit) below 0.90, both with uniform priors. Of equally desirable doses the higher is
given. De-escalation goes to an admissible lower dose; where none is, the trial stops. At the end
the dose of highest mean utility is recommended among the admissible ones that were given, not above
the dose whose isotonic toxicity estimate is nearest the limit.

The desirability is reported as its rank among all counts of patients that a trial can come to
(the published tables); ranks and probabilities order doses alike.

References
----------
.. [LZY20] R. Lin, Y. Zhou, F. Yan, D. Li, Y. Yuan, JCO Precis. Oncol. 4, 1393 (2020),
   doi:10.1200/PO.20.00257
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import DataError, PhysicsRangeError
from pdcraft.trial.boin import BoinRule
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import NONE, STOP, Bools, Ints
from pdcraft.trial.isotonic import nearest_dose, rates_rising

__all__ = ["Boin12", "Desirability"]

TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Desirability:
    """One row of the table of rank-based desirability scores; None where not admissible."""

    n: int
    tox: int
    eff: int
    probability: float
    rank: float | None


@dataclass(frozen=True, slots=True)
class Boin12:
    """BOIN12 for a number of doses.

    Parameters
    ----------
    doses : int
    tox_limit, eff_limit : float
        Highest acceptable toxicity rate, lowest acceptable response rate.
    neither, both : float
        Utilities of neither outcome and of both, 0 to 100.
    enough : int
        Patients at a dose from which d + 1 is no longer considered while p is between the
        boundaries.
    explore_above : int
        Patients at a dose above which an untried next dose is explored.
    tox_certainty, eff_certainty : float
        Certainties at which a dose becomes inadmissible.

    Raises
    ------
    PhysicsRangeError
        For rates or certainties outside (0, 1), or utilities outside 0 to 100.
    DataError
        For less than one dose.
    """

    doses: int
    tox_limit: float
    eff_limit: float
    neither: float = 40.0
    both: float = 60.0
    enough: int = 6
    explore_above: int = 8
    tox_certainty: float = 0.95
    eff_certainty: float = 0.90
    rule: BoinRule = field(init=False)  # BOIN's boundaries around the toxicity limit

    def __post_init__(self) -> None:
        check_open("BOIN12: toxicity limit", self.tox_limit)
        check_open("BOIN12: response limit", self.eff_limit)
        check_open("BOIN12: certainty of toxicity", self.tox_certainty)
        check_open("BOIN12: certainty of inefficacy", self.eff_certainty)
        object.__setattr__(self, "rule", BoinRule(self.tox_limit))
        if self.doses < 1:
            raise DataError(f"BOIN12: {self.doses} doses; a trial has 1 or more")
        for what, value in (("neither", self.neither), ("both", self.both)):
            if not 0 <= value <= 100:
                raise PhysicsRangeError(
                    f"BOIN12: utility {value:g} of {what} outcome lies between 0 (toxicity alone) "
                    "and 100 (response alone)"
                )

    @property
    def name(self) -> str:
        """Name."""
        return "BOIN12"

    @property
    def benchmark(self) -> float:
        """Utility that a dose is held against, as a share of 100."""
        t, e = self.tox_limit, self.eff_limit
        lowest = 100 * e * (1 - t) + self.neither * (1 - t) * (1 - e) + self.both * t * e
        return (lowest + 100) / 200

    def utility(self, n: Ints, tox: Ints, eff: Ints, tox_eff: Ints) -> Floats:
        """Sum of utilities over 100; `tox_eff` counts patients with both outcomes."""
        neither = n - tox - eff + tox_eff
        return (100 * (eff - tox_eff) + self.neither * neither + self.both * tox_eff) / 100

    def desirability(self, n: Ints, tox: Ints, eff: Ints, tox_eff: Ints) -> Floats:
        """P(utility > benchmark), any shape."""
        from scipy.special import betaincc

        x = self.utility(n, tox, eff, tox_eff)
        return betaincc(1 + x, 1 + n - x, self.benchmark)

    def admissible(self, n: Ints, tox: Ints, eff: Ints) -> Bools:
        """Whether doses may be given by their own counts, any shape; one without patients may."""
        from scipy.special import betainc

        futile = betainc(1 + eff, 1 + n - eff, self.eff_limit)
        return self._tolerable(n, tox) & (futile < self.eff_certainty)

    def _tolerable(self, n: Ints, tox: Ints) -> Bools:
        from scipy.special import betaincc

        return betaincc(1 + tox, 1 + n - tox, self.tox_limit) < self.tox_certainty

    def _open(self, n: Ints, tox: Ints, eff: Ints) -> Bools:
        """Admissible, and not above a dose that is too toxic; shape (trials, doses)."""
        below = np.logical_and.accumulate(self._tolerable(n, tox), axis=1)
        return below & self.admissible(n, tox, eff)

    def decide(self, n: Ints, tox: Ints, eff: Ints, tox_eff: Ints, at: Ints) -> Ints:
        """Dose of the next cohort.

        Parameters
        ----------
        n, tox, eff, tox_eff : ndarray of int, shape (trials, doses)
            Patients, those with toxicity, with response, and with both.
        at : ndarray of int, shape (trials,)
            Dose of the cohort just assessed.

        Returns
        -------
        ndarray of int, shape (trials,)
            `STOP` where no dose that may follow is admissible.
        """
        rows, level = np.arange(len(at)), np.arange(self.doses)
        here = at[:, None]
        rate = tox[rows, at] / np.maximum(n[rows, at], 1)
        down = rate >= self.rule.lambda_d - TIE
        hold = (rate > self.rule.lambda_e + TIE) & ~down & (n[rows, at] >= self.enough)
        top = np.where(down, np.maximum(at - 1, 0), np.where(hold, at, at + 1))
        bottom = np.maximum(at - 1, 0)
        open_ = (level >= bottom[:, None]) & (level <= top[:, None])
        allowed = self._open(n, tox, eff)
        open_ &= allowed
        score = np.where(open_, self.desirability(n, tox, eff, tox_eff), -1.0)
        best = score.max(axis=1)
        # of equally desirable doses the higher
        chosen = self.doses - 1 - np.argmax((score >= best[:, None] - TIE)[:, ::-1], axis=1)
        after = np.minimum(at + 1, self.doses - 1)
        explore = (n[rows, at] > self.explore_above) & ~down & (n[rows, after] == 0)
        explore &= allowed[rows, after]
        chosen = np.where(explore & (after > at), after, chosen)
        lower = np.where(allowed & (level < here), level, NONE).max(axis=1)
        chosen = np.where(open_.any(axis=1) | explore, chosen, lower)
        return np.where(chosen == NONE, STOP, chosen)

    def select(self, n: Ints, tox: Ints, eff: Ints, tox_eff: Ints) -> Ints:
        """Dose recommended at the end, shape (trials,); `NONE` for none."""
        tried = n > 0
        mtd = nearest_dose(rates_rising(n, tox, tried), self.tox_limit)
        open_ = tried & self._open(n, tox, eff) & (np.arange(self.doses) <= mtd[:, None])
        x = self.utility(n, tox, eff, tox_eff)
        mean = np.where(open_, (1 + x) / (2 + n), -1.0)
        return np.where(open_.any(axis=1), np.argmax(mean, axis=1), NONE)

    def table(self, sizes: tuple[int, ...]) -> tuple[Desirability, ...]:
        """Rank-based desirability scores of all counts at so many patients.

        Toxicity and response are counted without knowing who had both: as in the published
        tables, which take the utility to add up, which it does where `neither` and `both` sum to
        100.

        Raises
        ------
        DataError
            If they do not: the score then depends on the patients with both outcomes.
        """
        if abs(self.neither + self.both - 100) > 1e-9:
            raise DataError(
                f"BOIN12: utilities {self.neither:g} of neither and {self.both:g} of both outcomes "
                "do not sum to 100, so that a table by toxicities and responses alone does not do"
            )
        from scipy.stats import rankdata

        cells = [(n, t, e) for n in sizes for t in range(n + 1) for e in range(n + 1)]
        n, tox, eff = (np.array(column, dtype=np.intp) for column in zip(*cells, strict=True))
        both = np.maximum(tox + eff - n, 0)  # any possible number gives the same utility
        chance = self.desirability(n, tox, eff, both)
        allowed = self.admissible(n, tox, eff)
        rank = np.full(n.size, np.nan)
        rank[allowed] = rankdata(np.round(chance[allowed], 12))
        return tuple(
            Desirability(*cell, float(p), float(r) if ok else None)
            for cell, p, r, ok in zip(cells, chance, rank, allowed, strict=True)
        )
