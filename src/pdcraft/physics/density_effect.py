r"""Bound electrons as oscillators: density effect of the collision stopping power.

Each shell of each atom is an oscillator; its frequency is its binding energy times one factor
that makes the mean excitation energy come out right [SBS84]_. The same oscillators carry the soft
collisions (`pdcraft.physics.soft_collisions`). Insulators only: no shell is a conduction band.

References
----------
.. [Ste52] R.M. Sternheimer, Phys. Rev. 88, 851 (1952), doi:10.1103/PhysRev.88.851
.. [SBS84] R.M. Sternheimer, M.J. Berger, S.M. Seltzer, At. Data Nucl. Data Tables 30, 261 (1984),
   doi:10.1016/0092-640X(84)90002-0
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.errors import PhysicsRangeError

__all__ = ["Oscillators", "delta", "oscillators", "plasma_energy_eV"]

Floats = NDArray[np.float64]
STEPS = 60  # of Newton's method, which converges from one side here


@dataclass(frozen=True, slots=True)
class Oscillators:
    """Electrons of a material as oscillators; energies over the plasma energy, squared.

    Parameters
    ----------
    strength : ndarray, shape (n,)
        Share of the electrons, of sum 1.
    bound2 : ndarray, shape (n,)
        Square of the scaled binding energy.
    resonance2 : ndarray, shape (n,)
        ``bound2 + 2/3 strength``: where the oscillator takes up energy in the dense material.
    plasma_energy_eV : float
    """

    strength: Floats
    bound2: Floats
    resonance2: Floats
    plasma_energy_eV: float

    @property
    def resonance_keV(self) -> Floats:
        """Energy that a distant collision gives to each oscillator."""
        return np.sqrt(self.resonance2) * self.plasma_energy_eV * 1e-3


def plasma_energy_eV(electrons_mol_per_g: float, density_g_per_mL: float) -> float:
    """Plasma energy of the electrons of a material taken as free [SBS84]_: 28.816 sqrt(rho Z/A)."""
    return 28.816 * float(np.sqrt(electrons_mol_per_g * density_g_per_mL))


def oscillators(
    strength: ArrayLike, binding_eV: ArrayLike, mean_excitation_eV: float, plasma_eV: float
) -> Oscillators:
    r"""Scale binding energies so that :math:`\sum f \ln W = \ln I` [SBS84]_.

    .. math:: W_i^2 = (\rho U_i)^2 + \tfrac23 f_i (\hbar\omega_p)^2

    Raises
    ------
    PhysicsRangeError
        If the I-value is too low for a material of this density: no factor exists.
    """
    f = np.asarray(strength, dtype=np.float64)
    f = f / f.sum()
    u2 = np.square(np.asarray(binding_eV, dtype=np.float64) / plasma_eV)
    goal = 2.0 * np.log(mean_excitation_eV / plasma_eV)
    alpha = 2.0 / 3.0
    if np.sum(f * np.log(alpha * f)) >= goal:
        raise PhysicsRangeError(
            f"mean excitation energy {mean_excitation_eV:g} eV is too low for a plasma energy of "
            f"{plasma_eV:.4g} eV; check the density and the I-value"
        )
    factor2 = 1.0
    for _ in range(STEPS):  # in the logarithm of the factor: the sum rises and bends one way
        term = factor2 * u2 + alpha * f
        miss = np.sum(f * np.log(term)) - goal
        slope = np.sum(f * factor2 * u2 / term)
        step = miss / slope
        factor2 *= float(np.exp(-step))
        if abs(step) < 1e-13:
            break
    bound2 = factor2 * u2
    return Oscillators(f, bound2, bound2 + alpha * f, plasma_eV)


def delta(momentum2: ArrayLike, matter: Oscillators) -> Floats:
    r"""Density-effect correction [Ste52]_; ``momentum2`` is :math:`(p/mc)^2`, any shape.

    .. math:: \delta = \sum_i f_i \ln\frac{W_i^2 + L^2}{W_i^2} - L^2 (1 - \beta^2), \quad
        \sum_i \frac{f_i}{\nu_i^2 + L^2} = (p/mc)^{-2}

    Zero while the second equation has no positive root, as it has not in insulators at low speed.
    """
    y = np.asarray(momentum2, dtype=np.float64)
    f = matter.strength[:, None]
    flat = y.reshape(1, -1)
    root = np.zeros_like(flat)
    for _ in range(STEPS):  # 1 / sum(f / (nu² + L²)) - y is concave and rising in L²
        part = 1.0 / (matter.bound2[:, None] + root)
        total = np.sum(f * part, axis=0, keepdims=True)
        slope = np.sum(f * part**2, axis=0, keepdims=True) / total**2
        step = (1.0 / total - flat) / slope
        root = np.maximum(root - step, 0.0)
        if np.all(np.abs(step) <= 1e-12 * np.maximum(root, 1e-300)) or not np.any(root > 0.0):
            break
    gain = np.sum(f * np.log1p(root / matter.resonance2[:, None]), axis=0)
    return (gain - (root / (1.0 + flat))[0]).reshape(y.shape)
