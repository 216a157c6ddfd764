r"""Elastic scattering of electrons and positrons by atoms: Born with Mott's spin correction.

Angles as :math:`\mu = (1 - \cos\theta)/2 = \sin^2(\theta/2)`, energies in keV, cross sections in
barn per atom and unit of mu.

References
----------
.. [MF48] W.A. McKinley, H. Feshbach, Phys. Rev. 74, 1759 (1948), doi:10.1103/PhysRev.74.1759
.. [Mott29] N.F. Mott, Proc. R. Soc. A 124, 425 (1929), doi:10.1098/rspa.1929.0127
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pdcraft.physics.constants import (
    FINE_STRUCTURE,
    CLASSICAL_ELECTRON_RADIUS_2_b,
    ELECTRON_REST_keV,
)

__all__ = ["mckinley_feshbach", "rutherford_b", "wavenumber_per_angstrom"]

Floats = NDArray[np.float64]
HC_keV_angstrom = 12.39841984  # exact to the digits given


def wavenumber_per_angstrom(energy_keV: ArrayLike) -> Floats:
    r"""Momentum over Planck's constant, :math:`1/\lambda`: x is this times sin(theta/2)."""
    energy = np.asarray(energy_keV, dtype=np.float64)
    return np.sqrt(energy * (energy + 2.0 * ELECTRON_REST_keV)) / HC_keV_angstrom


def rutherford_b(energy_keV: ArrayLike, mu: ArrayLike) -> Floats:
    r"""Cross section of a bare nucleus without spin, over Z²: :math:`\pi r_e^2/(\beta^4\gamma^2\mu^2)`.

    Times :math:`(Z - F)^2`, with F the atomic form factor, it is the Born cross section of an atom.
    """
    tau = np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    beta2_gamma = tau * (tau + 2.0) / (tau + 1.0)
    return np.pi * CLASSICAL_ELECTRON_RADIUS_2_b / (beta2_gamma * np.asarray(mu)) ** 2


def mckinley_feshbach(energy_keV: ArrayLike, mu: ArrayLike, z: int, charge: int = 0) -> Floats:
    r"""Ratio to Rutherford's cross section by spin, to second order in Z alpha [MF48]_.

    .. math:: 1 - \beta^2\mu \pm \pi\alpha Z\beta \sqrt\mu (1 - \sqrt\mu)

    The upper sign holds for electrons (charge 0), the lower for positrons (charge 1).
    """
    tau = np.asarray(energy_keV, dtype=np.float64) / ELECTRON_REST_keV
    beta2 = tau * (tau + 2.0) / (tau + 1.0) ** 2
    mu = np.asarray(mu, dtype=np.float64)
    sine = np.sqrt(mu)
    sign = 1.0 if charge == 0 else -1.0
    second = sign * np.pi * FINE_STRUCTURE * z * np.sqrt(beta2) * sine * (1.0 - sine)
    return 1.0 - beta2 * mu + second
