r"""Electron density of atoms as a sum of Slater shells: potential and form factor in closed form.

Atomic units. One shell of n electrons has the density

.. math:: \rho(r) = n \frac{\alpha^{m+3}}{4\pi (m+2)!} r^m e^{-\alpha r}
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SlaterAtom", "furness_mccarthy", "shell_form_factor"]

Floats = NDArray[np.float64]


def shell_form_factor(power: int, alpha: float, q: Floats) -> Floats:
    """Form factor of one shell of one electron; q is the momentum transfer, 1/bohr."""
    bare = (alpha - 1j * q) ** -(power + 2)
    return bare.imag / q * alpha ** (power + 3) / (power + 2.0)


@dataclass(frozen=True, slots=True)
class SlaterAtom:
    """A neutral atom.

    Parameters
    ----------
    power : ndarray, shape (shells,)
        m above.
    alpha : ndarray, shape (shells,)
        1/bohr.
    electrons : ndarray, shape (shells,)
        n above; their sum is the atomic number.
    """

    power: Floats
    alpha: Floats
    electrons: Floats

    @property
    def z(self) -> float:
        """Atomic number."""
        return float(self.electrons.sum())

    def unscreened_charge(self, radius: Floats) -> Floats:
        """Give -r V(r): the charge that an electron sees at each radius, shape (n,)."""
        from scipy.special import gammaincc

        x = np.outer(radius, self.alpha)
        inside = gammaincc(self.power + 3.0, x)
        shell = inside - x / (self.power + 2.0) * gammaincc(self.power + 2.0, x)
        return shell @ self.electrons

    def density(self, radius: Floats) -> Floats:
        """Electrons per cubic bohr at each radius, shape (n,)."""
        from scipy.special import gammaln

        x = np.outer(radius, self.alpha)
        log = self.power * np.log(np.maximum(x, 1e-300)) - x - gammaln(self.power + 3.0)
        return np.exp(log) @ (self.electrons * self.alpha**3) / (4.0 * np.pi)

    def form_factor(self, q: Floats) -> Floats:
        """Form factor, from the atomic number at q = 0 to 0."""
        shells = zip(self.power, self.alpha, self.electrons, strict=True)
        total = np.zeros_like(q)
        for power, alpha, n in shells:
            total += n * shell_form_factor(int(power), float(alpha), q)
        return total


def furness_mccarthy(energy: float, potential: Floats, density: Floats) -> Floats:
    r"""Exchange potential of an electron of that kinetic energy far away.

    .. math:: V_{ex} = \tfrac12 (E - V) - \tfrac12 \left[ (E - V)^2 + 4\pi\rho \right]^{1/2}

    References
    ----------
    J.B. Furness, I.E. McCarthy, J. Phys. B 6, 2280 (1973), doi:10.1088/0022-3700/6/11/021
    """
    local = energy - potential
    x = 4.0 * np.pi * density / local**2
    return -0.5 * local * x / (1.0 + np.sqrt(1.0 + x))
