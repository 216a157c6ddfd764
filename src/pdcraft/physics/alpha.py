r"""Alpha particles: recoil of the nucleus, and energy along a straight track of known range.

Alpha particles of decay lose energy to electrons and hardly turn: the track is a straight line of
the range :math:`R(E)`, and after a path :math:`s` the particle has the energy whose range is
:math:`R(E) - s`. Energies in keV, lengths in the unit of the range table.

References
----------
.. [ICRU49] ICRU Report 49, Stopping Powers and Ranges for Protons and Alpha Particles (1993).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

if TYPE_CHECKING:
    from scipy.interpolate import CubicSpline

__all__ = ["ALPHA_MASS_u", "RangeTable", "recoil_keV"]

Floats = NDArray[np.float64]

ALPHA_MASS_u = 4.001506179  # CODATA 2022
INVERSE_NODES = 2000  # energies of ranges invert ranges of energies to 1e-10


def recoil_keV(alpha_keV: float, parent_a: int) -> float:
    r"""Kinetic energy of the nucleus that an alpha particle leaves, from balance of momentum.

    .. math:: E_r = E_\alpha\, m_\alpha / m_d

    with the daughter's mass number for its mass in u (right to 2e-4).

    Examples
    --------
    >>> round(recoil_keV(5829.6, 225), 1)  # Fr-221 after Ac-225
    105.6
    """
    return alpha_keV * ALPHA_MASS_u / (parent_a - 4)


@dataclass(frozen=True, slots=True, eq=False)
class RangeTable:
    """Ranges of one particle in one medium, both ways: range of an energy, energy of a range.

    Parameters
    ----------
    energy_keV, csda_range : ndarray, shape (nodes,)
        Ascending. Between nodes a cubic in the logarithms; below the first node the range is
        proportional to the energy.

    Raises
    ------
    PhysicsRangeError
        From its methods, above the last node.
    """

    energy_keV: Floats
    csda_range: Floats
    _forth: CubicSpline = field(init=False, repr=False)
    _back: CubicSpline = field(init=False, repr=False)

    def __post_init__(self) -> None:
        from scipy.interpolate import CubicSpline

        log_e, log_r = np.log(self.energy_keV), np.log(self.csda_range)
        object.__setattr__(self, "_forth", CubicSpline(log_e, log_r))
        fine = np.linspace(log_e[0], log_e[-1], INVERSE_NODES)
        object.__setattr__(self, "_back", CubicSpline(self._forth(fine), fine))

    def range_of(self, energy_keV: ArrayLike) -> Floats:
        """Range of particles of some energies, any shape."""
        return _log_log(
            np.asarray(energy_keV, np.float64), self.energy_keV, self.csda_range[0], self._forth
        )

    def energy_of(self, range_left: ArrayLike) -> Floats:
        """Energy in keV of particles that can still run a length; 0 where it is 0 or less."""
        left = np.maximum(np.asarray(range_left, dtype=np.float64), 0.0)
        return _log_log(left, self.csda_range, self.energy_keV[0], self._back)

    def stopping(self, energy_keV: ArrayLike) -> Floats:
        """Energy lost per length, keV per unit of the range: one over the slope of the range."""
        energy = np.maximum(np.asarray(energy_keV, dtype=np.float64), self.energy_keV[0])
        slope = self._forth(np.log(energy), 1)
        return energy / (slope * self.range_of(energy))


def _log_log(x: Floats, nodes: Floats, first_value: float, spline: CubicSpline) -> Floats:
    if x.size and np.max(x) > nodes[-1] * (1.0 + 1e-9):
        raise PhysicsRangeError(
            f"the table of ranges ends at {nodes[-1]:g}, got {np.max(x):g}; use a table that goes "
            "that far"
        )
    inside = np.exp(spline(np.log(np.maximum(x, nodes[0]))))
    return np.where(x < nodes[0], first_value * x / nodes[0], inside)
