r"""Chance that a sequence of test statistics crosses its boundaries, look by look.

The statistics have independent increments: :math:`Z_k \sim N(\theta\sqrt{t_k}, 1)` with
:math:`\mathrm{cov}(Z_j, Z_k) = \sqrt{t_j/t_k}`. The density of those that have not crossed is
carried from look to look [AMR69]_ on Gauss-Legendre nodes.

References
----------
.. [AMR69] P. Armitage, C. K. McPherson, B. C. Rowe, J. R. Stat. Soc. A 132, 235 (1969),
   doi:10.2307/2343787
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pdcraft.core.arrays import Floats
from pdcraft.physics.quadrature import gauss_legendre

__all__ = ["Path", "crossing"]

TAIL = 9.0  # standard deviations: 1e-19 of the statistics lie outside
NODES_PER_WIDTH = 3.0  # of the narrowest Gaussian that is integrated
FEWEST = 48
#: Orders of the rule: few, since each is made once.
ORDERS = (64, 96, 128, 192, 256, 384, 512, 768, 1024)


@dataclass(frozen=True, slots=True)
class Path:
    """Statistics that have crossed no boundary so far.

    Parameters
    ----------
    information : float
        Fraction at the last look; 0 before the first.
    z, weight : ndarray, shape (nodes,)
        Statistics at the last look, and the probability that each node stands for.
    drift : float
        Mean of the statistic at full information.
    """

    information: float
    z: Floats
    weight: Floats
    drift: float

    @classmethod
    def start(cls, drift: float = 0.0) -> Path:
        """Before any look."""
        return cls(0.0, np.zeros(1), np.ones(1), drift)

    def _standard(self, information: float, z: Floats | float) -> Floats:
        """Standardized distance of a later statistic from what each node expects."""
        step = information - self.information
        mean = self.z * np.sqrt(self.information) + self.drift * step
        return (np.asarray(z) * np.sqrt(information) - mean) / np.sqrt(step)

    def above(self, information: float, z: float) -> float:
        """Probability to get here and lie above `z` at the next look."""
        from scipy.special import ndtr

        return float(self.weight @ ndtr(-self._standard(information, z)))

    def below(self, information: float, z: float) -> float:
        """Probability to get here and lie below `z` at the next look."""
        from scipy.special import ndtr

        return float(self.weight @ ndtr(self._standard(information, z)))

    def between(self, information: float, low: float, high: float, later: float) -> Path:
        """Go on with what lies between two boundaries at the next look.

        Parameters
        ----------
        information : float
        low, high : float
            May be infinite.
        later : float
            Information of the look after it, which says how fine the nodes must be.
        """
        center = self.drift * np.sqrt(information)
        low, high = max(low, center - TAIL), min(high, center + TAIL)
        if not low < high:
            return Path(information, np.zeros(1), np.zeros(1), self.drift)
        narrow = np.sqrt(max(later - information, 1e-6) / information)
        count = FEWEST + NODES_PER_WIDTH * (high - low) / min(narrow, 1.0)
        order = next((n for n in ORDERS if n >= count), ORDERS[-1])
        nodes, part = gauss_legendre(order)
        half = 0.5 * (high - low)
        z = low + half * (nodes + 1.0)
        step = information - self.information
        distance = self._standard(information, z[:, None])
        density = np.exp(-0.5 * distance**2) @ self.weight * np.sqrt(information / step / 2 / np.pi)
        return Path(information, z, half * part * density, self.drift)


def crossing(
    information: Floats, upper: Floats, lower: Floats, drift: float = 0.0
) -> tuple[Floats, Floats]:
    """Probabilities to cross first at each look.

    Parameters
    ----------
    information : ndarray, shape (looks,)
        Rising fractions.
    upper, lower : ndarray, shape (looks,)
        Boundaries of the statistic; infinite where there is none.
    drift : float
        Mean of the statistic at information 1.

    Returns
    -------
    above, below : ndarray, shape (looks,)

    Examples
    --------
    >>> above, below = crossing(np.array([1.0]), np.array([1.96]), np.array([-np.inf]))
    >>> round(float(above[0]), 4), float(below[0])
    (0.025, 0.0)
    """
    path = Path.start(drift)
    above, below = np.zeros(information.size), np.zeros(information.size)
    for k, (t, high, low) in enumerate(zip(information, upper, lower, strict=True)):
        above[k] = path.above(t, high) if np.isfinite(high) else 0.0
        below[k] = path.below(t, low) if np.isfinite(low) else 0.0
        if k + 1 < information.size:
            path = path.between(t, low, high, information[k + 1])
    return above, below
