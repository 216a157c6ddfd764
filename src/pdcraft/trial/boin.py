r"""BOIN: the Bayesian optimal interval design.

Escalate if the observed rate is at or below :math:`\lambda_e`, de-escalate if it is at or above
:math:`\lambda_d`, stay between them, where with target :math:`\phi` and the rates
:math:`\phi_1 < \phi < \phi_2` that count as too low and too high [LY15]_

.. math::
    \lambda_e = \frac{\ln\frac{1-\phi_1}{1-\phi}}{\ln\frac{\phi(1-\phi_1)}{\phi_1(1-\phi)}},
    \qquad
    \lambda_d = \frac{\ln\frac{1-\phi}{1-\phi_2}}{\ln\frac{\phi_2(1-\phi)}{\phi(1-\phi_2)}}.

References
----------
.. [LY15] S. Liu, Y. Yuan, J. R. Stat. Soc. C 64, 507 (2015), doi:10.1111/rssc.12089
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.errors import PhysicsRangeError
from pdcraft.trial.checks import check_open
from pdcraft.trial.design import DEESCALATE, ELIMINATE, ESCALATE, STAY, Ints
from pdcraft.trial.table import DecisionTable
from pdcraft.trial.table_design import CUTOFF, ExtraSafe, TableDesign, eliminate_where

__all__ = ["BoinRule", "boin"]

SAFE_SHARE = 0.6  # of the target: the rate that counts as too low
TOXIC_SHARE = 1.4  # of the target: the rate that counts as too high
LONGEST = 100  # patients at a dose that a table is made for, unless told otherwise


@dataclass(frozen=True, slots=True)
class BoinRule:
    """The two boundaries and the elimination of BOIN.

    Parameters
    ----------
    target : float
    p_saf, p_tox : float, optional
        Rates that count as too low and too high; 0.6 and 1.4 of the target.
    cutoff : float
        Posterior probability of a rate above the target that eliminates.
    from_n : int
        Patients from which on a dose can be eliminated.

    Raises
    ------
    PhysicsRangeError
        Unless 0 < p_saf < target < p_tox < 1.

    Examples
    --------
    >>> rule = BoinRule(0.3)
    >>> round(rule.lambda_e, 4), round(rule.lambda_d, 4)
    (0.2365, 0.3585)
    """

    target: float
    p_saf: float | None = None
    p_tox: float | None = None
    cutoff: float = CUTOFF
    from_n: int = 3

    def __post_init__(self) -> None:
        check_open("BOIN: target DLT rate", self.target)
        check_open("BOIN: cutoff of elimination", self.cutoff)
        if not 0 < self.too_low < self.target < self.too_high < 1:
            raise PhysicsRangeError(
                f"BOIN: p_saf {self.too_low:g}, target {self.target:g}, p_tox {self.too_high:g} "
                "must rise, and all lie between 0 and 1; leave p_saf and p_tox out for 0.6 and 1.4 "
                "of the target"
            )

    @property
    def too_low(self) -> float:
        """Rate that counts as too low."""
        return SAFE_SHARE * self.target if self.p_saf is None else self.p_saf

    @property
    def too_high(self) -> float:
        """Rate that counts as too high."""
        return TOXIC_SHARE * self.target if self.p_tox is None else self.p_tox

    @property
    def lambda_e(self) -> float:
        """Observed rate at or below which the dose goes up."""
        a, p = self.too_low, self.target
        return float(np.log((1 - a) / (1 - p)) / np.log(p * (1 - a) / (a * (1 - p))))

    @property
    def lambda_d(self) -> float:
        """Observed rate at or above which the dose goes down."""
        p, b = self.target, self.too_high
        return float(np.log((1 - p) / (1 - b)) / np.log(b * (1 - p) / (p * (1 - b))))

    def __call__(self, n: Ints, tox: Ints) -> Ints:
        """Decisions for arrays of counts."""
        out = np.full(n.shape, STAY)
        out[tox <= n * self.lambda_e] = ESCALATE
        out[tox >= n * self.lambda_d] = DEESCALATE
        out[eliminate_where(n, tox, self.target, self.cutoff, self.from_n)] = ELIMINATE
        return out


def boin(
    doses: int,
    target: float,
    *,
    p_saf: float | None = None,
    p_tox: float | None = None,
    cutoff: float = CUTOFF,
    extra_safe: ExtraSafe | None = None,
    max_n: int = LONGEST,
) -> TableDesign:
    """BOIN for a number of doses; the parameters are those of `BoinRule`.

    Parameters
    ----------
    doses : int
    target, p_saf, p_tox, cutoff : float
    extra_safe : ExtraSafe, optional
        Stricter stopping at the lowest dose.
    max_n : int
        Most patients at a dose that its table is made for.
    """
    rule = BoinRule(target, p_saf, p_tox, cutoff)
    return TableDesign("BOIN", doses, target, DecisionTable.of(max_n, rule), extra_safe)
