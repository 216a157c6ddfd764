r"""i3+3: rules on the observed rate, one patient's worth of doubt, and an equivalence interval.

With y of n patients toxic and the equivalence interval :math:`[\phi-\epsilon_1, \phi+\epsilon_2]`
[LWJ20]_: y/n below it, escalate; inside it, stay; above it, stay if (y - 1)/n lies below it,
because then one patient decides everything, and de-escalate otherwise. Ends belong to the
interval.

References
----------
.. [LWJ20] M. Liu, S.-J. Wang, Y. Ji, J. Biopharm. Stat. 30, 294 (2020),
   doi:10.1080/10543406.2019.1636811
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.boin import LONGEST
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import DEESCALATE, ELIMINATE, ESCALATE, STAY, Ints
from pdcraft.trial.table import DecisionTable
from pdcraft.trial.table_design import CUTOFF, ExtraSafe, TableDesign, eliminate_where

__all__ = ["I3PLUS3_FROM_N", "I3Plus3Rule", "i3plus3"]

I3PLUS3_FROM_N = 3  # patients from which on a dose can be eliminated
ROUNDING = 1e-9  # patients; 0.25 = 5/20 is an end of the interval, whatever the last digit says


@dataclass(frozen=True, slots=True)
class I3Plus3Rule:
    """The rule of i3+3.

    Parameters
    ----------
    target : float
    below, above : float
        Half-widths of the equivalence interval.
    cutoff : float
    from_n : int
        Patients from which on a dose can be eliminated.

    Raises
    ------
    PhysicsRangeError
        For an interval that does not lie within 0 to 1.
    """

    target: float
    below: float = 0.05
    above: float = 0.05
    cutoff: float = CUTOFF
    from_n: int = I3PLUS3_FROM_N

    def __post_init__(self) -> None:
        check_open("i3+3: target DLT rate", self.target)
        check_open("i3+3: cutoff of elimination", self.cutoff)
        low, high = self.target - self.below, self.target + self.above
        if not (self.below >= 0 and self.above >= 0 and low > 0 and high < 1):
            raise PhysicsRangeError(
                f"i3+3: equivalence interval {low:g} to {high:g}: it holds the target "
                f"{self.target:g} and lies between 0 and 1; choose smaller half-widths, e.g. 0.05"
            )

    def __call__(self, n: Ints, tox: Ints) -> Ints:
        """Decisions for arrays of counts."""
        low = n * (self.target - self.below) - ROUNDING
        high = n * (self.target + self.above) + ROUNDING
        out = np.full(n.shape, STAY)
        out[tox < low] = ESCALATE
        out[(tox > high) & (tox - 1 >= low)] = DEESCALATE
        out[eliminate_where(n, tox, self.target, self.cutoff, self.from_n)] = ELIMINATE
        return out


def i3plus3(
    doses: int,
    target: float,
    *,
    below: float = 0.05,
    above: float = 0.05,
    cutoff: float = CUTOFF,
    extra_safe: ExtraSafe | None = None,
    max_n: int = LONGEST,
) -> TableDesign:
    """i3+3 for a number of doses; the parameters are those of `I3Plus3Rule`."""
    rule = I3Plus3Rule(target, below, above, cutoff)
    return TableDesign("i3+3", doses, target, DecisionTable.of(max_n, rule), extra_safe)
