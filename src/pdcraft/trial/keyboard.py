r"""Keyboard and mTPI-2: which of equal intervals of the DLT rate the posterior favors.

Around the target interval :math:`(\phi-\epsilon_1, \phi+\epsilon_2)` lie intervals as wide, down
to 0 and up to 1, the outermost ones cut short. With a uniform prior the posterior of the rate is
Beta(1 + y, 1 + n - y). The interval with the most posterior probability per unit of width says
what to do: escalate if it lies below the target interval, stay if it is the target interval,
de-escalate if it lies above [GJ17]_. The Keyboard design compares the probabilities of the keys
of full width [YM17]_, which is the same thing. The two differ in what eliminates a dose.

References
----------
.. [GJ17] W. Guo, S.-J. Wang, S. Yang, H. Lynn, Y. Ji, Contemp. Clin. Trials 58, 23 (2017),
   doi:10.1016/j.cct.2017.04.006
.. [YM17] F. Yan, S. J. Mandrekar, Y. Yuan, Clin. Cancer Res. 23, 3994 (2017),
   doi:10.1158/1078-0432.CCR-17-0220
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.boin import LONGEST
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import DEESCALATE, ELIMINATE, ESCALATE, STAY, Ints
from pdcraft.trial.table import DecisionTable
from pdcraft.trial.table_design import CUTOFF, ExtraSafe, TableDesign, eliminate_where

__all__ = ["KEYBOARD_FROM_N", "MTPI2_FROM_N", "IntervalRule", "keyboard", "mtpi2"]

HALF_WIDTH = 0.05
KEYBOARD_FROM_N, MTPI2_FROM_N = 1, 2  # patients from which on a dose can be eliminated
ROUNDING = 1e-9  # an end interval narrower than this is rounding, not an interval


@dataclass(frozen=True, slots=True)
class IntervalRule:
    """The rule that Keyboard and mTPI-2 share.

    Parameters
    ----------
    target : float
    below, above : float
        The target interval reaches from ``target - below`` to ``target + above``.
    cutoff : float
    from_n : int
        Patients from which on a dose can be eliminated.

    Raises
    ------
    PhysicsRangeError
        For an interval that does not lie within 0 to 1.
    """

    target: float
    below: float = HALF_WIDTH
    above: float = HALF_WIDTH
    cutoff: float = CUTOFF
    from_n: int = 1

    def __post_init__(self) -> None:
        check_open("target DLT rate", self.target)
        check_open("cutoff of elimination", self.cutoff)
        low, high = self.target - self.below, self.target + self.above
        if not (self.below > 0 and self.above > 0 and low >= 0 and high <= 1):
            raise PhysicsRangeError(
                f"target interval {low:g} to {high:g}: it holds the target {self.target:g} inside "
                "and lies within 0 to 1; choose smaller half-widths, e.g. 0.05"
            )

    def edges(self) -> tuple[Floats, int]:
        """Edges of the intervals, rising from 0 to 1, and the number of the target interval."""
        width = self.below + self.above
        low, high = self.target - self.below, self.target + self.above
        down = low - width * np.arange(np.floor(low / width + ROUNDING) + 1)
        up = high + width * np.arange(np.floor((1 - high) / width + ROUNDING) + 1)
        inner = np.concatenate([down[::-1], up])
        first = [0.0] if inner[0] > ROUNDING else []
        last = [1.0] if inner[-1] < 1 - ROUNDING else []
        edges = np.concatenate([first, np.clip(inner, 0.0, 1.0), last])
        return edges, len(first) + len(down) - 1

    def __call__(self, n: Ints, tox: Ints) -> Ints:
        """Decisions for arrays of counts."""
        from scipy.special import betainc

        edges, target_interval = self.edges()
        mass = np.diff(betainc(tox[..., None] + 1.0, (n - tox)[..., None] + 1.0, edges), axis=-1)
        strongest = np.argmax(mass / np.diff(edges), axis=-1)
        out = np.full(n.shape, STAY)
        out[strongest < target_interval] = ESCALATE
        out[strongest > target_interval] = DEESCALATE
        out[eliminate_where(n, tox, self.target, self.cutoff, self.from_n)] = ELIMINATE
        return out


def keyboard(
    doses: int,
    target: float,
    *,
    below: float = HALF_WIDTH,
    above: float = HALF_WIDTH,
    cutoff: float = CUTOFF,
    extra_safe: ExtraSafe | None = None,
    max_n: int = LONGEST,
) -> TableDesign:
    """Keyboard; a dose can be eliminated from the first patient on."""
    rule = IntervalRule(target, below, above, cutoff, KEYBOARD_FROM_N)
    return TableDesign("Keyboard", doses, target, DecisionTable.of(max_n, rule), extra_safe)


def mtpi2(
    doses: int,
    target: float,
    *,
    below: float = HALF_WIDTH,
    above: float = HALF_WIDTH,
    cutoff: float = CUTOFF,
    extra_safe: ExtraSafe | None = None,
    max_n: int = LONGEST,
) -> TableDesign:
    """mTPI-2; a dose can be eliminated from the second patient on."""
    rule = IntervalRule(target, below, above, cutoff, MTPI2_FROM_N)
    return TableDesign("mTPI-2", doses, target, DecisionTable.of(max_n, rule), extra_safe)
